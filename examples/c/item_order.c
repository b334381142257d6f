/*
 * An item sold for money (virtual payment 2.0): order it, print the three strings that the game client hands to
 * wx.requestMidasPaymentGameItem, ask WeChat when the game client says that it is paid, grant and acknowledge.
 *
 *   item_order base_url=https://localhost:8331 ca_file=ca.pem js_code=code:oPlayer:1 out_trade_no=order-1
 *
 * A line on standard input stands for the game client's callback. A server takes pushes as well, which tell it unasked:
 * wxg_client_receive_push. Settings are given as in pay.c; run it again with the same out_trade_no after a crash.
 * Exit status: 0 paid, 1 error, 2 not paid and over, 3 not paid yet (run it again).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wxgame.h>

static wxg_client *client;
static char **arguments;
static char openid[129];
static const char *out_trade_no;
static uint32_t outcome; /* of our out_trade_no, as far as we know */
static int is_paid = -1; /* as WeChat says; -1: has not said */

static const char *setting(const char *name, const char *otherwise)
{
    size_t length = strlen(name);
    for (char **argument = arguments; *argument != NULL; argument++)
        if (strncmp(*argument, name, length) == 0 && (*argument)[length] == '=')
            return *argument + length + 1;
    const char *value = getenv(name);
    return value != NULL ? value : otherwise;
}

static void fail(const char *what, const char *why)
{
    fflush(stdout);
    fprintf(stderr, "item_order: %s: %s\n", what, why);
    exit(1);
}

static void check(wxg_status status, wxg_error **error, const char *what)
{
    wxg_str message = wxg_cstr(wxg_status_text(status)), field = wxg_cstr(what);
    if (status == WXG_OK)
        return;
    if (error != NULL && wxg_error_message(*error, &message) == WXG_OK)
        (void)wxg_error_field(*error, &field);
    fail(field.len > 0 ? field.data : what, message.data);
}

static void open_client(void)
{
    wxg_client_options options = WXG_CLIENT_OPTIONS_INIT;
    options.generation = WXG_GENERATION_V2;
    options.appid = wxg_cstr(setting("appid", "wx1234567"));
    options.offer_id = wxg_cstr(setting("offer_id", "12345678"));
    options.app_secret = wxg_cstr(setting("app_secret", "sandbox-app-secret"));
    options.app_key = wxg_cstr(setting("app_key", "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u"));
    options.base_url = wxg_cstr(setting("base_url", ""));
    options.ca_file = wxg_cstr(setting("ca_file", ""));
    options.journal = wxg_cstr(setting("journal", "sqlite:item_order.journal"));
    wxg_error *error;
    check(wxg_client_open(&options, &client, &error), &error, "open");
}

static void login(void)
{
    wxg_login_options options = WXG_LOGIN_OPTIONS_INIT;
    wxg_completion_view player = WXG_COMPLETION_VIEW_INIT;
    options.js_code = wxg_cstr(setting("js_code", ""));
    wxg_completion *completion;
    wxg_error *error;
    check(wxg_client_login(client, &options, -1, &completion, &error), &error, "login");
    check(wxg_completion_read(completion, &player), NULL, "login");
    if (player.outcome != WXG_OUTCOME_DONE)
        fail("login", player.errmsg.data);
    snprintf(openid, sizeof openid, "%s", player.openid.data);
    wxg_completion_free(completion);
}

/* Ordered again under its number, an order that is not over gives the same strings. */
static void order_item(void)
{
    wxg_item_order_options options = WXG_ITEM_ORDER_OPTIONS_INIT;
    wxg_completion_view order = WXG_COMPLETION_VIEW_INIT;
    options.out_trade_no = wxg_cstr(out_trade_no);
    options.openid = wxg_cstr(openid);
    options.zone_id = WXG_STR("1");
    options.product_id = WXG_STR("sword");
    options.buy_quantity = 1;
    options.goods_price = 600;
    wxg_completion *completion;
    wxg_error *error;
    check(wxg_client_item_order(client, &options, -1, &completion, &error), &error, "item_order");
    check(wxg_completion_read(completion, &order), NULL, "item_order");
    if (order.status != WXG_OK)
        fail("item_order", order.errmsg.data);
    outcome = order.outcome;
    if (order.sign_data.len > 0)
        printf("signData  %s\npaySig    %s\nsignature %s\n", order.sign_data.data, order.pay_sig.data, order.signature.data);
    fflush(stdout);
    wxg_completion_free(completion);
}

/* The game client's word proves nothing: WeChat is asked. */
static void query_order(void)
{
    wxg_query_order_options options = WXG_QUERY_ORDER_OPTIONS_INIT;
    options.biz_id = WXG_BIZ_ITEM;
    options.out_trade_no = wxg_cstr(out_trade_no);
    options.openid = wxg_cstr(openid);
    options.zone_id = WXG_STR("1");
    wxg_error *error;
    check(wxg_client_submit_query_order(client, &options, &error), &error, "query_order");
}

/* An order is over: this one, or one that an earlier run left behind. */
static void settle(const wxg_completion_view *order)
{
    if (strcmp(order->bill_no.data, out_trade_no) == 0)
        outcome = order->outcome;
    if (order->outcome == WXG_OUTCOME_DONE) /* grant it here, in a transaction of your own, once per bill_no */
        printf("granted   %lld x %s for %s\n", (long long)order->amount, order->pay_item.data, order->bill_no.data);
    wxg_error *error;
    check(wxg_client_ack(client, order->delivery_id, &error), &error, "ack");
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
        if (view.kind == WXG_KIND_RESOLVED)
            settle(&view);
        else if (view.kind == WXG_KIND_QUERY_ORDER)
            is_paid = view.pay_state == 2;
        wxg_completion_free(ready[i]);
    }
}

int main(int argc, char **argv)
{
    arguments = argv + (argc > 0);
    out_trade_no = setting("out_trade_no", ""); /* stands with the order in your database by now */

    open_client();
    login();
    order_item();
    if (outcome == WXG_OUTCOME_AWAITING_PAYMENT && getchar() != EOF) {
        for (query_order(); is_paid < 0;)
            run();
        printf("WeChat    %s\n", is_paid ? "paid" : "not paid, or not known");
    }
    do
        run(); /* also settles what an earlier run left behind */
    while (outcome == WXG_OUTCOME_AWAITING_PAYMENT && is_paid > 0);
    check(wxg_client_close(client, 5000), NULL, "close");
    wxg_client_free(client);
    return outcome == WXG_OUTCOME_DONE ? 0 : outcome == WXG_OUTCOME_REJECTED ? 2 : 3;
}
