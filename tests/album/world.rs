//! One album on folders of its own.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use wxgame::album::Album;
use wxgame::album::completion::{Completion, CompletionKind};
use wxgame::album::consent::Answer;
use wxgame::album::errmsg::Api;
use wxgame::album::options::Options;
use wxgame::queue::Wait;

/// The smallest PNG there is.
pub const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4,
    0x89, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x00, 0x01, 0x00, 0x00,
    0x05, 0x00, 0x01, 0x0d, 0x0a, 0x2d, 0xb4, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae,
    0x42, 0x60, 0x82,
];

/// Longer than any answer takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// The folders of one user, and the album on them.
pub struct World {
    pub folders: tempfile::TempDir,
    pub album: Album,
}

impl World {
    /// Nobody has been asked yet.
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// The same, with other options.
    pub fn with(change: impl FnOnce(&mut Options)) -> Self {
        let folders = tempfile::tempdir().expect("a folder can be had");
        for name in ["tmp", "usr", "Pictures"] {
            std::fs::create_dir(folders.path().join(name)).expect("a folder can be made");
        }
        let mut options = options_in(folders.path());
        change(&mut options);
        let album = Album::open(&options).expect("the options are good");
        Self { folders, album }
    }

    /// The user has said yes.
    pub fn granted() -> Self {
        Self::granted_with(|_| {})
    }

    /// The same, with other options.
    pub fn granted_with(change: impl FnOnce(&mut Options)) -> Self {
        let world = Self::with(change);
        world.decide(Answer::Granted);
        world
    }

    /// Nobody has been asked yet; now the user is, and says this.
    pub fn decide(&self, answer: Answer) {
        decide(&self.album, answer);
    }

    /// A second album on the same folders, as another process of the game has it.
    pub fn again(&self) -> Album {
        Album::open(&options_in(self.folders.path())).expect("the options are good")
    }

    /// A path below the folders, such as `tmp/a.png`.
    pub fn path(&self, way: &str) -> PathBuf {
        self.folders.path().join(way)
    }

    /// Makes a file of the game's.
    pub fn write(&self, way: &str, bytes: &[u8]) {
        std::fs::write(self.path(way), bytes).expect("a file can be written");
    }

    /// The next completion.
    pub fn next(&self) -> Completion {
        next(&self.album)
    }

    /// True while nothing is to be taken.
    pub fn is_silent(&self) -> bool {
        let taken = self.album.take(1, Wait::Not).expect("the album is open");
        taken.is_empty()
    }

    /// Saves and waits for the answer.
    pub fn save(&self, file_path: &str) -> Completion {
        self.album.save_image(file_path, 7).expect("accepted");
        let answer = self.next();
        assert_eq!(answer.kind, CompletionKind::Answer(Api::SaveImage));
        assert_eq!(answer.user_tag, 7);
        answer
    }

    /// What is in the game's folder among the pictures, hidden files too.
    pub fn pictures(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.path("Pictures/Game"))
            .into_iter()
            .flatten()
            .map(|entry| {
                let entry = entry.expect("the folder can be read");
                entry.file_name().to_string_lossy().into_owned()
            })
            .collect();
        names.sort();
        names
    }
}

/// The next completion of an album.
pub fn next(album: &Album) -> Completion {
    let until = Wait::Until(Instant::now() + PATIENCE);
    let mut taken = album.take(1, until).expect("the album is open");
    taken.pop().expect("an answer comes")
}

/// Nobody has been asked yet; now the user is, and says this.
pub fn decide(album: &Album, answer: Answer) {
    album.authorize(0).expect("accepted");
    assert_eq!(next(album).kind, CompletionKind::ConsentNeeded);
    album.answer_consent(answer).expect("somebody waits");
    assert_eq!(next(album).kind, CompletionKind::Answer(Api::Authorize));
}

/// The usual options on these folders.
pub fn options_in(folders: &Path) -> Options {
    let folder = |name: &str| {
        let path = folders.join(name);
        path.to_str().expect("the path is UTF-8").to_owned()
    };
    Options {
        temp_path: folder("tmp"),
        user_data_path: folder("usr"),
        pictures_path: folder("Pictures"),
        folder: "Game".to_owned(),
        ..Options::default()
    }
}

/// A pipe that nobody writes to: who opens it for reading waits.
#[cfg(unix)]
pub fn make_pipe(path: &Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).expect("a pipe can be made");
}
