//! The rows about proxies: what is said to the proxy is not the request.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use wxgame::transport::ureq::{Ureq, UreqOptions};

use crate::client::{self, LONG, SHORT, not_sent, post, reply, send, unknown};
use crate::server::{Server, Visit, reply_of};
use crate::tls::Identity;

const OPEN: &str = "HTTP/1.1 200 Connection established\r\n\r\n";

/// A client of `server` by way of `proxy`.
fn client_by(proxy: &Server, server: &Server, identity: &Identity) -> Ureq {
    client::with(UreqOptions {
        proxy: Some(format!("http://user:hunter%402@{}", proxy.address)),
        ..identity.options(&server.https())
    })
}

/// A proxy that says `OPEN` and then carries bytes both ways to `server`.
fn tunnel_to(server: &Server) -> Server {
    let address = server.address;
    Server::start_raw(move |mut visit, from| {
        visit.read_request();
        visit.write(OPEN);
        let to = TcpStream::connect(address).unwrap();
        let (mut from_back, mut to_back) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        let back = thread::spawn(move || {
            let _ = io::copy(&mut to_back, &mut from_back);
            let _ = from_back.shutdown(std::net::Shutdown::Both);
        });
        let _ = io::copy(&mut &from, &mut &to);
        let _ = to.shutdown(std::net::Shutdown::Both);
        back.join().unwrap();
    })
}

#[test]
fn a_proxy_that_refuses_is_not_sent() {
    let identity = Identity::of("localhost");
    let server = Server::start_tls(Arc::clone(&identity.config), |mut visit| {
        visit.answer_all(&reply_of("{}"))
    });
    for status in [
        "407 Proxy Authentication Required",
        "403 Forbidden",
        "502 Bad Gateway",
        "302 Found",
    ] {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        let proxy = Server::start(move |mut visit| visit.answer_once(&answer));
        let reason = not_sent(send(
            &client_by(&proxy, &server, &identity),
            post("/pay"),
            LONG,
        ));
        assert!(
            reason.contains(&status[..3]) && !reason.contains("hunter"),
            "{reason}"
        );
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_proxy_that_is_not_there_or_says_nothing_of_use_is_not_sent() {
    let identity = Identity::of("localhost");
    let server = Server::start_tls(Arc::clone(&identity.config), |mut visit| {
        visit.answer_all(&reply_of("{}"))
    });
    let scripts: [fn(&mut Visit); 3] = [
        |_| (),
        |visit| drop(visit.read_request()),
        |visit| visit.answer_once("220 mail.example\r\n\r\n"),
    ];
    for script in scripts {
        let proxy = Server::start(move |mut visit| script(&mut visit));
        not_sent(send(
            &client_by(&proxy, &server, &identity),
            post("/pay"),
            LONG,
        ));
    }
}

#[test]
fn a_proxy_that_answers_without_end_is_not_sent_when_the_time_is_over() {
    let identity = Identity::of("localhost");
    let server = Server::start_tls(Arc::clone(&identity.config), |mut visit| {
        visit.answer_all(&reply_of("{}"))
    });
    let silent = Server::start(|mut visit| visit.read_to_end());
    let trickling = Server::start(|mut visit| {
        visit.answer_once("HTTP/1.1 200 OK\r\nX: ");
        visit.trickle();
    });
    for proxy in [silent, trickling] {
        let begun = Instant::now();
        not_sent(send(
            &client_by(&proxy, &server, &identity),
            post("/pay"),
            SHORT,
        ));
        assert!(
            begun.elapsed() < Duration::from_secs(2),
            "{:?}",
            begun.elapsed()
        );
    }
}

#[test]
fn a_tunnel_works_with_the_proxys_password_and_is_reused() {
    let identity = Identity::of("localhost");
    let server = Server::start_tls(Arc::clone(&identity.config), |mut visit| {
        visit.answer_all(&reply_of("{}"))
    });
    let proxy = tunnel_to(&server);
    let client = client_by(&proxy, &server, &identity);
    for _ in 0..3 {
        reply(send(&client, post("/pay"), LONG));
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 3));
    let requests = proxy.requests();
    assert_eq!(requests.len(), 1);
    assert!(requests[0].starts_with(&format!(
        "CONNECT localhost:{} HTTP/1.1\r\n",
        server.address.port()
    )));
    // user:hunter@2
    assert!(
        requests[0].contains("Proxy-Authorization: Basic dXNlcjpodW50ZXJAMg==\r\n"),
        "{}",
        requests[0]
    );
}

#[test]
fn tls_that_fails_in_the_tunnel_is_not_sent() {
    let server_identity = Identity::of("other.example");
    let server = Server::start_tls(Arc::clone(&server_identity.config), |mut visit| {
        visit.answer_all(&reply_of("{}"))
    });
    let proxy = tunnel_to(&server);
    not_sent(send(
        &client_by(&proxy, &server, &server_identity),
        post("/pay"),
        LONG,
    ));
    assert_eq!((server.connections(), server.requests().len()), (1, 0));
}

#[test]
fn what_breaks_in_the_tunnel_after_the_request_is_unknown() {
    let identity = Identity::of("localhost");
    let server = Server::start_tls(Arc::clone(&identity.config), |mut visit| {
        drop(visit.read_request())
    });
    let proxy = tunnel_to(&server);
    unknown(send(
        &client_by(&proxy, &server, &identity),
        post("/pay"),
        LONG,
    ));
    assert_eq!(server.requests().len(), 1);
}
