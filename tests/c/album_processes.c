/*
 * Albums of several processes on the same folders: one that is killed in the middle of a picture, two that save the
 * same name at once, and one that learns what another was answered.
 */
#include "file_systems.h"

#include <signal.h>
#include <sys/wait.h>

#define LARGE (200 << 20)
#define EACH 50

static user user_of(const char *story, const char *way)
{
    char name[64];
    snprintf(name, sizeof(name), "%s-%s", story, way);
    return new_user(name);
}

/* ---- killed in the middle ---- */

/* A process that saves the large picture, then ends: everybody who holds the read end of `told` sees that. */
static pid_t saves_large(const user *someone, int *told)
{
    int ends[2];
    pid_t pid;
    CHECK(pipe(ends) == 0);
    pid = fork();
    if (pid == 0) {
        wxg_album_options options = album_options(someone);
        wxg_album *album;
        CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0); /* nobody stays behind stopped where a check fails */
        options.max_bytes = LARGE;
        album = open_with(&options);
        submit_save(album, "wxfile://tmp/large.png", 1);
        expect_saved(album, 1);
        wxg_album_free(album);
        _exit(0);
    }
    CHECK(pid > 0);
    close(ends[1]);
    *told = ends[0];
    return pid;
}

/* How much of a picture a process has written that has not its name yet; 0 while it has none open. */
static off_t half_written(pid_t pid, const user *someone)
{
    char path[64], link[400], target[900];
    size_t folder_len = strlen(someone->folder);
    off_t size = 0;
    struct dirent *entry;
    DIR *open_files;
    snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
    open_files = opendir(path);
    if (open_files == NULL)
        return 0; /* it has ended */
    while ((entry = readdir(open_files)) != NULL) {
        struct stat file;
        ssize_t len;
        snprintf(link, sizeof(link), "%s/%s", path, entry->d_name);
        len = readlink(link, target, sizeof(target) - 1);
        target[len < 0 ? 0 : len] = '\0';
        /* Below the folder, and called `#…` for want of a name, or `.wxgame-…` */
        if (strncmp(target, someone->folder, folder_len) == 0 && target[folder_len] == '/' &&
            (target[folder_len + 1] == '#' || target[folder_len + 1] == '.') && stat(link, &file) == 0)
            size = file.st_size;
    }
    closedir(open_files);
    return size;
}

/* A process that was stopped when it had written a part of the picture, and not all. */
static pid_t stopped_in_the_middle(const user *someone)
{
    int run;
    for (run = 0; run < 100; run++) {
        struct pollfd end = {0};
        pid_t pid = saves_large(someone, &end.fd);
        int status = -1;
        char saved[700];
        end.events = POLLIN;
        while (half_written(pid, someone) == 0 && poll(&end, 1, 1) == 0)
            continue;
        close(end.fd);
        CHECK(kill(pid, SIGSTOP) == 0);
        CHECK(waitpid(pid, &status, WUNTRACED) == pid);
        if (WIFSTOPPED(status)) {
            off_t size = half_written(pid, someone);
            if (size > 0 && size < LARGE)
                return pid;
            CHECK(kill(pid, SIGCONT) == 0);
            CHECK(waitpid(pid, &status, 0) == pid);
        }
        /* It was quicker than we. */
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        snprintf(saved, sizeof(saved), "%s/large.png", someone->folder);
        CHECK(file_is(saved, PNG, sizeof(PNG), LARGE) && unlink(saved) == 0);
    }
    failed(__FILE__, __LINE__, "in %d runs no process could be stopped in the middle of a picture", run);
}

static void saves_small(const user *someone)
{
    wxg_album *album = open_album(someone);
    submit_save(album, "wxfile://tmp/small.png", 1);
    expect_saved(album, 1);
    wxg_album_free(album);
}

/* The draft of the process that was stopped, made to look old. */
static void age_draft(const user *someone, char *path, size_t size)
{
    const struct timespec long_ago[2] = {{1500000000, 0}, {1500000000, 0}};
    DIR *folder = opendir(someone->folder);
    struct dirent *entry = NULL;
    CHECK(folder != NULL);
    do
        CHECK((entry = readdir(folder)) != NULL);
    while (strncmp(entry->d_name, ".wxgame-", 8) != 0);
    CHECK(snprintf(path, size, "%s/%s", someone->folder, entry->d_name) < (int)size);
    closedir(folder);
    CHECK(utimensat(AT_FDCWD, path, long_ago, 0) == 0);
}

/*
 * No half picture, whoever looks. Where a file needs a name while it is written, that is a hidden one, and what a killed
 * process leaves of it the next picture takes away: when it is old, and nobody writes it any more.
 */
