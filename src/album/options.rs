//! What an album is opened with.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use crate::error::{Error, Kind, Result};

use super::disk::{self, Disk, Kept};
use super::name;
use super::path::Roots;

/// The largest picture, unless the host says otherwise.
const MAX_BYTES: i64 = 128 * 1024 * 1024;
/// Calls that may wait for completion and polling, unless the host says otherwise.
const QUEUE_CAPACITY: u32 = 1_024;
const MOST_QUEUED: u32 = 1 << 20;

/// What the host chose. Empty and 0 mean the default.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Folder of the game's temporary files.
    pub temp_path: String,
    /// Folder of the game's own files, `wx.env.USER_DATA_PATH`; the user's answer is kept there.
    pub user_data_path: String,
    /// The user's pictures; empty: where the platform has them.
    pub pictures_path: String,
    /// The game's folder among the pictures.
    pub folder: String,
    /// The largest picture, in bytes.
    pub max_bytes: i64,
    /// Calls that may wait for completion and polling.
    pub queue_capacity: u32,
}

/// The same, checked.
pub(super) struct Checked {
    pub roots: Roots,
    pub disk: Disk,
    pub queue_capacity: usize,
}

impl Options {
    pub(super) fn check(&self) -> Result<Checked> {
        let temp = existing("temp_path", &self.temp_path)?;
        let user_data = existing("user_data_path", &self.user_data_path)?;
        let pictures = match self.pictures_path.is_empty() {
            false => absolute("pictures_path", &self.pictures_path)?,
            true => disk::pictures_folder().ok_or_else(|| {
                Error::new(
                    Kind::Configuration,
                    "this system does not say where the user's pictures are: name the folder",
                )
                .about("pictures_path")
            })?,
        };
        if self.folder.is_empty() {
            return Err(Error::invalid(
                "folder",
                "is empty: name the game's folder among the user's pictures",
            ));
        }
        if !name::is_portable(&self.folder) {
            return Err(Error::invalid(
                "folder",
                "must be one name that every system takes: up to 255 bytes, none of < > : \" / \\ | ? * nor a \
                 control character, no dot or space at either end, no device such as CON",
            ));
        }
        let max_bytes = match self.max_bytes {
            0 => MAX_BYTES,
            most @ 1.. => most,
            _ => return Err(Error::invalid("max_bytes", "must not be negative")),
        };
        let queue_capacity = match self.queue_capacity {
            0 => QUEUE_CAPACITY,
            most @ 1..=MOST_QUEUED => most,
            _ => {
                return Err(Error::invalid(
                    "queue_capacity",
                    "must be 1 to 1,048,576, or 0 for 1,024",
                ));
            }
        };
        Ok(Checked {
            roots: Roots {
                temp: self.temp_path.clone(),
                user_data: self.user_data_path.clone(),
            },
            disk: Disk {
                temp,
                kept: Kept::below(user_data.clone()),
                user_data,
                pictures,
                folder: self.folder.clone(),
                max_bytes: max_bytes.unsigned_abs(),
                swept: AtomicBool::new(false),
            },
            queue_capacity: queue_capacity as usize,
        })
    }
}

/// A folder that is there.
fn existing(field: &'static str, path: &str) -> Result<PathBuf> {
    let folder = absolute(field, path)?;
    match std::fs::metadata(&folder) {
        Ok(metadata) if metadata.is_dir() => Ok(folder),
        Ok(_) => Err("is not a folder".to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err("is not there: make the folder first".to_owned())
        }
        Err(error) => Err(format!("cannot be looked at: {error}")),
    }
    .map_err(|rule| Error::new(Kind::Configuration, rule).about(field))
}

fn absolute(field: &'static str, path: &str) -> Result<PathBuf> {
    if path.contains('\0') {
        return Err(Error::invalid(field, "holds a NUL"));
    }
    if !Path::new(path).is_absolute() {
        return Err(Error::invalid(field, "must be an absolute path"));
    }
    Ok(PathBuf::from(path))
}
