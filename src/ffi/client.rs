//! The client handle: open, poll, wait, acknowledge, close, free.

use std::time::Duration;

use crate::client::Client;
use crate::error::Result;
use crate::queue::Wait;

use super::boundary::{
    Owned, guard, guard_owned, guard_plain, not_null, out, read_struct, wait, wxg_str,
};
use super::completion::{hand_out, wxg_completion};
use super::error::wxg_error;
use super::options::wxg_client_options;
use super::status::wxg_status;

/// One client: a journal and the connections for one appid and environment. Every function that takes one may be
/// called from any thread at any time, `wxg_client_free` excepted, which is the last call.
///
/// It runs the threads `wxg-engine` and `wxg-journal`, up to `in_flight_limit` `wxg-http-…` while requests are
/// under way, one `wxg-http-queue` while requests wait for one of those, and now and then one `wxg-dns` (with a
/// `postgres:` journal, one more while its host is looked up); all signals are blocked on them. It opens no descriptor
/// that a child process inherits, prints nothing, and reads no environment variable.
pub struct wxg_client {
    owned: Owned<Client>,
}

impl wxg_client {
    /// The client behind a handle, unless it is the parent's.
    ///
    /// # Safety
    /// `client` is NULL or not yet freed.
    pub(super) unsafe fn get<'a>(client: *const wxg_client) -> Result<&'a Client> {
        not_null(client, "client")?;
        // SAFETY: not NULL, the caller says alive.
        unsafe { &*client }.owned.get("client")
    }

    /// Runs the body of a function on a client. A panic inside closes the client.
    ///
    /// # Safety
    /// `client` is NULL or not yet freed.
    pub(super) unsafe fn guard(
        client: *const wxg_client,
        error: Option<&mut *mut wxg_error>,
        body: impl FnOnce(&Client) -> Result<()>,
    ) -> wxg_status {
        // SAFETY: the caller's promise.
        let get = || unsafe { wxg_client::get(client) };
        guard_owned(error, get, Client::break_down, body)
    }
}

/// Opens a client: checks every option, opens or makes the journal, takes up the payments that it holds as open,
/// and hands out, as completions of kind WXG_KIND_RESOLVED, the final answers not yet acknowledged. Blocks
/// while the journal is read, with a `postgres:` journal 10 s at the most; a database that refuses or is just starting
/// fails at once: open again. Connects to nothing else that an open payment does not need.
///
/// `*out_client` is yours: free it with `wxg_client_free`. Any thread.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT, WXG_ERR_UNSUPPORTED_STRUCT,
/// WXG_ERR_CONFIGURATION (ca_file, or the journal's path or database, cannot be used), WXG_ERR_JOURNAL_IN_USE (close
/// the other client or process), WXG_ERR_JOURNAL, WXG_ERR_JOURNAL_CORRUPT, WXG_ERR_JOURNAL_NEWER, WXG_ERR_UNSUPPORTED (this
/// build has no `postgres:` journal, or the system gives no thread or no random bytes), WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_open(
    options: *const wxg_client_options,
    out_client: *mut *mut wxg_client,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers and sizes.
    let (mut place, error) = unsafe { (out(out_client), out(error)) };
    guard(error, || {
        not_null(out_client, "out_client")?;
        // SAFETY: as above.
        let options = unsafe { read_struct(options)?.read()? };
        let client = wxg_client {
            owned: Owned::new(Client::open(&options)?),
        };
        if let Some(place) = place.as_mut() {
            **place = Box::into_raw(Box::new(client));
        }
        Ok(())
    })
}

/// Keeps the session_key of a player that you have got by yourself; the newest wins, and payments that waited for
/// one go on. Not needed after `wxg_client_submit_login`. Copies, enqueues, does not block. Any thread.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (not base64 text: pass it as WeChat gave it),
/// WXG_ERR_CLOSED, WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_set_session(
    client: *mut wxg_client,
    openid: *const wxg_str,
    session_key: *const wxg_str,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers and texts.
    unsafe {
        wxg_client::guard(client, out(error), |client| {
            not_null(openid, "openid")?;
            not_null(session_key, "session_key")?;
            client.set_session(
                (*openid).read("openid")?,
                (*session_key).read("session_key")?,
            )
        })
    }
}

/// Forgets the session_key of a player, in memory and in the journal: payments of that player then wait for a login.
/// Copies, enqueues, does not block. Any thread.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT, WXG_ERR_CLOSED, WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_forget_session(
    client: *mut wxg_client,
    openid: *const wxg_str,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers and texts.
    unsafe {
        wxg_client::guard(client, out(error), |client| {
            not_null(openid, "openid")?;
            client.forget_session((*openid).read("openid")?)
        })
    }
}

/// Gives the client an access_token that you have fetched, which lives for `expires_in_s` (1 to 86,400) from now: for
/// a client opened with WXG_TOKEN_SOURCE_HOST. Answers WXG_KIND_TOKEN_NEEDED, and may come unasked; calls that waited
/// for one go on. Kept in the journal for the next open, sealed with the journal_key or else the app_secret; not without
/// both. Copies, enqueues, does not block. Any thread.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT, WXG_ERR_WRONG_STATE (the client fetches its tokens
/// itself), WXG_ERR_CLOSED, WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_set_access_token(
    client: *mut wxg_client,
    access_token: *const wxg_str,
    expires_in_s: i64,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers and texts.
    unsafe {
        wxg_client::guard(client, out(error), |client| {
            not_null(access_token, "access_token")?;
            client.set_access_token((*access_token).read("access_token")?, expires_in_s)
        })
    }
}

