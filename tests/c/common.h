/*
 * What the tests of the C ABI share: checks that say where they failed, a client to test with, completions by tag,
 * and the control API of the sandbox. Every program includes it first and ends with ok("its name").
 *
 * Where the sandbox is, run.sh says in WXG_TEST_HTTP, WXG_TEST_HTTPS and WXG_TEST_CA; files go to WXG_TEST_DIR.
 * Nothing here sleeps in order to pass: what has to happen is looked for again until PATIENCE_MS are over.
 */
#ifndef WXG_TESTS_COMMON_H
#define WXG_TESTS_COMMON_H

#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "wxgame.h"

#define PATIENCE_MS 60000

/* ---- checks ---- */

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            failed(__FILE__, __LINE__, "%s", #condition);                                          \
    } while (0)
#define CHECK_INT(actual, expected)                                                                \
    check_int(__FILE__, __LINE__, #actual, (int64_t)(actual), (int64_t)(expected))
#define CHECK_STATUS(call, expected) check_status(__FILE__, __LINE__, #call, (call), (expected))
#define CHECK_OK(call) CHECK_STATUS(call, WXG_OK)
#define CHECK_TEXT(actual, expected) check_text(__FILE__, __LINE__, #actual, (actual), (expected))
#define CHECK_HOLDS(actual, piece) check_holds(__FILE__, __LINE__, #actual, (actual), (piece))
/* What a call said when it refused: takes the error, and looks at status, field and a piece of the rule. */
#define CHECK_ERROR(error, status, field, rule)                                                    \
    check_error(__FILE__, __LINE__, (error), (status), (field), (rule))
/* What a pointer holds before a call that must clear it. */
#define POISON(type) ((type *)(uintptr_t)0x5a5a5a5a)
/* A call that takes &error refuses a value: which field, and a piece of the rule. */
#define INVALID(call, field, rule)                                                                 \
    do {                                                                                           \
        wxg_error *error = POISON(wxg_error);                                                      \
        CHECK_STATUS(call, WXG_ERR_INVALID_ARGUMENT);                                              \
        CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, field, rule);                                 \
    } while (0)

/* A program that watches its own stdout and stderr puts another descriptor here. */
static int complain_to = STDERR_FILENO;

#if defined(__GNUC__)
__attribute__((noreturn, format(printf, 3, 4)))
#endif
static inline void failed(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
    dprintf(complain_to, "%s:%d: ", file, line);
    va_start(arguments, format);
    vdprintf(complain_to, format, arguments);
    va_end(arguments);
    dprintf(complain_to, "\n");
    abort();
}

static inline void check_int(const char *file, int line, const char *what, int64_t actual, int64_t expected)
{
    if (actual != expected)
        failed(file, line, "%s is %lld, not %lld", what, (long long)actual, (long long)expected);
}

static inline void check_status(const char *file, int line, const char *what, wxg_status actual, wxg_status expected)
{
    if (actual != expected)
        failed(file, line, "%s gives %s, not %s", what, wxg_status_text(actual), wxg_status_text(expected));
}

static inline int text_is(wxg_str text, const char *expected)
{
    return text.len == strlen(expected) && (text.len == 0 || memcmp(text.data, expected, text.len) == 0);
}

static inline void check_text(const char *file, int line, const char *what, wxg_str actual, const char *expected)
{
    if (!text_is(actual, expected))
        failed(file, line, "%s is \"%.*s\", not \"%s\"", what, (int)actual.len, actual.data, expected);
}

/* The texts that come out are followed by a NUL, so strstr may look at them. */
static inline void check_holds(const char *file, int line, const char *what, wxg_str actual, const char *piece)
{
    if (actual.data == NULL || strstr(actual.data, piece) == NULL)
        failed(file, line, "%s is \"%.*s\", which does not hold \"%s\"", what, (int)actual.len,
               actual.data == NULL ? "" : actual.data, piece);
}

