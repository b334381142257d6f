/*
 * What an operator does with payments that do not end by themselves: looks them up, lists, holds, resumes and settles
 * them. What WeChat hears of it, and whose coins move, the sandbox tells.
 */
#include "records.h"

#define PLAYER "oOperatorPlayer_0123456789ab"
#define STRANGER "oStranger_0123456789abcdefgh"

static int64_t wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static wxg_client *open_journal(uint32_t recovery)
{
    wxg_client_options options = test_options();
    options.journal = sqlite_journal("operator");
    options.recovery = recovery;
    options.redeliver_after_ms = -1;
    return open_client(&options);
}

/* The client is closed while a payment of it is unknown. */
static void leave_unknown(wxg_client *client, uint64_t tag)
{
    CHECK_OK(wxg_client_close(client, 1000));
    expect_outcome(client, WXG_KIND_PAY, tag, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE);
}

static void acknowledge(wxg_client *client, uint64_t delivery_id)
{
    wxg_error *error = POISON(wxg_error);
    CHECK_OK(wxg_client_ack(client, delivery_id, &error));
    CHECK(error == NULL);
}

/* ---- an operator's calls ---- */

enum { RESUME = -1 }; /* else the outcome to settle with */

static wxg_completion *decide(wxg_client *client, const char *bill_no, int decision)
{
    wxg_str number = wxg_cstr(bill_no);
    wxg_completion *completion = POISON(wxg_completion);
    wxg_error *error = POISON(wxg_error);
    if (decision == RESUME)
        CHECK_OK(wxg_client_resume(client, &number, PATIENCE_MS, &completion, &error));
    else
        CHECK_OK(wxg_client_settle(client, &number, (uint32_t)decision, PATIENCE_MS, &completion, &error));
    CHECK(error == NULL);
    return completion;
}

/* Gives back the delivery_id of the decision. */
static uint64_t settle(wxg_client *client, const char *bill_no, uint32_t outcome, uint64_t tag)
{
    wxg_completion *completion = decide(client, bill_no, (int)outcome);
    wxg_completion_view view = read_completion(completion);
    CHECK_INT(view.kind, WXG_KIND_SETTLE);
    CHECK_INT(view.status, WXG_OK);
    CHECK_INT(view.outcome, outcome);
    CHECK_INT(view.reason, WXG_REASON_SETTLED);
    CHECK_TEXT(view.bill_no, bill_no);
    CHECK_TEXT(on_disk(sqlite_journal("operator"), bill_no, "reason"), "settled");
    wxg_completion_free(completion);
    /* To the host it is a final answer like any other. */
    view = expect_outcome(client, WXG_KIND_RESOLVED, tag, outcome, WXG_REASON_SETTLED);
    CHECK(view.delivery_id != 0);
    CHECK_INT(view.flags, 0);
    return view.delivery_id;
}

static void refuses(wxg_client *client, const char *bill_no, int decision, wxg_status status, const char *words)
{
    wxg_completion *completion = decide(client, bill_no, decision);
    wxg_completion_view view = read_completion(completion);
    CHECK_INT(view.kind, decision == RESUME ? WXG_KIND_RESUME : WXG_KIND_SETTLE);
    CHECK_INT(view.outcome, WXG_OUTCOME_NONE);
    CHECK_STATUS(view.status, status);
    CHECK_INT(view.delivery_id, 0);
    CHECK_TEXT(view.bill_no, bill_no);
    CHECK_HOLDS(view.errmsg, words);
    wxg_completion_free(completion);
}

static void refuses_all(wxg_client *client, const char *bill_no, wxg_status status, const char *words)
{
    refuses(client, bill_no, WXG_OUTCOME_DONE, status, words);
    refuses(client, bill_no, WXG_OUTCOME_REJECTED, status, words);
    refuses(client, bill_no, RESUME, status, words);
}

/* One page; the texts stay until its completions are freed with free_page(). */
#define PAGE_MOST 8
static wxg_completion *page[PAGE_MOST];
static wxg_completion_view listed[PAGE_MOST];

