/*
 * The life of a game server's payments against the sandbox: over HTTPS with a CA file of its own, journal in SQLite,
 * both signatures. How often coins really moved, the sandbox's ledger tells.
 */
#include "common.h"

#define PLAYER "oFlowPlayer_0123456789abcdef"

static wxg_client_options flow_options(void)
{
    wxg_client_options options = test_options();
    if (!is_slow()) {
        /* Memcheck cannot follow ring's AES-GCM, in assembly: it calls ciphertext uninitialised that the server's own
         * AEAD accepts. Rather than to suppress what concerns sent bytes, valgrind gets plain HTTP. */
        options.base_url = wxg_cstr(setting("WXG_TEST_HTTPS"));
        options.ca_file = wxg_cstr(setting("WXG_TEST_CA"));
    }
    options.journal = sqlite_journal("flow");
    options.no_mp_sig = 0;
    options.timeout_ms = is_slow() ? 8000 : 1500;
    options.connect_timeout_ms = is_slow() ? 8000 : 1000;
    options.deadline_ms = 60000;
    options.late_window_ms = 1000;
    return options;
}

static void submit_pay(wxg_client *client, const char *bill_no, int64_t amount, uint64_t tag)
{
    wxg_pay_options pay = pay_of(bill_no, PLAYER, amount, tag);
    CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
}

static void submit_cancel(wxg_client *client, const char *bill_no, uint64_t tag)
{
    wxg_cancel_pay_options cancel = WXG_CANCEL_PAY_OPTIONS_INIT;
    cancel.bill_no = wxg_cstr(bill_no);
    cancel.user_tag = tag;
    CHECK_OK(wxg_client_submit_cancel_pay(client, &cancel, NULL));
}

static void submit_balance(wxg_client *client, uint64_t tag)
{
    wxg_get_balance_options balance = WXG_GET_BALANCE_OPTIONS_INIT;
    balance.openid = WXG_STR(PLAYER);
    balance.zone_id = WXG_STR("1");
    balance.user_tag = tag;
    CHECK_OK(wxg_client_submit_get_balance(client, &balance, NULL));
}

/* Done, charged once, and acknowledged. */
static void expect_charged(wxg_client *client, const char *bill_no, uint64_t tag)
{
    wxg_completion_view view = expect_outcome(client, WXG_KIND_PAY, tag, WXG_OUTCOME_DONE, WXG_REASON_NONE);
    CHECK(view.delivery_id != 0);
    CHECK_INT(view.payment_kind, WXG_KIND_PAY);
    CHECK_INT(view.status, WXG_OK);
    CHECK_INT(ledger(bill_no, "charged"), 1);
    CHECK_INT(ledger(bill_no, "given_back"), 0);
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
}

/* A login whose session_key is a secret that the tests know. */
static void login(wxg_client *client, const char *code)
{
    wxg_login_options options = WXG_LOGIN_OPTIONS_INIT;
    wxg_completion *completion = NULL;
    wxg_completion_view view;
    wxg_error *error = POISON(wxg_error);
    char body[300];
    snprintf(body, sizeof(body), "{\"js_code\":\"%s\",\"openid\":\"" PLAYER "\",\"session_key\":\"c2Vzc2lvbi1rZXktMDE=\"}", code);
    sandbox("POST", "/sandbox/code", body);
    options.js_code = wxg_cstr(code);
    options.user_tag = 77;
    CHECK_OK(wxg_client_login(client, &options, -1, &completion, &error));
    CHECK(error == NULL);
    view = read_completion(completion);
    CHECK_INT(view.kind, WXG_KIND_LOGIN);
    CHECK_INT(view.outcome, WXG_OUTCOME_DONE);
    CHECK_INT(view.user_tag, 77);
    CHECK_TEXT(view.openid, PLAYER);
    wxg_completion_free(completion);
}

