//! The end of an album: every call is answered, and nothing half done is left.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use wxgame::album::Album;
use wxgame::album::completion::{CompletionKind, FLAG_SHUTDOWN};
use wxgame::album::consent::{Answer, Consent};
use wxgame::album::errmsg::Class;
use wxgame::error::Kind;
use wxgame::queue::Wait;

use crate::world::{PNG, World};

/// Long enough for whatever is under way.
const AMPLE: Duration = Duration::from_secs(60);

fn check_closed(album: &Album) {
    for refused in [
        album.save_image("wxfile://tmp/a.png", 0),
        album.authorize(0),
        album.open_setting(0),
        album.answer_consent(Answer::Granted),
        album.answer_setting(Answer::Granted),
        album.take(1, Wait::Forever).map(drop),
    ] {
        assert_eq!(refused.expect_err("it is closed").kind, Kind::Closed);
    }
}

#[test]
fn calls_that_wait_for_the_user_end_with_the_album() {
    let world = World::new();
    world
        .album
        .save_image("wxfile://tmp/a.png", 1)
        .expect("accepted");
    world.album.authorize(2).expect("accepted");
    assert_eq!(world.next().kind, CompletionKind::ConsentNeeded);
    world.album.close(AMPLE);
    for (tag, errmsg) in [
        (1, "saveImageToPhotosAlbum:fail cancel"),
        (2, "authorize:fail cancel"),
    ] {
        let answer = world.next();
        assert_eq!((answer.user_tag, &*answer.errmsg), (tag, errmsg));
        assert_eq!(answer.class, Some(Class::Cancelled));
        assert_eq!(answer.error, Some(Kind::Closed));
        assert_eq!(answer.flags, FLAG_SHUTDOWN);
        assert!(answer.detail.contains("closed"), "{answer:?}");
    }
    check_closed(&world.album);
}

#[test]
fn calls_that_wait_for_the_settings_end_with_the_album() {
    let world = World::granted();
    world.album.open_setting(1).expect("accepted");
    assert_eq!(world.next().kind, CompletionKind::SettingNeeded);
    world.album.close(AMPLE);
    let answer = world.next();
    assert_eq!(answer.errmsg, "openSetting:fail cancel");
    assert_eq!(answer.flags, FLAG_SHUTDOWN);
    check_closed(&world.album);
}

#[test]
fn what_is_ready_is_handed_out_after_the_closing_which_may_come_twice() {
    let world = World::granted();
    world.write("tmp/shot.png", PNG);
    for tag in 1..=3 {
        world
            .album
            .save_image("wxfile://tmp/shot.png", tag)
            .expect("accepted");
    }
    world.album.close(AMPLE);
    world.album.close(Duration::ZERO);
    for tag in 1..=3 {
        let answer = world.next();
        assert_eq!((answer.user_tag, answer.class), (tag, Some(Class::Ok)));
    }
    check_closed(&world.album);
    world.album.close(AMPLE);
    assert_eq!(world.pictures().len(), 3);
    assert_eq!(
        world.album.setting(),
        Ok(Consent::Granted),
        "getSetting works on"
    );
}

#[test]
fn an_answer_given_before_the_closing_still_counts() {
    let world = World::new();
    world.write("tmp/shot.png", PNG);
    world
        .album
        .save_image("wxfile://tmp/shot.png", 1)
        .expect("accepted");
    assert_eq!(world.next().kind, CompletionKind::ConsentNeeded);
    world
        .album
        .answer_consent(Answer::Granted)
        .expect("it waits");
    world.album.close(AMPLE);
    assert_eq!(world.next().class, Some(Class::Ok));
    assert_eq!(world.again().setting(), Ok(Consent::Granted));
}

#[test]
fn an_album_that_is_dropped_ends_its_thread_and_its_files() {
    let world = World::granted();
    world.write("tmp/shot.png", PNG);
    for tag in 0..20 {
        world
            .album
            .save_image("wxfile://tmp/shot.png", tag)
            .expect("accepted");
    }
    let World { folders, album } = world;
    drop(album);
    // Those that were saved are whole; the thread may yet be at one.
    let game = folders.path().join("Pictures/Game");
    for entry in std::fs::read_dir(game).into_iter().flatten() {
        let saved = std::fs::read(entry.expect("it is there").path()).expect("it is there");
        assert_eq!(saved, PNG);
    }
}

