/* The virtual payment 2.0 without a client: the vectors, what explain shows, requests, answers. */
#include "common.h"

typedef struct signed_text {
    const char *path, *body, *app_key, *pay_sig, *session_key, *signature;
} signed_text;

typedef struct vector {
    const char *call, *environment, *app_key, *path, *body, *pay_sig, *signature;
    size_t field_count;
    struct {
        const char *name, *value;
    } fields[16];
} vector;

/* Made by vectors.py from tests/vectors/game_v2.json, where the source of each is told. */
#include "game_v2.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void check_pay_sig(const char *path_text, const char *body_text, const char *key, const char *pay_sig)
{
    wxg_str path = wxg_cstr(path_text), body = wxg_cstr(body_text), app_key = wxg_cstr(key);
    char made[WXG_SIGNATURE_SIZE + 1];
    wxg_error *error = POISON(wxg_error);
    wxg_text *text = NULL;
    const char *explained;
    size_t len = 0;

    made[WXG_SIGNATURE_SIZE] = '!';
    CHECK_OK(wxg_sign_game_v2(&path, &body, &app_key, made, &error));
    CHECK(error == NULL);
    CHECK(memcmp(made, pay_sig, WXG_SIGNATURE_SIZE) == 0);
    CHECK_INT(made[WXG_SIGNATURE_SIZE], '!');

    error = POISON(wxg_error);
    CHECK_OK(wxg_sign_game_v2_explain(&path, &body, &text, &error));
    CHECK(error == NULL);
    explained = wxg_text_read(text, &len);
    CHECK_INT(len, path.len + 1 + body.len);
    CHECK(memcmp(explained, path.data, path.len) == 0 && explained[path.len] == '&');
    CHECK(strcmp(explained + path.len + 1, body.data) == 0);
    wxg_text_free(text);
}

static void check_signature(const char *body_text, const char *key, const char *signature)
{
    wxg_str body = wxg_cstr(body_text), session_key = wxg_cstr(key);
    char made[WXG_SIGNATURE_SIZE + 1];
    wxg_error *error = POISON(wxg_error);

    made[WXG_SIGNATURE_SIZE] = '!';
    CHECK_OK(wxg_sign_game_v2_signature(&body, &session_key, made, &error));
    CHECK(error == NULL);
    CHECK(memcmp(made, signature, WXG_SIGNATURE_SIZE) == 0);
    CHECK_INT(made[WXG_SIGNATURE_SIZE], '!');
}

static wxg_str field_of(const vector *v, const char *name)
{
    size_t i;
    for (i = 0; i < v->field_count; i++)
        if (strcmp(v->fields[i].name, name) == 0)
            return wxg_cstr(v->fields[i].value);
    return wxg_cstr(NULL);
}

static int64_t number_of(const vector *v, const char *name)
{
    wxg_str value = field_of(v, name);
    return value.data == NULL ? 0 : strtoll(value.data, NULL, 10);
}

static uint32_t call_number(const char *call)
{
    static const char *const names[] = {"", "pay", "present", "get_balance", "cancel_pay", "", "", "", "query_order"};
    uint32_t i;
    for (i = 1; i < COUNT(names); i++)
        if (strcmp(call, names[i]) == 0)
            return i;
    failed(__FILE__, __LINE__, "no call %s", call);
}

