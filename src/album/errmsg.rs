//! WeChat's words for how a call ended, and what they mean.

/// Which call an errMsg is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// `wx.saveImageToPhotosAlbum`
    SaveImage,
    /// `wx.authorize`
    Authorize,
    /// `wx.openSetting`
    OpenSetting,
}

impl Api {
    /// WeChat's name of the call.
    pub fn name(self) -> &'static str {
        match self {
            Api::SaveImage => "saveImageToPhotosAlbum",
            Api::Authorize => "authorize",
            Api::OpenSetting => "openSetting",
        }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As asked.
    Ok,
    /// The user has refused, now or before.
    AuthDeny,
    /// The user closed the dialog without an answer, or the album was closed.
    Cancel,
    /// filePath names no local file that the game may read.
    UrlInvalid,
    /// There is no such file.
    FileNotFound,
    /// It is not a file, or not a picture.
    InvalidFileType,
    /// It is larger than `max_bytes`.
    FileTooLarge,
    /// The system forbids it: the folder may not be written, or the file may not be read.
    NoPermission,
    /// The disk is full.
    NoSpace,
    /// All else.
    SystemError,
}

impl Ending {
    /// The errMsg of a call that ended so.
    pub fn errmsg(self, api: Api) -> String {
        let tail = match self {
            Ending::Ok => "ok",
            Ending::AuthDeny => "fail auth deny",
            Ending::Cancel => "fail cancel",
            Ending::UrlInvalid => "fail url invalid",
            Ending::FileNotFound => "fail file not found",
            Ending::InvalidFileType => "fail invalid file type",
            Ending::FileTooLarge => "fail file too large",
            Ending::NoPermission => "fail no permission",
            Ending::NoSpace => "fail no space left",
            Ending::SystemError => "fail system error",
        };
        format!("{}:{tail}", api.name())
    }

    /// What it means for the caller.
    pub fn class(self) -> Class {
        match self {
            Ending::Ok => Class::Ok,
            Ending::AuthDeny => Class::Denied,
            Ending::Cancel => Class::Cancelled,
            Ending::UrlInvalid
            | Ending::FileNotFound
            | Ending::InvalidFileType
            | Ending::FileTooLarge => Class::BadFile,
            Ending::NoPermission => Class::NoPermission,
            Ending::NoSpace => Class::NoSpace,
            Ending::SystemError => Class::Other,
        }
    }
}

/// What an errMsg means, whoever said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Done.
    Ok = 1,
    /// The user has refused.
    Denied = 2,
    /// The user cancelled.
    Cancelled = 3,
    /// WeChat's privacy rules forbid it.
    Privacy = 4,
    /// The file cannot be saved as a picture.
    BadFile = 5,
    /// The system forbids it.
    NoPermission = 6,
    /// The disk is full.
    NoSpace = 7,
    /// All else.
    Other = 8,
}

/// Fragments and what they tell; the first that is found decides. WeChat's wording differs by platform and version.
const FRAGMENTS: [(&str, Class); 15] = [
    ("invalid file type", Class::BadFile),
    ("file not found", Class::BadFile),
    ("no such file", Class::BadFile),
    ("url invalid", Class::BadFile),
    ("file too large", Class::BadFile),
    ("no space left", Class::NoSpace),
    ("storage limit is exceeded", Class::NoSpace),
    ("storage is full", Class::NoSpace),
    ("auth deny", Class::Denied),
    ("auth denied", Class::Denied),
    ("authorize no response", Class::Denied),
    ("no permission", Class::NoPermission),
    ("permission denied", Class::NoPermission),
    ("privacy", Class::Privacy),
    ("cancel", Class::Cancelled),
];

/// The class of an errMsg: one of ours, or one that a WeChat client said.
pub fn class_of(errmsg: &str) -> Class {
    let errmsg = errmsg.to_ascii_lowercase();
    let tail = errmsg.split_once(':').map_or(errmsg.as_str(), |(_, t)| t);
    if tail.trim() == "ok" {
        return Class::Ok;
    }
    FRAGMENTS
        .iter()
        .find(|(fragment, _)| tail.contains(fragment))
        .map_or(Class::Other, |(_, class)| *class)
}
