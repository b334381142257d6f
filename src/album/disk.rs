//! The only file of this room that touches the platform: reads the game's file, writes the picture, keeps the answer.
//!
//! A way below a root never leaves it: it is resolved step by step below an open folder (`cap-std`), so a link that is
//! put there meanwhile leads nowhere either. A picture appears whole, under a name that was free, or not at all:
//!
//! ```text
//!   write to a file without a name ─► fsync ─► link it to the first free name ─► fsync the folder
//! ```
//! Where the file system has no files without a name, the file is called `.wxgame-….part` meanwhile, locked while
//! somebody writes it; what a killed process left of those is removed before the next picture is saved.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};

use super::consent::Consent;
use super::errmsg::Ending;
use super::image::{HEAD_BYTES, Image};
use super::name;
use super::path::{Root, Source};
use crate::os;

/// So much is copied between two looks at the order to stop.
const CHUNK_BYTES: u64 = 4 * 1024 * 1024;
/// Where the user's answer is kept, below the user-data folder: `true` or `false`, as in `authSetting`.
const KEPT_FOLDER: &str = ".wxgame";
const KEPT_FILE: &str = "scope.writePhotosAlbum";
/// What a file is called while it is written.
const DRAFT_PREFIX: &str = ".wxgame-";
const DRAFT_SUFFIX: &str = ".part";
/// A draft this old has been locked by whoever writes it.
const DRAFT_AGE: Duration = Duration::from_secs(60);
/// So many pictures of one name fit in a folder.
const MOST_OF_A_NAME: u32 = 10_000;

/// Why a picture was not saved.
#[derive(Debug)]
pub struct Failure {
    /// In WeChat's words.
    pub ending: Ending,
    /// In ours.
    pub detail: String,
}

impl Failure {
    pub(super) fn new(ending: Ending, detail: impl Into<String>) -> Self {
        Self {
            ending,
            detail: detail.into(),
        }
    }
}

/// The folders of one album. Any thread at once.
#[derive(Debug)]
pub struct Disk {
    /// The game's temporary files.
    pub temp: PathBuf,
    /// The game's own files, and the user's answer.
    pub user_data: PathBuf,
    /// The user's pictures.
    pub pictures: PathBuf,
    /// The folder in there that is the game's.
    pub folder: String,
    /// The largest file that is saved.
    pub max_bytes: u64,
    /// An answer that could not be written.
    pub held: Mutex<Option<Consent>>,
    /// What others left has been cleared away.
    pub swept: AtomicBool,
}

/// The folder of the platform's that holds the user's pictures. Reads the environment and the user's settings.
pub fn pictures_folder() -> Option<PathBuf> {
    dirs::picture_dir().or_else(|| Some(dirs::home_dir()?.join("Pictures")))
}

impl Disk {
    /// Saves the picture; tells where it is.
    pub fn save(&self, source: &Source, stop: &AtomicBool) -> Result<PathBuf, Failure> {
        let mut from = self.open(source)?;
        let not_a_picture = |detail| Failure::new(Ending::InvalidFileType, detail);
        let image = kind_of(&mut from).map_err(reading)?.ok_or_else(|| {
            not_a_picture("the file is no PNG, JPEG, GIF, WebP, BMP or HEIC: its first bytes tell")
        })?;
        // A file may grow meanwhile: counted once more while it is copied.
        if from.metadata().map_err(reading)?.len() > self.max_bytes {
            return Err(self.too_large());
        }
        let folder = self.album().map_err(writing)?;
        let mut draft = Draft::new(&folder, &self.swept).map_err(writing)?;
        self.copy(&mut from, &mut draft.file, stop)?;
        // The game may have written to its file meanwhile: what counts is what was copied.
        if kind_of(&mut draft.file).map_err(writing)? != Some(image) {
            return Err(not_a_picture("the file was changed while it was saved"));
        }
        draft.file.sync_all().map_err(writing)?;
        let called = Path::new(&source.relative).file_name().unwrap_or_default();
        let name = draft
            .publish(&called.to_string_lossy(), image)
            .map_err(writing)?;
        if let Err(error) = sync(&folder) {
            // Nobody can tell whether the name outlives a power cut: then it shall not be there at all.
            let _ = folder.remove_file(&name);
            return Err(writing(error));
        }
        Ok(self.pictures.join(&self.folder).join(name))
    }

