/* The album from C: consent as of wx.authorize, wx.getSetting and wx.openSetting, and the life of the handle. */
#include "pictures.h"

#include <pthread.h>

#define DENY "saveImageToPhotosAlbum:fail auth deny"
#define CANCEL "saveImageToPhotosAlbum:fail cancel"

/* ---- consent ---- */

/* One dialog for all who wait, and never another: not after an opening, not in a second album. */
static void asked_once(void)
{
    user someone = new_user("asked-once");
    wxg_album *album = open_album(&someone), *second;
    uint64_t tag;
    write_png(someone.temp_path, "shot.png");
    CHECK_INT(setting_of(album), WXG_CONSENT_NOT_ASKED);
    for (tag = 1; tag <= 3; tag++)
        submit_save(album, "wxfile://tmp/shot.png", tag);
    CHECK_OK(wxg_album_submit_authorize(album, 4, NULL));
    expect_request(album, WXG_KIND_CONSENT_NEEDED);
    expect_quiet(album);
    CHECK_INT(entries(someone.pictures_path), 0);

    CHECK_OK(wxg_album_answer_consent(album, WXG_CONSENT_GRANTED, NULL));
    for (tag = 1; tag <= 3; tag++)
        CHECK_INT(expect_answer(album, WXG_KIND_SAVE_IMAGE, tag, SAVED, WXG_ALBUM_OK).consent, WXG_CONSENT_GRANTED);
    expect_answer(album, WXG_KIND_AUTHORIZE, 4, "authorize:ok", WXG_ALBUM_OK);
    expect_quiet(album);
    CHECK_INT(entries(someone.folder), 3);
    CHECK_INT(setting_of(album), WXG_CONSENT_GRANTED);

    second = open_album(&someone);
    CHECK_INT(setting_of(second), WXG_CONSENT_GRANTED);
    submit_save(second, "wxfile://tmp/shot.png", 5);
    expect_saved(second, 5);
    wxg_album_free(album);
    wxg_album_free(second);
    album = open_album(&someone);
    CHECK_OK(wxg_album_submit_authorize(album, 6, NULL));
    expect_answer(album, WXG_KIND_AUTHORIZE, 6, "authorize:ok", WXG_ALBUM_OK);
    CHECK_STATUS(wxg_album_answer_consent(album, WXG_CONSENT_DENIED, NULL), WXG_ERR_WRONG_STATE);
    wxg_album_free(album);
}

