//! What only the operating system can do: signal-free threads, chance, and a descriptor that wakes a poll loop.
//!
//! The only unsafe code outside `ffi`.
#![allow(unsafe_code)]

use std::io;
use std::thread::JoinHandle;

use crate::error::{Error, Kind, Result};

/// Our threads do little; the deepest stacks are TLS handshakes and SQLite.
const STACK_BYTES: usize = 512 * 1024;

/// Starts a thread of the library: named, with every signal blocked, so that the host's handlers never run on it.
pub fn spawn(name: &str, body: Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>> {
    let builder = std::thread::Builder::new()
        .name(name.to_owned())
        .stack_size(STACK_BYTES);
    let _blocked = BlockedSignals::now();
    builder.spawn(body)
}

/// Blocks all signals on this thread until dropped; a thread started meanwhile inherits the block.
pub(crate) struct BlockedSignals {
    #[cfg(unix)]
    before: libc::sigset_t,
}

#[cfg(unix)]
impl BlockedSignals {
    pub(crate) fn now() -> Self {
        // SAFETY: both sets are valid for writes; pthread_sigmask touches this thread's mask only.
        unsafe {
            let mut all = std::mem::zeroed();
            let mut before = std::mem::zeroed();
            libc::sigfillset(&raw mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
            Self { before }
        }
    }
}

#[cfg(unix)]
impl Drop for BlockedSignals {
    fn drop(&mut self) {
        // SAFETY: `before` was filled in by pthread_sigmask.
        unsafe {
            libc::pthread_sigmask(
                libc::SIG_SETMASK,
                &raw const self.before,
                std::ptr::null_mut(),
            );
        }
    }
}

#[cfg(not(unix))]
impl BlockedSignals {
    pub(crate) fn now() -> Self {
        Self {}
    }
}

/// Bytes that nobody can foretell, from the operating system.
pub fn fill_random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|error| {
        Error::new(
            Kind::Unsupported,
            format!("the system gave no random bytes: {error}"),
        )
    })
}

/// A descriptor that is readable while there is something to poll. Non-blocking, close-on-exec.
#[cfg(unix)]
pub struct WakeFd {
    read: std::os::fd::OwnedFd,
    write: std::os::fd::OwnedFd,
}

#[cfg(unix)]
impl WakeFd {
    /// A descriptor that is not readable yet.
    pub fn new() -> io::Result<Self> {
        use std::os::fd::{AsRawFd, OwnedFd};
        // Close-on-exec from the first moment on, so that no fork of another thread's finds them open.
        let (read, write) = io::pipe()?;
        let (read, write) = (OwnedFd::from(read), OwnedFd::from(write));
        for fd in [&read, &write] {
            // SAFETY: `fd` is open; this call changes flags only.
            unsafe {
                libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK);
            }
        }
        Ok(Self { read, write })
    }

    /// For epoll, kqueue, select. Owned by this object: never close it, never read from it.
    pub fn as_raw_fd(&self) -> i32 {
        std::os::fd::AsRawFd::as_raw_fd(&self.read)
    }

    /// Makes the descriptor readable.
    pub fn set(&self) {
        // SAFETY: one byte from a live buffer to an open descriptor; a full pipe is readable already.
        unsafe {
            libc::write(
                std::os::fd::AsRawFd::as_raw_fd(&self.write),
                [1u8].as_ptr().cast(),
                1,
            );
        }
    }

    /// Makes the descriptor not readable.
    pub fn clear(&self) {
        let mut sink = [0u8; 16];
        // SAFETY: reads into a live buffer of that length; the descriptor never blocks.
        while unsafe { libc::read(self.as_raw_fd(), sink.as_mut_ptr().cast(), sink.len()) } > 0 {}
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn is_readable(fd: i32) -> bool {
        let mut poll = libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one valid pollfd, no waiting.
        unsafe { libc::poll(&raw mut poll, 1, 0) == 1 }
    }

    #[test]
    fn the_wake_fd_is_readable_exactly_while_set() {
        let wake = WakeFd::new().expect("a pipe can be had");
        assert!(!is_readable(wake.as_raw_fd()));
        wake.set();
        wake.set();
        assert!(is_readable(wake.as_raw_fd()));
        wake.clear();
        assert!(!is_readable(wake.as_raw_fd()));
    }

    #[test]
    fn a_thread_of_ours_has_every_signal_blocked_and_its_parent_none_more() {
        fn blocked(signal: i32) -> bool {
            // SAFETY: reads this thread's mask into a valid set.
            unsafe {
                let mut mask = std::mem::zeroed();
                libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &raw mut mask);
                libc::sigismember(&raw const mask, signal) == 1
            }
        }
        let before = blocked(libc::SIGUSR1);
        let thread = spawn(
            "wxg-test",
            Box::new(|| assert!(blocked(libc::SIGUSR1) && blocked(libc::SIGTERM))),
        );
        thread
            .expect("a thread can be had")
            .join()
            .expect("its signals are blocked");
        assert_eq!(blocked(libc::SIGUSR1), before);
    }
}
