//! The transport on ureq: blocking calls on a bounded pool of threads.
//!
//! | file | what it holds |
//! |---|---|
//! | `ureq/target` | base URL and proxy, checked |
//! | `ureq/line` | the connection, and the gate that knows whether a byte has left |
//! | `ureq/courier` | one request and its outcome |
//! | `pool`, `names`, `crew` | threads, DNS, the end of it all; these know nothing of ureq |

mod courier;
mod line;
mod target;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ::ureq::config::{Config, IpFamily, RedirectAuthHeaders};
use ::ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};
use ::ureq::unversioned::transport::RustlsConnector;
use ::ureq::{Agent, Proxy};

use self::courier::{Courier, Office};
pub use self::target::names_loopback;
use self::target::{Target, parse_proxy};
use super::crew::{Crew, Spawn};
use super::names::{LookUp, Names, system_look_up};
use super::pool::{Due, Job, Pool};
use super::{Request, Slot, Transport};
use crate::error::{Error, Kind, Result};

/// Where WeChat answers.
pub const DEFAULT_BASE_URL: &str = "https://api.weixin.qq.com";
const DEFAULT_CONNECT_TIMEOUT_MS: u64 = 3_000;
const MAX_CONNECT_TIMEOUT_MS: u64 = 60_000;
const DEFAULT_MAX_THREADS: usize = 64;
const MAX_MAX_THREADS: usize = 1_024;
/// A connection idle for longer is closed, not used.
const MAX_IDLE_AGE: Duration = Duration::from_secs(10);
const BUFFER_BYTES: usize = 8 * 1024;

/// How to reach WeChat. Empty, zero and `None` mean the default.
#[derive(Clone, Default)]
pub struct UreqOptions {
    /// Scheme, host and port, nothing else; `https://api.weixin.qq.com` if empty. Plain `http://` is taken
    /// on loopback only.
    pub base_url: String,
    /// A PEM file of root certificates. They are trusted *in place of* the built-in ones; verification
    /// cannot be switched off. Read once, by [`Ureq::new`].
    pub ca_file: Option<PathBuf>,
    /// An HTTP proxy, `http://user:password@host:port`, asked to CONNECT. User and password are
    /// percent-encoded. The environment is not asked for one.
    pub proxy: Option<String>,
    /// How long a first look-up of the name may take, and after it the connection with proxy and TLS;
    /// 3,000 if zero.
    pub connect_timeout_ms: u64,
    /// How many requests may be under way; 64 if zero. More wait in order.
    pub max_threads: usize,
}

/// Sends requests through ureq, one thread for each that is under way. Any thread at once.
///
/// Threads: up to `max_threads` `wxg-http-…`, which end after 30 s without work; `wxg-dns` while a name is
/// looked up; `wxg-http-queue` while requests wait for a thread. Dropping it is a shutdown and never blocks.
pub struct Ureq {
    crew: Arc<Crew>,
    pool: Arc<Pool>,
    office: Arc<Office>,
}

impl Ureq {
    /// Checks the options and reads the CA file; connects to nothing. `spawn` starts every thread.
    pub fn new(options: UreqOptions, spawn: Spawn) -> Result<Self> {
        Self::with_look_up(options, spawn, Box::new(system_look_up))
    }

    /// The same with another resolver than the system's.
    fn with_look_up(options: UreqOptions, spawn: Spawn, look_up: LookUp) -> Result<Self> {
        let base_url = match options.base_url.as_str() {
            "" => DEFAULT_BASE_URL,
            given => given,
        };
        let target = Target::parse(base_url)?;
        let proxy = options
            .proxy
            .map(|proxy| parse_proxy(&proxy, &target))
            .transpose()?;
        let roots = options.ca_file.map(|path| read_roots(&path)).transpose()?;
        let connect_timeout_ms = at_most(
            "connect_timeout_ms",
            "must be at most 60000",
            or_default(options.connect_timeout_ms, DEFAULT_CONNECT_TIMEOUT_MS),
            MAX_CONNECT_TIMEOUT_MS,
        )?;
        let max_threads = at_most(
            "max_threads",
            "must be at most 1024",
            or_default(options.max_threads, DEFAULT_MAX_THREADS),
            MAX_MAX_THREADS,
        )?;

        let crew = Crew::new(spawn);
        let office = Arc::new(Office {
            config: config(
                &target,
                proxy,
                roots,
                Duration::from_millis(connect_timeout_ms),
            ),
            target,
            tls: Arc::new(RustlsConnector::default()),
            names: Names::new(Arc::clone(&crew), look_up),
            stopped: Arc::default(),
            agents: HashMap::new().into(),
        });
        let hired = AtomicUsize::new(0);
        let couriers = Arc::clone(&office);
        let pool = Pool::new(
            Arc::clone(&crew),
            max_threads,
            Box::new(move || {
                let number = hired.fetch_add(1, Ordering::Relaxed);
                let mut courier = Courier::new(Arc::clone(&couriers), number);
                Box::new(move |request, due| courier.carry(request, due))
            }),
        );
        Ok(Self { crew, pool, office })
    }
}

