//! How a picture gets into the game's folder.

use std::fs;

use wxgame::album::consent::Consent;
use wxgame::album::errmsg::Class;

use crate::world::{PNG, World, options_in};

#[test]
fn a_picture_is_saved_whole_into_the_games_folder() {
    let world = World::granted();
    world.write("tmp/shot.png", PNG);
    let answer = world.save("wxfile://tmp/shot.png");
    assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:ok", "{answer:?}");
    assert_eq!(answer.class, Some(Class::Ok));
    assert_eq!(answer.consent, Some(Consent::Granted));
    assert_eq!((answer.error, answer.flags, &*answer.detail), (None, 0, ""));
    assert_eq!(answer.saved_file_path, world.path("Pictures/Game/shot.png"));
    let saved = fs::read(answer.saved_file_path).expect("it is there");
    assert_eq!(saved, PNG);
    let kept = fs::read(world.path("tmp/shot.png")).expect("it is there");
    assert_eq!(kept, PNG, "the game's own file stays");
}

#[test]
fn each_root_is_the_hosts_folder() {
    let world = World::granted();
    for (way, file_path) in [
        ("tmp/a.png", "wxfile://tmp/a.png".to_owned()),
        ("tmp/tmp_b.png", "wxfile://tmp_b.png".to_owned()),
        ("tmp/c.png", "http://tmp/c.png".to_owned()),
        ("usr/d.png", "wxfile://usr/d.png".to_owned()),
        ("usr/e.png", "http://usr/e.png".to_owned()),
        ("tmp/f.png", world.path("tmp/f.png").display().to_string()),
        ("usr/g.png", world.path("usr/g.png").display().to_string()),
    ] {
        world.write(way, PNG);
        let answer = world.save(&file_path);
        assert_eq!(answer.class, Some(Class::Ok), "{answer:?}");
    }
    assert_eq!(world.pictures().len(), 7);
}

#[test]
fn a_file_that_is_gone_is_not_found() {
    let world = World::granted();
    world.write("tmp/file", PNG);
    for file_path in [
        "wxfile://tmp/gone.png",
        "wxfile://usr/no/such/folder.png",
        "wxfile://tmp/file/below.png",
    ] {
        let answer = world.save(file_path);
        assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:fail file not found");
        assert_eq!(answer.class, Some(Class::BadFile));
    }
    assert!(world.pictures().is_empty());
}

#[test]
fn the_pictures_folder_is_made_where_it_is_missing() {
    let folders = tempfile::tempdir().expect("a folder can be had");
    let deep = folders.path().join("home/Pictures");
    let world = World::granted_with(|options| {
        options.pictures_path = deep.to_str().expect("UTF-8").to_owned();
    });
    assert!(!deep.exists(), "opening and asking write no pictures");
    world.write("tmp/shot.png", PNG);
    let answer = world.save("wxfile://tmp/shot.png");
    assert_eq!(answer.saved_file_path, deep.join("Game/shot.png"));
}

#[test]
fn a_bad_option_is_named() {
    let folders = tempfile::tempdir().expect("a folder can be had");
    for name in ["tmp", "usr"] {
        fs::create_dir(folders.path().join(name)).expect("a folder can be made");
    }
    type Change = fn(&mut wxgame::album::options::Options);
    let changes: [(&str, Change); 14] = [
        ("temp_path", |o| o.temp_path.clear()),
        ("temp_path", |o| o.temp_path = "tmp".to_owned()),
        ("temp_path", |o| o.temp_path.push_str("/gone")),
        ("user_data_path", |o| o.user_data_path.push_str("/gone")),
        ("user_data_path", |o| o.user_data_path.push('\0')),
        ("pictures_path", |o| o.pictures_path = "Pictures".to_owned()),
        ("folder", |o| o.folder.clear()),
        ("folder", |o| o.folder = "..".to_owned()),
        ("folder", |o| o.folder = "a/b".to_owned()),
        ("folder", |o| o.folder = ".hidden".to_owned()),
        ("folder", |o| o.folder = "NUL".to_owned()),
        ("folder", |o| o.folder = "a".repeat(256)),
        ("max_bytes", |o| o.max_bytes = -1),
        ("queue_capacity", |o| o.queue_capacity = u32::MAX),
    ];
    for (field, change) in changes {
        let mut options = options_in(folders.path());
        change(&mut options);
        let error = wxgame::album::Album::open(&options).err().expect(field);
        assert_eq!(error.field, field, "{error}");
    }
    assert!(!folders.path().join("Pictures").exists());
}

/// Two albums stand for two processes: they share nothing but the folders.
#[test]
fn two_albums_that_save_one_name_at_once_lose_no_picture() {
    const EACH: usize = 50;
    let world = World::granted();
    world.write("tmp/shot.png", PNG);
    let other = world.again();
    std::thread::scope(|scope| {
        for album in [&world.album, &other] {
            scope.spawn(|| {
                for tag in 0..EACH as u64 {
                    album
                        .save_image("wxfile://tmp/shot.png", tag)
                        .expect("accepted");
                }
            });
        }
    });
    let mut paths = Vec::new();
    for album in [&world.album, &other] {
        for _ in 0..EACH {
            let answer = crate::world::next(album);
            assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:ok", "{answer:?}");
            assert_eq!(fs::read(&answer.saved_file_path).expect("it is there"), PNG);
            paths.push(answer.saved_file_path);
        }
    }
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), 2 * EACH, "each has a name of its own");
    assert_eq!(world.pictures().len(), 2 * EACH);
}
