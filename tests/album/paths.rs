//! Which texts name a local file of the game.

use wxgame::album::errmsg::Class;
use wxgame::album::path::{Root, Roots, locate};

use crate::world::{PNG, World};

fn roots(slash: &str) -> Roots {
    Roots {
        temp: format!("/games/one/tmp{slash}"),
        user_data: format!("/games/one/usr{slash}"),
    }
}

fn check_found(file_path: &str, root: Root, relative: &str) {
    for slash in ["", "/", "//"] {
        let source = locate(file_path, &roots(slash)).expect(file_path);
        assert_eq!((source.root, &*source.relative), (root, relative));
    }
}

/// Each is refused, for a reason that says so.
fn check_refused(file_paths: &[&str], reason: &str) {
    for file_path in file_paths {
        let rule = locate(file_path, &roots("")).expect_err(file_path);
        assert!(
            rule.starts_with("file_path ") && rule.contains(reason),
            "{file_path}: {rule}"
        );
    }
}

#[test]
fn every_spelling_of_a_temporary_file_is_found() {
    check_found("wxfile://tmp/a/b.png", Root::Temp, "a/b.png");
    check_found("wxfile://tmp_0123abcd.jpg", Root::Temp, "tmp_0123abcd.jpg");
    check_found("wxfile://tmpfile.png", Root::Temp, "tmpfile.png");
    check_found(
        "http://tmp/wx0123.o6zAJs.png",
        Root::Temp,
        "wx0123.o6zAJs.png",
    );
}

#[test]
fn every_spelling_of_a_file_of_the_user_is_found() {
    check_found("wxfile://usr/a/b.png", Root::UserData, "a/b.png");
    check_found("http://usr/图片 1.png", Root::UserData, "图片 1.png");
}

#[test]
fn an_absolute_path_below_a_root_is_found() {
    check_found("/games/one/tmp/a.png", Root::Temp, "a.png");
    check_found("/games/one/usr/a/b.png", Root::UserData, "a/b.png");
    check_found("/games/one/usr//a.png", Root::UserData, "a.png");
}

#[test]
fn a_network_address_is_refused() {
    check_refused(
        &[
            "https://example.com/a.png",
            "http://example.com/a.png",
            "http://tmp.example/a.png",
            "http://tmp:80/a.png",
            "http://user@tmp/a.png",
            "http://tmp",
            "http://tmp?a.png",
            "http://usr#/a.png",
            "https://tmp/a.png",
            "https://usr/a.png",
            "HTTP://tmp/a.png",
            "http:/tmp/a.png",
        ],
        "network address",
    );
}

#[test]
fn data_urls_cloud_ids_and_other_schemes_are_refused() {
    check_refused(&["data:image/png;base64,iVBORw0KGgo="], "data URL");
    check_refused(&["cloud://env.6368/a.png"], "cloud file ID");
    check_refused(
        &[
            "file:///games/one/tmp/a.png",
            "blob:https://example.com/1",
            "content://media/1",
            "WXFILE://tmp/a.png",
        ],
        "scheme",
    );
}

#[test]
fn another_wxfile_path_is_refused() {
    check_refused(
        &[
            "wxfile://",
            "wxfile:///a.png",
            "wxfile://usr",
            "wxfile://usr_a.png",
            "wxfile://store_0123.png",
            "wxfile://TMP/a.png",
            "wxfile://ad/a.png",
        ],
        "other than",
    );
}

#[test]
fn a_relative_path_is_refused_also_of_the_code_package() {
    check_refused(
        &[
            "a.png",
            "./a.png",
            "images/a.png",
            "/images/a.png",
            "games/one/tmp/a.png",
            "~/a.png",
            " wxfile://tmp/a.png",
        ],
        "neither in temp_path nor in user_data_path",
    );
}

#[test]
fn a_folder_whose_name_begins_like_a_root_is_another() {
    check_refused(
        &[
            "/games/one/tmp2/a.png",
            "/games/one/tmp.png",
            "/games/one/usr-old/a.png",
        ],
        "neither in temp_path nor in user_data_path",
    );
}

#[test]
fn dot_dot_is_refused_anywhere() {
    check_refused(
        &[
            "wxfile://tmp/../a.png",
            "wxfile://tmp/a/../b.png",
            "wxfile://tmp_/../../a.png",
            "wxfile://tmp/..",
            "http://usr/../../etc/passwd",
            "/games/one/tmp/../usr/a.png",
            "/games/one/tmp/a/..",
        ],
        "`..`",
    );
    check_found("wxfile://tmp/a..b.png", Root::Temp, "a..b.png");
    check_found("wxfile://usr/.../a.png", Root::UserData, ".../a.png");
}

#[test]
fn nothing_a_nul_and_a_folder_are_refused() {
    check_refused(&[""], "is empty");
    check_refused(&["wxfile://tmp/a.png\0.txt", "\0"], "NUL");
    let long = format!("wxfile://tmp/{}.png", "a".repeat(32_767));
    check_refused(&[&long], "longer than 32,767 bytes");
    check_refused(
        &[
            "wxfile://tmp/",
            "http://usr/",
            "wxfile://tmp/a/",
            "/games/one/tmp",
            "/games/one/tmp/",
            "/games/one/usr/a.png/",
        ],
        "names a folder",
    );
}

#[test]
fn more_slashes_do_not_lead_to_the_systems_root() {
    check_found("wxfile://tmp//etc/passwd", Root::Temp, "etc/passwd");
    check_found("http://usr///etc/passwd", Root::UserData, "etc/passwd");
}

#[test]
fn percent_encoding_is_not_decoded() {
    check_found("wxfile://tmp/a%20b.png", Root::Temp, "a%20b.png");
    check_found("wxfile://usr/%2e%2e/a.png", Root::UserData, "%2e%2e/a.png");

    let world = World::granted();
    world.write("tmp/a b.png", PNG);
    let answer = world.save("wxfile://tmp/a%20b.png");
    assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:fail file not found");
    world.write("tmp/a%20b.png", PNG);
    let answer = world.save("wxfile://tmp/a%20b.png");
    assert_eq!(
        answer.saved_file_path,
        world.path("Pictures/Game/a%20b.png")
    );
}

#[test]
fn a_refused_path_is_answered_before_the_user_is_asked() {
    let world = World::new();
    for file_path in [
        "https://example.com/a.png",
        "a.png",
        "",
        "wxfile://tmp/../a.png",
    ] {
        let answer = world.save(file_path);
        assert_eq!(answer.errmsg, "saveImageToPhotosAlbum:fail url invalid");
        assert_eq!(answer.class, Some(Class::BadFile));
        assert!(answer.detail.starts_with("file_path "), "{answer:?}");
        assert_eq!(
            (answer.error, answer.consent, answer.flags),
            (None, None, 0)
        );
    }
}

#[test]
fn a_path_that_no_file_system_takes_is_a_bad_file() {
    let world = World::granted();
    let name = format!("wxfile://tmp/{}.png", "a".repeat(300));
    let deep = format!("wxfile://tmp/{}a.png", "a/".repeat(5_000));
    for file_path in [name, deep] {
        let answer = world.save(&file_path);
        assert_eq!(answer.class, Some(Class::BadFile), "{answer:?}");
    }
    assert!(world.pictures().is_empty());
}
