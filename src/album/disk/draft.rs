//! How a picture appears whole: written apart, made durable, then given a name that was free.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cap_std::fs::{Dir, OpenOptions};

use super::open_file;
use crate::album::image::Image;
use crate::album::name;
use crate::os;

/// What a file is called while it is written.
const DRAFT_PREFIX: &str = ".wxgame-";
const DRAFT_SUFFIX: &str = ".part";
/// A draft this old has been locked by whoever writes it.
const DRAFT_AGE: Duration = Duration::from_secs(60);
/// So many pictures of one name fit in a folder.
const MOST_OF_A_NAME: u32 = 10_000;

/// A file that is being written: gone when dropped, unless it was published.
pub struct Draft<'a> {
    /// What is written.
    pub file: File,
    folder: &'a Dir,
    /// Empty where it has none.
    pub name: String,
}

impl<'a> Draft<'a> {
    /// A draft of a picture, without a name where the file system has such files.
    pub fn new(folder: &'a Dir, swept: &AtomicBool) -> io::Result<Self> {
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

    /// A draft under a name of its own.
    pub fn named(folder: &'a Dir) -> io::Result<Self> {
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
    pub fn publish(&self, called: &str, image: Image) -> io::Result<String> {
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
pub fn sweep(folder: &Dir) {
    let Ok(entries) = folder.entries() else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if !(text.starts_with(DRAFT_PREFIX) && text.ends_with(DRAFT_SUFFIX)) {
            continue;
        }
        // For writing, because a network's file system locks nothing else.
        let Ok(file) = open_file(folder, Path::new(&name), OpenOptions::new().write(true)) else {
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
pub fn sync(folder: &Dir) -> io::Result<()> {
    use rustix::fs::{Mode, OFlags, fsync, openat};
    use rustix::io::Errno;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    match fsync(openat(folder, ".", flags, Mode::empty())?) {
        // Some shared folders know no fsync of a folder: there it is as durable as it gets.
        Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
        synced => Ok(synced?),
    }
}

#[cfg(not(unix))]
pub fn sync(_: &Dir) -> io::Result<()> {
    Ok(())
}

/// What Linux does only where the file system has no files without a name.
#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use cap_std::ambient_authority;
    use std::io::Write;
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