/* Who has refused is not asked again: only the settings change that. */
static void refused(void)
{
    user someone = new_user("refused");
    wxg_album *album = open_album(&someone), *second;
    write_png(someone.user_data_path, "shot.png");
    submit_save(album, "http://usr/shot.png", 1);
    CHECK_OK(wxg_album_submit_authorize(album, 2, NULL));
    expect_request(album, WXG_KIND_CONSENT_NEEDED);
    CHECK_OK(wxg_album_answer_consent(album, WXG_CONSENT_DENIED, NULL));
    CHECK_INT(expect_answer(album, WXG_KIND_SAVE_IMAGE, 1, DENY, WXG_ALBUM_DENIED).consent, WXG_CONSENT_DENIED);
    expect_answer(album, WXG_KIND_AUTHORIZE, 2, "authorize:fail auth deny", WXG_ALBUM_DENIED);

    second = open_album(&someone);
    submit_save(second, "http://usr/shot.png", 3);
    expect_answer(second, WXG_KIND_SAVE_IMAGE, 3, DENY, WXG_ALBUM_DENIED);
    CHECK_OK(wxg_album_submit_authorize(second, 4, NULL));
    expect_answer(second, WXG_KIND_AUTHORIZE, 4, "authorize:fail auth deny", WXG_ALBUM_DENIED);
    CHECK_INT(setting_of(second), WXG_CONSENT_DENIED);
    CHECK_INT(entries(someone.pictures_path), 0);

    /* What is chosen there holds for the other album as well. */
    CHECK_OK(wxg_album_submit_open_setting(second, 5, NULL));
    CHECK_OK(wxg_album_submit_open_setting(second, 6, NULL));
    expect_request(second, WXG_KIND_SETTING_NEEDED);
    CHECK_OK(wxg_album_answer_setting(second, WXG_CONSENT_GRANTED, NULL));
    CHECK_INT(expect_answer(second, WXG_KIND_OPEN_SETTING, 5, "openSetting:ok", WXG_ALBUM_OK).consent, WXG_CONSENT_GRANTED);
    CHECK_INT(expect_answer(second, WXG_KIND_OPEN_SETTING, 6, "openSetting:ok", WXG_ALBUM_OK).consent, WXG_CONSENT_GRANTED);
    CHECK_STATUS(wxg_album_answer_setting(second, WXG_CONSENT_GRANTED, NULL), WXG_ERR_WRONG_STATE);
    submit_save(album, "http://usr/shot.png", 7);
    expect_saved(album, 7);

    /* Left as it was; then taken back. */
    CHECK_OK(wxg_album_submit_open_setting(album, 8, NULL));
    expect_request(album, WXG_KIND_SETTING_NEEDED);
    CHECK_OK(wxg_album_answer_setting(album, WXG_CONSENT_CANCELLED, NULL));
    CHECK_INT(expect_answer(album, WXG_KIND_OPEN_SETTING, 8, "openSetting:ok", WXG_ALBUM_OK).consent, WXG_CONSENT_GRANTED);
    CHECK_OK(wxg_album_submit_open_setting(album, 9, NULL));
    expect_request(album, WXG_KIND_SETTING_NEEDED);
    CHECK_OK(wxg_album_answer_setting(album, WXG_CONSENT_DENIED, NULL));
    CHECK_INT(expect_answer(album, WXG_KIND_OPEN_SETTING, 9, "openSetting:ok", WXG_ALBUM_OK).consent, WXG_CONSENT_DENIED);
    submit_save(second, "http://usr/shot.png", 10);
    expect_answer(second, WXG_KIND_SAVE_IMAGE, 10, DENY, WXG_ALBUM_DENIED);
    wxg_album_free(second);
    wxg_album_free(album);
}

/* A dialog that was closed is no answer: all who waited fail, and the next call asks again. */
static void cancelled(void)
{
    user someone = new_user("cancelled");
    wxg_album *album = open_album(&someone);
    write_png(someone.temp_path, "shot.png");
    submit_save(album, "wxfile://tmp/shot.png", 1);
    CHECK_OK(wxg_album_submit_authorize(album, 2, NULL));
    expect_request(album, WXG_KIND_CONSENT_NEEDED);
    CHECK_OK(wxg_album_answer_consent(album, WXG_CONSENT_CANCELLED, NULL));
    CHECK_INT(expect_answer(album, WXG_KIND_SAVE_IMAGE, 1, CANCEL, WXG_ALBUM_CANCELLED).flags, 0);
    CHECK_INT(expect_answer(album, WXG_KIND_AUTHORIZE, 2, "authorize:fail cancel", WXG_ALBUM_CANCELLED).consent,
              WXG_CONSENT_NOT_ASKED);
    CHECK_INT(setting_of(album), WXG_CONSENT_NOT_ASKED);
    submit_save(album, "wxfile://tmp/shot.png", 3);
    expect_request(album, WXG_KIND_CONSENT_NEEDED);
    CHECK_OK(wxg_album_answer_consent(album, WXG_CONSENT_GRANTED, NULL));
    expect_saved(album, 3);
    wxg_album_free(album);
}

