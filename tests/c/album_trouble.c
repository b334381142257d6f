/* The album when the disk hangs, and when the user's answer cannot be written. The program's own fsync stands before
 * the library's, and its file size limit fails every write. */
#define _GNU_SOURCE
#include "pictures.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define CANCEL "saveImageToPhotosAlbum:fail cancel"
#define DENY "saveImageToPhotosAlbum:fail auth deny"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int is_hung, is_waiting;

int fsync(int fd)
{
    pthread_mutex_lock(&lock);
    while (is_hung) {
        is_waiting = 1;
        pthread_cond_broadcast(&changed);
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
    return (int)syscall(SYS_fsync, fd);
}

static void hang(int hung)
{
    pthread_mutex_lock(&lock);
    is_hung = hung;
    is_waiting = 0;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void wait_until_it_hangs(void)
{
    pthread_mutex_lock(&lock);
    while (!is_waiting)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

/* Threads of this process that are named so. */
static int threads_named(const char *name)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;
    int found = 0;
    CHECK(tasks != NULL);
    while ((task = readdir(tasks)) != NULL) {
        char path[600], told[32] = "";
        FILE *comm;
        snprintf(path, sizeof(path), "/proc/self/task/%s/comm", task->d_name);
        if ((comm = fopen(path, "r")) == NULL)
            continue;
        if (fgets(told, sizeof(told), comm) != NULL && strncmp(told, name, strlen(name)) == 0)
            found++;
        fclose(comm);
    }
    closedir(tasks);
    return found;
}

/* Closing, closing again and freeing come back while the disk still hangs; the call has its answer, and when the disk
 * goes on after all there is no picture of it. */
static void a_hung_disk_holds_nobody_up(void)
{
    user someone = new_user("hung");
    wxg_album *album = open_album(&someone);
    wxg_completion_view view;
    write_png(someone.temp_path, "shot.png");
    grant(album);
    hang(1);
    submit_save(album, "wxfile://tmp/shot.png", 1);
    wait_until_it_hangs();
    CHECK_OK(wxg_album_close(album, 0));
    view = expect_answer(album, WXG_KIND_SAVE_IMAGE, 1, CANCEL, WXG_ALBUM_CANCELLED);
    CHECK_INT(view.flags, WXG_FLAG_SHUTDOWN);
    CHECK_INT(view.status, WXG_ERR_CLOSED);
    CHECK_OK(wxg_album_close(album, 0));
    wxg_album_free(album);
    CHECK_INT(threads_named("wxg-album"), 1);
    hang(0);
    while (threads_named("wxg-album") != 0)
        sched_yield();
    CHECK_INT(entries(someone.folder), 0);
}

static void fail_writes(int fail)
{
    struct rlimit size;
    CHECK(getrlimit(RLIMIT_FSIZE, &size) == 0);
    size.rlim_cur = fail ? 0 : size.rlim_max;
    CHECK(setrlimit(RLIMIT_FSIZE, &size) == 0);
}

static void change_setting(wxg_album *album, uint32_t answer, uint64_t flags)
{
    wxg_completion_view view;
    CHECK_OK(wxg_album_submit_open_setting(album, 9, NULL));
    expect_request(album, WXG_KIND_SETTING_NEEDED);
    CHECK_OK(wxg_album_answer_setting(album, answer, NULL));
    view = expect_answer(album, WXG_KIND_OPEN_SETTING, 9, "openSetting:ok", WXG_ALBUM_OK);
    CHECK_INT(view.consent, answer);
    CHECK_INT(view.flags, flags);
    CHECK((strstr(detail, "could not be written") != NULL) == (flags == WXG_FLAG_NOT_REMEMBERED));
}

/* A refusal that cannot be written at least takes back what was granted before: nobody saves on it later. */
static void an_unwritten_refusal_leaves_no_grant_behind(void)
{
    user someone = new_user("refusal");
    wxg_album *album = open_album(&someone), *other = open_album(&someone);
    write_png(someone.temp_path, "shot.png");
    grant(album);
    fail_writes(1);
    change_setting(album, WXG_CONSENT_DENIED, WXG_FLAG_NOT_REMEMBERED);
    fail_writes(0);
    submit_save(album, "wxfile://tmp/shot.png", 1);
    expect_answer(album, WXG_KIND_SAVE_IMAGE, 1, DENY, WXG_ALBUM_DENIED);
    CHECK_INT(setting_of(other), WXG_CONSENT_NOT_ASKED);
    wxg_album_free(album);
    album = open_album(&someone);
    submit_save(album, "wxfile://tmp/shot.png", 2);
    expect_request(album, WXG_KIND_CONSENT_NEEDED);
    wxg_album_free(album);
    wxg_album_free(other);
    CHECK_INT(entries(someone.folder), 0);
}

/* A grant that could not be written holds here only until somebody refuses elsewhere. */
static void an_unwritten_grant_gives_way_to_a_later_refusal(void)
{
    user someone = new_user("grant");
    wxg_album *album = open_album(&someone), *other = open_album(&someone);
    write_png(someone.temp_path, "shot.png");
    fail_writes(1);
    CHECK_OK(wxg_album_submit_authorize(album, 1, NULL));
    expect_request(album, WXG_KIND_CONSENT_NEEDED);
    CHECK_OK(wxg_album_answer_consent(album, WXG_CONSENT_GRANTED, NULL));
    CHECK_INT(expect_answer(album, WXG_KIND_AUTHORIZE, 1, "authorize:ok", WXG_ALBUM_OK).flags, WXG_FLAG_NOT_REMEMBERED);
    fail_writes(0);
    CHECK_INT(setting_of(album), WXG_CONSENT_GRANTED);

    CHECK_OK(wxg_album_submit_authorize(other, 2, NULL));
    expect_request(other, WXG_KIND_CONSENT_NEEDED);
    CHECK_OK(wxg_album_answer_consent(other, WXG_CONSENT_DENIED, NULL));
    CHECK_INT(expect_answer(other, WXG_KIND_AUTHORIZE, 2, "authorize:fail auth deny", WXG_ALBUM_DENIED).flags, 0);
    CHECK_INT(setting_of(album), WXG_CONSENT_DENIED);
    submit_save(album, "wxfile://tmp/shot.png", 3);
    CHECK_INT(expect_answer(album, WXG_KIND_SAVE_IMAGE, 3, DENY, WXG_ALBUM_DENIED).flags, 0);
    wxg_album_free(album);
    wxg_album_free(other);
    CHECK_INT(entries(someone.folder), 0);
}

int main(void)
{
    a_hung_disk_holds_nobody_up();
    an_unwritten_refusal_leaves_no_grant_behind();
    an_unwritten_grant_gives_way_to_a_later_refusal();
    ok("album_trouble");
    return 0;
}
