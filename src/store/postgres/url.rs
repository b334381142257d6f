//! The URL of a database: where it is, who we are there, and how it proves to be it.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use tokio_postgres::config::{Config, Host, SslMode, TargetSessionAttrs};

use crate::error::{Error, Kind, Result};

/// How long one connection may take to come about.
pub(super) const CONNECT: Duration = Duration::from_secs(5);

/// How long the other end may be silent before the connection counts as dead.
const SILENCE: Duration = Duration::from_secs(10);

/// The driver's own, where the URL says nothing.
const DRIVERS_IDLE: Duration = Duration::from_secs(2 * 60 * 60);
const IDLE: Duration = Duration::from_secs(30);

/// What a URL says.
pub(super) struct Target {
    pub(super) config: Config,
    /// Whether it is spoken to through TLS, its certificate verified.
    pub(super) tls: bool,
    /// The certificates that may sign its; Mozilla's where none are named.
    pub(super) roots: Option<PathBuf>,
    /// `host:port/database`, for people.
    pub(super) address: String,
}

impl Target {
    /// Reads `postgres://user:password@host:port,host:port/database?sslmode=…&sslrootcert=…&…`. Never looks at
    /// PG* variables, `.pgpass` or who runs this process.
    pub(super) fn of(url: &str) -> Result<Target> {
        let rest = url
            .strip_prefix("postgres://")
            .or_else(|| url.strip_prefix("postgresql://"))
            .ok_or_else(|| refused("begins with neither postgres:// nor postgresql://"))?;
        if rest.matches('@').count() > 1 {
            // What follows the first one would be taken for the host, and shown.
            return Err(refused(
                "has more than one @; in a user or password write %40 for it",
            ));
        }
        if url.contains('\0') {
            return Err(refused("has a NUL character"));
        }
        let host_at = url.find('@').unwrap_or_default();
        let query_at = url[host_at..]
            .find('?')
            .map_or(url.len(), |at| host_at + at);
        let (place, query) = url.split_at(query_at);
        let query = query.strip_prefix('?').unwrap_or_default();
        let (mut mode, mut roots, mut others) = (None, None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", value)) => roots = Some(PathBuf::from(decoded(value)?)),
                Some(("target_session_attrs", _)) => {
                    return Err(refused(
                        "has target_session_attrs, which is always read-write here",
                    ));
                }
                Some(_) => others.push(pair),
                None => return Err(refused("has a parameter without a value")),
            }
        }
        let mut config =
            Config::from_str(&format!("{place}?{}", others.join("&"))).map_err(|error| {
                // The driver names a parameter, never a value.
                let why =
                    std::error::Error::source(&error).map_or(String::new(), ToString::to_string);
                refused(&format!("cannot be read: {why}"))
            })?;
        if config.get_user().is_none_or(str::is_empty) {
            return Err(refused(
                "names no user; write postgres://USER:PASSWORD@HOST/DATABASE",
            ));
        }
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(refused(
                "names no database; write postgres://USER:PASSWORD@HOST/DATABASE",
            ));
        }
        if config.get_hosts().is_empty() {
            return Err(refused(
                "names no host; write postgres://USER:PASSWORD@HOST/DATABASE",
            ));
        }
        let tls = match mode {
            Some("verify-full") => true,
            Some("disable") => false,
            None => !is_near(&config),
            Some(_) => {
                return Err(refused(
                    "has an sslmode that is neither verify-full nor disable; certificates are always verified",
                ));
            }
        };
        if tls
            && config
                .get_hosts()
                .iter()
                .any(|host| !matches!(host, Host::Tcp(_)))
        {
            return Err(refused(
                "asks for TLS on a Unix socket, which has none; write sslmode=disable",
            ));
        }
        if !tls && roots.is_some() {
            return Err(refused(
                "has an sslrootcert without TLS; write sslmode=verify-full",
            ));
        }
        config.ssl_mode(if tls {
            SslMode::Require
        } else {
            SslMode::Disable
        });
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        config.connect_timeout(
            config
                .get_connect_timeout()
                .map_or(CONNECT, |asked| (*asked).min(CONNECT)),
        );
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        if config.get_keepalives_idle() == DRIVERS_IDLE {
            config.keepalives_idle(IDLE);
        }
        if config.get_application_name().is_none() {
            config.application_name("wxgame");
        }
        let address = address(&config);
        Ok(Target {
            config,
            tls,
            roots,
            address,
        })
    }
}

