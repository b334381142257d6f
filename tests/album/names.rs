//! Under which name a picture is saved.

use wxgame::album::image::Image;
use wxgame::album::name::saved_as;

use crate::world::{PNG, World};

/// The first name that a PNG of this name gets.
fn png(called: &str) -> String {
    saved_as(called, Image::Png, 1)
}

#[test]
fn the_right_extension_is_kept_in_its_case() {
    for name in ["shot.png", "Shot.PNG", "a.b.Png"] {
        assert_eq!(png(name), name);
    }
    for name in ["a.jpg", "a.JPEG", "a.jpe", "a.jfif"] {
        assert_eq!(saved_as(name, Image::Jpeg, 1), name);
    }
    for name in ["a.heic", "a.HEIF", "a.hif"] {
        assert_eq!(saved_as(name, Image::Heic, 1), name);
    }
}

#[test]
fn a_wrong_extension_is_mended() {
    assert_eq!(png("shot.jpg"), "shot.png");
    assert_eq!(png("shot.HEIC"), "shot.png");
    assert_eq!(saved_as("shot.png", Image::Jpeg, 1), "shot.jpg");
    // What is no extension of a picture belongs to the name.
    assert_eq!(png("save.2024"), "save.2024.png");
    assert_eq!(png("run.exe"), "run.exe.png");
}

#[test]
fn a_missing_extension_is_added() {
    assert_eq!(png("shot"), "shot.png");
    assert_eq!(png("png"), "png.png");
    assert_eq!(png(".png"), "image.png");
    assert_eq!(png(""), "image.png");
}

#[test]
fn names_of_any_language_stay_as_they_are() {
    for name in [
        "截图.png",
        "第 1 关 ★.png",
        "🎮👨‍👩‍👧.png",
        "  é à.png".trim_start(),
    ] {
        assert_eq!(png(name), name);
        let world = World::granted();
        world.write(&format!("tmp/{name}"), PNG);
        let answer = world.save(&format!("wxfile://tmp/{name}"));
        assert_eq!(
            answer.saved_file_path,
            world.path("Pictures/Game").join(name)
        );
    }
}

#[test]
fn a_saved_picture_is_never_hidden() {
    for called in [".x.png", "..x.png", ". .x.png", " .x.png", " . . .x.png"] {
        assert_eq!(png(called), "x.png", "{called:?}");
    }
    for called in ["...", ". . .", ".", " ", ". .png"] {
        let name = png(called);
        assert_eq!(name, "image.png", "{called:?}");
    }
}

#[test]
fn what_windows_does_not_take_is_replaced() {
    assert_eq!(png("a:b?.png"), "a_b_.png");
    assert_eq!(png("<>:\"/\\|?*.png"), "_________.png");
    assert_eq!(png("tab\there\u{7f}\u{85}.png"), "tab_here__.png");
    assert_eq!(png("a. . .png"), "a.png");
    assert_eq!(png("a ."), "a.png");
    for device in ["CON", "con", "PRN", "AUX", "NUL", "COM1", "lpt9"] {
        assert_eq!(png(&format!("{device}.png")), format!("_{device}.png"));
    }
    assert_eq!(png("CON.tar.png"), "_CON.tar.png");
    assert_eq!(png("CONSOLE.png"), "CONSOLE.png");
    assert_eq!(png("COM10.png"), "COM10.png");
}

#[test]
fn every_name_is_portable_whatever_it_was() {
    let parts = [
        ".", " ", "a", "图", "CON", ":", "\u{1}", "png", ".png", ".jpg",
    ];
    let mut names = vec![String::new()];
    for _ in 0..4 {
        names = names
            .iter()
            .flat_map(|name| parts.map(|part| format!("{name}{part}")))
            .collect();
        for called in &names {
            for nth in [1, 2] {
                let name = saved_as(called, Image::Png, nth);
                let is_fit = !name.starts_with(['.', ' '])
                    && name.to_ascii_lowercase().ends_with(".png")
                    && !name.contains(|c: char| c.is_control() || "<>:\"/\\|?*".contains(c))
                    && name
                        .split('.')
                        .next()
                        .is_none_or(|stem| stem.trim_end() != "CON");
                assert!(is_fit, "{called:?} becomes {name:?}");
            }
        }
    }
}

