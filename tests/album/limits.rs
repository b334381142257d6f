//! How much is saved, what the disk refuses, and that nothing is left behind.

use std::fs;

use wxgame::album::consent::Answer;
use wxgame::album::errmsg::Class;
use wxgame::error::Kind;

use crate::world::{PNG, World};

#[test]
fn a_picture_of_max_bytes_is_saved_and_one_byte_more_is_not() {
    let most = 5 * 1024 * 1024 + 1;
    let world = World::granted_with(|options| options.max_bytes = most as i64);
    let mut picture = PNG.to_vec();
    picture.resize(most, 7);
    world.write("tmp/full.png", &picture);
    let answer = world.save("wxfile://tmp/full.png");
    assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:ok", "{answer:?}");
    assert_eq!(
        fs::read(answer.saved_file_path).expect("it is there"),
        picture
    );

    picture.push(7);
    world.write("tmp/more.png", &picture);
    let answer = world.save("wxfile://tmp/more.png");
    assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:fail file too large");
    assert_eq!(answer.class, Some(Class::BadFile));
    assert!(answer.detail.contains("max_bytes, 5242881"), "{answer:?}");
    assert_eq!(world.pictures(), ["full.png"], "nothing is left of it");
}

#[test]
fn the_limit_is_128_mib_unless_the_host_says_otherwise() {
    let world = World::granted();
    world.write("tmp/large.png", PNG);
    let file = fs::File::options()
        .write(true)
        .open(world.path("tmp/large.png"));
    let file = file.expect("it is there");
    file.set_len(128 * 1024 * 1024 + 1).expect("a sparse file");
    let answer = world.save("wxfile://tmp/large.png");
    assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:fail file too large");
    assert!(world.pictures().is_empty());
}

/// /sys lets nobody make a folder, root neither.
#[cfg(target_os = "linux")]
#[test]
fn a_pictures_folder_that_may_not_be_written_is_told() {
    let world = World::granted_with(|options| options.pictures_path = "/sys".to_owned());
    world.write("tmp/shot.png", PNG);
    let answer = world.save("wxfile://tmp/shot.png");
    assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:fail no permission");
    assert_eq!(answer.class, Some(Class::NoPermission));
    assert!(answer.detail.contains("pictures folder"), "{answer:?}");
}

/// A file of /sys that is there to be written only, for root too.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_may_not_be_read_is_told() {
    let world = World::granted_with(|options| options.temp_path = "/sys/bus/platform".to_owned());
    let answer = world.save("wxfile://tmp/drivers_probe");
    assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:fail no permission");
    assert_eq!(answer.class, Some(Class::NoPermission));
    assert!(answer.detail.contains("file_path"), "{answer:?}");
    assert!(world.pictures().is_empty());
}

#[test]
fn a_picture_outlives_the_roots_but_not_without_them() {
    let world = World::granted();
    world.write("tmp/shot.png", PNG);
    assert_eq!(world.save("wxfile://tmp/shot.png").class, Some(Class::Ok));
    fs::remove_dir_all(world.path("tmp")).expect("it is there");
    let answer = world.save("wxfile://tmp/shot.png");
    assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:fail file not found");
    fs::remove_dir_all(world.path("Pictures")).expect("it is there");
    world.write("usr/shot.png", PNG);
    let answer = world.save("wxfile://usr/shot.png");
    assert_eq!(answer.saved_file_path, world.path("Pictures/Game/shot.png"));
}

#[test]
fn a_full_queue_refuses_at_once_until_completions_are_taken() {
    let world = World::with(|options| options.queue_capacity = 2);
    for tag in 1..=2 {
        world.album.authorize(tag).expect("there is room");
    }
    for refused in [
        world.album.authorize(3),
        world.album.save_image("wxfile://tmp/a.png", 3),
        world.album.open_setting(3),
    ] {
        assert_eq!(refused.expect_err("it is full").kind, Kind::QueueFull);
    }
    assert_eq!(world.next().submission, 0, "a question takes no room");
    world
        .album
        .answer_consent(Answer::Granted)
        .expect("they wait");
    assert_eq!(world.next().user_tag, 1);
    world.album.authorize(4).expect("there is room again");
    assert_eq!(world.next().user_tag, 2);
    assert_eq!(world.next().user_tag, 4);
}

/// What stands in the folder while a picture is saved: its name appears with all of it, and is never written to. So
/// whoever kills the process, or looks at the folder meanwhile, finds the whole picture or none.
#[cfg(target_os = "linux")]
#[test]
fn a_picture_appears_whole_or_not_at_all() {
    use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
    let world = World::granted();
    fs::create_dir(world.path("Pictures/Game")).expect("a folder can be made");
    let mut picture = PNG.to_vec();
    picture.resize(16 * 1024 * 1024, 7);
    world.write("tmp/shot.png", &picture);
    let watch = inotify::init(CreateFlags::CLOEXEC).expect("inotify");
    let flags = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::MODIFY;
    inotify::add_watch(&watch, world.path("Pictures/Game"), flags).expect("a watch");

    world
        .album
        .save_image("wxfile://tmp/shot.png", 1)
        .expect("accepted");
    let mut buffer = [std::mem::MaybeUninit::uninit(); 4096];
    let mut events = inotify::Reader::new(&watch, &mut buffer);
    loop {
        let event = events.next().expect("an event comes");
        if event
            .file_name()
            .is_some_and(|name| name.to_bytes() == b"shot.png")
        {
            assert!(!event.events().contains(ReadFlags::MODIFY));
            break;
        }
    }
    let saved = fs::read(world.path("Pictures/Game/shot.png")).expect("it is there");
    assert!(saved == picture, "it is whole when its name appears");
    assert_eq!(world.next().class, Some(Class::Ok));
    // Behind all that the saving did.
    world.write("Pictures/Game/end", b"");
    loop {
        let event = events.next().expect("an event comes");
        let name = event.file_name().map(|name| name.to_bytes().to_vec());
        match name.as_deref() {
            Some(b"end") => break,
            name => assert_ne!(name, Some(&b"shot.png"[..]), "nobody touched it any more"),
        }
    }
}
