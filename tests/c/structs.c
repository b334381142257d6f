/*
 * The size rule of every struct: shorter than ours is filled up with zeros, longer is taken while its tail is zero,
 * what is no size is refused; nothing is read or written beyond the size that is given.
 */
#include "pictures.h"
#include "push_url.h"

#define ROOM 4096
#define GUARD 0x5a
#define BEFORE 64 /* bytes that stand before a view */

/* ---- structs that go in ---- */

typedef struct in_case {
    const char *name;
    const void *good; /* what the call takes */
    size_t size;
    /* Where zero-filled fields begin: cutting here leaves a struct that is still good. */
    size_t enough;
    size_t reserved; /* 0: has none */
    wxg_status (*call)(const void *options, wxg_error **error);
} in_case;

static wxg_client *offline, *offline_v2;
static wxg_album *album;

static wxg_status call_open(const void *options, wxg_error **error)
{
    wxg_client *client = POISON(wxg_client);
    wxg_status status = wxg_client_open((const wxg_client_options *)options, &client, error);
    CHECK((status == WXG_OK) == (client != NULL));
    wxg_client_free(client);
    return status;
}

static wxg_status call_pay(const void *options, wxg_error **error)
{
    return wxg_client_submit_pay(offline, (const wxg_pay_options *)options, error);
}

static wxg_status call_present(const void *options, wxg_error **error)
{
    return wxg_client_submit_present(offline, (const wxg_present_options *)options, error);
}

static wxg_status call_cancel_pay(const void *options, wxg_error **error)
{
    return wxg_client_submit_cancel_pay(offline, (const wxg_cancel_pay_options *)options, error);
}

static wxg_status call_get_balance(const void *options, wxg_error **error)
{
    return wxg_client_submit_get_balance(offline, (const wxg_get_balance_options *)options, error);
}

static wxg_status call_item_order(const void *options, wxg_error **error)
{
    return wxg_client_submit_item_order(offline_v2, (const wxg_item_order_options *)options, error);
}

static wxg_status call_query_order(const void *options, wxg_error **error)
{
    return wxg_client_submit_query_order(offline_v2, (const wxg_query_order_options *)options, error);
}

static wxg_status call_login(const void *options, wxg_error **error)
{
    return wxg_client_submit_login(offline, (const wxg_login_options *)options, error);
}

static wxg_status call_check_session(const void *options, wxg_error **error)
{
    return wxg_client_submit_check_session(offline, (const wxg_session_options *)options, error);
}

static wxg_status call_build(const void *options, wxg_error **error)
{
    wxg_request *request = POISON(wxg_request);
    wxg_status status = wxg_midas_v1_build((const wxg_midas_v1_request_options *)options, &request, error);
    CHECK((status == WXG_OK) == (request != NULL));
    wxg_request_free(request);
    return status;
}

static wxg_status call_parse(const void *options, wxg_error **error)
{
    wxg_completion *completion = POISON(wxg_completion);
    wxg_status status = wxg_midas_v1_parse((const wxg_midas_v1_reply_options *)options, &completion, error);
    CHECK((status == WXG_OK) == (completion != NULL));
    wxg_completion_free(completion);
    return status;
}

static wxg_status call_build_v2(const void *options, wxg_error **error)
{
    wxg_request *request = POISON(wxg_request);
    wxg_status status = wxg_game_v2_build((const wxg_game_v2_request_options *)options, &request, error);
    CHECK((status == WXG_OK) == (request != NULL));
    wxg_request_free(request);
    return status;
}

static wxg_status call_parse_v2(const void *options, wxg_error **error)
{
    wxg_completion *completion = POISON(wxg_completion);
    wxg_status status = wxg_game_v2_parse((const wxg_game_v2_reply_options *)options, &completion, error);
    CHECK((status == WXG_OK) == (completion != NULL));
    wxg_completion_free(completion);
    return status;
}

static wxg_status call_open_album(const void *options, wxg_error **error)
{
    wxg_album *opened = POISON(wxg_album);
    wxg_status status = wxg_album_open((const wxg_album_options *)options, &opened, error);
    CHECK((status == WXG_OK) == (opened != NULL));
    wxg_album_free(opened);
    return status;
}

static wxg_status call_save_image(const void *options, wxg_error **error)
{
    return wxg_album_submit_save_image(album, (const wxg_save_image_options *)options, error);
}

