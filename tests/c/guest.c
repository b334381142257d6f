/*
 * A good guest: prints nothing, changes nothing of the process, leaves nothing behind, hands nothing to children,
 * takes no signal, and after a fork leaves the child alone.
 */
#include "pictures.h"

#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#define PLAYER "oGuest"

extern char **environ;

static wxg_client_options guest_options(void)
{
    wxg_client_options options = test_options();
    options.base_url = wxg_cstr(setting("WXG_TEST_HTTPS"));
    options.ca_file = wxg_cstr(setting("WXG_TEST_CA"));
    options.journal = sqlite_journal("guest");
    return options;
}

static void pays(wxg_client *client, const char *bill_no)
{
    wxg_pay_options pay = pay_of(bill_no, PLAYER, 1, 1);
    CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
    expect_outcome(client, WXG_KIND_PAY, 1, WXG_OUTCOME_DONE, WXG_REASON_NONE);
}

/* ---- what the process is made of ---- */

/* Calls `look` with each entry of a directory that is a number. */
static int each_number(const char *path, void (*look)(int number))
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    int count = 0;
    CHECK(directory != NULL);
    while ((entry = readdir(directory)) != NULL) {
        int number = atoi(entry->d_name);
        if (entry->d_name[0] == '.' || number == dirfd(directory))
            continue;
        count += 1;
        if (look != NULL)
            look(number);
    }
    closedir(directory);
    return count;
}

static int thread_count(void)
{
    return each_number("/proc/self/task", NULL);
}

static int fd_count(void)
{
    return each_number("/proc/self/fd", NULL);
}

/* ---- threads and descriptors ---- */

static int engines, journals, https, albums;

static void check_thread(int number)
{
    char path[64], line[256], name[64] = "";
    unsigned long long blocked = 0;
    int signal;
    FILE *file;
    if (number == (int)getpid())
        return;
    snprintf(path, sizeof(path), "/proc/self/task/%d/status", number);
    file = fopen(path, "r");
    if (file == NULL)
        return; /* gone meanwhile */
    while (fgets(line, sizeof(line), file) != NULL) {
        (void)sscanf(line, "Name: %63s", name);
        (void)sscanf(line, "SigBlk: %llx", &blocked);
    }
    fclose(file);
    if (strncmp(name, "wxg-", 4) != 0)
        failed(__FILE__, __LINE__, "a thread is named %s", name);
    engines += strcmp(name, "wxg-engine") == 0;
    journals += strcmp(name, "wxg-journal") == 0;
    https += strncmp(name, "wxg-http-", 9) == 0;
    albums += strcmp(name, "wxg-album") == 0;
    for (signal = 1; signal <= 64; signal++) {
        /* KILL and STOP cannot be blocked; 32 and 33 the C library keeps to itself. */
        int can = signal != SIGKILL && signal != SIGSTOP && signal != 32 && signal != 33;
        if (can && (blocked >> (signal - 1) & 1) == 0)
            failed(__FILE__, __LINE__, "signal %d is not blocked on %s", signal, name);
    }
}

static char known_fds[1024]; /* descriptors that were there before the client */

static int own_fds; /* how many were seen that were not */

static void know_fd(int number)
{
    CHECK(number < (int)sizeof(known_fds));
    known_fds[number] = 1;
}

static void check_fd(int number)
{
    int flags = fcntl(number, F_GETFD);
    CHECK(number < (int)sizeof(known_fds));
    own_fds += !known_fds[number];
    if (!known_fds[number] && flags >= 0 && (flags & FD_CLOEXEC) == 0) {
        char path[64], target[256] = "";
        snprintf(path, sizeof(path), "/proc/self/fd/%d", number);
        CHECK(readlink(path, target, sizeof(target) - 1) > 0);
        failed(__FILE__, __LINE__, "a child would inherit descriptor %d, %s", number, target);
    }
}

