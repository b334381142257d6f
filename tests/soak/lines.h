/*
 * The files of a game server that may be killed at any time: append-only, one event a line. A line counts once its last
 * word is a full stop, so what a kill has cut off counts for nothing.
 */
#ifndef WXGAME_TESTS_SOAK_LINES_H
#define WXGAME_TESTS_SOAK_LINES_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One that this process writes. */
typedef struct file {
    int fd;
    size_t len;
    char text[1 << 16];
} file;

/* One that another process writes. */
typedef struct followed {
    char path[512];
    int fd;
    size_t len; /* of a line that is not whole yet */
    char text[1 << 14];
} followed;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "server: %s: %s\n", what, why);
    exit(1);
}

static void write_out(file *to)
{
    size_t done = 0;
    while (done < to->len) {
        ssize_t wrote = write(to->fd, to->text + done, to->len - done);
        if (wrote < 0 && errno != EINTR)
            fail("write", strerror(errno));
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    to->len = 0;
}

/* Adds one line, without its full stop and line end. */
static void line(file *to, const char *format, ...)
{
    va_list values;
    int length;
    if (to->len > sizeof to->text - 2048)
        write_out(to);
    va_start(values, format);
    length = vsnprintf(to->text + to->len, 2000, format, values);
    va_end(values);
    to->len += (size_t)(length < 2000 ? length : 1999);
    memcpy(to->text + to->len, " .\n", 3);
    to->len += 3;
}

static void make_durable(file *of)
{
    if (of->len == 0)
        return;
    write_out(of);
    if (fsync(of->fd) != 0)
        fail("fsync", strerror(errno));
}

/* Hands the whole lines among these bytes to `replay`; answers how long they and what was cut off are. */
static size_t each_line(char *text, size_t length, void (*replay)(char *text))
{
    size_t start = 0;
    for (size_t at = 0; at < length; at++)
        if (text[at] == '\n') {
            text[at] = '\0';
            if (at - start > 2 && strcmp(text + at - 2, " .") == 0)
                replay(text + start);
            start = at + 1;
        }
    return start;
}

/* Opens a file of ours and hands each whole line in it to `replay`. A line that a kill has cut off is ended. */
static void open_file(file *opened, const char *directory, const char *name, void (*replay)(char *text))
{
    char path[512];
    char *text;
    size_t length = 0;
    off_t size;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    opened->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (opened->fd < 0)
        fail(path, strerror(errno));
    size = lseek(opened->fd, 0, SEEK_END);
    if (replay == NULL || size <= 0)
        return;
    text = malloc((size_t)size + 1);
    if (text == NULL)
        fail(path, "out of memory");
    while (length < (size_t)size) {
        ssize_t got = pread(opened->fd, text + length, (size_t)size - length, (off_t)length);
        if (got <= 0)
            fail(path, "cannot be read");
        length += (size_t)got;
    }
    if (text[length - 1] != '\n')
        memcpy(opened->text, "\n", opened->len = 1);
    each_line(text, length, replay);
    free(text);
}

static void follow(followed *opened, const char *path)
{
    snprintf(opened->path, sizeof opened->path, "%s", path);
    opened->fd = open(opened->path, O_RDONLY | O_CLOEXEC);
    if (opened->fd < 0)
        fail(opened->path, strerror(errno));
}

/* Hands the lines that have been added to `replay`. */
static void read_on(followed *from, void (*replay)(char *text))
{
    ssize_t got;
    while ((got = read(from->fd, from->text + from->len, sizeof from->text - from->len)) > 0) {
        size_t length = from->len + (size_t)got, taken = each_line(from->text, length, replay);
        from->len = length - taken;
        memmove(from->text, from->text + taken, from->len);
    }
}

/* Whether this line stands in it. Reads it from the start. */
static int stands_in(const followed *in, const char *wanted)
{
    char text[256];
    size_t length = strlen(wanted);
    int found = 0;
    FILE *lines = fopen(in->path, "r");
    if (lines == NULL)
        fail(in->path, strerror(errno));
    while (!found && fgets(text, sizeof text, lines) != NULL)
        found = strncmp(text, wanted, length) == 0 && strcmp(text + length, " .\n") == 0;
    fclose(lines);
    return found;
}

#endif
