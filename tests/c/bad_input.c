/* Every refusal names the field and the rule, shows no secret, and nothing of it reaches the server. */
#include "pictures.h"

#include <sys/wait.h>

/* ---- opening ---- */

static void open_refused(const wxg_client_options *options, wxg_status status, const char *field, const char *rule)
{
    wxg_client *client = POISON(wxg_client);
    wxg_error *error = POISON(wxg_error);
    CHECK_STATUS(wxg_client_open(options, &client, &error), status);
    CHECK(client == NULL);
    CHECK_ERROR(error, status, field, rule);
}

#define OPEN_REFUSED(change, status, field, rule)                                                  \
    do {                                                                                           \
        wxg_client_options options = test_options();                                               \
        change;                                                                                    \
        open_refused(&options, status, field, rule);                                               \
    } while (0)
#define OPEN_INVALID(change, field, rule) OPEN_REFUSED(change, WXG_ERR_INVALID_ARGUMENT, field, rule)

static void options_of_a_client(void)
{
    OPEN_INVALID(options.appid = WXG_STR(""), "appid", "empty");
    OPEN_INVALID(options.appid = WXG_STR("wx 123"), "appid", "letters");
    OPEN_INVALID(options.app_secret = WXG_STR(""), "app_secret", "empty");
    OPEN_INVALID(options.app_secret = WXG_STR("line\n"), "app_secret", "visible");
    OPEN_INVALID(options.offer_id = WXG_STR(""), "offer_id", "empty");
    OPEN_INVALID(options.app_key = WXG_STR(""), "app_key", "missing");
    OPEN_INVALID((options.environment = WXG_ENVIRONMENT_SANDBOX, options.sandbox_app_key = WXG_STR("")), "sandbox_app_key", "missing");
    OPEN_INVALID(options.sandbox_app_key = options.app_key, "sandbox_app_key", "same");
    OPEN_INVALID(options.app_key = WXG_STR("k y"), "app_key", "blanks");
    OPEN_INVALID(options.environment = 2, "environment", "0 (production) or 1");
    OPEN_INVALID(options.generation = 3, "generation", "0 or 1 (Midas v1), or 2");
    OPEN_INVALID(options.generation = WXG_GENERATION_V2, "no_mp_sig", "always signs");
    OPEN_INVALID((options = test_options_v2(), options.pf = WXG_STR("android")), "pf", "leave it out");
    OPEN_INVALID(options.no_mp_sig = 2, "no_mp_sig", "0 or 1");
    OPEN_INVALID(options.pf = WXG_STR("an droid"), "pf", "letters");
    OPEN_INVALID(options.base_url = WXG_STR("http://api.weixin.qq.com"), "base_url", "loopback");
    OPEN_INVALID(options.base_url = WXG_STR("http://10.0.0.1:8330"), "base_url", "loopback");
    OPEN_INVALID(options.base_url = WXG_STR("https://user:zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u@api.weixin.qq.com"), "base_url", "user");
    OPEN_INVALID(options.base_url = WXG_STR("api.weixin.qq.com"), "base_url", "https://");
    OPEN_INVALID(options.base_url = WXG_STR("ftp://api.weixin.qq.com"), "base_url", "https://");
    OPEN_INVALID(options.base_url = WXG_STR("https://api.weixin.qq.com/path"), "base_url", "path");
    OPEN_INVALID(options.base_url = WXG_STR("https:// \x01"), "base_url", "host");
    OPEN_INVALID(options.proxy = WXG_STR("http://proxy.example:3128"), "proxy", "http://");
    OPEN_INVALID((options.base_url = WXG_STR("https://localhost:1"), options.proxy = WXG_STR("socks5://proxy.example:1")), "proxy", "http://");
    OPEN_INVALID(options.journal = WXG_STR(""), "journal", "sqlite:PATH");
    OPEN_INVALID(options.journal = WXG_STR("sqlite:"), "journal", "sqlite:PATH");
    OPEN_INVALID(options.journal = WXG_STR("mysql://x"), "journal", "sqlite:PATH");
    OPEN_INVALID(options.journal = WXG_STR("postgres"), "journal", "postgres://");
    OPEN_INVALID(options.journal = WXG_STR("postgres:"), "journal", "postgres://");
    OPEN_INVALID(options.journal = WXG_STR("postgres:/host/database"), "journal", "postgres://");
    OPEN_INVALID(options.journal = WXG_STR("postgresql:user:zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u@host/database"), "journal", "postgres://");
    OPEN_INVALID(options.timeout_ms = -1, "timeout_ms", "120000");
    OPEN_INVALID(options.timeout_ms = 120001, "timeout_ms", "120000");
    OPEN_INVALID(options.connect_timeout_ms = 60001, "connect_timeout_ms", "60000");
    OPEN_INVALID(options.deadline_ms = 86400001, "deadline_ms", "86400000");
    OPEN_INVALID(options.deadline_ms = INT64_MIN, "deadline_ms", "86400000");
    OPEN_INVALID(options.late_window_ms = 3600000, "late_window_ms", "48 h");
    OPEN_INVALID(options.queue_capacity = 1048577, "queue_capacity", "1048576");
    OPEN_INVALID(options.in_flight_limit = 1025, "in_flight_limit", "1024");
    OPEN_INVALID(options.log_level = 5, "log_level", "4");
    OPEN_INVALID(options.push_token = WXG_STR("to ken"), "push_token", "visible");
    OPEN_INVALID(options.push_aes_key = WXG_STR(PUSH_AES_KEY), "push_token", "missing");
    OPEN_INVALID((options = test_options_v2(), options.push_aes_key = WXG_STR("short")), "push_aes_key", "43");
    OPEN_INVALID((options = test_options_v2(), options.push_aes_key = WXG_STR(PUSH_AES_KEY "=")), "push_aes_key", "43");
    OPEN_INVALID((options = test_options_v2(), options.push_aes_key = WXG_STR("!bcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")),
                 "push_aes_key", "letters");
    OPEN_INVALID(options.lease_ms = -1, "lease_ms", "1,000 to 600,000");
    OPEN_INVALID(options.lease_ms = 999, "lease_ms", "1,000 to 600,000");
    OPEN_INVALID(options.lease_ms = 600001, "lease_ms", "1,000 to 600,000");
    OPEN_INVALID((options.journal = WXG_STR("postgres://127.0.0.1:9/database"), options.lease_ms = 999), "lease_ms", "1,000 to 600,000");
    OPEN_INVALID(options.appid = WXG_STR("\xff\xfe"), "appid", "UTF-8");
    OPEN_INVALID(options.appid.len = (size_t)-1, "appid", "len");
    OPEN_REFUSED(options.ca_file = WXG_STR("/nowhere/ca.pem"), WXG_ERR_CONFIGURATION, "ca_file", "cannot be read");
    OPEN_REFUSED(options.ca_file = WXG_STR("/dev/null"), WXG_ERR_CONFIGURATION, "ca_file", "");
}

