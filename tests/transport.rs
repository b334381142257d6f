//! The phase table of `wxgame::transport`, row by row, against servers that misbehave to order.
//!
//! Every wait here ends with an event or a failure; the short times are inputs to what is tested.

#[path = "transport/client.rs"]
mod client;
#[path = "transport/life.rs"]
mod life;
#[path = "transport/proxy.rs"]
mod proxy;
#[path = "transport/server.rs"]
mod server;
#[path = "transport/tls.rs"]
mod tls;

use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use client::{LONG, SHORT, client, not_sent, post, reply, send, unknown};
use server::{Server, reply_of};
use wxgame::transport::ureq::UreqOptions;
use wxgame::transport::{Method, Outcome, Request};

// Not sent.

#[test]
fn a_refused_connection_is_not_sent() {
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let outcome = send(&client(&format!("http://{address}")), post("/pay"), LONG);
    assert!(not_sent(outcome).contains("refused"));
}

#[test]
fn a_connection_that_is_never_accepted_is_not_sent() {
    // The kernel drops what does not fit into the backlog, as a black hole would.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let backlog: Vec<_> = (0..4096)
        .map_while(|_| TcpStream::connect_timeout(&address, Duration::from_millis(100)).ok())
        .collect();
    assert!(backlog.len() < 4096, "the backlog has an end");
    let client = client::with(UreqOptions {
        base_url: format!("http://{address}"),
        connect_timeout_ms: 100,
        ..UreqOptions::default()
    });
    assert!(not_sent(send(&client, post("/pay"), LONG)).contains("no connection in time"));
}

#[test]
fn a_connection_that_outlasts_its_request_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let _backlog: Vec<_> = (0..4096)
        .map_while(|_| TcpStream::connect_timeout(&address, Duration::from_millis(100)).ok())
        .collect();
    let begun = Instant::now();
    not_sent(send(
        &client(&format!("http://{address}")),
        post("/pay"),
        SHORT,
    ));
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn a_name_that_does_not_exist_is_not_sent() {
    let client = client::with(UreqOptions {
        base_url: "https://nonexistent.invalid".into(),
        connect_timeout_ms: 300,
        ..UreqOptions::default()
    });
    assert!(not_sent(send(&client, post("/pay"), LONG)).starts_with("nonexistent.invalid: "));
}

