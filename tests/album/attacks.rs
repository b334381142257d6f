//! A game, or whoever writes to its folders, that tries to get something else saved, or saved somewhere else.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use wxgame::album::consent::Answer;
use wxgame::album::errmsg::Class;

use crate::world::{PNG, World, make_pipe};

/// A picture of the user's that is none of the game's business.
fn with_a_secret(world: &World) {
    fs::create_dir(world.path("private")).expect("a folder can be made");
    world.write("private/secret.png", PNG);
}

fn link(world: &World, target: impl AsRef<Path>, way: &str) {
    symlink(target, world.path(way)).expect("a link can be made");
}

fn check_refused(world: &World, file_path: &str, errmsg: &str) {
    let answer = world.save(file_path);
    assert_eq!(answer.errmsg, errmsg, "{file_path}: {answer:?}");
    assert_eq!(answer.class, Some(Class::BadFile));
    assert!(world.pictures().is_empty(), "{file_path}");
}

#[test]
fn a_link_that_leads_out_of_its_root_is_refused() {
    let world = World::granted();
    with_a_secret(&world);
    link(&world, "../private/secret.png", "tmp/relative.png");
    link(&world, world.path("private/secret.png"), "tmp/absolute.png");
    link(&world, "../private", "tmp/folder");
    link(&world, world.path("private"), "tmp/absolute_folder");
    link(&world, "relative.png", "tmp/twice.png");
    link(&world, "../usr/own.png", "tmp/other_root.png");
    link(&world, "/etc/passwd", "tmp/passwd.png");
    link(&world, "/dev/zero", "tmp/zero.png");
    link(&world, "/proc/self/environ", "tmp/environ.png");
    world.write("usr/own.png", PNG);
    for name in [
        "relative.png",
        "absolute.png",
        "folder/secret.png",
        "absolute_folder/secret.png",
        "twice.png",
        "other_root.png",
        "passwd.png",
        "zero.png",
        "environ.png",
    ] {
        let file_path = format!("wxfile://tmp/{name}");
        check_refused(
            &world,
            &file_path,
            "saveImageToPhotosAlbum:fail url invalid",
        );
    }
}

#[test]
fn a_link_within_its_root_works_if_it_is_relative() {
    let world = World::granted();
    fs::create_dir(world.path("usr/deep")).expect("a folder can be made");
    world.write("usr/own.png", PNG);
    link(&world, world.path("usr/own.png"), "usr/absolute.png");
    check_refused(
        &world,
        "wxfile://usr/absolute.png",
        "saveImageToPhotosAlbum:fail url invalid",
    );
    link(&world, "../own.png", "usr/deep/link.png");
    let answer = world.save("wxfile://usr/deep/link.png");
    assert_eq!(answer.saved_file_path, world.path("Pictures/Game/link.png"));
}

#[test]
fn links_to_nothing_and_in_circles_are_bad_files() {
    let world = World::granted();
    link(&world, "gone.png", "tmp/dangling.png");
    check_refused(
        &world,
        "wxfile://tmp/dangling.png",
        "saveImageToPhotosAlbum:fail file not found",
    );
    link(&world, "b.png", "tmp/a.png");
    link(&world, "a.png", "tmp/b.png");
    assert_eq!(world.save("wxfile://tmp/a.png").class, Some(Class::BadFile));
}

#[test]
fn a_root_may_itself_be_a_link() {
    let world = World::granted_with(|options| {
        let link = format!("{}-link", options.temp_path);
        symlink("tmp", &link).expect("a link can be made");
        options.temp_path = link;
    });
    world.write("tmp/shot.png", PNG);
    let spelled = world.path("tmp-link/shot.png").display().to_string();
    for file_path in ["wxfile://tmp/shot.png", &spelled] {
        assert_eq!(world.save(file_path).class, Some(Class::Ok));
    }
}