    /// What the user has said, as it is kept now.
    pub fn consent(&self) -> Result<Consent, Failure> {
        if let Some(held) = *self.held() {
            return Ok(held);
        }
        let read = || -> io::Result<String> {
            let folder = Dir::open_ambient_dir(&self.user_data, ambient_authority())?;
            let mut text = String::new();
            let file = open_file(&folder, &Path::new(KEPT_FOLDER).join(KEPT_FILE))?;
            file.take(16).read_to_string(&mut text)?;
            Ok(text)
        };
        match read() {
            Ok(text) if text.trim() == "true" => Ok(Consent::Granted),
            Ok(text) if text.trim() == "false" => Ok(Consent::Denied),
            // Damaged: nobody knows what it was, so the user is asked again.
            Ok(_) => Ok(Consent::NotAsked),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound => Ok(Consent::NotAsked),
                io::ErrorKind::InvalidData => Ok(Consent::NotAsked),
                _ => Err(Failure::new(
                    Ending::SystemError,
                    format!(
                        "the user's answer cannot be read from {KEPT_FOLDER}/{KEPT_FILE} in user_data_path: {error}"
                    ),
                )),
            },
        }
    }

    /// Keeps what the user has said; if it cannot be written, for as long as this process lives.
    pub fn remember(&self, consent: Consent) -> io::Result<()> {
        let write = || -> io::Result<()> {
            let root = Dir::open_ambient_dir(&self.user_data, ambient_authority())?;
            let folder = child(&root, KEPT_FOLDER)?;
            sweep(&folder);
            let mut draft = Draft::named(&folder)?;
            draft.file.write_all(match consent {
                Consent::Granted => b"true\n",
                _ => b"false\n",
            })?;
            draft.file.sync_all()?;
            folder.rename(&draft.name, &folder, KEPT_FILE)?;
            sync(&folder)
        };
        let written = write();
        *self.held() = written.is_err().then_some(consent);
        written
    }

    /// True while the user's answer lives in this process only.
    pub fn holds_an_answer(&self) -> bool {
        self.held().is_some()
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<Consent>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, source: &Source) -> Result<File, Failure> {
        let root = match source.root {
            Root::Temp => &self.temp,
            Root::UserData => &self.user_data,
        };
        let root = Dir::open_ambient_dir(root, ambient_authority()).map_err(reading)?;
        open_file(&root, Path::new(&source.relative)).map_err(reading)
    }

    /// The game's folder among the pictures, made where it is missing.
    fn album(&self) -> io::Result<Dir> {
        let pictures = match Dir::open_ambient_dir(&self.pictures, ambient_authority()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Dir::create_ambient_dir_all(&self.pictures, ambient_authority())?;
                Dir::open_ambient_dir(&self.pictures, ambient_authority())?
            }
            opened => opened?,
        };
        child(&pictures, &self.folder)
    }

    fn too_large(&self) -> Failure {
        let limit = self.max_bytes;
        let detail = format!("the file is larger than max_bytes, {limit}");
        Failure::new(Ending::FileTooLarge, detail)
    }

    fn copy(&self, from: &mut File, to: &mut File, stop: &AtomicBool) -> Result<(), Failure> {
        let mut copied = 0;
        loop {
            if stop.load(Ordering::Relaxed) {
                let closed = "the album was closed while the picture was saved: it was not";
                return Err(Failure::new(Ending::Cancel, closed));
            }
            // At most one byte beyond the limit, which tells that there is more.
            let most = CHUNK_BYTES.min(self.max_bytes.saturating_sub(copied) + 1);
            let now = io::copy(&mut Read::by_ref(from).take(most), to).map_err(writing)?;
            copied += now;
            if copied > self.max_bytes {
                return Err(self.too_large());
            }
            if now == 0 {
                return Ok(());
            }
        }
    }
}

/// Opens a plain file below `folder`, wherever links lead; never waits, as a pipe would let it.
fn open_file(folder: &Dir, way: &Path) -> io::Result<File> {
    let not_a_file = || io::Error::new(io::ErrorKind::IsADirectory, "it is not a plain file");
    // Looked at first, because merely opening a device may set it off; and again, because it may be another one then.
    if !folder.metadata(way)?.is_file() {
        return Err(not_a_file());
    }
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    cap_std::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = folder.open_with(way, &options)?.into_std();
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(not_a_file()),
    }
}

/// A folder in `parent`, made where it is missing.
fn child(parent: &Dir, name: &str) -> io::Result<Dir> {
    match parent.create_dir(name) {
        Ok(()) => sync(parent)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    parent.open_dir(name)
}

/// What kind of picture a file is, if it is one. Leaves the file at its beginning.
fn kind_of(file: &mut File) -> io::Result<Option<Image>> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    file.rewind()?;
    Read::by_ref(file)
        .take(HEAD_BYTES as u64)
        .read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(Image::of_head(&head))
}

