/*
 * How many payments a second one client makes, and what one costs: journaled, signed, sent over HTTPS, acknowledged.
 * `make bench` runs it against the sandbox on loopback, so the network is not in the figures and the sandbox shares
 * the processors. CPU is that of this process alone, all threads.
 *
 * Bytes are those that this process has given to disks (write_bytes of /proc/self/io): the write-ahead log and, once a
 * checkpoint comes, the file, in whole pages. What the file system adds for itself is not in it, and of a file system
 * in memory nothing is. A dash where the system does not tell.
 *
 *   pay_rate BASE_URL CA_FILE JOURNAL JS_CODE IN_FLIGHT
 *
 * prints: payments, payments a second, p50 ms, p99 ms, CPU us a payment, commits a payment, bytes a payment.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include "wxgame.h"

enum { PAYMENTS_MOST = 200000, RUN_MS = 3000, WARM_UP = 100 };

static wxg_client *client;
static char openid[129];
static double started_us[PAYMENTS_MOST], took_us[PAYMENTS_MOST];

static void check(wxg_status status, const char *what)
{
    if (status == WXG_OK)
        return;
    fprintf(stderr, "pay_rate: %s: %s\n", what, wxg_status_text(status));
    exit(1);
}

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double cpu_us(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

/* Negative where the system does not tell. */
static double disk_bytes(void)
{
    FILE *io = fopen("/proc/self/io", "r");
    char line[64];
    double bytes = -1;
    while (io != NULL && fgets(line, sizeof line, io) != NULL)
        if (sscanf(line, "write_bytes: %lf", &bytes) == 1)
            break;
    if (io != NULL)
        fclose(io);
    return bytes;
}

static void login(const char *js_code)
{
    wxg_login_options options = WXG_LOGIN_OPTIONS_INIT;
    options.js_code = wxg_cstr(js_code);
    wxg_completion *completion;
    check(wxg_client_login(client, &options, -1, &completion, NULL), "login");
    wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
    check(wxg_completion_read(completion, &view), "read");
    check(view.outcome == WXG_OUTCOME_DONE ? WXG_OK : WXG_ERR_CONFIGURATION, "login");
    snprintf(openid, sizeof openid, "%s", view.openid.data);
    wxg_completion_free(completion);
}

static void submit(size_t number)
{
    char bill_no[WXG_BILL_NO_SIZE];
    check(wxg_bill_no_new(bill_no, NULL), "bill_no_new");
    wxg_pay_options options = WXG_PAY_OPTIONS_INIT;
    options.bill_no = wxg_cstr(bill_no);
    options.openid = wxg_cstr(openid);
    options.zone_id = WXG_STR("1");
    options.amount = 1;
    options.pay_item = WXG_STR("sword");
    options.app_remark = WXG_STR("shop");
    options.user_ip = WXG_STR("113.108.77.69");
    options.user_tag = number;
    started_us[number] = now_us();
    check(wxg_client_submit_pay(client, &options, NULL), "submit_pay");
}

/* Takes what is ready, acknowledges it, and tells how many payments ended. */
static size_t collect(void)
{
    wxg_completion *ready[64];
    size_t count;
    check(wxg_client_wait(client, -1, ready, 64, &count), "wait");
    for (size_t i = 0; i < count; i++) {
        wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
        check(wxg_completion_read(ready[i], &view), "read");
        if (view.kind != WXG_KIND_PAY || view.outcome != WXG_OUTCOME_DONE) {
            fprintf(stderr, "pay_rate: kind %u, outcome %u: %s\n", (unsigned)view.kind, (unsigned)view.outcome, view.errmsg.data);
            exit(1);
        }
        took_us[view.user_tag] = now_us() - started_us[view.user_tag];
        check(wxg_client_ack(client, view.delivery_id, NULL), "ack");
        wxg_completion_free(ready[i]);
    }
    return count;
}

/* Keeps `in_flight` payments under way until `most` are made or the time is over; gives back how many were. */
static size_t pay(size_t in_flight, size_t most)
{
    double end_us = now_us() + RUN_MS * 1e3;
    size_t submitted = 0, ended = 0;
    do {
        while (submitted < most && submitted - ended < in_flight && now_us() < end_us)
            submit(submitted++);
        if (ended < submitted)
            ended += collect();
    } while (ended < submitted || (submitted < most && now_us() < end_us));
    return ended;
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void measure(size_t in_flight)
{
    pay(in_flight, WARM_UP);
    wxg_stats before = WXG_STATS_INIT, after = WXG_STATS_INIT;
    check(wxg_client_stats(client, &before), "stats");
    double wall = now_us(), cpu = cpu_us(), disk = disk_bytes();
    size_t count = pay(in_flight, PAYMENTS_MOST);
    cpu = cpu_us() - cpu;
    wall = now_us() - wall;
    char bytes[24] = "-";
    if (disk >= 0)
        snprintf(bytes, sizeof bytes, "%.0f", (disk_bytes() - disk) / (double)count);
    check(wxg_client_stats(client, &after), "stats");
    qsort(took_us, count, sizeof took_us[0], by_size);
    printf("%zu %.0f %.2f %.2f %.0f %.2f %s\n", count, (double)count / wall * 1e6,
           took_us[count / 2] / 1e3, took_us[count * 99 / 100] / 1e3, cpu / (double)count,
           (double)(after.journal_commits - before.journal_commits) / (double)count, bytes);
}

int main(int argc, char **argv)
{
    size_t in_flight = argc == 6 ? (size_t)strtoul(argv[5], NULL, 10) : 0;
    if (in_flight == 0) {
        fprintf(stderr, "usage: pay_rate BASE_URL CA_FILE JOURNAL JS_CODE IN_FLIGHT\n");
        return 2;
    }
    wxg_client_options options = WXG_CLIENT_OPTIONS_INIT;
    options.appid = WXG_STR("wx1234567");
    options.offer_id = WXG_STR("12345678");
    options.app_secret = WXG_STR("sandbox-app-secret");
    options.app_key = WXG_STR("zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u");
    options.base_url = wxg_cstr(argv[1]);
    options.ca_file = wxg_cstr(argv[2]);
    options.journal = wxg_cstr(argv[3]);
    check(wxg_client_open(&options, &client, NULL), "open");
    login(argv[4]);
    measure(in_flight);
    wxg_client_free(client);
    return 0;
}
