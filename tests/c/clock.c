/*
 * Clocks that are wrong. WeChat's `Date` is the witness: a machine whose clock runs ahead gives up no payment for old,
 * and one that was set back takes none for young. The sandbox's `Date` is this machine's true time, so a client with a
 * clock_offset_ms stands for a server whose clock is wrong by so much.
 */
#include "own_sandbox.h"
#include "records.h"

#define PLAYER "oClockPlayer_0123456789abcde"
#define HOUR_MS ((int64_t)3600000)
#define TWO_DAYS_MS (48 * HOUR_MS)
/* 47 h is when an open payment becomes too old. */
#define TOO_OLD_MS (47 * HOUR_MS + HOUR_MS / 2)

static wxg_client *open_at(const char *journal, int64_t offset_ms, uint32_t recovery)
{
    wxg_client_options options = test_options();
    options.journal = sqlite_journal(journal);
    options.clock_offset_ms = offset_ms;
    options.recovery = recovery;
    options.redeliver_after_ms = -1;
    options.unknown_patience_ms = -1;
    return open_client(&options);
}

/* The server pays, the answer is lost, and it is gone. */
static void leave_open(const char *journal, const char *bill_no, int64_t offset_ms, uint64_t tag)
{
    wxg_client *client = open_at(journal, offset_ms, WXG_RECOVERY_DRIVE);
    pay_unknown(client, bill_no, PLAYER, 1, tag);
    AWAIT(stats_of(client).open_unknown == 1);
    CHECK_OK(wxg_client_close(client, 0));
    expect_outcome(client, WXG_KIND_PAY, tag, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE);
    wxg_client_free(client);
    answers_come_again();
}

static void ask_balance(wxg_client *client)
{
    wxg_get_balance_options balance = WXG_GET_BALANCE_OPTIONS_INIT;
    balance.openid = WXG_STR(PLAYER);
    balance.zone_id = WXG_STR("1");
    balance.user_tag = 9;
    CHECK_OK(wxg_client_submit_get_balance(client, &balance, NULL));
    expect_outcome(client, WXG_KIND_GET_BALANCE, 9, WXG_OUTCOME_DONE, WXG_REASON_NONE);
}

