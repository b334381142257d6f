//! The way to the server, with the two things watched that ureq's errors cannot tell.
//!
//! ```text
//!   ureq ── Gate ── TLS ── Bounded ── TCP            Gate ── TLS ── tunnel ── Bounded ── TCP
//! ```
//!
//! The [`Gate`] sits above TLS and, with a proxy, above the tunnel. What passes down through it is the HTTP
//! request and nothing else: handshakes and `CONNECT` happen below. Before it lets the first bytes through
//! it looks at the clock, then marks the attempt *committed*. An attempt that is not committed when it
//! fails is *not sent*, whatever the error; one that is, is *unknown*. [`Bounded`] lets no read and no
//! write outlast the attempt.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use ::ureq::unversioned::transport::time::{Duration as Wait, Instant as Moment};
use ::ureq::unversioned::transport::{
    Buffers, ConnectProxyConnector, ConnectionDetails, Connector, NextTimeout, RustlsConnector,
    TcpConnector, Transport,
};
use ::ureq::{Error, Timeout};

use crate::transport::crew::lock;
use crate::transport::pool::Due;

type Result<T> = std::result::Result<T, Error>;

/// What is known of the request that one courier is carrying.
pub(super) struct Attempt {
    due: Mutex<Due>,
    committed: AtomicBool,
    cut: AtomicBool,
    stopped: Arc<AtomicBool>,
}

impl Attempt {
    pub(super) fn new(stopped: Arc<AtomicBool>) -> Arc<Self> {
        Arc::new(Self {
            due: Mutex::new(Due::new(Instant::now(), None)),
            committed: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            stopped,
        })
    }

    /// Forgets the last request and begins the next.
    pub(super) fn begin(&self, due: Due) {
        *lock(&self.due) = due;
        self.committed.store(false, Ordering::SeqCst);
        self.cut.store(false, Ordering::SeqCst);
    }

    pub(super) fn not_after(&self) -> Instant {
        lock(&self.due).not_after
    }

    /// Whether the first byte of the request may have left.
    pub(super) fn is_committed(&self) -> bool {
        self.committed.load(Ordering::SeqCst)
    }

    /// Whether the connection broke while the answer was read. ureq takes a break for the end of an answer
    /// that does not tell its length.
    pub(super) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }

    /// The one place where a request begins to leave: in time, or not at all.
    fn commit(&self) -> Result<()> {
        if self.is_committed() {
            return Ok(());
        }
        if self.stopped.load(Ordering::SeqCst) {
            return Err(Error::ConnectionFailed);
        }
        if lock(&self.due).is_past() {
            return Err(Error::Timeout(Timeout::Global));
        }
        self.committed.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// `timeout`, or what is left of the attempt if that is less.
    fn cap(&self, mut timeout: NextTimeout) -> Result<NextTimeout> {
        let left = self.not_after().saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::Timeout(Timeout::Global));
        }
        if left < *timeout.after {
            timeout.after = Wait::Exact(left);
            timeout.reason = Timeout::Global;
        }
        Ok(timeout)
    }
}

/// Opens connections: proxy tunnel or TCP, then TLS, then the gate.
pub(super) struct Line {
    attempt: Arc<Attempt>,
    proxied: bool,
    tunnel: ConnectProxyConnector,
    tcp: TcpConnector,
    /// Shared by all couriers, so that roots are read once and a TLS session can be resumed by any of them.
    tls: Arc<RustlsConnector>,
}

impl Line {
    pub(super) fn new(attempt: Arc<Attempt>, tls: Arc<RustlsConnector>, proxied: bool) -> Self {
        Self {
            attempt,
            proxied,
            tunnel: ConnectProxyConnector::default(),
            tcp: TcpConnector::default(),
            tls,
        }
    }

    fn socket(&self, details: &ConnectionDetails) -> Result<Option<Box<dyn Transport>>> {
        let in_time = ConnectionDetails {
            uri: details.uri,
            addrs: details.addrs.clone(),
            config: details.config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: Moment::now(),
            timeout: self.attempt.cap(details.timeout)?,
            current_time: Arc::clone(&details.current_time),
            run_connector: Arc::clone(&details.run_connector),
            register_shutdown: Arc::clone(&details.register_shutdown),
        };
        let socket = self.tcp.connect(&in_time, None::<()>)?;
        Ok(socket.map(|socket| {
            Bounded {
                below: socket.boxed(),
                attempt: Arc::clone(&self.attempt),
            }
            .boxed()
        }))
    }
}

impl Connector for Line {
    type Out = Box<dyn Transport>;

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Self::Out>> {
        // With a proxy ureq comes here twice: for the target, and from within `tunnel` for the proxy, then
        // without a proxy in its configuration. What goes to the proxy itself is not the request.
        let to_proxy = self.proxied && details.config.proxy().is_none();
        let line = match self.tunnel.connect(details, None::<()>)? {
            Some(tunnel) => Some(tunnel.boxed()),
            None => self.socket(details)?,
        };
        if to_proxy {
            return Ok(line);
        }
        let line = self.tls.connect(details, line)?;
        Ok(line.map(|line| {
            Gate {
                below: line.boxed(),
                attempt: Arc::clone(&self.attempt),
            }
            .boxed()
        }))
    }
}

/// Above TLS: see the head of this file.
struct Gate {
    below: Box<dyn Transport>,
    attempt: Arc<Attempt>,
}

impl Transport for Gate {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.below.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<()> {
        let timeout = self.attempt.cap(timeout)?;
        self.attempt.commit()?;
        self.below.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool> {
        let result = self
            .attempt
            .cap(timeout)
            .and_then(|timeout| self.below.await_input(timeout));
        // A shutdown of ours reads like an orderly end of the answer.
        let orderly = match result {
            Ok(true) => true,
            Ok(false) => !self.attempt.stopped.load(Ordering::SeqCst),
            Err(_) => false,
        };
        if !orderly {
            self.attempt.cut.store(true, Ordering::SeqCst);
        }
        result
    }

    fn is_open(&mut self) -> bool {
        self.below.is_open()
    }

    fn is_tls(&self) -> bool {
        self.below.is_tls()
    }
}

/// Above TCP: no single wait lasts longer than the attempt, handshakes and tunnels included.
struct Bounded {
    below: Box<dyn Transport>,
    attempt: Arc<Attempt>,
}

impl Transport for Bounded {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.below.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<()> {
        let timeout = self.attempt.cap(timeout)?;
        self.below.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool> {
        let timeout = self.attempt.cap(timeout)?;
        self.below.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.below.is_open()
    }

    fn is_tls(&self) -> bool {
        self.below.is_tls()
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line")
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}

impl fmt::Debug for Bounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bounded")
    }
}