static size_t list(wxg_client *client, uint64_t after_id, size_t capacity)
{
    size_t count = 99, i;
    CHECK(capacity <= PAGE_MOST);
    CHECK_OK(wxg_client_list_unresolved(client, after_id, PATIENCE_MS, page, capacity, &count, NULL));
    CHECK(count <= capacity);
    for (i = 0; i < count; i++) {
        listed[i] = read_completion(page[i]);
        CHECK_INT(listed[i].kind, WXG_KIND_PAYMENT);
        CHECK_INT(listed[i].status, WXG_OK);
        CHECK(listed[i].record_id > (i == 0 ? after_id : listed[i - 1].record_id));
    }
    return count;
}

static void free_page(size_t count)
{
    size_t i;
    for (i = 0; i < count; i++)
        wxg_completion_free(page[i]);
}

static size_t count_unresolved(wxg_client *client)
{
    size_t count = list(client, 0, PAGE_MOST);
    free_page(count);
    return count;
}

/* ---- scenes ---- */

/* Somebody else's number: a person decides, once; the host hears of it until it acknowledges. */
static void needs_review(void)
{
    wxg_client_options elsewhere = test_options();
    wxg_client *stranger = open_client(&elsewhere), *client = open_journal(WXG_RECOVERY_DRIVE);
    wxg_pay_options pay = pay_of("taken", STRANGER, 1, 1);
    wxg_completion_view view;
    uint64_t review;
    int64_t requests;

    submit(stranger, &pay);
    expect_done_once(stranger, WXG_KIND_PAY, 1, "taken");
    wxg_client_free(stranger);
    pay = pay_of("taken", PLAYER, 1, 2);
    submit(client, &pay);
    view = expect_outcome(client, WXG_KIND_PAY, 2, WXG_OUTCOME_NEEDS_REVIEW, WXG_REASON_DUPLICATE);
    CHECK_INT(view.errcode, 90012);
    CHECK_INT(stats_of(client).needs_review, 1);
    review = view.delivery_id;
    acknowledge(client, review);

    /* Acknowledged is not decided. */
    view = looked_up(client, "taken");
    CHECK_INT(view.outcome, WXG_OUTCOME_NEEDS_REVIEW);
    CHECK_INT(view.reason, WXG_REASON_DUPLICATE);
    CHECK_INT(view.errcode, 90012);
    CHECK_INT(view.waiting_for, WXG_WAITING_NOTHING);
    CHECK_INT(count_unresolved(client), 1);
    refuses(client, "taken", RESUME, WXG_ERR_WRONG_STATE, "closed");

    requests = requests_seen(NULL);
    CHECK(settle(client, "taken", WXG_OUTCOME_REJECTED, 2) != review);
    acknowledge(client, review); /* acknowledges that it needed review, not what came of it */
    CHECK_INT(stats_of(client).needs_review, 0);
    CHECK_INT(count_unresolved(client), 0);
    refuses_all(client, "taken", WXG_ERR_WRONG_STATE, "closed");
    expect_nothing(client);
    wxg_client_free(client);

    client = open_journal(WXG_RECOVERY_DRIVE);
    view = expect_outcome(client, WXG_KIND_RESOLVED, 2, WXG_OUTCOME_REJECTED, WXG_REASON_SETTLED);
    CHECK_INT(view.flags, WXG_FLAG_REDELIVERED);
    acknowledge(client, view.delivery_id);
    acknowledge(client, view.delivery_id); /* twice does nothing more */
    wxg_client_free(client);

    client = open_journal(WXG_RECOVERY_DRIVE);
    view = looked_up(client, "taken");
    CHECK_INT(view.outcome, WXG_OUTCOME_REJECTED);
    CHECK_INT(view.reason, WXG_REASON_SETTLED);
    expect_nothing(client);
    wxg_client_free(client);
    CHECK_INT(requests_seen(NULL), requests);
    CHECK_INT(ledger("taken", "charged"), 1);
}

