//! WeChat's words, to the letter, and what they mean.

use wxgame::album::errmsg::{Api, Class, Ending, class_of};

const APIS: [(Api, &str); 3] = [
    (Api::SaveImage, "saveImageToPhotosAlbum:"),
    (Api::Authorize, "authorize:"),
    (Api::OpenSetting, "openSetting:"),
];

const ENDINGS: [(Ending, &str, Class); 10] = [
    (Ending::Ok, "ok", Class::Ok),
    (Ending::AuthDeny, "fail auth deny", Class::Denied),
    (Ending::Cancel, "fail cancel", Class::Cancelled),
    (Ending::UrlInvalid, "fail url invalid", Class::BadFile),
    (Ending::FileNotFound, "fail file not found", Class::BadFile),
    (
        Ending::InvalidFileType,
        "fail invalid file type",
        Class::BadFile,
    ),
    (Ending::FileTooLarge, "fail file too large", Class::BadFile),
    (
        Ending::NoPermission,
        "fail no permission",
        Class::NoPermission,
    ),
    (Ending::NoSpace, "fail no space left", Class::NoSpace),
    (Ending::SystemError, "fail system error", Class::Other),
];

#[test]
fn each_ending_has_its_text_for_each_call() {
    for (api, prefix) in APIS {
        for (ending, tail, class) in ENDINGS {
            assert_eq!(ending.errmsg(api), format!("{prefix}{tail}"));
            assert_eq!(ending.class(), class);
        }
    }
}

#[test]
fn the_class_of_our_own_texts_is_that_of_the_ending() {
    for (api, _) in APIS {
        for (ending, _, class) in ENDINGS {
            assert_eq!(class_of(&ending.errmsg(api)), class);
        }
    }
}

/// As WeChat's clients have been seen to say it, platform by platform.
#[test]
fn wechats_own_texts_have_their_class_on_every_platform() {
    for (tail, class) in [
        ("ok", Class::Ok),
        ("fail auth deny", Class::Denied),
        ("fail auth denied", Class::Denied),
        ("fail:auth denied", Class::Denied),
        ("fail authorize no response", Class::Denied),
        ("fail cancel", Class::Cancelled),
        ("fail no permission", Class::NoPermission),
        ("fail:system permission denied", Class::NoPermission),
        ("fail invalid file type", Class::BadFile),
        ("fail file not found", Class::BadFile),
        ("fail no such file or directory", Class::BadFile),
        ("fail url invalid", Class::BadFile),
        ("fail privacy permission is not authorized", Class::Privacy),
        (
            "fail api scope is not declared in the privacy agreement",
            Class::Privacy,
        ),
        (
            "fail please go to mp open official popup or use wx.onNeedPrivacyAuthorization to announce your privacy",
            Class::Privacy,
        ),
    ] {
        for errmsg in [
            format!("saveImageToPhotosAlbum:{tail}"),
            format!("saveImageToPhotosAlbum: {tail}"),
            format!("saveImageToPhotosAlbum:{}", tail.to_uppercase()),
            tail.to_owned(),
        ] {
            assert_eq!(class_of(&errmsg), class, "{errmsg}");
        }
    }
}

#[test]
fn a_text_that_nobody_knows_is_other() {
    for errmsg in [
        "",
        ":",
        "saveImageToPhotosAlbum:",
        "saveImageToPhotosAlbum:fail",
        "saveImageToPhotosAlbum:fail jsapi has no such thing",
        "saveImageToPhotosAlbum:okay",
        "保存失败",
    ] {
        assert_eq!(class_of(errmsg), Class::Other, "{errmsg}");
    }
}

#[test]
fn a_file_name_in_a_text_does_not_change_its_class() {
    for errmsg in [
        "saveImageToPhotosAlbum:fail no such file or directory, open 'wxfile://usr/privacy.png'",
        "saveImageToPhotosAlbum:fail file not found: http://tmp/cancel.png",
    ] {
        assert_eq!(class_of(errmsg), Class::BadFile, "{errmsg}");
    }
}