static void login_balance_pay_present(wxg_client *client)
{
    wxg_login_options used = WXG_LOGIN_OPTIONS_INIT;
    wxg_present_options present = WXG_PRESENT_OPTIONS_INIT;
    wxg_pay_options pay = pay_of("first", PLAYER, 30, 3);
    wxg_completion_view view;
    wxg_completion *completion;

    login(client, "first-code");
    used.js_code = WXG_STR("first-code");
    CHECK_OK(wxg_client_submit_login(client, &used, NULL));
    view = expect_outcome(client, WXG_KIND_LOGIN, 0, WXG_OUTCOME_REJECTED, WXG_REASON_SESSION);
    CHECK_INT(view.errcode, 40163);

    top_up(PLAYER, 1000);
    submit_balance(client, 2);
    view = expect_outcome(client, WXG_KIND_GET_BALANCE, 2, WXG_OUTCOME_DONE, WXG_REASON_NONE);
    CHECK((view.has & WXG_HAS_BALANCE) != 0);
    CHECK_INT(view.balance, 1000);
    CHECK_INT(view.delivery_id, 0);

    pay.pay_item = WXG_STR("\xe9\x92\xbb\xe7\x9f\xb3");
    pay.app_remark = WXG_STR("a b&c=d\"e\\f");
    pay.user_ip = WXG_STR("113.108.77.69");
    CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
    completion = expect(client, WXG_KIND_PAY, 3, &view);
    CHECK_INT(view.outcome, WXG_OUTCOME_DONE);
    CHECK_TEXT(view.bill_no, "first");
    CHECK_TEXT(view.openid, PLAYER);
    CHECK_TEXT(view.zone_id, "1");
    CHECK_TEXT(view.pay_item, "\xe9\x92\xbb\xe7\x9f\xb3");
    CHECK_INT(view.amount, 30);
    CHECK_INT(view.balance, 970);
    CHECK_INT(view.has & WXG_HAS_BALANCE, WXG_HAS_BALANCE);
    CHECK_INT(view.flags, 0);
    CHECK_INT(ledger("first", "charged"), 1);
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
    wxg_completion_free(completion);

    present.bill_no = WXG_STR("gift");
    present.openid = WXG_STR(PLAYER);
    present.zone_id = WXG_STR("1");
    present.amount = 5;
    present.user_tag = 4;
    CHECK_OK(wxg_client_submit_present(client, &present, NULL));
    view = expect_outcome(client, WXG_KIND_PRESENT, 4, WXG_OUTCOME_DONE, WXG_REASON_NONE);
    CHECK_INT(view.payment_kind, WXG_KIND_PRESENT);
    CHECK_INT(view.balance, 975);
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
    submit_cancel(client, "gift", 5);
    view = expect_outcome(client, WXG_KIND_CANCEL_PAY, 5, WXG_OUTCOME_NONE, WXG_REASON_NONE);
    CHECK_INT(view.status, WXG_ERR_WRONG_STATE);
}

static void refused_and_repeated(wxg_client *client)
{
    wxg_completion_view first, again;
    int64_t seen;

    submit_pay(client, "too-much", 100000, 10);
    again = expect_outcome(client, WXG_KIND_PAY, 10, WXG_OUTCOME_REJECTED, WXG_REASON_BALANCE_TOO_LOW);
    CHECK_INT(again.errcode, 90013);
    CHECK_OK(wxg_client_ack(client, again.delivery_id, NULL));
    CHECK(ledger("too-much", "charged") <= 0);

    submit_pay(client, "once", 20, 11);
    first = expect_outcome(client, WXG_KIND_PAY, 11, WXG_OUTCOME_DONE, WXG_REASON_NONE);
    seen = requests_seen("pay");
    submit_pay(client, "once", 20, 12);
    again = expect_outcome(client, WXG_KIND_PAY, 12, WXG_OUTCOME_DONE, WXG_REASON_NONE);
    CHECK_INT(again.delivery_id, first.delivery_id);
    CHECK_INT(again.balance, first.balance);
    submit_pay(client, "once", 21, 13);
    again = expect_outcome(client, WXG_KIND_PAY, 13, WXG_OUTCOME_NONE, WXG_REASON_NONE);
    CHECK_INT(again.status, WXG_ERR_BILL_NO_CONFLICT);
    CHECK_INT(again.delivery_id, 0);
    submit_pay(client, "too-much", 100000, 14);
    expect_outcome(client, WXG_KIND_PAY, 14, WXG_OUTCOME_REJECTED, WXG_REASON_BALANCE_TOO_LOW);
    CHECK_INT(requests_seen("pay"), seen);
    CHECK_INT(ledger("once", "charged"), 1);

    /* Given back only after the host has acknowledged that it was done. */
    submit_cancel(client, "once", 15);
    again = expect_outcome(client, WXG_KIND_CANCEL_PAY, 15, WXG_OUTCOME_NONE, WXG_REASON_NONE);
    CHECK_INT(again.status, WXG_ERR_WRONG_STATE);
    CHECK_OK(wxg_client_ack(client, first.delivery_id, NULL));
    submit_cancel(client, "once", 16);
    again = expect_outcome(client, WXG_KIND_CANCEL_PAY, 16, WXG_OUTCOME_DONE, WXG_REASON_CANCELLED);
    CHECK_INT(ledger("once", "given_back"), 1);
    CHECK_OK(wxg_client_ack(client, again.delivery_id, NULL));

    seen = requests_seen(NULL);
    submit_cancel(client, "nobody-knows-it", 17);
    again = expect_outcome(client, WXG_KIND_CANCEL_PAY, 17, WXG_OUTCOME_NONE, WXG_REASON_NONE);
    CHECK_INT(again.status, WXG_ERR_NOT_FOUND);
    CHECK_INT(again.delivery_id, 0);
    CHECK_INT(requests_seen(NULL), seen);
}