/// Replaces the AppKey of the client's environment, such as after a reset in the console. Payments that WeChat refused
/// as wrong (90011) while their outcome was unknown are tried again at once. Copies, enqueues, does not block. Any
/// thread.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT, WXG_ERR_CLOSED, WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_set_app_key(
    client: *mut wxg_client,
    app_key: *const wxg_str,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers and texts.
    unsafe {
        wxg_client::guard(client, out(error), |client| {
            not_null(app_key, "app_key")?;
            client.set_app_key((*app_key).read("app_key")?)
        })
    }
}

/// Tells the journal that you have acted on a final answer, in a transaction of your own: it is not delivered
/// again. `delivery_id` is the completion's. Enqueues, does not block; an ack that is lost in a crash means that
/// the answer is delivered again, so act once per bill_no. Unknown and repeated ids do nothing. Any thread.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (0), WXG_ERR_CLOSED, WXG_ERR_FORKED,
/// WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_ack(
    client: *mut wxg_client,
    delivery_id: u64,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers.
    unsafe { wxg_client::guard(client, out(error), |client| client.ack(delivery_id)) }
}

/// Takes up to `capacity` completions that are ready; `*out_count` may be 0. Never blocks. Each completion goes
/// to exactly one caller, who frees it with `wxg_completion_free`. Any number of threads.
///
/// Returns WXG_OK, WXG_ERR_CLOSED (closed, and everything has been handed out), WXG_ERR_NULL_ARGUMENT,
/// WXG_ERR_INVALID_ARGUMENT (capacity 0), WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_poll(
    client: *mut wxg_client,
    out_completions: *mut *mut wxg_completion,
    capacity: usize,
    out_count: *mut usize,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe { take(client, Wait::Not, out_completions, capacity, out_count) }
}

/// The same, but waits up to `timeout_ms` (negative: without limit) for the first completion. With nothing ready
/// in time it returns WXG_OK and a count of 0. Closing the client from another thread ends the wait as soon as
/// there is nothing left to hand out.
///
/// Returns what `wxg_client_poll` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_wait(
    client: *mut wxg_client,
    timeout_ms: i64,
    out_completions: *mut *mut wxg_completion,
    capacity: usize,
    out_count: *mut usize,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        take(
            client,
            wait(timeout_ms),
            out_completions,
            capacity,
            out_count,
        )
    }
}

unsafe fn take(
    client: *mut wxg_client,
    wait: Wait,
    out_completions: *mut *mut wxg_completion,
    capacity: usize,
    out_count: *mut usize,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers; out_completions has room for `capacity`.
    unsafe {
        if let Some(count) = out_count.as_mut() {
            *count = 0;
        }
        wxg_client::guard(client, None, |client| {
            hand_out(out_completions, capacity, out_count, |most| {
                let taken = client.take(most, wait)?;
                Ok(taken.into_iter().map(wxg_completion::boxed))
            })
        })
    }
}

/// A descriptor for epoll, kqueue, poll or select: readable while `wxg_client_poll` has something to say
/// (level-triggered). Owned by the client: do not read, write or close it. Made by the first call; does not
/// block. Any thread. Not on Windows.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_UNSUPPORTED (Windows, or out of descriptors), WXG_ERR_FORKED,
/// WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_wake_fd(
    client: *mut wxg_client,
    out_fd: *mut i32,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers.
    unsafe {
        if let Some(fd) = out_fd.as_mut() {
            *fd = -1;
        }
        wxg_client::guard(client, out(error), |client| {
            not_null(out_fd, "out_fd")?;
            *out_fd = wake_fd(client)?;
            Ok(())
        })
    }
}

#[cfg(unix)]
fn wake_fd(client: &Client) -> Result<i32> {
    client.wake_fd()
}

#[cfg(not(unix))]
fn wake_fd(_: &Client) -> Result<i32> {
    super::boundary::no_wake_fd("wxg_client_wait")
}

/// Closes a client. Nothing new is accepted; requests under way may finish for `timeout_ms` (0 to about a year;
/// negative counts as 0); what is left then completes with flag WXG_FLAG_SHUTDOWN: *not sent* where that is
/// certain, else *unknown*, which the next open resumes. `wxg_client_poll` and `wxg_client_wait` go on handing out
/// what is queued and answer WXG_ERR_CLOSED when nothing is left.
///
/// Blocks until that is done, `timeout_ms` + 1 s at the most, even with name look-up, server or disk hung. Any
/// thread, any time, also twice; the second caller waits as well.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_close(client: *mut wxg_client, timeout_ms: i64) -> wxg_status {
    // SAFETY: the caller's promise on the pointer.
    unsafe {
        wxg_client::guard(client, None, |client| {
            client.close(Duration::from_millis(timeout_ms.max(0).unsigned_abs()));
            Ok(())
        })
    }
}

/// `wxg_client_close(client, 0)`, then frees the client with everything not handed out: the last call, with no
/// other under way. Completions and errors taken before stay valid. Blocks 1 s at the most; may be called from a
/// finalizer. NULL does nothing. After a fork the child's call does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_free(client: *mut wxg_client) {
    guard_plain(|| {
        // SAFETY: NULL, or made by open and freed once, says the caller.
        if unsafe { wxg_client::get(client) }.is_ok() {
            // SAFETY: as above.
            let client = unsafe { Box::from_raw(client) };
            client.owned.inner.close(Duration::ZERO);
        }
        Ok(())
    });
}
