/* A thousand payments through one poll loop: epoll style, on the wake descriptor. */
#include "common.h"

#define MANY 1000

int main(void)
{
    wxg_client_options options = test_options();
    static int answered[MANY];
    int left = MANY;
    int64_t began_ms, until_ms;
    int32_t fd = -1;
    uint64_t tag;
    wxg_client *client;
    const char *at;
    reset_sandbox();
    new_player("oManyPlayer", MANY);
    options.journal = sqlite_journal("many");
    options.no_mp_sig = 0;
    options.deadline_ms = 120000;
    options.timeout_ms = 60000;
    client = open_client(&options);
    set_session(client, "oManyPlayer");
    CHECK_OK(wxg_client_wake_fd(client, &fd, NULL));
    began_ms = now_ms();
    until_ms = began_ms + PATIENCE_MS;
    for (tag = 0; tag < MANY; tag++) {
        char bill_no[32];
        wxg_pay_options pay;
        snprintf(bill_no, sizeof(bill_no), "many-%llu", (unsigned long long)tag);
        pay = pay_of(bill_no, "oManyPlayer", 1, tag);
        CHECK_OK(wxg_client_submit_pay(client, &pay, NULL));
    }
    while (left > 0) {
        struct pollfd poller = {0};
        wxg_completion *completions[64];
        size_t count = 99, i;
        poller.fd = fd;
        poller.events = POLLIN;
        CHECK(poll(&poller, 1, 1000) >= 0);
        CHECK(now_ms() < until_ms);
        CHECK_OK(wxg_client_poll(client, completions, 64, &count));
        for (i = 0; i < count; i++) {
            wxg_completion_view view = read_completion(completions[i]);
            CHECK_INT(view.kind, WXG_KIND_PAY);
            CHECK_INT(view.outcome, WXG_OUTCOME_DONE);
            CHECK(view.user_tag < MANY);
            answered[view.user_tag] += 1;
            CHECK_INT(answered[view.user_tag], 1);
            CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
            wxg_completion_free(completions[i]);
            left -= 1;
        }
        drain_log(client, "oManyPlayer", "");
    }
    printf("%d payments in %lld ms, %llu journal commits\n", MANY, (long long)(now_ms() - began_ms),
           (unsigned long long)stats_of(client).journal_commits);
    AWAIT(stats_of(client).unacked == 0);
    wxg_client_free(client);
    at = sandbox("GET", "/sandbox/ledger?env=production&openid=oManyPlayer", "");
    for (tag = 0; (at = strstr(at, "\"charged\":")) != NULL; tag++, at++)
        CHECK_INT(json_number(at, "charged"), 1);
    CHECK_INT(tag, MANY);
    ok("many");
    return 0;
}
