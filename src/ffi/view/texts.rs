//! The texts of one completion, in one piece of memory.

use crate::ffi::boundary::wxg_str;

/// Texts behind one another, a NUL behind each. None of them moves once they are all there.
pub(in crate::ffi) struct Texts(Vec<u8>);

impl Default for Texts {
    fn default() -> Self {
        Self(Vec::with_capacity(256))
    }
}

/// Where a text is.
#[derive(Clone, Copy, Default)]
pub(in crate::ffi) struct Place {
    start: usize,
    len: usize,
}

impl Texts {
    pub(in crate::ffi) fn put(&mut self, text: impl AsRef<[u8]>) -> Place {
        let (start, len) = (self.0.len(), text.as_ref().len());
        if len == 0 {
            return Place::default();
        }
        self.0.extend_from_slice(text.as_ref());
        self.0.push(0);
        Place { start, len }
    }

    pub(in crate::ffi) fn view(&self, place: Place) -> wxg_str {
        if place.len == 0 {
            return wxg_str::EMPTY;
        }
        wxg_str {
            data: self.0[place.start..].as_ptr().cast(),
            len: place.len,
        }
    }
}