static void leases(void)
{
    const int64_t allowed[] = {0, 1000, 600000};
    wxg_client_options options = test_options();
    size_t i;
    for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        options.lease_ms = allowed[i];
        wxg_client_free(open_client(&options));
    }
}

/* ---- journals ---- */

static void journals(void)
{
    char path[600];
    FILE *file;
    OPEN_REFUSED(options.journal = WXG_STR("sqlite:/nowhere/at/all.db"), WXG_ERR_CONFIGURATION, "journal", "/nowhere/at");
    OPEN_REFUSED(options.journal = WXG_STR("sqlite:/proc/self/journal.db"), WXG_ERR_CONFIGURATION, "journal", "/proc/");
    snprintf(path, sizeof(path), "sqlite:%s", setting("WXG_TEST_DIR"));
    OPEN_REFUSED(options.journal = wxg_cstr(path), WXG_ERR_CONFIGURATION, "journal", "");
    snprintf(path, sizeof(path), "%s/not-a-journal", setting("WXG_TEST_DIR"));
    file = fopen(path, "w");
    CHECK(file != NULL && fputs("This is no journal but a letter, and it is longer than one page's head would be.\n", file) >= 0);
    CHECK(fclose(file) == 0);
    snprintf(path, sizeof(path), "sqlite:%s/not-a-journal", setting("WXG_TEST_DIR"));
    OPEN_REFUSED(options.journal = wxg_cstr(path), WXG_ERR_JOURNAL_CORRUPT, "journal", "");
}

/* This program, as another process, on the journal that is open in the first. */
static int second_process(void)
{
    wxg_client_options options = test_options();
    options.journal = wxg_cstr(setting("WXG_TEST_JOURNAL"));
    open_refused(&options, WXG_ERR_JOURNAL_IN_USE, "journal", "process");
    ok("second process");
    return 0;
}