/// The picture is too large to be saved in this life, and its reading is waited for: the closing comes in between.
#[cfg(target_os = "linux")]
#[test]
fn a_save_under_way_at_the_closing_leaves_nothing_and_says_so() {
    use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
    let world = World::granted_with(|options| options.max_bytes = i64::MAX);
    world.write("tmp/endless.png", PNG);
    let endless = world.path("tmp/endless.png");
    let file = std::fs::File::options().write(true).open(&endless);
    let file = file.expect("it is there");
    file.set_len(1 << 43).expect("a sparse file");
    let watch = inotify::init(CreateFlags::CLOEXEC).expect("inotify");
    inotify::add_watch(&watch, &endless, WatchFlags::ACCESS).expect("a watch");

    world
        .album
        .save_image("wxfile://tmp/endless.png", 1)
        .expect("accepted");
    world
        .album
        .save_image("wxfile://tmp/endless.png", 2)
        .expect("accepted");
    let mut buffer = [std::mem::MaybeUninit::uninit(); 256];
    let mut events = inotify::Reader::new(&watch, &mut buffer);
    events.next().expect("it is read");
    world.album.close(Duration::ZERO);

    for (tag, what) in [(1, "was closed while"), (2, "was closed ")] {
        let answer = world.next();
        assert_eq!((answer.user_tag, answer.flags), (tag, FLAG_SHUTDOWN));
        assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:fail cancel");
        assert!(answer.detail.contains(what), "{answer:?}");
        assert!(answer.saved_file_path.as_os_str().is_empty());
    }
    check_closed(&world.album);
    assert!(world.pictures().is_empty());
}

/// Eight threads submit and poll while the album is closed with this time-out.
fn check_each_accepted_call_completes_once(timeout: Duration) {
    const THREADS: u64 = 8;
    const BEFORE: usize = 400;
    let world = World::new();
    world.write("tmp/shot.png", PNG);
    let album = &world.album;
    let (accepted, completed) = (Mutex::new(BTreeSet::new()), Mutex::new(Vec::new()));
    let (tell, told) = std::sync::mpsc::channel();
    let take = |wait| -> bool {
        let Ok(taken) = album.take(3, wait) else {
            return false;
        };
        for completion in taken {
            if completion.kind == CompletionKind::ConsentNeeded {
                // Refused if the album closed meanwhile.
                let _ = album.answer_consent(Answer::Granted);
            } else {
                completed
                    .lock()
                    .expect("no panic")
                    .push(completion.user_tag);
            }
        }
        true
    };
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (accepted, take, tell) = (&accepted, &take, tell.clone());
            scope.spawn(move || {
                for nth in 0_u64.. {
                    let tag = 1 + nth * THREADS + thread;
                    let done = match tag % 16 {
                        0 => album.save_image("wxfile://tmp/shot.png", tag),
                        1..6 => album.save_image("wxfile://tmp/gone.png", tag),
                        6..9 => album.save_image("https://example.com/a.png", tag),
                        _ => album.authorize(tag),
                    };
                    match done.map_err(|error| error.kind) {
                        Ok(()) => {
                            assert!(accepted.lock().expect("no panic").insert(tag));
                            // Nobody counts any more once the album is closing.
                            let _ = tell.send(());
                        }
                        Err(Kind::QueueFull) => {}
                        Err(kind) => {
                            assert_eq!(kind, Kind::Closed);
                            break;
                        }
                    }
                    take(Wait::Not);
                }
            });
        }
        assert_eq!(told.iter().take(BEFORE).count(), BEFORE);
        album.close(timeout);
    });
    while take(Wait::Forever) {}
    let accepted: Vec<u64> = accepted
        .into_inner()
        .expect("no panic")
        .into_iter()
        .collect();
    let mut completed = completed.into_inner().expect("no panic");
    completed.sort_unstable();
    assert_eq!(completed, accepted);
    check_closed(album);
}

#[test]
fn each_accepted_call_completes_once_whoever_closes_meanwhile() {
    check_each_accepted_call_completes_once(AMPLE);
}

#[test]
fn each_accepted_call_completes_once_also_when_nothing_is_waited_for() {
    check_each_accepted_call_completes_once(Duration::ZERO);
}
