//! Who may use a journal file: one process, and in it one client for each (appid, environment).
//!
//! The process owns the file by an OS lock on `<journal>.lock`. The lock goes with the process, however
//! it ends; the lock file stays, and must not be removed while anybody runs. The lock belongs to the open
//! file, so a child made by `fork` keeps it held when this process dies, while that child lives without
//! `exec`; the child itself is refused here.
//!
//! POSIX takes away SQLite's own locks when any descriptor of the file is closed. So nothing in this
//! process opens the journal itself but SQLite, and the one exception, creating it, ends before SQLite
//! may begin.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Kind, Result};

/// An (appid, environment).
pub(super) type Scope = (String, String);

/// The right of one client to use one journal file, until it is dropped.
pub(super) struct Claim {
    path: PathBuf,
    scope: Scope,
    turn: Arc<Mutex<()>>,
    first: bool,
}

/// A journal file that this process owns.
struct Owned {
    lock: File,
    process: u32,
    scopes: Vec<Scope>,
    turn: Arc<Mutex<()>>,
}

/// Every journal file this process owns, by its canonical path.
static OWNED: Mutex<BTreeMap<PathBuf, Owned>> = Mutex::new(BTreeMap::new());

impl Claim {
    /// Claims `path` for `scope`; creates the file, empty and private, if it is not there.
    pub(super) fn new(path: &Path, scope: Scope) -> Result<Claim> {
        let path = canonical(path)?;
        let mut owned = owned();
        let first = !owned.contains_key(&path);
        let turn = match owned.get_mut(&path) {
            Some(file) if file.process != std::process::id() => {
                return Err(in_use(
                    &path,
                    "was opened by the parent of this process before fork; open it after fork, or exec first",
                ));
            }
            Some(file) if file.scopes.contains(&scope) => {
                return Err(in_use(
                    &path,
                    "is open in this process for the same appid and environment; close that client, or use it",
                ));
            }
            Some(file) => {
                file.scopes.push(scope.clone());
                file.turn.clone()
            }
            None => {
                let lock = lock(&path)?;
                create(&path)?;
                let turn = Arc::default();
                let file = Owned {
                    lock,
                    process: std::process::id(),
                    scopes: vec![scope.clone()],
                    turn: Arc::clone(&turn),
                };
                owned.insert(path.clone(), file);
                turn
            }
        };
        Ok(Claim {
            path,
            scope,
            turn,
            first,
        })
    }

    /// The canonical path of the file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until no other client of this process is setting up this file, and keeps them waiting.
    pub(super) fn set_up(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody in this process had the file when it was claimed: what it says of clients is of dead ones.
    pub(super) fn is_first(&self) -> bool {
        self.first
    }

    /// The (appid, environment) it is claimed for.
    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut owned = owned();
        let Some(file) = owned.get_mut(&self.path) else {
            return;
        };
        if file.process != std::process::id() {
            return;
        }
        file.scopes.retain(|scope| *scope != self.scope);
        if file.scopes.is_empty()
            && let Some(file) = owned.remove(&self.path)
        {
            // Closing alone would leave it to a child that is between fork and exec just now.
            let _ = file.lock.unlock();
        }
    }
}

fn owned() -> MutexGuard<'static, BTreeMap<PathBuf, Owned>> {
    OWNED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One name for one file, whichever links lead to it.
fn canonical(path: &Path) -> Result<PathBuf> {
    match fs::canonicalize(path) {
        Ok(path) if path.is_file() => Ok(path),
        Ok(path) => Err(unusable(&path, "it is not a regular file; name a file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if path.is_symlink() {
                return Err(unusable(
                    path,
                    "it is a link to nothing; mend or remove the link",
                ));
            }
            let Some(name) = path.file_name() else {
                return Err(unusable(path, "it names no file"));
            };
            let directory = match path.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent,
                _ => Path::new("."),
            };
            match fs::canonicalize(directory) {
                Ok(directory) => Ok(directory.join(name)),
                Err(error) => Err(unusable(
                    path,
                    &format!(
                        "{}: {error}; create that directory first",
                        directory.display()
                    ),
                )),
            }
        }
        Err(error) => Err(unusable(
            path,
            &format!("{error}; see that its directory is one and may be entered"),
        )),
    }
}

/// Takes the OS lock on `<journal>.lock`.
fn lock(journal: &Path) -> Result<File> {
    let mut path = journal.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let opened = match create_private(&path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            OpenOptions::new().read(true).write(true).open(&path)
        }
        opened => opened,
    };
    let file = opened.map_err(|error| {
        let remedy = "the directory must be writable for this user";
        unusable(journal, &format!("{}: {error}; {remedy}", path.display()))
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(in_use(
            journal,
            &format!(
                "is open in another process, which holds {}; end that process, or name another journal",
                path.display()
            ),
        )),
        Err(TryLockError::Error(error)) => Err(unusable(
            journal,
            &format!(
                "{} cannot be locked: {error}; use a local disk",
                path.display()
            ),
        )),
    }
}

/// Creates the journal, empty, unless it is there. SQLite gives `-wal` and `-shm` its mode.
fn create(journal: &Path) -> Result<()> {
    let created = match create_private(journal) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => Err(error),
        Ok(file) => file.sync_all().and_then(|()| sync_directory(journal)),
    };
    created.map_err(|error| {
        unusable(
            journal,
            &format!("{error}; the directory must be writable for this user"),
        )
    })
}

/// A new file that only this user may read and write, whatever the umask; refuses one that is there.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let file = options.mode(0o600).open(path)?;
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}

/// Makes the new name itself durable.
fn sync_directory(journal: &Path) -> io::Result<()> {
    match journal.parent() {
        Some(directory) if cfg!(unix) => File::open(directory)?.sync_all(),
        _ => Ok(()),
    }
}

fn unusable(path: &Path, why: &str) -> Error {
    let message = format!("cannot use {} as the journal: {why}", path.display());
    Error::new(Kind::Configuration, message).about("journal")
}

fn in_use(path: &Path, why: &str) -> Error {
    Error::new(Kind::JournalInUse, format!("{} {why}", path.display())).about("journal")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Aim: a closed journal opens again at once, also where a child has just been forked and has not yet
    /// closed what it inherited.
    #[test]
    fn a_closed_journal_is_free_whoever_has_inherited_the_lock() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("journal.db");
        let scope = || ("wx1".to_owned(), "sandbox".to_owned());
        let claim = Claim::new(&path, scope()).expect("free");
        let inherited = owned()[claim.path()].lock.try_clone().expect("as by fork");
        drop(claim);
        Claim::new(&path, scope()).expect("free again");
        drop(inherited);
    }
}
