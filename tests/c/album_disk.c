/*
 * An album on a disk that is full, and in a folder that may not be written: what the call says, and that it leaves
 * nothing behind, not even a hidden file. WXG_TEST_DIR is a file system of 1 MiB in a mount namespace of its own.
 */
#include "file_systems.h"
#include "small_disk.h"

#include <sys/mount.h>

#define NO_SPACE "saveImageToPhotosAlbum:fail no space left"
#define NO_PERMISSION "saveImageToPhotosAlbum:fail no permission"

static user user_of(const char *story, const char *way)
{
    char name[64];
    snprintf(name, sizeof(name), "%s-%s", story, way);
    return new_user(name);
}

static void larger_than_the_room(const char *way)
{
    user someone = user_of("larger", way);
    wxg_album *album = open_album(&someone);
    char path[700];
    fsblkcnt_t room;
    write_file(someone.temp_path, "large.png", PNG, sizeof(PNG), 2 << 20);
    write_png(someone.temp_path, "small.png");
    grant(album);
    submit_save(album, "wxfile://tmp/small.png", 1);
    expect_saved(album, 1);

    room = disk().f_bfree;
    submit_save(album, "wxfile://tmp/large.png", 2);
    expect_answer(album, WXG_KIND_SAVE_IMAGE, 2, NO_SPACE, WXG_ALBUM_NO_SPACE);
    CHECK_INT(entries(someone.folder), 1);
    CHECK_INT(disk().f_bfree, room);

    submit_save(album, "wxfile://tmp/small.png", 3);
    expect_saved(album, 3);
    CHECK(file_is(saved_file_path, PNG, sizeof(PNG), sizeof(PNG)));
    CHECK_INT(entries(someone.folder), 2);
    wxg_album_free(album);
    snprintf(path, sizeof(path), "%s/large.png", someone.temp_path);
    CHECK(unlink(path) == 0);
}

/* An answer that finds no room holds while the album is open, and every call that it decides says so. */
static void no_room_for_the_answer(const char *way)
{
    user someone = user_of("answer", way);
    wxg_album *album = open_album(&someone), *second;
    char kept[700];
    write_png(someone.temp_path, "small.png");
    fill_disk();
    submit_save(album, "wxfile://tmp/small.png", 1);
    expect_request(album, WXG_KIND_CONSENT_NEEDED);
    CHECK_OK(wxg_album_answer_consent(album, WXG_CONSENT_GRANTED, NULL));
    CHECK_INT(expect_answer(album, WXG_KIND_SAVE_IMAGE, 1, NO_SPACE, WXG_ALBUM_NO_SPACE).flags, WXG_FLAG_NOT_REMEMBERED);
    CHECK_INT(setting_of(album), WXG_CONSENT_GRANTED);
    snprintf(kept, sizeof(kept), "%s/.wxgame", someone.user_data_path);
    CHECK_INT(entries(kept), 0);
    CHECK_INT(entries(someone.folder), 0);
    second = open_album(&someone);
    CHECK_INT(setting_of(second), WXG_CONSENT_NOT_ASKED);

    empty_disk();
    submit_save(album, "wxfile://tmp/small.png", 2);
    CHECK_INT(expect_answer(album, WXG_KIND_SAVE_IMAGE, 2, SAVED, WXG_ALBUM_OK).flags, WXG_FLAG_NOT_REMEMBERED);
    CHECK_INT(entries(someone.folder), 1);
    wxg_album_free(album);

    /* The next album asks again, and with room the answer is kept. */
    submit_save(second, "wxfile://tmp/small.png", 3);
    expect_request(second, WXG_KIND_CONSENT_NEEDED);
    CHECK_OK(wxg_album_answer_consent(second, WXG_CONSENT_GRANTED, NULL));
    expect_saved(second, 3);
    CHECK_INT(entries(kept), 1);
    wxg_album_free(second);
}

/* Root may write where no permission lets it: a file system that is mounted read-only stops root too. */
static void read_only_pictures(const char *way)
{
    user someone = user_of("read-only", way);
    wxg_album_options options = album_options(&someone);
    wxg_album *album = open_album(&someone), *other;
    write_png(someone.temp_path, "small.png");
    CHECK(mkdir(someone.pictures_path, 0700) == 0);
    CHECK(mount("wxgame-test", someone.pictures_path, "tmpfs", 0, "size=64k") == 0);
    grant(album);
    submit_save(album, "wxfile://tmp/small.png", 1);
    expect_saved(album, 1);

    CHECK(mount(NULL, someone.pictures_path, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
    submit_save(album, "wxfile://tmp/small.png", 2);
    CHECK_INT(expect_answer(album, WXG_KIND_SAVE_IMAGE, 2, NO_PERMISSION, WXG_ALBUM_NO_PERMISSION).consent, WXG_CONSENT_GRANTED);
    CHECK_INT(entries(someone.folder), 1);
    options.folder = WXG_STR("Another"); /* which is to be made first */
    other = open_with(&options);
    submit_save(other, "wxfile://tmp/small.png", 3);
    expect_answer(other, WXG_KIND_SAVE_IMAGE, 3, NO_PERMISSION, WXG_ALBUM_NO_PERMISSION);
    CHECK_INT(entries(someone.pictures_path), 1);

    CHECK(mount(NULL, someone.pictures_path, NULL, MS_REMOUNT, NULL) == 0);
    submit_save(album, "wxfile://tmp/small.png", 4);
    expect_saved(album, 4);
    submit_save(other, "wxfile://tmp/small.png", 5);
    expect_saved(other, 5);
    CHECK_INT(entries(someone.folder), 2);
    wxg_album_free(album);
    wxg_album_free(other);
    CHECK(umount(someone.pictures_path) == 0);
}

static void stories(const char *way)
{
    larger_than_the_room(way);
    no_room_for_the_answer(way);
    read_only_pictures(way);
}

int main(void)
{
    check_disk_is_small();
    on_each_way(stories);
    ok("album_disk");
    return 0;
}
