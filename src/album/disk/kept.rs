//! What the user has said, in a file below the user-data folder: `true` or `false`, as in `authSetting`.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};

use super::draft::{Draft, sweep, sync};
use super::{Failure, child, open_file};
use crate::album::consent::Consent;
use crate::album::errmsg::Ending;

const FOLDER: &str = ".wxgame";
const FILE: &str = "scope.writePhotosAlbum";

/// The user's answer. Any thread at once.
#[derive(Debug)]
pub struct Kept {
    root: PathBuf,
    held: Mutex<Option<Held>>,
}

/// An answer that could not be written: it holds while the album is open and nobody decides elsewhere.
#[derive(Debug)]
struct Held {
    answer: Consent,
    /// What the file said then.
    beside: Option<Consent>,
    why: String,
}

impl Kept {
    /// Below this folder. Writes nothing.
    pub fn below(root: PathBuf) -> Self {
        Self {
            root,
            held: Mutex::new(None),
        }
    }

    /// What holds now, also where another process asked.
    pub fn read(&self) -> Result<Consent, Failure> {
        let stored = self.stored();
        let mut held = self.held();
        let decided = match &stored {
            Ok(Consent::NotAsked) | Err(_) => None,
            Ok(decided) => Some(*decided),
        };
        match &*held {
            Some(held) if decided.is_none() || decided == held.beside => Ok(held.answer),
            _ => {
                // What was decided elsewhere meanwhile is the later word.
                *held = None;
                stored
            }
        }
    }

    /// Keeps an answer.
    pub fn write(&self, answer: Consent) {
        let held = self.store(answer).err().map(|error| {
            // Nothing that the user has taken back may be found there later; removing needs no room.
            let _ = self.remove();
            Held {
                answer,
                beside: self.stored().ok(),
                why: format!(
                    "the user's answer could not be written to {FOLDER}/{FILE} in user_data_path: {error}"
                ),
            }
        });
        *self.held() = held;
    }

    /// Why the answer that holds is not written down, if it is not.
    pub fn unwritten(&self) -> Option<String> {
        self.held().as_ref().map(|held| held.why.clone())
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stored(&self) -> Result<Consent, Failure> {
        let read = || -> io::Result<String> {
            let root = Dir::open_ambient_dir(&self.root, ambient_authority())?;
            let mut text = String::new();
            let way = Path::new(FOLDER).join(FILE);
            let file = open_file(&root, &way, OpenOptions::new().read(true))?;
            file.take(16).read_to_string(&mut text)?;
            Ok(text)
        };
        match read() {
            Ok(text) if text.trim() == "true" => Ok(Consent::Granted),
            Ok(text) if text.trim() == "false" => Ok(Consent::Denied),
            // Damaged: nobody knows what it was, so the user is asked again.
            Ok(_) => Ok(Consent::NotAsked),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::InvalidData => Ok(Consent::NotAsked),
                _ => Err(Failure::new(
                    Ending::SystemError,
                    format!(
                        "the user's answer cannot be read from {FOLDER}/{FILE} in user_data_path: {error}"
                    ),
                )),
            },
        }
    }

    fn store(&self, answer: Consent) -> io::Result<()> {
        let root = Dir::open_ambient_dir(&self.root, ambient_authority())?;
        let folder = child(&root, FOLDER)?;
        sweep(&folder);
        let mut draft = Draft::named(&folder)?;
        draft.file.write_all(match answer {
            Consent::Granted => b"true\n",
            _ => b"false\n",
        })?;
        draft.file.sync_all()?;
        folder.rename(&draft.name, &folder, FILE)?;
        sync(&folder)
    }

    fn remove(&self) -> io::Result<()> {
        let folder = Dir::open_ambient_dir(&self.root, ambient_authority())?.open_dir(FOLDER)?;
        folder.remove_file(FILE)?;
        sync(&folder)
    }
}