/* Lays the good struct into rubbish, claims `claimed` bytes of it, zeroes what is claimed beyond its own. */
static unsigned char *laid_out(const in_case *in, size_t claimed)
{
    static union {
        uint64_t aligned;
        unsigned char bytes[ROOM];
    } room;
    uint32_t size = (uint32_t)claimed;
    memset(room.bytes, GUARD, ROOM);
    memcpy(room.bytes, in->good, claimed < in->size ? claimed : in->size);
    if (claimed > in->size && claimed <= ROOM)
        memset(room.bytes + in->size, 0, claimed - in->size);
    memcpy(room.bytes, &size, sizeof(size));
    return room.bytes;
}

static void takes(const in_case *in, size_t claimed)
{
    wxg_error *error = POISON(wxg_error);
    wxg_status status = in->call(laid_out(in, claimed), &error);
    if (status != WXG_OK)
        failed(__FILE__, __LINE__, "%s of %zu bytes gives %s", in->name, claimed, wxg_status_text(status));
    CHECK(error == NULL);
}

static void refuses(const in_case *in, const unsigned char *options, wxg_status expected, const char *field, const char *rule)
{
    wxg_error *error = POISON(wxg_error);
    wxg_status status = in->call(options, &error);
    if (status != expected)
        failed(__FILE__, __LINE__, "%s gives %s, not %s (%s)", in->name, wxg_status_text(status), wxg_status_text(expected), rule);
    CHECK_ERROR(error, expected, field, rule);
}

static void check_in(const in_case *in)
{
    unsigned char *options;

    takes(in, in->size);
    takes(in, in->size + 8);
    takes(in, in->size + 1000);
    takes(in, in->size - 1);
    takes(in, in->enough);

    options = laid_out(in, in->size + 8);
    options[in->size] = 1;
    refuses(in, options, WXG_ERR_UNSUPPORTED_STRUCT, "options", "does not know");
    options = laid_out(in, in->size + 1000);
    options[in->size + 999] = 0x80;
    refuses(in, options, WXG_ERR_UNSUPPORTED_STRUCT, "options", "does not know");

    refuses(in, laid_out(in, 0), WXG_ERR_INVALID_ARGUMENT, "struct_size", "INIT");
    refuses(in, laid_out(in, 4), WXG_ERR_INVALID_ARGUMENT, "struct_size", "INIT");
    refuses(in, laid_out(in, 7), WXG_ERR_INVALID_ARGUMENT, "struct_size", "INIT");
    refuses(in, laid_out(in, 0xFFFFFFFFu), WXG_ERR_INVALID_ARGUMENT, "struct_size", "INIT");
    refuses(in, laid_out(in, 65537), WXG_ERR_INVALID_ARGUMENT, "struct_size", "INIT");

    if (in->reserved != 0) {
        options = laid_out(in, in->size);
        options[in->reserved + 3] = 1;
        refuses(in, options, WXG_ERR_UNSUPPORTED_STRUCT, "reserved", "must be 0");
    }
}

/* A required field that is cut off is missing, not read from behind. */
static void check_cut(const in_case *in)
{
    wxg_error *error = POISON(wxg_error);
    CHECK_STATUS(in->call(laid_out(in, 8), &error), WXG_ERR_INVALID_ARGUMENT);
    CHECK(error != NULL);
    wxg_error_free(error);
    /* Half may cut a length in two, which leaves its low bytes: good or not, it is a size. */
    if (in->call(laid_out(in, in->size / 2), &error) != WXG_OK) {
        wxg_str field = WXG_STR("");
        CHECK_INT(wxg_error_status(error), WXG_ERR_INVALID_ARGUMENT);
        CHECK_OK(wxg_error_field(error, &field));
        CHECK(!text_is(field, "struct_size"));
        wxg_error_free(error);
    }
}