/* However the answer gets lost after the coins were taken: found out by itself, one charge. */
static void lost_answers(wxg_client *client)
{
    static const struct {
        const char *bill_no, *reply;
        int slow;
    } lost[] = {
        {"lost-reset", "{\"kind\":\"reset\"}", 0},
        {"lost-minus-1", "{\"kind\":\"errcode\",\"errcode\":-1}", 0},
        {"lost-half", "{\"kind\":\"half\"}", 0},
        {"lost-garbage", "{\"kind\":\"garbage\"}", 0},
        {"lost-empty", "{\"kind\":\"empty\"}", 0},
        {"lost-502", "{\"kind\":\"http\"}", 0},
        {"lost-errcode", "{\"kind\":\"no_errcode\"}", 0},
        {"lost-hang", "{\"kind\":\"hang\"}", 1},
    };
    const size_t count = sizeof(lost) / sizeof(lost[0]);
    uint64_t retries = stats_of(client).retries;
    size_t i, expected = 0;
    for (i = 0; i < count; i++) {
        char json[200];
        if (lost[i].slow && is_slow())
            continue;
        snprintf(json, sizeof(json), "{\"call\":\"pay\",\"bill_no\":\"%s\",\"do\":\"yes\",\"reply\":%s}", lost[i].bill_no, lost[i].reply);
        fault(json);
        submit_pay(client, lost[i].bill_no, 1, 20 + i);
        expected += 1;
    }
    for (i = 0; i < count; i++)
        if (!lost[i].slow || !is_slow())
            expect_charged(client, lost[i].bill_no, 20 + i);
    CHECK(stats_of(client).retries >= retries + expected);
    /* And before anything was done: done by a repetition. */
    fault("{\"call\":\"pay\",\"bill_no\":\"not-yet\",\"do\":\"no\",\"reply\":{\"kind\":\"reset\"}}");
    submit_pay(client, "not-yet", 1, 29);
    expect_charged(client, "not-yet", 29);
}

static void sessions(wxg_client *client)
{
    wxg_completion *completion;
    wxg_completion_view view;

    sandbox("POST", "/sandbox/session/expire", "{\"openid\":\"" PLAYER "\"}");
    submit_pay(client, "session-1", 1, 30);
    submit_pay(client, "session-2", 1, 31);
    completion = expect(client, WXG_KIND_SESSION_NEEDED, 0, &view);
    CHECK_TEXT(view.openid, PLAYER);
    CHECK_INT(view.outcome, WXG_OUTCOME_NONE);
    CHECK_INT(view.delivery_id, 0);
    wxg_completion_free(completion);
    login(client, "second-code");
    expect_charged(client, "session-1", 30);
    expect_charged(client, "session-2", 31);

    sandbox("POST", "/sandbox/session/expire", "{\"openid\":\"" PLAYER "\"}");
    submit_pay(client, "session-3", 1, 32);
    wxg_completion_free(expect(client, WXG_KIND_SESSION_NEEDED, 0, &view));
    new_player(PLAYER, 1);
    set_session(client, PLAYER);
    expect_charged(client, "session-3", 32);
    expect_nothing(client);
}

