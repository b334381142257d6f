/*
 * A game server's payment, whole: log a player in, read the coins, take some for an order, grant what was bought
 * once, acknowledge, read the coins again. Run it again with the same bill_no after a crash, at whatever moment:
 * it asks about the same payment, takes no coin twice and grants nothing twice.
 *
 *   pay base_url=https://localhost:8331 ca_file=ca.pem js_code=code:oPlayer:1 bill_no=order-1 amount=30
 *
 * A setting is given as name=value, or as an environment variable of that name: the place for app_secret and app_key.
 * Where the session has expired the next js_code is read from standard input.
 * Exit status: 0 paid, 1 error, 2 not paid, 3 not known yet (run it again).
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wxgame.h>

/* One client for the whole server; the rest a real one keeps for each player and order. */
static wxg_client *client;
static char openid[129];
static const char *bill_no;
static int login_under_way, balances_read;
static uint32_t outcome = WXG_OUTCOME_NONE; /* of our bill_no, as far as we know */
static char **arguments;

static const char *setting(const char *name, const char *otherwise)
{
    size_t length = strlen(name);
    for (char **argument = arguments; *argument != NULL; argument++)
        if (strncmp(*argument, name, length) == 0 && (*argument)[length] == '=')
            return *argument + length + 1;
    const char *value = getenv(name);
    return value != NULL ? value : otherwise;
}

/* Ends the program where going on makes no sense. The journal keeps what is under way for the next start. */
static void fail(int exit_status, const char *what, const char *why)
{
    fflush(stdout);
    fprintf(stderr, "pay: %s: %s\n", what, why);
    exit(exit_status);
}

static void check(wxg_status status, wxg_error **error, const char *what)
{
    if (status == WXG_OK)
        return;
    wxg_str message = wxg_cstr(wxg_status_text(status)), field = WXG_STR("");
    if (error != NULL && wxg_error_message(*error, &message) == WXG_OK)
        (void)wxg_error_field(*error, &field);
    fail(1, field.len > 0 ? field.data : what, message.data);
}

static void open_client(void)
{
    wxg_client_options options = WXG_CLIENT_OPTIONS_INIT;
    options.appid = wxg_cstr(setting("appid", "wx1234567"));
    options.offer_id = wxg_cstr(setting("offer_id", "12345678"));
    options.app_secret = wxg_cstr(setting("app_secret", "sandbox-app-secret"));
    options.app_key = wxg_cstr(setting("app_key", "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u"));
    options.base_url = wxg_cstr(setting("base_url", ""));
    options.ca_file = wxg_cstr(setting("ca_file", ""));
    options.journal = wxg_cstr(setting("journal", "sqlite:pay.journal"));
    options.timeout_ms = atoll(setting("timeout_ms", "0"));
    wxg_error *error;
    check(wxg_client_open(&options, &client, &error), &error, "open");
}

static void submit_login(const char *js_code)
{
    wxg_login_options options = WXG_LOGIN_OPTIONS_INIT;
    options.js_code = wxg_cstr(js_code);
    wxg_error *error;
    check(wxg_client_submit_login(client, &options, &error), &error, "login");
    login_under_way = 1;
}

static void submit_get_balance(void)
{
    wxg_get_balance_options options = WXG_GET_BALANCE_OPTIONS_INIT;
    options.openid = wxg_cstr(openid);
    options.zone_id = WXG_STR("1");
    wxg_error *error;
    check(wxg_client_submit_get_balance(client, &options, &error), &error, "get_balance");
}

static void submit_pay(void)
{
    wxg_pay_options options = WXG_PAY_OPTIONS_INIT;
    options.bill_no = wxg_cstr(bill_no);
    options.openid = wxg_cstr(openid);
    options.zone_id = WXG_STR("1");
    options.amount = atoll(setting("amount", "1"));
    options.pay_item = WXG_STR("sword");
    wxg_error *error;
    check(wxg_client_submit_pay(client, &options, &error), &error, "pay");
}

/* Grants what was bought, once per bill_no. The file stands for a table of your database whose key is the bill_no:
 * there, the row and the sword go into one transaction. */
