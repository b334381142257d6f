//! Host names to addresses, without making a call wait for DNS twice.
//!
//! A look-up runs on a thread `wxg-dns` of its own, one per name at a time, so that a resolver that hangs
//! holds nobody past the time given to [`Names::resolve`]. An answer is fresh for a minute; after that it
//! is used once more while the next look-up is under way, and for ten minutes if look-ups fail. Nothing is
//! remembered longer.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use super::crew::{Crew, lock, wait_timeout};

const FRESH: Duration = Duration::from_secs(60);
const STALE: Duration = Duration::from_secs(600);
/// How long a failed look-up is taken for an answer, so that a name that fails costs no thread per call.
const RETRY: Duration = Duration::from_secs(1);

/// Asks the system about one name.
pub(super) type LookUp = Box<dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync>;

/// Why there is no address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoAddress {
    /// The look-up took longer than the caller could wait, or the transport was shut down meanwhile.
    InTime,
    /// The look-up failed, for this reason.
    Because(String),
}

/// The names one transport has asked for. Any thread at once.
pub(super) struct Names {
    crew: Arc<Crew>,
    look_up: LookUp,
    table: Mutex<Table>,
    answered: Condvar,
}

#[derive(Default)]
struct Table {
    closed: bool,
    names: HashMap<String, Name>,
}

#[derive(Default)]
struct Name {
    asking: bool,
    answer: Option<(Instant, Vec<IpAddr>)>,
    failure: Option<(Instant, String)>,
}

impl Name {
    fn answer_within(&self, age: Duration, now: Instant) -> Option<Vec<IpAddr>> {
        let (at, addresses) = self.answer.as_ref()?;
        (now.saturating_duration_since(*at) < age).then(|| addresses.clone())
    }

    fn failure_within(&self, age: Duration, now: Instant) -> Option<&str> {
        let (at, reason) = self.failure.as_ref()?;
        (now.saturating_duration_since(*at) < age).then_some(reason)
    }
}

impl Names {
    pub(super) fn new(crew: Arc<Crew>, look_up: LookUp) -> Arc<Self> {
        Arc::new(Self {
            crew,
            look_up,
            table: Mutex::default(),
            answered: Condvar::new(),
        })
    }

    /// The addresses of `host` (a name, or an address with or without brackets), waiting no longer than
    /// `until` for a first answer.
    pub(super) fn resolve(
        self: &Arc<Self>,
        host: &str,
        now: Instant,
        until: Instant,
    ) -> Result<Vec<IpAddr>, NoAddress> {
        if let Some(addresses) = without_asking(host) {
            return Ok(addresses);
        }
        let mut table = lock(&self.table);
        if table.closed {
            return Err(NoAddress::InTime);
        }
        let name = table.names.entry(host.to_owned()).or_default();
        if let Some(addresses) = name.answer_within(FRESH, now) {
            return Ok(addresses);
        }
        let usable = name.answer_within(STALE, now);
        let just_failed = name.failure_within(RETRY, now).map(str::to_owned);
        let ask = !name.asking && just_failed.is_none();
        name.asking |= ask;
        drop(table);

        if ask {
            self.ask(host);
        }
        match (usable, just_failed) {
            (Some(addresses), _) => Ok(addresses),
            (None, Some(reason)) => Err(NoAddress::Because(reason)),
            (None, None) => self.wait(host, until),
        }
    }

    /// Ends every wait; nothing is looked up any more.
    pub(super) fn close(&self) {
        lock(&self.table).closed = true;
        self.answered.notify_all();
    }

    fn ask(self: &Arc<Self>, host: &str) {
        let names = Arc::clone(self);
        let asked = host.to_owned();
        let started = self.crew.start("wxg-dns", move || {
            let answer = (names.look_up)(&asked);
            names.note(&asked, answer);
        });
        if let Err(error) = started {
            self.note(host, Err(error));
        }
    }

    fn note(&self, host: &str, answer: io::Result<Vec<IpAddr>>) {
        let now = Instant::now();
        let mut table = lock(&self.table);
        let name = table.names.entry(host.to_owned()).or_default();
        name.asking = false;
        match answer {
            Ok(addresses) if addresses.is_empty() => {
                name.failure = Some((now, "the name has no address".into()))
            }
            Ok(addresses) => (name.answer, name.failure) = (Some((now, addresses)), None),
            Err(error) => name.failure = Some((now, error.to_string())),
        }
        drop(table);
        self.answered.notify_all();
    }

    fn wait(&self, host: &str, until: Instant) -> Result<Vec<IpAddr>, NoAddress> {
        let mut table = lock(&self.table);
        loop {
            let now = Instant::now();
            if let Some(name) = table.names.get(host) {
                if let Some(addresses) = name.answer_within(STALE, now) {
                    return Ok(addresses);
                }
                if let (false, Some((_, reason))) = (name.asking, &name.failure) {
                    return Err(NoAddress::Because(reason.clone()));
                }
            }
            let left = until.saturating_duration_since(now);
            if left.is_zero() || table.closed {
                return Err(NoAddress::InTime);
            }
            table = wait_timeout(&self.answered, table, left);
        }
    }
}

/// Asks the system's resolver.
pub(super) fn system_look_up(host: &str) -> io::Result<Vec<IpAddr>> {
    Ok((host, 0)
        .to_socket_addrs()?
        .map(|address| address.ip())
        .collect())
}

/// An address needs no look-up, and `localhost` must not have one: it is this machine whatever DNS says.
fn without_asking(host: &str) -> Option<Vec<IpAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    bare(host).parse().ok().map(|address| vec![address])
}

/// The host without the brackets that an IPv6 address wears in a URL.
pub(super) fn bare(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host)
}

#[cfg(test)]
mod tests;
