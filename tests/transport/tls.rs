//! The rows about TLS: what fails before the request is through the gate is not sent.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::TempDir;
use wxgame::error::Kind;
use wxgame::transport::ureq::{Ureq, UreqOptions};

use crate::client::{self, LONG, SHORT, not_sent, post, reply, send, spawn, unknown};
use crate::server::{Server, reply_of};

/// A certificate that is its own root, as a server uses it and as a client trusts it.
pub struct Identity {
    pub config: Arc<ServerConfig>,
    pub ca_file: PathBuf,
    _directory: TempDir,
}

impl Identity {
    pub fn of(name: &str) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let directory = TempDir::new().unwrap();
        let ca_file = directory.path().join("ca.pem");
        std::fs::write(&ca_file, made.cert.pem()).unwrap();
        Self {
            config: Arc::new(config),
            ca_file,
            _directory: directory,
        }
    }

    pub fn options(&self, base_url: &str) -> UreqOptions {
        UreqOptions {
            base_url: base_url.into(),
            ca_file: Some(self.ca_file.clone()),
            ..UreqOptions::default()
        }
    }
}

#[test]
fn https_with_a_ca_file_works_and_reuses_its_connection() {
    let identity = Identity::of("localhost");
    let server = Server::start_tls(Arc::clone(&identity.config), |mut visit| {
        visit.answer_all(&reply_of("{}"))
    });
    let client = client::with(identity.options(&server.https()));
    for _ in 0..5 {
        assert_eq!(reply(send(&client, post("/pay"), LONG)).body, b"{}");
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 5));
}

#[test]
fn an_unknown_issuer_is_not_sent() {
    let identity = Identity::of("localhost");
    let server = Server::start_tls(Arc::clone(&identity.config), |mut visit| {
        visit.answer_all(&reply_of("{}"))
    });
    let other = Identity::of("localhost");
    let built_in = client::client(&server.https());
    for client in [client::with(other.options(&server.https())), built_in] {
        assert!(not_sent(send(&client, post("/pay"), LONG)).contains("certificate"));
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_certificate_for_another_host_is_not_sent() {
    let identity = Identity::of("other.example");
    let server = Server::start_tls(Arc::clone(&identity.config), |mut visit| {
        visit.answer_all(&reply_of("{}"))
    });
    let client = client::with(identity.options(&server.https()));
    assert!(not_sent(send(&client, post("/pay"), LONG)).contains("not valid for name"));
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_server_that_does_not_speak_tls_is_not_sent() {
    let server = Server::start(|mut visit| {
        visit.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let client = client::client(&server.https());
    not_sent(send(&client, post("/pay"), LONG));
}

#[test]
fn a_handshake_cut_off_is_not_sent() {
    let server = Server::start(drop);
    let client = client::client(&server.https());
    not_sent(send(&client, post("/pay"), LONG));
}

#[test]
fn a_handshake_without_end_is_not_sent() {
    // Silent, and trickling a record that never ends: by the connect time-out and by the request's own.
    let silent = Server::start(|mut visit| visit.read_to_end());
    let trickling = Server::start(|mut visit| {
        visit.write("\x16\x03\x03\x3f\x00");
        visit.trickle();
    });
    for server in [silent, trickling] {
        for (connect_timeout_ms, time) in [(200, LONG), (20_000, SHORT)] {
            let client = client::with(UreqOptions {
                base_url: server.https(),
                connect_timeout_ms,
                ..UreqOptions::default()
            });
            let begun = Instant::now();
            not_sent(send(&client, post("/pay"), time));
            assert!(
                begun.elapsed() < Duration::from_secs(3),
                "{:?}",
                begun.elapsed()
            );
        }
    }
}

#[test]
fn what_breaks_after_the_request_is_unknown_over_tls_too() {
    let identity = Identity::of("localhost");
    let server = Server::start_tls(Arc::clone(&identity.config), |mut visit| {
        drop(visit.read_request())
    });
    let client = client::with(identity.options(&server.https()));
    unknown(send(&client, post("/pay"), LONG));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn an_answer_without_a_length_must_end_with_a_goodbye_over_tls() {
    let identity = Identity::of("localhost");
    let server = Server::start_tls(Arc::clone(&identity.config), |mut visit| {
        visit.answer_once("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"errcode\":0}");
    });
    let client = client::with(identity.options(&server.https()));
    unknown(send(&client, post("/pay"), LONG));
}

#[test]
fn a_ca_file_that_is_of_no_use_is_refused_at_open() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("ca.pem");
    let refused = |content: Option<&str>| {
        if let Some(content) = content {
            std::fs::File::create(&path)
                .unwrap()
                .write_all(content.as_bytes())
                .unwrap();
        }
        let options = UreqOptions {
            ca_file: Some(path.clone()),
            ..UreqOptions::default()
        };
        let error = Ureq::new(options, spawn()).err().expect("a refusal");
        assert_eq!((error.kind, error.field), (Kind::Configuration, "ca_file"));
        assert!(error.message.contains("ca.pem"), "{}", error.message);
    };
    refused(None);
    refused(Some(""));
    refused(Some("not PEM"));
    refused(Some(
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
    ));
    refused(Some("-----BEGIN CERTIFICATE-----\nAAAA\n"));
}