static inline int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Looks again and again until the condition holds. */
#define AWAIT(condition)                                                                           \
    do {                                                                                           \
        int64_t patience_ends_ms = now_ms() + PATIENCE_MS;                                         \
        while (!(condition)) {                                                                     \
            if (now_ms() > patience_ends_ms)                                                       \
                failed(__FILE__, __LINE__, "%s: not within %d s", #condition, PATIENCE_MS / 1000); \
            poll(NULL, 0, 2);                                                                      \
        }                                                                                          \
    } while (0)

/* How many threads of the library this process has. */
static inline int library_threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;
    int count = 0;
    if (tasks == NULL)
        failed(__FILE__, __LINE__, "/proc/self/task cannot be read: these tests need Linux");
    while ((task = readdir(tasks)) != NULL) {
        char path[300], name[32] = "";
        FILE *file;
        snprintf(path, sizeof(path), "/proc/self/task/%s/comm", task->d_name);
        file = fopen(path, "r");
        if (file == NULL)
            continue; /* gone meanwhile */
        if (fgets(name, sizeof(name), file) != NULL)
            count += strncmp(name, "wxg-", 4) == 0;
        fclose(file);
    }
    closedir(tasks);
    return count;
}

/* The last line of every program. Before it the threads of freed clients come to their end, for a leak checker. */
static inline void ok(const char *name)
{
    AWAIT(library_threads() == 0);
    printf("%s: ok\n", name);
}

/* True under valgrind and the sanitizers: time-outs are long then, and what takes time is left out. */
static inline int is_slow(void)
{
    return getenv("WXG_TEST_SLOW") != NULL;
}

/* ---- secrets: no text of the library may show one ---- */

/* Token and EncodingAESKey of the message push. */
#define PUSH_TOKEN "push-token-0123456789"
#define PUSH_AES_KEY "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

static const char *const SECRETS[] = {
    "sandbox-app-secret",
    "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u",
    "sandbox-app-key-0123456789abcdef",
    "c2Vzc2lvbi1rZXktMDE=", /* the session_key that set_session() gives */
    PUSH_TOKEN,
    PUSH_AES_KEY,
};
/* Secrets that are made while a test runs, such as the access_token. */
static char learned_secrets[16][600];
static size_t learned_count;

static inline void learn_secret(const char *secret, size_t len)
{
    CHECK(learned_count < 16 && len > 8 && len < 600);
    memcpy(learned_secrets[learned_count], secret, len);
    learned_secrets[learned_count][len] = '\0';
    learned_count += 1;
}

static inline void check_no_secret(wxg_str text)
{
    size_t i;
    CHECK(text.data != NULL && text.data[text.len] == '\0');
    for (i = 0; i < sizeof(SECRETS) / sizeof(SECRETS[0]); i++)
        if (strstr(text.data, SECRETS[i]) != NULL)
            failed(__FILE__, __LINE__, "a secret is shown: %s", text.data);
    for (i = 0; i < learned_count; i++)
        if (strstr(text.data, learned_secrets[i]) != NULL)
            failed(__FILE__, __LINE__, "a secret is shown: %s", text.data);
}

static inline void check_error(const char *file, int line, wxg_error *error, wxg_status status, const char *field,
                               const char *rule)
{
    wxg_str text = WXG_STR("");
    if (error == NULL)
        failed(file, line, "the call set no error");
    check_status(file, line, "wxg_error_status", wxg_error_status(error), status);
    CHECK_OK(wxg_error_field(error, &text));
    check_text(file, line, "the error's field", text, field);
    CHECK_OK(wxg_error_message(error, &text));
    check_holds(file, line, "the error's message", text, rule);
    check_no_secret(text);
    wxg_error_free(error);
}

/* ---- the sandbox ---- */

static inline const char *setting(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL || *value == '\0')
        failed(__FILE__, __LINE__, "%s is not set: start this program with tests/c/run.sh", name);
    return value;
}