/* What goes on by itself is shown, with what it waits for, and is nobody's to decide. */
static void goes_on_by_itself(void)
{
    wxg_client_options options = test_options();
    wxg_client *client;
    wxg_completion_view view;
    wxg_completion *completion;
    int64_t begun_ms = wall_ms();

    options.journal = sqlite_journal("operator");
    options.no_mp_sig = 0;
    client = open_client(&options);
    set_session(client, PLAYER);
    pay_unknown(client, "goes-on", PLAYER, 3, 10);
    AWAIT(looked_up(client, "goes-on").waiting_for == WXG_WAITING_BACK_OFF);
    refuses(client, "goes-on", WXG_OUTCOME_DONE, WXG_ERR_WRONG_STATE, "open");
    refuses(client, "goes-on", WXG_OUTCOME_REJECTED, WXG_ERR_WRONG_STATE, "open");
    refuses(client, "goes-on", RESUME, WXG_ERR_WRONG_STATE, "goes on by itself");

    sandbox("POST", "/sandbox/session/expire", "{\"openid\":\"" PLAYER "\"}");
    completion = expect(client, WXG_KIND_SESSION_NEEDED, 0, &view);
    CHECK_TEXT(view.openid, PLAYER);
    wxg_completion_free(completion);
    view = looked_up(client, "goes-on");
    CHECK_INT(view.waiting_for, WXG_WAITING_SESSION);
    CHECK_INT(view.outcome, WXG_OUTCOME_UNKNOWN);
    CHECK_INT(view.delivery_id, 0);
    CHECK_INT(view.amount, 3);
    CHECK(begun_ms <= view.created_at_ms && view.created_at_ms <= view.first_sent_at_ms);
    CHECK(view.first_sent_at_ms <= wall_ms());
    CHECK_INT(list(client, 0, PAGE_MOST), 1);
    CHECK_TEXT(listed[0].bill_no, "goes-on");
    CHECK_INT(listed[0].waiting_for, WXG_WAITING_SESSION);
    CHECK_INT(listed[0].record_id, view.record_id);
    free_page(1);
    refuses(client, "goes-on", RESUME, WXG_ERR_WRONG_STATE, "goes on by itself");

    answers_come_again();
    new_player(PLAYER, 0);
    set_session(client, PLAYER);
    expect_done_once(client, WXG_KIND_PAY, 10, "goes-on");
    CHECK_INT(count_unresolved(client), 0);
    refuses_all(client, "goes-on", WXG_ERR_WRONG_STATE, "closed");
    expect_nothing(client);
    wxg_client_free(client);
}

static const char *const HELD[] = {"held-0", "held-1", "held-2", "held-3"};
enum { HELD_COUNT = 4, HELD_TAG = 20 };

/* Pages of three and then one, oldest first, each with its age and what the host gave with it. */
static void lists_held(wxg_client *client, int64_t begun_ms)
{
    uint64_t after_id = 0;
    size_t at = 0, count, i;
    do {
        count = list(client, after_id, 3);
        for (i = 0; i < count; i++, at++) {
            CHECK(at < HELD_COUNT);
            CHECK_TEXT(listed[i].bill_no, HELD[at]);
            CHECK_TEXT(listed[i].host_data, HELD[at]);
            CHECK_TEXT(listed[i].openid, PLAYER);
            CHECK_INT(listed[i].payment_kind, WXG_KIND_PAY);
            CHECK_INT(listed[i].outcome, WXG_OUTCOME_UNKNOWN);
            CHECK_INT(listed[i].reason, WXG_REASON_NONE);
            CHECK_INT(listed[i].waiting_for, WXG_WAITING_OPERATOR);
            CHECK_INT(listed[i].delivery_id, 0);
            CHECK_INT(listed[i].user_tag, HELD_TAG + at);
            CHECK(begun_ms <= listed[i].created_at_ms && listed[i].created_at_ms <= listed[i].first_sent_at_ms);
            CHECK(listed[i].first_sent_at_ms <= wall_ms());
        }
        after_id = count > 0 ? listed[count - 1].record_id : after_id;
        free_page(count);
    } while (count == 3);
    CHECK_INT(at, HELD_COUNT);
    CHECK_INT(list(client, after_id, 3), 0);
    CHECK_INT(list(client, UINT64_MAX, 3), 0);
}

