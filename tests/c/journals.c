/*
 * Journals that are not the ones the server left behind: set back to a copy, lost, of a later version, damaged. The
 * copies are made and put back as docs/operations.md says.
 */
#include "records.h"

#define PLAYER "oJournalPlayer_0123456789abc"

static wxg_client_options journal_options(const char *name, uint32_t recovery)
{
    wxg_client_options options = test_options();
    options.journal = sqlite_journal(name);
    options.recovery = recovery;
    options.redeliver_after_ms = -1;
    return options;
}

static wxg_client *open_journal(const char *name, uint32_t recovery)
{
    wxg_client_options options = journal_options(name, recovery);
    return open_client(&options);
}

static void submit_pay(wxg_client *client, const char *bill_no, uint32_t sent_before, uint64_t tag)
{
    wxg_pay_options pay = pay_of(bill_no, PLAYER, 1, tag);
    pay.sent_before = sent_before;
    submit(client, &pay);
}

static void pay_done(wxg_client *client, const char *bill_no, uint64_t tag)
{
    submit_pay(client, bill_no, 0, tag);
    expect_done_once(client, WXG_KIND_PAY, tag, bill_no);
}

/* The host's own books say that it was sent: done, by WeChat's word that the number exists. */
static void pay_sent_before(wxg_client *client, const char *bill_no, uint64_t tag)
{
    int64_t attempts = ledger(bill_no, "attempts");
    submit_pay(client, bill_no, 1, tag);
    CHECK_INT(expect_done_once(client, WXG_KIND_PAY, tag, bill_no).errcode, 90012);
    CHECK_INT(ledger(bill_no, "attempts"), attempts + 1);
}

/* ---- set back ---- */

/* With the server stopped. */
static void restore(const char *name)
{
    const char *file = file_of(sqlite_journal(name));
    command("rm -f '%s-wal' '%s-shm' && cp '%s.copy' '%s'", file, file, file, file);
}

/* What the copy calls open was granted long since, and of another payment it has never heard. */
static void set_back(void)
{
    wxg_client *client = open_journal("restored", WXG_RECOVERY_DRIVE);
    const char *file = file_of(sqlite_journal("restored"));
    wxg_completion *completion;
    wxg_str open = WXG_STR("open-in-copy");
    wxg_completion_view view;
    int64_t attempts, requests;

    pay_done(client, "done-in-copy", 1);
    pay_unknown(client, "open-in-copy", PLAYER, 1, 2);
    command("umask 077; sqlite3 -readonly '%s' \"VACUUM INTO '%s.copy'\"", file, file);
    answers_come_again();
    expect_done_once(client, WXG_KIND_PAY, 2, "open-in-copy");
    pay_done(client, "not-in-copy", 3);
    wxg_client_free(client);
    attempts = ledger("open-in-copy", "attempts");
    requests = requests_seen(NULL);

    restore("restored");
    client = open_journal("restored", WXG_RECOVERY_HOLD);
    AWAIT(stats_of(client).open_held == 1);
    CHECK_INT(looked_up(client, "done-in-copy").outcome, WXG_OUTCOME_DONE);
    CHECK_STATUS(looked_up(client, "not-in-copy").status, WXG_ERR_NOT_FOUND);
    CHECK_INT(looked_up(client, "open-in-copy").waiting_for, WXG_WAITING_OPERATOR);
    CHECK_INT(requests_seen(NULL), requests);
    pay_sent_before(client, "not-in-copy", 4);
    CHECK_OK(wxg_client_settle(client, &open, WXG_OUTCOME_DONE, PATIENCE_MS, &completion, NULL));
    wxg_completion_free(completion);
    expect_outcome(client, WXG_KIND_RESOLVED, 2, WXG_OUTCOME_DONE, WXG_REASON_SETTLED);
    CHECK_INT(ledger("open-in-copy", "attempts"), attempts);
    CHECK_INT(ledger("open-in-copy", "charged"), 1);
    expect_nothing(client);
    wxg_client_free(client);

    /* And where the books are silent, WeChat is asked. */
    restore("restored");
    client = open_journal("restored", WXG_RECOVERY_HOLD);
    CHECK_OK(wxg_client_resume(client, &open, PATIENCE_MS, &completion, NULL));
    wxg_completion_free(completion);
    view = expect_done_once(client, WXG_KIND_RESOLVED, 2, "open-in-copy");
    CHECK_INT(view.errcode, 90012);
    CHECK_INT(ledger("open-in-copy", "attempts"), attempts + 1);
    expect_nothing(client);
    wxg_client_free(client);
}

/* ---- lost ---- */

