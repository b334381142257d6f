/*
 * Saving a picture through the C ABI beside `cp` and fsync of the same file, in turns on the same disk: both read it, write
 * it, and wait until it is durable. cp is a program of its own, whose start counts: it shows with small files. `make
 * bench` runs it.
 *
 *   save_image FOLDER BYTES TURNS
 *
 * FOLDER is an empty one on the disk to measure. Prints: bytes, MB/s of the save, MB/s of cp + fsync, and their ratio, of
 * medians.
 */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "wxgame.h"

enum { TURNS_MOST = 1000, PATH_MOST = 4096 };

static char folder[PATH_MOST - 64];

static void check(int is_good, const char *what)
{
    if (is_good)
        return;
    perror(what);
    fprintf(stderr, "save_image: %s failed\n", what);
    exit(1);
}

static const char *in_folder(const char *name)
{
    static char path[PATH_MOST];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The beginning of a PNG, and what no file system can store shorter. */
static void make_picture(size_t bytes)
{
    static const unsigned char head[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R'};
    unsigned char *data = malloc(bytes);
    unsigned long long random = 88172645463325252ULL;
    FILE *file = fopen(in_folder("tmp/picture.png"), "wb");
    check(data != NULL && file != NULL && bytes > sizeof head, "the picture");
    for (size_t at = 0; at < bytes; at++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        data[at] = (unsigned char)random;
    }
    memcpy(data, head, sizeof head);
    check(fwrite(data, 1, bytes, file) == bytes && fflush(file) == 0 && fsync(fileno(file)) == 0, "the picture");
    fclose(file);
    free(data);
}

static void make_durable(const char *path, int flags)
{
    int fd = open(path, flags);
    check(fd >= 0 && fsync(fd) == 0 && close(fd) == 0, "fsync");
}

static double copy_once(const char *from)
{
    char to[PATH_MOST];
    int ended;
    snprintf(to, sizeof to, "%s", in_folder("copy.png"));
    double begun = now_s();
    pid_t child = fork();
    check(child >= 0, "fork");
    if (child == 0) {
        execlp("cp", "cp", from, to, (char *)NULL);
        _exit(127);
    }
    check(waitpid(child, &ended, 0) == child && ended == 0, "cp");
    make_durable(to, O_RDONLY);
    make_durable(folder, O_RDONLY | O_DIRECTORY);
    double took = now_s() - begun;
    check(unlink(to) == 0, "unlink");
    return took;
}

static double save_once(wxg_album *album)
{
    wxg_save_image_options save = WXG_SAVE_IMAGE_OPTIONS_INIT;
    wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
    wxg_completion *completion;
    size_t count;
    save.file_path = WXG_STR("wxfile://tmp/picture.png");
    double begun = now_s();
    check(wxg_album_submit_save_image(album, &save, NULL) == WXG_OK, "submit");
    check(wxg_album_wait(album, -1, &completion, 1, &count) == WXG_OK && count == 1, "wait");
    double took = now_s() - begun;
    check(wxg_completion_read(completion, &view) == WXG_OK && view.album_class == WXG_ALBUM_OK, "save");
    check(unlink(view.saved_file_path.data) == 0, "unlink");
    wxg_completion_free(completion);
    return took;
}

/* The user has said yes. */
static void allow(wxg_album *album)
{
    wxg_completion *completion;
    size_t count;
    check(wxg_album_submit_authorize(album, 0, NULL) == WXG_OK, "authorize");
    check(wxg_album_wait(album, -1, &completion, 1, &count) == WXG_OK && count == 1, "wait");
    wxg_completion_free(completion);
    check(wxg_album_answer_consent(album, WXG_CONSENT_GRANTED, NULL) == WXG_OK, "answer");
    check(wxg_album_wait(album, -1, &completion, 1, &count) == WXG_OK && count == 1, "wait");
    wxg_completion_free(completion);
}

int main(int argc, char **argv)
{
    static double saved[TURNS_MOST], copied[TURNS_MOST];
    wxg_album_options options = WXG_ALBUM_OPTIONS_INIT;
    wxg_album *album;
    char temp[PATH_MOST], usr[PATH_MOST], pictures[PATH_MOST], picture[PATH_MOST];

    if (argc != 4 || strlen(argv[1]) >= sizeof folder) {
        fprintf(stderr, "usage: save_image FOLDER BYTES TURNS\n");
        return 2;
    }
    snprintf(folder, sizeof folder, "%s", argv[1]);
    size_t bytes = (size_t)strtoull(argv[2], NULL, 10);
    int turns = atoi(argv[3]);
    check(turns >= 1 && turns <= TURNS_MOST, "TURNS");
    snprintf(temp, sizeof temp, "%s", in_folder("tmp"));
    snprintf(usr, sizeof usr, "%s", in_folder("usr"));
    snprintf(pictures, sizeof pictures, "%s", in_folder("Pictures"));
    snprintf(picture, sizeof picture, "%s", in_folder("tmp/picture.png"));
    mkdir(temp, 0777);
    mkdir(usr, 0777);
    make_picture(bytes);

    options.temp_path = wxg_cstr(temp);
    options.user_data_path = wxg_cstr(usr);
    options.pictures_path = wxg_cstr(pictures);
    options.folder = WXG_STR("Game");
    options.max_bytes = (int64_t)bytes;
    check(wxg_album_open(&options, &album, NULL) == WXG_OK, "open");
    allow(album);
    save_once(album);
    copy_once(picture);
    for (int turn = 0; turn < turns; turn++) {
        saved[turn] = save_once(album);
        copied[turn] = copy_once(picture);
    }
    wxg_album_free(album);
    qsort(saved, (size_t)turns, sizeof *saved, ascending);
    qsort(copied, (size_t)turns, sizeof *copied, ascending);
    double save = (double)bytes / 1e6 / saved[turns / 2], copy = (double)bytes / 1e6 / copied[turns / 2];
    printf("%11zu  %9.1f  %9.1f  %5.2f\n", bytes, save, copy, save / copy);
    return 0;
}