/// Whether nothing leaves this machine.
fn is_near(config: &Config) -> bool {
    let addresses = config.get_hostaddrs();
    let hosts = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse()
                    .is_ok_and(|address: IpAddr| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    hosts && addresses.iter().all(IpAddr::is_loopback)
}

fn address(config: &Config) -> String {
    let ports = config.get_ports();
    let hosts = config.get_hosts().iter().enumerate().map(|(n, host)| {
        let port = ports.get(n).or(ports.first()).copied().unwrap_or(5432);
        match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]:{port}"),
            Host::Tcp(name) => format!("{name}:{port}"),
            #[cfg(unix)]
            Host::Unix(directory) => format!("{}:{port}", directory.display()),
        }
    });
    let hosts = hosts.collect::<Vec<_>>().join(",");
    format!("{hosts}/{}", config.get_dbname().unwrap_or_default())
}

/// A value of a query, its percent escapes undone.
fn decoded(value: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let mut escaped = [0];
        let digits = after.get(..2).filter(|_| first == b'%');
        if digits.is_some_and(|digits| hex::decode_to_slice(digits, &mut escaped).is_ok()) {
            bytes.extend(escaped);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).map_err(|_| refused("has an sslrootcert that is not UTF-8"))
}

fn refused(why: &str) -> Error {
    Error::new(
        Kind::Configuration,
        format!("the URL of the database {why}"),
    )
    .about("journal")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(rest: &str) -> Target {
        Target::of(&format!("postgres://{rest}")).unwrap_or_else(|error| panic!("{rest}: {error}"))
    }

    /// Aim: what leaves this machine is encrypted and verified, unless that is switched off in as many words.
    #[test]
    fn tls_is_verified_or_said_to_be_off() {
        for (rest, tls) in [
            ("u@db.example/d", true),
            ("u@10.1.2.3/d", true),
            ("u@localhost/d", false),
            ("u@127.0.0.1:5433/d", false),
            ("u@[::1]/d", false),
            ("u@%2Frun%2Fpostgresql/d", false),
            ("u@/d?host=/run/postgresql", false),
            ("u@localhost,db.example/d", true),
            ("u@localhost/d?hostaddr=10.1.2.3", true),
            ("u@localhost/d?sslmode=verify-full", true),
            ("u@db.example/d?sslmode=disable", false),
        ] {
            let target = target(rest);
            assert_eq!(target.tls, tls, "{rest}");
            let mode = if tls {
                SslMode::Require
            } else {
                SslMode::Disable
            };
            assert_eq!(target.config.get_ssl_mode(), mode, "{rest}");
        }
    }

    /// Aim: every refusal says what is wrong, and shows neither the URL nor a password.
    #[test]
    fn a_bad_url_is_refused_without_showing_it() {
        for (url, why) in [
            ("", "begins with"),
            ("mysql://u:secret@h/d", "begins with"),
            ("host=h user=u password=secret", "begins with"),
            ("postgres://h/d", "no user"),
            ("postgres://:secret@h/d", "no user"),
            ("postgres://u:secret@h", "no database"),
            ("postgres://u:secret@/d", "no host"),
            ("postgres://u:se@cret@h/d", "%40"),
            ("postgres://u:secret@h:port/d", "port"),
            ("postgres://u:secret@h/d?sslmode=require", "verify-full"),
            ("postgres://u:secret@h/d?sslmode=prefer", "verify-full"),
            ("postgres://u:secret@h/d?sslmode=verify-ca", "verify-full"),
            ("postgres://u:secret@h/d?sslmode=", "verify-full"),
            (
                "postgres://u:secret@/d?host=/run&sslmode=verify-full",
                "Unix socket",
            ),
            (
                "postgres://u:secret@h/d?sslmode=disable&sslrootcert=/ca.pem",
                "without TLS",
            ),
            (
                "postgres://u:secret@h/d?target_session_attrs=any",
                "read-write",
            ),
            ("postgres://u:secret@h/d?colour=red", "colour"),
            ("postgres://u:secret@h/d?sslmode", "without a value"),
        ] {
            let error = Target::of(url).map(drop).expect_err(url);
            assert_eq!((error.kind, error.field), (Kind::Configuration, "journal"));
            assert!(error.message.contains(why), "{url}: {error}");
            assert!(!error.message.contains("secret"), "{error}");
            assert!(url.is_empty() || !error.message.contains(url), "{error}");
        }
    }

    #[test]
    fn a_url_says_who_where_and_how() {
        let target =
            target("u%40x:p%2F?w@a:1,b/d%C3%A9?sslrootcert=%2Fca%20s.pem&application_name=pay-3");
        assert_eq!(target.config.get_user(), Some("u@x"));
        assert_eq!(target.config.get_password(), Some(&b"p/?w"[..]));
        assert_eq!(target.address, "a:1,b:5432/dé");
        assert_eq!(target.roots, Some(PathBuf::from("/ca s.pem")));
        assert_eq!(target.config.get_application_name(), Some("pay-3"));
        assert_eq!(target.config.get_connect_timeout(), Some(&CONNECT));
    }
}
