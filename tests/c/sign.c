/* Signing and reading alone: the vectors, what explain shows, requests, answers, and the help for a code. */
#include "common.h"

typedef struct vector {
    const char *call, *path, *sig, *mp_sig, *explain_sig, *explain_mp_sig;
    size_t field_count;
    struct {
        const char *name, *value;
    } fields[16];
} vector;

/* Made by vectors.py from tests/vectors/midas_v1.json, where the source of each is told. */
#include "vectors.h"

#define VECTOR_COUNT (sizeof(VECTORS) / sizeof(VECTORS[0]))

static void check_explained(const wxg_str *path, const wxg_field *fields, size_t count, const char *expected)
{
    wxg_text *text = NULL;
    wxg_error *error = POISON(wxg_error);
    size_t len = 0;
    CHECK_OK(wxg_sign_explain(path, fields, count, &text, &error));
    CHECK(error == NULL);
    CHECK(strcmp(wxg_text_read(text, &len), expected) == 0);
    CHECK_INT(len, strlen(expected));
    CHECK(strstr(expected, VECTOR_APP_KEY) == NULL && strstr(expected, VECTOR_SESSION_KEY) == NULL);
    wxg_text_free(text);
}

static void signatures(const vector *v)
{
    wxg_str path = wxg_cstr(v->path), app_key = wxg_cstr(VECTOR_APP_KEY), session_key = wxg_cstr(VECTOR_SESSION_KEY);
    wxg_field fields[18];
    char signature[WXG_SIGNATURE_SIZE + 1];
    wxg_error *error = POISON(wxg_error);
    size_t i, count = v->field_count;

    for (i = 0; i < count; i++) {
        fields[i].name = wxg_cstr(v->fields[i].name);
        fields[i].value = wxg_cstr(v->fields[i].value);
    }
    signature[WXG_SIGNATURE_SIZE] = '!';
    CHECK_OK(wxg_sign_midas_v1(&path, fields, count, &app_key, signature, &error));
    CHECK(error == NULL);
    CHECK(memcmp(signature, v->sig, WXG_SIGNATURE_SIZE) == 0);
    check_explained(&path, fields, count, v->explain_sig);

    fields[count].name = WXG_STR("sig");
    fields[count].value = wxg_cstr(v->sig);
    fields[count + 1].name = WXG_STR("access_token");
    fields[count + 1].value = wxg_cstr(VECTOR_ACCESS_TOKEN);
    CHECK_OK(wxg_sign_midas_v1_mp_sig(&path, fields, count + 2, &session_key, signature, &error));
    CHECK(memcmp(signature, v->mp_sig, WXG_SIGNATURE_SIZE) == 0);
    check_explained(&path, fields, count + 2, v->explain_mp_sig);
    CHECK_INT(signature[WXG_SIGNATURE_SIZE], '!');
}

static uint32_t call_number(const char *call)
{
    return strcmp(call, "pay") == 0          ? WXG_CALL_PAY
           : strcmp(call, "present") == 0    ? WXG_CALL_PRESENT
           : strcmp(call, "getbalance") == 0 ? WXG_CALL_GET_BALANCE
                                             : WXG_CALL_CANCEL_PAY;
}

static wxg_str field_of(const vector *v, const char *name)
{
    size_t i;
    for (i = 0; i < v->field_count; i++)
        if (strcmp(v->fields[i].name, name) == 0)
            return wxg_cstr(v->fields[i].value);
    return wxg_cstr(NULL);
}