/* Of a picture the path alone is required, and what is wrong with it is told as an answer. */
static void a_picture(void)
{
    static const char errmsg[] = "saveImageToPhotosAlbum:fail url invalid";
    user someone = new_user("structs-picture");
    wxg_save_image_options save = WXG_SAVE_IMAGE_OPTIONS_INIT;
    const in_case in = {"wxg_save_image_options", &save, sizeof(save), sizeof(save), offsetof(wxg_save_image_options, reserved),
                        call_save_image};
    int i;
    save.user_tag = 7;
    save.file_path = WXG_STR("https://example.com/shot.png");
    album = open_album(&someone);
    check_in(&in);
    for (i = 0; i < 5; i++) {
        expect_answer(album, WXG_KIND_SAVE_IMAGE, 7, errmsg, WXG_ALBUM_BAD_FILE);
        CHECK_HOLDS(wxg_cstr(detail), "network address");
    }
    takes(&in, 8);
    expect_answer(album, WXG_KIND_SAVE_IMAGE, 0, errmsg, WXG_ALBUM_BAD_FILE);
    CHECK_HOLDS(wxg_cstr(detail), "empty");
    takes(&in, offsetof(wxg_save_image_options, file_path));
    expect_answer(album, WXG_KIND_SAVE_IMAGE, 7, errmsg, WXG_ALBUM_BAD_FILE);
    CHECK_HOLDS(wxg_cstr(detail), "empty");
    expect_quiet(album);
    wxg_album_free(album);
}

static void structs_in(void)
{
    wxg_client_options open = test_options();
    wxg_pay_options pay = pay_of("b1", "o1", 1, 1);
    wxg_present_options present = WXG_PRESENT_OPTIONS_INIT;
    wxg_cancel_pay_options cancel = WXG_CANCEL_PAY_OPTIONS_INIT;
    wxg_get_balance_options balance = WXG_GET_BALANCE_OPTIONS_INIT;
    wxg_item_order_options item = item_order_of("t1", "o1", 1);
    wxg_query_order_options query = query_order_of(WXG_BIZ_ITEM, "t1", "o1", 1);
    wxg_login_options login = WXG_LOGIN_OPTIONS_INIT;
    wxg_session_options session = WXG_SESSION_OPTIONS_INIT;
    wxg_midas_v1_request_options build = WXG_MIDAS_V1_REQUEST_OPTIONS_INIT;
    wxg_midas_v1_reply_options parse = WXG_MIDAS_V1_REPLY_OPTIONS_INIT;
    wxg_game_v2_request_options build_v2 = WXG_GAME_V2_REQUEST_OPTIONS_INIT;
    wxg_game_v2_reply_options parse_v2 = WXG_GAME_V2_REPLY_OPTIONS_INIT;
    user someone = new_user("structs");
    wxg_album_options pictures = album_options(&someone);
    size_t i;
    const in_case cases[] = {
        {"wxg_client_options", &open, sizeof(open), offsetof(wxg_client_options, ca_file),
         offsetof(wxg_client_options, reserved), call_open},
        {"wxg_pay_options", &pay, sizeof(pay), offsetof(wxg_pay_options, pay_item), 0, call_pay},
        {"wxg_present_options", &present, sizeof(present), offsetof(wxg_present_options, user_ip),
         0, call_present},
        {"wxg_cancel_pay_options", &cancel, sizeof(cancel), offsetof(wxg_cancel_pay_options, user_tag),
         offsetof(wxg_cancel_pay_options, reserved), call_cancel_pay},
        {"wxg_get_balance_options", &balance, sizeof(balance), offsetof(wxg_get_balance_options, user_ip), 0,
         call_get_balance},
        {"wxg_item_order_options", &item, sizeof(item), offsetof(wxg_item_order_options, attach),
         offsetof(wxg_item_order_options, reserved), call_item_order},
        {"wxg_query_order_options", &query, sizeof(query), offsetof(wxg_query_order_options, user_ip), 0,
         call_query_order},
        {"wxg_login_options", &login, sizeof(login), offsetof(wxg_login_options, user_tag),
         offsetof(wxg_login_options, reserved), call_login},
        {"wxg_session_options", &session, sizeof(session), offsetof(wxg_session_options, user_tag),
         offsetof(wxg_session_options, reserved), call_check_session},
        {"wxg_midas_v1_request_options", &build, sizeof(build), sizeof(build), 0, call_build},
        {"wxg_midas_v1_reply_options", &parse, sizeof(parse), offsetof(wxg_midas_v1_reply_options, bill_no),
         offsetof(wxg_midas_v1_reply_options, reserved), call_parse},
        {"wxg_game_v2_request_options", &build_v2, sizeof(build_v2), offsetof(wxg_game_v2_request_options, biz_id),
         offsetof(wxg_game_v2_request_options, reserved), call_build_v2},
        {"wxg_game_v2_reply_options", &parse_v2, sizeof(parse_v2), offsetof(wxg_game_v2_reply_options, bill_no),
         offsetof(wxg_game_v2_reply_options, reserved), call_parse_v2},
        {"wxg_album_options", &pictures, sizeof(pictures), sizeof(pictures), 0, call_open_album},
    };

    present.bill_no = WXG_STR("b2");
    present.openid = WXG_STR("o1");
    present.zone_id = WXG_STR("1");
    present.amount = 1;
    cancel.bill_no = WXG_STR("b1");
    balance.openid = WXG_STR("o1");
    balance.zone_id = WXG_STR("1");
    login.js_code = WXG_STR("code");
    session.openid = WXG_STR("o1");
    build.call = WXG_CALL_PAY;
    build.appid = WXG_STR("wx1234567");
    build.offer_id = WXG_STR("12345678");
    build.app_key = WXG_STR("key");
    build.access_token = WXG_STR("token");
    build.session_key = WXG_STR("c2Vzc2lvbg==");
    build.openid = WXG_STR("o1");
    build.zone_id = WXG_STR("1");
    build.bill_no = WXG_STR("b1");
    build.amount = 1;
    build.ts = 1507530737; /* its last byte is 0, so one byte less is the same struct */
    parse.call = WXG_CALL_PAY;
    parse.http_status = 200;
    parse.body = WXG_STR("{\"errcode\":0}");
    build_v2.call = WXG_CALL_PRESENT;
    build_v2.offer_id = WXG_STR("12345678");
    build_v2.app_key = WXG_STR("key");
    build_v2.access_token = WXG_STR("token");
    build_v2.session_key = WXG_STR("c2Vzc2lvbg==");
    build_v2.openid = WXG_STR("o1");
    build_v2.zone_id = WXG_STR("1");
    build_v2.bill_no = WXG_STR("b1");
    build_v2.amount = 1;
    build_v2.ts = 1668136271;
    parse_v2.call = WXG_CALL_PAY;
    parse_v2.http_status = 200;
    parse_v2.body = WXG_STR("{\"errcode\":0}");

    offline = open_offline();
    offline_v2 = open_offline_v2();
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_in(&cases[i]);
        check_cut(&cases[i]);
    }
    wxg_client_free(offline);
    wxg_client_free(offline_v2);
}

