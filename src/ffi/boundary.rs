//! One line each for what every function must do: catch panics, refuse NULL, read text and structs.

use std::cell::Cell;
use std::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::time::{Duration, Instant};

use crate::error::{Error, Kind, Result};
use crate::queue::Wait;

use super::error::wxg_error;
use super::status::{WXG_ERR_PANIC, WXG_OK, status_of, wxg_status};

/// UTF-8 text: `len` bytes at `data`. `data` may be NULL where `len` is 0. The library never looks for a NUL
/// in what it is given; what it hands out is followed by one that `len` does not count.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_str {
    /// The bytes.
    pub data: *const c_char,
    /// How many.
    pub len: usize,
}

impl wxg_str {
    /// No text.
    pub(super) const EMPTY: wxg_str = wxg_str {
        data: c"".as_ptr(),
        len: 0,
    };

    /// The text as a field of a call, checked for what can be checked.
    ///
    /// # Safety
    /// `data` points to `len` readable bytes that stay as they are for `'a`, or is NULL.
    pub(super) unsafe fn read<'a>(&self, field: &'static str) -> Result<&'a str> {
        // SAFETY: handed on to the caller.
        let bytes = unsafe { self.read_bytes(field)? };
        std::str::from_utf8(bytes).map_err(|_| Error::invalid(field, "is not UTF-8"))
    }

    /// The same for bytes of any kind.
    ///
    /// # Safety
    /// As for `read`.
    pub(super) unsafe fn read_bytes<'a>(&self, field: &'static str) -> Result<&'a [u8]> {
        if self.len == 0 {
            return Ok(&[]);
        }
        if self.data.is_null() {
            return Err(
                Error::new(Kind::NullArgument, "data is NULL but len is not 0").about(field),
            );
        }
        if self.len > isize::MAX.unsigned_abs() {
            return Err(Error::invalid(
                field,
                "len is larger than any memory: is it an uninitialised wxg_str?",
            ));
        }
        // SAFETY: not NULL, and the caller promises `len` bytes.
        Ok(unsafe { std::slice::from_raw_parts(self.data.cast(), self.len) })
    }
}

/// A text of ours that C may read: UTF-8, a NUL behind it.
pub(super) struct Text(String);

impl Text {
    pub(super) fn new(mut text: String) -> Self {
        text.push('\0');
        Self(text)
    }

    /// A view that lives as long as `self` stays where it is.
    pub(super) fn view(&self) -> wxg_str {
        wxg_str {
            data: self.0.as_ptr().cast(),
            len: self.0.len() - 1,
        }
    }
}

/// A struct of the caller's that begins with its own size.
///
/// # Safety
/// `repr(C)`, a `u32` size first, and all-zero bytes are a valid value.
pub(super) unsafe trait Sized32: Copy {}

/// Largest struct_size that is believed.
const STRUCT_SIZE_MAX: usize = 65_536;

/// Reads an options struct by its own size: a shorter one is filled up with zeros, a longer one may hold
/// nothing that we do not know.
///
/// # Safety
/// `given` is NULL or points to as many readable bytes as its first field says.
pub(super) unsafe fn read_struct<T: Sized32>(given: *const T) -> Result<T> {
    not_null(given, "options")?;
    // SAFETY: not NULL; every struct has at least its size.
    let size = unsafe { given.cast::<u32>().read_unaligned() } as usize;
    if size < 2 * size_of::<u32>() {
        return Err(Error::invalid(
            "struct_size",
            "is too small: initialise the struct with its WXG_…_INIT",
        ));
    }
    if size > STRUCT_SIZE_MAX {
        return Err(Error::invalid(
            "struct_size",
            "is not the size of any struct: initialise the struct with its WXG_…_INIT",
        ));
    }
    let known = size.min(size_of::<T>());
    let mut value = std::mem::MaybeUninit::<T>::zeroed();
    // SAFETY: the caller promises `size` readable bytes; `known` is no more than either side has.
    let value = unsafe {
        std::ptr::copy_nonoverlapping(given.cast::<u8>(), value.as_mut_ptr().cast::<u8>(), known);
        value.assume_init()
    };
    for offset in known..size {
        // SAFETY: within the size that the caller promises.
        if unsafe { given.cast::<u8>().add(offset).read() } != 0 {
            return Err(Error::new(
                Kind::UnsupportedStruct,
                "a field is set that this version of the library does not know",
            )
            .about("options"));
        }
    }
    Ok(value)
}

