/*
 * A disk that fills up, at each point where something has to be on it before the payment goes on: the first send, the
 * turn to cancel, the outcome, a person's decision; and at opening. WXG_TEST_DIR is a file system of 1 MiB, of which a
 * file takes to the last byte what the journal has left. Nothing is sent that is not written, nothing is told that is
 * not written, and with the room everything comes back.
 */
#include "records.h"
#include "small_disk.h"

#define PLAYER "oFullDiskPlayer_0123456789ab"

static wxg_client_options disk_options(void)
{
    wxg_client_options options = test_options();
    options.journal = sqlite_journal("full");
    options.timeout_ms = 5000;
    options.late_window_ms = 1;
    options.deadline_ms = PATIENCE_MS;
    options.redeliver_after_ms = -1;
    return options;
}

static void check_on_disk(const char *bill_no, const char *state)
{
    CHECK_TEXT(on_disk(sqlite_journal("full"), bill_no, "state"), state);
}

static void submit_pay(wxg_client *client, const char *bill_no, uint64_t tag)
{
    wxg_pay_options pay = pay_of(bill_no, PLAYER, 1, tag);
    submit(client, &pay);
}

/* While the disk is full: told at once, and why; WeChat hears nothing. */
static void expect_not_sent(wxg_client *client, const char *bill_no, uint64_t tag)
{
    uint64_t failures = stats_of(client).journal_failed;
    wxg_completion_view view;
    submit_pay(client, bill_no, tag);
    view = expect_outcome(client, WXG_KIND_PAY, tag, WXG_OUTCOME_NOT_SENT, WXG_REASON_JOURNAL);
    CHECK_INT(view.status, WXG_ERR_JOURNAL);
    CHECK_INT(view.delivery_id, 0);
    CHECK_INT(ledger(bill_no, "attempts"), -1);
    CHECK(stats_of(client).journal_failed > failures);
    CHECK_STATUS(stats_of(client).journal_error, WXG_ERR_JOURNAL);
    CHECK(drain_log(client, PLAYER, "the disk is full") > 0);
    CHECK_INT(looked_up(client, bill_no).status, WXG_ERR_NOT_FOUND);
}

/* The journal could not be written, and again not after a pause. */
static void await_two_failures(wxg_client *client, uint64_t failures)
{
    AWAIT(stats_of(client).journal_failed >= failures + 2);
}

static void before_the_first_send(void)
{
    wxg_client_options options = disk_options();
    wxg_client *client = open_client(&options);

    fill_disk();
    expect_not_sent(client, "first", 1); /* it waits for an access_token first */
    expect_not_sent(client, "first", 2); /* and has one now */
    empty_disk();
    submit_pay(client, "first", 3);
    expect_done_once(client, WXG_KIND_PAY, 3, "first");
    CHECK_INT(ledger("first", "attempts"), 1);
    expect_nothing(client);
    wxg_client_free(client);
}

