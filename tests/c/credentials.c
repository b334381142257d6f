/*
 * Tokens and sessions that end, are refused, stolen or asked of the host, under many payments: over HTTPS, with both
 * signatures. How many tokens were asked for and how often each payment was sent, the sandbox's own counters tell.
 */
#include "common.h"

#define PLAYER "oCredentials_0123456789abcdef"
#define THOUSANDS 2000
#define IN_FLIGHT 120
#define COINS 100000
#define KINDS 16

static wxg_client_options https_options(void)
{
    wxg_client_options options = test_options();
    options.base_url = wxg_cstr(setting("WXG_TEST_HTTPS"));
    options.ca_file = wxg_cstr(setting("WXG_TEST_CA"));
    options.no_mp_sig = 0;
    options.log_level = WXG_LOG_INFO;
    options.timeout_ms = 60000;
    options.connect_timeout_ms = 60000;
    options.deadline_ms = 120000;
    return options;
}

/* A client of a player who is logged in, in a sandbox that has seen nothing yet. */
static wxg_client *open_anew(const wxg_client_options *options)
{
    wxg_client *client;
    reset_sandbox();
    new_player(PLAYER, COINS);
    client = open_client(options);
    set_session(client, PLAYER);
    return client;
}

static void submit_many(wxg_client *client, const char *name, int count)
{
    int n;
    for (n = 0; n < count; n++) {
        char bill_no[32];
        wxg_pay_options pay;
        snprintf(bill_no, sizeof(bill_no), "%s-%d", name, n);
        pay = pay_of(bill_no, PLAYER, 1, (uint64_t)n);
        CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
    }
}

/* What came that was no answer to a payment, by kind. */
static int came[KINDS];

/* Takes completions until so many payments have been answered: all done. */
static void all_done(wxg_client *client, int count)
{
    int64_t until_ms = now_ms() + PATIENCE_MS;
    while (count > 0) {
        wxg_completion *completions[64];
        size_t taken = 99, i;
        CHECK(now_ms() < until_ms);
        CHECK_OK(wxg_client_wait(client, 1000, completions, 64, &taken));
        for (i = 0; i < taken; i++) {
            wxg_completion_view view = read_completion(completions[i]);
            CHECK(view.kind < KINDS);
            if (view.kind != WXG_KIND_PAY) {
                came[view.kind] += 1;
            } else if (view.outcome != WXG_OUTCOME_DONE) {
                failed(__FILE__, __LINE__, "%s: outcome %u reason %u errcode %d %s", view.bill_no.data, view.outcome,
                       view.reason, view.errcode, view.errmsg.data);
            } else {
                CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
                count -= 1;
            }
            wxg_completion_free(completions[i]);
        }
    }
    AWAIT(stats_of(client).unacked == 0);
}

/* All of so many payments are done, so each took its coin: once, if no more than so many are gone. */
static void check_coins_taken(const char *bill_no, int payments)
{
    CHECK_INT(ledger(bill_no, "balance"), COINS - payments);
}

/* How often the sandbox answered a pay with this code. */
static int64_t pay_answers(const char *errcode)
{
    const char *answers = strstr(sandbox("GET", "/sandbox/stats", ""), "\"answers\":{");
    const char *pay = answers == NULL ? NULL : strstr(answers, "\"pay\":{");
    const char *end = pay == NULL ? NULL : strchr(pay, '}');
    char of_pay[500];
    CHECK(end != NULL && end - pay < (ptrdiff_t)sizeof(of_pay));
    memcpy(of_pay, pay, (size_t)(end - pay));
    of_pay[end - pay] = '\0';
    return json_number(of_pay, errcode);
}

/* The last look at a client's log, and its end. */
static void done_with(wxg_client *client)
{
    drain_log(client, PLAYER, "");
    wxg_client_free(client);
}

static wxg_completion_view pay_alone(wxg_client *client, const char *bill_no, int64_t deadline_ms, uint32_t outcome,
                                     uint32_t reason)
{
    wxg_pay_options pay = pay_of(bill_no, PLAYER, 1, 900);
    wxg_completion_view view;
    pay.deadline_ms = deadline_ms;
    CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
    view = expect_outcome(client, WXG_KIND_PAY, 900, outcome, reason);
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
    return view;
}

