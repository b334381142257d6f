//! Which texts name a local file of the game, and which file. WeChat's paths look like URLs and are none.

/// A folder that the host gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// Temporary files: `wxfile://tmp…`, `http://tmp/…`
    Temp,
    /// The game's own files: `wx.env.USER_DATA_PATH`, `wxfile://usr/…`, `http://usr/…`
    UserData,
}

/// A file below one of the roots. What links there are on the way is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Below which root.
    pub root: Root,
    /// The way from there; relative, without `..`.
    pub relative: String,
}

/// The two roots as the host wrote them, absolute.
#[derive(Clone, Debug)]
pub struct Roots {
    /// [`Root::Temp`]
    pub temp: String,
    /// [`Root::UserData`]
    pub user_data: String,
}

/// The spellings of phones and of the developer tools, with what they stand for.
const PREFIXES: [(&str, Root); 4] = [
    ("wxfile://tmp/", Root::Temp),
    ("http://tmp/", Root::Temp),
    ("wxfile://usr/", Root::UserData),
    ("http://usr/", Root::UserData),
];

/// No system takes a longer path.
const LONGEST: usize = 32_767;

/// Finds the file that `file_path` names, or says which rule it breaks.
pub fn locate(file_path: &str, roots: &Roots) -> Result<Source, &'static str> {
    if file_path.is_empty() {
        return Err("file_path is empty");
    }
    if file_path.len() > LONGEST {
        return Err("file_path is longer than 32,767 bytes");
    }
    if file_path.contains('\0') {
        return Err("file_path holds a NUL");
    }
    let (root, relative) = split(file_path, roots)?;
    let mut parts = relative.split(std::path::is_separator);
    if parts.any(|part| part == "..") {
        return Err("file_path holds `..`: name the file without it");
    }
    if relative.split(std::path::is_separator).next_back() == Some("") {
        return Err("file_path names a folder: name a file");
    }
    Ok(Source {
        root,
        relative: relative
            .trim_start_matches(std::path::is_separator)
            .to_owned(),
    })
}

fn split<'a>(file_path: &'a str, roots: &Roots) -> Result<(Root, &'a str), &'static str> {
    for (prefix, root) in PREFIXES {
        if let Some(relative) = file_path.strip_prefix(prefix) {
            return Ok((root, relative));
        }
    }
    // Phones spell temporary files `wxfile://tmp_…` too: the name begins with tmp.
    if let Some(name) = file_path.strip_prefix("wxfile://") {
        return match name.starts_with("tmp") {
            true => Ok((Root::Temp, name)),
            false => {
                Err("file_path is a wxfile:// path other than wxfile://tmp… and wxfile://usr/…")
            }
        };
    }
    if let Some(scheme) = scheme_of(file_path) {
        return Err(match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => {
                "file_path is a network address: download the file first (wx.downloadFile)"
            }
            "data" => "file_path is a data URL: write it into wx.env.USER_DATA_PATH first",
            "cloud" => "file_path is a cloud file ID: download the file first",
            _ => "file_path has a scheme that names no local file",
        });
    }
    [
        (Root::Temp, &roots.temp),
        (Root::UserData, &roots.user_data),
    ]
    .into_iter()
    .find_map(|(root, folder)| below(file_path, folder).map(|relative| (root, relative)))
    .ok_or("file_path is neither in temp_path nor in user_data_path")
}

/// The scheme of what looks like a URL. One letter is a drive of Windows.
fn scheme_of(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme.then_some(scheme)
}

/// The way from `folder` to an absolute path in it.
fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let folder = folder.trim_end_matches(std::path::is_separator);
    let rest = path.strip_prefix(folder)?;
    (rest.is_empty() || rest.starts_with(std::path::is_separator)).then_some(rest)
}