static void threads_and_descriptors(void)
{
    wxg_client_options options = guest_options();
    int before = fd_count(), wake = -1;
    wxg_client *client;
    each_number("/proc/self/fd", know_fd);
    client = open_client(&options);
    CHECK_OK(wxg_client_wake_fd(client, &wake, NULL));
    pays(client, "threads");
    CHECK(fd_count() > before + 3); /* journal, lock, both ends of the pipe, a connection */
    each_number("/proc/self/fd", check_fd);
    each_number("/proc/self/task", check_thread);
    CHECK_INT(engines, 1);
    CHECK_INT(journals, 1);
    CHECK(https >= 1);
    CHECK((fcntl(wake, F_GETFL) & O_NONBLOCK) != 0);
    wxg_client_free(client);
}

/* The pictures that it reads and writes are open for as long as one is saved: it is looked at meanwhile. */
static void thread_and_descriptors_of_an_album(void)
{
    user someone = new_user("guest");
    wxg_album *album;
    wxg_completion *completion = NULL;
    size_t count = 0;
    int32_t wake = -1;
    int idle_fds, most_fds = 0;
    write_file(someone.temp_path, "large.png", PNG, sizeof(PNG), 100 << 20);
    AWAIT(library_threads() == 0);
    each_number("/proc/self/fd", know_fd);
    album = open_album(&someone);
    grant(album);
    CHECK_OK(wxg_album_wake_fd(album, &wake, NULL));
    each_number("/proc/self/task", check_thread);
    CHECK_INT(albums, 1);
    CHECK((fcntl(wake, F_GETFL) & O_NONBLOCK) != 0);
    own_fds = 0;
    each_number("/proc/self/fd", check_fd);
    idle_fds = own_fds;
    submit_save(album, "wxfile://tmp/large.png", 1);
    while (count == 0) {
        own_fds = 0;
        each_number("/proc/self/fd", check_fd);
        most_fds = own_fds > most_fds ? own_fds : most_fds;
        CHECK_OK(wxg_album_poll(album, &completion, 1, &count));
    }
    CHECK(most_fds >= idle_fds + 2);
    CHECK_TEXT(read_completion(completion).errmsg, SAVED);
    wxg_completion_free(completion);
    wxg_album_free(album);
}

static void journal_is_private(void)
{
    static const char *const endings[] = {"", "-wal", "-shm", ".lock"};
    wxg_client_options options = guest_options();
    char path[700];
    struct stat file;
    size_t i;
    wxg_client *client = open_client(&options);
    for (i = 0; i < 4; i++) {
        snprintf(path, sizeof(path), "%s%s", sqlite_journal("guest").data + strlen("sqlite:"), endings[i]);
        CHECK(stat(path, &file) == 0);
        CHECK_INT(file.st_mode & 0077, 0);
    }
    wxg_client_free(client);
}

static void leaves_nothing_behind(void)
{
    wxg_client_options options = guest_options();
    user someone = new_user("guest-again");
    int threads, fds, opening;
    write_png(someone.temp_path, "shot.png");
    AWAIT(library_threads() == 0);
    threads = thread_count();
    fds = fd_count();
    for (opening = 0; opening < 100; opening++) {
        wxg_client *client;
        options.journal = opening % 2 == 0 ? sqlite_journal("guest") : WXG_STR("memory:");
        client = open_client(&options);
        if (opening % 5 == 0) {
            int32_t wake = -1;
            char bill_no[32];
            CHECK_OK(wxg_client_wake_fd(client, &wake, NULL));
            snprintf(bill_no, sizeof(bill_no), "opening-%d", opening);
            pays(client, bill_no);
            CHECK_OK(wxg_client_close(client, 1000));
        }
        wxg_client_free(client);
        while (put_by_count > 0) /* redelivered */
            wxg_completion_free(put_by[--put_by_count]);
    }
    for (opening = 0; opening < 100; opening++) {
        wxg_album *album = open_album(&someone);
        int32_t wake = -1;
        if (opening == 0)
            grant(album);
        if (opening % 5 == 0) {
            CHECK_OK(wxg_album_wake_fd(album, &wake, NULL));
            submit_save(album, "wxfile://tmp/shot.png", 1);
            expect_saved(album, 1);
        }
        wxg_album_free(album);
    }
    /* A thread that has told its end takes a moment to be gone. */
    AWAIT(thread_count() == threads);
    AWAIT(fd_count() == fds);
}