/* ---- structs that come out ---- */

typedef struct out_case {
    const char *name;
    size_t size;
    wxg_status (*read)(void *out);
} out_case;

static wxg_completion *completion, *gift, *picture;
static wxg_request *request;
static wxg_log_record *record;
static wxg_client *client;

static wxg_status read_a_completion(void *out)
{
    return wxg_completion_read(completion, (wxg_completion_view *)out);
}

static wxg_status read_a_push(void *out)
{
    return wxg_completion_read(gift, (wxg_completion_view *)out);
}

static wxg_status read_a_picture(void *out)
{
    return wxg_completion_read(picture, (wxg_completion_view *)out);
}

static wxg_status read_goods(void *out)
{
    return wxg_completion_goods(gift, 1, (wxg_goods_view *)out);
}

static wxg_status read_a_request(void *out)
{
    return wxg_request_read(request, (wxg_request_view *)out);
}

static wxg_status read_a_record(void *out)
{
    return wxg_log_record_read(record, (wxg_log_record_view *)out);
}

static wxg_status read_a_help(void *out)
{
    return wxg_errcode_help(WXG_GENERATION_V1, WXG_CALL_PAY, 90011, (wxg_errcode_help_view *)out);
}

static wxg_status read_stats(void *out)
{
    return wxg_client_stats(client, (wxg_stats *)out);
}

