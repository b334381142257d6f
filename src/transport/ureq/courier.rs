//! One request to the server and its answer back, on the thread that owns this courier.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Instant, UNIX_EPOCH};

use ::ureq::config::Config;
use ::ureq::http::header::{CONTENT_TYPE, DATE};
use ::ureq::http::uri::{Authority, Scheme};
use ::ureq::http::{self, HeaderMap, Uri};
use ::ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ::ureq::unversioned::transport::{NextTimeout, RustlsConnector};
use ::ureq::{Agent, Body, Error, Timeout};

use super::line::{Attempt, Line};
use super::target::Target;
use crate::transport::crew::lock;
use crate::transport::names::{Names, NoAddress};
use crate::transport::pool::Due;
use crate::transport::{Method, Outcome, Reply, Request};

/// The longest answer that is taken; a longer one is *unknown*.
pub(super) const MAX_BODY: u64 = 1024 * 1024;

/// What all couriers of one transport share.
pub(super) struct Office {
    pub(super) target: Target,
    pub(super) config: Config,
    pub(super) tls: Arc<RustlsConnector>,
    pub(super) names: Arc<Names>,
    pub(super) stopped: Arc<AtomicBool>,
    pub(super) agents: Mutex<HashMap<usize, Agent>>,
}

impl Office {
    /// Cuts every connection. Those who are carrying learn it from their sockets.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.names.close();
        let agents = std::mem::take(&mut *lock(&self.agents));
        agents.into_values().for_each(Agent::shutdown);
    }
}

/// Has an agent, and so a connection, of its own: ureq walks a shared pool under one lock.
pub(super) struct Courier {
    office: Arc<Office>,
    attempt: Arc<Attempt>,
    agent: Agent,
    number: usize,
}

impl Courier {
    pub(super) fn new(office: Arc<Office>, number: usize) -> Self {
        let attempt = Attempt::new(Arc::clone(&office.stopped));
        let line = Line::new(
            Arc::clone(&attempt),
            Arc::clone(&office.tls),
            office.config.proxy().is_some(),
        );
        let book = AddressBook {
            names: Arc::clone(&office.names),
            attempt: Arc::clone(&attempt),
        };
        let agent = Agent::with_parts(office.config.clone(), line, book);
        let mut agents = lock(&office.agents);
        agents.insert(number, agent.clone());
        drop(agents);
        if office.stopped.load(Ordering::SeqCst) {
            // Stopped before or after the line above: shut down by one of the two.
            agent.clone().shutdown();
        }
        Self {
            office,
            attempt,
            agent,
            number,
        }
    }

    /// Sends `request` once. Whether a failure is *not sent* or *unknown* depends on the gate alone.
    pub(super) fn carry(&mut self, request: &Request, due: Due) -> Outcome {
        self.attempt.begin(due);
        match self.exchange(request) {
            Ok(reply) => Outcome::Reply(reply),
            Err(error) => {
                let reason = format!("{}: {}", self.office.target.authority, reason(&error));
                if self.attempt.is_committed() {
                    Outcome::Unknown(reason)
                } else {
                    Outcome::NotSent(reason)
                }
            }
        }
    }

    fn exchange(&self, request: &Request) -> Result<Reply, Error> {
        let uri = self.uri(&request.path_and_query)?;
        let response = match request.method {
            Method::Get => self.agent.run(http::Request::get(uri).body(())?)?,
            Method::Post => self.agent.run(
                http::Request::post(uri)
                    .header(CONTENT_TYPE, "application/json")
                    .body(request.body.as_slice())?,
            )?,
        };
        let (head, body) = response.into_parts();
        let body = read_whole(body)?;
        if self.attempt.is_cut() {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(Reply {
            status: head.status.as_u16(),
            body,
            date_unix_s: date_unix_s(&head.headers),
        })
    }

    fn uri(&self, path_and_query: &str) -> Result<Uri, Error> {
        // Both are rules of the parser's that would otherwise be bent in silence: no slash makes it an
        // authority, and what follows a # is dropped.
        if !path_and_query.starts_with('/') || path_and_query.contains('#') {
            return Err(Error::BadUri(String::new()));
        }
        let target = &self.office.target;
        let scheme = if target.https {
            Scheme::HTTPS
        } else {
            Scheme::HTTP
        };
        let uri = Uri::builder()
            .scheme(scheme)
            .authority(target.authority.clone())
            .path_and_query(path_and_query)
            .build()?;
        Ok(uri)
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        lock(&self.office.agents).remove(&self.number);
    }
}

/// Reads to the end, so that the connection can be used again.
fn read_whole(body: Body) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    body.into_reader()
        .take(MAX_BODY + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BODY {
        return Err(Error::BodyExceedsLimit(MAX_BODY));
    }
    Ok(bytes)
}

fn date_unix_s(headers: &HeaderMap) -> Option<i64> {
    let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    i64::try_from(date.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

/// What happened, in words that hold neither query nor body: errors that may quote either are not asked.
fn reason(error: &Error) -> String {
    let fixed = match error {
        Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the connection ended before the answer did"
        }
        Error::Io(error) => return error.to_string(),
        Error::Rustls(error) => return format!("TLS: {error}"),
        Error::Tls(text) => return format!("TLS: {text}"),
        Error::ConnectProxyFailed(text) => return format!("the proxy did not connect: {text}"),
        Error::Timeout(Timeout::Resolve) => "the name was not resolved in time",
        Error::Timeout(Timeout::Connect) => "no connection in time",
        Error::Timeout(_) => "the time for this request was over",
        Error::HostNotFound => "the name has no address",
        Error::ConnectionFailed => "the transport was shut down",
        Error::LargeResponseHeader(..) => "the head of the answer is too long",
        Error::BodyExceedsLimit(_) => "the answer is longer than 1 MiB",
        Error::Protocol(_) => "what came back is not HTTP",
        Error::BadUri(_) | Error::Http(_) => "the path or query is not a valid one",
        _ => "the request failed",
    };
    fixed.to_owned()
}

/// The names of all couriers, asked within the time of this one's request.
struct AddressBook {
    names: Arc<Names>,
    attempt: Arc<Attempt>,
}

impl Resolver for AddressBook {
    fn resolve(
        &self,
        uri: &Uri,
        _: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let authority = uri.authority().ok_or(Error::HostNotFound)?;
        let now = Instant::now();
        let patience = now.checked_add(*timeout.after).unwrap_or(now);
        let until = self.attempt.not_after().min(patience);
        let addresses = self
            .names
            .resolve(authority.host(), now, until)
            .map_err(|error| match error {
                NoAddress::InTime => Error::Timeout(Timeout::Resolve),
                NoAddress::Because(reason) => {
                    io::Error::new(io::ErrorKind::NotFound, reason).into()
                }
            })?;
        let port = port(uri, authority);
        let mut resolved = self.empty();
        for address in addresses.into_iter().take(MAX_ADDRESSES) {
            resolved.push((address, port).into());
        }
        Ok(resolved)
    }
}

/// As many as ureq has room for.
const MAX_ADDRESSES: usize = 16;

fn port(uri: &Uri, authority: &Authority) -> u16 {
    let usual = if uri.scheme() == Some(&Scheme::HTTPS) {
        443
    } else {
        80
    };
    authority.port_u16().unwrap_or(usual)
}

impl std::fmt::Debug for AddressBook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AddressBook")
    }
}