#[test]
fn a_request_whose_time_is_over_is_not_sent_and_nobody_is_called() {
    let server = Server::start(|mut visit| visit.answer_all(&reply_of("{}")));
    let client = client(&server.http());
    assert!(not_sent(send(&client, post("/pay"), Duration::ZERO)).contains("time was over"));
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_path_that_would_go_elsewhere_is_not_sent() {
    let server = Server::start(|mut visit| visit.answer_all(&reply_of("{}")));
    let client = client(&server.http());
    for path in [
        "@127.0.0.2/pay",
        "pay",
        "",
        "/pay#part",
        "/pay\r\nX: y",
        "/p ay",
    ] {
        not_sent(send(&client, post(path), LONG));
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_refused_connection_is_not_sent_also_after_a_request_that_was() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = client::with(UreqOptions {
        base_url: format!("http://{}", listener.local_addr().unwrap()),
        max_threads: 1,
        ..UreqOptions::default()
    });
    let first = client::start(&client, post("/first"), LONG);
    drop(listener.accept().unwrap());
    unknown(client::wait(&first));
    drop(listener);
    not_sent(send(&client, post("/second"), LONG));
}

// Unknown.

#[test]
fn a_server_that_closes_without_reading_is_unknown() {
    let server = Server::start(drop);
    unknown(send(&client(&server.http()), post("/pay"), LONG));
}

#[test]
fn a_reset_after_the_request_is_unknown() {
    // Closing with the body unread resets the connection.
    let server = Server::start(|mut visit| drop(visit.read_head()));
    unknown(send(&client(&server.http()), post("/pay"), LONG));
}

#[test]
fn a_server_that_reads_and_closes_is_unknown_and_asked_once() {
    let server = Server::start(|mut visit| drop(visit.read_request()));
    unknown(send(&client(&server.http()), post("/pay"), LONG));
    assert_eq!((server.connections(), server.requests().len()), (1, 1));
}

#[test]
fn half_a_head_is_unknown() {
    let server = Server::start(|mut visit| visit.answer_once("HTTP/1.1 200 OK\r\nContent-Le"));
    unknown(send(&client(&server.http()), post("/pay"), LONG));
}

#[test]
fn half_a_body_is_unknown() {
    let server = Server::start(|mut visit| {
        visit.answer_once("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"errcode\":0}")
    });
    unknown(send(&client(&server.http()), post("/pay"), LONG));
}

#[test]
fn half_a_chunked_body_is_unknown() {
    let half = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n";
    let server = Server::start(move |mut visit| visit.answer_once(half));
    unknown(send(&client(&server.http()), post("/pay"), LONG));
}

#[test]
fn an_answer_that_is_not_http_is_unknown() {
    let server = Server::start(|mut visit| visit.answer_once("220 mail.example ready\r\n\r\n"));
    unknown(send(&client(&server.http()), post("/pay"), LONG));
}

#[test]
fn a_head_that_is_too_long_is_unknown() {
    let head = format!(
        "HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 2\r\n\r\n{{}}",
        "x".repeat(20_000)
    );
    let server = Server::start(move |mut visit| visit.answer_once(&head));
    unknown(send(&client(&server.http()), post("/pay"), LONG));
}

#[test]
fn a_body_may_have_one_mebibyte_and_not_a_byte_more() {
    for (length, whole) in [(1 << 20, true), ((1 << 20) + 1, false)] {
        let answer = reply_of(&"x".repeat(length));
        let server = Server::start(move |mut visit| visit.answer_once(&answer));
        let outcome = send(&client(&server.http()), post("/pay"), LONG);
        if whole {
            assert_eq!(reply(outcome).body.len(), length);
        } else {
            assert!(unknown(outcome).contains("1 MiB"));
        }
    }
}

#[test]
fn a_silent_server_is_unknown_when_the_time_is_over() {
    let server = Server::start(|mut visit| visit.read_to_end());
    let begun = Instant::now();
    unknown(send(&client(&server.http()), post("/pay"), SHORT));
    assert!(begun.elapsed() >= SHORT);
    assert!(
        begun.elapsed() < SHORT + Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn a_body_that_trickles_is_unknown_when_the_time_is_over() {
    let server = Server::start(|mut visit| {
        visit.answer_once("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        visit.trickle();
    });
    let begun = Instant::now();
    unknown(send(&client(&server.http()), post("/pay"), SHORT));
    assert!(
        begun.elapsed() < SHORT + Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn a_reused_connection_that_breaks_is_unknown_and_never_sent_twice() {
    let server = Server::start(|mut visit| {
        visit.answer_once(&reply_of("{}"));
        visit.read_request();
    });
    let client = client::with(UreqOptions {
        base_url: server.http(),
        max_threads: 1,
        ..UreqOptions::default()
    });
    reply(send(&client, post("/first"), LONG));
    unknown(send(&client, post("/second"), LONG));
    assert_eq!(server.connections(), 1, "the connection was reused");
    assert_eq!(server.requests_for("/second"), 1);
}

#[test]
fn a_connection_closed_while_idle_never_carries_a_request_twice() {
    let server = Server::start(|mut visit| visit.answer_once(&reply_of("{}")));
    let client = client::with(UreqOptions {
        base_url: server.http(),
        max_threads: 1,
        ..UreqOptions::default()
    });
    for number in 0..50 {
        let path = format!("/{number}");
        match send(&client, post(&path), LONG) {
            Outcome::Reply(_) => assert_eq!(server.requests_for(&path), 1),
            Outcome::Unknown(_) => assert!(server.requests_for(&path) <= 1),
            Outcome::NotSent(reason) => panic!("{reason}"),
        }
    }
}

// Replies.

#[test]
fn every_status_is_a_reply() {
    for status in [
        "200 OK",
        "400 Bad Request",
        "401 Unauthorized",
        "404 Not Found",
        "500 Oops",
        "503 Busy",
    ] {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 3\r\n\r\nyes");
        let server = Server::start(move |mut visit| visit.answer_all(&answer));
        let reply = reply(send(&client(&server.http()), post("/pay"), LONG));
        assert!(status.starts_with(&reply.status.to_string()));
        assert_eq!(reply.body, b"yes");
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_redirect_is_a_reply_and_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Server::start(|mut visit| visit.answer_all(&reply_of("{}")));
        let answer = format!(
            "HTTP/1.1 {status} Elsewhere\r\nLocation: {}/x\r\nContent-Length: 0\r\n\r\n",
            elsewhere.http()
        );
        let server = Server::start(move |mut visit| visit.answer_all(&answer));
        assert_eq!(
            reply(send(&client(&server.http()), post("/pay"), LONG)).status,
            status
        );
        assert_eq!((server.requests().len(), elsewhere.connections()), (1, 0));
    }
}

#[test]
fn an_answer_without_a_length_ends_with_its_connection() {
    let server =
        Server::start(|mut visit| visit.answer_once("HTTP/1.0 200 OK\r\n\r\n{\"errcode\":0}"));
    let reply = reply(send(&client(&server.http()), post("/pay"), LONG));
    assert_eq!(reply.body, b"{\"errcode\":0}");
}

#[test]
fn what_is_said_before_the_answer_is_not_the_answer() {
    let early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    let answer = format!("{early}{}", reply_of("{}"));
    let server = Server::start(move |mut visit| visit.answer_all(&answer));
    let client = client(&server.http());
    for _ in 0..3 {
        assert_eq!(reply(send(&client, post("/pay"), LONG)).status, 200);
    }
}

#[test]
fn the_date_of_the_server_is_read_and_a_bad_one_is_none() {
    for (date, expected) in [
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
        ("yesterday", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n");
        let server = Server::start(move |mut visit| visit.answer_all(&answer));
        let reply = reply(send(&client(&server.http()), post("/pay"), LONG));
        assert_eq!(reply.date_unix_s, expected, "{date}");
    }
}

#[test]
fn a_request_says_what_it_must_and_nothing_else() {
    let server = Server::start(|mut visit| visit.answer_all(&reply_of("{}")));
    let client = client(&server.http());
    let host = server.http().replace("http://", "");
    let agent = concat!("wxgame/", env!("CARGO_PKG_VERSION"));
    reply(send(&client, post("/pay?access_token=a%2Bb"), LONG));
    let get = Request {
        method: Method::Get,
        path_and_query: "/token?appid=wx".into(),
        body: Vec::new(),
        money: false,
        leave_by: None,
    };
    reply(send(&client, get, LONG));

    let mut requests = server.requests().into_iter();
    let lines = |text: String| {
        let mut lines: Vec<String> = text.lines().map(str::to_lowercase).collect();
        lines.sort();
        lines
    };
    let sent = lines(requests.next().unwrap());
    let expected = format!(
        "POST /pay?access_token=a%2Bb HTTP/1.1\nhost: {host}\ncontent-type: application/json\n\
         content-length: 12\nuser-agent: {agent}\naccept: application/json\n\n{{\"coins\":10}}"
    );
    assert_eq!(sent, lines(expected));
    let sent = lines(requests.next().unwrap());
    let expected = format!(
        "GET /token?appid=wx HTTP/1.1\nhost: {host}\nuser-agent: {agent}\naccept: application/json\n\n"
    );
    assert_eq!(sent, lines(expected));
}

#[test]
fn no_reason_holds_the_query_or_the_body() {
    let closes = Server::start(drop);
    let talks = Server::start(|mut visit| {
        let request = visit.read_request().unwrap_or_default();
        visit.write(&format!("{request}\r\n\r\n"));
    });
    let refuses = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for base_url in [closes.http(), talks.http(), format!("http://{refuses}")] {
        for path in [
            "/pay?access_token=hunter2",
            "/pay?access_token=hunter2 x",
            "pay?access_token=hunter2",
        ] {
            let mut request = post(path);
            request.body = b"{\"key\":\"hunter2\"}".to_vec();
            match send(&client(&base_url), request, LONG) {
                Outcome::NotSent(reason) | Outcome::Unknown(reason) => {
                    assert!(!reason.contains("hunter2"), "{reason}")
                }
                Outcome::Reply(_) => panic!("there was no answer"),
            }
        }
    }
}
