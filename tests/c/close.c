/* Closing: in time whatever hangs, every submission answered exactly once, from any thread, twice; and freeing. */
#include "common.h"

#include <pthread.h>

#define HUNG 64

/* On a machine that has other work to do a second may take longer: three are let pass, and the figure is shown. */
static void in_time(const char *what, int64_t began_ms, int64_t allowed_ms)
{
    int64_t took_ms = now_ms() - began_ms;
    printf("%s: %lld ms\n", what, (long long)took_ms);
    if (took_ms > allowed_ms + 2000)
        failed(__FILE__, __LINE__, "%s took %lld ms, allowed are %lld", what, (long long)took_ms, (long long)allowed_ms);
}

/* A client with 64 payments of which the server says nothing. */
static wxg_client *hung_client(void)
{
    wxg_client_options options = test_options();
    wxg_client *client;
    uint64_t tag;
    reset_sandbox();
    new_player("oClose", 1000);
    fault("{\"call\":\"pay\",\"do\":\"no\",\"times\":0,\"reply\":{\"kind\":\"hang\"}}");
    options.timeout_ms = 120000;
    options.in_flight_limit = HUNG;
    client = open_client(&options);
    for (tag = 0; tag < HUNG; tag++) {
        char bill_no[32];
        wxg_pay_options pay;
        snprintf(bill_no, sizeof(bill_no), "hung-%llu", (unsigned long long)tag);
        pay = pay_of(bill_no, "oClose", 1, tag);
        CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
    }
    AWAIT(requests_seen("pay") == HUNG);
    AWAIT(stats_of(client).in_flight == HUNG && stats_of(client).open_unknown == HUNG);
    return client;
}

/* Takes all that is left: each tag once, unknown, with SHUTDOWN; then CLOSED, now and always. */
static void drained(wxg_client *client)
{
    int seen[HUNG] = {0}, count_in_all = 0;
    for (;;) {
        wxg_completion *completions[7];
        size_t count = 99, i;
        wxg_status status = wxg_client_wait(client, -1, completions, 7, &count);
        if (status == WXG_ERR_CLOSED) {
            CHECK_INT(count, 0);
            break;
        }
        CHECK_STATUS(status, WXG_OK);
        CHECK(count > 0);
        for (i = 0; i < count; i++) {
            wxg_completion_view view = read_completion(completions[i]);
            CHECK(view.user_tag < HUNG);
            seen[view.user_tag] += 1;
            count_in_all += 1;
            CHECK_INT(view.kind, WXG_KIND_PAY);
            CHECK_INT(view.outcome, WXG_OUTCOME_UNKNOWN);
            CHECK_INT(view.flags, WXG_FLAG_SHUTDOWN);
            CHECK_INT(view.status, WXG_ERR_CLOSED);
            CHECK_INT(view.delivery_id, 0);
            CHECK_INT(seen[view.user_tag], 1);
            wxg_completion_free(completions[i]);
        }
    }
    CHECK_INT(count_in_all, HUNG);
    {
        wxg_completion *completion = NULL;
        size_t count = 99;
        CHECK_STATUS(wxg_client_poll(client, &completion, 1, &count), WXG_ERR_CLOSED);
        CHECK_INT(count, 0);
    }
}

static void hung_requests(void)
{
    wxg_pay_options pay = pay_of("after", "oClose", 1, 99);
    wxg_completion *completion = POISON(wxg_completion);
    wxg_client *client = hung_client();
    wxg_error *error = NULL;
    wxg_str openid = WXG_STR("oClose"), key = WXG_STR("c2Vzc2lvbg==");
    int64_t began_ms = now_ms();
    int32_t fd = -1;

    CHECK_OK(wxg_client_close(client, 500));
    in_time("close(500) with 64 requests hung", began_ms, 1500);
    CHECK(now_ms() - began_ms >= 500); /* they had their time */

    CHECK_STATUS(wxg_client_submit_pay(client, &pay, &error), WXG_ERR_CLOSED);
    CHECK_ERROR(error, WXG_ERR_CLOSED, "", "closed");
    CHECK_STATUS(wxg_client_pay(client, &pay, -1, &completion, NULL), WXG_ERR_CLOSED);
    CHECK(completion == NULL);
    CHECK_STATUS(wxg_client_set_session(client, &openid, &key, NULL), WXG_ERR_CLOSED);
    CHECK_STATUS(wxg_client_ack(client, 1, NULL), WXG_ERR_CLOSED);
    CHECK_INT(stats_of(client).queue_depth, HUNG);
    drain_log(client, "oClose", "");
    CHECK_OK(wxg_client_wake_fd(client, &fd, NULL));
    {
        struct pollfd poller = {0};
        poller.fd = fd;
        poller.events = POLLIN;
        CHECK_INT(poll(&poller, 1, 0), 1);
        drained(client);
        CHECK_INT(poll(&poller, 1, 0), 1); /* CLOSED is something to say */
    }

    began_ms = now_ms();
    CHECK_OK(wxg_client_close(client, 100000));
    in_time("close of a closed client", began_ms, 100);
    wxg_client_free(client);
}

static void free_with_work_under_way(void)
{
    wxg_client *client = hung_client();
    int64_t began_ms = now_ms();
    wxg_client_free(client);
    in_time("free with 64 requests hung", began_ms, 1000);
}

