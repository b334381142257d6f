//! What comes back to the host.

use std::path::PathBuf;

use crate::error::Kind as ErrorKind;
use crate::queue::Numbered;

use super::consent::Consent;
use super::errmsg::{Api, Class, Ending};

/// What a completion is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    /// The answer to a call.
    Answer(Api),
    /// Calls wait for the user's consent: ask, then answer it.
    ConsentNeeded,
    /// Calls wait for the user to look at the settings: show them, then answer it.
    SettingNeeded,
}

/// The user's answer could not be written down: it holds while this album is open.
pub const FLAG_NOT_REMEMBERED: u64 = 16;
/// The album was closed before the call ended.
pub const FLAG_SHUTDOWN: u64 = 2;

/// One completion. Owns all its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Which call it answers; 0 for one that answers none.
    pub submission: u64,
    /// What it is about.
    pub kind: CompletionKind,
    /// An error of the library itself, if that is why.
    pub error: Option<ErrorKind>,
    /// How the call ended.
    pub class: Option<Class>,
    /// What the user has said, as far as it matters to the call.
    pub consent: Option<Consent>,
    /// `FLAG_…`
    pub flags: u64,
    /// The host's tag.
    pub user_tag: u64,
    /// WeChat's words.
    pub errmsg: String,
    /// Where the picture is.
    pub saved_file_path: PathBuf,
    /// What was wrong with what, in the library's own words.
    pub detail: String,
}

impl Completion {
    /// A request for input.
    pub fn request(kind: CompletionKind) -> Self {
        Self {
            submission: 0,
            kind,
            error: None,
            class: None,
            consent: None,
            flags: 0,
            user_tag: 0,
            errmsg: String::new(),
            saved_file_path: PathBuf::new(),
            detail: String::new(),
        }
    }

    /// The answer to a call.
    pub fn answer(call: Call, ending: Ending) -> Self {
        Self {
            submission: call.submission,
            class: Some(ending.class()),
            user_tag: call.user_tag,
            errmsg: ending.errmsg(call.api),
            ..Self::request(CompletionKind::Answer(call.api))
        }
    }

    /// The same, saying why.
    #[must_use]
    pub fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The same, telling what the user has said.
    #[must_use]
    pub fn telling(mut self, consent: Consent) -> Self {
        self.consent = Some(consent);
        self
    }
}

impl Numbered for Completion {
    fn submission(&self) -> u64 {
        self.submission
    }
}

/// A call that was accepted and is to be answered once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its number.
    pub submission: u64,
    /// Which call.
    pub api: Api,
    /// The host's tag.
    pub user_tag: u64,
}