static void journal_in_use(const char *program)
{
    wxg_client_options options = test_options();
    wxg_client *client, *other;
    char journal[600];
    pid_t child;
    int status = -1;

    snprintf(journal, sizeof(journal), "%s", sqlite_journal("in-use").data);
    options.journal = wxg_cstr(journal);
    client = open_client(&options);
    open_refused(&options, WXG_ERR_JOURNAL_IN_USE, "journal", "close that client");

    /* The sandbox environment of the same app is another ledger: it may share the file. */
    options.environment = WXG_ENVIRONMENT_SANDBOX;
    other = open_client(&options);
    open_refused(&options, WXG_ERR_JOURNAL_IN_USE, "journal", "close that client");
    wxg_client_free(other);

    fflush(NULL);
    CHECK(setenv("WXG_TEST_JOURNAL", journal, 1) == 0);
    child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        execl(program, program, "second", (char *)NULL);
        _exit(99);
    }
    CHECK(child > 0);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);

    wxg_client_free(client);
    options.environment = WXG_ENVIRONMENT_PRODUCTION;
    wxg_client_free(open_client(&options));
}

/* ---- calls ---- */

/* As INVALID, of what the client cannot do. */
#define UNSUPPORTED(call, field, rule)                                                             \
    do {                                                                                           \
        wxg_error *error = POISON(wxg_error);                                                      \
        CHECK_STATUS(call, WXG_ERR_UNSUPPORTED);                                                   \
        CHECK_ERROR(error, WXG_ERR_UNSUPPORTED, field, rule);                                      \
    } while (0)

#define PAY_INVALID(change, field, rule)                                                           \
    do {                                                                                           \
        wxg_pay_options pay = pay_of("good", "o1", 1, 0);                                          \
        wxg_completion *completion = POISON(wxg_completion);                                       \
        wxg_error *error = POISON(wxg_error);                                                      \
        change;                                                                                    \
        CHECK_STATUS(wxg_client_submit_pay(client, &pay, &error), WXG_ERR_INVALID_ARGUMENT);       \
        CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, field, rule);                                 \
        CHECK_STATUS(wxg_client_pay(client, &pay, -1, &completion, NULL), WXG_ERR_INVALID_ARGUMENT); \
        CHECK(completion == NULL);                                                                 \
    } while (0)