/* The settings show only what has been asked before. */
static void settings_before_anything_was_asked(void)
{
    user someone = new_user("settings-first");
    wxg_album *album = open_album(&someone);
    CHECK_OK(wxg_album_submit_open_setting(album, 1, NULL));
    CHECK_INT(expect_answer(album, WXG_KIND_OPEN_SETTING, 1, "openSetting:ok", WXG_ALBUM_OK).consent, WXG_CONSENT_NOT_ASKED);
    CHECK_STATUS(wxg_album_answer_setting(album, WXG_CONSENT_GRANTED, NULL), WXG_ERR_WRONG_STATE);
    CHECK_STATUS(wxg_album_answer_consent(album, WXG_CONSENT_GRANTED, NULL), WXG_ERR_WRONG_STATE);
    CHECK_INT(setting_of(album), WXG_CONSENT_NOT_ASKED);
    CHECK_INT(entries(someone.user_data_path), 0);
    wxg_album_free(album);
}

/* The user has answered elsewhere while the dialog was open: the next call takes those along who wait. */
static void decided_elsewhere(void)
{
    user someone = new_user("decided-elsewhere");
    wxg_album *album = open_album(&someone), *elsewhere = open_album(&someone);
    write_png(someone.temp_path, "shot.png");
    submit_save(album, "wxfile://tmp/shot.png", 1);
    expect_request(album, WXG_KIND_CONSENT_NEEDED);
    grant(elsewhere);
    expect_quiet(album);
    submit_save(album, "wxfile://tmp/shot.png", 2);
    expect_saved(album, 1);
    expect_saved(album, 2);
    CHECK_STATUS(wxg_album_answer_consent(album, WXG_CONSENT_DENIED, NULL), WXG_ERR_WRONG_STATE);
    CHECK_INT(setting_of(album), WXG_CONSENT_GRANTED);
    wxg_album_free(album);
    wxg_album_free(elsewhere);
}

/* A network path is refused before anybody is asked. */
static void refused_without_a_question(void)
{
    user someone = new_user("no-question");
    wxg_album *album = open_album(&someone);
    submit_save(album, "https://example.com/shot.png", 1);
    CHECK_INT(expect_answer(album, WXG_KIND_SAVE_IMAGE, 1, "saveImageToPhotosAlbum:fail url invalid", WXG_ALBUM_BAD_FILE).consent,
              0);
    CHECK_INT(setting_of(album), WXG_CONSENT_NOT_ASKED);
    wxg_album_free(album);
}

/* ---- the handle ---- */

#define CALLS 64

static wxg_album *shared;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int answers[CALLS], saved_count; /* under the lock */

static void *polls(void *unused)
{
    for (;;) {
        wxg_completion *completions[3];
        size_t count = 99, i;
        wxg_status status = wxg_album_wait(shared, -1, completions, 3, &count);
        if (status == WXG_ERR_CLOSED) {
            CHECK_INT(count, 0);
            return unused;
        }
        CHECK_STATUS(status, WXG_OK);
        for (i = 0; i < count; i++) {
            wxg_completion_view view = read_completion(completions[i]);
            CHECK(pthread_mutex_lock(&lock) == 0);
            CHECK(view.user_tag < CALLS);
            answers[view.user_tag] += 1;
            saved_count += view.album_class == WXG_ALBUM_OK;
            CHECK(pthread_mutex_unlock(&lock) == 0);
            wxg_completion_free(completions[i]);
        }
    }
}

static void *submits(void *argument)
{
    uint64_t first = (uint64_t)(uintptr_t)argument, tag;
    for (tag = first; tag < CALLS; tag += 2)
        submit_save(shared, tag % 4 < 2 ? "wxfile://tmp/shot.png" : "wxfile://tmp/none.png", tag);
    return NULL;
}

