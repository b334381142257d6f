//! The album handle: `wx.saveImageToPhotosAlbum` for a game outside WeChat.

use std::mem::size_of;
use std::path::Path;
use std::time::Duration;

use crate::album::Album;
use crate::album::completion::{Completion, CompletionKind, FLAG_NOT_REMEMBERED, FLAG_SHUTDOWN};
use crate::album::consent::Answer;
use crate::album::errmsg::{self, Api};
use crate::album::options::Options;
use crate::error::{Error, Result};
use crate::queue::Wait;

use super::boundary::{
    Owned, Sized32, guard, guard_owned, guard_plain, not_null, out, read_struct, reserved_is_zero,
    wait, wxg_str,
};
use super::completion::{
    WXG_FLAG_NOT_REMEMBERED, WXG_FLAG_SHUTDOWN, WXG_KIND_AUTHORIZE, WXG_KIND_CONSENT_NEEDED,
    WXG_KIND_OPEN_SETTING, WXG_KIND_SAVE_IMAGE, WXG_KIND_SETTING_NEEDED, hand_out, wxg_completion,
};
use super::error::wxg_error;
use super::status::{WXG_OK, status_of, wxg_status};
use super::view::{Parts, Texts, wxg_completion_view};

/// Saved, or allowed.
pub const WXG_ALBUM_OK: u32 = 1;
/// The user has refused `scope.writePhotosAlbum`. Only the settings can change that: `wxg_album_submit_open_setting`.
pub const WXG_ALBUM_DENIED: u32 = 2;
/// The user closed the dialog without an answer, or the album was closed (WXG_FLAG_SHUTDOWN).
pub const WXG_ALBUM_CANCELLED: u32 = 3;
/// WeChat's privacy rules forbid it. Only of an errmsg that WeChat said: an album never answers it.
pub const WXG_ALBUM_PRIVACY: u32 = 4;
/// file_path names no local file of the game, or one that is no picture, too large, or not there. `detail` says which.
pub const WXG_ALBUM_BAD_FILE: u32 = 5;
/// The system forbids it: the pictures folder may not be written, or the file may not be read.
pub const WXG_ALBUM_NO_PERMISSION: u32 = 6;
/// The disk is full.
pub const WXG_ALBUM_NO_SPACE: u32 = 7;
/// All else; errmsg and `detail` tell.
pub const WXG_ALBUM_OTHER: u32 = 8;

/// Nobody has asked the user yet: `scope.writePhotosAlbum` is missing in authSetting.
pub const WXG_CONSENT_NOT_ASKED: u32 = 1;
/// The user allows it: `scope.writePhotosAlbum` is true.
pub const WXG_CONSENT_GRANTED: u32 = 2;
/// The user has refused it: `scope.writePhotosAlbum` is false.
pub const WXG_CONSENT_DENIED: u32 = 3;
/// Only as an answer: the user closed the dialog, or left the settings as they were.
pub const WXG_CONSENT_CANCELLED: u32 = 4;

// Numbers, not names, for the header shows what stands here.
const _: () = assert!(WXG_FLAG_NOT_REMEMBERED == FLAG_NOT_REMEMBERED);
const _: () = assert!(WXG_FLAG_SHUTDOWN == FLAG_SHUTDOWN);

/// The pictures of one game of one user of this machine, with the contract of `wx.saveImageToPhotosAlbum`. It needs no
/// client, key, journal or network. Every function that takes one may be called from any thread at any time,
/// `wxg_album_free` excepted, which is the last call.
///
/// It runs the thread `wxg-album`, with all signals blocked, which saves one picture after the other.
pub struct wxg_album {
    owned: Owned<Album>,
}

