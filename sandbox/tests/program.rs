//! The program itself: the ready line, the signals, the exit codes.

#![cfg(unix)]

use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wxgame-sandbox"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn output(arguments: &[&str]) -> Output {
    program(arguments).output().expect("the program runs")
}

struct Running {
    child: Child,
    ready: Value,
    rest: BufReader<std::process::ChildStdout>,
}

fn serve(arguments: &[&str]) -> Running {
    let mut command = program(&[&["serve"], arguments].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    let mut rest = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    rest.read_line(&mut line).expect("a line");
    let ready = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
    Running { child, ready, rest }
}

fn stop(mut running: Running, signal: &str) -> String {
    let id = running.child.id().to_string();
    let sent = Command::new("kill").args([signal, &id]).status();
    assert!(sent.expect("kill runs").success());
    let status = running.child.wait().expect("it ends");
    assert_eq!(status.code(), Some(0), "{signal}");
    let mut more = String::new();
    running.rest.read_to_string(&mut more).expect("UTF-8");
    assert_eq!(more, "", "one line on standard output and no more");
    let mut errors = String::new();
    let mut pipe = running.child.stderr.take().expect("a pipe");
    pipe.read_to_string(&mut errors).expect("UTF-8");
    errors
}

fn file(name: &str, text: &str) -> PathBuf {
    let name = format!("wxgame-sandbox-{}-{name}", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, text).expect("a writable temporary directory");
    path
}

#[test]
fn one_ready_line_then_service_then_a_clean_end() {
    let ca = file("ca.pem", "");
    for signal in ["-TERM", "-INT"] {
        let running = serve(&["--ca-file", ca.to_str().expect("UTF-8"), "--access-log"]);
        assert_eq!(running.ready["ready"], true);
        assert_eq!(running.ready["ca_file"].as_str(), ca.to_str());
        let https = running.ready["https"].as_str().expect("HTTPS is on");
        assert!(https.starts_with("https://localhost:"));
        let http = running.ready["http"].as_str().expect("HTTP is on");
        let address = http.strip_prefix("http://").expect("a URL");
        let mut stream = std::net::TcpStream::connect(address).expect("it listens");
        let request = b"GET /cgi-bin/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        std::io::Write::write_all(&mut stream, request).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        assert!(answer.contains("\"errcode\":40002"), "{answer}");
        let log = stop(running, signal);
        let line: Value = serde_json::from_str(log.trim()).expect("one JSON line");
        assert_eq!(
            (&line["call"], &line["errcode"]),
            (&"token".into(), &40002.into())
        );
    }
    std::fs::remove_file(ca).expect("it was there");
}

#[test]
fn a_door_can_be_left_closed() {
    let running = serve(&["--https", "off"]);
    assert_eq!(running.ready["https"], Value::Null);
    assert_eq!(running.ready["ca_file"], Value::Null);
    stop(running, "-TERM");
}

#[test]
fn wrong_usage_is_2_and_says_what_is_wrong() {
    let bad_config = file("bad.json", "{\"apps\":[{\"appid\":\"\"}]}");
    let bad_faults = file("faults.json", "[{\"call\":\"pay\"}]");
    let (config, faults) = (
        bad_config.to_str().expect("UTF-8"),
        bad_faults.to_str().expect("UTF-8"),
    );
    for (arguments, words) in [
        (&[][..], "serve"),
        (&["run"], "run"),
        (&["serve", "--hpptt", "x"], "--hpptt"),
        (&["serve", "--http"], "--http"),
        (&["serve", "--http", "here"], "--http"),
        (&["serve", "--http", "0.0.0.0:0"], "loopback"),
        (&["serve", "--seed", "x"], "--seed"),
        (&["serve", "--config", "/nonexistent"], "/nonexistent"),
        (&["serve", "--config", config], "apps[0].appid"),
        (&["serve", "--faults", faults], "do"),
    ] {
        let output = output(arguments);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.contains(words), "{arguments:?}: {text}");
        assert!(output.stdout.is_empty());
    }
    std::fs::remove_file(bad_config).expect("it was there");
    std::fs::remove_file(bad_faults).expect("it was there");
}

#[test]
fn what_cannot_be_opened_is_1() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let busy = output(&["serve", "--http", &address]);
    assert_eq!(busy.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&busy.stderr).contains(&address));
    let nowhere = output(&["serve", "--ca-file", "/nonexistent/ca.pem"]);
    assert_eq!(nowhere.status.code(), Some(1));
}

#[test]
fn help_and_version_are_on_standard_output() {
    let help = output(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    let text = String::from_utf8_lossy(&help.stdout).into_owned();
    for option in [
        "--http",
        "--https",
        "--ca-file",
        "--config",
        "--faults",
        "--seed",
        "--access-log",
    ] {
        assert!(text.contains(option), "{option}");
    }
    let version = output(&["--version"]);
    assert!(String::from_utf8_lossy(&version.stdout).starts_with("wxgame-sandbox "));
}

#[test]
fn a_config_file_changes_apps_and_rules() {
    let config = file(
        "good.json",
        "{\"apps\":[{\"appid\":\"wxmine\",\"secret\":\"s\"}],\"token_expires_in_s\":60}",
    );
    let running = serve(&[
        "--config",
        config.to_str().expect("UTF-8"),
        "--https",
        "off",
    ]);
    let address = running.ready["http"]
        .as_str()
        .expect("HTTP")
        .replace("http://", "");
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    let target = "/cgi-bin/token?grant_type=client_credential&appid=wxmine&secret=s";
    let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    std::io::Write::write_all(&mut stream, request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.contains("\"expires_in\":60"), "{answer}");
    stop(running, "-TERM");
    std::fs::remove_file(config).expect("it was there");
}
