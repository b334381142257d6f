/*
 * Several games and both environments in one process: what a client costs in threads and memory, that the clients of
 * one appid share its access_token, and what is said when the key of one environment signs for the other.
 */
#include "own_sandbox.h"

#define APPS 10
#define PAYMENTS 100
#define IN_FLIGHT 4
#define PLAYER "oAppsPlayer_0123456789abcdef"
#define PRODUCTION_KEY "production-key-0123456789abcdef"
#define SANDBOX_KEY "sandbox-key-0123456789abcdefghij"

static void start_apps(void)
{
    static char config[4000];
    size_t len = 0;
    int app;
    len += (size_t)snprintf(config + len, sizeof(config) - len, "{\"apps\":[");
    for (app = 0; app < APPS; app++)
        len += (size_t)snprintf(config + len, sizeof(config) - len,
                                "%s{\"appid\":\"wx-app-%d\",\"secret\":\"app-secret-%d\",\"offer_id\":\"offer-%d\","
                                "\"app_key\":\"" PRODUCTION_KEY "\",\"sandbox_app_key\":\"" SANDBOX_KEY "\"}",
                                app == 0 ? "" : ",", app, app, app);
    len += (size_t)snprintf(config + len, sizeof(config) - len, "]}");
    CHECK(len < sizeof(config));
    start_own_sandbox(config);
    learn_secret(PRODUCTION_KEY, strlen(PRODUCTION_KEY));
    learn_secret(SANDBOX_KEY, strlen(SANDBOX_KEY));
    learn_secret("app-secret-", strlen("app-secret-"));
}

/* The player, logged in and with coins. */
static void new_player_of(int app, const char *env)
{
    char body[200];
    snprintf(body, sizeof(body), "{\"appid\":\"wx-app-%d\",\"openid\":\"" PLAYER "\",\"session_key\":\"c2Vzc2lvbi1rZXktMDE=\"}", app);
    sandbox("POST", "/sandbox/session", body);
    snprintf(body, sizeof(body), "{\"appid\":\"wx-app-%d\",\"openid\":\"" PLAYER "\",\"amt\":1000,\"env\":\"%s\"}", app, env);
    sandbox("POST", "/sandbox/topup", body);
}

/* The texts stay until the next call: wxg_client_open copies them. */
static wxg_client_options app_options(int app, const char *journal)
{
    static char appid[20], app_secret[20], offer_id[20];
    wxg_client_options options = WXG_CLIENT_OPTIONS_INIT;
    snprintf(appid, sizeof(appid), "wx-app-%d", app);
    snprintf(app_secret, sizeof(app_secret), "app-secret-%d", app);
    snprintf(offer_id, sizeof(offer_id), "offer-%d", app);
    options.appid = wxg_cstr(appid);
    options.app_secret = wxg_cstr(app_secret);
    options.offer_id = wxg_cstr(offer_id);
    options.app_key = WXG_STR(PRODUCTION_KEY);
    options.sandbox_app_key = WXG_STR(SANDBOX_KEY);
    options.base_url = wxg_cstr(setting("WXG_TEST_HTTPS"));
    options.ca_file = wxg_cstr(setting("WXG_TEST_CA"));
    options.journal = sqlite_journal(journal);
    options.no_mp_sig = 1;
    options.in_flight_limit = IN_FLIGHT;
    options.timeout_ms = 60000;
    options.connect_timeout_ms = 60000;
    options.deadline_ms = 120000;
    options.log_level = WXG_LOG_DEBUG;
    return options;
}

static void submit_many(wxg_client *client, const char *name)
{
    uint64_t tag;
    for (tag = 0; tag < PAYMENTS; tag++) {
        char bill_no[32];
        wxg_pay_options pay;
        snprintf(bill_no, sizeof(bill_no), "%s-%llu", name, (unsigned long long)tag);
        pay = pay_of(bill_no, PLAYER, 1, tag);
        CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
    }
}

/* Takes what is ready; gives back how many payments were done. */
static int take_done(wxg_client *client)
{
    wxg_completion *completions[64];
    size_t count = 99, i;
    CHECK_OK(wxg_client_poll(client, completions, 64, &count));
    for (i = 0; i < count; i++) {
        wxg_completion_view view = read_completion(completions[i]);
        CHECK_INT(view.kind, WXG_KIND_PAY);
        CHECK_INT(view.outcome, WXG_OUTCOME_DONE);
        CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
        wxg_completion_free(completions[i]);
    }
    return (int)count;
}

/* ---- what the process is made of ---- */