/* Two threads submit, two poll, and closing lets what is in the queue be done: each call is answered once. */
static void from_many_threads(void)
{
    user someone = new_user("threads");
    pthread_t pollers[2], submitters[2];
    size_t i;
    write_png(someone.temp_path, "shot.png");
    shared = open_album(&someone);
    grant(shared);
    for (i = 0; i < 2; i++) {
        CHECK(pthread_create(&pollers[i], NULL, polls, NULL) == 0);
        CHECK(pthread_create(&submitters[i], NULL, submits, (void *)i) == 0);
    }
    for (i = 0; i < 2; i++)
        CHECK(pthread_join(submitters[i], NULL) == 0);
    CHECK_OK(wxg_album_close(shared, PATIENCE_MS));
    for (i = 0; i < 2; i++)
        CHECK(pthread_join(pollers[i], NULL) == 0);
    for (i = 0; i < CALLS; i++)
        CHECK_INT(answers[i], 1);
    CHECK_INT(saved_count, CALLS / 2);
    CHECK_INT(entries(someone.folder), CALLS / 2);
    wxg_album_free(shared);
}

static int readable(int fd, int timeout_ms)
{
    struct pollfd poller = {0};
    poller.fd = fd;
    poller.events = POLLIN;
    return poll(&poller, 1, timeout_ms);
}

static void wakes(void)
{
    user someone = new_user("wakes");
    wxg_album *album = open_album(&someone);
    int32_t fd = -1, again = -1;
    CHECK_OK(wxg_album_wake_fd(album, &fd, NULL));
    CHECK_OK(wxg_album_wake_fd(album, &again, NULL));
    CHECK(fd >= 0 && again == fd);
    CHECK_INT(readable(fd, 0), 0);
    submit_save(album, "http://tmp/none.png", 1);
    CHECK_INT(readable(fd, PATIENCE_MS), 1);
    expect_request(album, WXG_KIND_CONSENT_NEEDED);
    CHECK_INT(readable(fd, 0), 0);
    CHECK_OK(wxg_album_answer_consent(album, WXG_CONSENT_GRANTED, NULL));
    CHECK_INT(readable(fd, PATIENCE_MS), 1);
    expect_answer(album, WXG_KIND_SAVE_IMAGE, 1, "saveImageToPhotosAlbum:fail file not found", WXG_ALBUM_BAD_FILE);
    CHECK_INT(readable(fd, 0), 0);
    CHECK_OK(wxg_album_close(album, 0));
    CHECK_INT(readable(fd, 0), 1); /* CLOSED is something to say */
    wxg_album_free(album);
}

static void check_closed(wxg_album *album)
{
    wxg_save_image_options save = WXG_SAVE_IMAGE_OPTIONS_INIT;
    wxg_completion *completion = NULL;
    wxg_error *error = POISON(wxg_error);
    size_t count = 99;
    CHECK_STATUS(wxg_album_submit_save_image(album, &save, &error), WXG_ERR_CLOSED);
    CHECK_ERROR(error, WXG_ERR_CLOSED, "", "closed");
    CHECK_STATUS(wxg_album_submit_authorize(album, 1, NULL), WXG_ERR_CLOSED);
    CHECK_STATUS(wxg_album_submit_open_setting(album, 1, NULL), WXG_ERR_CLOSED);
    CHECK_STATUS(wxg_album_answer_consent(album, WXG_CONSENT_GRANTED, NULL), WXG_ERR_CLOSED);
    CHECK_STATUS(wxg_album_answer_setting(album, WXG_CONSENT_GRANTED, NULL), WXG_ERR_CLOSED);
    CHECK_STATUS(wxg_album_poll(album, &completion, 1, &count), WXG_ERR_CLOSED);
    CHECK_INT(count, 0);
    CHECK_STATUS(wxg_album_wait(album, -1, &completion, 1, &count), WXG_ERR_CLOSED);
}