static void values_of_a_call(wxg_client *client)
{
    static char long_text[1100];
    wxg_present_options present = WXG_PRESENT_OPTIONS_INIT;
    wxg_cancel_pay_options cancel = WXG_CANCEL_PAY_OPTIONS_INIT;
    wxg_get_balance_options balance = WXG_GET_BALANCE_OPTIONS_INIT;
    wxg_login_options login = WXG_LOGIN_OPTIONS_INIT;
    wxg_session_options session = WXG_SESSION_OPTIONS_INIT;
    wxg_str openid = WXG_STR("o1"), raw = WXG_STR("not base64!"), none = WXG_STR("");
    memset(long_text, 'a', sizeof(long_text) - 1);

    PAY_INVALID(pay.bill_no = WXG_STR(""), "bill_no", "empty");
    PAY_INVALID((pay.bill_no.data = long_text, pay.bill_no.len = 64), "bill_no", "63");
    PAY_INVALID(pay.bill_no = WXG_STR("_b"), "bill_no", "begin");
    PAY_INVALID(pay.bill_no = WXG_STR("a b"), "bill_no", "letters");
    PAY_INVALID(pay.bill_no = WXG_STR("a\0b"), "bill_no", "letters");
    PAY_INVALID(pay.bill_no = WXG_STR("\xc3\x28"), "bill_no", "UTF-8");
    PAY_INVALID(pay.openid = WXG_STR(""), "openid", "empty");
    PAY_INVALID(pay.openid = WXG_STR("o 1"), "openid", "letters");
    PAY_INVALID(pay.zone_id = WXG_STR(""), "zone_id", "empty");
    PAY_INVALID(pay.zone_id = WXG_STR("1\n"), "zone_id", "control");
    PAY_INVALID(pay.amount = 0, "amount", "1 to 2^53");
    PAY_INVALID(pay.amount = -1, "amount", "1 to 2^53");
    PAY_INVALID(pay.amount = INT64_MIN, "amount", "1 to 2^53");
    PAY_INVALID(pay.amount = (INT64_C(1) << 53) + 1, "amount", "1 to 2^53");
    PAY_INVALID((pay.pay_item.data = long_text, pay.pay_item.len = 513), "pay_item", "512");
    PAY_INVALID(pay.pay_item = WXG_STR("\xed\xa0\x80"), "pay_item", "UTF-8");
    PAY_INVALID((pay.app_remark.data = long_text, pay.app_remark.len = 1025), "app_remark", "1024");
    PAY_INVALID(pay.app_remark = WXG_STR("tab\there"), "app_remark", "control");
    PAY_INVALID(pay.user_ip = WXG_STR("192.168.1.1"), "user_ip", "public");
    PAY_INVALID(pay.user_ip = WXG_STR("127.0.0.1"), "user_ip", "public");
    PAY_INVALID(pay.user_ip = WXG_STR("::ffff:10.0.0.1"), "user_ip", "public");
    PAY_INVALID(pay.user_ip = WXG_STR("1.2.3.4:80"), "user_ip", "address");
    PAY_INVALID(pay.deadline_ms = -1, "deadline_ms", "86400000");
    PAY_INVALID(pay.deadline_ms = 86400001, "deadline_ms", "86400000");
    PAY_INVALID(pay.bill_no.len = (size_t)-1, "bill_no", "len");

    present.bill_no = WXG_STR("good");
    present.openid = WXG_STR("o1");
    present.zone_id = WXG_STR("1");
    INVALID(wxg_client_submit_present(client, &present, &error), "amount", "1 to 2^53");
    present.amount = 1;
    present.user_ip = WXG_STR("fe80::1");
    INVALID(wxg_client_submit_present(client, &present, &error), "user_ip", "public");
    INVALID(wxg_client_submit_cancel_pay(client, &cancel, &error), "bill_no", "empty");
    cancel.bill_no = WXG_STR("good");
    cancel.deadline_ms = -5;
    INVALID(wxg_client_submit_cancel_pay(client, &cancel, &error), "deadline_ms", "86400000");
    INVALID(wxg_client_submit_get_balance(client, &balance, &error), "openid", "empty");
    balance.openid = WXG_STR("o1");
    INVALID(wxg_client_submit_get_balance(client, &balance, &error), "zone_id", "empty");
    INVALID(wxg_client_submit_login(client, &login, &error), "js_code", "empty");
    login.js_code = WXG_STR("a b");
    INVALID(wxg_client_submit_login(client, &login, &error), "js_code", "visible");
    INVALID(wxg_client_set_session(client, &openid, &raw, &error), "session_key", "");
    INVALID(wxg_client_set_session(client, &openid, &none, &error), "session_key", "empty");
    INVALID(wxg_client_set_session(client, &none, &raw, &error), "openid", "empty");
    INVALID(wxg_client_forget_session(client, &none, &error), "openid", "empty");
    session.deadline_ms = -1;
    INVALID(wxg_client_submit_check_session(client, &session, &error), "openid", "empty");
    session.openid = openid;
    INVALID(wxg_client_submit_reset_session(client, &session, &error), "deadline_ms", "86400000");
    INVALID(wxg_client_ack(client, 0, &error), "delivery_id", "0");
}

/* Of the call and of its twin that waits. */
#define ITEM_INVALID(change, field, rule)                                                          \
    do {                                                                                           \
        wxg_item_order_options item = item_order_of("good", "o1", 0);                              \
        wxg_completion *completion = POISON(wxg_completion);                                       \
        change;                                                                                    \
        INVALID(wxg_client_submit_item_order(client, &item, &error), field, rule);                 \
        INVALID(wxg_client_item_order(client, &item, -1, &completion, &error), field, rule);       \
        CHECK(completion == NULL);                                                                 \
    } while (0)
#define QUERY_INVALID(change, field, rule)                                                         \
    do {                                                                                           \
        wxg_query_order_options query = query_order_of(WXG_BIZ_COINS, "good", "o1", 0);            \
        wxg_completion *completion = POISON(wxg_completion);                                       \
        change;                                                                                    \
        INVALID(wxg_client_submit_query_order(client, &query, &error), field, rule);               \
        INVALID(wxg_client_query_order(client, &query, -1, &completion, &error), field, rule);     \
        CHECK(completion == NULL);                                                                 \
    } while (0)
#define PART_INVALID(change, field, rule)                                                          \
    do {                                                                                           \
        wxg_cancel_pay_options cancel = WXG_CANCEL_PAY_OPTIONS_INIT;                               \
        cancel.bill_no = WXG_STR("paid");                                                          \
        cancel.refund_bill_no = WXG_STR("part");                                                   \
        cancel.amount = 1;                                                                         \
        change;                                                                                    \
        INVALID(wxg_client_submit_cancel_pay(client, &cancel, &error), field, rule);               \
    } while (0)