static void lost(void)
{
    wxg_client *client = open_journal("lost", WXG_RECOVERY_DRIVE);
    wxg_pay_options pay = pay_of("granted", PLAYER, 1, 14);
    wxg_present_options present = WXG_PRESENT_OPTIONS_INIT;
    wxg_completion *completion;
    wxg_completion_view view;
    wxg_str unmarked = WXG_STR("granted-unmarked");
    wxg_error *error;

    pay_done(client, "granted", 10);
    pay_done(client, "granted-unmarked", 11);
    present.bill_no = WXG_STR("given");
    present.openid = WXG_STR(PLAYER);
    present.zone_id = WXG_STR("1");
    present.amount = 1;
    present.user_tag = 12;
    CHECK_OK(wxg_client_submit_present(client, &present, NULL));
    expect_done_once(client, WXG_KIND_PRESENT, 12, "given");
    wxg_client_free(client);
    command("rm -f '%s'*", file_of(sqlite_journal("lost")));

    client = open_journal("lost", WXG_RECOVERY_DRIVE);
    pay_sent_before(client, "granted", 13);
    present.sent_before = 1;
    CHECK_OK(wxg_client_submit_present(client, &present, NULL));
    view = expect_done_once(client, WXG_KIND_PRESENT, 12, "given");
    CHECK_INT(view.errcode, 90012);

    /* It never reached WeChat: it does now, once. */
    submit_pay(client, "never-sent", 1, 15);
    view = expect_done_once(client, WXG_KIND_PAY, 15, "never-sent");
    CHECK_INT(view.errcode, 0);
    CHECK_INT(ledger("never-sent", "attempts"), 1);

    /* A number that the journal knows is answered from it, marked or not. */
    submit(client, &pay);
    CHECK_INT(expect_done_once(client, WXG_KIND_PAY, 14, "granted").errcode, 90012);
    submit_pay(client, "granted", 1, 16);
    expect_done_once(client, WXG_KIND_PAY, 16, "granted");
    CHECK_INT(ledger("granted", "attempts"), 2);

    /* Without the mark it is somebody else's number: nothing is granted or taken before a person has looked. */
    submit_pay(client, "granted-unmarked", 0, 17);
    view = expect_outcome(client, WXG_KIND_PAY, 17, WXG_OUTCOME_NEEDS_REVIEW, WXG_REASON_DUPLICATE);
    CHECK_INT(view.errcode, 90012);
    CHECK_INT(ledger("granted-unmarked", "charged"), 1);
    submit_pay(client, "granted-unmarked", 1, 18);
    expect_outcome(client, WXG_KIND_PAY, 18, WXG_OUTCOME_NEEDS_REVIEW, WXG_REASON_DUPLICATE);
    CHECK_OK(wxg_client_settle(client, &unmarked, WXG_OUTCOME_DONE, PATIENCE_MS, &completion, NULL));
    wxg_completion_free(completion);
    expect_outcome(client, WXG_KIND_RESOLVED, 17, WXG_OUTCOME_DONE, WXG_REASON_SETTLED);
    CHECK_INT(ledger("granted-unmarked", "attempts"), 2);

    pay.bill_no = WXG_STR("half-marked");
    pay.sent_before = 2;
    CHECK_STATUS(wxg_client_submit_pay(client, &pay, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "sent_before", "0 or 1");
    expect_nothing(client);
    wxg_client_free(client);
}

/* ---- not to be opened ---- */

/* Refused again and again, and nothing of the file is changed. */
static void open_refused(const char *name, wxg_status status, const char *rule)
{
    wxg_client_options options = journal_options(name, WXG_RECOVERY_DRIVE);
    char sum[100];
    int opening;
    snprintf(sum, sizeof(sum), "%s", command("cksum <'%s'", file_of(options.journal)));
    for (opening = 0; opening < 2; opening++) {
        wxg_client *client = POISON(wxg_client);
        wxg_error *error = POISON(wxg_error);
        CHECK_STATUS(wxg_client_open(&options, &client, &error), status);
        CHECK(client == NULL);
        CHECK_ERROR(error, status, "journal", rule);
        CHECK_TEXT(wxg_cstr(command("cksum <'%s'", file_of(options.journal))), sum);
    }
}

static void set_version(const char *name, const char *version)
{
    command("sqlite3 '%s' 'PRAGMA user_version = %s'", file_of(sqlite_journal(name)), version);
}

static void of_a_later_version(void)
{
    wxg_client *client = open_journal("newer", WXG_RECOVERY_DRIVE);
    const char *file = file_of(sqlite_journal("newer"));
    char version[20];

    pay_done(client, "before-the-update", 20);
    wxg_client_free(client);
    snprintf(version, sizeof(version), "%s", command("sqlite3 '%s' 'PRAGMA user_version'", file));
    set_version("newer", "99");
    open_refused("newer", WXG_ERR_JOURNAL_NEWER, "version 99");
    set_version("newer", version);
    client = open_journal("newer", WXG_RECOVERY_DRIVE);
    CHECK_INT(looked_up(client, "before-the-update").outcome, WXG_OUTCOME_DONE);
    wxg_client_free(client);
}

/* A journal with an open payment, to be damaged. */
static const char *with_an_open_payment(const char *name, uint64_t tag)
{
    wxg_client *client = open_journal(name, WXG_RECOVERY_DRIVE);
    pay_unknown(client, name, PLAYER, 1, tag);
    CHECK_OK(wxg_client_close(client, 1000));
    expect_outcome(client, WXG_KIND_PAY, tag, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE);
    wxg_client_free(client);
    answers_come_again();
    return file_of(sqlite_journal(name));
}

/* The head of the file is whole: a disk has eaten its middle, or its end. */
static void damaged(void)
{
    const char *hole = "dd if=/dev/zero of='%s' bs=4096 seek=1 count=8 conv=notrunc status=none";
    command(hole, with_an_open_payment("holed", 30));
    open_refused("holed", WXG_ERR_JOURNAL_CORRUPT, "damaged");
    command("truncate --size=16384 '%s'", with_an_open_payment("cut", 31));
    open_refused("cut", WXG_ERR_JOURNAL_CORRUPT, "damaged");
    CHECK_INT(ledger("holed", "charged"), 1);
    CHECK_INT(ledger("cut", "charged"), 1);
}

int main(void)
{
    reset_sandbox();
    new_player(PLAYER, 1000);
    set_back();
    lost();
    of_a_later_version();
    damaged();
    ok("journals");
    return 0;
}
