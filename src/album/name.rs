//! Under which name a picture is saved: the one it had, made fit for every file system, with the right extension.

use super::image::Image;

/// No file system of today takes a longer name.
const LONGEST: usize = 255;

/// What a picture without a usable name is called.
const NAMELESS: &str = "image";

/// The name to save a picture under that was called `called`. `nth` counts the tries, from 1: a name that is taken
/// gets ` (2)`, ` (3)` …
pub fn saved_as(called: &str, image: Image, nth: u32) -> String {
    let (stem, extension) = match called.rsplit_once('.') {
        Some((stem, extension)) if image.claims(extension) => (stem, extension),
        Some((stem, extension)) if Image::is_extension(extension) => (stem, image.extensions()[0]),
        _ => (called, image.extensions()[0]),
    };
    let mut tail = String::new();
    if nth > 1 {
        tail = format!(" ({nth})");
    }
    tail.push('.');
    tail.push_str(extension);
    let mut name = portable(stem);
    while name.len() > LONGEST - tail.len() {
        name.pop();
    }
    name.push_str(&tail);
    name
}

/// True for a name that every file system takes as it is: what the host may call its folder.
pub fn is_portable(name: &str) -> bool {
    name.len() <= LONGEST && portable(name) == name
}

/// The same name without what Windows, or a disk that is carried there, does not take; never hidden, never empty.
fn portable(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|c| match c {
            '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' => '_',
            // Marks of direction make a name read other than it is.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '_',
            c if c.is_control() => '_',
            c => c,
        })
        .collect();
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() {
        return NAMELESS.to_owned();
    }
    match is_device(name) {
        true => format!("_{name}"),
        false => name.to_owned(),
    }
}

/// Names that Windows keeps for devices, with any extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str()) {
        return true;
    }
    let number = stem.strip_prefix("COM").or(stem.strip_prefix("LPT"));
    number.is_some_and(|number| number.chars().count() == 1 && "0123456789¹²³".contains(number))
}
