/* NULL in every slot of every function: the documented status, outputs cleared, nothing done, nothing consumed. */
#include "pictures.h"

/* Twice: with a place for the error, which must name the slot, and without one. */
#define REFUSES_NULL(slot, call)                                                                   \
    do {                                                                                           \
        wxg_error *set = POISON(wxg_error), **place = &set;                                        \
        CHECK_STATUS(call, WXG_ERR_NULL_ARGUMENT);                                                 \
        CHECK_ERROR(set, WXG_ERR_NULL_ARGUMENT, slot, "NULL");                                     \
        place = NULL;                                                                              \
        CHECK_STATUS(call, WXG_ERR_NULL_ARGUMENT);                                                 \
    } while (0)

static int is_zero(const void *bytes, size_t from, size_t to)
{
    const unsigned char *byte = (const unsigned char *)bytes;
    size_t i;
    for (i = from; i < to; i++)
        if (byte[i] != 0)
            return 0;
    return 1;
}

/* A view full of rubbish, but for its size. */
#define DIRTY(type, view)                                                                          \
    type view;                                                                                     \
    memset(&view, 0x5a, sizeof(view));                                                             \
    view.struct_size = (uint32_t)sizeof(view)
#define CHECK_CLEARED(view)                                                                        \
    do {                                                                                           \
        CHECK_INT((view).struct_size, sizeof(view));                                               \
        CHECK(is_zero(&(view), sizeof(uint32_t), sizeof(view)));                                   \
    } while (0)

static void errors(void)
{
    wxg_str text = WXG_STR("rubbish");
    wxg_error *error = NULL;

    CHECK_STATUS(wxg_error_status(NULL), WXG_ERR_NULL_ARGUMENT);
    CHECK_STATUS(wxg_error_field(NULL, &text), WXG_ERR_NULL_ARGUMENT);
    CHECK_TEXT(text, "");
    text = WXG_STR("rubbish");
    CHECK_STATUS(wxg_error_message(NULL, &text), WXG_ERR_NULL_ARGUMENT);
    CHECK_TEXT(text, "");
    CHECK_STATUS(wxg_error_field(NULL, NULL), WXG_ERR_NULL_ARGUMENT);
    CHECK_STATUS(wxg_error_message(NULL, NULL), WXG_ERR_NULL_ARGUMENT);

    CHECK_STATUS(wxg_bill_no_new(NULL, &error), WXG_ERR_NULL_ARGUMENT);
    CHECK(error != NULL);
    CHECK_STATUS(wxg_error_field(error, NULL), WXG_ERR_NULL_ARGUMENT);
    CHECK_STATUS(wxg_error_message(error, NULL), WXG_ERR_NULL_ARGUMENT);
    CHECK_STATUS(wxg_error_status(error), WXG_ERR_NULL_ARGUMENT);
    wxg_error_free(error);
    wxg_error_free(NULL);
}

static void without_handle(void)
{
    char bill_no[WXG_BILL_NO_SIZE];
    wxg_error *error = POISON(wxg_error);

    REFUSES_NULL("out_bill_no", wxg_bill_no_new(NULL, place));
    CHECK_OK(wxg_bill_no_new(bill_no, NULL));
    CHECK_OK(wxg_bill_no_new(bill_no, &error));
    CHECK(error == NULL);
    CHECK_INT(strlen(bill_no), WXG_BILL_NO_SIZE - 1);

    CHECK(strcmp(wxg_status_text(WXG_ERR_CLOSED), "WXG_ERR_CLOSED") == 0);
    CHECK(strcmp(wxg_status_text(123456), "WXG_ERR_UNKNOWN_STATUS") == 0);
    CHECK(strcmp(wxg_version(), WXG_VERSION) == 0);
    CHECK_INT(wxg_abi_version(), WXG_ABI_VERSION);

    CHECK_STATUS(wxg_errcode_help(WXG_GENERATION_V1, WXG_CALL_PAY, 0, NULL), WXG_ERR_NULL_ARGUMENT);
}