static void values_of_an_order(wxg_client *client)
{
    static char long_text[1100];
    memset(long_text, 'a', sizeof(long_text) - 1);

    ITEM_INVALID(item.out_trade_no = WXG_STR(""), "out_trade_no", "empty");
    ITEM_INVALID((item.out_trade_no.data = long_text, item.out_trade_no.len = 33), "out_trade_no", "32");
    ITEM_INVALID(item.out_trade_no = WXG_STR("_t"), "out_trade_no", "begin");
    ITEM_INVALID(item.out_trade_no = WXG_STR("t:1"), "out_trade_no", "letters");
    ITEM_INVALID(item.openid = WXG_STR(""), "openid", "empty");
    ITEM_INVALID(item.openid = WXG_STR("o 1"), "openid", "letters");
    ITEM_INVALID(item.zone_id = WXG_STR(""), "zone_id", "empty");
    ITEM_INVALID(item.zone_id = WXG_STR("1\n"), "zone_id", "control");
    ITEM_INVALID(item.product_id = WXG_STR(""), "product_id", "empty");
    ITEM_INVALID((item.product_id.data = long_text, item.product_id.len = 129), "product_id", "128");
    ITEM_INVALID(item.product_id = WXG_STR("\xed\xa0\x80"), "product_id", "UTF-8");
    ITEM_INVALID(item.buy_quantity = 0, "buy_quantity", "1 to 1000000");
    ITEM_INVALID(item.buy_quantity = 1000001, "buy_quantity", "1 to 1000000");
    ITEM_INVALID(item.buy_quantity = INT64_MIN, "buy_quantity", "1 to 1000000");
    ITEM_INVALID(item.goods_price = 0, "goods_price", "1 to 1000000000");
    ITEM_INVALID(item.goods_price = 1000000001, "goods_price", "1 to 1000000000");
    ITEM_INVALID((item.attach.data = long_text, item.attach.len = 1025), "attach", "1024");
    ITEM_INVALID(item.attach = WXG_STR("tab\there"), "attach", "control");
    ITEM_INVALID((item.platform.data = long_text, item.platform.len = 33), "platform", "32");
    ITEM_INVALID(item.platform = WXG_STR("an droid"), "platform", "letters");
    ITEM_INVALID(item.deadline_ms = -1, "deadline_ms", "86400000");
    ITEM_INVALID((item.host_data.data = long_text, item.host_data.len = 257), "host_data", "256");

    QUERY_INVALID(query.biz_id = 0, "biz_id", "1 (coins) or 2");
    QUERY_INVALID(query.biz_id = 3, "biz_id", "1 (coins) or 2");
    QUERY_INVALID(query.out_trade_no = WXG_STR(""), "out_trade_no", "empty");
    QUERY_INVALID((query.out_trade_no.data = long_text, query.out_trade_no.len = 129), "out_trade_no", "128");
    QUERY_INVALID(query.out_trade_no = WXG_STR("a b"), "out_trade_no", "letters");
    QUERY_INVALID(query.openid = WXG_STR(""), "openid", "empty");
    QUERY_INVALID(query.zone_id = WXG_STR(""), "zone_id", "empty");
    QUERY_INVALID(query.user_ip = WXG_STR("10.0.0.1"), "user_ip", "public");
    QUERY_INVALID(query.deadline_ms = 86400001, "deadline_ms", "86400000");

    PART_INVALID(cancel.refund_bill_no = WXG_STR(""), "refund_bill_no", "empty");
    PART_INVALID((cancel.refund_bill_no.data = long_text, cancel.refund_bill_no.len = 64), "refund_bill_no", "63");
    PART_INVALID(cancel.refund_bill_no = WXG_STR("_r"), "refund_bill_no", "begin");
    PART_INVALID(cancel.refund_bill_no = WXG_STR("r|1"), "refund_bill_no", "letters");
    PART_INVALID(cancel.refund_bill_no = cancel.bill_no, "refund_bill_no", "of its own");
    PART_INVALID(cancel.amount = 0, "amount", "1 to 2^53");
    PART_INVALID(cancel.amount = -1, "amount", "1 to 2^53");
    PART_INVALID(cancel.amount = (INT64_C(1) << 53) + 1, "amount", "1 to 2^53");
    {
        wxg_get_balance_options balance = WXG_GET_BALANCE_OPTIONS_INIT;
        wxg_str query = WXG_STR("nonce=\xff"), body = WXG_STR("{}");
        wxg_completion *completion = POISON(wxg_completion);
        balance.openid = WXG_STR("o1");
        balance.zone_id = WXG_STR("2");
        balance.coin_type = 2;
        INVALID(wxg_client_submit_get_balance(client, &balance, &error), "coin_type", "0 (game) or 1");
        balance.coin_type = WXG_COIN_TYPE_RECHARGE_CENTRE;
        INVALID(wxg_client_submit_get_balance(client, &balance, &error), "zone_id", "`1`");
        INVALID(wxg_client_receive_push(client, &query, &body, 0, &completion, &error), "query", "UTF-8");
        CHECK(completion == NULL);
    }
}