/* The whole request is the vector's, byte for byte: path, both signatures, body. */
static void built(const vector *v)
{
    wxg_game_v2_request_options options = WXG_GAME_V2_REQUEST_OPTIONS_INIT;
    wxg_request_view view = WXG_REQUEST_VIEW_INIT;
    wxg_request *request = NULL;
    wxg_error *error = POISON(wxg_error);
    char expected[400];

    options.call = call_number(v->call);
    options.environment = strcmp(v->environment, "sandbox") == 0 ? WXG_ENVIRONMENT_SANDBOX : WXG_ENVIRONMENT_PRODUCTION;
    options.coin_type = (uint32_t)number_of(v, "coin_type");
    options.offer_id = field_of(v, "offer_id");
    options.app_key = wxg_cstr(v->app_key);
    options.access_token = wxg_cstr(VECTOR_ACCESS_TOKEN);
    options.session_key = wxg_cstr(VECTOR_SESSION_KEY);
    options.openid = field_of(v, "openid");
    options.zone_id = field_of(v, "zone_id");
    options.bill_no = field_of(v, "bill_no");
    options.refund_bill_no = field_of(v, "refund_bill_no");
    options.out_trade_no = field_of(v, "out_trade_no");
    options.pay_item = field_of(v, "pay_item");
    options.app_remark = field_of(v, "app_remark");
    options.user_ip = field_of(v, "user_ip");
    options.amount = number_of(v, "amount");
    options.ts = number_of(v, "ts");
    options.biz_id = (uint32_t)number_of(v, "biz_id");

    CHECK_OK(wxg_game_v2_build(&options, &request, &error));
    CHECK(error == NULL);
    CHECK_OK(wxg_request_read(request, &view));
    CHECK_TEXT(view.method, "POST");
    CHECK_TEXT(view.content_type, "application/json");
    snprintf(expected, sizeof(expected), "%s?access_token=%s&signature=%s&sig_method=hmac_sha256&pay_sig=%s", v->path,
             VECTOR_ACCESS_TOKEN, v->signature, v->pay_sig);
    CHECK_TEXT(view.path_and_query, expected);
    CHECK_TEXT(view.body, v->body);
    CHECK(view.body.data[view.body.len] == '\0');
    wxg_request_free(request);

    /* What signing alone makes of the same bytes. */
    check_pay_sig(v->path, v->body, v->app_key, v->pay_sig);
    check_signature(v->body, VECTOR_SESSION_KEY, v->signature);
}

static void nothing_else_is_signed(void)
{
    static const char *const bad_paths[] = {"", "wxa/game/pay", "//wxa/game/pay", "https://api.weixin.qq.com/wxa/game/pay",
                                            "/wxa/game/pay?a=1", "/wxa/game/pay ", "a-name", "a name", "a.name", "\xe9\x92\xbb"};
    wxg_str path = WXG_STR("/wxa/game/pay"), body = WXG_STR("{}"), key = WXG_STR("key"), blank = WXG_STR("k y");
    wxg_str none = WXG_STR(""), broken = WXG_STR("\xff"), name = WXG_STR("requestMidasPaymentGameItem");
    char made[WXG_SIGNATURE_SIZE];
    wxg_text *text = POISON(wxg_text);
    size_t i;

    for (i = 0; i < COUNT(bad_paths); i++) {
        wxg_str bad = wxg_cstr(bad_paths[i]);
        memset(made, 0x5a, sizeof(made));
        INVALID(wxg_sign_game_v2(&bad, &body, &key, made, &error), "path", "requestMidasPaymentGameItem");
        CHECK(made[0] == '\0' && memcmp(made, made + 1, sizeof(made) - 1) == 0);
        INVALID(wxg_sign_game_v2_explain(&bad, &body, &text, &error), "path", "requestMidasPaymentGameItem");
        CHECK(text == NULL);
    }
    INVALID(wxg_sign_game_v2(&path, &none, &key, made, &error), "body", "empty");
    INVALID(wxg_sign_game_v2(&path, &broken, &key, made, &error), "body", "UTF-8");
    INVALID(wxg_sign_game_v2(&path, &body, &none, made, &error), "app_key", "512");
    INVALID(wxg_sign_game_v2(&path, &body, &blank, made, &error), "app_key", "blanks");
    INVALID(wxg_sign_game_v2_signature(&none, &key, made, &error), "body", "empty");
    INVALID(wxg_sign_game_v2_signature(&body, &none, made, &error), "session_key", "empty");
    INVALID(wxg_sign_game_v2_explain(&path, &none, &text, &error), "body", "empty");
    CHECK_OK(wxg_sign_game_v2(&path, &body, &key, made, NULL));
    CHECK_OK(wxg_sign_game_v2(&name, &body, &key, made, NULL));
}