static void refuse_offset(const char *base_url, int64_t offset_ms, const char *rule)
{
    wxg_client_options options = test_options();
    wxg_client *client = POISON(wxg_client);
    wxg_error *error = POISON(wxg_error);
    options.base_url = wxg_cstr(base_url);
    options.clock_offset_ms = offset_ms;
    CHECK_STATUS(wxg_client_open(&options, &client, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK(client == NULL);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "clock_offset_ms", rule);
}

/* With WeChat, or anybody else who is not this machine, the clock is what it is. */
static void for_tests_only(void)
{
    const int64_t most_ms = 400 * 24 * HOUR_MS;
    refuse_offset("", 1, "loopback");
    refuse_offset("https://api.weixin.qq.com", -1, "loopback");
    refuse_offset("https://127.0.0.1.example", HOUR_MS, "loopback");
    refuse_offset("https://192.0.2.1", HOUR_MS, "loopback");
    refuse_offset(setting("WXG_TEST_HTTP"), most_ms + 1, "400 days");
    refuse_offset(setting("WXG_TEST_HTTP"), -most_ms - 1, "400 days");
    refuse_offset(setting("WXG_TEST_HTTP"), INT64_MIN, "400 days");
    wxg_client_free(open_at("most", most_ms, WXG_RECOVERY_DRIVE));
    wxg_client_free(open_at("least", -most_ms, WXG_RECOVERY_DRIVE));
}

/* Two days ahead: by our clock the payment is too old, by WeChat's it has just begun. */
static void ahead(void)
{
    wxg_client *client;
    wxg_completion_view view;
    int64_t attempts;
    int answer;
    leave_open("ahead", "ahead", 0, 1);
    attempts = ledger("ahead", "attempts");

    client = open_at("ahead", TWO_DAYS_MS, WXG_RECOVERY_DRIVE);
    AWAIT(stats_of(client).clock_skew_ms < -47 * HOUR_MS);
    /* One answer against our clock, that to the request for a token, decides nothing. */
    view = looked_up(client, "ahead");
    CHECK_INT(view.outcome, WXG_OUTCOME_UNKNOWN);
    CHECK_INT(ledger("ahead", "attempts"), attempts);
    expect_nothing(client);
    /* Two do. */
    ask_balance(client);
    view = expect_done_once(client, WXG_KIND_RESOLVED, 1, "ahead");
    CHECK_INT(view.errcode, 90012);
    CHECK_INT(stats_of(client).needs_review, 0);
    /* A person is told once, not with every answer. */
    for (answer = 0; answer < 5; answer++)
        ask_balance(client);
    CHECK_INT(drain_log(client, PLAYER, "ahead of WeChat's: set it right"), 1);
    wxg_client_free(client);
}

/* Two days have passed, and WeChat says so too. It may have forgotten the number, so nothing is sent any more. */
static void really_old(void)
{
    wxg_client *client;
    wxg_completion_view view;
    int64_t attempts;
    leave_open("old", "old", -TWO_DAYS_MS, 2);
    attempts = ledger("old", "attempts");
    sandbox("POST", "/sandbox/clock", "{\"advance_s\":172800}");

    client = open_at("old", 0, WXG_RECOVERY_DRIVE);
    view = expect_outcome(client, WXG_KIND_RESOLVED, 2, WXG_OUTCOME_NEEDS_REVIEW, WXG_REASON_EXPIRED);
    CHECK(view.delivery_id != 0);
    CHECK(strstr(sandbox("GET", "/sandbox/ledger?bill_no=old", ""), "\"remembered\":false") != NULL);
    CHECK_INT(ledger("old", "attempts"), attempts);
    CHECK_INT(ledger("old", "charged"), 1);
    CHECK(drain_log(client, PLAYER, "ahead of WeChat's") == 0);
    wxg_client_free(client);
}

/* Two days behind: what was sent an hour ago, or in what is now the future, is driven to its end. */
static void behind(void)
{
    wxg_client *client;
    leave_open("behind", "behind", 0, 3);
    client = open_at("behind", -TWO_DAYS_MS, WXG_RECOVERY_DRIVE);
    expect_done_once(client, WXG_KIND_RESOLVED, 3, "behind");
    wxg_client_free(client);
}

/* And what the journal knows to be too old stays so, however far the clock is set back. */
static void no_younger(void)
{
    wxg_client *client;
    wxg_pay_options pay = pay_of("witness", PLAYER, 1, 5);
    int64_t attempts;
    leave_open("no-younger", "no-younger", -TOO_OLD_MS, 4);
    attempts = ledger("no-younger", "attempts");
    /* The journal is written to at the true time; the old payment is left alone. */
    client = open_at("no-younger", 0, WXG_RECOVERY_HOLD);
    submit(client, &pay);
    expect_done_once(client, WXG_KIND_PAY, 5, "witness");
    wxg_client_free(client);

    client = open_at("no-younger", -TWO_DAYS_MS, WXG_RECOVERY_DRIVE);
    expect_outcome(client, WXG_KIND_RESOLVED, 4, WXG_OUTCOME_NEEDS_REVIEW, WXG_REASON_EXPIRED);
    CHECK_INT(ledger("no-younger", "attempts"), attempts);
    CHECK_INT(ledger("no-younger", "charged"), 1);
    wxg_client_free(client);
}

int main(void)
{
    /* How far `ts` may be off WeChat does not say; here it may, so that only the rule under test decides. */
    start_own_sandbox("{\"ts_tolerance_s\":0}");
    new_player(PLAYER, 100);
    for_tests_only();
    ahead();
    behind();
    no_younger();
    really_old();
    stop_own_sandbox();
    ok("clock");
    return 0;
}
