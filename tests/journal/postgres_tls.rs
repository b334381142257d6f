//! What is sent to a database is read by that database alone.

use crate::server::{LEASE_MS, Own};
use crate::{insert, stored};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::fs;
use std::path::Path;
use wxgame::error::{Error, Kind};
use wxgame::store::postgres::Postgres;

/// A CA in `<directory>/<name>.pem`, and a server's certificate for `host` that it signed.
fn make_ca(directory: &Path, name: &str, host: &str) -> (String, String) {
    let mut ca = CertificateParams::new(Vec::new()).expect("parameters");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let certificate = ca.self_signed(&key).expect("a CA");
    fs::write(directory.join(format!("{name}.pem")), certificate.pem()).expect("written");
    let issuer = Issuer::new(ca, key);
    let server_key = KeyPair::generate().expect("a key");
    let server = CertificateParams::new(vec![host.to_owned()]).expect("parameters");
    let server = server.signed_by(&server_key, &issuer).expect("signed");
    (server.pem(), server_key.serialize_pem())
}

/// A server with TLS on, its certificate for `localhost` by the CA in `ca.pem`; that of `other.pem` signed nothing.
fn secured() -> (Own, tempfile::TempDir) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path();
    let (certificate, key) = make_ca(path, "ca", "localhost");
    make_ca(path, "other", "localhost");
    fs::write(path.join("server.pem"), certificate).expect("written");
    fs::write(path.join("server.key"), key).expect("written");
    let setting = |name: &str, file: &str| format!("{name}={}", path.join(file).display());
    let files = [
        setting("ssl_cert_file", "server.pem"),
        setting("ssl_key_file", "server.key"),
    ];
    let own = Own::start(&["ssl=on", &files[0], &files[1]]);
    (own, directory)
}

fn open(url: &str) -> Result<Postgres, Error> {
    Postgres::open(url, LEASE_MS, "wx1", "production")
}

/// Aim: TLS with a certificate that is verified by name and CA, or nothing.
#[test]
fn the_certificate_is_verified_or_nothing_is_sent() {
    let (own, directory) = secured();
    let port = own.url().rsplit_once(':').map_or("", |(_, rest)| rest);
    let port = port.split_once('/').map_or("", |(port, _)| port);
    let url = |host: &str, query: &str| {
        format!("postgres://postgres:hush@{host}:{port}/postgres?{query}")
    };
    let ca = |name: &str| {
        format!(
            "sslmode=verify-full&sslrootcert={}",
            directory.path().join(name).display()
        )
    };

    let mut journal = open(&url("localhost", &ca("ca.pem"))).expect("it opens");
    stored(&mut journal, insert("a"));
    let seen = crate::server::Sql::connect(own.url());
    let by_tls = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
         WHERE ssl AND application_name = 'wxgame' AND version IN ('TLSv1.2', 'TLSv1.3')";
    assert_eq!(seen.number(by_tls), 1);

    fs::write(directory.path().join("letter.pem"), "Dear Sir\n").expect("written");
    for (url, why) in [
        (
            url("localhost", &ca("other.pem")),
            "sslrootcert names the CA",
        ),
        (
            url("127.0.0.1", &ca("ca.pem")),
            "for the host that the URL names",
        ),
        // Mozilla's CAs have not signed it.
        (
            url("localhost", "sslmode=verify-full"),
            "sslrootcert names the CA",
        ),
        (url("localhost", &ca("missing.pem")), "missing.pem"),
        (url("localhost", &ca("letter.pem")), "letter.pem"),
    ] {
        let error = open(&url).map(drop).expect_err(&url);
        assert_eq!(
            (error.kind, error.field),
            (Kind::Configuration, "journal"),
            "{error}"
        );
        assert!(error.message.contains(why), "{error}");
        assert!(
            !error.message.contains("hush") && !error.message.contains("://"),
            "{error}"
        );
    }
    drop(journal);
    // On this machine alone it may be left out.
    open(&url("127.0.0.1", "sslmode=disable")).expect("it opens");
}

/// Aim: a server that has no TLS is not spoken to where TLS is required.
#[test]
fn a_server_without_tls_is_refused_where_it_is_required() {
    let url = crate::server::server();
    let separator = if url.contains('?') { '&' } else { '?' };
    let error = open(&format!("{url}{separator}sslmode=verify-full"))
        .map(drop)
        .expect_err("it has none");
    assert_eq!(error.kind, Kind::Configuration);
    assert!(error.message.contains("ssl = on"), "{error}");
}