/// What an album is opened with. Initialise with WXG_ALBUM_OPTIONS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_album_options {
    /// sizeof(wxg_album_options), set by WXG_ALBUM_OPTIONS_INIT.
    pub struct_size: u32,
    /// Calls that may wait for completion and polling, 1 to 1,048,576; 0: 1,024.
    pub queue_capacity: u32,
    /// The largest picture in bytes; 0: 134,217,728 (128 MiB).
    pub max_bytes: i64,
    /// The folder of the game's temporary files, absolute: what `wxfile://tmp…` and `http://tmp/…` stand for.
    pub temp_path: wxg_str,
    /// The folder of the game's own files, absolute: what `wx.env.USER_DATA_PATH`, `wxfile://usr/…` and `http://usr/…`
    /// stand for. The user's answer is kept in it, as `.wxgame/scope.writePhotosAlbum`: do not let the game write
    /// there.
    pub user_data_path: wxg_str,
    /// The folder of the user's pictures, absolute, made where it is missing. Empty: where the platform has it (XDG
    /// user directories, Known Folders, ~/Pictures), for which HOME and the like are read.
    pub pictures_path: wxg_str,
    /// The game's folder in there, such as the name of the game: one name that every system takes.
    pub folder: wxg_str,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_album_options {}

impl wxg_album_options {
    /// # Safety
    /// Each text points to as many readable bytes as it says.
    unsafe fn read(&self) -> Result<Options> {
        // SAFETY: the caller's promise.
        unsafe {
            Ok(Options {
                temp_path: self.temp_path.read("temp_path")?.to_owned(),
                user_data_path: self.user_data_path.read("user_data_path")?.to_owned(),
                pictures_path: self.pictures_path.read("pictures_path")?.to_owned(),
                folder: self.folder.read("folder")?.to_owned(),
                max_bytes: self.max_bytes,
                queue_capacity: self.queue_capacity,
            })
        }
    }
}

/// A picture to save. Initialise with WXG_SAVE_IMAGE_OPTIONS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_save_image_options {
    /// sizeof(wxg_save_image_options), set by WXG_SAVE_IMAGE_OPTIONS_INIT.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Yours: comes back with the completion.
    pub user_tag: u64,
    /// WeChat's filePath: a temporary or permanent local file of the game. `wxfile://tmp…`, `wxfile://usr/…`,
    /// `http://tmp/…`, `http://usr/…`, or an absolute path below temp_path or user_data_path.
    pub file_path: wxg_str,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_save_image_options {}

impl wxg_album {
    /// The album behind a handle, unless it is the parent's.
    ///
    /// # Safety
    /// `album` is NULL or not yet freed.
    unsafe fn get<'a>(album: *const wxg_album) -> Result<&'a Album> {
        not_null(album, "album")?;
        // SAFETY: not NULL, the caller says alive.
        unsafe { &*album }.owned.get("album")
    }

    /// Runs the body of a function on an album. A panic inside closes the album.
    ///
    /// # Safety
    /// `album` is NULL or not yet freed.
    unsafe fn guard(
        album: *const wxg_album,
        error: Option<&mut *mut wxg_error>,
        body: impl FnOnce(&Album) -> Result<()>,
    ) -> wxg_status {
        // SAFETY: the caller's promise.
        let get = || unsafe { wxg_album::get(album) };
        guard_owned(error, get, Album::break_down, body)
    }
}

/// Opens an album: checks every option. temp_path and user_data_path must be there. Writes nothing; looks at those
/// folders and, for an empty pictures_path, asks the platform. `*out_album` is yours: free it with `wxg_album_free`.
/// Any thread.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT, WXG_ERR_UNSUPPORTED_STRUCT, WXG_ERR_CONFIGURATION
/// (a folder is not there, or the platform has none for pictures), WXG_ERR_UNSUPPORTED (the system gives no thread),
/// WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_album_open(
    options: *const wxg_album_options,
    out_album: *mut *mut wxg_album,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers and sizes.
    let (mut place, error) = unsafe { (out(out_album), out(error)) };
    guard(error, || {
        not_null(out_album, "out_album")?;
        // SAFETY: as above.
        let options = unsafe { read_struct(options)?.read()? };
        let album = wxg_album {
            owned: Owned::new(Album::open(&options)?),
        };
        if let Some(place) = place.as_mut() {
            **place = Box::into_raw(Box::new(album));
        }
        Ok(())
    })
}