static void signing(void)
{
    wxg_str path = WXG_STR("/cgi-bin/midas/pay"), key = WXG_STR("key"), broken = {NULL, 3};
    wxg_field fields[2] = {{WXG_STR("a"), WXG_STR("b")}, {WXG_STR("c"), WXG_STR("d")}};
    wxg_field mp_fields[2] = {{WXG_STR("access_token"), WXG_STR("t")}, {WXG_STR("sig"), WXG_STR("s")}};
    char signature[WXG_SIGNATURE_SIZE];
    wxg_text *text = POISON(wxg_text);
    size_t len = 99;

#define SIGNATURE_CLEARED()                                                                        \
    do {                                                                                           \
        CHECK(is_zero(signature, 0, sizeof(signature)));                                           \
        memset(signature, 0x5a, sizeof(signature));                                                \
    } while (0)
    memset(signature, 0x5a, sizeof(signature));
    REFUSES_NULL("path", wxg_sign_midas_v1(NULL, fields, 2, &key, signature, place));
    SIGNATURE_CLEARED();
    REFUSES_NULL("fields", wxg_sign_midas_v1(&path, NULL, 2, &key, signature, place));
    SIGNATURE_CLEARED();
    REFUSES_NULL("app_key", wxg_sign_midas_v1(&path, fields, 2, NULL, signature, place));
    SIGNATURE_CLEARED();
    REFUSES_NULL("out_signature", wxg_sign_midas_v1(&path, fields, 2, &key, NULL, place));
    REFUSES_NULL("path", wxg_sign_midas_v1(&broken, fields, 2, &key, signature, place));
    REFUSES_NULL("app_key", wxg_sign_midas_v1(&path, fields, 2, &broken, signature, place));
    CHECK_OK(wxg_sign_midas_v1(&path, fields, 2, &key, signature, NULL));

    memset(signature, 0x5a, sizeof(signature));
    REFUSES_NULL("path", wxg_sign_midas_v1_mp_sig(NULL, mp_fields, 2, &key, signature, place));
    SIGNATURE_CLEARED();
    REFUSES_NULL("fields", wxg_sign_midas_v1_mp_sig(&path, NULL, 2, &key, signature, place));
    SIGNATURE_CLEARED();
    REFUSES_NULL("session_key", wxg_sign_midas_v1_mp_sig(&path, mp_fields, 2, NULL, signature, place));
    SIGNATURE_CLEARED();
    REFUSES_NULL("out_signature", wxg_sign_midas_v1_mp_sig(&path, mp_fields, 2, &key, NULL, place));
    CHECK_OK(wxg_sign_midas_v1_mp_sig(&path, mp_fields, 2, &key, signature, NULL));

    REFUSES_NULL("path", wxg_sign_explain(NULL, fields, 2, &text, place));
    CHECK(text == NULL);
    text = POISON(wxg_text);
    REFUSES_NULL("fields", wxg_sign_explain(&path, NULL, 2, &text, place));
    CHECK(text == NULL);
    REFUSES_NULL("out_text", wxg_sign_explain(&path, fields, 2, NULL, place));
    fields[1].value = broken;
    text = POISON(wxg_text);
    REFUSES_NULL("fields", wxg_sign_explain(&path, fields, 2, &text, place));
    CHECK(text == NULL);
    CHECK_OK(wxg_sign_explain(&path, fields, 1, &text, NULL));

    CHECK(wxg_text_read(text, NULL) != NULL);
    CHECK(wxg_text_read(text, &len) != NULL && len > 0);
    len = 99;
    CHECK(wxg_text_read(NULL, &len) == NULL && len == 0);
    CHECK(wxg_text_read(NULL, NULL) == NULL);
    wxg_text_free(text);
    wxg_text_free(NULL);
}

static void signing_v2(void)
{
    wxg_str path = WXG_STR("/wxa/game/pay"), body = WXG_STR("{}"), key = WXG_STR("key"), broken = {NULL, 3};
    char signature[WXG_SIGNATURE_SIZE];
    wxg_text *text = POISON(wxg_text);

    memset(signature, 0x5a, sizeof(signature));
    REFUSES_NULL("path", wxg_sign_game_v2(NULL, &body, &key, signature, place));
    SIGNATURE_CLEARED();
    REFUSES_NULL("body", wxg_sign_game_v2(&path, NULL, &key, signature, place));
    SIGNATURE_CLEARED();
    REFUSES_NULL("app_key", wxg_sign_game_v2(&path, &body, NULL, signature, place));
    SIGNATURE_CLEARED();
    REFUSES_NULL("out_signature", wxg_sign_game_v2(&path, &body, &key, NULL, place));
    REFUSES_NULL("path", wxg_sign_game_v2(&broken, &body, &key, signature, place));
    REFUSES_NULL("body", wxg_sign_game_v2(&path, &broken, &key, signature, place));
    REFUSES_NULL("app_key", wxg_sign_game_v2(&path, &body, &broken, signature, place));
    CHECK_OK(wxg_sign_game_v2(&path, &body, &key, signature, NULL));

    memset(signature, 0x5a, sizeof(signature));
    REFUSES_NULL("body", wxg_sign_game_v2_signature(NULL, &key, signature, place));
    SIGNATURE_CLEARED();
    REFUSES_NULL("session_key", wxg_sign_game_v2_signature(&body, NULL, signature, place));
    SIGNATURE_CLEARED();
    REFUSES_NULL("out_signature", wxg_sign_game_v2_signature(&body, &key, NULL, place));
    CHECK_OK(wxg_sign_game_v2_signature(&body, &key, signature, NULL));

    REFUSES_NULL("path", wxg_sign_game_v2_explain(NULL, &body, &text, place));
    CHECK(text == NULL);
    text = POISON(wxg_text);
    REFUSES_NULL("body", wxg_sign_game_v2_explain(&path, NULL, &text, place));
    CHECK(text == NULL);
    REFUSES_NULL("out_text", wxg_sign_game_v2_explain(&path, &body, NULL, place));
    CHECK_OK(wxg_sign_game_v2_explain(&path, &body, &text, NULL));
    wxg_text_free(text);
}