static void check_out(const out_case *out)
{
    static union {
        uint64_t aligned;
        unsigned char bytes[ROOM];
    } room, whole;
    unsigned char *view = room.bytes + BEFORE;
    const size_t good[] = {8, 12, out->size / 2, out->size - 1, out->size, out->size + 1, out->size + 1000};
    const size_t bad[] = {0, 4, 7, 65537, 0xFFFFFFFFu};
    uint32_t size = (uint32_t)out->size;
    size_t i, at;

    memcpy(whole.bytes, &size, sizeof(size));
    CHECK_OK(out->read(whole.bytes));
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        size_t known = good[i] < out->size ? good[i] : out->size;
        memset(room.bytes, GUARD, ROOM);
        size = (uint32_t)good[i];
        memcpy(view, &size, sizeof(size));
        CHECK_OK(out->read(view));
        CHECK(memcmp(view, &size, sizeof(size)) == 0);
        if (memcmp(view + sizeof(size), whole.bytes + sizeof(size), known - sizeof(size)) != 0)
            failed(__FILE__, __LINE__, "%s read into %zu bytes is not the beginning of the whole", out->name, good[i]);
        for (at = known; at < good[i]; at++)
            CHECK_INT(view[at], 0);
        for (at = good[i]; at < ROOM - BEFORE; at++)
            CHECK_INT(view[at], GUARD);
        for (at = 0; at < BEFORE; at++)
            CHECK_INT(room.bytes[at], GUARD);
    }
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        memset(room.bytes, GUARD, ROOM);
        size = (uint32_t)bad[i];
        memcpy(view, &size, sizeof(size));
        CHECK_STATUS(out->read(view), WXG_ERR_INVALID_ARGUMENT);
        for (at = sizeof(size); at < ROOM - BEFORE; at++)
            CHECK_INT(view[at], GUARD);
    }
}

/* With a path, and all that is said of a picture that is saved. */
static wxg_completion *save_a_picture(void)
{
    user someone = new_user("structs-saved");
    wxg_completion_view view;
    wxg_completion *told;
    album = open_album(&someone);
    write_png(someone.temp_path, "shot.png");
    grant(album);
    submit_save(album, "wxfile://tmp/shot.png", 1);
    told = next(album, &view);
    CHECK_TEXT(view.errmsg, SAVED);
    wxg_album_free(album);
    return told;
}

/* Of two kinds of goods. */
static wxg_completion *receive_a_gift(void)
{
    wxg_client_options options = test_options_v2();
    wxg_client *receiver;
    wxg_completion *told;
    options.push_aes_key = WXG_STR(PUSH_AES_KEY);
    receiver = open_client(&options);
    reset_sandbox();
    open_push_url(PUSH_SAFE);
    tell_sandbox("/sandbox/push", "{'event':'gift','fields':{'GoodsList':[{'Id':'sword','Num':1},{'Id':'gold','Num':50}]}}");
    told = serve_push(receiver);
    CHECK_INT(read_completion(told).goods_count, 2);
    close_push_url();
    wxg_client_free(receiver);
    return told;
}

static void structs_out(void)
{
    static const out_case cases[] = {
        {"wxg_completion_view", sizeof(wxg_completion_view), read_a_completion},
        {"wxg_completion_view of a push", sizeof(wxg_completion_view), read_a_push},
        {"wxg_completion_view of an album", sizeof(wxg_completion_view), read_a_picture},
        {"wxg_goods_view", sizeof(wxg_goods_view), read_goods},
        {"wxg_request_view", sizeof(wxg_request_view), read_a_request},
        {"wxg_log_record_view", sizeof(wxg_log_record_view), read_a_record},
        {"wxg_errcode_help_view", sizeof(wxg_errcode_help_view), read_a_help},
        {"wxg_stats", sizeof(wxg_stats), read_stats},
    };
    wxg_midas_v1_request_options build = WXG_MIDAS_V1_REQUEST_OPTIONS_INIT;
    wxg_midas_v1_reply_options parse = WXG_MIDAS_V1_REPLY_OPTIONS_INIT;
    wxg_get_balance_options balance = WXG_GET_BALANCE_OPTIONS_INIT;
    wxg_completion_view view;
    size_t i, count;

    build.call = WXG_CALL_GET_BALANCE;
    build.no_mp_sig = 1;
    build.appid = WXG_STR("wx1234567");
    build.offer_id = WXG_STR("12345678");
    build.app_key = WXG_STR("key");
    build.access_token = WXG_STR("token");
    build.openid = WXG_STR("o1");
    build.zone_id = WXG_STR("1");
    build.ts = 1507530737;
    CHECK_OK(wxg_midas_v1_build(&build, &request, NULL));
    parse.call = WXG_CALL_PAY;
    parse.http_status = 200;
    parse.body = WXG_STR("{\"errcode\":90013,\"errmsg\":\"too low\",\"bill_no\":\"b1\"}");
    parse.bill_no = WXG_STR("b1");
    CHECK_OK(wxg_midas_v1_parse(&parse, &completion, NULL));
    gift = receive_a_gift();
    picture = save_a_picture();
    client = open_offline();
    balance.openid = WXG_STR("o1");
    balance.zone_id = WXG_STR("1");
    balance.deadline_ms = 1;
    CHECK_OK(wxg_client_submit_get_balance(client, &balance, NULL));
    wxg_completion_free(expect(client, WXG_KIND_GET_BALANCE, 0, &view));
    AWAIT(wxg_client_poll_log(client, &record, 1, &count) == WXG_OK && count == 1);
    /* Closed, so that the numbers stand still between two reads. */
    CHECK_OK(wxg_client_close(client, 0));

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_out(&cases[i]);

    wxg_completion_free(completion);
    wxg_completion_free(gift);
    wxg_completion_free(picture);
    wxg_request_free(request);
    wxg_log_record_free(record);
    wxg_client_free(client);
}

