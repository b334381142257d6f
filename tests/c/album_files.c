/* The album from C: which paths name a picture of the game, what is a picture, and under which name it is saved. */
#include "pictures.h"

/* ---- paths ---- */

static void paths_that_are_refused(void)
{
    static const char url[] = "saveImageToPhotosAlbum:fail url invalid";
    static const char missing[] = "saveImageToPhotosAlbum:fail file not found";
    static const char type[] = "saveImageToPhotosAlbum:fail invalid file type";
    static const char large[] = "saveImageToPhotosAlbum:fail file too large";
    static char outside[700], beside[700], large_path[720];
    const struct {
        const char *path, *errmsg, *why;
    } cases[] = {
        {"", url, "empty"},
        {"https://example.com/shot.png", url, "network address"},
        {"http://example.com/shot.png", url, "network address"},
        {"HTTPS://EXAMPLE.COM/shot.png", url, "network address"},
        {"http://tmp.example.com/shot.png", url, "network address"},
        {"data:image/png;base64,iVBORw0KGgo=", url, "data URL"},
        {"cloud://environment/shot.png", url, "cloud file ID"},
        {"file:///etc/hostname", url, "scheme"},
        {"wxfile://store/shot.png", url, "wxfile://tmp"},
        {"shot.png", url, "neither in temp_path nor in user_data_path"},
        {"/etc/hostname", url, "neither"},
        {"/dev/zero", url, "neither"},
        {outside, url, "neither"},
        {beside, url, "neither"},
        {"wxfile://tmp/../usr/shot.png", url, "`..`"},
        {"http://usr/a/../shot.png", url, "`..`"},
        {"wxfile://tmp/", url, "folder"},
        {"http://usr/folder/", url, "folder"},
        {"wxfile://tmp/escape.png", url, "cannot be read"},
        {"wxfile://tmp/up/outside.png", url, "cannot be read"},
        {"wxfile://tmp/device.png", url, "cannot be read"},
        {"wxfile://tmp/none.png", missing, "cannot be read"},
        {"wxfile://tmp/none/none.png", missing, "cannot be read"},
        {"wxfile://tmp/text.png/shot.png", missing, "cannot be read"},
        {"wxfile://tmp/folder.png", type, "not a plain file"},
        {"wxfile://tmp/pipe.png", type, "not a plain file"},
        {"wxfile://tmp/text.png", type, "no PNG"},
        {"wxfile://tmp/empty.png", type, "no PNG"},
        {large_path, large, "max_bytes, 4096"},
    };
    user someone = new_user("paths");
    wxg_album_options options = album_options(&someone);
    wxg_save_image_options save = WXG_SAVE_IMAGE_OPTIONS_INIT;
    wxg_album *album;
    char link[700];
    size_t i;

    snprintf(outside, sizeof(outside), "%s/outside.png", setting("WXG_TEST_DIR"));
    write_png(setting("WXG_TEST_DIR"), "outside.png");
    snprintf(beside, sizeof(beside), "%s-beside/shot.png", someone.temp_path);
    snprintf(link, sizeof(link), "%s/escape.png", someone.temp_path);
    CHECK(symlink(outside, link) == 0);
    snprintf(link, sizeof(link), "%s/up", someone.temp_path);
    CHECK(symlink("../..", link) == 0);
    snprintf(link, sizeof(link), "%s/device.png", someone.temp_path);
    CHECK(symlink("/dev/zero", link) == 0);
    snprintf(link, sizeof(link), "%s/folder.png", someone.temp_path);
    CHECK(mkdir(link, 0700) == 0);
    snprintf(large_path, sizeof(large_path), "%s/large.png", link);
    write_file(link, "large.png", PNG, sizeof(PNG), 4097);
    snprintf(link, sizeof(link), "%s/pipe.png", someone.temp_path);
    CHECK(mkfifo(link, 0600) == 0);
    write_file(someone.temp_path, "text.png", "BM: so begins many a text", 25, 0);
    write_file(someone.temp_path, "empty.png", "", 0, 0);

    options.max_bytes = 4096;
    album = open_with(&options);
    grant(album);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        submit_save(album, cases[i].path, i);
        CHECK_INT(expect_answer(album, WXG_KIND_SAVE_IMAGE, i, cases[i].errmsg, WXG_ALBUM_BAD_FILE).flags, 0);
        CHECK_HOLDS(wxg_cstr(detail), cases[i].why);
    }
    save.file_path = WXG_STR("wxfile://tmp/large.png\0.png");
    CHECK_OK(wxg_album_submit_save_image(album, &save, NULL));
    expect_answer(album, WXG_KIND_SAVE_IMAGE, 0, url, WXG_ALBUM_BAD_FILE);
    CHECK_HOLDS(wxg_cstr(detail), "NUL");
    CHECK_INT(entries(someone.folder), 0);
    wxg_album_free(album);

    /* A byte more may be saved, and it is. */
    options.max_bytes = 4097;
    album = open_with(&options);
    submit_save(album, large_path, 1);
    expect_saved(album, 1);
    wxg_album_free(album);
}