/* ---- state of the process ---- */

typedef struct state {
    char *environment;
    char cwd[600], locale[300];
    struct sigaction actions[32];
    sigset_t mask;
    mode_t umask;
} state;

static state *look_at_process(void)
{
    state *seen = (state *)calloc(1, sizeof(state));
    size_t len = 1;
    char **variable;
    int signal;
    CHECK(seen != NULL);
    for (variable = environ; *variable != NULL; variable++)
        len += strlen(*variable) + 1;
    seen->environment = (char *)calloc(1, len);
    CHECK(seen->environment != NULL);
    for (variable = environ; *variable != NULL; variable++) {
        strcat(seen->environment, *variable);
        strcat(seen->environment, "\n");
    }
    CHECK(getcwd(seen->cwd, sizeof(seen->cwd)) != NULL);
    snprintf(seen->locale, sizeof(seen->locale), "%s", setlocale(LC_ALL, NULL));
    for (signal = 1; signal < 32; signal++)
        sigaction(signal, NULL, &seen->actions[signal]);
    pthread_sigmask(SIG_BLOCK, NULL, &seen->mask);
    seen->umask = umask(022);
    umask(seen->umask);
    return seen;
}

static void check_same_process(const state *before)
{
    state *now = look_at_process();
    int signal;
    CHECK(strcmp(now->environment, before->environment) == 0);
    CHECK(strcmp(now->cwd, before->cwd) == 0);
    CHECK(strcmp(now->locale, before->locale) == 0);
    CHECK_INT(now->umask, before->umask);
    for (signal = 1; signal < 32; signal++) {
        CHECK_INT(sigismember(&now->mask, signal), sigismember(&before->mask, signal));
        CHECK_INT(now->actions[signal].sa_flags, before->actions[signal].sa_flags);
        CHECK(now->actions[signal].sa_handler == before->actions[signal].sa_handler);
    }
    free(now->environment);
    free(now);
}

/* ---- fork ---- */