/* Every INIT sets the size and nothing else, also in an assignment. */
#define CHECK_INIT(type, INIT)                                                                     \
    do {                                                                                           \
        type made = INIT, zero;                                                                    \
        memset(&zero, 0, sizeof(zero));                                                            \
        zero.struct_size = (uint32_t)sizeof(zero);                                                 \
        CHECK(memcmp(&made, &zero, sizeof(made)) == 0);                                            \
        memset(&made, GUARD, sizeof(made));                                                        \
        made = INIT;                                                                               \
        CHECK(memcmp(&made, &zero, sizeof(made)) == 0);                                            \
    } while (0)

static void initialisers(void)
{
    wxg_str literal = WXG_STR("abc"), pointer = wxg_cstr("abc"), none = wxg_cstr(NULL);
    CHECK_INIT(wxg_client_options, WXG_CLIENT_OPTIONS_INIT);
    CHECK_INIT(wxg_pay_options, WXG_PAY_OPTIONS_INIT);
    CHECK_INIT(wxg_present_options, WXG_PRESENT_OPTIONS_INIT);
    CHECK_INIT(wxg_cancel_pay_options, WXG_CANCEL_PAY_OPTIONS_INIT);
    CHECK_INIT(wxg_get_balance_options, WXG_GET_BALANCE_OPTIONS_INIT);
    CHECK_INIT(wxg_item_order_options, WXG_ITEM_ORDER_OPTIONS_INIT);
    CHECK_INIT(wxg_query_order_options, WXG_QUERY_ORDER_OPTIONS_INIT);
    CHECK_INIT(wxg_login_options, WXG_LOGIN_OPTIONS_INIT);
    CHECK_INIT(wxg_session_options, WXG_SESSION_OPTIONS_INIT);
    CHECK_INIT(wxg_midas_v1_request_options, WXG_MIDAS_V1_REQUEST_OPTIONS_INIT);
    CHECK_INIT(wxg_midas_v1_reply_options, WXG_MIDAS_V1_REPLY_OPTIONS_INIT);
    CHECK_INIT(wxg_game_v2_request_options, WXG_GAME_V2_REQUEST_OPTIONS_INIT);
    CHECK_INIT(wxg_game_v2_reply_options, WXG_GAME_V2_REPLY_OPTIONS_INIT);
    CHECK_INIT(wxg_completion_view, WXG_COMPLETION_VIEW_INIT);
    CHECK_INIT(wxg_goods_view, WXG_GOODS_VIEW_INIT);
    CHECK_INIT(wxg_request_view, WXG_REQUEST_VIEW_INIT);
    CHECK_INIT(wxg_log_record_view, WXG_LOG_RECORD_VIEW_INIT);
    CHECK_INIT(wxg_errcode_help_view, WXG_ERRCODE_HELP_VIEW_INIT);
    CHECK_INIT(wxg_stats, WXG_STATS_INIT);
    CHECK_INIT(wxg_album_options, WXG_ALBUM_OPTIONS_INIT);
    CHECK_INIT(wxg_save_image_options, WXG_SAVE_IMAGE_OPTIONS_INIT);
    CHECK_TEXT(literal, "abc");
    CHECK_TEXT(pointer, "abc");
    CHECK(none.data == NULL && none.len == 0);
}

int main(void)
{
    initialisers();
    structs_in();
    a_picture();
    structs_out();
    ok("structs");
    return 0;
}