static void paths_that_are_good(void)
{
    static char absolute[700], own[700];
    const char *const paths[] = {"wxfile://tmp_1234.png", "wxfile://tmp/sub/shot.png", "http://tmp/tmp_1234.png",
                                 "wxfile://usr/shot.png", "http://usr/shot.png", "http://usr/link.png", absolute, own};
    user someone = new_user("good-paths");
    wxg_album *album = open_album(&someone);
    char path[700];
    size_t i;
    write_png(someone.temp_path, "tmp_1234.png");
    write_png(someone.user_data_path, "shot.png");
    snprintf(path, sizeof(path), "%s/sub", someone.temp_path);
    CHECK(mkdir(path, 0700) == 0);
    write_png(path, "shot.png");
    snprintf(path, sizeof(path), "%s/link.png", someone.user_data_path);
    CHECK(symlink("shot.png", path) == 0); /* it stays inside */
    snprintf(absolute, sizeof(absolute), "%s/tmp_1234.png", someone.temp_path);
    snprintf(own, sizeof(own), "%s/shot.png", someone.user_data_path);
    grant(album);
    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        submit_save(album, paths[i], i);
        expect_saved(album, i);
        CHECK(file_is(saved_file_path, PNG, sizeof(PNG), sizeof(PNG)));
    }
    CHECK_INT(entries(someone.folder), sizeof(paths) / sizeof(paths[0]));
    wxg_album_free(album);
}

/* ---- kinds and names ---- */

#define JPEG "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1"
#define GIF "GIF89a\1\0\1\0\x80\0\0"
#define WEBP "RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0"
#define BMP "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0"
#define HEIC "\0\0\0\x18" "ftypheic\0\0\0\0mif1heic"
#define AVIF "\0\0\0\x18" "ftypavif\0\0\0\0mif1avif"
#define TIFF "II*\0\x08\0\0\0"
#define SVG "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"
#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* What it is, its first bytes tell; the name that it gets is right for it. */
static void kinds_and_names(void)
{
    static const struct {
        const char *called, *bytes;
        size_t len;
        const char *saved; /* NULL: it is no picture that is saved */
    } cases[] = {
#define IS(bytes) bytes, sizeof(bytes) - 1
        {"photo.png", (const char *)PNG, sizeof(PNG), "photo.png"},
        {"photo.jpg", (const char *)PNG, sizeof(PNG), "photo (2).png"},
        {"photo", (const char *)PNG, sizeof(PNG), "photo (3).png"},
        {"photo.txt", IS(GIF), "photo.txt.gif"},
        {"holiday.JPEG", IS(JPEG), "holiday.JPEG"},
        {"holiday.jfif", IS(JPEG), "holiday.jfif"},
        {"jpeg.gif", IS(JPEG), "jpeg.jpg"},
        {"loop.gif", IS(GIF), "loop.gif"},
        {"small.webp", IS(WEBP), "small.webp"},
        {"bits.bmp", IS(BMP), "bits.bmp"},
        {"phone.heic", IS(HEIC), "phone.heic"},
        {"phone.HIF", IS(HEIC), "phone.HIF"},
        {"phone.jpg", IS(HEIC), "phone (2).heic"},
        {"a.b.c.png", IS(WEBP), "a.b.c.webp"},
        {".hidden.png", (const char *)PNG, sizeof(PNG), "hidden.png"},
        {"con.png", (const char *)PNG, sizeof(PNG), "_con.png"},
        {"what?.png", (const char *)PNG, sizeof(PNG), "what_.png"},
        {"\xe5\x9b\xbe \xe7\x89\x87.png", (const char *)PNG, sizeof(PNG), "\xe5\x9b\xbe \xe7\x89\x87.png"},
        {A50 A50 A50 A50 A50 "a.png", (const char *)PNG, sizeof(PNG), A50 A50 A50 A50 A50 "a.png"},
        {"modern.avif", IS(AVIF), NULL},
        {"scan.tiff", IS(TIFF), NULL},
        {"drawing.svg", IS(SVG), NULL},
        {"letter.bmp", IS("BM is how this letter begins, and it is long enough"), NULL},
        {"half.png", IS("\x89PNG"), NULL},
#undef IS
    };
    user someone = new_user("kinds");
    wxg_album *album = open_album(&someone);
    char path[1200];
    size_t i;
    int saved = 0;
    grant(album);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(path, sizeof(path), "wxfile://tmp/%s", cases[i].called);
        write_file(someone.temp_path, cases[i].called, cases[i].bytes, cases[i].len, 0);
        submit_save(album, path, i);
        if (cases[i].saved == NULL) {
            expect_answer(album, WXG_KIND_SAVE_IMAGE, i, "saveImageToPhotosAlbum:fail invalid file type", WXG_ALBUM_BAD_FILE);
            continue;
        }
        expect_saved(album, i);
        snprintf(path, sizeof(path), "%s/%s", someone.folder, cases[i].saved);
        CHECK_TEXT(wxg_cstr(saved_file_path), path);
        CHECK(file_is(path, cases[i].bytes, cases[i].len, (off_t)cases[i].len));
        saved += 1;
    }
    CHECK_INT(entries(someone.folder), saved);
    wxg_album_free(album);
}

