//! Who may vouch for the database.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Error, Kind, Result};

/// TLS 1.2 or later, the certificate and the host's name verified; by the CAs in the file `roots` or by Mozilla's.
pub(super) fn connector(roots: Option<&Path>) -> Result<MakeRustlsConnect> {
    let roots = match roots {
        Some(path) => read(path)?,
        None => RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        },
    };
    // Never the process's default, which is the host's to choose.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(&format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn read(path: &Path) -> Result<RootCertStore> {
    let unreadable = |why: &dyn std::fmt::Display| {
        refused(&format!(
            "sslrootcert: {} cannot be used: {why}; name a PEM file of CA certificates",
            path.display()
        ))
    };
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unreadable(&error))?;
        roots.add(certificate).map_err(|error| unreadable(&error))?;
    }
    if roots.is_empty() {
        return Err(unreadable(&"it holds no certificate"));
    }
    Ok(roots)
}

fn refused(why: &str) -> Error {
    Error::new(Kind::Configuration, why.to_owned()).about("journal")
}