/* Who waits for the user is answered when the album is closed; nothing is kept of it, and closing twice is closing. */
static void closed_while_calls_wait(void)
{
    user someone = new_user("closed");
    wxg_album *album = open_album(&someone);
    submit_save(album, "wxfile://tmp/shot.png", 1);
    CHECK_OK(wxg_album_submit_authorize(album, 2, NULL));
    expect_request(album, WXG_KIND_CONSENT_NEEDED);
    CHECK_OK(wxg_album_close(album, PATIENCE_MS));
    CHECK_OK(wxg_album_close(album, -1));
    CHECK_INT(expect_answer(album, WXG_KIND_SAVE_IMAGE, 1, CANCEL, WXG_ALBUM_CANCELLED).flags, WXG_FLAG_SHUTDOWN);
    CHECK_INT(expect_answer(album, WXG_KIND_AUTHORIZE, 2, "authorize:fail cancel", WXG_ALBUM_CANCELLED).flags, WXG_FLAG_SHUTDOWN);
    check_closed(album);
    CHECK_INT(setting_of(album), WXG_CONSENT_NOT_ASKED);
    wxg_album_free(album);

    album = open_album(&someone);
    grant(album);
    CHECK_OK(wxg_album_submit_open_setting(album, 3, NULL));
    expect_request(album, WXG_KIND_SETTING_NEEDED);
    CHECK_OK(wxg_album_close(album, 0));
    CHECK_INT(expect_answer(album, WXG_KIND_OPEN_SETTING, 3, "openSetting:fail cancel", WXG_ALBUM_CANCELLED).flags,
              WXG_FLAG_SHUTDOWN);
    check_closed(album);
    CHECK_INT(setting_of(album), WXG_CONSENT_GRANTED);
    wxg_album_free(album);
}

/* What is cut short leaves nothing behind: as many pictures as calls that said ok. */
static void closed_while_it_saves(void)
{
    user someone = new_user("cut-short");
    int saved = 0, cut = 0, runs;
    write_file(someone.temp_path, "large.png", PNG, sizeof(PNG), 64 << 20);
    grant(shared = open_album(&someone));
    wxg_album_free(shared);
    for (runs = 0; cut == 0; runs++) {
        wxg_album *album = open_album(&someone);
        wxg_completion_view view;
        CHECK(runs < 20);
        submit_save(album, "wxfile://tmp/large.png", 1);
        CHECK_OK(wxg_album_close(album, 0));
        wxg_completion_free(next(album, &view));
        saved += view.album_class == WXG_ALBUM_OK;
        cut += view.album_class == WXG_ALBUM_CANCELLED && view.flags == WXG_FLAG_SHUTDOWN && view.status == WXG_ERR_CLOSED;
        CHECK_INT(saved + cut, runs + 1);
        wxg_album_free(album);
    }
    CHECK_INT(entries(someone.folder), saved);
}

static void full_queue(void)
{
    user someone = new_user("full-queue");
    wxg_album_options options = album_options(&someone);
    wxg_save_image_options save = WXG_SAVE_IMAGE_OPTIONS_INIT;
    wxg_error *error = POISON(wxg_error);
    wxg_album *album;
    options.queue_capacity = 2;
    album = open_with(&options);
    save.file_path = WXG_STR("wxfile://tmp/none.png");
    submit_save(album, "wxfile://tmp/none.png", 1);
    CHECK_OK(wxg_album_submit_authorize(album, 2, NULL));
    CHECK_STATUS(wxg_album_submit_save_image(album, &save, &error), WXG_ERR_QUEUE_FULL);
    CHECK_ERROR(error, WXG_ERR_QUEUE_FULL, "", "poll");
    CHECK_STATUS(wxg_album_submit_authorize(album, 3, NULL), WXG_ERR_QUEUE_FULL);
    CHECK_STATUS(wxg_album_submit_open_setting(album, 3, NULL), WXG_ERR_QUEUE_FULL);
    /* The question and its answer find their way all the same. */
    expect_request(album, WXG_KIND_CONSENT_NEEDED);
    CHECK_OK(wxg_album_answer_consent(album, WXG_CONSENT_GRANTED, NULL));
    expect_answer(album, WXG_KIND_SAVE_IMAGE, 1, "saveImageToPhotosAlbum:fail file not found", WXG_ALBUM_BAD_FILE);
    CHECK_OK(wxg_album_submit_authorize(album, 3, NULL));
    CHECK_STATUS(wxg_album_submit_authorize(album, 4, NULL), WXG_ERR_QUEUE_FULL);
    expect_answer(album, WXG_KIND_AUTHORIZE, 2, "authorize:ok", WXG_ALBUM_OK);
    expect_answer(album, WXG_KIND_AUTHORIZE, 3, "authorize:ok", WXG_ALBUM_OK);
    wxg_album_free(album);
}