/* In the child of a fork: every call refuses, freeing does nothing, and a client of its own works. */
static void child(wxg_client *client)
{
    wxg_client_options options = test_options();
    wxg_pay_options pay = pay_of("child", PLAYER, 1, 1);
    wxg_present_options present = WXG_PRESENT_OPTIONS_INIT;
    wxg_cancel_pay_options cancel = WXG_CANCEL_PAY_OPTIONS_INIT;
    wxg_get_balance_options balance = WXG_GET_BALANCE_OPTIONS_INIT;
    wxg_login_options login = WXG_LOGIN_OPTIONS_INIT;
    wxg_item_order_options item = item_order_of("child", PLAYER, 1);
    wxg_query_order_options query = query_order_of(WXG_BIZ_ITEM, "child", PLAYER, 1);
    wxg_completion *completion = POISON(wxg_completion);
    wxg_log_record *record = NULL;
    wxg_stats stats = WXG_STATS_INIT;
    wxg_str openid = WXG_STR(PLAYER), key = WXG_STR("c2Vzc2lvbg==");
    wxg_error *error = NULL;
    size_t count = 99;
    int32_t fd = 99;
    present.bill_no = cancel.bill_no = WXG_STR("child");
    present.openid = balance.openid = WXG_STR(PLAYER);
    present.zone_id = balance.zone_id = WXG_STR("1");
    present.amount = 1;
    login.js_code = WXG_STR("code");

    CHECK_STATUS(wxg_client_submit_pay(client, &pay, &error), WXG_ERR_FORKED);
    CHECK_ERROR(error, WXG_ERR_FORKED, "", "fork");
    CHECK_STATUS(wxg_client_submit_present(client, &present, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_client_submit_cancel_pay(client, &cancel, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_client_submit_get_balance(client, &balance, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_client_submit_login(client, &login, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_client_submit_item_order(client, &item, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_client_submit_query_order(client, &query, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_client_receive_push(client, &openid, &key, -1, &completion, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_client_pay(client, &pay, -1, &completion, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_client_present(client, &present, -1, &completion, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_client_cancel_pay(client, &cancel, -1, &completion, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_client_get_balance(client, &balance, -1, &completion, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_client_login(client, &login, -1, &completion, NULL), WXG_ERR_FORKED);
    CHECK(completion == NULL);
    CHECK_STATUS(wxg_client_set_session(client, &openid, &key, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_client_ack(client, 1, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_client_poll(client, &completion, 1, &count), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_client_wait(client, -1, &completion, 1, &count), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_client_poll_log(client, &record, 1, &count), WXG_ERR_FORKED);
    CHECK_INT(count, 0);
    CHECK_STATUS(wxg_client_wake_fd(client, &fd, NULL), WXG_ERR_FORKED);
    CHECK_INT(fd, -1);
    stats.submitted = 99;
    CHECK_STATUS(wxg_client_stats(client, &stats), WXG_ERR_FORKED);
    CHECK_INT(stats.submitted, 0);
    CHECK_STATUS(wxg_client_close(client, 0), WXG_ERR_FORKED);
    wxg_client_free(client);
    CHECK_STATUS(wxg_client_close(client, 0), WXG_ERR_FORKED); /* freeing did nothing */

    client = open_client(&options);
    pays(client, "child-of-its-own");
    wxg_client_free(client);
}

static void forks(void)
{
    wxg_client_options options = guest_options();
    wxg_client *client = open_client(&options);
    pid_t pid;
    int status = -1;
    pays(client, "before-the-fork");
    pid = fork();
    if (pid == 0) {
        child(client);
        _exit(0);
    }
    CHECK(pid > 0);
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    pays(client, "after-the-fork");
    CHECK_INT(ledger("child-of-its-own", "charged"), 1);
    wxg_client_free(client);
    while (put_by_count > 0)
        wxg_completion_free(put_by[--put_by_count]);
}

/* The same for an album. */
static void album_in_a_child(const user *someone, wxg_album *album)
{
    wxg_save_image_options save = WXG_SAVE_IMAGE_OPTIONS_INIT;
    wxg_completion *completion = POISON(wxg_completion);
    wxg_error *error = NULL;
    uint32_t consent = 99;
    size_t count = 99;
    int32_t fd = 99;
    save.file_path = WXG_STR("wxfile://tmp/shot.png");
    CHECK_STATUS(wxg_album_submit_save_image(album, &save, &error), WXG_ERR_FORKED);
    CHECK_ERROR(error, WXG_ERR_FORKED, "", "fork");
    CHECK_STATUS(wxg_album_submit_authorize(album, 1, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_album_submit_open_setting(album, 1, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_album_answer_consent(album, WXG_CONSENT_DENIED, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_album_answer_setting(album, WXG_CONSENT_DENIED, NULL), WXG_ERR_FORKED);
    CHECK_STATUS(wxg_album_get_setting(album, &consent, NULL), WXG_ERR_FORKED);
    CHECK_INT(consent, 0);
    CHECK_STATUS(wxg_album_poll(album, &completion, 1, &count), WXG_ERR_FORKED);
    CHECK_INT(count, 0);
    count = 99;
    CHECK_STATUS(wxg_album_wait(album, -1, &completion, 1, &count), WXG_ERR_FORKED);
    CHECK_INT(count, 0);
    CHECK_STATUS(wxg_album_wake_fd(album, &fd, NULL), WXG_ERR_FORKED);
    CHECK_INT(fd, -1);
    CHECK_STATUS(wxg_album_close(album, 0), WXG_ERR_FORKED);
    wxg_album_free(album);
    CHECK_STATUS(wxg_album_close(album, 0), WXG_ERR_FORKED); /* freeing did nothing */

    album = open_album(someone);
    submit_save(album, "wxfile://tmp/shot.png", 2);
    expect_saved(album, 2);
    wxg_album_free(album);
}

static void forks_with_an_album(void)
{
    user someone = new_user("guest-forks");
    wxg_album *album = open_album(&someone);
    pid_t pid;
    int status = -1;
    write_png(someone.temp_path, "shot.png");
    grant(album);
    pid = fork();
    if (pid == 0) {
        album_in_a_child(&someone, album);
        _exit(0);
    }
    CHECK(pid > 0);
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    submit_save(album, "wxfile://tmp/shot.png", 3);
    expect_saved(album, 3);
    CHECK_INT(entries(someone.folder), 2);
    wxg_album_free(album);
}

/* ---- SIGPIPE ---- */

static int listener;

/* Resets every connection as soon as it is there. */
static void *resets(void *unused)
{
    for (;;) {
        struct linger now = {1, 0};
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            return unused;
        CHECK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) == 0);
        close(fd);
    }
}

static void no_sigpipe(void)
{
    struct sockaddr_in address;
    socklen_t len = sizeof(address);
    wxg_client_options options = test_options();
    wxg_login_options login = WXG_LOGIN_OPTIONS_INIT;
    wxg_client *client;
    pthread_t thread;
    char url[64];
    uint64_t tag;
    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, len) == 0 && listen(listener, 64) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &len) == 0);
    CHECK(pthread_create(&thread, NULL, resets, NULL) == 0);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d", ntohs(address.sin_port));
    options.base_url = wxg_cstr(url);
    client = open_client(&options);
    login.js_code = WXG_STR("code");
    login.deadline_ms = 500;
    for (tag = 0; tag < 20; tag++) {
        login.user_tag = tag;
        CHECK_OK(wxg_client_submit_login(client, &login, NULL));
    }
    for (tag = 0; tag < 20; tag++) {
        wxg_completion_view view;
        wxg_completion_free(expect(client, WXG_KIND_LOGIN, tag, &view));
        CHECK(view.outcome == WXG_OUTCOME_UNKNOWN || view.outcome == WXG_OUTCOME_NOT_SENT);
    }
    wxg_client_free(client);
    shutdown(listener, SHUT_RDWR);
    close(listener);
    CHECK(pthread_join(thread, NULL) == 0);

    /* And the sandbox's own resets, in the middle of TLS. */
    options = guest_options();
    client = open_client(&options);
    fault("{\"call\":\"pay\",\"bill_no\":\"reset-1\",\"do\":\"yes\",\"reply\":{\"kind\":\"reset\"}}");
    fault("{\"call\":\"pay\",\"bill_no\":\"reset-2\",\"do\":\"yes\",\"reply\":{\"kind\":\"half\"}}");
    pays(client, "reset-1");
    pays(client, "reset-2");
    wxg_client_free(client);
    while (put_by_count > 0)
        wxg_completion_free(put_by[--put_by_count]);
}

int main(void)
{
    char path[600];
    int out, err, printed;
    state *before;
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = SIG_DFL;
    CHECK(sigaction(SIGPIPE, &action, NULL) == 0);
    reset_sandbox();
    new_player(PLAYER, 1000);
    /* Variables that an HTTP client might read: were one read, nothing would be reached. */
    CHECK(setenv("https_proxy", "http://127.0.0.1:1", 1) == 0 && setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1) == 0);
    CHECK(setenv("http_proxy", "http://127.0.0.1:1", 1) == 0 && setenv("ALL_PROXY", "http://127.0.0.1:1", 1) == 0);
    CHECK(setenv("SSL_CERT_FILE", "/nowhere", 1) == 0 && setenv("RUST_LOG", "trace", 1) == 0);
    CHECK(setenv("RUST_BACKTRACE", "1", 1) == 0);
    snprintf(path, sizeof(path), "%s/printed-by-guest", setting("WXG_TEST_DIR"));
    out = dup(STDOUT_FILENO), err = complain_to = dup(STDERR_FILENO);
    printed = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(dup2(printed, STDOUT_FILENO) >= 0 && dup2(printed, STDERR_FILENO) >= 0);
    before = look_at_process();

    threads_and_descriptors();
    thread_and_descriptors_of_an_album();
    journal_is_private();
    forks();
    forks_with_an_album();
    no_sigpipe();
    leaves_nothing_behind();
    check_same_process(before);

    free(before->environment);
    free(before);
    fflush(NULL);
    CHECK(dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0);
    CHECK_INT(lseek(printed, 0, SEEK_END), 0);
    ok("guest");
    return 0;
}