/* What only virtual payment 2.0 has, or only a client with a push_token. */
static void not_of_this_client(wxg_client *client)
{
    wxg_item_order_options item = item_order_of("good", "o1", 0);
    wxg_query_order_options query = query_order_of(WXG_BIZ_ITEM, "good", "o1", 0);
    wxg_cancel_pay_options cancel = WXG_CANCEL_PAY_OPTIONS_INIT;
    wxg_get_balance_options balance = WXG_GET_BALANCE_OPTIONS_INIT;
    wxg_str url_query = WXG_STR("nonce=1"), body = WXG_STR("{}");
    wxg_completion *completion = POISON(wxg_completion);
    cancel.bill_no = WXG_STR("paid");
    cancel.refund_bill_no = WXG_STR("part");
    cancel.amount = 1;
    balance.openid = WXG_STR("o1");
    balance.zone_id = WXG_STR("1");
    balance.coin_type = WXG_COIN_TYPE_RECHARGE_CENTRE;

    UNSUPPORTED(wxg_client_submit_item_order(client, &item, &error), "generation", "generation 2");
    UNSUPPORTED(wxg_client_item_order(client, &item, -1, &completion, &error), "generation", "generation 2");
    UNSUPPORTED(wxg_client_submit_query_order(client, &query, &error), "generation", "generation 2");
    UNSUPPORTED(wxg_client_query_order(client, &query, -1, &completion, &error), "generation", "generation 2");
    UNSUPPORTED(wxg_client_submit_cancel_pay(client, &cancel, &error), "generation", "generation 2");
    UNSUPPORTED(wxg_client_submit_get_balance(client, &balance, &error), "coin_type", "generation 2");
    UNSUPPORTED(wxg_client_receive_push(client, &url_query, &body, -1, &completion, &error), "push_token", "missing");
    CHECK(completion == NULL);
}

static void capacity(wxg_client *client)
{
    wxg_completion *completion = POISON(wxg_completion);
    wxg_log_record *record = POISON(wxg_log_record);
    size_t count = 99;
    CHECK_STATUS(wxg_client_poll(client, &completion, 0, &count), WXG_ERR_INVALID_ARGUMENT);
    CHECK_INT(count, 0);
    count = 99;
    CHECK_STATUS(wxg_client_wait(client, -1, &completion, 0, &count), WXG_ERR_INVALID_ARGUMENT);
    CHECK_INT(count, 0);
    count = 99;
    CHECK_STATUS(wxg_client_poll_log(client, &record, 0, &count), WXG_ERR_INVALID_ARGUMENT);
    CHECK_INT(count, 0);
}

/* ---- the album ---- */

static void album_refused(const wxg_album_options *options, wxg_status status, const char *field, const char *rule)
{
    wxg_album *album = POISON(wxg_album);
    wxg_error *error = POISON(wxg_error);
    CHECK_STATUS(wxg_album_open(options, &album, &error), status);
    CHECK(album == NULL);
    CHECK_ERROR(error, status, field, rule);
}

#define ALBUM_REFUSED(change, status, field, rule)                                                 \
    do {                                                                                           \
        wxg_album_options options = album_options(&someone);                                       \
        change;                                                                                    \
        album_refused(&options, status, field, rule);                                              \
    } while (0)
#define ALBUM_INVALID(change, field, rule) ALBUM_REFUSED(change, WXG_ERR_INVALID_ARGUMENT, field, rule)

