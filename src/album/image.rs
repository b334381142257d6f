//! Which files are pictures: told by their first bytes, never by their name.

use imagesize::{Compression, ImageType};

/// So many bytes tell.
pub const HEAD_BYTES: usize = 64;

/// A kind of picture that may be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Image {
    /// PNG
    Png,
    /// JPEG
    Jpeg,
    /// GIF
    Gif,
    /// WebP
    WebP,
    /// BMP
    Bmp,
    /// HEIC: HEIF with HEVC
    Heic,
}

impl Image {
    const ALL: [Image; 6] = [
        Image::Png,
        Image::Jpeg,
        Image::Gif,
        Image::WebP,
        Image::Bmp,
        Image::Heic,
    ];

    /// Which kind a file with this beginning is; nothing where it is no picture, or of a kind that is not saved.
    pub fn of_head(head: &[u8]) -> Option<Image> {
        match imagesize::image_type(head).ok()? {
            ImageType::Png if head.starts_with(b"\x89PNG\r\n\x1a\n") => Some(Image::Png),
            ImageType::Jpeg => Some(Image::Jpeg),
            ImageType::Gif if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") => {
                Some(Image::Gif)
            }
            ImageType::Webp => Some(Image::WebP),
            ImageType::Bmp if has_bmp_header(head) => Some(Image::Bmp),
            ImageType::Heif(Compression::Hevc) => Some(Image::Heic),
            _ => None,
        }
    }

    /// The extensions that are right for it, the usual one first.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Image::Png => &["png"],
            Image::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Image::Gif => &["gif"],
            Image::WebP => &["webp"],
            Image::Bmp => &["bmp", "dib"],
            Image::Heic => &["heic", "heif", "hif"],
        }
    }

    /// True for an extension that is right for some kind.
    pub fn is_extension(text: &str) -> bool {
        Image::ALL.iter().any(|image| image.claims(text))
    }

    /// True for an extension that is right for this kind, in any case.
    pub fn claims(self, extension: &str) -> bool {
        self.extensions()
            .iter()
            .any(|known| known.eq_ignore_ascii_case(extension))
    }
}

/// `BM` alone begins many a text. Behind the 14 bytes of the file header stands the size of the one that follows,
/// and there are few.
fn has_bmp_header(head: &[u8]) -> bool {
    let Some(size) = head.get(14..18) else {
        return false;
    };
    [12, 16, 40, 52, 56, 64, 108, 124]
        .iter()
        .any(|known: &u32| size == known.to_le_bytes())
}
