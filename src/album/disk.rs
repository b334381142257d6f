//! The only part of this room that touches the platform: reads the game's file, writes the picture (`draft`), keeps the
//! user's answer (`kept`).
//!
//! A way below a root never leaves it: it is resolved step by step below an open folder (`cap-std`), so a link that is
//! put there meanwhile leads nowhere either. A picture appears whole, under a name that was free, or not at all:
//!
//! ```text
//!   write to a file without a name ─► fsync ─► link it to the first free name ─► fsync the folder
//! ```
//! Where the file system has no files without a name, the file is called `.wxgame-….part` meanwhile, locked while
//! somebody writes it; what a killed process left of those is removed before the next picture is saved.

mod draft;
mod kept;

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};

use super::errmsg::Ending;
use super::image::{HEAD_BYTES, Image};
use super::path::{Root, Source};

use draft::{Draft, sync};
pub use kept::Kept;

/// So much is copied between two looks at the order to stop.
const CHUNK_BYTES: u64 = 4 * 1024 * 1024;

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
    /// The game's own files.
    pub user_data: PathBuf,
    /// What the user has said.
    pub kept: Kept,
    /// The user's pictures.
    pub pictures: PathBuf,
    /// The folder in there that is the game's.
    pub folder: String,
    /// The largest file that is saved.
    pub max_bytes: u64,
    /// What others left has been cleared away.
    pub swept: AtomicBool,
}

/// The folder of the platform's that holds the user's pictures. Reads the environment and the user's settings.
pub fn pictures_folder() -> Option<PathBuf> {
    let folder = dirs::picture_dir().or_else(|| Some(dirs::home_dir()?.join("Pictures")));
    // A HOME that is not absolute would lead wherever the process stands.
    folder.filter(|folder| folder.is_absolute())
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
        // That may have taken long: whoever closed the album has been told that there is no picture.
        go_on(stop)?;
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

    fn open(&self, source: &Source) -> Result<File, Failure> {
        let root = match source.root {
            Root::Temp => &self.temp,
            Root::UserData => &self.user_data,
        };
        let root = Dir::open_ambient_dir(root, ambient_authority()).map_err(reading)?;
        let way = Path::new(&source.relative);
        open_file(&root, way, OpenOptions::new().read(true)).map_err(reading)
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
            go_on(stop)?;
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

fn go_on(stop: &AtomicBool) -> Result<(), Failure> {
    if stop.load(Ordering::Relaxed) {
        let closed = "the album was closed while the picture was saved: it was not";
        return Err(Failure::new(Ending::Cancel, closed));
    }
    Ok(())
}

/// Opens a plain file below `folder`, wherever links lead; never waits, as a pipe would let it.
fn open_file(folder: &Dir, way: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let not_a_file = || io::Error::new(io::ErrorKind::IsADirectory, "it is not a plain file");
    // Looked at first, because merely opening a device may set it off; and again, because it may be another one then.
    if !folder.metadata(way)?.is_file() {
        return Err(not_a_file());
    }
    #[cfg(unix)]
    cap_std::fs::OpenOptionsExt::custom_flags(options, libc::O_NONBLOCK);
    let file = folder.open_with(way, options)?.into_std();
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
    file.rewind()?;
    Ok(Image::of_head(&head))
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