/* What was there stays, also a link to nowhere; and a name with a number is no longer than a name may be. */
static void never_overwrites(void)
{
    user someone = new_user("overwrites");
    wxg_album *album = open_album(&someone);
    char path[1200];
    CHECK(mkdir(someone.pictures_path, 0700) == 0 && mkdir(someone.folder, 0700) == 0);
    write_file(someone.folder, "shot.png", "mine", 4, 0);
    snprintf(path, sizeof(path), "%s/shot (2).png", someone.folder);
    CHECK(symlink("nowhere.png", path) == 0);
    snprintf(path, sizeof(path), "%s/shot (3).png", someone.folder);
    CHECK(mkdir(path, 0700) == 0);
    write_png(someone.temp_path, "shot.png");
    write_png(someone.temp_path, A50 A50 A50 A50 A50 "a.png");
    grant(album);
    submit_save(album, "wxfile://tmp/shot.png", 1);
    expect_saved(album, 1);
    snprintf(path, sizeof(path), "%s/shot (4).png", someone.folder);
    CHECK_TEXT(wxg_cstr(saved_file_path), path);
    snprintf(path, sizeof(path), "%s/shot.png", someone.folder);
    CHECK(file_is(path, "mine", 4, 4));
    submit_save(album, "wxfile://tmp/" A50 A50 A50 A50 A50 "a.png", 2);
    expect_saved(album, 2);
    submit_save(album, "wxfile://tmp/" A50 A50 A50 A50 A50 "a.png", 3);
    expect_saved(album, 3);
    CHECK_INT(strlen(strrchr(saved_file_path, '/') + 1), 255);
    CHECK_HOLDS(wxg_cstr(saved_file_path), "a (2).png");
    CHECK_INT(entries(someone.folder), 6);
    wxg_album_free(album);
}

/* Without pictures_path the platform is asked. */
static void where_the_platform_has_pictures(void)
{
    static const char dirs[] = "XDG_PICTURES_DIR=\"$HOME/Bilder\"\n";
    user someone = new_user("platform");
    wxg_album_options options = album_options(&someone);
    wxg_album *album;
    char home[600], path[700];
    snprintf(home, sizeof(home), "%s/platform", setting("WXG_TEST_DIR"));
    snprintf(path, sizeof(path), "%s/.config", home);
    CHECK(mkdir(path, 0700) == 0);
    write_file(path, "user-dirs.dirs", dirs, sizeof(dirs) - 1, 0);
    CHECK(setenv("HOME", home, 1) == 0 && unsetenv("XDG_CONFIG_HOME") == 0);
    write_png(someone.temp_path, "shot.png");
    options.pictures_path = WXG_STR("");
    album = open_with(&options);
    grant(album);
    submit_save(album, "wxfile://tmp/shot.png", 1);
    expect_saved(album, 1);
    snprintf(path, sizeof(path), "%s/Bilder/Game/shot.png", home);
    CHECK_TEXT(wxg_cstr(saved_file_path), path);
    wxg_album_free(album);
}

int main(void)
{
    paths_that_are_refused();
    paths_that_are_good();
    kinds_and_names();
    never_overwrites();
    where_the_platform_has_pictures();
    ok("album_files");
    return 0;
}
