/* Eight threads submit, four poll, one reads stats and log, one closes at the end: each submission is answered once. */
#include "common.h"

#include <pthread.h>

#define SUBMITTERS 8
#define POLLERS 4
#define EACH 100

static wxg_client *client;
/* Guards what follows: the pollers write it, main reads it when they are joined. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int answered[SUBMITTERS * EACH];
static int done, others;

static void note(const wxg_completion *completion)
{
    wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
    CHECK_OK(wxg_completion_read(completion, &view));
    CHECK(pthread_mutex_lock(&lock) == 0);
    CHECK(view.user_tag < SUBMITTERS * EACH);
    answered[view.user_tag] += 1;
    done += view.outcome == WXG_OUTCOME_DONE;
    others += view.outcome != WXG_OUTCOME_DONE;
    CHECK(pthread_mutex_unlock(&lock) == 0);
    if (view.delivery_id != 0)
        (void)wxg_client_ack(client, view.delivery_id, NULL);
}

static void *submits(void *argument)
{
    uint64_t first = (uint64_t)(uintptr_t)argument * EACH, tag;
    for (tag = first; tag < first + EACH; tag++) {
        char bill_no[32];
        wxg_pay_options pay;
        wxg_get_balance_options balance = WXG_GET_BALANCE_OPTIONS_INIT;
        wxg_completion *completion = NULL;
        snprintf(bill_no, sizeof(bill_no), "threads-%llu", (unsigned long long)tag);
        pay = pay_of(bill_no, "oThreads", 1, tag);
        balance.openid = WXG_STR("oThreads");
        balance.zone_id = WXG_STR("1");
        balance.user_tag = tag;
        switch (tag % 4) {
        case 0: /* a read */
            CHECK_OK(wxg_client_submit_get_balance(client, &balance, NULL));
            break;
        case 1: { /* waited for; the wait may be over before the answer is there */
            wxg_status status = wxg_client_pay(client, &pay, tag % 8 == 1 ? 3 : -1, &completion, NULL);
            CHECK(status == WXG_OK || status == WXG_ERR_TIMEOUT);
            CHECK((status == WXG_OK) == (completion != NULL));
            if (completion != NULL) {
                note(completion);
                wxg_completion_free(completion);
            }
            break;
        }
        default:
            CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
        }
    }
    return NULL;
}

static void *polls(void *argument)
{
    for (;;) {
        wxg_completion *completions[5];
        size_t count = 99, i;
        wxg_status status = (uintptr_t)argument % 2 == 0 ? wxg_client_wait(client, -1, completions, 5, &count)
                                                         : wxg_client_wait(client, 10, completions, 5, &count);
        if (status == WXG_ERR_CLOSED) {
            CHECK_INT(count, 0);
            return NULL;
        }
        CHECK_STATUS(status, WXG_OK);
        for (i = 0; i < count; i++) {
            note(completions[i]);
            wxg_completion_free(completions[i]);
        }
    }
}

static void *watches(void *unused)
{
    uint64_t submitted = 0;
    for (;;) {
        wxg_stats stats = WXG_STATS_INIT;
        wxg_log_record *records[8];
        size_t count = 99, i;
        CHECK_OK(wxg_client_stats(client, &stats));
        CHECK(stats.submitted >= submitted);
        submitted = stats.submitted;
        CHECK_OK(wxg_client_poll_log(client, records, 8, &count));
        for (i = 0; i < count; i++)
            wxg_log_record_free(records[i]);
        if (stats.submitted == SUBMITTERS * EACH)
            return unused;
        poll(NULL, 0, 1);
    }
}

static int answers(void)
{
    int count;
    CHECK(pthread_mutex_lock(&lock) == 0);
    count = done + others;
    CHECK(pthread_mutex_unlock(&lock) == 0);
    return count;
}

/* Half of the work is answered, then somebody closes while the rest is under way. */
static void *closes(void *unused)
{
    AWAIT(answers() > SUBMITTERS * EACH / 2 && stats_of(client).submitted == SUBMITTERS * EACH);
    CHECK_OK(wxg_client_close(client, 10000));
    return unused;
}

int main(void)
{
    wxg_client_options options = test_options();
    pthread_t submitters[SUBMITTERS], pollers[POLLERS], watcher, closer;
    size_t i;
    reset_sandbox();
    new_player("oThreads", 10000);
    options.deadline_ms = 120000;
    options.timeout_ms = 30000;
    client = open_client(&options);
    for (i = 0; i < POLLERS; i++)
        CHECK(pthread_create(&pollers[i], NULL, polls, (void *)i) == 0);
    CHECK(pthread_create(&watcher, NULL, watches, NULL) == 0);
    for (i = 0; i < SUBMITTERS; i++)
        CHECK(pthread_create(&submitters[i], NULL, submits, (void *)i) == 0);
    CHECK(pthread_create(&closer, NULL, closes, NULL) == 0);
    for (i = 0; i < SUBMITTERS; i++)
        CHECK(pthread_join(submitters[i], NULL) == 0);
    CHECK(pthread_join(watcher, NULL) == 0);
    CHECK(pthread_join(closer, NULL) == 0);
    for (i = 0; i < POLLERS; i++)
        CHECK(pthread_join(pollers[i], NULL) == 0);
    for (i = 0; i < SUBMITTERS * EACH; i++)
        if (answered[i] != 1)
            failed(__FILE__, __LINE__, "submission %zu was answered %d times", i, answered[i]);
    CHECK_INT(done + others, SUBMITTERS * EACH);
    CHECK(done > SUBMITTERS * EACH / 2);
    wxg_client_free(client);
    ok("threads");
    return 0;
}