/* The whole request: its body carries the same signatures and every field; its path the token. */
static int built(const vector *v)
{
    wxg_midas_v1_request_options options = WXG_MIDAS_V1_REQUEST_OPTIONS_INIT;
    wxg_request_view view = WXG_REQUEST_VIEW_INIT;
    wxg_request *request = NULL;
    wxg_error *error = POISON(wxg_error);
    wxg_str amount = field_of(v, "amt");
    char expected[200];

    if (amount.data == NULL)
        amount = field_of(v, "present_counts");
    options.call = call_number(v->call);
    options.environment = strstr(v->path, "/sandbox/") != NULL ? WXG_ENVIRONMENT_SANDBOX : WXG_ENVIRONMENT_PRODUCTION;
    options.appid = field_of(v, "appid");
    options.offer_id = field_of(v, "offer_id");
    options.app_key = wxg_cstr(VECTOR_APP_KEY);
    options.pf = field_of(v, "pf");
    options.access_token = wxg_cstr(VECTOR_ACCESS_TOKEN);
    options.session_key = wxg_cstr(VECTOR_SESSION_KEY);
    options.openid = field_of(v, "openid");
    options.zone_id = field_of(v, "zone_id");
    options.bill_no = field_of(v, "bill_no");
    options.pay_item = field_of(v, "pay_item");
    options.app_remark = field_of(v, "app_remark");
    options.user_ip = field_of(v, "user_ip");
    options.amount = amount.data == NULL ? 0 : strtoll(amount.data, NULL, 10);
    options.ts = strtoll(field_of(v, "ts").data, NULL, 10);

    if (text_is(options.user_ip, "127.0.0.1")) {
        /* Signed like any text, but no request is made of it: WeChat refuses local addresses. */
        CHECK_STATUS(wxg_midas_v1_build(&options, &request, &error), WXG_ERR_INVALID_ARGUMENT);
        CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "user_ip", "public");
        return 0;
    }
    CHECK_OK(wxg_midas_v1_build(&options, &request, &error));
    CHECK(error == NULL);
    CHECK_OK(wxg_request_read(request, &view));
    CHECK_TEXT(view.method, "POST");
    CHECK_TEXT(view.content_type, "application/json");
    snprintf(expected, sizeof(expected), "%s?access_token=%s", v->path, VECTOR_ACCESS_TOKEN);
    CHECK_TEXT(view.path_and_query, expected);
    CHECK(view.body.data[view.body.len] == '\0');
    snprintf(expected, sizeof(expected), "\"sig\":\"%s\"", v->sig);
    CHECK_HOLDS(view.body, expected);
    snprintf(expected, sizeof(expected), "\"mp_sig\":\"%s\"", v->mp_sig);
    CHECK_HOLDS(view.body, expected);
    CHECK(strstr(view.body.data, VECTOR_APP_KEY) == NULL && strstr(view.body.data, VECTOR_ACCESS_TOKEN) == NULL);
    wxg_request_free(request);

    options.no_mp_sig = 1;
    options.session_key = WXG_STR("");
    CHECK_OK(wxg_midas_v1_build(&options, &request, NULL));
    CHECK_OK(wxg_request_read(request, &view));
    snprintf(expected, sizeof(expected), "\"sig\":\"%s\"", v->sig);
    CHECK_HOLDS(view.body, expected);
    CHECK(strstr(view.body.data, "mp_sig") == NULL);
    wxg_request_free(request);
    return 1;
}

