/* The folders of one user, an album on them, pictures to save, and what is in the user's folder afterwards. */
#ifndef WXG_TESTS_PICTURES_H
#define WXG_TESTS_PICTURES_H

#include "common.h"

#include <fcntl.h>
#include <sys/stat.h>

/* The smallest PNG there is. */
static const unsigned char PNG[] = {
    0x89, 'P',  'N',  'G',  '\r', '\n', 0x1a, '\n', 0,    0,    0,    13,   'I',  'H',  'D', 'R', 0,
    0,    0,    1,    0,    0,    0,    1,    8,    6,    0,    0,    0,    0x1f, 0x15, 0xc4, 0x89, 0,
    0,    0,    13,   'I',  'D',  'A',  'T',  0x78, 0x9c, 0x63, 0,    1,    0,    0,    5,    0,   1,
    0x0d, 0x0a, 0x2d, 0xb4, 0,    0,    0,    0,    'I',  'E',  'N',  'D',  0xae, 0x42, 0x60, 0x82,
};

/* What the game calls wx.env.USER_DATA_PATH and the like, and the user's pictures. */
typedef struct user {
    char temp_path[600], user_data_path[600], pictures_path[600];
    char folder[620]; /* the game's, in pictures_path; made by the first picture */
} user;

/* Somebody who has never been asked, with folders of his own in the directory of this run. */
static inline user new_user(const char *name)
{
    const char *directory = setting("WXG_TEST_DIR");
    char home[560];
    user made;
    CHECK(snprintf(home, sizeof(home), "%s/%s", directory, name) < (int)sizeof(home));
    snprintf(made.temp_path, sizeof(made.temp_path), "%s/tmp", home);
    snprintf(made.user_data_path, sizeof(made.user_data_path), "%s/usr", home);
    snprintf(made.pictures_path, sizeof(made.pictures_path), "%s/Pictures", home);
    snprintf(made.folder, sizeof(made.folder), "%s/Game", made.pictures_path);
    CHECK(mkdir(home, 0700) == 0 && mkdir(made.temp_path, 0700) == 0 && mkdir(made.user_data_path, 0700) == 0);
    return made;
}

static inline wxg_album_options album_options(const user *of)
{
    wxg_album_options options = WXG_ALBUM_OPTIONS_INIT;
    options.temp_path = wxg_cstr(of->temp_path);
    options.user_data_path = wxg_cstr(of->user_data_path);
    options.pictures_path = wxg_cstr(of->pictures_path);
    options.folder = WXG_STR("Game");
    return options;
}

static inline wxg_album *open_with(const wxg_album_options *options)
{
    wxg_album *album = POISON(wxg_album);
    wxg_error *error = POISON(wxg_error);
    wxg_status status = wxg_album_open(options, &album, &error);
    if (status != WXG_OK) {
        wxg_str message = WXG_STR("");
        wxg_error_message(error, &message);
        failed(__FILE__, __LINE__, "wxg_album_open: %.*s", (int)message.len, message.data);
    }
    CHECK(album != NULL && error == NULL);
    return album;
}

static inline wxg_album *open_album(const user *of)
{
    wxg_album_options options = album_options(of);
    return open_with(&options);
}

/* ---- files ---- */

/* A file of these bytes, filled up with zeros to `size`; a large one takes no room. */
static inline void write_file(const char *folder, const char *name, const void *bytes, size_t len, off_t size)
{
    char path[900];
    int file;
    CHECK(snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path));
    file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    CHECK(file >= 0);
    CHECK(write(file, bytes, len) == (ssize_t)len);
    CHECK(size <= (off_t)len || ftruncate(file, size) == 0);
    CHECK(close(file) == 0);
}

static inline void write_png(const char *folder, const char *name)
{
    write_file(folder, name, PNG, sizeof(PNG), 0);
}

/* True for a file that begins with these bytes and is so long. */
static inline int file_is(const char *path, const void *bytes, size_t len, off_t size)
{
    unsigned char head[128];
    struct stat file;
    int fd = open(path, O_RDONLY), is;
    CHECK(len <= sizeof(head));
    if (fd < 0)
        return 0;
    is = read(fd, head, len) == (ssize_t)len && memcmp(head, bytes, len) == 0 && fstat(fd, &file) == 0 && file.st_size == size;
    close(fd);
    return is;
}

/* How many entries a folder has, hidden ones too; none where there is no folder. */
static inline int entries(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    int count = 0;
    if (folder == NULL)
        return 0;
    while ((entry = readdir(folder)) != NULL)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return count;
}

/* ---- calls and answers ---- */