static int64_t memory_kib(void)
{
    char line[200];
    long long kib = -1;
    FILE *file = fopen("/proc/self/status", "r");
    CHECK(file != NULL);
    while (fgets(line, sizeof(line), file) != NULL)
        (void)sscanf(line, "VmRSS: %lld", &kib);
    fclose(file);
    CHECK(kib > 0);
    return kib;
}

typedef struct threads {
    int engine, journal, http, queue, dns, other;
} threads;

static threads count_threads(void)
{
    threads found = {0, 0, 0, 0, 0, 0};
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;
    CHECK(tasks != NULL);
    while ((task = readdir(tasks)) != NULL) {
        char path[300], name[32] = "";
        FILE *file;
        snprintf(path, sizeof(path), "/proc/self/task/%s/comm", task->d_name);
        file = fopen(path, "r");
        if (file == NULL)
            continue; /* gone meanwhile */
        if (fgets(name, sizeof(name), file) != NULL && strncmp(name, "wxg-", 4) == 0) {
            name[strcspn(name, "\n")] = '\0';
            if (strcmp(name, "wxg-engine") == 0)
                found.engine += 1;
            else if (strcmp(name, "wxg-journal") == 0)
                found.journal += 1;
            else if (strncmp(name, "wxg-http-queue", 14) == 0)
                found.queue += 1;
            else if (strncmp(name, "wxg-http-", 9) == 0)
                found.http += 1;
            else if (strcmp(name, "wxg-dns") == 0)
                found.dns += 1;
            else
                found.other += 1;
        }
        fclose(file);
    }
    closedir(tasks);
    return found;
}

/* Ten games on one journal, at rest and at work. */
static void ten_clients(void)
{
    wxg_client *clients[APPS];
    threads idle, most = {0, 0, 0, 0, 0, 0};
    int64_t before_kib, idle_kib, busy_kib, until_ms = now_ms() + PATIENCE_MS;
    int app, done = 0;
    const char *quotas;
    wxg_client_options options = app_options(0, "apps");

    /* What the first client of a process costs once, such as the certificates, is not counted. */
    wxg_client_free(open_client(&options));
    AWAIT(library_threads() == 0);
    before_kib = memory_kib();
    for (app = 0; app < APPS; app++) {
        options = app_options(app, "apps");
        clients[app] = open_client(&options);
        new_player_of(app, "production");
    }
    AWAIT(library_threads() == 2 * APPS);
    idle = count_threads();
    CHECK_INT(idle.engine, APPS);
    CHECK_INT(idle.journal, APPS);
    idle_kib = memory_kib();

    for (app = 0; app < APPS; app++)
        submit_many(clients[app], "ten");
    while (done < APPS * PAYMENTS) {
        threads now = count_threads();
        CHECK(now_ms() < until_ms);
        /* A new thread has its creator's name for a moment, so the rest is counted together. */
        CHECK(now.engine + now.journal + now.http + now.queue + now.dns <= APPS * (2 + IN_FLIGHT + 1 + 1));
        CHECK_INT(now.other, 0);
        most.http = now.http > most.http ? now.http : most.http;
        most.queue = now.queue > most.queue ? now.queue : most.queue;
        most.dns = now.dns > most.dns ? now.dns : most.dns;
        for (app = 0; app < APPS; app++)
            done += take_done(clients[app]);
    }
    busy_kib = memory_kib();
    CHECK_INT(done, APPS * PAYMENTS);
    CHECK(most.http >= APPS && most.http <= APPS * IN_FLIGHT);
    CHECK(most.queue <= APPS);
    CHECK(most.dns <= APPS);
    printf("%d clients at rest: %d threads, %lld KiB each\n", APPS, idle.engine + idle.journal,
           (long long)(idle_kib - before_kib) / APPS);
    printf("%d clients at work, in_flight_limit %d: beside those up to %d wxg-http-N, %d wxg-http-queue, %d wxg-dns; "
           "%lld KiB each\n",
           APPS, IN_FLIGHT, most.http, most.queue, most.dns, (long long)(busy_kib - before_kib) / APPS);

    /* A token each, and no more. */
    CHECK_INT(requests_seen("stable_token"), APPS);
    quotas = sandbox("GET", "/sandbox/stats", "");
    for (app = 0; (quotas = strstr(quotas, "\"call\":\"stable_token\"")) != NULL; app++, quotas++)
        CHECK_INT(json_number(quotas, "used_today"), 1);
    CHECK_INT(app, APPS);
    for (app = 0; app < APPS; app++) {
        AWAIT(stats_of(clients[app]).unacked == 0);
        drain_log(clients[app], PLAYER, "");
        wxg_client_free(clients[app]);
    }
}