impl Transport for Ureq {
    fn start(&self, request: Request, not_after: Instant, slot: Slot) {
        self.pool.start(Job {
            due: Due::new(not_after, request.leave_by),
            request,
            slot,
        });
    }

    fn join_timeout(&self, timeout: Duration) -> bool {
        self.crew.join_timeout(timeout)
    }

    fn shutdown(&self) {
        self.pool.close();
        self.office.stop();
    }
}

impl Drop for Ureq {
    fn drop(&mut self) {
        self.shutdown();
    }
}

/// Every setting by hand: a default of ureq's is a default that may change.
///
/// The overall time-out is not among them. It differs from call to call, and a configuration per call
/// makes ureq build its TLS state anew for every connection; so `line` enforces it, and `line` alone.
fn config(
    target: &Target,
    proxy: Option<Proxy>,
    roots: Option<Vec<Certificate<'static>>>,
    connect: Duration,
) -> Config {
    let roots = match roots {
        Some(certificates) => RootCerts::from(certificates),
        None => RootCerts::WebPki,
    };
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(roots)
        .client_cert(None)
        .use_sni(true)
        .disable_verification(false)
        .build();
    Agent::config_builder()
        .tls_config(tls)
        .https_only(target.https)
        .proxy(proxy)
        .ip_family(IpFamily::Any)
        .no_delay(true)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .redirect_auth_headers(RedirectAuthHeaders::Never)
        .save_redirect_history(false)
        .user_agent(concat!("wxgame/", env!("CARGO_PKG_VERSION")))
        .accept("application/json")
        .accept_encoding("")
        .allow_non_standard_methods(false)
        .max_response_header_size(BUFFER_BYTES)
        .input_buffer_size(BUFFER_BYTES)
        .output_buffer_size(BUFFER_BYTES)
        .max_idle_connections(1)
        .max_idle_connections_per_host(1)
        .max_idle_age(MAX_IDLE_AGE)
        .timeout_resolve(Some(connect))
        .timeout_connect(Some(connect))
        .timeout_global(None)
        .timeout_per_call(None)
        .timeout_per_read(None)
        .timeout_per_write(None)
        .timeout_send_request(None)
        .timeout_await_100(None)
        .timeout_send_body(None)
        .timeout_recv_response(None)
        .timeout_recv_body(None)
        .build()
}

fn read_roots(path: &Path) -> Result<Vec<Certificate<'static>>> {
    let refuse = |why: &str| {
        let message = format!("{}: {why}", path.display());
        Error::new(Kind::Configuration, message).about("ca_file")
    };
    let pem = std::fs::read(path).map_err(|error| refuse(&format!("cannot be read: {error}")))?;
    let mut roots = Vec::new();
    for item in parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(root)) => roots.push(root),
            Ok(_) => {}
            Err(_) => {
                return Err(refuse("holds broken PEM; export the certificates again"));
            }
        }
    }
    if roots.is_empty() {
        return Err(refuse(
            "holds no certificate; it must be PEM, with lines BEGIN CERTIFICATE",
        ));
    }
    Ok(roots)
}

fn or_default<N: Default + PartialEq>(given: N, default: N) -> N {
    if given == N::default() {
        default
    } else {
        given
    }
}

fn at_most<N: PartialOrd>(field: &'static str, rule: &'static str, given: N, most: N) -> Result<N> {
    if given > most {
        return Err(Error::invalid(field, rule));
    }
    Ok(given)
}

#[cfg(test)]
mod tests;