static void options_of_an_album(void)
{
    static const char *const bad_names[] = {"a/b",    "..",       ".hidden", "end.", " a",         "a ",        "a:b", "a\\b",
                                            "what?",  "tab\there", "NUL",     "con",  "com1.Game",  "<Game>"};
    static char long_name[257];
    user someone = new_user("album-options");
    char file[700];
    size_t i;
    memset(long_name, 'a', 256);
    write_png(someone.temp_path, "file.png");
    snprintf(file, sizeof(file), "%s/file.png", someone.temp_path);

    ALBUM_INVALID(options.temp_path = WXG_STR(""), "temp_path", "absolute");
    ALBUM_INVALID(options.temp_path = WXG_STR("tmp"), "temp_path", "absolute");
    ALBUM_INVALID(options.temp_path = WXG_STR("/tmp\0/x"), "temp_path", "NUL");
    ALBUM_INVALID(options.temp_path = WXG_STR("/\xff\xfe"), "temp_path", "UTF-8");
    ALBUM_INVALID(options.temp_path.len = (size_t)-1, "temp_path", "len");
    ALBUM_REFUSED(options.temp_path = WXG_STR("/nowhere/at/all"), WXG_ERR_CONFIGURATION, "temp_path", "is not there");
    ALBUM_REFUSED(options.temp_path = wxg_cstr(file), WXG_ERR_CONFIGURATION, "temp_path", "not a folder");
    ALBUM_INVALID(options.user_data_path = WXG_STR(""), "user_data_path", "absolute");
    ALBUM_INVALID(options.user_data_path = WXG_STR("./usr"), "user_data_path", "absolute");
    ALBUM_INVALID(options.user_data_path = WXG_STR("/\xc3\x28"), "user_data_path", "UTF-8");
    ALBUM_REFUSED(options.user_data_path = WXG_STR("/nowhere/at/all"), WXG_ERR_CONFIGURATION, "user_data_path", "is not there");
    ALBUM_INVALID(options.pictures_path = WXG_STR("Pictures"), "pictures_path", "absolute");
    ALBUM_INVALID(options.pictures_path = WXG_STR("/a\0b"), "pictures_path", "NUL");
    ALBUM_INVALID(options.pictures_path = WXG_STR("/\xed\xa0\x80"), "pictures_path", "UTF-8");
    ALBUM_INVALID(options.folder = WXG_STR(""), "folder", "empty");
    for (i = 0; i < sizeof(bad_names) / sizeof(bad_names[0]); i++)
        ALBUM_INVALID(options.folder = wxg_cstr(bad_names[i]), "folder", "one name");
    ALBUM_INVALID(options.folder = WXG_STR("a\0b"), "folder", "one name");
    ALBUM_INVALID(options.folder = wxg_cstr(long_name), "folder", "255");
    ALBUM_INVALID(options.folder = WXG_STR("\xff"), "folder", "UTF-8");
    ALBUM_INVALID(options.max_bytes = -1, "max_bytes", "negative");
    ALBUM_INVALID(options.max_bytes = INT64_MIN, "max_bytes", "negative");
    ALBUM_INVALID(options.queue_capacity = 1048577, "queue_capacity", "1,048,576");
    ALBUM_INVALID(options.queue_capacity = UINT32_MAX, "queue_capacity", "1,048,576");
    CHECK_INT(entries(someone.user_data_path), 0);
    CHECK_INT(entries(someone.pictures_path), 0);
}

static void values_of_an_album(void)
{
    const uint32_t no_answers[] = {0, WXG_CONSENT_NOT_ASKED, 5, UINT32_MAX};
    user someone = new_user("album-values");
    wxg_album *album = open_album(&someone);
    wxg_save_image_options save = WXG_SAVE_IMAGE_OPTIONS_INIT;
    wxg_completion *completion = POISON(wxg_completion);
    wxg_error *refusal = POISON(wxg_error);
    wxg_str errmsg = WXG_STR("fail \xff");
    uint32_t album_class = 99;
    size_t count = 99, i;

    save.file_path = WXG_STR("wxfile://tmp/\xff.png");
    INVALID(wxg_album_submit_save_image(album, &save, &error), "file_path", "UTF-8");
    save.file_path.len = (size_t)-1;
    INVALID(wxg_album_submit_save_image(album, &save, &error), "file_path", "len");
    for (i = 0; i < sizeof(no_answers) / sizeof(no_answers[0]); i++) {
        INVALID(wxg_album_answer_consent(album, no_answers[i], &error), "consent", "WXG_CONSENT_GRANTED");
        INVALID(wxg_album_answer_setting(album, no_answers[i], &error), "consent", "WXG_CONSENT_GRANTED");
    }
    CHECK_STATUS(wxg_album_answer_consent(album, WXG_CONSENT_GRANTED, &refusal), WXG_ERR_WRONG_STATE);
    CHECK_ERROR(refusal, WXG_ERR_WRONG_STATE, "", "nobody waits");
    CHECK_STATUS(wxg_album_answer_setting(album, WXG_CONSENT_GRANTED, &refusal), WXG_ERR_WRONG_STATE);
    CHECK_ERROR(refusal, WXG_ERR_WRONG_STATE, "", "nobody waits");
    CHECK_STATUS(wxg_album_poll(album, &completion, 0, &count), WXG_ERR_INVALID_ARGUMENT);
    CHECK_INT(count, 0);
    count = 99;
    CHECK_STATUS(wxg_album_wait(album, -1, &completion, 0, &count), WXG_ERR_INVALID_ARGUMENT);
    CHECK_INT(count, 0);
    CHECK_STATUS(wxg_album_errmsg_class(&errmsg, &album_class), WXG_ERR_INVALID_ARGUMENT);
    CHECK_INT(album_class, 0);
    expect_quiet(album);
    CHECK_INT(setting_of(album), WXG_CONSENT_NOT_ASKED);
    wxg_album_free(album);
    CHECK_INT(entries(someone.user_data_path), 0);
}

