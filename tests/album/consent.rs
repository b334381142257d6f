//! `scope.writePhotosAlbum` through the album, with the answer on the disk.

use std::fs;

use wxgame::album::completion::{Completion, CompletionKind, FLAG_NOT_REMEMBERED};
use wxgame::album::consent::{Answer, Consent};
use wxgame::album::errmsg::{Api, Class};
use wxgame::error::Kind;

use crate::world::{PNG, World, next};

const KEPT: &str = "usr/.wxgame/scope.writePhotosAlbum";
const SHOT: &str = "wxfile://tmp/shot.png";

fn world() -> World {
    let world = World::new();
    world.write("tmp/shot.png", PNG);
    world
}

fn keep(world: &World, text: &[u8]) {
    fs::create_dir_all(world.path("usr/.wxgame")).expect("a folder can be made");
    world.write(KEPT, text);
}

/// Asks for the settings, and answers them.
fn change_setting(world: &World, answer: Answer) -> Completion {
    world.album.open_setting(3).expect("accepted");
    assert_eq!(world.next().kind, CompletionKind::SettingNeeded);
    world.album.answer_setting(answer).expect("somebody waits");
    let shown = world.next();
    assert_eq!(shown.kind, CompletionKind::Answer(Api::OpenSetting));
    assert_eq!((&*shown.errmsg, shown.user_tag), ("openSetting:ok", 3));
    shown
}

#[test]
fn the_user_is_asked_once_for_all_calls_that_wait() {
    let world = world();
    for tag in 1..=3 {
        world.album.save_image(SHOT, tag).expect("accepted");
    }
    world.album.authorize(4).expect("accepted");
    // Answered at once, and so behind all that came before it.
    world.album.open_setting(5).expect("accepted");
    assert_eq!(world.next().kind, CompletionKind::ConsentNeeded);
    assert_eq!(world.next().user_tag, 5);
    assert!(world.is_silent(), "nobody is asked twice");
    assert!(
        world.pictures().is_empty(),
        "nothing is saved before the answer"
    );

    world
        .album
        .answer_consent(Answer::Granted)
        .expect("they wait");
    for tag in 1..=4 {
        let answer = world.next();
        assert_eq!((answer.user_tag, answer.class), (tag, Some(Class::Ok)));
        assert_eq!((answer.consent, answer.flags), (Some(Consent::Granted), 0));
    }
    assert_eq!(world.pictures().len(), 3);
}

#[test]
fn the_answer_is_kept_for_every_later_opening() {
    let world = world();
    assert_eq!(world.album.setting(), Ok(Consent::NotAsked));
    world.decide(Answer::Granted);
    assert_eq!(fs::read(world.path(KEPT)).expect("it is there"), b"true\n");
    let names = fs::read_dir(world.path("usr/.wxgame")).expect("it is there");
    assert_eq!(names.count(), 1, "nothing else is left there");
    for _ in 0..2 {
        let later = world.again();
        assert_eq!(later.setting(), Ok(Consent::Granted));
        later.save_image(SHOT, 0).expect("accepted");
        assert_eq!(next(&later).errmsg, "saveImageToPhotosAlbum:ok");
    }
}

#[test]
fn who_has_refused_is_not_asked_again() {
    let world = world();
    world.decide(Answer::Denied);
    assert_eq!(fs::read(world.path(KEPT)).expect("it is there"), b"false\n");
    let answer = world.save(SHOT);
    assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:fail auth deny");
    assert_eq!(
        (answer.class, answer.consent),
        (Some(Class::Denied), Some(Consent::Denied))
    );
    assert!(answer.detail.contains("openSetting"), "{answer:?}");
    world.album.authorize(9).expect("accepted");
    assert_eq!(world.next().errmsg, "authorize:fail auth deny");

    let later = world.again();
    later.save_image(SHOT, 0).expect("accepted");
    assert_eq!(next(&later).class, Some(Class::Denied));
    assert!(world.pictures().is_empty());
}

#[test]
fn the_refusal_answers_all_calls_that_wait() {
    let world = world();
    world.album.save_image(SHOT, 1).expect("accepted");
    world.album.authorize(2).expect("accepted");
    assert_eq!(world.next().kind, CompletionKind::ConsentNeeded);
    world
        .album
        .answer_consent(Answer::Denied)
        .expect("they wait");
    assert_eq!(world.next().errmsg, "saveImageToPhotosAlbum:fail auth deny");
    assert_eq!(world.next().errmsg, "authorize:fail auth deny");
}