static void help_holds(uint32_t call, int32_t errcode, uint32_t errcode_class, const char *cause, const char *remedy)
{
    wxg_errcode_help_view help = WXG_ERRCODE_HELP_VIEW_INIT;
    CHECK_OK(wxg_errcode_help(WXG_GENERATION_V1, call, errcode, &help));
    CHECK_INT(help.errcode_class, errcode_class);
    CHECK_HOLDS(help.cause_en, cause);
    CHECK_HOLDS(help.remedy_en, remedy);
    CHECK(help.cause_zh.len > 0 && help.remedy_zh.len > 0);
}

/* ---- tokens of the library ---- */

/* With no token at all, and with one that WeChat has let expire: one request, however many payments meet it. */
static void one_request_for_thousands(void)
{
    wxg_client_options options = https_options();
    wxg_client *client = open_anew(&options);
    fault("{\"call\":\"stable_token\",\"do\":\"yes\",\"reply\":{\"kind\":\"slow\",\"delay_ms\":500}}");
    submit_many(client, "first", THOUSANDS);
    all_done(client, THOUSANDS);
    CHECK_INT(requests_seen("stable_token"), 1);
    CHECK_INT(requests_seen("pay"), THOUSANDS);
    check_coins_taken("first-0", THOUSANDS);
    learn_token();

    sandbox("POST", "/sandbox/token/expire", "");
    submit_many(client, "second", THOUSANDS);
    all_done(client, THOUSANDS);
    /* The second is learn_token's own. */
    CHECK_INT(requests_seen("stable_token"), 3);
    CHECK_INT(stats_of(client).token_requests, 2);
    CHECK_INT(requests_seen("pay"), 2 * THOUSANDS + pay_answers("42001"));
    check_coins_taken("second-0", 2 * THOUSANDS);
    done_with(client);
}

/* Takes the log and counts, for each payment `NAME-N`, the answers 40001. Gives back how many there were in all. */
static int refusals_in_log(wxg_client *client, const char *name, int *refused)
{
    wxg_log_record *record;
    size_t count;
    int in_all = 0;
    for (;;) {
        wxg_log_record_view view = WXG_LOG_RECORD_VIEW_INIT;
        CHECK_OK(wxg_client_poll_log(client, &record, 1, &count));
        if (count == 0)
            return in_all;
        CHECK_OK(wxg_log_record_read(record, &view));
        check_no_secret(view.message);
        if (strncmp(view.message.data, name, strlen(name)) == 0 && strstr(view.message.data, "answered 40001") != NULL) {
            int n = atoi(view.message.data + strlen(name) + 1);
            CHECK(n >= 0 && n < IN_FLIGHT);
            refused[n] += 1;
            in_all += 1;
        }
        wxg_log_record_free(record);
    }
}

/* Revoked under payments on their way, ten of which hear of it only when the next token is there. */
static void revoked_in_mid_flight(void)
{
    wxg_client_options options = https_options();
    int refused[IN_FLIGHT] = {0}, n, in_all;
    wxg_client *client;
    options.in_flight_limit = IN_FLIGHT;
    options.log_level = WXG_LOG_DEBUG;
    client = open_anew(&options);
    pay_alone(client, "first", 0, WXG_OUTCOME_DONE, WXG_REASON_NONE);
    fault("{\"call\":\"pay\",\"do\":\"no\",\"times\":10,\"reply\":{\"kind\":\"errcode\",\"errcode\":40001,\"delay_ms\":1500}}");
    submit_many(client, "late", 10);
    AWAIT(requests_seen("pay") == 11);
    fault("{\"call\":\"pay\",\"do\":\"revoke\",\"skip\":10}");
    submit_many(client, "mid", IN_FLIGHT - 10);
    all_done(client, IN_FLIGHT);
    CHECK_INT(requests_seen("stable_token"), 2);
    CHECK_INT(stats_of(client).token_requests, 2);
    CHECK_INT(stats_of(client).log_dropped, 0);
    in_all = refusals_in_log(client, "mid", refused);
    for (n = 0; n < IN_FLIGHT; n++)
        CHECK(refused[n] <= 1); /* and so was sent twice at the most */
    /* The log counts as the sandbox does. */
    CHECK_INT(pay_answers("40001"), in_all + 10);
    CHECK_INT(requests_seen("pay"), 1 + IN_FLIGHT + in_all + 10);
    printf("revoked under %d payments: %d were refused, and sent again\n", IN_FLIGHT, in_all + 10);
    CHECK(in_all > 0);
    check_coins_taken("mid-0", IN_FLIGHT + 1);
    done_with(client);
}