/// `wx.saveImageToPhotosAlbum`. Completes once with WXG_KIND_SAVE_IMAGE: errmsg is WeChat's text
/// (`saveImageToPhotosAlbum:ok`, `saveImageToPhotosAlbum:fail auth deny` …), album_class its meaning, saved_file_path
/// where the picture is. What is wrong with file_path, or the file, is told that way too, as in WeChat. If the user
/// has not been asked yet, the call waits and one WXG_KIND_CONSENT_NEEDED asks you to.
///
/// The picture appears whole and durable, under a name that was free, or not at all. Copies, enqueues, does not block
/// and does not touch the disk. Any thread.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (struct_size; or file_path is not UTF-8),
/// WXG_ERR_UNSUPPORTED_STRUCT, WXG_ERR_QUEUE_FULL (poll, then try again), WXG_ERR_CLOSED, WXG_ERR_FORKED,
/// WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_album_submit_save_image(
    album: *mut wxg_album,
    options: *const wxg_save_image_options,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers, sizes and texts.
    unsafe {
        wxg_album::guard(album, out(error), |album| {
            let options = read_struct(options)?;
            reserved_is_zero(options.reserved)?;
            album.save_image(options.file_path.read("file_path")?, options.user_tag)
        })
    }
}

/// `wx.authorize` for `scope.writePhotosAlbum`: asks the user ahead of the first picture. Completes once with
/// WXG_KIND_AUTHORIZE; a user who has refused is not asked again. Enqueues, does not block. Any thread.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_QUEUE_FULL, WXG_ERR_CLOSED, WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_album_submit_authorize(
    album: *mut wxg_album,
    user_tag: u64,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers.
    unsafe { wxg_album::guard(album, out(error), |album| album.authorize(user_tag)) }
}

/// `wx.openSetting`: lets the user change the answer. One WXG_KIND_SETTING_NEEDED asks you to show the settings; with
/// the answer to that it completes with WXG_KIND_OPEN_SETTING, whose `consent` is what holds now. As in WeChat the
/// settings show only what has been asked before: if nothing has, it completes at once with WXG_CONSENT_NOT_ASKED.
/// Enqueues, does not block. Any thread.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_QUEUE_FULL, WXG_ERR_CLOSED, WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_album_submit_open_setting(
    album: *mut wxg_album,
    user_tag: u64,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers.
    unsafe { wxg_album::guard(album, out(error), |album| album.open_setting(user_tag)) }
}

/// `wx.getSetting`: `*out_consent` is WXG_CONSENT_NOT_ASKED, WXG_CONSENT_GRANTED or WXG_CONSENT_DENIED, also where
/// another process asked. Reads one small file and blocks that long; works after closing. Any thread.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_CONFIGURATION (the answer cannot be read), WXG_ERR_FORKED,
/// WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_album_get_setting(
    album: *mut wxg_album,
    out_consent: *mut u32,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers.
    unsafe {
        if let Some(consent) = out_consent.as_mut() {
            *consent = 0;
        }
        wxg_album::guard(album, out(error), |album| {
            not_null(out_consent, "out_consent")?;
            *out_consent = album.setting()? as u32;
            Ok(())
        })
    }
}

/// Answers WXG_KIND_CONSENT_NEEDED with what the user did: WXG_CONSENT_GRANTED or WXG_CONSENT_DENIED, which are kept,
/// or WXG_CONSENT_CANCELLED, which is not. All calls that wait go on, or fail. Enqueues, does not block. Any thread.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (consent), WXG_ERR_WRONG_STATE (nobody waits: it was
/// answered, or decided elsewhere meanwhile), WXG_ERR_CLOSED, WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_album_answer_consent(
    album: *mut wxg_album,
    consent: u32,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers.
    unsafe {
        wxg_album::guard(album, out(error), |album| {
            album.answer_consent(answer(consent)?)
        })
    }
}

