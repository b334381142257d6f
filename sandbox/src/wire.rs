//! One connection's bytes, and the two things HTTP knows nothing of: a reset, and what follows an answer.

use crate::late::AfterAnswer;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

pub(crate) enum Stream {
    Plain(TokioIo<TcpStream>),
    Tls(Box<TokioIo<TlsStream<TcpStream>>>),
}

impl Stream {
    fn tcp(&self) -> &TcpStream {
        match self {
            Stream::Plain(stream) => stream.inner(),
            Stream::Tls(stream) => stream.inner().get_ref().0,
        }
    }
}

/// What a request asks of its connection.
#[derive(Default)]
pub(crate) struct Wishes {
    /// End with a TCP reset instead of a proper close.
    reset: bool,
    /// Dropped, and thereby executed, when the answer has left or never will.
    after: Option<AfterAnswer>,
}

/// The request's side of its connection.
#[derive(Clone, Default)]
pub(crate) struct Ask(Arc<Mutex<Wishes>>);

impl Ask {
    pub(crate) fn reset(&self) {
        self.wishes(|wishes| wishes.reset = true);
    }

    /// To be called last, when nothing but the answer is still to be written.
    pub(crate) fn after_answer(&self, after: Option<AfterAnswer>) {
        self.wishes(|wishes| wishes.after = after);
    }

    fn wishes<T>(&self, act: impl FnOnce(&mut Wishes) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A stream that keeps the wishes of the requests on it.
pub(crate) struct Wire {
    stream: Stream,
    ask: Ask,
}

impl Wire {
    pub(crate) fn new(stream: Stream, ask: Ask) -> Wire {
        Wire { stream, ask }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.ask.wishes(|wishes| wishes.reset) {
            // A socket that cannot be told so is closed the ordinary way.
            let _ = self.stream.tcp().set_zero_linger();
        }
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => Pin::new(stream.as_mut()).poll_read(context, buffer),
        }
    }
}

impl Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream.as_mut()).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(context),
        };
        if flushed.is_ready() {
            let after = self.ask.wishes(|wishes| wishes.after.take());
            drop(after);
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(context),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(context, buffers),
            Stream::Tls(stream) => Pin::new(stream.as_mut()).poll_write_vectored(context, buffers),
        }
    }
}