/// Refuses a struct whose padding is in use.
pub(super) fn reserved_is_zero(reserved: u32) -> Result<()> {
    if reserved == 0 {
        return Ok(());
    }
    Err(Error::new(Kind::UnsupportedStruct, "must be 0").about("reserved"))
}

/// Where an output struct begins behind its size.
const PREFIX: usize = size_of::<u32>();

/// The size of an output struct, if there is one and it can be believed.
///
/// # Safety
/// `given` is NULL or points to as many writable bytes as its first field says.
unsafe fn size_given<T: Sized32>(given: *mut T) -> Result<usize> {
    not_null(given, "out_view")?;
    // SAFETY: not NULL; every struct has at least its size.
    let size = unsafe { given.cast::<u32>().read_unaligned() } as usize;
    if !(2 * PREFIX..=STRUCT_SIZE_MAX).contains(&size) {
        return Err(Error::invalid(
            "struct_size",
            "is not the size of the struct: initialise it with its WXG_…_INIT",
        ));
    }
    Ok(size)
}

/// Clears an output struct, all but its size. What is wrong with it `write_struct` tells.
///
/// # Safety
/// `given` is NULL or points to as many writable bytes as its first field says.
pub(super) unsafe fn clear_struct<T: Sized32>(given: *mut T) {
    // SAFETY: the caller's promise.
    if let Ok(size) = unsafe { size_given(given) } {
        // SAFETY: as above.
        unsafe { given.cast::<u8>().add(PREFIX).write_bytes(0, size - PREFIX) };
    }
}

/// Writes an output struct by the caller's size: no more than it has room for, zeros behind what we know.
///
/// # Safety
/// `given` is NULL or points to as many writable bytes as its first field says.
pub(super) unsafe fn write_struct<T: Sized32>(value: &T, given: *mut T) -> Result<()> {
    // SAFETY: the caller's promise.
    let size = unsafe { size_given(given)? };
    let known = size.min(size_of::<T>());
    // SAFETY: the caller promises `size` writable bytes; its own size stays as it was.
    unsafe {
        let to = given.cast::<u8>();
        std::ptr::copy_nonoverlapping(
            std::ptr::from_ref(value).cast::<u8>().add(PREFIX),
            to.add(PREFIX),
            known - PREFIX,
        );
        std::ptr::write_bytes(to.add(known), 0, size - known);
    }
    Ok(())
}

/// Refuses NULL by name.
pub(super) fn not_null<T>(pointer: *const T, field: &'static str) -> Result<()> {
    if pointer.is_null() {
        return Err(Error::new(Kind::NullArgument, "is NULL").about(field));
    }
    Ok(())
}

/// How long a caller's `timeout_ms` is: 0 not at all, negative without limit.
pub(super) fn wait(timeout_ms: i64) -> Wait {
    match timeout_ms {
        0 => Wait::Not,
        ..0 => Wait::Forever,
        _ => {
            let until =
                Instant::now().checked_add(Duration::from_millis(timeout_ms.unsigned_abs()));
            until.map_or(Wait::Forever, Wait::Until)
        }
    }
}

/// An output that may be NULL: cleared at once, set on success only.
///
/// # Safety
/// `pointer` is NULL or may be written for `'a`.
pub(super) unsafe fn out<'a, T>(pointer: *mut *mut T) -> Option<&'a mut *mut T> {
    // SAFETY: the caller's promise.
    let place = unsafe { pointer.as_mut() };
    place.map(|place| {
        *place = std::ptr::null_mut();
        place
    })
}