/// Answers WXG_KIND_SETTING_NEEDED with how the user left the settings: WXG_CONSENT_GRANTED or WXG_CONSENT_DENIED,
/// which are kept and decide for the calls that wait for consent too, or WXG_CONSENT_CANCELLED for no change.
/// Enqueues, does not block. Any thread.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (consent), WXG_ERR_WRONG_STATE (nobody waits),
/// WXG_ERR_CLOSED, WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_album_answer_setting(
    album: *mut wxg_album,
    consent: u32,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers.
    unsafe {
        wxg_album::guard(album, out(error), |album| {
            album.answer_setting(answer(consent)?)
        })
    }
}

fn answer(consent: u32) -> Result<Answer> {
    match consent {
        WXG_CONSENT_GRANTED => Ok(Answer::Granted),
        WXG_CONSENT_DENIED => Ok(Answer::Denied),
        WXG_CONSENT_CANCELLED => Ok(Answer::Cancelled),
        _ => Err(Error::invalid(
            "consent",
            "must be WXG_CONSENT_GRANTED, WXG_CONSENT_DENIED or WXG_CONSENT_CANCELLED",
        )),
    }
}

/// Takes up to `capacity` completions that are ready; `*out_count` may be 0. Never blocks. Each completion goes
/// to exactly one caller, who frees it with `wxg_completion_free`. Any number of threads.
///
/// Returns WXG_OK, WXG_ERR_CLOSED (closed, and everything has been handed out), WXG_ERR_NULL_ARGUMENT,
/// WXG_ERR_INVALID_ARGUMENT (capacity 0), WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_album_poll(
    album: *mut wxg_album,
    out_completions: *mut *mut wxg_completion,
    capacity: usize,
    out_count: *mut usize,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe { take(album, Wait::Not, out_completions, capacity, out_count) }
}

/// The same, but waits up to `timeout_ms` (negative: without limit) for the first completion. With nothing ready
/// in time it returns WXG_OK and a count of 0. Closing the album from another thread ends the wait as soon as
/// there is nothing left to hand out.
///
/// Returns what `wxg_album_poll` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_album_wait(
    album: *mut wxg_album,
    timeout_ms: i64,
    out_completions: *mut *mut wxg_completion,
    capacity: usize,
    out_count: *mut usize,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        take(
            album,
            wait(timeout_ms),
            out_completions,
            capacity,
            out_count,
        )
    }
}

unsafe fn take(
    album: *mut wxg_album,
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
        wxg_album::guard(album, None, |album| {
            hand_out(out_completions, capacity, out_count, |most| {
                let taken = album.take(most, wait)?;
                Ok(taken
                    .into_iter()
                    .map(|completion| wxg_completion::of_parts(parts(&completion))))
            })
        })
    }
}

/// A descriptor for epoll, kqueue, poll or select: readable while `wxg_album_poll` has something to say
/// (level-triggered). Owned by the album: do not read, write or close it. Made by the first call; does not
/// block. Any thread. Not on Windows.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_UNSUPPORTED (Windows, or out of descriptors), WXG_ERR_FORKED,
/// WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_album_wake_fd(
    album: *mut wxg_album,
    out_fd: *mut i32,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers.
    unsafe {
        if let Some(fd) = out_fd.as_mut() {
            *fd = -1;
        }
        wxg_album::guard(album, out(error), |album| {
            not_null(out_fd, "out_fd")?;
            *out_fd = wake_fd(album)?;
            Ok(())
        })
    }
}

#[cfg(unix)]
fn wake_fd(album: &Album) -> Result<i32> {
    album.wake_fd()
}

#[cfg(not(unix))]
fn wake_fd(_: &Album) -> Result<i32> {
    super::boundary::no_wake_fd("wxg_album_wait")
}