static wxg_game_v2_request_options options_of(uint32_t call)
{
    wxg_game_v2_request_options options = WXG_GAME_V2_REQUEST_OPTIONS_INIT;
    options.call = call;
    options.offer_id = WXG_STR("12345678");
    options.app_key = WXG_STR("key");
    options.access_token = WXG_STR("token");
    options.session_key = WXG_STR("c2Vzc2lvbg==");
    options.openid = WXG_STR("o1");
    options.zone_id = WXG_STR("1");
    options.ts = 1668136271;
    if (call == WXG_CALL_PAY || call == WXG_CALL_PRESENT || call == WXG_CALL_CANCEL_PAY) {
        options.bill_no = WXG_STR("b1");
        options.amount = 1;
    }
    if (call == WXG_CALL_CANCEL_PAY)
        options.refund_bill_no = WXG_STR("r1");
    if (call == WXG_CALL_QUERY_ORDER) {
        options.out_trade_no = WXG_STR("t1");
        options.biz_id = WXG_BIZ_ITEM;
    }
    return options;
}

static void no_bad_request_is_made(void)
{
    static const uint32_t calls[] = {WXG_CALL_PAY, WXG_CALL_PRESENT, WXG_CALL_GET_BALANCE, WXG_CALL_CANCEL_PAY, WXG_CALL_QUERY_ORDER};
    wxg_game_v2_request_options options;
    wxg_request *request = POISON(wxg_request);
    size_t i;

#define BUILD_REFUSES(of, change, field, rule)                                                     \
    do {                                                                                           \
        options = options_of(of);                                                                  \
        change;                                                                                    \
        request = POISON(wxg_request);                                                             \
        INVALID(wxg_game_v2_build(&options, &request, &error), field, rule);                       \
        CHECK(request == NULL);                                                                    \
    } while (0)
    for (i = 0; i < COUNT(calls); i++) {
        uint32_t call = calls[i];
        int numbered = call != WXG_CALL_GET_BALANCE && call != WXG_CALL_QUERY_ORDER;
        options = options_of(call);
        CHECK_OK(wxg_game_v2_build(&options, &request, NULL));
        wxg_request_free(request);

        BUILD_REFUSES(call, options.environment = 2, "environment", "sandbox");
        BUILD_REFUSES(call, options.offer_id = WXG_STR(""), "offer_id", "empty");
        BUILD_REFUSES(call, options.app_key = WXG_STR("a b"), "app_key", "blanks");
        BUILD_REFUSES(call, options.access_token = WXG_STR("a%20b"), "access_token", "percent");
        BUILD_REFUSES(call, options.session_key = WXG_STR(""), "session_key", "empty");
        BUILD_REFUSES(call, options.openid = WXG_STR("o 1"), "openid", "128");
        BUILD_REFUSES(call, options.zone_id = WXG_STR(""), "zone_id", "empty");
        BUILD_REFUSES(call, options.user_ip = WXG_STR("127.0.0.1"), "user_ip", "public");
        BUILD_REFUSES(call, options.ts = 1668136271000, "ts", "milliseconds");
        /* What a call has is needed, what it has not is not taken. */
        BUILD_REFUSES(call, options.bill_no = numbered ? WXG_STR("") : WXG_STR("b1"), "bill_no", numbered ? "empty" : "leave it out");
        BUILD_REFUSES(call, options.amount = numbered ? 0 : 1, "amount", numbered ? "1 to 2^53" : "leave it out");
        if (call == WXG_CALL_CANCEL_PAY) {
            BUILD_REFUSES(call, options.refund_bill_no = WXG_STR(""), "refund_bill_no", "empty");
            BUILD_REFUSES(call, options.refund_bill_no = WXG_STR("b1"), "refund_bill_no", "of its own");
        } else {
            BUILD_REFUSES(call, options.refund_bill_no = WXG_STR("r1"), "refund_bill_no", "leave it out");
        }
        if (call == WXG_CALL_QUERY_ORDER) {
            BUILD_REFUSES(call, options.out_trade_no = WXG_STR(""), "out_trade_no", "empty");
            BUILD_REFUSES(call, options.biz_id = 0, "biz_id", "WXG_BIZ_COINS");
            BUILD_REFUSES(call, options.biz_id = 3, "biz_id", "WXG_BIZ_COINS");
        } else {
            BUILD_REFUSES(call, options.out_trade_no = WXG_STR("t1"), "out_trade_no", "leave it out");
            BUILD_REFUSES(call, options.biz_id = WXG_BIZ_COINS, "biz_id", "leave it out");
        }
        if (call == WXG_CALL_PAY) {
            BUILD_REFUSES(call, options.pay_item = WXG_STR("\n"), "pay_item", "control");
        } else {
            BUILD_REFUSES(call, options.pay_item = WXG_STR("i"), "pay_item", "leave it out");
            BUILD_REFUSES(call, options.app_remark = WXG_STR("r"), "app_remark", "leave it out");
        }
        if (call == WXG_CALL_GET_BALANCE) {
            BUILD_REFUSES(call, options.coin_type = 2, "coin_type", "WXG_COIN_TYPE");
            BUILD_REFUSES(call, (options.coin_type = WXG_COIN_TYPE_RECHARGE_CENTRE, options.zone_id = WXG_STR("2")), "zone_id", "`1`");
        } else {
            BUILD_REFUSES(call, options.coin_type = WXG_COIN_TYPE_RECHARGE_CENTRE, "coin_type", "leave it out");
        }
    }
    for (i = 0; i < 10; i++)
        if (i == 0 || (i > WXG_CALL_CANCEL_PAY && i != WXG_CALL_QUERY_ORDER))
            BUILD_REFUSES(WXG_CALL_PAY, options.call = (uint32_t)i, "call", "_QUERY_ORDER");
}