/// A file that is being written: gone when dropped, unless it was published.
struct Draft<'a> {
    file: File,
    folder: &'a Dir,
    /// Empty where it has none.
    name: String,
}

impl<'a> Draft<'a> {
    fn new(folder: &'a Dir, swept: &AtomicBool) -> io::Result<Self> {
        if let Some(file) = nameless(folder) {
            return Ok(Self {
                file,
                folder,
                name: String::new(),
            });
        }
        if !swept.swap(true, Ordering::Relaxed) {
            sweep(folder);
        }
        Self::named(folder)
    }

    fn named(folder: &'a Dir) -> io::Result<Self> {
        let mut random = [0; 8];
        os::fill_random(&mut random).map_err(io::Error::other)?;
        let name = format!(
            "{DRAFT_PREFIX}{:016x}{DRAFT_SUFFIX}",
            u64::from_ne_bytes(random)
        );
        let mut options = OpenOptions::new();
        let file = folder
            .open_with(&name, options.read(true).write(true).create_new(true))?
            .into_std();
        // Where the file system knows no locks, nobody takes it for abandoned either.
        let _ = file.try_lock();
        Ok(Self { file, folder, name })
    }

    /// Gives the file its name: the first that is free. Never takes one that is in use.
    fn publish(&self, called: &str, image: Image) -> io::Result<String> {
        for nth in 1..=MOST_OF_A_NAME {
            let name = name::saved_as(called, image, nth);
            match self.link(&name) {
                Ok(()) => return Ok(name),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        let full = format!("the folder holds {MOST_OF_A_NAME} pictures of this name");
        Err(io::Error::other(full))
    }

    fn link(&self, name: &str) -> io::Result<()> {
        if self.name.is_empty() {
            return link_nameless(&self.file, self.folder, name);
        }
        match rename_exclusive(self.folder, &self.name, name) {
            // The name it was written under is removed when the draft is dropped.
            None => self.folder.hard_link(&self.name, self.folder, name),
            Some(renamed) => renamed,
        }
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if !self.name.is_empty() {
            let _ = self.folder.remove_file(&self.name);
        }
    }
}

/// Removes the drafts of processes that were killed: old, and locked by nobody.
fn sweep(folder: &Dir) {
    let Ok(entries) = folder.entries() else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if !(text.starts_with(DRAFT_PREFIX) && text.ends_with(DRAFT_SUFFIX)) {
            continue;
        }
        let Ok(file) = open_file(folder, Path::new(&name)) else {
            continue;
        };
        let written_at = file.metadata().and_then(|metadata| metadata.modified());
        let is_old = written_at.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > DRAFT_AGE));
        if is_old && file.try_lock().is_ok() {
            let _ = folder.remove_file(&name);
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn nameless(folder: &Dir) -> Option<File> {
    use rustix::fs::{Mode, OFlags, openat};
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    // What fails here for another reason than that there is no such thing fails with a name too, and is told then.
    let file = openat(folder, ".", flags, Mode::from_raw_mode(0o666)).ok()?;
    // Its name is given by way of /proc.
    Path::new("/proc/self/fd")
        .exists()
        .then(|| File::from(file))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn link_nameless(file: &File, folder: &Dir, name: &str) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    use std::os::fd::AsRawFd;
    let way = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(CWD, way, folder, name, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn nameless(_: &Dir) -> Option<File> {
    None
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn link_nameless(_: &File, _: &Dir, _: &str) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Renames, but never onto a name that is in use; nothing where the file system cannot promise that.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_exclusive(folder: &Dir, from: &str, to: &str) -> Option<io::Result<()>> {
    use rustix::fs::{RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(folder, from, folder, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => None,
        renamed => Some(renamed.map_err(io::Error::from)),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_exclusive(_: &Dir, _: &str, _: &str) -> Option<io::Result<()>> {
    None
}

/// Makes the names in a folder durable.
#[cfg(unix)]
fn sync(folder: &Dir) -> io::Result<()> {
    use rustix::fs::{Mode, OFlags, fsync, openat};
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(fsync(openat(folder, ".", flags, Mode::empty())?)?)
}

#[cfg(not(unix))]
fn sync(_: &Dir) -> io::Result<()> {
    Ok(())
}

/// Why the game's file cannot be read.
fn reading(error: io::Error) -> Failure {
    use io::ErrorKind::{InvalidFilename, IsADirectory, NotADirectory, NotFound, PermissionDenied};
    let ending = match error.kind() {
        NotFound | NotADirectory | InvalidFilename => Ending::FileNotFound,
        // Links in a circle.
        #[cfg(unix)]
        _ if error.raw_os_error() == Some(libc::ELOOP) => Ending::FileNotFound,
        IsADirectory => Ending::InvalidFileType,
        // Said by cap-std, not by the system.
        PermissionDenied if error.raw_os_error().is_none() => Ending::UrlInvalid,
        PermissionDenied => Ending::NoPermission,
        _ => Ending::SystemError,
    };
    Failure::new(ending, format!("file_path cannot be read: {error}"))
}

/// Why the picture cannot be written.
fn writing(error: io::Error) -> Failure {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    let ending = match error.kind() {
        PermissionDenied | ReadOnlyFilesystem => Ending::NoPermission,
        StorageFull | QuotaExceeded => Ending::NoSpace,
        _ => Ending::SystemError,
    };
    let detail = format!("the picture cannot be saved in the pictures folder: {error}");
    Failure::new(ending, detail)
}

/// What Linux does only where the file system has no files without a name.
#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::time::SystemTime;

    fn folder() -> (tempfile::TempDir, Dir) {
        let place = tempfile::tempdir().expect("a folder can be had");
        let dir = Dir::open_ambient_dir(place.path(), ambient_authority()).expect("it is there");
        (place, dir)
    }

    fn names(place: &tempfile::TempDir) -> Vec<String> {
        let entries = std::fs::read_dir(place.path()).expect("it is there");
        let name = |entry: io::Result<std::fs::DirEntry>| {
            let name = entry.expect("it can be read").file_name();
            name.into_string().expect("it is UTF-8")
        };
        entries.map(name).collect()
    }

    #[test]
    fn a_named_draft_becomes_the_picture_and_leaves_nothing() {
        let (place, dir) = folder();
        let mut draft = Draft::named(&dir).expect("it can be made");
        draft.file.write_all(b"picture").expect("it can be written");
        let name = draft.publish("a.png", Image::Png).expect("it has a name");
        drop(draft);
        assert_eq!(
            (name.as_str(), names(&place)),
            ("a.png", vec![name.clone()])
        );
    }

    #[test]
    fn a_named_draft_never_takes_a_name_that_is_in_use() {
        let (place, dir) = folder();
        dir.write("a.png", b"older").expect("it can be written");
        let draft = Draft::named(&dir).expect("it can be made");
        let name = draft.publish("a.png", Image::Png).expect("it has a name");
        assert_eq!(name, "a (2).png");
        assert_eq!(dir.read("a.png").expect("it is there"), b"older");
        drop(draft);
        assert_eq!(names(&place).len(), 2);
    }

    #[test]
    fn where_nothing_is_renamed_exclusively_a_second_link_does_it() {
        let (place, dir) = folder();
        dir.write("a.png", b"older").expect("it can be written");
        let draft = Draft::named(&dir).expect("it can be made");
        let taken = dir.hard_link(&draft.name, &dir, "a.png");
        let refused = taken.expect_err("the name is in use").kind();
        assert_eq!(refused, io::ErrorKind::AlreadyExists);
        dir.hard_link(&draft.name, &dir, "b.png")
            .expect("the name is free");
        drop(draft);
        assert_eq!(names(&place).len(), 2);
    }

    #[test]
    fn a_draft_that_is_given_up_leaves_nothing() {
        let (place, dir) = folder();
        drop(Draft::named(&dir).expect("it can be made"));
        assert!(names(&place).is_empty());
    }

    #[test]
    fn only_old_drafts_that_nobody_writes_are_swept_away() {
        let (place, dir) = folder();
        let old = SystemTime::now() - 2 * DRAFT_AGE;
        let leave = |name: &str, at: SystemTime| {
            let file = File::create(place.path().join(name)).expect("it can be made");
            file.set_modified(at).expect("its time can be set");
        };
        leave(".wxgame-dead.part", old);
        leave(".wxgame-young.part", SystemTime::now());
        leave("mine.part", old);
        let written = Draft::named(&dir).expect("it can be made");
        written.file.set_modified(old).expect("its time can be set");

        sweep(&dir);

        let mut left = names(&place);
        left.sort();
        let mut expected = [".wxgame-young.part", "mine.part", &written.name];
        expected.sort_unstable();
        assert_eq!(left, expected);
    }
}