static void building_v2(void)
{
    wxg_game_v2_request_options options = WXG_GAME_V2_REQUEST_OPTIONS_INIT;
    wxg_game_v2_reply_options reply = WXG_GAME_V2_REPLY_OPTIONS_INIT;
    wxg_request *request = POISON(wxg_request);
    wxg_completion *completion = POISON(wxg_completion);
    wxg_error *error = POISON(wxg_error);
    struct {
        const char *name;
        wxg_str *text;
    } texts[] = {
        {"offer_id", &options.offer_id},         {"app_key", &options.app_key},       {"access_token", &options.access_token},
        {"session_key", &options.session_key},   {"openid", &options.openid},         {"zone_id", &options.zone_id},
        {"bill_no", &options.bill_no},           {"pay_item", &options.pay_item},     {"refund_bill_no", &options.refund_bill_no},
        {"out_trade_no", &options.out_trade_no}, {"app_remark", &options.app_remark}, {"user_ip", &options.user_ip},
    };
    struct {
        const char *name;
        wxg_str *text;
    } told[] = {
        {"body", &reply.body},
        {"bill_no", &reply.bill_no},
        {"refund_bill_no", &reply.refund_bill_no},
        {"out_trade_no", &reply.out_trade_no},
    };
    size_t i;

    options.call = WXG_CALL_PAY;
    options.offer_id = WXG_STR("12345678");
    options.app_key = WXG_STR("key");
    options.access_token = WXG_STR("token");
    options.session_key = WXG_STR("c2Vzc2lvbg==");
    options.openid = WXG_STR("o1");
    options.zone_id = WXG_STR("1");
    options.bill_no = WXG_STR("b1");
    options.amount = 1;
    options.ts = 1668136271;

    REFUSES_NULL("options", wxg_game_v2_build(NULL, &request, place));
    CHECK(request == NULL);
    REFUSES_NULL("out_request", wxg_game_v2_build(&options, NULL, place));
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        wxg_str before = *texts[i].text;
        texts[i].text->data = NULL, texts[i].text->len = 1;
        request = POISON(wxg_request);
        REFUSES_NULL(texts[i].name, wxg_game_v2_build(&options, &request, place));
        CHECK(request == NULL);
        *texts[i].text = before;
    }
    CHECK_OK(wxg_game_v2_build(&options, &request, &error));
    CHECK(request != NULL && error == NULL);
    wxg_request_free(request);

    reply.call = WXG_CALL_CANCEL_PAY;
    reply.http_status = 200;
    reply.body = WXG_STR("{\"errcode\":0}");
    REFUSES_NULL("options", wxg_game_v2_parse(NULL, &completion, place));
    CHECK(completion == NULL);
    REFUSES_NULL("out_completion", wxg_game_v2_parse(&reply, NULL, place));
    for (i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        wxg_str before = *told[i].text;
        told[i].text->data = NULL, told[i].text->len = 1;
        completion = POISON(wxg_completion);
        REFUSES_NULL(told[i].name, wxg_game_v2_parse(&reply, &completion, place));
        CHECK(completion == NULL);
        *told[i].text = before;
    }
    error = POISON(wxg_error);
    CHECK_OK(wxg_game_v2_parse(&reply, &completion, &error));
    CHECK(completion != NULL && error == NULL);
    wxg_completion_free(completion);
}

