/*
 * What one call of the C ABI costs: a get_balance that is submitted, and a poll that finds nothing. `make bench` prints
 * it beside the same from the bindings, each by its own program; nothing is sent anywhere, for nobody listens at the
 * address. A submission is copied, checked and enqueued; the engine takes it up on its own thread meanwhile.
 *
 *   calls NAME
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <wxgame.h>

enum { SUBMITS = 20000, POLLS = 1000000 };

static void check(wxg_status status, const char *what)
{
    if (status == WXG_OK)
        return;
    fprintf(stderr, "calls: %s: %s\n", what, wxg_status_text(status));
    exit(1);
}

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
    wxg_client_options options = WXG_CLIENT_OPTIONS_INIT;
    options.appid = WXG_STR("wx1234567");
    options.offer_id = WXG_STR("12345678");
    options.app_secret = WXG_STR("an-app-secret");
    options.app_key = WXG_STR("an-app-key");
    options.journal = WXG_STR("memory:");
    options.base_url = WXG_STR("http://127.0.0.1:9");
    wxg_client *client;
    check(wxg_client_open(&options, &client, NULL), "open");

    wxg_completion *ready[1];
    size_t count;
    double begun = now_ns();
    for (int i = 0; i < POLLS; i++)
        check(wxg_client_poll(client, ready, 1, &count), "poll");
    double poll_ns = (now_ns() - begun) / POLLS;

    wxg_get_balance_options ask = WXG_GET_BALANCE_OPTIONS_INIT;
    ask.openid = WXG_STR("odkx20ENSNa2w5y3g_qOkOvBNM1g");
    ask.zone_id = WXG_STR("1");
    ask.user_ip = WXG_STR("113.108.77.69");
    ask.deadline_ms = 60000;
    begun = now_ns();
    for (uint64_t i = 0; i < SUBMITS; i++) {
        ask.user_tag = i;
        check(wxg_client_submit_get_balance(client, &ask, NULL), "submit");
    }
    double submit_ns = (now_ns() - begun) / SUBMITS;
    printf("%-14s %8.0f ns per submit %8.0f ns per empty poll\n", argc > 1 ? argv[1] : "C", submit_ns, poll_ns);
    wxg_client_free(client);
    return 0;
}