/* 42001, then 40001: one new token each, though five payments met it. */
static void tokens(wxg_client *client)
{
    static const char *const ways[] = {"/sandbox/token/expire", "/sandbox/token/revoke"};
    static const char *const bills[2][5] = {{"t1a", "t1b", "t1c", "t1d", "t1e"}, {"t2a", "t2b", "t2c", "t2d", "t2e"}};
    size_t way, i;
    for (way = 0; way < 2; way++) {
        uint64_t before = stats_of(client).token_requests;
        sandbox("POST", ways[way], "{}");
        for (i = 0; i < 5; i++)
            submit_pay(client, bills[way][i], 1, 40 + i);
        for (i = 0; i < 5; i++)
            expect_charged(client, bills[way][i], 40 + i);
        CHECK_INT(stats_of(client).token_requests, before + 1);
        learn_token();
    }
    CHECK(stats_of(client).token_age_ms >= 0);
}

static void waiting(wxg_client *client)
{
    wxg_pay_options pay = pay_of("patient", PLAYER, 1, 50);
    wxg_completion *completion = POISON(wxg_completion);
    wxg_completion_view view;
    wxg_error *error = NULL;

    /* The wait ends, the payment does not. */
    fault("{\"call\":\"pay\",\"bill_no\":\"patient\",\"do\":\"yes\",\"reply\":{\"kind\":\"slow\",\"delay_ms\":400}}");
    CHECK_STATUS(wxg_client_pay(client, &pay, 20, &completion, &error), WXG_ERR_TIMEOUT);
    CHECK(completion == NULL);
    CHECK_ERROR(error, WXG_ERR_TIMEOUT, "", "user_tag");
    expect_charged(client, "patient", 50);

    /* Without a wait it is submitted all the same. */
    pay = pay_of("at-once", PLAYER, 1, 51);
    completion = POISON(wxg_completion);
    CHECK_STATUS(wxg_client_pay(client, &pay, 0, &completion, &error), WXG_ERR_TIMEOUT);
    CHECK(completion == NULL);
    wxg_error_free(error);
    expect_charged(client, "at-once", 51);

    /* With time enough the answer goes to the caller and not to the queue. */
    pay = pay_of("waited", PLAYER, 1, 52);
    CHECK_OK(wxg_client_pay(client, &pay, -1, &completion, &error));
    CHECK(error == NULL);
    view = read_completion(completion);
    CHECK_INT(view.kind, WXG_KIND_PAY);
    CHECK_INT(view.outcome, WXG_OUTCOME_DONE);
    CHECK_INT(view.user_tag, 52);
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
    wxg_completion_free(completion);
    expect_nothing(client);
}

static int is_readable(int fd, int timeout_ms)
{
    struct pollfd poller = {0};
    poller.fd = fd;
    poller.events = POLLIN;
    return poll(&poller, 1, timeout_ms) == 1;
}

static void wake_fd(wxg_client *client)
{
    int32_t fd = -1, again = -1;
    wxg_completion *completion = NULL;
    size_t count = 0;
    CHECK_OK(wxg_client_wake_fd(client, &fd, NULL));
    CHECK_OK(wxg_client_wake_fd(client, &again, NULL));
    CHECK(fd >= 0 && fd == again);
    CHECK(!is_readable(fd, 0));
    submit_balance(client, 60);
    submit_balance(client, 61);
    CHECK(is_readable(fd, PATIENCE_MS));
    AWAIT(stats_of(client).queue_depth == 2);
    CHECK_OK(wxg_client_poll(client, &completion, 1, &count));
    CHECK_INT(count, 1);
    wxg_completion_free(completion);
    CHECK(is_readable(fd, 0)); /* level-triggered: one more is there */
    CHECK_OK(wxg_client_poll(client, &completion, 1, &count));
    CHECK_INT(count, 1);
    wxg_completion_free(completion);
    CHECK(!is_readable(fd, 0));
}