static inline int connect_to(const char *url)
{
    struct sockaddr_in address;
    const char *port = strrchr(url, ':');
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)strtoul(port + 1, NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(fd >= 0);
    CHECK(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    return fd;
}

/* One request to the sandbox, not to be refused; the body of the answer stays until the next one. Main thread. */
static inline const char *sandbox(const char *method, const char *path, const char *body)
{
    static char answer[1 << 20];
    size_t len = 0;
    char head[512];
    int fd = connect_to(setting("WXG_TEST_HTTP"));
    int head_len = snprintf(head, sizeof(head), "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
                            method, path, strlen(body));
    char *content;
    CHECK(send(fd, head, (size_t)head_len, MSG_NOSIGNAL) == (ssize_t)head_len);
    CHECK(send(fd, body, strlen(body), MSG_NOSIGNAL) == (ssize_t)strlen(body));
    for (;;) {
        ssize_t got = recv(fd, answer + len, sizeof(answer) - 1 - len, 0);
        CHECK(got >= 0);
        if (got == 0)
            break;
        len += (size_t)got;
        CHECK(len < sizeof(answer) - 1);
    }
    close(fd);
    answer[len] = '\0';
    content = strstr(answer, "\r\n\r\n");
    CHECK(content != NULL);
    if (strncmp(answer, "HTTP/1.1 200", 12) != 0)
        failed(__FILE__, __LINE__, "%s %s %s: the sandbox says %s", method, path, body, answer);
    return content + 4;
}

/* The number behind `"key":`; -1 where there is none. */
static inline int64_t json_number(const char *json, const char *key)
{
    char quoted[64];
    const char *at;
    snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    at = strstr(json, quoted);
    return at == NULL ? -1 : (int64_t)strtoll(at + strlen(quoted), NULL, 10);
}

/* A production order in the sandbox's ledger: how often its coins were really taken, or given back. */
static inline int64_t ledger(const char *bill_no, const char *what)
{
    char path[160];
    snprintf(path, sizeof(path), "/sandbox/ledger?env=production&bill_no=%s", bill_no);
    return json_number(sandbox("GET", path, ""), what);
}

/* How many requests to `call` the sandbox has seen since its reset; NULL: to any. */
static inline int64_t requests_seen(const char *call)
{
    const char *stats = sandbox("GET", "/sandbox/stats", "");
    const char *at = strstr(stats, "\"requests\":{");
    int64_t sum = 0;
    CHECK(at != NULL);
    at += strlen("\"requests\":{");
    while (*at == '"') {
        const char *end = strchr(at + 1, '"');
        int wanted = call == NULL || ((size_t)(end - at - 1) == strlen(call) && strncmp(at + 1, call, strlen(call)) == 0);
        char *behind;
        int64_t count = (int64_t)strtoll(end + 2, &behind, 10);
        sum += wanted ? count : 0;
        at = *behind == ',' ? behind + 1 : behind;
    }
    return sum;
}

static inline void reset_sandbox(void)
{
    sandbox("POST", "/sandbox/reset", "");
}

static inline void top_up(const char *openid, int coins)
{
    char body[200];
    snprintf(body, sizeof(body), "{\"openid\":\"%s\",\"amt\":%d,\"env\":\"production\"}", openid, coins);
    sandbox("POST", "/sandbox/topup", body);
}

/* The sandbox knows the player as logged in, with this session_key, and so many coins. */
static inline void new_player(const char *openid, int coins)
{
    char body[200];
    snprintf(body, sizeof(body), "{\"openid\":\"%s\",\"session_key\":\"c2Vzc2lvbi1rZXktMDE=\"}", openid);
    sandbox("POST", "/sandbox/session", body);
    top_up(openid, coins);
}

static inline void fault(const char *json)
{
    sandbox("POST", "/sandbox/faults", json);
}

/* The access_token that every client of the sandbox's app uses now becomes a secret to look for. */
static inline void learn_token(void)
{
    const char *answer = sandbox("POST", "/cgi-bin/stable_token",
                                 "{\"grant_type\":\"client_credential\",\"appid\":\"wx1234567\",\"secret\":\"sandbox-app-secret\"}");
    const char *token = strstr(answer, "\"access_token\":\"");
    CHECK(token != NULL);
    token += strlen("\"access_token\":\"");
    learn_secret(token, (size_t)(strchr(token, '"') - token));
}

/* ---- a client to test with ---- */

/* Over plain HTTP, production, journal in memory, without mp_sig, everything logged. Change what you test. */
static inline wxg_client_options test_options(void)
{
    wxg_client_options options = WXG_CLIENT_OPTIONS_INIT;
    options.appid = WXG_STR("wx1234567");
    options.app_secret = WXG_STR("sandbox-app-secret");
    options.offer_id = WXG_STR("12345678");
    options.app_key = WXG_STR("zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u");
    options.sandbox_app_key = WXG_STR("sandbox-app-key-0123456789abcdef");
    options.journal = WXG_STR("memory:");
    options.base_url = wxg_cstr(setting("WXG_TEST_HTTP"));
    options.no_mp_sig = 1;
    options.log_level = WXG_LOG_DEBUG;
    return options;
}

/* The same for virtual payment 2.0, which always signs with the session_key; pushes come in plain text. */
static inline wxg_client_options test_options_v2(void)
{
    wxg_client_options options = test_options();
    options.generation = WXG_GENERATION_V2;
    options.no_mp_sig = 0;
    options.push_token = WXG_STR(PUSH_TOKEN);
    return options;
}

/* Freeing waits a second at the most: where the disk is slow, the journal of a freed client is let go a moment later. */
static inline wxg_client *open_client(const wxg_client_options *options)
{
    int64_t until_ms = now_ms() + PATIENCE_MS;
    for (;;) {
        wxg_client *client = POISON(wxg_client);
        wxg_error *error = POISON(wxg_error);
        wxg_status status = wxg_client_open(options, &client, &error);
        if (status == WXG_OK) {
            CHECK(client != NULL && error == NULL);
            return client;
        }
        if (status != WXG_ERR_JOURNAL_IN_USE || now_ms() > until_ms) {
            wxg_str message = WXG_STR("");
            wxg_error_message(error, &message);
            failed(__FILE__, __LINE__, "wxg_client_open: %.*s", (int)message.len, message.data);
        }
        wxg_error_free(error);
        poll(NULL, 0, 10);
    }
}

/* A client that can reach nobody: for what is decided before anything is sent. */
static inline wxg_client *open_offline(void)
{
    wxg_client_options options = test_options();
    options.base_url = WXG_STR("http://127.0.0.1:1");
    return open_client(&options);
}

static inline wxg_client *open_offline_v2(void)
{
    wxg_client_options options = test_options_v2();
    options.base_url = WXG_STR("http://127.0.0.1:1");
    return open_client(&options);
}

/* A path in the directory of this run, as `sqlite:PATH`; the text stays until the next call. */
static inline wxg_str sqlite_journal(const char *name)
{
    static char text[600];
    snprintf(text, sizeof(text), "sqlite:%s/%s-%ld.db", setting("WXG_TEST_DIR"), name, (long)getpid());
    return wxg_cstr(text);
}

static inline wxg_pay_options pay_of(const char *bill_no, const char *openid, int64_t amount, uint64_t tag)
{
    wxg_pay_options options = WXG_PAY_OPTIONS_INIT;
    options.bill_no = wxg_cstr(bill_no);
    options.openid = wxg_cstr(openid);
    options.zone_id = WXG_STR("1");
    options.amount = amount;
    options.user_tag = tag;
    return options;
}

/* Two swords at 6 yuan. */
static inline wxg_item_order_options item_order_of(const char *out_trade_no, const char *openid, uint64_t tag)
{
    wxg_item_order_options options = WXG_ITEM_ORDER_OPTIONS_INIT;
    options.out_trade_no = wxg_cstr(out_trade_no);
    options.openid = wxg_cstr(openid);
    options.zone_id = WXG_STR("1");
    options.product_id = WXG_STR("sword");
    options.buy_quantity = 2;
    options.goods_price = 600;
    options.user_tag = tag;
    return options;
}

static inline wxg_query_order_options query_order_of(uint32_t biz_id, const char *out_trade_no, const char *openid, uint64_t tag)
{
    wxg_query_order_options options = WXG_QUERY_ORDER_OPTIONS_INIT;
    options.biz_id = biz_id;
    options.out_trade_no = wxg_cstr(out_trade_no);
    options.openid = wxg_cstr(openid);
    options.zone_id = WXG_STR("1");
    options.user_tag = tag;
    return options;
}

/* Gives the client the session_key of new_player(). */
static inline void set_session(wxg_client *client, const char *openid)
{
    wxg_str player = wxg_cstr(openid);
    wxg_str key = WXG_STR("c2Vzc2lvbi1rZXktMDE=");
    CHECK_OK(wxg_client_set_session(client, &player, &key, NULL));
}

static inline wxg_stats stats_of(wxg_client *client)
{
    wxg_stats stats = WXG_STATS_INIT;
    CHECK_OK(wxg_client_stats(client, &stats));
    return stats;
}

/* ---- completions ---- */

static inline wxg_completion_view read_completion(const wxg_completion *completion)
{
    wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
    CHECK_OK(wxg_completion_read(completion, &view));
    CHECK_INT(view.struct_size, sizeof(view));
    check_no_secret(view.bill_no);
    check_no_secret(view.openid);
    check_no_secret(view.zone_id);
    check_no_secret(view.pay_item);
    check_no_secret(view.unionid);
    check_no_secret(view.errmsg);
    check_no_secret(view.sign_data);
    check_no_secret(view.payload);
    check_no_secret(view.answer);
    return view;
}

/* What came before its turn, for a later expect(). */
static wxg_completion *put_by[64];
static size_t put_by_count;

/* Waits for the completion of this kind and tag; others stay for later. Yours to free. Main thread only. */
static inline wxg_completion *expect(wxg_client *client, uint32_t kind, uint64_t tag, wxg_completion_view *view)
{
    int64_t until_ms = now_ms() + PATIENCE_MS;
    size_t looked_at = 0;
    for (;;) {
        for (; looked_at < put_by_count; looked_at++) {
            wxg_completion *completion = put_by[looked_at];
            *view = read_completion(completion);
            if (view->kind == kind && view->user_tag == tag) {
                put_by_count -= 1;
                memmove(put_by + looked_at, put_by + looked_at + 1, (put_by_count - looked_at) * sizeof(put_by[0]));
                return completion;
            }
        }
        CHECK(put_by_count < 64);
        {
            size_t count = 99;
            wxg_status status = wxg_client_wait(client, until_ms - now_ms(), put_by + put_by_count, 64 - put_by_count, &count);
            put_by_count += count;
            if (status != WXG_OK || count == 0) {
                size_t i;
                for (i = 0; i < put_by_count; i++) {
                    wxg_completion_view other = read_completion(put_by[i]);
                    dprintf(complain_to, "put by: kind %u tag %llu outcome %u status %d %s\n", other.kind,
                            (unsigned long long)other.user_tag, other.outcome, other.status, other.errmsg.data);
                }
                failed(__FILE__, __LINE__, "no completion of kind %u with tag %llu: %s", kind, (unsigned long long)tag,
                       wxg_status_text(status));
            }
        }
    }
}

/* expect(), and looks at the outcome and the reason. */
static inline wxg_completion_view expect_outcome(wxg_client *client, uint32_t kind, uint64_t tag, uint32_t outcome,
                                                 uint32_t reason)
{
    wxg_completion_view view;
    wxg_completion *completion = expect(client, kind, tag, &view);
    if (view.outcome != outcome || view.reason != reason)
        failed(__FILE__, __LINE__, "tag %llu: outcome %u reason %u, not %u %u: status %s errcode %d %s",
               (unsigned long long)tag, view.outcome, view.reason, outcome, reason, wxg_status_text(view.status),
               view.errcode, view.errmsg.data);
    wxg_completion_free(completion);
    /* The texts are gone with the completion. */
    memset(&view.bill_no, 0, sizeof(view) - offsetof(wxg_completion_view, bill_no));
    return view;
}

/* Nothing has come that nobody asked about. */
static inline void expect_nothing(wxg_client *client)
{
    wxg_completion *completion = NULL;
    size_t count = 99;
    wxg_status status = wxg_client_poll(client, &completion, 1, &count);
    CHECK(status == WXG_OK || status == WXG_ERR_CLOSED);
    if (count != 0 || put_by_count != 0) {
        wxg_completion_view view = read_completion(count != 0 ? completion : put_by[0]);
        failed(__FILE__, __LINE__, "an answer that nobody asked for: kind %u tag %llu outcome %u", view.kind,
               (unsigned long long)view.user_tag, view.outcome);
    }
}

/* ---- log ---- */

/* Takes all log records, checks each for secrets and the whole openid, and counts those that hold `piece`. */
static inline size_t drain_log(wxg_client *client, const char *openid, const char *piece)
{
    size_t found = 0;
    for (;;) {
        wxg_log_record *records[32];
        size_t count = 99, i;
        CHECK_OK(wxg_client_poll_log(client, records, 32, &count));
        if (count == 0)
            return found;
        for (i = 0; i < count; i++) {
            wxg_log_record_view view = WXG_LOG_RECORD_VIEW_INIT;
            CHECK_OK(wxg_log_record_read(records[i], &view));
            CHECK(view.level >= WXG_LOG_ERROR && view.level <= WXG_LOG_DEBUG);
            CHECK(view.time_ms > 1600000000000);
            CHECK(view.message.len > 0);
            check_no_secret(view.message);
            if (openid != NULL && strstr(view.message.data, openid) != NULL)
                failed(__FILE__, __LINE__, "the log shows a whole openid: %s", view.message.data);
            if (getenv("WXG_TEST_LOG") != NULL)
                dprintf(complain_to, "log %d: %s\n", view.level, view.message.data);
            found += strstr(view.message.data, piece) != NULL;
            wxg_log_record_free(records[i]);
        }
    }
}

#endif