/* Another server of the game fetches tokens the classic way, and each ends ours. */
static void stolen(void)
{
    wxg_client_options options = https_options();
    wxg_client *client;
    int theft;
    options.token_source = WXG_TOKEN_SOURCE_CLASSIC;
    client = open_anew(&options);
    submit_many(client, "own", 20);
    all_done(client, 20);
    CHECK_INT(requests_seen("token"), 1);
    for (theft = 1; theft <= 3; theft++) {
        char name[20];
        snprintf(name, sizeof(name), "theft-%d", theft);
        sandbox("POST", "/sandbox/token/steal", "{\"overlap_s\":0}");
        submit_many(client, name, 20);
        all_done(client, 20);
        CHECK_INT(requests_seen("token"), 1 + theft);
    }
    /* While the old one still works there is nothing to ask for. */
    sandbox("POST", "/sandbox/token/steal", "{\"overlap_s\":300}");
    submit_many(client, "overlap", 20);
    all_done(client, 20);
    CHECK_INT(requests_seen("token"), 4);
    CHECK_INT(requests_seen("stable_token"), 0);
    check_coins_taken("own-0", 100);
    done_with(client);
}

/* What only a person can mend: payments wait, and are told what to do in which console. */
static void refused_by_wechat(void)
{
    static const struct {
        int32_t errcode;
        uint32_t errcode_class;
        const char *cause, *remedy;
    } refusals[] = {
        {40164, WXG_CLASS_CONFIGURATION, "allow-list", "mp.weixin.qq.com, Development > Development settings > IP allow-list"},
        {40125, WXG_CLASS_CONFIGURATION, "AppSecret", "mp.weixin.qq.com, Development > Development settings"},
        {40013, WXG_CLASS_CONFIGURATION, "appid", "mp.weixin.qq.com, Development > Development settings"},
        {45009, WXG_CLASS_QUOTA, "quota", "mp.weixin.qq.com, Development > API quota"},
        {45011, WXG_CLASS_QUOTA, "minute", "Wait a minute"},
    };
    size_t i;
    for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        wxg_client_options options = https_options();
        wxg_pay_options pay = pay_of("parked", PLAYER, 1, 1);
        wxg_completion *completion;
        wxg_completion_view view;
        wxg_client *client;
        char text[200];
        int64_t began_ms;
        /* That of a minute is over by itself; the others somebody must hear of. */
        options.log_level = refusals[i].errcode == 45011 ? WXG_LOG_WARN : WXG_LOG_ERROR;
        client = open_anew(&options);
        if (refusals[i].errcode == 45009)
            sandbox("POST", "/sandbox/token/quota", "{\"used_today\":500000}");
        else if (refusals[i].errcode == 45011)
            sandbox("POST", "/sandbox/token/quota", "{\"used_this_minute\":10000}");
        else {
            snprintf(text, sizeof(text),
                     "{\"call\":\"stable_token\",\"do\":\"no\",\"times\":0,\"reply\":{\"kind\":\"errcode\",\"errcode\":%d}}",
                     refusals[i].errcode);
            fault(text);
        }
        pay.deadline_ms = 1500;
        began_ms = now_ms();
        CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
        completion = expect(client, WXG_KIND_PAY, 1, &view);
        CHECK(now_ms() - began_ms >= 1400); /* parked, not failed at once */
        CHECK_INT(view.outcome, WXG_OUTCOME_REJECTED);
        CHECK_INT(view.reason, WXG_REASON_CREDENTIAL);
        CHECK_INT(view.errcode, refusals[i].errcode);
        CHECK_HOLDS(view.errmsg, refusals[i].remedy);
        wxg_completion_free(completion);
        snprintf(text, sizeof(text), "refused with %d", refusals[i].errcode);
        CHECK(drain_log(client, PLAYER, text) > 0);
        help_holds(WXG_CALL_TOKEN, refusals[i].errcode, refusals[i].errcode_class, refusals[i].cause, refusals[i].remedy);
        /* A person is waited for, and tomorrow, without a storm; a minute's limit is tried again soon. */
        if (refusals[i].errcode != 45011)
            CHECK_INT(requests_seen("stable_token"), 1);
        CHECK(requests_seen("stable_token") <= 6);
        CHECK_INT(requests_seen("pay"), 0);
        done_with(client);
    }
}