static void held(void)
{
    wxg_client *client = open_journal(WXG_RECOVERY_DRIVE);
    wxg_pay_options pay;
    wxg_completion *completion;
    wxg_completion_view view;
    int64_t begun_ms = wall_ms(), attempts[HELD_COUNT];
    size_t i;

    /* The coins of all but the last were taken. */
    fault("{\"call\":\"pay\",\"bill_no\":\"held-3\",\"do\":\"no\",\"times\":0,\"reply\":{\"kind\":\"errcode\"}}");
    fault("{\"call\":\"pay\",\"do\":\"yes\",\"times\":0,\"reply\":{\"kind\":\"errcode\"}}");
    for (i = 0; i < HELD_COUNT; i++) {
        pay = pay_of(HELD[i], PLAYER, 1, HELD_TAG + i);
        pay.host_data = wxg_cstr(HELD[i]);
        submit(client, &pay);
        AWAIT(ledger(HELD[i], "attempts") >= 1);
    }
    for (i = 0; i < HELD_COUNT; i++)
        leave_unknown(client, HELD_TAG + i);
    wxg_client_free(client);
    answers_come_again();
    for (i = 0; i < HELD_COUNT; i++)
        attempts[i] = ledger(HELD[i], "attempts");

    client = open_journal(WXG_RECOVERY_HOLD);
    AWAIT(stats_of(client).open_held == HELD_COUNT);
    lists_held(client, begun_ms);
    /* Asking for one again does not free it; acknowledging it is no answer. New payments go on. */
    pay = pay_of("held-0", PLAYER, 1, 30);
    pay.host_data = WXG_STR("held-0");
    pay.deadline_ms = 1;
    submit(client, &pay);
    expect_outcome(client, WXG_KIND_PAY, 30, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE);
    view = looked_up(client, "held-0");
    CHECK_INT(view.waiting_for, WXG_WAITING_OPERATOR);
    acknowledge(client, view.record_id);
    pay = pay_of("new", PLAYER, 1, 31);
    submit(client, &pay);
    expect_done_once(client, WXG_KIND_PAY, 31, "new");
    for (i = 0; i < HELD_COUNT; i++)
        CHECK_INT(ledger(HELD[i], "attempts"), attempts[i]);
    CHECK_INT(stats_of(client).open_held, HELD_COUNT);

    acknowledge(client, settle(client, "held-1", WXG_OUTCOME_DONE, HELD_TAG + 1));
    acknowledge(client, settle(client, "held-2", WXG_OUTCOME_REJECTED, HELD_TAG + 2));
    refuses_all(client, "held-1", WXG_ERR_WRONG_STATE, "closed");
    refuses_all(client, "held-2", WXG_ERR_WRONG_STATE, "closed");
    CHECK_INT(ledger("held-1", "attempts"), attempts[1]);
    CHECK_INT(ledger("held-2", "attempts"), attempts[2]);

    completion = decide(client, "held-0", RESUME);
    view = read_completion(completion);
    CHECK_INT(view.kind, WXG_KIND_RESUME);
    CHECK_INT(view.status, WXG_OK);
    CHECK_INT(view.outcome, WXG_OUTCOME_UNKNOWN);
    CHECK(view.waiting_for != WXG_WAITING_OPERATOR);
    wxg_completion_free(completion);
    view = expect_outcome(client, WXG_KIND_RESOLVED, HELD_TAG, WXG_OUTCOME_DONE, WXG_REASON_NONE);
    CHECK_INT(view.errcode, 90012);
    CHECK_INT(ledger("held-0", "charged"), 1);
    CHECK_INT(ledger("held-0", "attempts"), attempts[0] + 1);
    CHECK_INT(stats_of(client).open_held, 1);
    wxg_client_free(client);

    /* A hold is this opening's, decisions are the journal's. */
    client = open_journal(WXG_RECOVERY_HOLD);
    view = expect_done_once(client, WXG_KIND_RESOLVED, HELD_TAG, "held-0");
    CHECK_INT(view.flags, WXG_FLAG_REDELIVERED);
    CHECK_INT(looked_up(client, "held-1").reason, WXG_REASON_SETTLED);
    CHECK_INT(looked_up(client, "held-2").reason, WXG_REASON_SETTLED);
    CHECK_INT(count_unresolved(client), 1);
    expect_nothing(client);
    wxg_client_free(client);

    /* What was never decided goes on once nothing holds it. */
    CHECK_INT(ledger("held-3", "attempts"), attempts[3]);
    CHECK_INT(ledger("held-3", "charged"), 0);
    client = open_journal(WXG_RECOVERY_DRIVE);
    expect_done_once(client, WXG_KIND_RESOLVED, HELD_TAG + 3, "held-3");
    CHECK_INT(count_unresolved(client), 0);
    expect_nothing(client);
    wxg_client_free(client);
}