static void grant_once(const wxg_completion_view *payment)
{
    char line[128];
    FILE *grants = fopen(setting("grants", "grants.txt"), "a+");
    if (grants == NULL)
        fail(1, "grants", "the file cannot be opened");
    for (rewind(grants); fgets(line, sizeof line, grants) != NULL;)
        if (strtok(line, "\n") != NULL && strcmp(line, payment->bill_no.data) == 0) {
            fclose(grants);
            return;
        }
    if (fprintf(grants, "%s\n", payment->bill_no.data) < 0 || fflush(grants) != 0 || fsync(fileno(grants)) != 0)
        fail(1, "grants", "the file cannot be written");
    fclose(grants);
    printf("granted   %s\n", payment->bill_no.data);
}

/* An answer about a payment: about ours, or about one that an earlier run left behind. */
static void settle(const wxg_completion_view *payment)
{
    static const char *const outcomes[] = {"none", "done", "rejected", "not sent", "unknown", "needs review"};
    check(payment->status, NULL, payment->errmsg.data);
    printf("%s  %s: %s, %lld coins, errcode %d %s\n", payment->kind == WXG_KIND_RESOLVED ? "resolved" : "payment ",
           payment->bill_no.data, payment->outcome <= WXG_OUTCOME_NEEDS_REVIEW ? outcomes[payment->outcome] : "?",
           (long long)payment->amount, (int)payment->errcode, payment->errmsg.data);
    if (strcmp(payment->bill_no.data, bill_no) == 0)
        outcome = payment->outcome;
    if (payment->outcome == WXG_OUTCOME_DONE)
        grant_once(payment);
    if (payment->outcome == WXG_OUTCOME_NEEDS_REVIEW)
        printf("review    %s: to be noted for a person; no grant, no refusal\n", payment->bill_no.data);
    wxg_error *error;
    if (payment->delivery_id != 0) /* 0: unknown, nothing is acted on yet; the library goes on */
        check(wxg_client_ack(client, payment->delivery_id, &error), &error, "ack");
}

/* A server asks the game client, which calls wx.login. Here that is whoever sits at the keyboard. */
static void ask_for_login(const wxg_completion_view *need)
{
    char js_code[512];
    if (login_under_way)
        return;
    printf("session   of %s is needed; its next js_code:\n", need->openid.data);
    if (fgets(js_code, sizeof js_code, stdin) == NULL || strtok(js_code, "\n") == NULL) {
        check(wxg_client_close(client, 5000), NULL, "close");
        fail(3, "login", "no js_code; run again with a new one, the journal keeps the payment");
    }
    submit_login(js_code);
}

/* Takes what the client has to say, for a second at the most. */
static void run(void)
{
    wxg_completion *ready[16];
    size_t count;
    check(wxg_client_wait(client, 1000, ready, 16, &count), NULL, "wait");
    for (size_t i = 0; i < count; i++) {
        wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
        check(wxg_completion_read(ready[i], &view), NULL, "read");
        if (view.kind == WXG_KIND_PAY || view.kind == WXG_KIND_RESOLVED) {
            settle(&view);
        } else if (view.kind == WXG_KIND_SESSION_NEEDED) {
            ask_for_login(&view);
        } else if (view.outcome != WXG_OUTCOME_DONE) {
            fail(1, view.kind == WXG_KIND_LOGIN ? "login" : "get_balance", view.errmsg.data);
        } else if (view.kind == WXG_KIND_LOGIN) {
            login_under_way = 0;
            snprintf(openid, sizeof openid, "%s", view.openid.data);
            printf("logged in %s\n", openid);
        } else if (view.kind == WXG_KIND_GET_BALANCE) {
            balances_read++;
            printf("balance   %lld coins\n", (long long)view.balance);
        }
        wxg_completion_free(ready[i]);
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    char new_bill_no[WXG_BILL_NO_SIZE];
    wxg_error *error;
    arguments = argv + (argc > 0);
    check(wxg_bill_no_new(new_bill_no, &error), &error, "bill_no");
    bill_no = setting("bill_no", new_bill_no); /* yours stands with the order in your database by now */

    open_client();
    submit_login(setting("js_code", ""));
    while (openid[0] == '\0')
        run(); /* also settles what an earlier run left behind */
    for (submit_get_balance(); balances_read < 1;)
        run();
    for (submit_pay(); outcome == WXG_OUTCOME_NONE || outcome == WXG_OUTCOME_UNKNOWN;)
        run();
    for (submit_get_balance(); balances_read < 2;)
        run();
    check(wxg_client_close(client, 5000), NULL, "close");
    wxg_client_free(client);
    return outcome == WXG_OUTCOME_DONE ? 0 : outcome == WXG_OUTCOME_NEEDS_REVIEW ? 3 : 2;
}
