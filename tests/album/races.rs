//! Files that change under the album's hands. Whatever the timing, what must not happen does not.

use std::fs;
use std::io::{Seek, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use wxgame::album::errmsg::Class;

use crate::world::{PNG, World};

const SAVES: u64 = 500;
/// So many are under way at once, that the race goes on while answers are looked at.
const AT_ONCE: u64 = 50;

/// Ends the other thread, also when this one fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Saves a file again and again while a thread does this to it; the answers' classes must be these.
fn save_while(world: &World, file_path: &str, allowed: [Class; 2], disturb: impl Fn() + Sync) {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _over = Over(&over);
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                disturb();
            }
        });
        for _ in 0..SAVES / AT_ONCE {
            for tag in 0..AT_ONCE {
                world.album.save_image(file_path, tag).expect("accepted");
            }
            for tag in 0..AT_ONCE {
                let answer = world.next();
                assert_eq!(answer.user_tag, tag);
                let class = answer.class.expect("a class");
                assert!(allowed.contains(&class), "{answer:?}");
            }
        }
    });
}

/// Two names change places, in one step: there is always something under each.
fn exchange(world: &World, one: &str, other: &str) {
    let (one, other) = (world.path(one), world.path(other));
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).expect("they can change places");
}

fn check_each_saved(world: &World, is_right: impl Fn(&[u8]) -> bool) {
    for name in world.pictures() {
        let saved = fs::read(world.path("Pictures/Game").join(&name)).expect("it is there");
        assert!(is_right(&saved), "{name} holds what it must not");
    }
}

/// The user's picture, which the game may not have: a picture too, but another.
fn with_a_secret(world: &World) {
    fs::create_dir(world.path("private")).expect("a folder can be made");
    world.write("private/shot.png", &[PNG, b"private"].concat());
}

#[test]
fn a_file_that_is_swapped_for_a_link_never_leads_out() {
    let world = World::granted();
    with_a_secret(&world);
    world.write("tmp/shot.png", PNG);
    std::os::unix::fs::symlink("../private/shot.png", world.path("tmp/link")).expect("a link");
    save_while(
        &world,
        "wxfile://tmp/shot.png",
        [Class::Ok, Class::BadFile],
        || {
            exchange(&world, "tmp/shot.png", "tmp/link");
        },
    );
    check_each_saved(&world, |saved| saved == PNG);
}

#[test]
fn a_folder_that_is_swapped_for_a_link_never_leads_out() {
    let world = World::granted();
    with_a_secret(&world);
    fs::create_dir(world.path("usr/deep")).expect("a folder can be made");
    world.write("usr/deep/shot.png", PNG);
    std::os::unix::fs::symlink("../private", world.path("usr/link")).expect("a link");
    save_while(
        &world,
        "wxfile://usr/deep/shot.png",
        [Class::Ok, Class::BadFile],
        || {
            exchange(&world, "usr/deep", "usr/link");
        },
    );
    check_each_saved(&world, |saved| saved == PNG);
}

#[test]
fn a_pipe_that_is_swapped_in_holds_nobody_up() {
    let world = World::granted();
    world.write("tmp/shot.png", PNG);
    crate::world::make_pipe(&world.path("tmp/pipe"));
    save_while(
        &world,
        "wxfile://tmp/shot.png",
        [Class::Ok, Class::BadFile],
        || {
            exchange(&world, "tmp/shot.png", "tmp/pipe");
        },
    );
    check_each_saved(&world, |saved| saved == PNG);
}

#[test]
fn a_game_folder_that_is_swapped_for_a_link_writes_nothing_outside() {
    let world = World::granted();
    fs::create_dir(world.path("private")).expect("a folder can be made");
    fs::create_dir(world.path("Pictures/Game")).expect("a folder can be made");
    world.write("tmp/shot.png", PNG);
    std::os::unix::fs::symlink("../private", world.path("Pictures/link")).expect("a link");
    save_while(
        &world,
        "wxfile://tmp/shot.png",
        [Class::Ok, Class::NoPermission],
        || {
            exchange(&world, "Pictures/Game", "Pictures/link");
        },
    );
    let private = fs::read_dir(world.path("private")).expect("it is there");
    assert_eq!(private.count(), 0, "nothing was written there");
}

#[test]
fn a_file_that_is_rewritten_meanwhile_is_saved_as_a_picture_or_not_at_all() {
    let world = World::granted();
    let picture = PNG.repeat(50);
    let text = b"no picture, but text of the game. ".repeat(100);
    world.write("tmp/shot.png", &picture);
    save_while(
        &world,
        "wxfile://tmp/shot.png",
        [Class::Ok, Class::BadFile],
        || {
            let mut file = fs::File::options()
                .write(true)
                .open(world.path("tmp/shot.png"))
                .expect("it is there");
            for bytes in [&text, &picture] {
                file.rewind().expect("a file can be rewound");
                file.write_all(bytes).expect("a file can be written");
            }
            file.set_len(0).expect("a file can be cut");
            file.rewind().expect("a file can be rewound");
            file.write_all(&picture).expect("a file can be written");
        },
    );
    check_each_saved(&world, |saved| saved.starts_with(&PNG[..8]));
}