static void bad_input(void)
{
    wxg_client *client = open_journal(WXG_RECOVERY_DRIVE);
    wxg_str good = WXG_STR("held-1"), bad = WXG_STR("b:1");
    wxg_completion *completion = POISON(wxg_completion);
    wxg_completion_view view;
    static const uint32_t no_decisions[] = {WXG_OUTCOME_NONE, WXG_OUTCOME_NOT_SENT, WXG_OUTCOME_UNKNOWN,
                                            WXG_OUTCOME_NEEDS_REVIEW, 6, UINT32_MAX};
    static const size_t capacities[] = {0, 1025, (size_t)-1};
    int64_t requests = requests_seen(NULL);
    size_t count = 99, i;

    for (i = 0; i < sizeof(no_decisions) / sizeof(no_decisions[0]); i++)
        INVALID(wxg_client_settle(client, &good, no_decisions[i], 0, &completion, &error), "outcome", "or WXG_OUTCOME_REJECTED");
    for (i = 0; i < sizeof(capacities) / sizeof(capacities[0]); i++)
        INVALID(wxg_client_list_unresolved(client, 0, 0, page, capacities[i], &count, &error), "capacity", "1 to 1,024");
    CHECK_INT(count, 0);
    INVALID(wxg_client_payment(client, &bad, 0, &completion, &error), "bill_no", "letters");
    INVALID(wxg_client_settle(client, &bad, WXG_OUTCOME_DONE, 0, &completion, &error), "bill_no", "letters");
    INVALID(wxg_client_resume(client, &bad, 0, &completion, &error), "bill_no", "letters");
    CHECK(completion == NULL);

    view = looked_up(client, "never-heard-of");
    CHECK_INT(view.outcome, WXG_OUTCOME_NONE);
    CHECK_STATUS(view.status, WXG_ERR_NOT_FOUND);
    CHECK_INT(view.record_id, 0);
    refuses_all(client, "never-heard-of", WXG_ERR_NOT_FOUND, "does not know");

    /* Nobody has delivered these. */
    acknowledge(client, 987654321);
    acknowledge(client, UINT64_MAX);
    CHECK_INT(looked_up(client, "held-1").outcome, WXG_OUTCOME_DONE);
    CHECK_INT(stats_of(client).journal_failed, 0);
    expect_nothing(client);
    wxg_client_free(client);
    CHECK_INT(requests_seen(NULL), requests);
}

int main(void)
{
    reset_sandbox();
    new_player(PLAYER, 1000);
    new_player(STRANGER, 1000);
    needs_review();
    goes_on_by_itself();
    held();
    bad_input();
    ok("operator");
    return 0;
}
