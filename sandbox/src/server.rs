//! Listens, accepts, and gives every connection its own task on one thread.
//!
//! One thread is enough: a request costs some microseconds, and what happens in which order repeats.

use crate::http::{self, Room};
use crate::pusher;
use crate::tls::Tls;
use crate::wire::{Ask, Stream, Wire};
use crate::world::World;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// How many connections are open at once; further ones wait to be accepted.
const MAX_CONNECTIONS: u32 = 10_000;

/// How long a connection may be idle, and how long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

const TLS_TIMEOUT: Duration = Duration::from_secs(10);

/// How long requests under way may go on once the sandbox is stopping.
const GRACE: Duration = Duration::from_secs(2);

/// A listener, and what is spoken on it.
pub(crate) struct Door {
    listener: std::net::TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Door {
    pub(crate) fn open(address: SocketAddr, tls: Option<&Tls>) -> io::Result<Door> {
        let listener = std::net::TcpListener::bind(address)
            .map_err(|e| io::Error::new(e.kind(), format!("cannot listen on {address}: {e}")))?;
        listener.set_nonblocking(true)?;
        let tls = tls.map(|tls| tls.acceptor.clone());
        Ok(Door { listener, tls })
    }

    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Waits until the sandbox is to stop; if nobody is left who could say so, that says it as well.
pub(crate) async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stopping| *stopping).await;
}

/// Serves until told to stop; then lets requests under way end, for a while.
pub(crate) async fn run(world: Arc<World>, doors: Vec<Door>, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS as usize));
    for door in doors {
        let accepting = accept(Arc::clone(&world), door, Arc::clone(&places), stop.clone());
        tokio::spawn(accepting);
    }
    tokio::spawn(pusher::run(world, stop.clone()));
    told_to_stop(&mut stop).await;
    let _ = timeout(GRACE, places.acquire_many(MAX_CONNECTIONS)).await;
}

async fn accept(
    world: Arc<World>,
    door: Door,
    places: Arc<Semaphore>,
    mut stop: watch::Receiver<bool>,
) {
    let Ok(listener) = TcpListener::from_std(door.listener) else {
        return;
    };
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of file descriptors, most likely: some will be closed soon.
                Err(_) => {
                    sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
            () = told_to_stop(&mut stop) => return,
        };
        let (world, tls, stop) = (Arc::clone(&world), door.tls.clone(), stop.clone());
        tokio::spawn(async move {
            world.connections.accepted.fetch_add(1, Ordering::Relaxed);
            world.connections.open.fetch_add(1, Ordering::Relaxed);
            connection(&world, stream, tls, stop).await;
            world.connections.open.fetch_sub(1, Ordering::Relaxed);
            drop(place);
        });
    }
}

async fn connection(
    world: &Arc<World>,
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    mut stop: watch::Receiver<bool>,
) {
    // Without it answers are only slower, so a failure does not matter.
    let _ = stream.set_nodelay(true);
    let stream = match tls {
        None => Stream::Plain(TokioIo::new(stream)),
        Some(tls) => match timeout(TLS_TIMEOUT, tls.accept(stream)).await {
            Ok(Ok(stream)) => Stream::Tls(Box::new(TokioIo::new(stream))),
            _ => {
                world.connections.tls_failed.fetch_add(1, Ordering::Relaxed);
                return;
            }
        },
    };
    let ask = Ask::default();
    let room = Room {
        world: Arc::clone(world),
        ask: ask.clone(),
        stopping: stop.clone(),
    };
    let service = service_fn(move |request| http::serve(room.clone(), request));
    let mut serving = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(Wire::new(stream, ask), service)
    );
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = told_to_stop(&mut stop) => {
            serving.as_mut().graceful_shutdown();
            timeout(GRACE, serving).await.unwrap_or(Ok(()))
        }
    };
    if ended.is_err() {
        world.connections.errors.fetch_add(1, Ordering::Relaxed);
    }
}
