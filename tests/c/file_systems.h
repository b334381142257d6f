/*
 * The ways on which a picture gets its name, each forced upon this process: as on a file system without unnamed files,
 * and as on one that cannot rename without replacing either.
 */
#ifndef WXG_TESTS_FILE_SYSTEMS_H
#define WXG_TESTS_FILE_SYSTEMS_H

#define _DEFAULT_SOURCE /* syscall() */

#include "pictures.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define UNNAMED_FILE 020000000u /* what O_TMPFILE has beside O_DIRECTORY */
#define NO_REPLACE 1u           /* RENAME_NOREPLACE */

/* From now on a system call with this flag in this argument fails so, in this process and its children. */
static inline void forbid(unsigned int call, size_t argument, unsigned int flag, unsigned int error)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned int)(offsetof(struct seccomp_data, args) + 8 * argument)),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flag, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        failed(__FILE__, __LINE__, "this test needs seccomp: %s", strerror(errno));
}

/* Runs the stories on each way. Every one needs a name for its folders that no other has had. */
static inline void on_each_way(void (*stories)(const char *way))
{
    stories("unnamed");
    forbid(SYS_openat, 2, UNNAMED_FILE, EOPNOTSUPP);
    CHECK(openat(AT_FDCWD, setting("WXG_TEST_DIR"), O_RDWR | O_DIRECTORY | (int)UNNAMED_FILE, 0600) < 0 && errno == EOPNOTSUPP);
    stories("renamed");
    forbid(SYS_renameat2, 4, NO_REPLACE, EINVAL);
    CHECK(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", NO_REPLACE) < 0 && errno == EINVAL);
    stories("linked");
}

#endif