/* Its patience ends, then its player gives up as well; but pays and cancels must not cross unseen. */
static void at_the_turn_to_cancel(void)
{
    wxg_client_options options = disk_options();
    wxg_cancel_pay_options cancel = WXG_CANCEL_PAY_OPTIONS_INIT;
    wxg_completion_view view;
    wxg_client *client;
    uint64_t failures;
    int64_t pays;

    options.timeout_ms = 2000;
    options.unknown_patience_ms = 300;
    client = open_client(&options);
    fault("{\"call\":\"pay\",\"bill_no\":\"turn\",\"do\":\"yes\",\"reply\":{\"kind\":\"errcode\",\"delay_ms\":1000}}");
    fault("{\"call\":\"pay\",\"bill_no\":\"turn\",\"do\":\"no\",\"times\":0,\"reply\":{\"kind\":\"errcode\"}}");
    submit_pay(client, "turn", 10);
    AWAIT(ledger("turn", "charged") == 1);
    failures = stats_of(client).journal_failed;
    fill_disk();
    check_on_disk("turn", "sending");

    AWAIT(stats_of(client).journal_failed > failures);
    pays = requests_seen("pay");
    cancel.bill_no = WXG_STR("turn");
    cancel.user_tag = 11;
    CHECK_OK(wxg_client_submit_cancel_pay(client, &cancel, NULL));
    await_two_failures(client, failures);
    check_on_disk("turn", "sending");
    CHECK_INT(looked_up(client, "turn").outcome, WXG_OUTCOME_UNKNOWN);
    CHECK_INT(stats_of(client).open_cancelling, 1);
    expect_not_sent(client, "meanwhile", 12);
    expect_nothing(client);
    CHECK_INT(requests_seen("pay"), pays);
    CHECK_INT(requests_seen("cancelpay"), 0);

    empty_disk();
    expect_outcome(client, WXG_KIND_CANCEL_PAY, 11, WXG_OUTCOME_DONE, WXG_REASON_CANCELLED);
    view = expect_outcome(client, WXG_KIND_PAY, 10, WXG_OUTCOME_REJECTED, WXG_REASON_CANCELLED);
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
    check_on_disk("turn", "rejected");
    CHECK_INT(requests_seen("pay"), pays);
    CHECK_INT(ledger("turn", "charged"), 1);
    CHECK_INT(ledger("turn", "given_back"), 1);
    submit_pay(client, "meanwhile", 13);
    expect_done_once(client, WXG_KIND_PAY, 13, "meanwhile");
    answers_come_again();
    expect_nothing(client);
    wxg_client_free(client);
}

/* WeChat is about to say yes when the disk fills up. */
static void submit_and_fill_disk(wxg_client *client, const char *bill_no, int64_t deadline_ms, uint64_t tag)
{
    wxg_pay_options pay = pay_of(bill_no, PLAYER, 1, tag);
    uint64_t failures = stats_of(client).journal_failed;
    char json[200];
    snprintf(json, sizeof(json),
             "{\"call\":\"pay\",\"bill_no\":\"%s\",\"do\":\"yes\",\"reply\":{\"kind\":\"slow\",\"delay_ms\":1000}}", bill_no);
    fault(json);
    pay.deadline_ms = deadline_ms;
    submit(client, &pay);
    AWAIT(ledger(bill_no, "charged") == 1);
    fill_disk();
    check_on_disk(bill_no, "sending");
    await_two_failures(client, failures);
    CHECK_INT(stats_of(client).in_flight, 0);
    check_on_disk(bill_no, "sending");
}

static void at_the_outcome(void)
{
    wxg_client_options options = disk_options();
    wxg_client *client = open_client(&options);
    wxg_completion_view view;

    submit_and_fill_disk(client, "outcome", PATIENCE_MS, 20);
    expect_not_sent(client, "besides", 21);
    expect_nothing(client);
    view = looked_up(client, "outcome");
    CHECK_INT(view.outcome, WXG_OUTCOME_UNKNOWN);
    CHECK_INT(view.delivery_id, 0);
    empty_disk();
    expect_done_once(client, WXG_KIND_PAY, 20, "outcome");
    check_on_disk("outcome", "done");
    CHECK_INT(ledger("outcome", "attempts"), 1);
    submit_pay(client, "besides", 22);
    expect_done_once(client, WXG_KIND_PAY, 22, "besides");

    /* Its deadline passes, the client is closed, and still there is no room: the next one asks WeChat once more. */
    submit_and_fill_disk(client, "lost-outcome", 1000, 23);
    view = expect_outcome(client, WXG_KIND_PAY, 23, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE);
    CHECK_INT(view.delivery_id, 0);
    CHECK_OK(wxg_client_close(client, 100));
    expect_nothing(client);
    wxg_client_free(client);
    empty_disk();
    client = open_client(&options);
    view = expect_done_once(client, WXG_KIND_RESOLVED, 23, "lost-outcome");
    CHECK_INT(view.errcode, 90012);
    wxg_client_free(client);
}