static void negative_and_zero(void)
{
    wxg_client *client = open_offline();
    int64_t began_ms = now_ms();
    CHECK_OK(wxg_client_close(client, INT64_MIN));
    in_time("close(negative) of an idle client", began_ms, 1000);
    wxg_client_free(client);
    client = open_offline();
    began_ms = now_ms();
    CHECK_OK(wxg_client_close(client, INT64_MAX));
    in_time("close(for ever) of an idle client", began_ms, 1000);
    wxg_client_free(client);
}

typedef struct waiter {
    wxg_client *client;
    pthread_t thread;
    wxg_status status;
    size_t count;
    int blocking;
    wxg_completion *completion;
} waiter;

static void *waits(void *argument)
{
    waiter *self = (waiter *)argument;
    wxg_pay_options pay = pay_of("waited-for", "oClose", 1, 200);
    if (self->blocking)
        self->status = wxg_client_pay(self->client, &pay, -1, &self->completion, NULL);
    else
        self->status = wxg_client_wait(self->client, -1, &self->completion, 1, &self->count);
    return NULL;
}

static void *closes(void *argument)
{
    waiter *self = (waiter *)argument;
    self->status = wxg_client_close(self->client, 300);
    return NULL;
}

/* Two wait for the queue, one for its own payment, and two threads close at once. */
static void from_other_threads(void)
{
    wxg_client_options options = test_options();
    waiter waiters[5];
    wxg_completion_view view;
    int64_t began_ms;
    size_t i;
    reset_sandbox();
    new_player("oClose", 10);
    fault("{\"call\":\"pay\",\"do\":\"no\",\"times\":0,\"reply\":{\"kind\":\"hang\"}}");
    memset(waiters, 0, sizeof(waiters));
    waiters[0].client = open_client(&options);
    waiters[2].blocking = 1;
    for (i = 0; i < 3; i++) {
        waiters[i].client = waiters[0].client;
        CHECK(pthread_create(&waiters[i].thread, NULL, waits, &waiters[i]) == 0);
    }
    AWAIT(requests_seen("pay") == 1);
    began_ms = now_ms();
    for (i = 3; i < 5; i++) {
        waiters[i].client = waiters[0].client;
        CHECK(pthread_create(&waiters[i].thread, NULL, closes, &waiters[i]) == 0);
    }
    for (i = 0; i < 5; i++)
        CHECK(pthread_join(waiters[i].thread, NULL) == 0);
    in_time("two closes with three waits under way", began_ms, 1300);
    CHECK_STATUS(waiters[0].status, WXG_ERR_CLOSED);
    CHECK_STATUS(waiters[1].status, WXG_ERR_CLOSED);
    CHECK_INT(waiters[0].count + waiters[1].count, 0);
    CHECK_STATUS(waiters[2].status, WXG_OK);
    CHECK_STATUS(waiters[3].status, WXG_OK);
    CHECK_STATUS(waiters[4].status, WXG_OK);
    view = read_completion(waiters[2].completion);
    CHECK_INT(view.outcome, WXG_OUTCOME_UNKNOWN);
    CHECK_INT(view.flags, WXG_FLAG_SHUTDOWN);
    wxg_completion_free(waiters[2].completion);
    wxg_client_free(waiters[0].client);
}

/* What can finish in time does, and is no shutdown. A completion outlives its client. */
static void lets_finish(void)
{
    wxg_client_options options = test_options();
    wxg_pay_options pay = pay_of("slow", "oClose", 1, 300);
    wxg_completion_view view;
    wxg_completion *completion;
    wxg_client *client;
    reset_sandbox();
    new_player("oClose", 10);
    fault("{\"call\":\"pay\",\"do\":\"yes\",\"reply\":{\"kind\":\"slow\",\"delay_ms\":300}}");
    client = open_client(&options);
    CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
    AWAIT(requests_seen("pay") == 1);
    CHECK_OK(wxg_client_close(client, 30000));
    completion = expect(client, WXG_KIND_PAY, 300, &view);
    CHECK_INT(view.outcome, WXG_OUTCOME_DONE);
    CHECK_INT(view.flags, 0);
    wxg_client_free(client);
    view = read_completion(completion);
    CHECK_TEXT(view.bill_no, "slow");
    CHECK_INT(view.balance, 9);
    wxg_completion_free(completion);
}

/* What never left is not sent. */
static void not_sent(void)
{
    wxg_client *client = open_offline();
    wxg_pay_options pay = pay_of("never", "oClose", 1, 400);
    wxg_cancel_pay_options cancel = WXG_CANCEL_PAY_OPTIONS_INIT;
    wxg_completion_view view;
    CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
    AWAIT(stats_of(client).open_waiting == 1 && drain_log(client, "oClose", "no answer") > 0);
    /* Until the journal has said that it does not know the number, nothing is certain. It answers in order. */
    cancel.bill_no = WXG_STR("nobody-knows-it");
    CHECK_OK(wxg_client_submit_cancel_pay(client, &cancel, NULL));
    expect_outcome(client, WXG_KIND_CANCEL_PAY, 0, WXG_OUTCOME_NONE, WXG_REASON_NONE);
    CHECK_OK(wxg_client_close(client, 0));
    wxg_completion_free(expect(client, WXG_KIND_PAY, 400, &view));
    CHECK_INT(view.outcome, WXG_OUTCOME_NOT_SENT);
    CHECK_INT(view.flags, WXG_FLAG_SHUTDOWN);
    wxg_client_free(client);
}

int main(void)
{
    hung_requests();
    free_with_work_under_way();
    negative_and_zero();
    from_other_threads();
    lets_finish();
    not_sent();
    ok("close");
    return 0;
}