/* Freed with calls that wait, and answers that nobody took; what was taken stays. */
static void freed_without_closing(void)
{
    user someone = new_user("freed");
    wxg_album *album = open_album(&someone);
    wxg_completion *completion;
    wxg_completion_view view;
    submit_save(album, "https://example.com/shot.png", 1);
    submit_save(album, "https://example.com/shot.png", 2);
    submit_save(album, "wxfile://tmp/shot.png", 3);
    completion = next(album, &view);
    wxg_album_free(album);
    wxg_album_free(NULL);
    view = read_completion(completion);
    CHECK_INT(view.user_tag, 1);
    CHECK_TEXT(view.errmsg, "saveImageToPhotosAlbum:fail url invalid");
    CHECK_HOLDS(view.detail, "network address");
    wxg_completion_free(completion);
}

/* ---- errMsg of others ---- */

static void classes_of_errmsg(void)
{
    static const struct {
        const char *errmsg;
        uint32_t album_class;
    } cases[] = {
        {"saveImageToPhotosAlbum:ok", WXG_ALBUM_OK},
        {"saveImageToPhotosAlbum:fail auth deny", WXG_ALBUM_DENIED},
        {"saveImageToPhotosAlbum:fail:auth denied", WXG_ALBUM_DENIED},
        {"saveImageToPhotosAlbum:fail authorize no response", WXG_ALBUM_DENIED},
        {"saveImageToPhotosAlbum:fail cancel", WXG_ALBUM_CANCELLED},
        {"saveImageToPhotosAlbum:fail privacy permission is not authorized", WXG_ALBUM_PRIVACY},
        {"saveImageToPhotosAlbum:fail api scope is not declared in the privacy agreement", WXG_ALBUM_PRIVACY},
        {"saveImageToPhotosAlbum:fail invalid file type", WXG_ALBUM_BAD_FILE},
        {"saveImageToPhotosAlbum:fail no such file or directory", WXG_ALBUM_BAD_FILE},
        {"saveImageToPhotosAlbum:fail url invalid", WXG_ALBUM_BAD_FILE},
        {"saveImageToPhotosAlbum:fail no permission", WXG_ALBUM_NO_PERMISSION},
        {"saveImageToPhotosAlbum:fail:system permission denied", WXG_ALBUM_NO_PERMISSION},
        {"saveImageToPhotosAlbum:fail no space left", WXG_ALBUM_NO_SPACE},
        {"saveImageToPhotosAlbum:fail", WXG_ALBUM_OTHER},
        {"", WXG_ALBUM_OTHER},
    };
    size_t i;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wxg_str errmsg = wxg_cstr(cases[i].errmsg);
        uint32_t album_class = 99;
        CHECK_OK(wxg_album_errmsg_class(&errmsg, &album_class));
        if (album_class != cases[i].album_class)
            failed(__FILE__, __LINE__, "%s: class %u, not %u", cases[i].errmsg, album_class, cases[i].album_class);
    }
}

int main(void)
{
    asked_once();
    refused();
    cancelled();
    settings_before_anything_was_asked();
    decided_elsewhere();
    refused_without_a_question();
    from_many_threads();
    wakes();
    closed_while_calls_wait();
    closed_while_it_saves();
    full_queue();
    freed_without_closing();
    classes_of_errmsg();
    ok("album");
    return 0;
}