#[test]
fn pipes_sockets_folders_and_devices_are_no_pictures_and_hold_nobody_up() {
    use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
    let world = World::granted();
    make_pipe(&world.path("tmp/pipe.png"));
    let _socket = UnixListener::bind(world.path("tmp/socket.png")).expect("a socket can be made");
    fs::create_dir(world.path("tmp/folder.png")).expect("a folder can be made");
    for name in ["pipe.png", "socket.png", "folder.png", "."] {
        check_refused(
            &world,
            &format!("wxfile://tmp/{name}"),
            "saveImageToPhotosAlbum:fail invalid file type",
        );
    }
    // Only root can make a device; the link to one is what a game has.
    let device = world.path("tmp/device.png");
    let mode = Mode::from_raw_mode(0o666);
    let errmsg = match mknodat(CWD, &device, FileType::CharacterDevice, mode, makedev(1, 5)) {
        Ok(()) => "saveImageToPhotosAlbum:fail invalid file type",
        Err(_) => {
            symlink("/dev/zero", &device).expect("a link can be made");
            "saveImageToPhotosAlbum:fail url invalid"
        }
    };
    check_refused(&world, "wxfile://tmp/device.png", errmsg);
}

#[test]
fn a_link_in_the_place_of_the_games_folder_is_not_followed_out() {
    let world = World::granted();
    with_a_secret(&world);
    world.write("tmp/shot.png", PNG);
    link(&world, "../private", "Pictures/Game");
    let answer = world.save("wxfile://tmp/shot.png");
    assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:fail no permission");
    assert_eq!(answer.class, Some(Class::NoPermission));
    let private = fs::read_dir(world.path("private")).expect("it is there");
    assert_eq!(private.count(), 1, "nothing was written there");

    // Among the pictures the user may have moved it.
    fs::remove_file(world.path("Pictures/Game")).expect("it is there");
    fs::create_dir(world.path("Pictures/moved")).expect("a folder can be made");
    link(&world, "moved", "Pictures/Game");
    assert_eq!(world.save("wxfile://tmp/shot.png").class, Some(Class::Ok));
    assert!(world.path("Pictures/moved/shot.png").is_file());
}

#[test]
fn a_file_in_the_place_of_the_games_folder_stays() {
    let world = World::granted();
    world.write("tmp/shot.png", PNG);
    world.write("Pictures/Game", b"a file");
    let answer = world.save("wxfile://tmp/shot.png");
    assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:fail system error");
    let kept = fs::read(world.path("Pictures/Game")).expect("it is there");
    assert_eq!(kept, b"a file");
}

#[test]
fn a_link_in_the_place_of_the_picture_is_never_written_through() {
    let world = World::granted();
    with_a_secret(&world);
    world.write("tmp/shot.png", PNG);
    world.write("private/other.txt", b"precious");
    fs::create_dir(world.path("Pictures/Game")).expect("a folder can be made");
    link(&world, "../../private/made", "Pictures/Game/shot.png");
    link(
        &world,
        "../../private/other.txt",
        "Pictures/Game/shot (2).png",
    );
    link(&world, "shot (4).png", "Pictures/Game/shot (3).png");
    let answer = world.save("wxfile://tmp/shot.png");
    assert_eq!(
        answer.saved_file_path,
        world.path("Pictures/Game/shot (4).png")
    );
    assert!(!world.path("private/made").exists());
    let kept = fs::read(world.path("private/other.txt")).expect("it is there");
    assert_eq!(kept, b"precious");
}

/// A pipe named like what a killed process left: opened for writing, it waits for a reader for ever.
#[test]
fn a_pipe_among_the_leftovers_holds_no_answer_up() {
    let world = World::new();
    fs::create_dir(world.path("usr/.wxgame")).expect("a folder can be made");
    let pipe = world.path("usr/.wxgame/.wxgame-0123456789abcdef.part");
    make_pipe(&pipe);
    // Reading and writing both, it opens at once.
    let handle = fs::File::options()
        .read(true)
        .write(true)
        .open(&pipe)
        .expect("it opens");
    handle
        .set_modified(std::time::UNIX_EPOCH)
        .expect("it can be old");
    drop(handle);
    world.decide(Answer::Granted);
}