/// Closes an album. Nothing new is accepted; pictures in the queue may be saved for `timeout_ms` (0 to about a year;
/// negative counts as 0); what is left then, and what waits for the user, completes with WXG_FLAG_SHUTDOWN and leaves
/// nothing behind. `wxg_album_poll` and `wxg_album_wait` go on handing out what is queued and answer WXG_ERR_CLOSED
/// when nothing is left.
///
/// Blocks until that is done, `timeout_ms` + 1 s at the most, even if the disk hangs; only then may a picture still
/// appear whose call completed with WXG_FLAG_SHUTDOWN. Any thread, any time, also twice.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_album_close(album: *mut wxg_album, timeout_ms: i64) -> wxg_status {
    // SAFETY: the caller's promise on the pointer.
    unsafe {
        wxg_album::guard(album, None, |album| {
            album.close(Duration::from_millis(timeout_ms.max(0).unsigned_abs()));
            Ok(())
        })
    }
}

/// `wxg_album_close(album, 0)`, then frees the album with everything not handed out: the last call, with no
/// other under way. Completions and errors taken before stay valid. Blocks 1 s at the most; may be called from a
/// finalizer. NULL does nothing. After a fork the child's call does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_album_free(album: *mut wxg_album) {
    guard_plain(|| {
        // SAFETY: NULL, or made by open and freed once, says the caller.
        if unsafe { wxg_album::get(album) }.is_ok() {
            // SAFETY: as above.
            let album = unsafe { Box::from_raw(album) };
            album.owned.inner.close(Duration::ZERO);
        }
        Ok(())
    });
}

/// What an errMsg of these calls means, whoever said it: an album, or WeChat on any of its platforms, whose wordings
/// differ. `*out_class` is WXG_ALBUM_…, WXG_ALBUM_OTHER for a text that nobody knows. Any thread; does not block.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (errmsg is not UTF-8), WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_album_errmsg_class(
    errmsg: *const wxg_str,
    out_class: *mut u32,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers and texts.
    unsafe {
        if let Some(class) = out_class.as_mut() {
            *class = 0;
        }
        guard_plain(|| {
            not_null(errmsg, "errmsg")?;
            not_null(out_class, "out_class")?;
            *out_class = errmsg::class_of((*errmsg).read("errmsg")?) as u32;
            Ok(())
        })
    }
}

/// How the completion of an album becomes what C reads.
fn parts(completion: &Completion) -> Parts {
    let mut texts = Texts::default();
    let errmsg = texts.put(&completion.errmsg);
    let saved_file_path = texts.put(bytes_of(&completion.saved_file_path));
    let detail = texts.put(&completion.detail);
    let view = wxg_completion_view {
        struct_size: size_of::<wxg_completion_view>() as u32,
        kind: match completion.kind {
            CompletionKind::Answer(Api::SaveImage) => WXG_KIND_SAVE_IMAGE,
            CompletionKind::Answer(Api::Authorize) => WXG_KIND_AUTHORIZE,
            CompletionKind::Answer(Api::OpenSetting) => WXG_KIND_OPEN_SETTING,
            CompletionKind::ConsentNeeded => WXG_KIND_CONSENT_NEEDED,
            CompletionKind::SettingNeeded => WXG_KIND_SETTING_NEEDED,
        },
        status: completion.error.map_or(WXG_OK, status_of),
        flags: completion.flags,
        user_tag: completion.user_tag,
        errmsg: texts.view(errmsg),
        album_class: completion.class.map_or(0, |class| class as u32),
        consent: completion.consent.map_or(0, |consent| consent as u32),
        saved_file_path: texts.view(saved_file_path),
        detail: texts.view(detail),
        ..wxg_completion_view::EMPTY
    };
    Parts {
        view,
        texts,
        goods: Box::default(),
    }
}

/// A path as the system spells it.
#[cfg(unix)]
fn bytes_of(path: &Path) -> &[u8] {
    std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str())
}

#[cfg(not(unix))]
fn bytes_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