static void building(void)
{
    wxg_midas_v1_request_options options = WXG_MIDAS_V1_REQUEST_OPTIONS_INIT;
    wxg_midas_v1_reply_options reply = WXG_MIDAS_V1_REPLY_OPTIONS_INIT;
    wxg_request *request = POISON(wxg_request);
    wxg_completion *completion = POISON(wxg_completion);
    wxg_error *error = POISON(wxg_error);
    DIRTY(wxg_request_view, request_view);
    DIRTY(wxg_completion_view, completion_view);
    DIRTY(wxg_goods_view, goods_view);
    wxg_str *texts[12];
    size_t i;

    options.call = WXG_CALL_PAY;
    options.appid = WXG_STR("wx1234567");
    options.offer_id = WXG_STR("12345678");
    options.app_key = WXG_STR("key");
    options.access_token = WXG_STR("token");
    options.session_key = WXG_STR("c2Vzc2lvbg==");
    options.openid = WXG_STR("o1");
    options.zone_id = WXG_STR("1");
    options.bill_no = WXG_STR("b1");
    options.amount = 1;
    options.ts = 1507530737;

    REFUSES_NULL("options", wxg_midas_v1_build(NULL, &request, place));
    CHECK(request == NULL);
    REFUSES_NULL("out_request", wxg_midas_v1_build(&options, NULL, place));
    texts[0] = &options.appid, texts[1] = &options.offer_id, texts[2] = &options.app_key, texts[3] = &options.pf;
    texts[4] = &options.access_token, texts[5] = &options.session_key, texts[6] = &options.openid;
    texts[7] = &options.zone_id, texts[8] = &options.bill_no, texts[9] = &options.pay_item;
    texts[10] = &options.app_remark, texts[11] = &options.user_ip;
    for (i = 0; i < 12; i++) {
        static const char *const names[12] = {"appid",       "offer_id", "app_key", "pf",      "access_token", "session_key",
                                              "openid",      "zone_id",  "bill_no", "pay_item", "app_remark",  "user_ip"};
        wxg_str before = *texts[i];
        texts[i]->data = NULL, texts[i]->len = 1;
        request = POISON(wxg_request);
        REFUSES_NULL(names[i], wxg_midas_v1_build(&options, &request, place));
        CHECK(request == NULL);
        *texts[i] = before;
    }
    CHECK_OK(wxg_midas_v1_build(&options, &request, &error));
    CHECK(request != NULL && error == NULL);

    CHECK_STATUS(wxg_request_read(NULL, &request_view), WXG_ERR_NULL_ARGUMENT);
    CHECK_CLEARED(request_view);
    CHECK_STATUS(wxg_request_read(request, NULL), WXG_ERR_NULL_ARGUMENT);
    CHECK_OK(wxg_request_read(request, &request_view));
    CHECK_TEXT(request_view.method, "POST");
    wxg_request_free(request);
    wxg_request_free(NULL);

    reply.call = WXG_CALL_PAY;
    reply.http_status = 200;
    reply.body = WXG_STR("{\"errcode\":0}");
    REFUSES_NULL("options", wxg_midas_v1_parse(NULL, &completion, place));
    CHECK(completion == NULL);
    REFUSES_NULL("out_completion", wxg_midas_v1_parse(&reply, NULL, place));
    reply.body.data = NULL;
    REFUSES_NULL("body", wxg_midas_v1_parse(&reply, &completion, place));
    reply.body.len = 0;
    reply.bill_no.len = 4;
    REFUSES_NULL("bill_no", wxg_midas_v1_parse(&reply, &completion, place));
    reply.bill_no.len = 0;
    /* An empty body that is NULL is a body: one that cannot be read. */
    CHECK_OK(wxg_midas_v1_parse(&reply, &completion, NULL));

    CHECK_STATUS(wxg_completion_read(NULL, &completion_view), WXG_ERR_NULL_ARGUMENT);
    CHECK_CLEARED(completion_view);
    CHECK_STATUS(wxg_completion_read(completion, NULL), WXG_ERR_NULL_ARGUMENT);
    CHECK_OK(wxg_completion_read(completion, &completion_view));
    CHECK_INT(completion_view.outcome, WXG_OUTCOME_UNKNOWN);
    CHECK_STATUS(wxg_completion_goods(NULL, 0, &goods_view), WXG_ERR_NULL_ARGUMENT);
    CHECK_CLEARED(goods_view);
    CHECK_STATUS(wxg_completion_goods(completion, 0, NULL), WXG_ERR_NULL_ARGUMENT);
    memset(&goods_view.num, 0x5a, sizeof(goods_view) - offsetof(wxg_goods_view, num));
    CHECK_STATUS(wxg_completion_goods(completion, 0, &goods_view), WXG_ERR_INVALID_ARGUMENT); /* it has none */
    CHECK_CLEARED(goods_view);
    wxg_completion_free(completion);
    wxg_completion_free(NULL);
}

static void opening(void)
{
    wxg_client_options options = test_options();
    wxg_client *client = POISON(wxg_client);
    struct {
        const char *name;
        wxg_str *text;
    } texts[] = {
        {"appid", &options.appid},
        {"app_secret", &options.app_secret},
        {"offer_id", &options.offer_id},
        {"app_key", &options.app_key},
        {"sandbox_app_key", &options.sandbox_app_key},
        {"pf", &options.pf},
        {"journal", &options.journal},
        {"base_url", &options.base_url},
        {"ca_file", &options.ca_file},
        {"proxy", &options.proxy},
        {"journal_key", &options.journal_key},
        {"previous_journal_key", &options.previous_journal_key},
        {"push_token", &options.push_token},
        {"push_aes_key", &options.push_aes_key},
    };
    size_t i;

    REFUSES_NULL("options", wxg_client_open(NULL, &client, place));
    CHECK(client == NULL);
    REFUSES_NULL("out_client", wxg_client_open(&options, NULL, place));
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        wxg_str before = *texts[i].text;
        texts[i].text->data = NULL, texts[i].text->len = 1;
        client = POISON(wxg_client);
        REFUSES_NULL(texts[i].name, wxg_client_open(&options, &client, place));
        CHECK(client == NULL);
        *texts[i].text = before;
    }
    wxg_client_free(NULL);
}