static void refused(void)
{
    wxg_str path = WXG_STR("/cgi-bin/midas/pay"), key = WXG_STR("key"), blank = WXG_STR("k y"), none = WXG_STR("");
    wxg_field fields[70];
    char signature[WXG_SIGNATURE_SIZE];
    wxg_error *error = NULL;
    size_t i;
    for (i = 0; i < 70; i++)
        fields[i].name = WXG_STR("a"), fields[i].value = WXG_STR("b");

    CHECK_STATUS(wxg_sign_midas_v1(&path, fields, 65, &key, signature, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "fields", "64");
    CHECK_STATUS(wxg_sign_midas_v1(&path, fields, 2, &key, signature, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "fields", "");
    CHECK_STATUS(wxg_sign_midas_v1(&path, fields, 0, &key, signature, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "fields", "");
    CHECK_STATUS(wxg_sign_midas_v1(&path, NULL, 0, &key, signature, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "fields", "");
    CHECK_STATUS(wxg_sign_midas_v1(&path, fields, 1, &blank, signature, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "app_key", "blanks");
    CHECK_STATUS(wxg_sign_midas_v1(&path, fields, 1, &none, signature, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "app_key", "");
    CHECK_STATUS(wxg_sign_midas_v1_mp_sig(&path, fields, 1, &key, signature, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "fields", "");
    fields[0].value = WXG_STR("");
    CHECK_STATUS(wxg_sign_midas_v1(&path, fields, 1, &key, signature, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "fields", "empty");
}

static void answers(void)
{
    static const struct {
        uint32_t call, http_status;
        const char *body;
        uint32_t class, outcome, reason;
        int32_t errcode;
        uint32_t has;
        int64_t balance;
    } table[] = {
        {WXG_CALL_PAY, 200, "{\"errcode\":0,\"errmsg\":\"ok\",\"bill_no\":\"b1\",\"balance\":7,\"used_gen_amt\":2}", WXG_CLASS_DONE,
         WXG_OUTCOME_DONE, WXG_REASON_NONE, 0, WXG_HAS_BALANCE | WXG_HAS_USED_GEN_AMT, 7},
        {WXG_CALL_PAY, 200, "{\"errcode\":-1,\"errmsg\":\"system error\"}", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, -1, 0, 0},
        {WXG_CALL_PAY, 200, "{\"errcode\":90013,\"errmsg\":\"low\"}", WXG_CLASS_REFUSED, WXG_OUTCOME_REJECTED, WXG_REASON_BALANCE_TOO_LOW, 90013, 0, 0},
        {WXG_CALL_PAY, 200, "{\"errcode\":90012}", WXG_CLASS_DUPLICATE, WXG_OUTCOME_NEEDS_REVIEW, WXG_REASON_DUPLICATE, 90012, 0, 0},
        {WXG_CALL_PAY, 200, "{\"errcode\":90010}", WXG_CLASS_SESSION, WXG_OUTCOME_REJECTED, WXG_REASON_SESSION, 90010, 0, 0},
        {WXG_CALL_PAY, 200, "{\"errcode\":42001}", WXG_CLASS_TOKEN, WXG_OUTCOME_REJECTED, WXG_REASON_CREDENTIAL, 42001, 0, 0},
        {WXG_CALL_PAY, 200, "{\"errcode\":45009}", WXG_CLASS_QUOTA, WXG_OUTCOME_REJECTED, WXG_REASON_CREDENTIAL, 45009, 0, 0},
        {WXG_CALL_PAY, 200, "{\"errcode\":90011}", WXG_CLASS_CONFIGURATION, WXG_OUTCOME_REJECTED, WXG_REASON_CONFIGURATION, 90011, 0, 0},
        {WXG_CALL_PAY, 200, "{\"errcode\":4711}", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, 4711, 0, 0},
        {WXG_CALL_PAY, 502, "<html>Bad Gateway</html>", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, 0, 0, 0},
        {WXG_CALL_PAY, 500, "{\"errcode\":0,\"bill_no\":\"b1\",\"balance\":7}", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, 0, 0, 0},
        {WXG_CALL_PAY, 200, "{\"errmsg\":\"ok\"}", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, 0, 0, 0},
        {WXG_CALL_PAY, 200, "{\"errcode\":0", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, 0, 0, 0},
        {WXG_CALL_PAY, 200, "", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, 0, 0, 0},
        {WXG_CALL_PAY, 200, "{\"errcode\":0,\"bill_no\":\"another\",\"balance\":7}", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, 0, 0, 0},
        {WXG_CALL_CANCEL_PAY, 200, "{\"errcode\":0,\"bill_no\":\"b1\"}", WXG_CLASS_DONE, WXG_OUTCOME_DONE, WXG_REASON_NONE, 0, 0, 0},
        {WXG_CALL_CANCEL_PAY, 200, "{\"errcode\":90000}", WXG_CLASS_DONE, WXG_OUTCOME_DONE, WXG_REASON_NONE, 90000, 0, 0},
        {WXG_CALL_CANCEL_PAY, 200, "{\"errcode\":90014}", WXG_CLASS_REFUSED, WXG_OUTCOME_REJECTED, WXG_REASON_NONE, 90014, 0, 0},
        {WXG_CALL_PRESENT, 200, "{\"errcode\":90012}", WXG_CLASS_DUPLICATE, WXG_OUTCOME_NEEDS_REVIEW, WXG_REASON_DUPLICATE, 90012, 0, 0},
        {WXG_CALL_PRESENT, 200, "{\"errcode\":90013}", WXG_CLASS_UNKNOWN, WXG_OUTCOME_UNKNOWN, WXG_REASON_NONE, 90013, 0, 0},
    };
    wxg_midas_v1_reply_options reply = WXG_MIDAS_V1_REPLY_OPTIONS_INIT;
    wxg_completion *completion = NULL;
    wxg_error *error = NULL;
    wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
    size_t i;

    reply.bill_no = WXG_STR("b1");
    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        reply.call = table[i].call;
        reply.http_status = table[i].http_status;
        reply.body = wxg_cstr(table[i].body);
        CHECK_OK(wxg_midas_v1_parse(&reply, &completion, &error));
        view = read_completion(completion);
        if (view.errcode_class != table[i].class || view.outcome != table[i].outcome || view.reason != table[i].reason
            || view.errcode != table[i].errcode || view.has != table[i].has || view.balance != table[i].balance)
            failed(__FILE__, __LINE__, "answer %zu %s: class %u outcome %u reason %u errcode %d has %u balance %lld", i, table[i].body,
                   view.errcode_class, view.outcome, view.reason, view.errcode, view.has, (long long)view.balance);
        CHECK_TEXT(view.bill_no, "b1");
        CHECK_INT(view.status, WXG_OK);
        CHECK_INT(view.delivery_id, 0);
        wxg_completion_free(completion);
    }

    reply.call = WXG_CALL_GET_BALANCE;
    reply.http_status = 200;
    reply.bill_no = WXG_STR("");
    reply.body = WXG_STR("{\"errcode\":0,\"balance\":10,\"gen_balance\":4,\"first_save\":1,\"save_amt\":6,\"save_sum\":7,\"cost_sum\":8,"
                         "\"present_sum\":9}");
    CHECK_OK(wxg_midas_v1_parse(&reply, &completion, &error));
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

    /* Not UTF-8 is a body like any other that cannot be read. */
    reply.body.data = "\xff\xfe\x00";
    reply.body.len = 3;
    CHECK_OK(wxg_midas_v1_parse(&reply, &completion, &error));
    CHECK_OK(wxg_completion_read(completion, &view));
    CHECK_INT(view.outcome, WXG_OUTCOME_UNKNOWN);
    wxg_completion_free(completion);

    completion = POISON(wxg_completion);
    reply.http_status = 99;
    CHECK_STATUS(wxg_midas_v1_parse(&reply, &completion, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "http_status", "100 to 599");
    reply.http_status = 65736; /* 200 in its low 16 bits */
    CHECK_STATUS(wxg_midas_v1_parse(&reply, &completion, NULL), WXG_ERR_INVALID_ARGUMENT);
    reply.http_status = 200;
    reply.call = WXG_CALL_LOGIN;
    CHECK_STATUS(wxg_midas_v1_parse(&reply, &completion, &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK_ERROR(error, WXG_ERR_INVALID_ARGUMENT, "call", "WXG_CALL_PAY");
    CHECK(completion == NULL);
}

static wxg_errcode_help_view help_of(uint32_t generation, uint32_t call, int32_t errcode, uint32_t class)
{
    wxg_errcode_help_view view = WXG_ERRCODE_HELP_VIEW_INIT;
    const wxg_str *texts[4];
    size_t i;
    CHECK_OK(wxg_errcode_help(generation, call, errcode, &view));
    if (view.errcode_class != class)
        failed(__FILE__, __LINE__, "generation %u call %u errcode %d is of class %u, not %u", generation, call, errcode, view.errcode_class, class);
    texts[0] = &view.cause_en, texts[1] = &view.remedy_en, texts[2] = &view.cause_zh, texts[3] = &view.remedy_zh;
    for (i = 0; i < 4; i++) {
        size_t at, beyond_ascii = 0;
        /* What is fine needs no remedy. */
        CHECK(texts[i]->len > 0 || (errcode == 0 && i % 2 == 1));
        CHECK(texts[i]->data[texts[i]->len] == '\0');
        for (at = 0; at < texts[i]->len; at++)
            beyond_ascii += (unsigned char)texts[i]->data[at] >= 0x80;
        CHECK(i < 2 ? beyond_ascii == 0 : beyond_ascii > 0 || texts[i]->len == 0);
    }
    return view;
}

static wxg_errcode_help_view help(uint32_t call, int32_t errcode, uint32_t class)
{
    return help_of(WXG_GENERATION_V1, call, errcode, class);
}

static void helps(void)
{
    wxg_errcode_help_view pay, cancel, view = WXG_ERRCODE_HELP_VIEW_INIT;
    help(WXG_CALL_PAY, 0, WXG_CLASS_DONE);
    help(WXG_CALL_PAY, 90011, WXG_CLASS_CONFIGURATION);
    help(WXG_CALL_PRESENT, 90012, WXG_CLASS_DUPLICATE);
    help(WXG_CALL_GET_BALANCE, 40001, WXG_CLASS_TOKEN);
    help(WXG_CALL_LOGIN, 40163, WXG_CLASS_REFUSED);
    help(WXG_CALL_TOKEN, 40164, WXG_CLASS_CONFIGURATION);
    help(WXG_CALL_SESSION, 87009, WXG_CLASS_SESSION);
    help(WXG_CALL_PAY, 4711, WXG_CLASS_UNKNOWN);
    help(WXG_CALL_PAY, INT32_MIN, WXG_CLASS_UNKNOWN);
    /* The same number means different things. */
    pay = help(WXG_CALL_PAY, 90000, WXG_CLASS_UNKNOWN);
    cancel = help(WXG_CALL_CANCEL_PAY, 90000, WXG_CLASS_DONE);
    CHECK(strcmp(pay.cause_en.data, cancel.cause_en.data) != 0);
    cancel = help(WXG_CALL_CANCEL_PAY, 90016, WXG_CLASS_UNKNOWN);
    view = help_of(WXG_GENERATION_V2, WXG_CALL_CANCEL_PAY, 90016, WXG_CLASS_SESSION);
    CHECK(strcmp(cancel.cause_en.data, view.cause_en.data) != 0);
    help_of(WXG_GENERATION_V2, WXG_CALL_PAY, 90013, WXG_CLASS_REFUSED);
    help_of(WXG_GENERATION_V2, WXG_CALL_QUERY_ORDER, 0, WXG_CLASS_DONE);
    help_of(WXG_GENERATION_V2, WXG_CALL_QUERY_ORDER, 90019, WXG_CLASS_REFUSED);
    help_of(WXG_GENERATION_V2, WXG_CALL_QUERY_ORDER, 4711, WXG_CLASS_UNKNOWN);
    /* What is no payment is the same for both. */
    view = help_of(WXG_GENERATION_V2, WXG_CALL_LOGIN, 40163, WXG_CLASS_REFUSED);
    CHECK(view.cause_en.data == help(WXG_CALL_LOGIN, 40163, WXG_CLASS_REFUSED).cause_en.data);
    CHECK_STATUS(wxg_errcode_help(0, WXG_CALL_PAY, 0, &view), WXG_ERR_INVALID_ARGUMENT);
    CHECK_STATUS(wxg_errcode_help(3, WXG_CALL_PAY, 0, &view), WXG_ERR_INVALID_ARGUMENT);
    CHECK_STATUS(wxg_errcode_help(WXG_GENERATION_V1, WXG_CALL_QUERY_ORDER, 0, &view), WXG_ERR_INVALID_ARGUMENT);
    CHECK_STATUS(wxg_errcode_help(WXG_GENERATION_V2, 9, 0, &view), WXG_ERR_INVALID_ARGUMENT);
    CHECK_STATUS(wxg_errcode_help(WXG_GENERATION_V1, 0, 0, &view), WXG_ERR_INVALID_ARGUMENT);
}

static void bill_numbers(void)
{
    char last[WXG_BILL_NO_SIZE] = "", next[WXG_BILL_NO_SIZE + 1];
    int i;
    for (i = 0; i < 1000; i++) {
        memset(next, '!', sizeof(next));
        CHECK_OK(wxg_bill_no_new(next, NULL));
        CHECK(strlen(next) == 26 && next[WXG_BILL_NO_SIZE] == '!');
        CHECK(strspn(next, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 26);
        CHECK(strcmp(next, last) != 0);
        memcpy(last, next, sizeof(last));
    }
}

int main(void)
{
    size_t i;
    int requests = 0;
    CHECK(VECTOR_COUNT >= 9);
    for (i = 0; i < VECTOR_COUNT; i++) {
        signatures(&VECTORS[i]);
        requests += built(&VECTORS[i]);
    }
    CHECK(requests >= 8);
    refused();
    answers();
    helps();
    bill_numbers();
    ok("sign");
    return 0;
}