/* An acknowledgement that finds no room: the answer comes again with the next opening. */
static void at_an_acknowledgement(void)
{
    wxg_client_options options = disk_options();
    wxg_client *client = open_client(&options);
    wxg_completion_view view;
    uint64_t failures;

    submit_pay(client, "ack", 30);
    view = expect_outcome(client, WXG_KIND_PAY, 30, WXG_OUTCOME_DONE, WXG_REASON_NONE);
    failures = stats_of(client).journal_failed;
    fill_disk();
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
    AWAIT(stats_of(client).journal_failed == failures + 1);
    empty_disk();
    wxg_client_free(client);
    client = open_client(&options);
    view = expect_done_once(client, WXG_KIND_RESOLVED, 30, "ack");
    CHECK_INT(view.flags, WXG_FLAG_REDELIVERED);
    wxg_client_free(client);
    client = open_client(&options);
    CHECK_INT(looked_up(client, "ack").outcome, WXG_OUTCOME_DONE);
    CHECK_INT(stats_of(client).unacked, 0);
    expect_nothing(client);
    wxg_client_free(client);
}

/* What a person has decided is told once it is on the disk. */
static void at_a_decision(void)
{
    wxg_client_options options = disk_options();
    wxg_client *client = open_client(&options);
    wxg_completion *completion = POISON(wxg_completion);
    wxg_completion_view view;
    wxg_str bill_no = WXG_STR("decision");
    uint64_t failures;

    pay_unknown(client, "decision", PLAYER, 1, 40);
    CHECK_OK(wxg_client_close(client, 1000));
    expect_outcome(client, WXG_KIND_PAY, 40, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE);
    wxg_client_free(client);
    answers_come_again();
    options.recovery = WXG_RECOVERY_HOLD;
    client = open_client(&options);

    fill_disk();
    failures = stats_of(client).journal_failed;
    CHECK_STATUS(wxg_client_settle(client, &bill_no, WXG_OUTCOME_REJECTED, 10, &completion, NULL), WXG_ERR_TIMEOUT);
    await_two_failures(client, failures);
    check_on_disk("decision", "sending");
    CHECK_INT(looked_up(client, "decision").outcome, WXG_OUTCOME_UNKNOWN);
    expect_nothing(client);
    empty_disk();
    expect_outcome(client, WXG_KIND_SETTLE, 0, WXG_OUTCOME_REJECTED, WXG_REASON_SETTLED);
    view = expect_outcome(client, WXG_KIND_RESOLVED, 40, WXG_OUTCOME_REJECTED, WXG_REASON_SETTLED);
    check_on_disk("decision", "rejected");
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
    expect_nothing(client);
    wxg_client_free(client);
}

static void at_opening(void)
{
    wxg_client_options options = disk_options();
    wxg_client *client = open_client(&options), *none = POISON(wxg_client);
    wxg_error *error = POISON(wxg_error);

    pay_unknown(client, "opening", PLAYER, 1, 50);
    CHECK_OK(wxg_client_close(client, 1000));
    expect_outcome(client, WXG_KIND_PAY, 50, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE);
    wxg_client_free(client);
    answers_come_again();
    fill_disk();
    CHECK_STATUS(wxg_client_open(&options, &none, &error), WXG_ERR_JOURNAL);
    CHECK(none == NULL);
    CHECK_ERROR(error, WXG_ERR_JOURNAL, "journal", "disk is full");
    empty_disk();
    client = open_client(&options);
    expect_done_once(client, WXG_KIND_RESOLVED, 50, "opening");
    wxg_client_free(client);
}

int main(void)
{
    check_disk_is_small();
    reset_sandbox();
    new_player(PLAYER, 1000);
    before_the_first_send();
    at_the_turn_to_cancel();
    at_the_outcome();
    at_an_acknowledgement();
    at_a_decision();
    at_opening();
    ok("full_disk");
    return 0;
}
