/* WXG_TEST_DIR is a file system of 1 MiB, of which a file takes to the last byte what others have left. */
#ifndef WXG_TESTS_SMALL_DISK_H
#define WXG_TESTS_SMALL_DISK_H

#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>

static inline struct statvfs disk(void)
{
    struct statvfs room;
    CHECK(statvfs(setting("WXG_TEST_DIR"), &room) == 0);
    return room;
}

static inline void check_disk_is_small(void)
{
    if (disk().f_blocks * disk().f_frsize > 1 << 20)
        failed(__FILE__, __LINE__, "%s is no file system of 1 MiB, and no other is filled", setting("WXG_TEST_DIR"));
}

static inline const char *filler(void)
{
    static char path[600];
    snprintf(path, sizeof(path), "%s/filler", setting("WXG_TEST_DIR"));
    return path;
}

static inline void fill_disk(void)
{
    static const char block[4096] = {0};
    int file = open(filler(), O_WRONLY | O_CREAT | O_EXCL, 0600);
    CHECK(file >= 0);
    while (write(file, block, sizeof(block)) > 0)
        continue;
    CHECK_INT(errno, ENOSPC);
    CHECK(close(file) == 0);
    CHECK_INT(disk().f_bfree, 0);
}

static inline void empty_disk(void)
{
    CHECK(unlink(filler()) == 0);
}

#endif