#[test]
fn a_long_name_is_cut_at_a_character() {
    let longest = format!("{}.png", "a".repeat(251));
    assert_eq!(png(&longest), longest);
    assert_eq!(
        saved_as(&longest, Image::Png, 2),
        format!("{} (2).png", "a".repeat(247))
    );

    let chinese = format!("{}ab.png", "图".repeat(83));
    assert_eq!(chinese.len(), 255);
    assert_eq!(png(&chinese), chinese);
    assert_eq!(
        saved_as(&chinese, Image::Png, 2),
        format!("{} (2).png", "图".repeat(82))
    );
    for bytes in 200..600 {
        for character in ["a", "é", "图", "🎮"] {
            let called = character.repeat(bytes / character.len());
            for nth in [1, 9, 10_000] {
                assert!(saved_as(&called, Image::Jpeg, nth).len() <= 255);
            }
        }
    }
}

#[test]
fn names_of_255_bytes_are_saved() {
    let world = World::granted();
    for name in [
        format!("{}.png", "a".repeat(251)),
        format!("{}ab.png", "图".repeat(83)),
    ] {
        world.write(&format!("usr/{name}"), PNG);
        for nth in 1..=2 {
            let answer = world.save(&format!("wxfile://usr/{name}"));
            let saved = world
                .path("Pictures/Game")
                .join(saved_as(&name, Image::Png, nth));
            assert_eq!(answer.saved_file_path, saved);
        }
    }
}

/// The names that are neither UTF-8 nor ours stand where the album looks and writes.
#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf8_disturbs_nobody() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::granted();
    let odd = std::ffi::OsStr::from_bytes(b"shot\xff.png");
    std::fs::create_dir(world.path("Pictures/Game")).expect("a folder can be made");
    for folder in ["tmp", "usr", "Pictures", "Pictures/Game"] {
        std::fs::write(world.path(folder).join(odd), b"odd").expect("a file can be written");
    }
    world.write("tmp/shot.png", PNG);
    let answer = world.save("wxfile://tmp/shot.png");
    assert_eq!(answer.saved_file_path, world.path("Pictures/Game/shot.png"));
    let kept = std::fs::read(world.path("Pictures/Game").join(odd)).expect("it is there");
    assert_eq!(kept, b"odd");
}

#[test]
fn a_name_that_is_taken_is_never_overwritten() {
    let world = World::granted();
    world.write("usr/shot.png", PNG);
    std::fs::create_dir_all(world.path("Pictures/Game/shot (2).png")).expect("a folder");
    for saved in ["shot.png", "shot (3).png", "shot (4).png"] {
        let answer = world.save("http://usr/shot.png");
        assert_eq!(
            answer.saved_file_path,
            world.path("Pictures/Game").join(saved)
        );
    }
    assert_eq!(
        world.pictures(),
        ["shot (2).png", "shot (3).png", "shot (4).png", "shot.png"]
    );
}

#[test]
fn ten_thousand_taken_names_are_the_end() {
    let world = World::granted();
    world.write("usr/shot.png", PNG);
    let folder = world.path("Pictures/Game");
    std::fs::create_dir(&folder).expect("a folder can be made");
    for nth in 1..10_000 {
        let taken = folder.join(saved_as("shot.png", Image::Png, nth));
        std::fs::hard_link(world.path("usr/shot.png"), taken).expect("a link can be made");
    }
    let last = world.save("wxfile://usr/shot.png");
    assert_eq!(last.saved_file_path, folder.join("shot (10000).png"));
    let none = world.save("wxfile://usr/shot.png");
    assert_eq!(none.errmsg, "saveImageToPhotosAlbum:fail system error");
    assert!(
        none.detail.contains("10000 pictures of this name"),
        "{none:?}"
    );
    assert_eq!(world.pictures().len(), 10_000);
}