/* The deadline brings *unknown*, and the answer comes later by itself. */
static void unknown(wxg_client *client)
{
    wxg_pay_options pay = pay_of("late", PLAYER, 1, 70);
    wxg_completion_view view;

    fault("{\"call\":\"pay\",\"bill_no\":\"late\",\"do\":\"yes\",\"reply\":{\"kind\":\"hang\"}}");
    pay.deadline_ms = 800;
    CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
    view = expect_outcome(client, WXG_KIND_PAY, 70, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE);
    CHECK_INT(view.delivery_id, 0);
    CHECK_INT(stats_of(client).open_unknown, 1);
    view = expect_outcome(client, WXG_KIND_RESOLVED, 70, WXG_OUTCOME_DONE, WXG_REASON_NONE);
    CHECK_INT(view.payment_kind, WXG_KIND_PAY);
    CHECK(view.delivery_id != 0);
    CHECK_INT(ledger("late", "charged"), 1);
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));

    /* Cancelled while unknown: no cancel leaves before the late window is over, and then nothing was taken. */
    fault("{\"call\":\"pay\",\"bill_no\":\"undone\",\"do\":\"yes\",\"times\":0,\"reply\":{\"kind\":\"errcode\"}}");
    pay = pay_of("undone", PLAYER, 1, 71);
    pay.deadline_ms = 800;
    CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
    expect_outcome(client, WXG_KIND_PAY, 71, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE);
    submit_cancel(client, "undone", 72);
    AWAIT(stats_of(client).open_cancelling == 1);
    CHECK_INT(requests_seen("cancelpay"), 1); /* the refund of before */
    expect_outcome(client, WXG_KIND_CANCEL_PAY, 72, WXG_OUTCOME_DONE, WXG_REASON_CANCELLED);
    view = expect_outcome(client, WXG_KIND_RESOLVED, 71, WXG_OUTCOME_REJECTED, WXG_REASON_CANCELLED);
    CHECK_INT(ledger("undone", "charged"), 1);
    CHECK_INT(ledger("undone", "given_back"), 1);
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
}

static void stats_and_log(wxg_client *client)
{
    wxg_stats stats;
    uint64_t answers = 0;
    size_t i;
    AWAIT(stats_of(client).unacked == 0);
    stats = stats_of(client);
    CHECK_INT(stats.queue_depth, 0);
    CHECK_INT(stats.open_waiting + stats.open_unknown + stats.open_cancelling, 0);
    CHECK_INT(stats.in_flight, 0);
    CHECK(stats.submitted > 30 && stats.completed >= stats.submitted);
    CHECK(stats.pay_answers[WXG_CLASS_DONE - 1] >= 10);
    CHECK_INT(stats.pay_answers[WXG_CLASS_REFUSED - 1], 1);
    CHECK(stats.pay_answers[WXG_CLASS_DUPLICATE - 1] >= 5);
    CHECK(stats.pay_answers[WXG_CLASS_SESSION - 1] >= 2);
    CHECK(stats.pay_answers[WXG_CLASS_TOKEN - 1] >= 2);
    CHECK(stats.pay_answers[WXG_ANSWERS_NO_ANSWER] >= 1);
    CHECK_INT(stats.present_answers[WXG_CLASS_DONE - 1], 1);
    CHECK(stats.cancel_pay_answers[WXG_CLASS_DONE - 1] >= 1);
    CHECK(stats.get_balance_answers[WXG_CLASS_DONE - 1] >= 3);
    for (i = 0; i < WXG_ANSWERS_SIZE; i++)
        answers += stats.pay_answers[i];
    CHECK_INT(answers - stats.pay_answers[WXG_ANSWERS_NOT_SENT], requests_seen("pay"));
    CHECK(stats.latency_count > 0 && stats.latency_max_ms <= stats.latency_sum_ms);
    CHECK(stats.clock_skew_ms > -5000 && stats.clock_skew_ms < 5000);
    CHECK_INT(stats.sessions, 1);
    CHECK(stats.journal_writes >= stats.journal_commits && stats.journal_commits > 0);
    CHECK_INT(stats.journal_failed, 0);
    CHECK_INT(stats.log_dropped, 0);
    CHECK(drain_log(client, PLAYER, "oFlowP") > 0);
}