/* An answer that somebody has damaged is none; one that cannot be read stops everything. */
static void an_answer_that_is_damaged(void)
{
    user someone = new_user("album-damaged");
    wxg_album *album = open_album(&someone);
    wxg_error *error = POISON(wxg_error);
    uint32_t consent = 99;
    char folder[620], kept[700];
    snprintf(folder, sizeof(folder), "%s/.wxgame", someone.user_data_path);
    snprintf(kept, sizeof(kept), "%s/scope.writePhotosAlbum", folder);
    CHECK(mkdir(folder, 0700) == 0);
    write_file(folder, "scope.writePhotosAlbum", "\xfftrue", 5, 0);
    CHECK_INT(setting_of(album), WXG_CONSENT_NOT_ASKED);
    CHECK(unlink(kept) == 0 && mkdir(kept, 0700) == 0);
    CHECK_STATUS(wxg_album_get_setting(album, &consent, &error), WXG_ERR_CONFIGURATION);
    CHECK_ERROR(error, WXG_ERR_CONFIGURATION, "", ".wxgame/scope.writePhotosAlbum");
    CHECK_INT(consent, 0);
    submit_save(album, "wxfile://tmp/shot.png", 1);
    expect_answer(album, WXG_KIND_SAVE_IMAGE, 1, "saveImageToPhotosAlbum:fail system error", WXG_ALBUM_OTHER);
    CHECK_HOLDS(wxg_cstr(detail), ".wxgame/scope.writePhotosAlbum");
    CHECK_OK(wxg_album_submit_authorize(album, 2, NULL));
    expect_answer(album, WXG_KIND_AUTHORIZE, 2, "authorize:fail system error", WXG_ALBUM_OTHER);

    /* Also while the settings are open: what they show cannot be told any more. */
    CHECK(rmdir(kept) == 0);
    grant(album);
    CHECK_OK(wxg_album_submit_open_setting(album, 3, NULL));
    expect_request(album, WXG_KIND_SETTING_NEEDED);
    CHECK(unlink(kept) == 0 && mkdir(kept, 0700) == 0);
    CHECK_OK(wxg_album_answer_setting(album, WXG_CONSENT_CANCELLED, NULL));
    expect_answer(album, WXG_KIND_OPEN_SETTING, 3, "openSetting:fail system error", WXG_ALBUM_OTHER);
    expect_quiet(album);
    wxg_album_free(album);
}

int main(int argc, char **argv)
{
    wxg_client_options options;
    wxg_client *client, *client_v2;
    if (argc > 1 && strcmp(argv[1], "second") == 0)
        return second_process();
    reset_sandbox();
    options = test_options();
    client = open_client(&options);
    options = test_options_v2();
    client_v2 = open_client(&options);
    options_of_a_client();
    leases();
    journals();
    journal_in_use(argv[0]);
    values_of_a_call(client);
    values_of_an_order(client_v2);
    not_of_this_client(client);
    capacity(client);
    CHECK_INT(stats_of(client).submitted, 0);
    CHECK_INT(stats_of(client_v2).submitted, 0);
    expect_nothing(client);
    expect_nothing(client_v2);
    drain_log(client, NULL, "");
    drain_log(client_v2, NULL, "");
    wxg_client_free(client);
    wxg_client_free(client_v2);
    CHECK_INT(requests_seen(NULL), 0);
    options_of_an_album();
    values_of_an_album();
    an_answer_that_is_damaged();
    ok("bad_input");
    return 0;
}