#[test]
fn the_file_is_looked_at_only_after_the_answer() {
    let world = World::new();
    let gone = "wxfile://tmp/gone.png";
    for (answer, errmsg) in [
        (Answer::Cancelled, "saveImageToPhotosAlbum:fail cancel"),
        (
            Answer::Granted,
            "saveImageToPhotosAlbum:fail file not found",
        ),
    ] {
        world.album.save_image(gone, 1).expect("accepted");
        assert_eq!(world.next().kind, CompletionKind::ConsentNeeded);
        world.album.answer_consent(answer).expect("it waits");
        assert_eq!(world.next().errmsg, errmsg);
    }
}

#[test]
fn a_closed_dialog_is_not_kept_and_the_next_call_asks_again() {
    let world = world();
    for _ in 0..2 {
        world.album.save_image(SHOT, 1).expect("accepted");
        assert_eq!(world.next().kind, CompletionKind::ConsentNeeded);
        world
            .album
            .answer_consent(Answer::Cancelled)
            .expect("it waits");
        let answer = world.next();
        assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:fail cancel");
        assert_eq!(answer.class, Some(Class::Cancelled));
        assert_eq!((answer.consent, answer.flags), (Some(Consent::NotAsked), 0));
        assert_eq!(world.album.setting(), Ok(Consent::NotAsked));
    }
    assert!(!world.path("usr/.wxgame").exists());
}

#[test]
fn the_settings_show_only_what_was_asked_before() {
    let world = world();
    world.album.open_setting(1).expect("accepted");
    let shown = world.next();
    assert_eq!(shown.errmsg, "openSetting:ok");
    assert_eq!(shown.consent, Some(Consent::NotAsked));
}

#[test]
fn the_settings_change_the_answer() {
    let world = world();
    world.decide(Answer::Denied);
    let shown = change_setting(&world, Answer::Cancelled);
    assert_eq!(shown.consent, Some(Consent::Denied), "left as it was");
    let shown = change_setting(&world, Answer::Granted);
    assert_eq!(shown.consent, Some(Consent::Granted));
    assert_eq!(world.save(SHOT).class, Some(Class::Ok));
    let shown = change_setting(&world, Answer::Denied);
    assert_eq!(shown.consent, Some(Consent::Denied));
    assert_eq!(world.save(SHOT).class, Some(Class::Denied));
    assert_eq!(world.again().setting(), Ok(Consent::Denied));
}

#[test]
fn the_settings_are_shown_once_for_all_who_ask() {
    let world = world();
    world.decide(Answer::Granted);
    for tag in 1..=2 {
        world.album.open_setting(tag).expect("accepted");
    }
    world.album.authorize(3).expect("accepted");
    assert_eq!(world.next().kind, CompletionKind::SettingNeeded);
    assert_eq!(world.next().user_tag, 3, "nothing else was asked before it");
    world
        .album
        .answer_setting(Answer::Cancelled)
        .expect("they wait");
    for tag in 1..=2 {
        let shown = world.next();
        assert_eq!(
            (shown.user_tag, shown.consent),
            (tag, Some(Consent::Granted))
        );
    }
}

#[test]
fn an_answer_given_elsewhere_counts_for_the_next_call() {
    let world = world();
    world.album.save_image(SHOT, 1).expect("accepted");
    assert_eq!(world.next().kind, CompletionKind::ConsentNeeded);
    crate::world::decide(&world.again(), Answer::Granted);
    assert_eq!(world.album.setting(), Ok(Consent::Granted));

    world.album.save_image(SHOT, 2).expect("accepted");
    for tag in 1..=2 {
        let answer = world.next();
        assert_eq!((answer.user_tag, answer.class), (tag, Some(Class::Ok)));
    }
    let needless = world
        .album
        .answer_consent(Answer::Denied)
        .expect_err("nobody waits");
    assert_eq!(needless.kind, Kind::WrongState);
    assert_eq!(world.album.setting(), Ok(Consent::Granted));
}

#[test]
fn an_answer_that_nobody_waits_for_is_refused() {
    let world = world();
    for refused in [
        world.album.answer_consent(Answer::Granted),
        world.album.answer_setting(Answer::Granted),
    ] {
        assert_eq!(refused.expect_err("nobody waits").kind, Kind::WrongState);
    }
    world.decide(Answer::Denied);
    let twice = world.album.answer_consent(Answer::Granted);
    assert_eq!(twice.expect_err("answered").kind, Kind::WrongState);
    assert_eq!(world.album.setting(), Ok(Consent::Denied));
}