/* The environments of one game: two clients, one journal, one access_token. */
static void both_environments(void)
{
    static const char *const ends[] = {"token/expire", "token/revoke"};
    wxg_client_options options = app_options(0, "both");
    wxg_client *production, *sandboxed, *second = POISON(wxg_client);
    wxg_error *error = POISON(wxg_error);
    int round;
    sandbox("POST", "/sandbox/reset", "");
    new_player_of(0, "production");
    new_player_of(0, "sandbox");
    production = open_client(&options);
    options.environment = WXG_ENVIRONMENT_SANDBOX;
    sandboxed = open_client(&options);
    CHECK_STATUS(wxg_client_open(&options, &second, &error), WXG_ERR_JOURNAL_IN_USE);
    CHECK(second == NULL);
    wxg_error_free(error);
    for (round = 0; round < 3; round++) {
        int64_t until_ms = now_ms() + PATIENCE_MS;
        int done[2] = {0, 0};
        char name[20];
        snprintf(name, sizeof(name), "both-%d", round);
        submit_many(production, name);
        submit_many(sandboxed, name); /* the same numbers: each environment has its own */
        while (done[0] < PAYMENTS || done[1] < PAYMENTS) {
            CHECK(now_ms() < until_ms);
            done[0] += take_done(production);
            done[1] += take_done(sandboxed);
        }
        /* One to begin with, and one each time it ended under both. */
        CHECK_INT(requests_seen("stable_token"), round + 1);
        CHECK_INT(stats_of(production).token_requests + stats_of(sandboxed).token_requests, (uint64_t)round + 1);
        if (round < 2) {
            char path[60];
            snprintf(path, sizeof(path), "/sandbox/%s", ends[round]);
            sandbox("POST", path, "");
        }
    }
    CHECK_INT(ledger("both-0-0", "balance"), 1000 - 3 * PAYMENTS);
    drain_log(production, PLAYER, "");
    drain_log(sandboxed, PLAYER, "");
    wxg_client_free(production);
    wxg_client_free(sandboxed);
}

/* Signed with the other environment's key: taken for what it is, and nothing moves. */
static void wrong_key(uint32_t environment)
{
    wxg_client_options options = app_options(0, "keys");
    wxg_errcode_help_view help = WXG_ERRCODE_HELP_VIEW_INIT;
    wxg_pay_options pay = pay_of("wrong-key", PLAYER, 1, 1);
    wxg_completion *completion;
    wxg_completion_view view;
    wxg_client *client;
    wxg_str right;
    options.journal = WXG_STR("memory:");
    options.environment = environment;
    right = environment == WXG_ENVIRONMENT_SANDBOX ? WXG_STR(SANDBOX_KEY) : WXG_STR(PRODUCTION_KEY);
    options.app_key = WXG_STR(SANDBOX_KEY);
    options.sandbox_app_key = WXG_STR(PRODUCTION_KEY);
    client = open_client(&options);
    CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
    completion = expect(client, WXG_KIND_PAY, 1, &view);
    CHECK_INT(view.outcome, WXG_OUTCOME_REJECTED);
    CHECK_INT(view.reason, WXG_REASON_CONFIGURATION);
    CHECK_INT(view.errcode, 90011);
    CHECK(view.errmsg.len > 0);
    wxg_completion_free(completion);
    CHECK_OK(wxg_errcode_help(WXG_GENERATION_V1, WXG_CALL_PAY, 90011, &help));
    CHECK_INT(help.errcode_class, WXG_CLASS_CONFIGURATION);
    CHECK_HOLDS(help.remedy_en, "AppKey is that of this environment (sandbox and production differ)");
    /* The right one, without a restart. */
    CHECK_OK(wxg_client_set_app_key(client, &right, NULL));
    pay = pay_of("right-key", PLAYER, 1, 2);
    CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
    expect_outcome(client, WXG_KIND_PAY, 2, WXG_OUTCOME_DONE, WXG_REASON_NONE);
    drain_log(client, PLAYER, "");
    wxg_client_free(client);
}

/* One key in both places is seen before anything is sent. */
static void same_key(void)
{
    wxg_client_options options = app_options(0, "keys");
    wxg_client *client = POISON(wxg_client);
    wxg_error *error = POISON(wxg_error);
    options.sandbox_app_key = options.app_key;
    CHECK_STATUS(wxg_client_open(&options, &client, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK(client == NULL);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "sandbox_app_key", "production and sandbox have a key each");
}

int main(void)
{
    start_apps();
    ten_clients();
    both_environments();
    wrong_key(WXG_ENVIRONMENT_PRODUCTION);
    wrong_key(WXG_ENVIRONMENT_SANDBOX);
    same_key();
    stop_own_sandbox();
    ok("apps");
    return 0;
}