static inline void submit_save(wxg_album *album, const char *file_path, uint64_t tag)
{
    wxg_save_image_options options = WXG_SAVE_IMAGE_OPTIONS_INIT;
    options.file_path = wxg_cstr(file_path);
    options.user_tag = tag;
    CHECK_OK(wxg_album_submit_save_image(album, &options, NULL));
}

/* The next completion, whatever it is: yours to free. */
static inline wxg_completion *next(wxg_album *album, wxg_completion_view *view)
{
    wxg_completion *completion = NULL;
    size_t count = 99;
    CHECK_OK(wxg_album_wait(album, PATIENCE_MS, &completion, 1, &count));
    CHECK_INT(count, 1);
    *view = read_completion(completion);
    return completion;
}

/* The host is asked: for this, and about nobody in particular. */
static inline void expect_request(wxg_album *album, uint32_t kind)
{
    wxg_completion_view view;
    wxg_completion *completion = next(album, &view);
    if (view.kind != kind)
        failed(__FILE__, __LINE__, "kind %u, not %u: %s", view.kind, kind, view.errmsg.data);
    CHECK_INT(view.user_tag, 0);
    CHECK_INT(view.album_class, 0);
    CHECK_INT(view.consent, 0);
    CHECK_TEXT(view.errmsg, "");
    wxg_completion_free(completion);
}

/* Texts of the answer that was looked at last. */
static char saved_file_path[1200], detail[1200];

/* The next completion answers this call, and says this. Of the view its texts are gone. */
static inline wxg_completion_view expect_answer(wxg_album *album, uint32_t kind, uint64_t tag, const char *errmsg,
                                                uint32_t album_class)
{
    wxg_completion_view view;
    wxg_completion *completion = next(album, &view);
    if (view.kind != kind || view.user_tag != tag || view.album_class != album_class || !text_is(view.errmsg, errmsg))
        failed(__FILE__, __LINE__, "kind %u tag %llu class %u %s (%s), not kind %u tag %llu class %u %s", view.kind,
               (unsigned long long)view.user_tag, view.album_class, view.errmsg.data, view.detail.data, kind,
               (unsigned long long)tag, album_class, errmsg);
    CHECK_STATUS(view.status, view.flags & WXG_FLAG_SHUTDOWN ? WXG_ERR_CLOSED : WXG_OK);
    CHECK_INT(view.outcome, WXG_OUTCOME_NONE);
    /* What went wrong, or why the user's answer was not kept. */
    CHECK((view.album_class == WXG_ALBUM_OK && view.flags == 0) == (view.detail.len == 0));
    CHECK((view.kind == WXG_KIND_SAVE_IMAGE && view.album_class == WXG_ALBUM_OK) == (view.saved_file_path.len > 0));
    snprintf(saved_file_path, sizeof(saved_file_path), "%s", view.saved_file_path.data);
    snprintf(detail, sizeof(detail), "%s", view.detail.data);
    memset(&view.saved_file_path, 0, sizeof(view.saved_file_path));
    memset(&view.detail, 0, sizeof(view.detail));
    memset(&view.errmsg, 0, sizeof(view.errmsg));
    wxg_completion_free(completion);
    return view;
}

#define SAVED "saveImageToPhotosAlbum:ok"

static inline void expect_saved(wxg_album *album, uint64_t tag)
{
    CHECK_INT(expect_answer(album, WXG_KIND_SAVE_IMAGE, tag, SAVED, WXG_ALBUM_OK).flags, 0);
}

static inline void expect_quiet(wxg_album *album)
{
    wxg_completion *completion = NULL;
    size_t count = 99;
    CHECK_OK(wxg_album_poll(album, &completion, 1, &count));
    if (count != 0) {
        wxg_completion_view view = read_completion(completion);
        failed(__FILE__, __LINE__, "nobody asked for kind %u tag %llu %s", view.kind, (unsigned long long)view.user_tag,
               view.errmsg.data);
    }
}

static inline uint32_t setting_of(wxg_album *album)
{
    uint32_t consent = 99;
    CHECK_OK(wxg_album_get_setting(album, &consent, NULL));
    return consent;
}

/* Asks the user ahead, who says yes. */
static inline void grant(wxg_album *album)
{
    CHECK_OK(wxg_album_submit_authorize(album, 0, NULL));
    expect_request(album, WXG_KIND_CONSENT_NEEDED);
    CHECK_OK(wxg_album_answer_consent(album, WXG_CONSENT_GRANTED, NULL));
    CHECK_INT(expect_answer(album, WXG_KIND_AUTHORIZE, 0, "authorize:ok", WXG_ALBUM_OK).consent, WXG_CONSENT_GRANTED);
}

#endif