#[test]
fn a_damaged_answer_is_asked_for_again() {
    let long = "true\n".repeat(1_000);
    let damaged: [&[u8]; 7] = [
        b"",
        b"maybe",
        b"TRUE",
        b"1",
        b"true false",
        b"\xff\xfe\0",
        long.as_bytes(),
    ];
    for text in damaged {
        let world = world();
        keep(&world, text);
        assert_eq!(world.album.setting(), Ok(Consent::NotAsked), "{text:?}");
        world.decide(Answer::Denied);
        assert_eq!(fs::read(world.path(KEPT)).expect("it is there"), b"false\n");
    }
}

/// Nobody can tell whether the user refused: nothing is saved, nobody is asked, and the host is told where to look.
fn check_unreadable(world: &World) {
    let answer = world.save(SHOT);
    assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:fail system error");
    assert_eq!(answer.class, Some(Class::Other));
    assert!(
        answer.detail.contains(".wxgame/scope.writePhotosAlbum"),
        "{answer:?}"
    );
    world.album.authorize(0).expect("accepted");
    assert_eq!(world.next().errmsg, "authorize:fail system error");
    world.album.open_setting(0).expect("accepted");
    assert_eq!(world.next().errmsg, "openSetting:fail system error");
    let error = world.album.setting().expect_err("nobody can tell");
    assert_eq!(error.kind, Kind::Configuration);
    assert!(world.pictures().is_empty());
}

#[test]
fn an_answer_that_cannot_be_read_saves_nothing() {
    let folder = world();
    fs::create_dir_all(folder.path(KEPT)).expect("a folder can be made");
    check_unreadable(&folder);

    let file = world();
    file.write("usr/.wxgame", b"true\n");
    check_unreadable(&file);
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_link_out_in_the_answers_place_grants_nothing() {
    use std::os::unix::fs::symlink;
    let pipe = world();
    fs::create_dir(pipe.path("usr/.wxgame")).expect("a folder can be made");
    crate::world::make_pipe(&pipe.path(KEPT));
    check_unreadable(&pipe);

    // Below temp_path the game may write: an answer of its own making.
    let link = world();
    link.write("tmp/forged", b"true\n");
    fs::create_dir(link.path("usr/.wxgame")).expect("a folder can be made");
    symlink(link.path("tmp/forged"), link.path(KEPT)).expect("a link can be made");
    check_unreadable(&link);

    let folder = world();
    folder.write("tmp/scope.writePhotosAlbum", b"true\n");
    symlink("../tmp", folder.path("usr/.wxgame")).expect("a link can be made");
    check_unreadable(&folder);
}

#[test]
fn an_answer_that_cannot_be_kept_holds_in_this_album_and_is_flagged() {
    let world = world();
    world.album.save_image(SHOT, 1).expect("accepted");
    assert_eq!(world.next().kind, CompletionKind::ConsentNeeded);
    // A file where the folder should be: not even root can write below it.
    world.write("usr/.wxgame", b"");
    world
        .album
        .answer_consent(Answer::Granted)
        .expect("it waits");
    for answer in [world.next(), world.save(SHOT)] {
        assert_eq!(answer.class, Some(Class::Ok), "{answer:?}");
        assert_eq!(answer.flags, FLAG_NOT_REMEMBERED);
        assert_eq!(answer.consent, Some(Consent::Granted));
    }
    assert_eq!(world.album.setting(), Ok(Consent::Granted));

    fs::remove_file(world.path("usr/.wxgame")).expect("it is there");
    let other = world.again();
    assert_eq!(
        other.setting(),
        Ok(Consent::NotAsked),
        "the next process asks"
    );
    let shown = change_setting(&world, Answer::Denied);
    assert_eq!(shown.flags, 0, "now it is kept");
    assert_eq!(other.setting(), Ok(Consent::Denied));
}

#[cfg(unix)]
#[test]
fn the_answer_is_never_written_through_a_link() {
    let world = world();
    std::os::unix::fs::symlink("../tmp/elsewhere", world.path("usr/.wxgame")).expect("a link");
    world.album.save_image(SHOT, 1).expect("accepted");
    let refused = world.next();
    assert_eq!(refused.class, Some(Class::Other), "{refused:?}");
    fs::remove_file(world.path("usr/.wxgame")).expect("it is there");

    // The file itself is replaced, never followed.
    fs::create_dir(world.path("usr/.wxgame")).expect("a folder can be made");
    std::os::unix::fs::symlink("gone", world.path(KEPT)).expect("a link");
    world.decide(Answer::Granted);
    assert!(!world.path("usr/.wxgame/gone").exists());
    let kept = fs::symlink_metadata(world.path(KEPT)).expect("it is there");
    assert!(kept.is_file());
}