static void answers(void)
{
    static const struct {
        uint32_t call;
        const char *body;
        uint32_t class, outcome, reason;
        int32_t errcode;
        uint32_t has;
        int64_t balance;
    } table[] = {
        {WXG_CALL_PAY, "{\"errcode\":0,\"bill_no\":\"b1\",\"balance\":7,\"used_present_amount\":2}", WXG_CLASS_DONE, WXG_OUTCOME_DONE,
         WXG_REASON_NONE, 0, WXG_HAS_BALANCE | WXG_HAS_USED_GEN_AMT, 7},
        {WXG_CALL_PAY, "{\"errcode\":-1}", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, -1, 0, 0},
        {WXG_CALL_PAY, "{\"errcode\":90013}", WXG_CLASS_REFUSED, WXG_OUTCOME_REJECTED, WXG_REASON_BALANCE_TOO_LOW, 90013, 0, 0},
        {WXG_CALL_PAY, "{\"errcode\":90012}", WXG_CLASS_DUPLICATE, WXG_OUTCOME_NEEDS_REVIEW, WXG_REASON_DUPLICATE, 90012, 0, 0},
        {WXG_CALL_PAY, "{\"errcode\":90010}", WXG_CLASS_SESSION, WXG_OUTCOME_REJECTED, WXG_REASON_SESSION, 90010, 0, 0},
        {WXG_CALL_PAY, "{\"errcode\":90016}", WXG_CLASS_SESSION, WXG_OUTCOME_REJECTED, WXG_REASON_SESSION, 90016, 0, 0},
        {WXG_CALL_PAY, "{\"errcode\":42001}", WXG_CLASS_TOKEN, WXG_OUTCOME_REJECTED, WXG_REASON_CREDENTIAL, 42001, 0, 0},
        {WXG_CALL_PAY, "{\"errcode\":90011}", WXG_CLASS_CONFIGURATION, WXG_OUTCOME_REJECTED, WXG_REASON_CONFIGURATION, 90011, 0, 0},
        {WXG_CALL_PAY, "{\"errcode\":90000}", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, 90000, 0, 0},
        {WXG_CALL_PAY, "{\"errcode\":0,\"bill_no\":\"r1\"}", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, 0, 0, 0},
        {WXG_CALL_PAY, "<html>", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, 0, 0, 0},
        /* No page tells which of its two numbers cancelPay repeats. */
        {WXG_CALL_CANCEL_PAY, "{\"errcode\":0,\"bill_no\":\"b1\"}", WXG_CLASS_DONE, WXG_OUTCOME_DONE, WXG_REASON_NONE, 0, 0, 0},
        {WXG_CALL_CANCEL_PAY, "{\"errcode\":0,\"bill_no\":\"r1\"}", WXG_CLASS_DONE, WXG_OUTCOME_DONE, WXG_REASON_NONE, 0, 0, 0},
        {WXG_CALL_CANCEL_PAY, "{\"errcode\":0,\"bill_no\":\"b2\"}", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, 0, 0, 0},
        {WXG_CALL_CANCEL_PAY, "{\"errcode\":90000}", WXG_CLASS_DONE, WXG_OUTCOME_DONE, WXG_REASON_NONE, 90000, 0, 0},
        {WXG_CALL_CANCEL_PAY, "{\"errcode\":90012}", WXG_CLASS_DUPLICATE, WXG_OUTCOME_NEEDS_REVIEW, WXG_REASON_DUPLICATE, 90012, 0, 0},
        {WXG_CALL_PRESENT, "{\"errcode\":0,\"balance\":3}", WXG_CLASS_DONE, WXG_OUTCOME_DONE, WXG_REASON_NONE, 0, WXG_HAS_BALANCE, 3},
        {WXG_CALL_PRESENT, "{\"errcode\":90013}", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, 90013, 0, 0},
        {WXG_CALL_GET_BALANCE, "{\"errcode\":0}", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, 0, 0, 0},
        {WXG_CALL_GET_BALANCE, "{\"errcode\":90017}", WXG_CLASS_CONFIGURATION, WXG_OUTCOME_REJECTED, WXG_REASON_CONFIGURATION, 90017, 0, 0},
        /* WeChat told: whether it is paid is another question. */
        {WXG_CALL_QUERY_ORDER, "{\"errcode\":0,\"out_trade_no\":\"t1\",\"pay_state\":1,\"pay_finish_time\":5}", WXG_CLASS_DONE, WXG_OUTCOME_DONE,
         WXG_REASON_NONE, 0, 0, 0},
        {WXG_CALL_QUERY_ORDER, "{\"errcode\":90019}", WXG_CLASS_REFUSED, WXG_OUTCOME_REJECTED, WXG_REASON_ORDER_UNKNOWN, 90019, 0, 0},
        {WXG_CALL_QUERY_ORDER, "{\"errcode\":-1}", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, -1, 0, 0},
        {WXG_CALL_QUERY_ORDER, "{\"errcode\":90016}", WXG_CLASS_SESSION, WXG_OUTCOME_REJECTED, WXG_REASON_SESSION, 90016, 0, 0},
        {WXG_CALL_QUERY_ORDER, "{\"errcode\":45009}", WXG_CLASS_QUOTA, WXG_OUTCOME_REJECTED, WXG_REASON_CREDENTIAL, 45009, 0, 0},
        {WXG_CALL_QUERY_ORDER, "{\"errcode\":0,\"out_trade_no\":\"t2\",\"pay_state\":2}", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN,
         WXG_REASON_NONE, 0, 0, 0},
        {WXG_CALL_QUERY_ORDER, "{\"errcode\":0,\"pay_state\":3}", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, 0, 0, 0},
    };
    wxg_completion *completion = NULL;
    wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
    wxg_game_v2_reply_options reply = WXG_GAME_V2_REPLY_OPTIONS_INIT;
    wxg_error *error = POISON(wxg_error);
    size_t i;

    for (i = 0; i < COUNT(table); i++) {
        const char *number = "";
        reply = WXG_GAME_V2_REPLY_OPTIONS_INIT;
        reply.call = table[i].call;
        reply.http_status = 200;
        reply.body = wxg_cstr(table[i].body);
        if (table[i].call == WXG_CALL_QUERY_ORDER)
            reply.out_trade_no = wxg_cstr(number = "t1");
        else if (table[i].call != WXG_CALL_GET_BALANCE)
            reply.bill_no = wxg_cstr(number = "b1");
        if (table[i].call == WXG_CALL_CANCEL_PAY)
            reply.refund_bill_no = WXG_STR("r1");
        CHECK_OK(wxg_game_v2_parse(&reply, &completion, &error));
        CHECK(error == NULL);
        view = read_completion(completion);
        if (view.errcode_class != table[i].class || view.outcome != table[i].outcome || view.reason != table[i].reason
            || view.errcode != table[i].errcode || view.has != table[i].has || view.balance != table[i].balance)
            failed(__FILE__, __LINE__, "answer %zu %s: class %u outcome %u reason %u errcode %d has %u balance %lld", i, table[i].body,
                   view.errcode_class, view.outcome, view.reason, view.errcode, view.has, (long long)view.balance);
        CHECK_TEXT(view.bill_no, number);
        CHECK_TEXT(view.refund_bill_no, table[i].call == WXG_CALL_CANCEL_PAY ? "r1" : "");
        CHECK_INT(view.status, WXG_OK);
        CHECK_INT(view.delivery_id, 0);
        wxg_completion_free(completion);

        /* Of no call does an answer say anything that came with another HTTP status. */
        reply.http_status = 502;
        CHECK_OK(wxg_game_v2_parse(&reply, &completion, NULL));
        CHECK_OK(wxg_completion_read(completion, &view));
        CHECK_INT(view.outcome, WXG_OUTCOME_UNKNOWN);
        CHECK_INT(view.errcode_class, WXG_CLASS_UNKNOWN);
        CHECK_HOLDS(view.errmsg, "HTTP status 502");
        wxg_completion_free(completion);
    }
}