static void killed(const char *way)
{
    int has_draft = strcmp(way, "unnamed") != 0, status = -1;
    user someone = user_of("killed", way);
    wxg_album *album = open_album(&someone);
    char draft[900];
    pid_t pid;
    write_file(someone.temp_path, "large.png", PNG, sizeof(PNG), LARGE);
    write_png(someone.temp_path, "small.png");
    grant(album);
    wxg_album_free(album);

    pid = stopped_in_the_middle(&someone);
    CHECK_INT(entries(someone.folder), has_draft);
    if (has_draft) {
        age_draft(&someone, draft, sizeof(draft));
        saves_small(&someone);
        CHECK_INT(entries(someone.folder), 2); /* its writer lives */
    }
    CHECK(kill(pid, SIGKILL) == 0);
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    CHECK_INT(entries(someone.folder), has_draft ? 2 : 0);
    saves_small(&someone);
    CHECK_INT(entries(someone.folder), has_draft ? 2 : 1);
    CHECK(!has_draft || access(draft, F_OK) != 0);
}

/* ---- two at once ---- */

/* Saves its own picture of the same name again and again, from the moment at which `start` is closed. */
static pid_t saves_the_same_name(const user *someone, const char *temp_path, const unsigned char *bytes, size_t len,
                                 const int start[2])
{
    wxg_album_options options = album_options(someone);
    wxg_album *album;
    uint64_t tag;
    char byte;
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    options.temp_path = wxg_cstr(temp_path);
    album = open_with(&options);
    close(start[1]);
    CHECK(read(start[0], &byte, 1) == 0);
    for (tag = 0; tag < EACH; tag++)
        submit_save(album, "wxfile://tmp/shot.png", tag);
    for (tag = 0; tag < EACH; tag++) {
        expect_saved(album, tag);
        CHECK(file_is(saved_file_path, bytes, len, (off_t)len));
    }
    wxg_album_free(album);
    _exit(0);
}

static void exits_well(pid_t pid)
{
    int status = -1;
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Neither takes a name from the other, and each picture is whole. */
static void two_at_once(const char *way)
{
    static const unsigned char another[] = "\x89PNG\r\n\x1a\nthe other one";
    user someone = user_of("two", way);
    wxg_album *album = open_album(&someone);
    char other_temp_path[700], path[700];
    pid_t one, other;
    int start[2], nth, ours = 0, others = 0;
    snprintf(other_temp_path, sizeof(other_temp_path), "%s-other", someone.temp_path);
    CHECK(mkdir(other_temp_path, 0700) == 0);
    write_png(someone.temp_path, "shot.png");
    write_file(other_temp_path, "shot.png", another, sizeof(another), 0);
    grant(album);
    wxg_album_free(album);

    CHECK(pipe(start) == 0);
    one = saves_the_same_name(&someone, someone.temp_path, PNG, sizeof(PNG), start);
    other = saves_the_same_name(&someone, other_temp_path, another, sizeof(another), start);
    close(start[0]);
    close(start[1]);
    exits_well(one);
    exits_well(other);
    for (nth = 1; nth <= 2 * EACH; nth++) {
        if (nth == 1)
            snprintf(path, sizeof(path), "%s/shot.png", someone.folder);
        else
            snprintf(path, sizeof(path), "%s/shot (%d).png", someone.folder, nth);
        ours += file_is(path, PNG, sizeof(PNG), sizeof(PNG));
        others += file_is(path, another, sizeof(another), sizeof(another));
    }
    CHECK_INT(ours, EACH);
    CHECK_INT(others, EACH);
    CHECK_INT(entries(someone.folder), 2 * EACH);
}

/* ---- consent ---- */

/* The user answers in another process: this one knows, without being opened anew. */
static void answered_in_another_process(const char *way)
{
    user someone = user_of("answered", way);
    int start[2];
    char byte;
    wxg_album *album;
    pid_t pid;
    CHECK(pipe(start) == 0);
    pid = fork();
    if (pid == 0) {
        close(start[1]);
        CHECK(read(start[0], &byte, 1) == 0);
        album = open_album(&someone);
        CHECK_OK(wxg_album_submit_authorize(album, 1, NULL));
        expect_request(album, WXG_KIND_CONSENT_NEEDED);
        CHECK_OK(wxg_album_answer_consent(album, WXG_CONSENT_DENIED, NULL));
        expect_answer(album, WXG_KIND_AUTHORIZE, 1, "authorize:fail auth deny", WXG_ALBUM_DENIED);
        wxg_album_free(album);
        _exit(0);
    }
    CHECK(pid > 0);
    album = open_album(&someone);
    CHECK_INT(setting_of(album), WXG_CONSENT_NOT_ASKED);
    close(start[0]);
    close(start[1]);
    exits_well(pid);
    CHECK_INT(setting_of(album), WXG_CONSENT_DENIED);
    submit_save(album, "wxfile://tmp/shot.png", 2);
    expect_answer(album, WXG_KIND_SAVE_IMAGE, 2, "saveImageToPhotosAlbum:fail auth deny", WXG_ALBUM_DENIED);
    wxg_album_free(album);
}

static void stories(const char *way)
{
    killed(way);
    two_at_once(way);
    answered_in_another_process(way);
}

int main(void)
{
    on_each_way(stories);
    ok("album_processes");
    return 0;
}