/* The calls: submit, and the twin that waits. */
#define CALL_REFUSES_NULL(name, options)                                                           \
    do {                                                                                           \
        wxg_completion *out = POISON(wxg_completion);                                              \
        REFUSES_NULL("client", wxg_client_submit_##name(NULL, options, place));                    \
        REFUSES_NULL("options", wxg_client_submit_##name(client, NULL, place));                    \
        REFUSES_NULL("client", wxg_client_##name(NULL, options, 0, &out, place));                  \
        CHECK(out == NULL);                                                                        \
        out = POISON(wxg_completion);                                                              \
        REFUSES_NULL("options", wxg_client_##name(client, NULL, 0, &out, place));                  \
        CHECK(out == NULL);                                                                        \
        REFUSES_NULL("out_completion", wxg_client_##name(client, options, 0, NULL, place));        \
    } while (0)

#define TEXT_REFUSES_NULL(name, options, field)                                                    \
    do {                                                                                           \
        wxg_str before = (options).field;                                                          \
        (options).field.data = NULL, (options).field.len = 1;                                      \
        REFUSES_NULL(#field, wxg_client_submit_##name(client, &(options), place));                 \
        (options).field = before;                                                                  \
    } while (0)

static void calls(wxg_client *client)
{
    wxg_pay_options pay = pay_of("b1", "o1", 1, 0);
    wxg_present_options present = WXG_PRESENT_OPTIONS_INIT;
    wxg_cancel_pay_options cancel = WXG_CANCEL_PAY_OPTIONS_INIT;
    wxg_get_balance_options balance = WXG_GET_BALANCE_OPTIONS_INIT;
    wxg_login_options login = WXG_LOGIN_OPTIONS_INIT;
    wxg_session_options session = WXG_SESSION_OPTIONS_INIT;
    present.bill_no = WXG_STR("b2");
    present.openid = WXG_STR("o1");
    present.zone_id = WXG_STR("1");
    present.amount = 1;
    cancel.bill_no = WXG_STR("b1");
    balance.openid = WXG_STR("o1");
    balance.zone_id = WXG_STR("1");
    login.js_code = WXG_STR("code");
    session.openid = WXG_STR("o1");

    CALL_REFUSES_NULL(pay, &pay);
    CALL_REFUSES_NULL(present, &present);
    CALL_REFUSES_NULL(cancel_pay, &cancel);
    CALL_REFUSES_NULL(get_balance, &balance);
    CALL_REFUSES_NULL(login, &login);
    CALL_REFUSES_NULL(check_session, &session);
    CALL_REFUSES_NULL(reset_session, &session);
    TEXT_REFUSES_NULL(pay, pay, bill_no);
    TEXT_REFUSES_NULL(pay, pay, openid);
    TEXT_REFUSES_NULL(pay, pay, zone_id);
    TEXT_REFUSES_NULL(pay, pay, pay_item);
    TEXT_REFUSES_NULL(pay, pay, app_remark);
    TEXT_REFUSES_NULL(pay, pay, user_ip);
    TEXT_REFUSES_NULL(pay, pay, host_data);
    TEXT_REFUSES_NULL(present, present, bill_no);
    TEXT_REFUSES_NULL(present, present, openid);
    TEXT_REFUSES_NULL(present, present, zone_id);
    TEXT_REFUSES_NULL(present, present, user_ip);
    TEXT_REFUSES_NULL(present, present, host_data);
    TEXT_REFUSES_NULL(cancel_pay, cancel, bill_no);
    TEXT_REFUSES_NULL(cancel_pay, cancel, refund_bill_no);
    TEXT_REFUSES_NULL(get_balance, balance, openid);
    TEXT_REFUSES_NULL(get_balance, balance, zone_id);
    TEXT_REFUSES_NULL(get_balance, balance, user_ip);
    TEXT_REFUSES_NULL(login, login, js_code);
    TEXT_REFUSES_NULL(check_session, session, openid);
    TEXT_REFUSES_NULL(reset_session, session, openid);
}

static void calls_v2(void)
{
    wxg_client *client = open_offline_v2();
    wxg_item_order_options item = item_order_of("t1", "o1", 0);
    wxg_query_order_options query = query_order_of(WXG_BIZ_ITEM, "t1", "o1", 0);

    CALL_REFUSES_NULL(item_order, &item);
    CALL_REFUSES_NULL(query_order, &query);
    TEXT_REFUSES_NULL(item_order, item, out_trade_no);
    TEXT_REFUSES_NULL(item_order, item, openid);
    TEXT_REFUSES_NULL(item_order, item, zone_id);
    TEXT_REFUSES_NULL(item_order, item, product_id);
    TEXT_REFUSES_NULL(item_order, item, attach);
    TEXT_REFUSES_NULL(item_order, item, platform);
    TEXT_REFUSES_NULL(item_order, item, host_data);
    TEXT_REFUSES_NULL(query_order, query, out_trade_no);
    TEXT_REFUSES_NULL(query_order, query, openid);
    TEXT_REFUSES_NULL(query_order, query, zone_id);
    TEXT_REFUSES_NULL(query_order, query, user_ip);
    CHECK_INT(stats_of(client).submitted, 0);
    wxg_client_free(client);
}

static void pushes(void)
{
    wxg_client *client = open_offline_v2();
    wxg_str query = WXG_STR(""), body = {NULL, 0}, broken = {NULL, 3};
    wxg_completion *out = POISON(wxg_completion);
    wxg_error *error = POISON(wxg_error);

    REFUSES_NULL("client", wxg_client_receive_push(NULL, &query, &body, 0, &out, place));
    CHECK(out == NULL);
    out = POISON(wxg_completion);
    REFUSES_NULL("query", wxg_client_receive_push(client, NULL, &body, 0, &out, place));
    CHECK(out == NULL);
    out = POISON(wxg_completion);
    REFUSES_NULL("query", wxg_client_receive_push(client, &broken, &body, 0, &out, place));
    CHECK(out == NULL);
    out = POISON(wxg_completion);
    REFUSES_NULL("body", wxg_client_receive_push(client, &query, NULL, 0, &out, place));
    CHECK(out == NULL);
    out = POISON(wxg_completion);
    REFUSES_NULL("body", wxg_client_receive_push(client, &query, &broken, 0, &out, place));
    CHECK(out == NULL);
    REFUSES_NULL("out_completion", wxg_client_receive_push(client, &query, &body, 0, NULL, place));
    /* Empty is no fault of the caller's: it is a push that proves nothing. */
    CHECK_OK(wxg_client_receive_push(client, &query, &body, 0, &out, &error));
    CHECK(error == NULL);
    CHECK_INT(read_completion(out).verdict, WXG_VERDICT_REFUSE);
    wxg_completion_free(out);
    wxg_client_free(client);
}

/* What an operator asks of one payment. */
#define OPERATOR_REFUSES_NULL(call, ...)                                                           \
    do {                                                                                           \
        wxg_str bill_no = WXG_STR("b1"), broken = {NULL, 3};                                       \
        wxg_completion *out = POISON(wxg_completion);                                              \
        REFUSES_NULL("client", call(NULL, &bill_no, __VA_ARGS__, &out, place));                    \
        CHECK(out == NULL);                                                                        \
        out = POISON(wxg_completion);                                                              \
        REFUSES_NULL("bill_no", call(client, NULL, __VA_ARGS__, &out, place));                     \
        CHECK(out == NULL);                                                                        \
        REFUSES_NULL("bill_no", call(client, &broken, __VA_ARGS__, &out, place));                  \
        REFUSES_NULL("out_completion", call(client, &bill_no, __VA_ARGS__, NULL, place));          \
        CHECK_OK(call(client, &bill_no, __VA_ARGS__, &out, NULL));                                 \
        wxg_completion_free(out);                                                                  \
    } while (0)

static void operators(wxg_client *client)
{
    wxg_completion *page[2];
    size_t count = 99;
    OPERATOR_REFUSES_NULL(wxg_client_payment, PATIENCE_MS);
    OPERATOR_REFUSES_NULL(wxg_client_settle, WXG_OUTCOME_DONE, PATIENCE_MS);
    OPERATOR_REFUSES_NULL(wxg_client_resume, PATIENCE_MS);
    REFUSES_NULL("client", wxg_client_list_unresolved(NULL, 0, PATIENCE_MS, page, 2, &count, place));
    CHECK_INT(count, 0);
    count = 99;
    REFUSES_NULL("out_completions", wxg_client_list_unresolved(client, 0, PATIENCE_MS, NULL, 2, &count, place));
    CHECK_INT(count, 0);
    REFUSES_NULL("out_count", wxg_client_list_unresolved(client, 0, PATIENCE_MS, page, 2, NULL, place));
    CHECK_OK(wxg_client_list_unresolved(client, 0, PATIENCE_MS, page, 2, &count, NULL));
    CHECK_INT(count, 0);
}

static void with_client(void)
{
    wxg_client *client = open_offline();
    wxg_str openid = WXG_STR("o1"), key = WXG_STR("c2Vzc2lvbg=="), broken = {NULL, 3};
    wxg_completion *completions[2];
    wxg_log_record *records[2];
    wxg_get_balance_options balance = WXG_GET_BALANCE_OPTIONS_INIT;
    wxg_error *error = POISON(wxg_error);
    wxg_completion_view view;
    size_t count = 99;
    int32_t fd = 99;
    DIRTY(wxg_stats, stats);
    DIRTY(wxg_log_record_view, record_view);

    calls(client);
    REFUSES_NULL("client", wxg_client_set_session(NULL, &openid, &key, place));
    REFUSES_NULL("openid", wxg_client_set_session(client, NULL, &key, place));
    REFUSES_NULL("openid", wxg_client_set_session(client, &broken, &key, place));
    REFUSES_NULL("session_key", wxg_client_set_session(client, &openid, NULL, place));
    REFUSES_NULL("session_key", wxg_client_set_session(client, &openid, &broken, place));
    REFUSES_NULL("client", wxg_client_forget_session(NULL, &openid, place));
    REFUSES_NULL("openid", wxg_client_forget_session(client, NULL, place));
    REFUSES_NULL("openid", wxg_client_forget_session(client, &broken, place));
    REFUSES_NULL("client", wxg_client_set_access_token(NULL, &key, 7200, place));
    REFUSES_NULL("access_token", wxg_client_set_access_token(client, NULL, 7200, place));
    REFUSES_NULL("access_token", wxg_client_set_access_token(client, &broken, 7200, place));
    REFUSES_NULL("client", wxg_client_set_app_key(NULL, &key, place));
    REFUSES_NULL("app_key", wxg_client_set_app_key(client, NULL, place));
    REFUSES_NULL("app_key", wxg_client_set_app_key(client, &broken, place));
    REFUSES_NULL("client", wxg_client_ack(NULL, 1, place));
    REFUSES_NULL("client", wxg_client_wake_fd(NULL, &fd, place));
    CHECK_INT(fd, -1);
    REFUSES_NULL("out_fd", wxg_client_wake_fd(client, NULL, place));
    CHECK_STATUS(wxg_client_close(NULL, 0), WXG_ERR_NULL_ARGUMENT);

    CHECK_STATUS(wxg_client_stats(NULL, &stats), WXG_ERR_NULL_ARGUMENT);
    CHECK_CLEARED(stats);
    CHECK_STATUS(wxg_client_stats(client, NULL), WXG_ERR_NULL_ARGUMENT);
    CHECK_OK(wxg_client_stats(client, &stats));
    CHECK_INT(stats.submitted, 0);

    /* A completion and a log record that are ready stay ready while polls are refused. */
    balance.openid = WXG_STR("o1");
    balance.zone_id = WXG_STR("1");
    balance.user_tag = 9;
    balance.deadline_ms = 1;
    CHECK_OK(wxg_client_submit_get_balance(client, &balance, &error));
    CHECK(error == NULL);
    AWAIT(stats_of(client).queue_depth == 1);
    CHECK_STATUS(wxg_client_poll(NULL, completions, 2, &count), WXG_ERR_NULL_ARGUMENT);
    CHECK_INT(count, 0);
    count = 99;
    CHECK_STATUS(wxg_client_poll(client, NULL, 2, &count), WXG_ERR_NULL_ARGUMENT);
    CHECK_INT(count, 0);
    CHECK_STATUS(wxg_client_poll(client, completions, 2, NULL), WXG_ERR_NULL_ARGUMENT);
    count = 99;
    CHECK_STATUS(wxg_client_wait(NULL, -1, completions, 2, &count), WXG_ERR_NULL_ARGUMENT);
    CHECK_INT(count, 0);
    count = 99;
    CHECK_STATUS(wxg_client_wait(client, -1, NULL, 2, &count), WXG_ERR_NULL_ARGUMENT);
    CHECK_INT(count, 0);
    CHECK_STATUS(wxg_client_wait(client, -1, completions, 2, NULL), WXG_ERR_NULL_ARGUMENT);
    CHECK_STATUS(wxg_client_poll(client, completions, 0, &count), WXG_ERR_INVALID_ARGUMENT);
    CHECK_STATUS(wxg_client_wait(client, -1, completions, 0, &count), WXG_ERR_INVALID_ARGUMENT);
    CHECK_INT(stats_of(client).queue_depth, 1);
    wxg_completion_free(expect(client, WXG_KIND_GET_BALANCE, 9, &view));
    expect_nothing(client);

    count = 99;
    CHECK_STATUS(wxg_client_poll_log(NULL, records, 2, &count), WXG_ERR_NULL_ARGUMENT);
    CHECK_INT(count, 0);
    count = 99;
    CHECK_STATUS(wxg_client_poll_log(client, NULL, 2, &count), WXG_ERR_NULL_ARGUMENT);
    CHECK_INT(count, 0);
    CHECK_STATUS(wxg_client_poll_log(client, records, 2, NULL), WXG_ERR_NULL_ARGUMENT);
    CHECK_STATUS(wxg_client_poll_log(client, records, 0, &count), WXG_ERR_INVALID_ARGUMENT);
    AWAIT(wxg_client_poll_log(client, records, 1, &count) == WXG_OK && count == 1);
    CHECK_STATUS(wxg_log_record_read(NULL, &record_view), WXG_ERR_NULL_ARGUMENT);
    CHECK_CLEARED(record_view);
    CHECK_STATUS(wxg_log_record_read(records[0], NULL), WXG_ERR_NULL_ARGUMENT);
    CHECK_OK(wxg_log_record_read(records[0], &record_view));
    wxg_log_record_free(records[0]);
    wxg_log_record_free(NULL);

    CHECK_STATUS(wxg_client_ack(client, 0, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "delivery_id", "0");
    error = POISON(wxg_error);
    CHECK_OK(wxg_client_set_session(client, &openid, &key, &error));
    CHECK(error == NULL);
    error = POISON(wxg_error);
    CHECK_OK(wxg_client_ack(client, 12345, &error));
    CHECK(error == NULL);
    error = POISON(wxg_error);
    CHECK_OK(wxg_client_wake_fd(client, &fd, &error));
    CHECK(error == NULL && fd >= 0);
    CHECK_INT(stats_of(client).submitted, 1);
    wxg_client_free(client);
}

/* ---- the album ---- */

static void opening_an_album(void)
{
    user someone = new_user("nulls-open");
    wxg_album_options options = album_options(&someone);
    wxg_album *album = POISON(wxg_album);
    struct {
        const char *name;
        wxg_str *text;
    } texts[] = {
        {"temp_path", &options.temp_path},
        {"user_data_path", &options.user_data_path},
        {"pictures_path", &options.pictures_path},
        {"folder", &options.folder},
    };
    size_t i;

    REFUSES_NULL("options", wxg_album_open(NULL, &album, place));
    CHECK(album == NULL);
    REFUSES_NULL("out_album", wxg_album_open(&options, NULL, place));
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        wxg_str before = *texts[i].text;
        texts[i].text->data = NULL, texts[i].text->len = 1;
        album = POISON(wxg_album);
        REFUSES_NULL(texts[i].name, wxg_album_open(&options, &album, place));
        CHECK(album == NULL);
        *texts[i].text = before;
    }
    wxg_album_free(NULL);
}

static void with_album(void)
{
    user someone = new_user("nulls");
    wxg_album *album = open_album(&someone);
    wxg_save_image_options save = WXG_SAVE_IMAGE_OPTIONS_INIT;
    wxg_str errmsg = WXG_STR("saveImageToPhotosAlbum:ok"), broken = {NULL, 3}, none = {NULL, 0};
    wxg_completion *completions[2];
    wxg_error *error = POISON(wxg_error);
    uint32_t value = 99;
    int32_t fd = 99;
    size_t count = 99;

    REFUSES_NULL("album", wxg_album_submit_save_image(NULL, &save, place));
    REFUSES_NULL("options", wxg_album_submit_save_image(album, NULL, place));
    save.file_path = broken;
    REFUSES_NULL("file_path", wxg_album_submit_save_image(album, &save, place));
    REFUSES_NULL("album", wxg_album_submit_authorize(NULL, 1, place));
    REFUSES_NULL("album", wxg_album_submit_open_setting(NULL, 1, place));
    REFUSES_NULL("album", wxg_album_answer_consent(NULL, WXG_CONSENT_GRANTED, place));
    REFUSES_NULL("album", wxg_album_answer_setting(NULL, WXG_CONSENT_GRANTED, place));
    REFUSES_NULL("album", wxg_album_get_setting(NULL, &value, place));
    CHECK_INT(value, 0);
    REFUSES_NULL("out_consent", wxg_album_get_setting(album, NULL, place));
    REFUSES_NULL("album", wxg_album_wake_fd(NULL, &fd, place));
    CHECK_INT(fd, -1);
    REFUSES_NULL("out_fd", wxg_album_wake_fd(album, NULL, place));
    CHECK_STATUS(wxg_album_close(NULL, 0), WXG_ERR_NULL_ARGUMENT);

    value = 99;
    CHECK_STATUS(wxg_album_errmsg_class(NULL, &value), WXG_ERR_NULL_ARGUMENT);
    CHECK_INT(value, 0);
    value = 99;
    CHECK_STATUS(wxg_album_errmsg_class(&broken, &value), WXG_ERR_NULL_ARGUMENT);
    CHECK_INT(value, 0);
    CHECK_STATUS(wxg_album_errmsg_class(&errmsg, NULL), WXG_ERR_NULL_ARGUMENT);
    CHECK_OK(wxg_album_errmsg_class(&none, &value));
    CHECK_INT(value, WXG_ALBUM_OTHER);

    /* Nobody was asked by all that. An answer that is ready stays ready while polls are refused. */
    expect_quiet(album);
    save.file_path = none; /* empty and NULL is a path: a bad one, which is told as an answer */
    CHECK_OK(wxg_album_submit_save_image(album, &save, &error));
    CHECK(error == NULL);
    CHECK_STATUS(wxg_album_poll(NULL, completions, 2, &count), WXG_ERR_NULL_ARGUMENT);
    CHECK_INT(count, 0);
    count = 99;
    CHECK_STATUS(wxg_album_poll(album, NULL, 2, &count), WXG_ERR_NULL_ARGUMENT);
    CHECK_INT(count, 0);
    CHECK_STATUS(wxg_album_poll(album, completions, 2, NULL), WXG_ERR_NULL_ARGUMENT);
    count = 99;
    CHECK_STATUS(wxg_album_wait(NULL, -1, completions, 2, &count), WXG_ERR_NULL_ARGUMENT);
    CHECK_INT(count, 0);
    count = 99;
    CHECK_STATUS(wxg_album_wait(album, -1, NULL, 2, &count), WXG_ERR_NULL_ARGUMENT);
    CHECK_INT(count, 0);
    CHECK_STATUS(wxg_album_wait(album, -1, completions, 2, NULL), WXG_ERR_NULL_ARGUMENT);
    expect_answer(album, WXG_KIND_SAVE_IMAGE, 0, "saveImageToPhotosAlbum:fail url invalid", WXG_ALBUM_BAD_FILE);
    expect_quiet(album);

    error = POISON(wxg_error);
    CHECK_OK(wxg_album_get_setting(album, &value, &error));
    CHECK(error == NULL && value == WXG_CONSENT_NOT_ASKED);
    error = POISON(wxg_error);
    CHECK_OK(wxg_album_wake_fd(album, &fd, &error));
    CHECK(error == NULL && fd >= 0);
    wxg_album_free(album);
}

int main(void)
{
    errors();
    without_handle();
    signing();
    signing_v2();
    building();
    building_v2();
    opening();
    with_client();
    calls_v2();
    pushes();
    {
        wxg_client *client = open_offline();
        operators(client);
        wxg_client_free(client);
    }
    opening_an_album();
    with_album();
    ok("nulls");
    return 0;
}