/* A limit that is over soon fails nothing. */
static void a_busy_minute(void)
{
    wxg_client_options options = https_options();
    wxg_client *client = open_anew(&options);
    fault("{\"call\":\"stable_token\",\"do\":\"no\",\"reply\":{\"kind\":\"errcode\",\"errcode\":45011}}");
    submit_many(client, "minute", 50);
    all_done(client, 50);
    CHECK_INT(requests_seen("stable_token"), 2);
    done_with(client);
}

/* So many requests a day and no more, also by a server that starts again and again. */
static void the_day_has_its_budget(void)
{
    wxg_client_options options = https_options();
    wxg_completion *completion;
    wxg_completion_view view;
    wxg_pay_options pay = pay_of("over-budget", PLAYER, 1, 2);
    wxg_client *client;
    int opening;
    options.journal = sqlite_journal("budget");
    options.token_requests_per_day = 2;
    client = open_anew(&options);
    fault("{\"call\":\"stable_token\",\"do\":\"no\",\"times\":0,\"reply\":{\"kind\":\"errcode\",\"errcode\":45011}}");
    pay.deadline_ms = 4000;
    CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
    completion = expect(client, WXG_KIND_PAY, 2, &view);
    CHECK_INT(view.outcome, WXG_OUTCOME_REJECTED);
    CHECK_INT(view.reason, WXG_REASON_CREDENTIAL);
    CHECK_HOLDS(view.errmsg, "token_requests_per_day");
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
    wxg_completion_free(completion);
    CHECK(drain_log(client, PLAYER, "token_requests_per_day") > 0);
    CHECK_INT(requests_seen("stable_token"), 2);
    for (opening = 0; opening < 3; opening++) {
        char bill_no[32];
        CHECK_OK(wxg_client_close(client, 1000));
        done_with(client);
        client = open_client(&options);
        snprintf(bill_no, sizeof(bill_no), "opening-%d", opening);
        view = pay_alone(client, bill_no, 3000, WXG_OUTCOME_REJECTED, WXG_REASON_CREDENTIAL);
    }
    CHECK_INT(requests_seen("stable_token"), 2);
    done_with(client);
}

/* ---- tokens of the host ---- */

static wxg_status set_token(wxg_client *client, const char *token, int64_t expires_in_s, wxg_error **error)
{
    wxg_str text = wxg_cstr(token);
    return wxg_client_set_access_token(client, &text, expires_in_s, error);
}

/* One that the sandbox takes. */
static void token_for_sandbox(const char *token)
{
    char body[200];
    snprintf(body, sizeof(body), "{\"access_token\":\"%s\",\"expires_in_s\":7200}", token);
    sandbox("POST", "/sandbox/token/set", body);
}

static void token_needed(wxg_client *client)
{
    wxg_completion_view view;
    wxg_completion *completion = expect(client, WXG_KIND_TOKEN_NEEDED, 0, &view);
    CHECK_INT(view.outcome, WXG_OUTCOME_NONE);
    CHECK_INT(view.delivery_id, 0);
    CHECK_HOLDS(view.errmsg, "wxg_client_set_access_token");
    wxg_completion_free(completion);
}