/* A final answer comes again with every opening until it is acknowledged. */
static void redelivery(wxg_client *client)
{
    wxg_client_options options = flow_options();
    wxg_completion_view view;
    uint64_t id;
    int opening;

    submit_pay(client, "again", 1, 80);
    id = expect_outcome(client, WXG_KIND_PAY, 80, WXG_OUTCOME_DONE, WXG_REASON_NONE).delivery_id;
    wxg_client_free(client);
    for (opening = 0; opening < 2; opening++) {
        client = open_client(&options);
        view = expect_outcome(client, WXG_KIND_RESOLVED, 80, WXG_OUTCOME_DONE, WXG_REASON_NONE);
        CHECK_INT(view.flags, WXG_FLAG_REDELIVERED);
        CHECK_INT(view.delivery_id, id);
        CHECK_INT(view.payment_kind, WXG_KIND_PAY);
        CHECK_INT(view.amount, 1);
        CHECK_INT(stats_of(client).unacked, 1);
        drain_log(client, PLAYER, "");
        if (opening == 1)
            CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
        CHECK_OK(wxg_client_close(client, 1000));
        wxg_client_free(client);
    }
    client = open_client(&options);
    /* What is handed out at opening comes before the answer to any question. */
    submit_cancel(client, "nobody-knows-it", 81);
    expect_outcome(client, WXG_KIND_CANCEL_PAY, 81, WXG_OUTCOME_NONE, WXG_REASON_NONE);
    expect_nothing(client);
    CHECK_INT(ledger("again", "charged"), 1);
    wxg_client_free(client);
}

static void queue_full(void)
{
    wxg_client_options options = test_options();
    wxg_pay_options pay = pay_of("full", PLAYER, 1, 93);
    wxg_completion *completion = POISON(wxg_completion);
    wxg_client *client;
    wxg_error *error = NULL;
    uint64_t tag;
    options.base_url = WXG_STR("http://127.0.0.1:1");
    options.queue_capacity = 3;
    client = open_client(&options);
    for (tag = 0; tag < 3; tag++)
        submit_cancel(client, "nobody-knows-it", tag);
    AWAIT(stats_of(client).queue_depth == 3);
    CHECK_STATUS(wxg_client_submit_pay(client, &pay, &error), WXG_ERR_QUEUE_FULL);
    CHECK_ERROR(error, WXG_ERR_QUEUE_FULL, "", "poll");
    CHECK_STATUS(wxg_client_pay(client, &pay, -1, &completion, NULL), WXG_ERR_QUEUE_FULL);
    CHECK(completion == NULL);
    CHECK_INT(stats_of(client).submitted, 3);
    expect_outcome(client, WXG_KIND_CANCEL_PAY, 0, WXG_OUTCOME_NONE, WXG_REASON_NONE);
    /* expect() takes all that is there: the queue is free again. */
    CHECK_OK(wxg_client_submit_pay(client, &pay, &error));
    expect_outcome(client, WXG_KIND_CANCEL_PAY, 1, WXG_OUTCOME_NONE, WXG_REASON_NONE);
    expect_outcome(client, WXG_KIND_CANCEL_PAY, 2, WXG_OUTCOME_NONE, WXG_REASON_NONE);
    wxg_client_free(client);
}

/* A deadline that passes while the journal is asked for the number: an answer comes all the same. */
static void deadline_while_looking(void)
{
    wxg_client *client = open_offline();
    uint64_t tag;
    for (tag = 0; tag < 20; tag++) {
        char bill_no[32];
        wxg_pay_options pay;
        wxg_completion_view view;
        snprintf(bill_no, sizeof(bill_no), "hasty-%llu", (unsigned long long)tag);
        pay = pay_of(bill_no, PLAYER, 1, tag);
        pay.deadline_ms = 1;
        CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
        wxg_completion_free(expect(client, WXG_KIND_PAY, tag, &view));
        if (view.outcome == WXG_OUTCOME_UNKNOWN)
            wxg_completion_free(expect(client, WXG_KIND_RESOLVED, tag, &view));
        CHECK_INT(view.outcome, WXG_OUTCOME_NOT_SENT);
    }
    wxg_client_free(client);
}

int main(void)
{
    wxg_client_options options = flow_options();
    wxg_client *client;
    reset_sandbox();
    learn_token();
    client = open_client(&options);
    login_balance_pay_present(client);
    refused_and_repeated(client);
    lost_answers(client);
    sessions(client);
    tokens(client);
    waiting(client);
    wake_fd(client);
    if (!is_slow()) {
        unknown(client);
        stats_and_log(client);
    }
    expect_nothing(client);
    redelivery(client);
    queue_full();
    deadline_while_looking();
    ok("flow");
    return 0;
}