/// Runs the body of one function: no panic crosses, an error becomes its number and, where asked for, an object.
pub(super) fn guard(
    error: Option<&mut *mut wxg_error>,
    body: impl FnOnce() -> Result<()>,
) -> wxg_status {
    match caught(body) {
        Ok(()) => WXG_OK,
        Err(failure) => {
            let status = status_of(failure.kind);
            if let Some(place) = error {
                *place = wxg_error::boxed(failure);
            }
            status
        }
    }
}

/// The same for functions without an error parameter.
pub(super) fn guard_plain(body: impl FnOnce() -> Result<()>) -> wxg_status {
    guard(None, body)
}

/// What stands behind a handle, for the process that opened it.
pub(super) struct Owned<T> {
    pub(super) inner: T,
    process: u32,
}

impl<T> Owned<T> {
    pub(super) fn new(inner: T) -> Self {
        Self {
            inner,
            process: std::process::id(),
        }
    }

    /// It, unless it is the parent's; `what` says what it is.
    pub(super) fn get(&self, what: &'static str) -> Result<&T> {
        if self.process != std::process::id() {
            return Err(Error::new(
                Kind::Forked,
                format!("this {what} was opened before a fork: open one in this process"),
            ));
        }
        Ok(&self.inner)
    }
}

/// Runs the body of a function on what `get` finds behind a handle. A panic inside breaks it down.
pub(super) fn guard_owned<'a, T: 'a>(
    error: Option<&mut *mut wxg_error>,
    get: impl Fn() -> Result<&'a T>,
    break_down: impl FnOnce(&T),
    body: impl FnOnce(&T) -> Result<()>,
) -> wxg_status {
    let status = guard(error, || body(get()?));
    if status == WXG_ERR_PANIC {
        let _ = caught(|| get().map(break_down));
    }
    status
}

/// Where nothing can be polled for readiness; `instead` names the function to wait with.
#[cfg(not(unix))]
pub(super) fn no_wake_fd(instead: &str) -> Result<i32> {
    Err(Error::new(
        Kind::Unsupported,
        format!("there is no wake_fd on this platform: use {instead} on a thread"),
    ))
}

/// For getters that must give something: `fallback` when the body fails.
#[cfg(feature = "payment")]
pub(super) fn guard_or<T>(fallback: T, body: impl FnOnce() -> Result<T>) -> T {
    let mut value = None;
    let _ = caught(|| {
        value = Some(body()?);
        Ok(())
    });
    value.unwrap_or(fallback)
}

pub(super) fn caught(body: impl FnOnce() -> Result<()>) -> Result<()> {
    silence_our_panics();
    let outer = INSIDE.replace(true);
    let result = catch_unwind(AssertUnwindSafe(|| {
        #[cfg(feature = "test-hooks")]
        hooks::panic_if_asked();
        body()
    }));
    INSIDE.set(outer);
    result.unwrap_or_else(|_| Err(Error::new(Kind::Panic, "the library failed inside")))
}

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// A guest prints nothing: panics inside our functions and threads are caught and reported as WXG_ERR_PANIC, so
/// the hook that would print them stays silent there. Everybody else's panics go where they went before.
fn silence_our_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let ours = INSIDE.try_with(Cell::get).unwrap_or(false)
                || std::thread::current()
                    .name()
                    .is_some_and(|name| name.starts_with("wxg-"));
            if !ours {
                before(info);
            }
        }));
    });
}

/// Only in builds made for the tests: the next call panics.
#[cfg(feature = "test-hooks")]
pub mod hooks {
    use std::sync::atomic::{AtomicBool, Ordering};

    static PANIC: AtomicBool = AtomicBool::new(false);

    /// Makes the next call of any function panic inside.
    #[unsafe(no_mangle)]
    pub extern "C" fn wxg_test_panic_next() {
        PANIC.store(true, Ordering::SeqCst);
    }

    pub(super) fn panic_if_asked() {
        assert!(
            !PANIC.swap(false, Ordering::SeqCst),
            "the test asked for a panic"
        );
    }
}
