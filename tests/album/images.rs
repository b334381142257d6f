//! Which files are pictures: told by their first bytes, whatever their name says.

use wxgame::album::errmsg::Class;
use wxgame::album::image::Image;

use crate::world::{PNG, World};

const IMAGES: [Image; 6] = [
    Image::Png,
    Image::Jpeg,
    Image::Gif,
    Image::WebP,
    Image::Bmp,
    Image::Heic,
];

/// The real files of heads.txt: what each is, and how it begins.
fn heads() -> Vec<(Option<Image>, Vec<u8>)> {
    include_str!("heads.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut words = line.split(' ');
            let kind = words.next().expect("a kind");
            let hex = words.next().expect("bytes");
            let image = IMAGES
                .into_iter()
                .find(|image| format!("{image:?}") == kind);
            assert_eq!(image.is_none(), kind == "none", "{kind}");
            let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
            (image, (0..hex.len()).step_by(2).map(byte).collect())
        })
        .collect()
}

#[test]
fn every_kind_is_told_by_its_first_bytes() {
    let heads = heads();
    for image in IMAGES {
        assert!(
            heads.iter().any(|(kind, _)| *kind == Some(image)),
            "{image:?}"
        );
    }
    for (image, head) in heads {
        assert_eq!(Image::of_head(&head), image, "{head:02x?}");
    }
}

#[test]
fn a_picture_is_saved_whatever_its_name_says() {
    let world = World::granted();
    for (at, (image, head)) in heads().into_iter().enumerate() {
        let Some(image) = image else { continue };
        let right = image.extensions()[0];
        for (called, saved) in [
            (format!("{at}"), format!("{at}.{right}")),
            (format!("{at}.txt"), format!("{at}.txt.{right}")),
            (format!("tmp_{at}.{right}"), format!("tmp_{at}.{right}")),
        ] {
            world.write(&format!("tmp/{called}"), &head);
            let answer = world.save(&format!("http://tmp/{called}"));
            assert_eq!(
                answer.saved_file_path,
                world.path("Pictures/Game").join(saved)
            );
            assert_eq!(
                std::fs::read(answer.saved_file_path).expect("it is there"),
                head
            );
        }
    }
}

/// Each is refused under a name that promises a picture, and nothing is left behind.
fn check_refused(contents: &[&[u8]]) {
    let world = World::granted();
    for bytes in contents {
        world.write("usr/shot.png", bytes);
        let answer = world.save("wxfile://usr/shot.png");
        assert_eq!(
            answer.errmsg,
            "saveImageToPhotosAlbum:fail invalid file type",
            "{:?}",
            bytes.escape_ascii().to_string()
        );
        assert_eq!(answer.class, Some(Class::BadFile));
        assert!(answer.saved_file_path.as_os_str().is_empty());
    }
    assert!(world.pictures().is_empty());
}

#[test]
fn what_is_no_picture_is_refused() {
    let refused: Vec<_> = heads()
        .into_iter()
        .filter(|(image, _)| image.is_none())
        .collect();
    assert!(refused.len() >= 3, "AVIF, an AVIF sequence, TIFF");
    check_refused(
        &refused
            .iter()
            .map(|(_, head)| &head[..])
            .collect::<Vec<_>>(),
    );
    check_refused(&[
        b"",
        b"\x89",
        b"just some text that the game has written",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n",
        b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2\0\0\0\x08free\0\0\0\0",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"/>",
        b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0",
        b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0",
    ]);
}

#[test]
fn text_that_begins_like_a_picture_is_refused() {
    check_refused(&[
        b"BM stands for bitmap, and this is a text about it",
        b"GIF89 was a long time ago, says this text about it",
        b"RIFF and WEBP are two words, says this text",
    ]);
    // What an editor or a transfer made of a PNG by changing its line ends: PNG's signature is there to show it.
    let mangled: Vec<u8> = PNG.iter().copied().filter(|byte| *byte != b'\r').collect();
    check_refused(&[&mangled]);
}

#[test]
fn a_head_that_was_cut_off_is_refused() {
    for (_, head) in heads() {
        for cut in 0..12 {
            assert_eq!(Image::of_head(&head[..cut]), None, "{:02x?}", &head[..cut]);
        }
    }
    check_refused(&[&PNG[..8], b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEB"]);
    // The two sizes at the head of a BMP are what tells it from text.
    check_refused(&[b"BM\x8a\x04\0\0\0\0\0\0\x8a\0\0\0\x7c\0\0"]);
}