static void what_an_answer_tells(void)
{
    wxg_completion *completion = NULL;
    wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
    wxg_game_v2_reply_options reply = WXG_GAME_V2_REPLY_OPTIONS_INIT;

    reply.call = WXG_CALL_GET_BALANCE;
    reply.http_status = 200;
    reply.body = WXG_STR("{\"errcode\":0,\"balance\":10,\"present_balance\":4,\"first_save\":true,\"sum_save\":6,\"sum_balance\":7,"
                         "\"sum_cost\":8,\"sum_present\":9}");
    CHECK_OK(wxg_game_v2_parse(&reply, &completion, NULL));
    CHECK_OK(wxg_completion_read(completion, &view));
    CHECK_INT(view.kind, WXG_KIND_GET_BALANCE);
    CHECK_INT(view.balance, 10);
    CHECK_INT(view.gen_balance, 4);
    CHECK_INT(view.save_amt, 6);
    CHECK_INT(view.save_sum, 7);
    CHECK_INT(view.cost_sum, 8);
    CHECK_INT(view.present_sum, 9);
    CHECK_INT(view.first_save, 1);
    CHECK_INT(view.has, WXG_HAS_BALANCE | WXG_HAS_GEN_BALANCE | WXG_HAS_SAVE_AMT | WXG_HAS_SAVE_SUM | WXG_HAS_COST_SUM
                            | WXG_HAS_PRESENT_SUM | WXG_HAS_FIRST_SAVE);
    wxg_completion_free(completion);

    reply.call = WXG_CALL_QUERY_ORDER;
    reply.out_trade_no = WXG_STR("t1");
    reply.body = WXG_STR("{\"errcode\":0,\"out_trade_no\":\"t1\",\"product_id\":\"p1\",\"pay_state\":2,\"deliver_state\":1,"
                         "\"pay_finish_time\":1668136271,\"mch_order_no\":\"m1\",\"transaction_id\":\"x1\"}");
    CHECK_OK(wxg_game_v2_parse(&reply, &completion, NULL));
    CHECK_OK(wxg_completion_read(completion, &view));
    CHECK_INT(view.kind, WXG_KIND_QUERY_ORDER);
    CHECK_INT(view.pay_state, 2);
    CHECK_INT(view.deliver_state, 1);
    CHECK_INT(view.pay_finish_time, 1668136271);
    CHECK_TEXT(view.out_trade_no, "t1");
    CHECK_TEXT(view.pay_item, "p1");
    CHECK_TEXT(view.mch_order_no, "m1");
    CHECK_TEXT(view.transaction_id, "x1");
    wxg_completion_free(completion);

    reply.body = WXG_STR("{\"errcode\":0,\"pay_state\":1}");
    CHECK_OK(wxg_game_v2_parse(&reply, &completion, NULL));
    CHECK_OK(wxg_completion_read(completion, &view));
    CHECK_INT(view.pay_state, 1);
    CHECK_INT(view.deliver_state, 0);
    wxg_completion_free(completion);

    /* What did not tell has no state. */
    reply.body = WXG_STR("{\"errcode\":90019,\"pay_state\":2}");
    CHECK_OK(wxg_game_v2_parse(&reply, &completion, NULL));
    CHECK_OK(wxg_completion_read(completion, &view));
    CHECK_INT(view.pay_state, 0);
    wxg_completion_free(completion);

    /* Not UTF-8 is a body like any other that cannot be read. */
    reply.body.data = "\xff\xfe\x00";
    reply.body.len = 3;
    CHECK_OK(wxg_game_v2_parse(&reply, &completion, NULL));
    CHECK_OK(wxg_completion_read(completion, &view));
    CHECK_INT(view.outcome, WXG_OUTCOME_UNKNOWN);
    wxg_completion_free(completion);

    reply.out_trade_no = WXG_STR("");
    completion = POISON(wxg_completion);
    reply.http_status = 99;
    INVALID(wxg_game_v2_parse(&reply, &completion, &error), "http_status", "100 to 599");
    CHECK(completion == NULL);
    reply.http_status = 65736; /* 200 in its low 16 bits */
    INVALID(wxg_game_v2_parse(&reply, &completion, &error), "http_status", "100 to 599");
    reply.http_status = 200;
    reply.call = WXG_CALL_LOGIN;
    INVALID(wxg_game_v2_parse(&reply, &completion, &error), "call", "_QUERY_ORDER");
    reply.call = WXG_CALL_PAY;
    reply.out_trade_no = WXG_STR("t1");
    INVALID(wxg_game_v2_parse(&reply, &completion, &error), "out_trade_no", "leave it out");
    reply.out_trade_no = WXG_STR("");
    reply.refund_bill_no = WXG_STR("r1");
    INVALID(wxg_game_v2_parse(&reply, &completion, &error), "refund_bill_no", "leave it out");
    reply.refund_bill_no = WXG_STR("");
    reply.call = WXG_CALL_QUERY_ORDER;
    reply.bill_no = WXG_STR("b1");
    INVALID(wxg_game_v2_parse(&reply, &completion, &error), "bill_no", "leave it out");
}

int main(void)
{
    size_t i, pay_sigs = 0;
    CHECK(COUNT(SIGNED) >= 5);
    for (i = 0; i < COUNT(SIGNED); i++) {
        check_signature(SIGNED[i].body, SIGNED[i].session_key, SIGNED[i].signature);
        if (SIGNED[i].app_key != NULL) {
            check_pay_sig(SIGNED[i].path, SIGNED[i].body, SIGNED[i].app_key, SIGNED[i].pay_sig);
            pay_sigs += 1;
        }
    }
    CHECK(pay_sigs >= 4);
    CHECK(COUNT(VECTORS) >= 11);
    for (i = 0; i < COUNT(VECTORS); i++)
        built(&VECTORS[i]);
    nothing_else_is_signed();
    no_bad_request_is_made();
    answers();
    what_an_answer_tells();
    ok("game_v2");
    return 0;
}
