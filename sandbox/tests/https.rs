//! HTTPS with the sandbox's own CA, and only with it.

mod common;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use wxgame_sandbox::{Config, Sandbox};

/// Asks for `/` over TLS, trusting this CA, and expecting this name.
fn page(sandbox: &Sandbox, ca_pem: &str, name: &str) -> io::Result<String> {
    let url = sandbox.https_url().expect("HTTPS is on");
    let port = url.rsplit(':').next().and_then(|port| port.parse().ok());
    let ca = CertificateDer::from_pem_slice(ca_pem.as_bytes()).expect("a PEM");
    let mut roots = RootCertStore::empty();
    roots.add(ca).expect("a CA");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    let tls = ClientConnection::new(Arc::new(config), name).expect("a client");
    let tcp = TcpStream::connect(("127.0.0.1", port.expect("a port")))?;
    let mut stream = StreamOwned::new(tls, tcp);
    stream.write_all(&common::request("GET", "/", b""))?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

#[test]
fn every_name_of_this_machine_is_served_over_tls() {
    let sandbox = Sandbox::start(Config::default()).expect("free ports");
    assert!(
        sandbox
            .https_url()
            .expect("HTTPS")
            .starts_with("https://localhost:")
    );
    for name in ["localhost", "127.0.0.1", "::1"] {
        let text = page(&sandbox, sandbox.ca_pem(), name).expect("a page");
        assert!(text.starts_with("HTTP/1.1 200"), "{name}: {text}");
    }
}

#[test]
fn another_name_and_another_ca_are_not_trusted() {
    let sandbox = Sandbox::start(Config::default()).expect("free ports");
    let other = Sandbox::start(Config::default()).expect("free ports");
    page(&sandbox, sandbox.ca_pem(), "api.weixin.qq.com").expect_err("another name");
    page(&sandbox, other.ca_pem(), "localhost").expect_err("another CA");
    common::eventually("both are counted", || sandbox.stats().tls_failed == 2);
    page(&sandbox, sandbox.ca_pem(), "localhost").expect("it still serves");
}

#[test]
fn the_ca_is_written_where_it_was_asked_for() {
    let path = std::env::temp_dir().join(format!("wxgame-sandbox-ca-{}.pem", std::process::id()));
    let sandbox = Sandbox::start(Config {
        ca_file: Some(path.clone()),
        ..Config::default()
    });
    let sandbox = sandbox.expect("free ports");
    let written = std::fs::read_to_string(&path).expect("the file");
    std::fs::remove_file(&path).expect("it was there");
    assert_eq!(written, sandbox.ca_pem());
    assert!(written.starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(!written.contains("PRIVATE"));
}

#[test]
fn an_address_that_is_not_loopback_needs_permission() {
    let config = Config {
        http: Some(([0, 0, 0, 0], 0).into()),
        ..Config::default()
    };
    let refused = Sandbox::start(config.clone()).expect_err("not loopback");
    assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
    let allowed = Sandbox::start(Config {
        allow_remote: true,
        ..config
    });
    allowed.expect("a free port");
}