static void refuse_token(wxg_client *client, const char *token, int64_t expires_in_s, const char *field, const char *rule)
{
    wxg_error *error = POISON(wxg_error);
    CHECK_STATUS(set_token(client, token, expires_in_s, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, field, rule);
}

static uint32_t next_kind(wxg_client *client)
{
    wxg_completion *completion = NULL;
    size_t count = 99;
    uint32_t kind;
    CHECK_OK(wxg_client_wait(client, PATIENCE_MS, &completion, 1, &count));
    CHECK_INT(count, 1);
    kind = read_completion(completion).kind;
    wxg_completion_free(completion);
    return kind;
}

static void of_the_host(void)
{
    static const char first[] = "host-token-0123456789-first", second[] = "host-token-0123456789-second";
    static char long_token[1100];
    wxg_client_options options = https_options();
    wxg_get_balance_options balance = WXG_GET_BALANCE_OPTIONS_INIT;
    wxg_client *client;
    uint32_t kind;
    learn_secret(first, strlen(first));
    learn_secret(second, strlen(second));
    options.token_source = WXG_TOKEN_SOURCE_HOST;
    options.journal = sqlite_journal("host");
    client = open_anew(&options);
    token_for_sandbox(first);

    memset(long_token, 'a', sizeof(long_token) - 1);
    refuse_token(client, "", 7200, "access_token", "");
    refuse_token(client, "host-token-0123456789-first and more", 7200, "access_token", "");
    refuse_token(client, "host-token-0123456789-first%3D", 7200, "access_token", "percent");
    refuse_token(client, long_token, 7200, "access_token", "");
    refuse_token(client, first, 0, "expires_in_s", "86,400");
    refuse_token(client, first, -1, "expires_in_s", "86,400");
    refuse_token(client, first, 86401, "expires_in_s", "86,400");

    /* A host that brings none is told so. */
    pay_alone(client, "no-token", 3000, WXG_OUTCOME_REJECTED, WXG_REASON_CREDENTIAL);
    token_needed(client);

    submit_many(client, "host", 200);
    AWAIT(stats_of(client).open_waiting == 200);
    CHECK_INT(requests_seen("pay"), 0);
    CHECK_OK(set_token(client, first, 7200, NULL));
    all_done(client, 200);
    CHECK_INT(came[WXG_KIND_TOKEN_NEEDED], 0); /* it was asked for before them, and once is enough */

    /* Revoked: asked once; and again when what comes is no better. */
    sandbox("POST", "/sandbox/token/revoke", "");
    submit_many(client, "again", 100);
    token_needed(client);
    CHECK_OK(set_token(client, first, 7200, NULL));
    token_needed(client);
    token_for_sandbox(second);
    CHECK_OK(set_token(client, second, 7200, NULL));
    all_done(client, 100);
    CHECK_INT(came[WXG_KIND_TOKEN_NEEDED], 0);
    check_coins_taken("host-0", 300);

    /* Kept, sealed, for the next open. */
    CHECK_OK(wxg_client_close(client, 5000));
    done_with(client);
    client = open_client(&options);
    submit_many(client, "next-open", 10);
    all_done(client, 10);
    CHECK_INT(came[WXG_KIND_TOKEN_NEEDED], 0);

    /* One that ends soon is used, and the next is asked for. */
    CHECK_OK(set_token(client, second, 1, NULL));
    balance.openid = WXG_STR(PLAYER);
    balance.zone_id = WXG_STR("1");
    do
        CHECK_OK(wxg_client_submit_get_balance(client, &balance, NULL));
    while ((kind = next_kind(client)) == WXG_KIND_GET_BALANCE);
    CHECK_INT(kind, WXG_KIND_TOKEN_NEEDED);
    CHECK_OK(set_token(client, second, 7200, NULL));
    expect_outcome(client, WXG_KIND_GET_BALANCE, 0, WXG_OUTCOME_DONE, WXG_REASON_NONE);
    CHECK_INT(requests_seen("stable_token") + requests_seen("token"), 0);
    CHECK_INT(stats_of(client).token_requests, 0);
    done_with(client);
}

static void without_app_secret(void)
{
    static const char token[] = "host-token-0123456789-third";
    wxg_client_options options = https_options();
    wxg_login_options login = WXG_LOGIN_OPTIONS_INIT;
    wxg_client *client;
    wxg_error *error = POISON(wxg_error);
    options.app_secret = WXG_STR("");
    client = POISON(wxg_client);
    CHECK_STATUS(wxg_client_open(&options, &client, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK(client == NULL);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "app_secret", "");

    learn_secret(token, strlen(token));
    options.token_source = WXG_TOKEN_SOURCE_HOST;
    client = open_anew(&options);
    token_for_sandbox(token);
    login.js_code = WXG_STR("code:" PLAYER ":1");
    CHECK_STATUS(wxg_client_submit_login(client, &login, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "app_secret", "login");
    CHECK_INT(requests_seen("jscode2session"), 0);
    CHECK_OK(set_token(client, token, 7200, NULL));
    submit_many(client, "no-secret", 5);
    all_done(client, 5);
    done_with(client);

    /* Where the library fetches, nobody else does. */
    options = https_options();
    client = open_anew(&options);
    CHECK_STATUS(set_token(client, token, 7200, &error), WXG_ERR_WRONG_STATE);
    CHECK_ERROR(error, WXG_ERR_WRONG_STATE, "", "token_source");
    done_with(client);
}

/* ---- sessions ---- */

static wxg_completion_view check_session(wxg_client *client, uint32_t outcome, uint32_t reason)
{
    wxg_session_options options = WXG_SESSION_OPTIONS_INIT;
    options.openid = WXG_STR(PLAYER);
    options.user_tag = 5;
    CHECK_OK(wxg_client_submit_check_session(client, &options, NULL));
    return expect_outcome(client, WXG_KIND_CHECK_SESSION, 5, outcome, reason);
}

static wxg_completion_view reset_session(wxg_client *client, uint32_t outcome, uint32_t reason)
{
    wxg_session_options options = WXG_SESSION_OPTIONS_INIT;
    options.openid = WXG_STR(PLAYER);
    options.user_tag = 6;
    CHECK_OK(wxg_client_submit_reset_session(client, &options, NULL));
    return expect_outcome(client, WXG_KIND_RESET_SESSION, 6, outcome, reason);
}

static void session_needed(wxg_client *client)
{
    wxg_completion_view view;
    wxg_completion *completion = expect(client, WXG_KIND_SESSION_NEEDED, 0, &view);
    CHECK_TEXT(view.openid, PLAYER);
    wxg_completion_free(completion);
}

/* The player plays on a second device: another server has logged in. */
static void second_device(void)
{
    sandbox("POST", "/sandbox/session", "{\"openid\":\"" PLAYER "\",\"session_key\":\"c2Vjb25kLWRldmljZQ==\"}");
}

static void checked_and_reset(void)
{
    wxg_client_options options = https_options();
    wxg_client *client = open_anew(&options);
    wxg_completion_view view;
    int64_t resets;

    check_session(client, WXG_OUTCOME_DONE, WXG_REASON_NONE);
    second_device();
    view = check_session(client, WXG_OUTCOME_REJECTED, WXG_REASON_SESSION);
    CHECK_INT(view.errcode, 87009);
    AWAIT(stats_of(client).sessions == 0);
    view = check_session(client, WXG_OUTCOME_REJECTED, WXG_REASON_SESSION);
    CHECK_INT(view.errcode, 0);
    CHECK_INT(requests_seen("checksession"), 2); /* without a key there is nothing to ask */
    view = reset_session(client, WXG_OUTCOME_REJECTED, WXG_REASON_SESSION);
    CHECK_INT(requests_seen("resetusersessionkey"), 0);

    new_player(PLAYER, 1);
    set_session(client, PLAYER);
    reset_session(client, WXG_OUTCOME_DONE, WXG_REASON_NONE);
    submit_many(client, "reset", 5);
    all_done(client, 5); /* signed with the new key: the old one is stale */
    CHECK_INT(came[WXG_KIND_SESSION_NEEDED], 0);
    set_session(client, PLAYER);
    view = reset_session(client, WXG_OUTCOME_REJECTED, WXG_REASON_SESSION);
    CHECK_INT(view.errcode, 87009);

    /* No answer: the key may be another one by now, and only a login tells. */
    new_player(PLAYER, 1);
    set_session(client, PLAYER);
    fault("{\"call\":\"resetusersessionkey\",\"do\":\"yes\",\"reply\":{\"kind\":\"reset\"}}");
    resets = requests_seen("resetusersessionkey");
    reset_session(client, WXG_OUTCOME_UNKNOWN, WXG_REASON_NETWORK);
    submit_many(client, "after-lost", 5);
    session_needed(client);
    CHECK_INT(requests_seen("resetusersessionkey"), resets + 1);
    new_player(PLAYER, 1);
    set_session(client, PLAYER);
    all_done(client, 5);
    CHECK_INT(came[WXG_KIND_SESSION_NEEDED], 0);
    CHECK_INT(requests_seen("stable_token"), 1);
    done_with(client);
}

/* Asked for once, however many payments wait, and the login lets all go on. */
static void forgotten(void)
{
    wxg_client_options options = https_options();
    wxg_client *client = open_anew(&options);
    wxg_login_options login = WXG_LOGIN_OPTIONS_INIT;
    wxg_completion *completion = NULL;
    wxg_str openid = WXG_STR(PLAYER);
    CHECK_OK(wxg_client_forget_session(client, &openid, NULL));
    submit_many(client, "forgotten", 200);
    session_needed(client);
    AWAIT(stats_of(client).open_waiting == 200);
    CHECK_INT(requests_seen("pay"), 0);
    login.js_code = WXG_STR("code:" PLAYER ":back");
    CHECK_OK(wxg_client_login(client, &login, -1, &completion, NULL));
    CHECK_INT(read_completion(completion).outcome, WXG_OUTCOME_DONE);
    wxg_completion_free(completion);
    all_done(client, 200);
    CHECK_INT(came[WXG_KIND_SESSION_NEEDED], 0);
    check_coins_taken("forgotten-0", 200);
    done_with(client);
}

static void logins_refused(void)
{
    static const struct {
        int32_t errcode;
        uint32_t reason, errcode_class;
        const char *cause, *remedy;
    } refusals[] = {
        {40029, WXG_REASON_SESSION, WXG_CLASS_REFUSED, "5 minutes", "wx.login"},
        {40163, WXG_REASON_SESSION, WXG_CLASS_REFUSED, "used before", "wx.login"},
        {40226, WXG_REASON_SESSION, WXG_CLASS_REFUSED, "high risk", "tell the player"},
        {45011, WXG_REASON_CREDENTIAL, WXG_CLASS_QUOTA, "100 a minute", "Wait a minute"},
    };
    wxg_client_options options = https_options();
    wxg_client *client = open_anew(&options);
    wxg_login_options login = WXG_LOGIN_OPTIONS_INIT;
    size_t i;
    for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        wxg_completion_view view;
        char code[40], body[200];
        snprintf(code, sizeof(code), "js-code-secret-%d", refusals[i].errcode);
        learn_secret(code, strlen(code));
        snprintf(body, sizeof(body), "{\"js_code\":\"%s\",\"errcode\":%d}", code, refusals[i].errcode);
        sandbox("POST", "/sandbox/code", body);
        login.js_code = wxg_cstr(code);
        login.user_tag = 100 + i;
        CHECK_OK(wxg_client_submit_login(client, &login, NULL));
        view = expect_outcome(client, WXG_KIND_LOGIN, 100 + i, WXG_OUTCOME_REJECTED, refusals[i].reason);
        CHECK_INT(view.errcode, refusals[i].errcode);
        help_holds(WXG_CALL_LOGIN, refusals[i].errcode, refusals[i].errcode_class, refusals[i].cause, refusals[i].remedy);
    }
    CHECK_INT(requests_seen("jscode2session"), 4);
    done_with(client);
}

/* Sent once, whatever becomes of it: not again before its deadline, after it, or by the next open. */
static void a_login_is_not_sent_twice(void)
{
    static const char *const lost[] = {"hang", "reset", "half", "garbage", "http"};
    wxg_client_options options = https_options();
    wxg_client *client;
    size_t i;
    options.journal = sqlite_journal("logins");
    options.timeout_ms = 1000;
    client = open_anew(&options);
    for (i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
        wxg_login_options login = WXG_LOGIN_OPTIONS_INIT;
        char json[200], code[80];
        snprintf(json, sizeof(json), "{\"call\":\"jscode2session\",\"do\":\"yes\",\"reply\":{\"kind\":\"%s\"}}", lost[i]);
        fault(json);
        snprintf(code, sizeof(code), "code:%s:%zu", PLAYER, i);
        login.js_code = wxg_cstr(code);
        login.user_tag = 200 + i;
        login.deadline_ms = 30000;
        CHECK_OK(wxg_client_submit_login(client, &login, NULL));
        expect_outcome(client, WXG_KIND_LOGIN, 200 + i, WXG_OUTCOME_UNKNOWN, WXG_REASON_NETWORK);
        CHECK_INT(requests_seen("jscode2session"), (int64_t)i + 1);
    }
    CHECK_INT(json_number(sandbox("GET", "/sandbox/stats", ""), "logins"), (int64_t)i);
    CHECK_OK(wxg_client_close(client, 1000));
    done_with(client);
    client = open_client(&options);
    set_session(client, PLAYER);
    new_player(PLAYER, 1);
    submit_many(client, "after-logins", 1);
    all_done(client, 1);
    CHECK_INT(requests_seen("jscode2session"), (int64_t)i);
    done_with(client);
}

int main(void)
{
    one_request_for_thousands();
    revoked_in_mid_flight();
    stolen();
    refused_by_wechat();
    a_busy_minute();
    of_the_host();
    without_app_secret();
    checked_and_reset();
    forgotten();
    logins_refused();
    a_login_is_not_sent_twice();
    the_day_has_its_budget();
    ok("credentials");
    return 0;
}
