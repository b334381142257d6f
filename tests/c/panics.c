/*
 * A panic inside any function: WXG_ERR_PANIC, or what its comment gives instead; nothing printed, the client closed,
 * the process alive. Against a library built with the feature test-hooks.
 */
#include "pictures.h"

/* Makes the next call of any function panic. Only in libraries built for this test. */
void wxg_test_panic_next(void);

static int printed; /* where stdout and stderr go meanwhile */

static wxg_client *client;
static wxg_album *album;
static wxg_completion *completion;
static wxg_log_record *record;
static wxg_error *error;
static wxg_pay_options pay;

#define PANICS(call)                                                                               \
    do {                                                                                           \
        wxg_test_panic_next();                                                                     \
        CHECK_STATUS(call, WXG_ERR_PANIC);                                                         \
    } while (0)
#define PANICS_WITH_ERROR(call)                                                                    \
    do {                                                                                           \
        error = POISON(wxg_error);                                                                 \
        PANICS(call);                                                                              \
        CHECK_ERROR(error, WXG_ERR_PANIC, "", "failed inside");                                    \
        error = NULL;                                                                              \
    } while (0)

/* A fresh client, the call, and then: closed for whatever comes, and its end is told. */
#define PANICS_AND_CLOSES(how, call)                                                               \
    do {                                                                                           \
        client = open_offline();                                                                   \
        completion = POISON(wxg_completion);                                                       \
        how(call);                                                                                 \
        CHECK_STATUS(wxg_client_submit_pay(client, &pay, NULL), WXG_ERR_CLOSED);                   \
        drain_closed();                                                                            \
        CHECK_OK(wxg_client_close(client, 0));                                                     \
        wxg_client_free(client);                                                                   \
    } while (0)

static void drain_closed(void)
{
    wxg_completion *one = NULL;
    size_t count = 99;
    wxg_status status;
    do {
        status = wxg_client_wait(client, PATIENCE_MS, &one, 1, &count);
        if (count != 0)
            wxg_completion_free(one);
    } while (status == WXG_OK && count != 0);
    CHECK_STATUS(status, WXG_ERR_CLOSED);
}

static void on_a_client(void)
{
    wxg_present_options present = WXG_PRESENT_OPTIONS_INIT;
    wxg_cancel_pay_options cancel = WXG_CANCEL_PAY_OPTIONS_INIT;
    wxg_get_balance_options balance = WXG_GET_BALANCE_OPTIONS_INIT;
    wxg_login_options login = WXG_LOGIN_OPTIONS_INIT;
    wxg_session_options session = WXG_SESSION_OPTIONS_INIT;
    wxg_item_order_options item = item_order_of("t1", "o1", 1);
    wxg_query_order_options query = query_order_of(WXG_BIZ_ITEM, "t1", "o1", 1);
    wxg_str openid = WXG_STR("o1"), key = WXG_STR("c2Vzc2lvbg==");
    wxg_stats stats = WXG_STATS_INIT;
    size_t count = 99;
    int32_t fd = 99;
    present.bill_no = cancel.bill_no = WXG_STR("b1");
    present.openid = balance.openid = WXG_STR("o1");
    present.zone_id = balance.zone_id = WXG_STR("1");
    present.amount = 1;
    login.js_code = WXG_STR("code");
    session.openid = WXG_STR("o1");

    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_set_session(client, &openid, &key, &error));
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_set_app_key(client, &key, &error));
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_forget_session(client, &openid, &error));
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_set_access_token(client, &key, 7200, &error));
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_payment(client, &openid, -1, &completion, &error));
    CHECK(completion == NULL);
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_settle(client, &openid, WXG_OUTCOME_DONE, -1, &completion, &error));
    CHECK(completion == NULL);
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_resume(client, &openid, -1, &completion, &error));
    CHECK(completion == NULL);
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_list_unresolved(client, 0, -1, &completion, 1, &count, &error));
    CHECK_INT(count, 0);
    count = 99;
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_ack(client, 1, &error));
    PANICS_AND_CLOSES(PANICS, wxg_client_poll(client, &completion, 1, &count));
    CHECK_INT(count, 0);
    count = 99;
    PANICS_AND_CLOSES(PANICS, wxg_client_wait(client, -1, &completion, 1, &count));
    CHECK_INT(count, 0);
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_wake_fd(client, &fd, &error));
    CHECK_INT(fd, -1);
    PANICS_AND_CLOSES(PANICS, wxg_client_close(client, 0));
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_submit_pay(client, &pay, &error));
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_submit_present(client, &present, &error));
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_submit_cancel_pay(client, &cancel, &error));
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_submit_get_balance(client, &balance, &error));
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_submit_login(client, &login, &error));
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_submit_check_session(client, &session, &error));
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_submit_reset_session(client, &session, &error));
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_submit_item_order(client, &item, &error));
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_submit_query_order(client, &query, &error));
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_pay(client, &pay, -1, &completion, &error));
    CHECK(completion == NULL);
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_present(client, &present, -1, &completion, &error));
    CHECK(completion == NULL);
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_cancel_pay(client, &cancel, -1, &completion, &error));
    CHECK(completion == NULL);
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_get_balance(client, &balance, -1, &completion, &error));
    CHECK(completion == NULL);
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_login(client, &login, -1, &completion, &error));
    CHECK(completion == NULL);
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_check_session(client, &session, -1, &completion, &error));
    CHECK(completion == NULL);
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_reset_session(client, &session, -1, &completion, &error));
    CHECK(completion == NULL);
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_item_order(client, &item, -1, &completion, &error));
    CHECK(completion == NULL);
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_query_order(client, &query, -1, &completion, &error));
    CHECK(completion == NULL);
    PANICS_AND_CLOSES(PANICS_WITH_ERROR, wxg_client_receive_push(client, &openid, &key, -1, &completion, &error));
    CHECK(completion == NULL);
    count = 99;
    PANICS_AND_CLOSES(PANICS, wxg_client_poll_log(client, &record, 1, &count));
    CHECK_INT(count, 0);
    stats.submitted = 99;
    PANICS_AND_CLOSES(PANICS, wxg_client_stats(client, &stats));
    CHECK_INT(stats.submitted, 0);
}

/* A panic while others work: what they have submitted comes back, each exactly once. */
static void with_work_under_way(void)
{
    wxg_pay_options mine = pay_of("b1", "o1", 1, 5);
    wxg_completion_view view;
    client = open_offline();
    CHECK_OK(wxg_client_submit_pay(client, &mine, NULL));
    PANICS(wxg_client_ack(client, 1, NULL));
    wxg_completion_free(expect(client, WXG_KIND_PAY, 5, &view));
    CHECK(view.outcome == WXG_OUTCOME_NOT_SENT || view.outcome == WXG_OUTCOME_UNKNOWN);
    CHECK_INT(view.flags, WXG_FLAG_SHUTDOWN);
    drain_closed();
    wxg_client_free(client);
}

static void without_a_client(void)
{
    wxg_client_options options = test_options();
    wxg_midas_v1_request_options build = WXG_MIDAS_V1_REQUEST_OPTIONS_INIT;
    wxg_midas_v1_reply_options reply = WXG_MIDAS_V1_REPLY_OPTIONS_INIT;
    wxg_game_v2_request_options build_v2 = WXG_GAME_V2_REQUEST_OPTIONS_INIT;
    wxg_game_v2_reply_options reply_v2 = WXG_GAME_V2_REPLY_OPTIONS_INIT;
    wxg_str path = WXG_STR("/cgi-bin/midas/pay"), key = WXG_STR("key"), text = WXG_STR("rubbish");
    wxg_field field = {WXG_STR("a"), WXG_STR("b")};
    wxg_field mp_fields[2] = {{WXG_STR("access_token"), WXG_STR("t")}, {WXG_STR("sig"), WXG_STR("s")}};
    char signature[WXG_SIGNATURE_SIZE] = "rubbish", bill_no[WXG_BILL_NO_SIZE] = "rubbish";
    wxg_text *explained = POISON(wxg_text);
    wxg_request *request = POISON(wxg_request);
    wxg_request_view request_view = WXG_REQUEST_VIEW_INIT;
    wxg_errcode_help_view help = WXG_ERRCODE_HELP_VIEW_INIT;
    wxg_goods_view goods = WXG_GOODS_VIEW_INIT;
    size_t len = 99;

    client = POISON(wxg_client);
    PANICS_WITH_ERROR(wxg_client_open(&options, &client, &error));
    CHECK(client == NULL);
    PANICS_WITH_ERROR(wxg_bill_no_new(bill_no, &error));
    CHECK(bill_no[0] == '\0');
    PANICS(wxg_errcode_help(WXG_GENERATION_V1, WXG_CALL_PAY, 0, &help));
    CHECK(help.cause_en.data == NULL);

    PANICS_WITH_ERROR(wxg_sign_midas_v1(&path, &field, 1, &key, signature, &error));
    CHECK(signature[0] == '\0');
    PANICS_WITH_ERROR(wxg_sign_midas_v1_mp_sig(&path, mp_fields, 2, &key, signature, &error));
    PANICS_WITH_ERROR(wxg_sign_explain(&path, &field, 1, &explained, &error));
    CHECK(explained == NULL);
    CHECK_OK(wxg_sign_explain(&path, &field, 1, &explained, NULL));
    wxg_test_panic_next();
    CHECK(wxg_text_read(explained, &len) == NULL && len == 0);
    CHECK(wxg_text_read(explained, &len) != NULL && len > 0);

    PANICS_WITH_ERROR(wxg_sign_game_v2(&path, &text, &key, signature, &error));
    PANICS_WITH_ERROR(wxg_sign_game_v2_signature(&text, &key, signature, &error));
    wxg_text_free(explained);
    explained = POISON(wxg_text);
    PANICS_WITH_ERROR(wxg_sign_game_v2_explain(&path, &text, &explained, &error));
    CHECK(explained == NULL);
    CHECK_OK(wxg_sign_game_v2_explain(&path, &text, &explained, NULL));

    build.call = WXG_CALL_GET_BALANCE;
    build.no_mp_sig = 1;
    build.appid = WXG_STR("wx1234567");
    build.offer_id = WXG_STR("12345678");
    build.app_key = WXG_STR("key");
    build.access_token = WXG_STR("token");
    build.openid = WXG_STR("o1");
    build.zone_id = WXG_STR("1");
    build.ts = 1507530737;
    PANICS_WITH_ERROR(wxg_game_v2_build(&build_v2, &request, &error));
    CHECK(request == NULL);
    request = POISON(wxg_request);
    PANICS_WITH_ERROR(wxg_midas_v1_build(&build, &request, &error));
    CHECK(request == NULL);
    CHECK_OK(wxg_midas_v1_build(&build, &request, NULL));
    PANICS(wxg_request_read(request, &request_view));
    CHECK(request_view.body.data == NULL);
    CHECK_OK(wxg_request_read(request, &request_view));

    reply.call = WXG_CALL_PAY;
    reply.http_status = 200;
    completion = POISON(wxg_completion);
    PANICS_WITH_ERROR(wxg_game_v2_parse(&reply_v2, &completion, &error));
    CHECK(completion == NULL);
    completion = POISON(wxg_completion);
    PANICS_WITH_ERROR(wxg_midas_v1_parse(&reply, &completion, &error));
    CHECK(completion == NULL);
    CHECK_OK(wxg_midas_v1_parse(&reply, &completion, NULL));
    {
        wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
        view.kind = 99;
        PANICS(wxg_completion_read(completion, &view));
        CHECK_INT(view.kind, 0);
        CHECK_OK(wxg_completion_read(completion, &view));
    }
    goods.num = 99;
    PANICS(wxg_completion_goods(completion, 0, &goods));
    CHECK_INT(goods.num, 0);

    CHECK_STATUS(wxg_bill_no_new(NULL, &error), WXG_ERR_NULL_ARGUMENT);
    PANICS(wxg_error_field(error, &text));
    text = WXG_STR("rubbish");
    PANICS(wxg_error_message(error, &text));

    /* Four do nothing that could panic: what was asked for goes off in the next one, which then frees nothing. */
    wxg_test_panic_next();
    CHECK_INT(wxg_error_status(error), WXG_ERR_NULL_ARGUMENT);
    CHECK(strcmp(wxg_status_text(WXG_OK), "WXG_OK") == 0);
    CHECK(strcmp(wxg_version(), WXG_VERSION) == 0);
    CHECK_INT(wxg_abi_version(), WXG_ABI_VERSION);
    wxg_error_free(error);
    CHECK_INT(wxg_error_status(error), WXG_ERR_NULL_ARGUMENT);
    wxg_error_free(error);

    /* A free that panics before it began has freed nothing. */
    wxg_test_panic_next();
    wxg_text_free(explained);
    CHECK(wxg_text_read(explained, NULL) != NULL);
    wxg_text_free(explained);
    wxg_test_panic_next();
    wxg_request_free(request);
    CHECK_OK(wxg_request_read(request, &request_view));
    wxg_request_free(request);
    wxg_test_panic_next();
    wxg_completion_free(completion);
    (void)read_completion(completion);
    wxg_completion_free(completion);
}

static void on_a_record_and_freeing_a_client(void)
{
    wxg_log_record_view view = WXG_LOG_RECORD_VIEW_INIT;
    wxg_get_balance_options balance = WXG_GET_BALANCE_OPTIONS_INIT;
    size_t count = 0;
    balance.openid = WXG_STR("o1");
    balance.zone_id = WXG_STR("1");
    client = open_offline();
    CHECK_OK(wxg_client_submit_get_balance(client, &balance, NULL));
    AWAIT(wxg_client_poll_log(client, &record, 1, &count) == WXG_OK && count == 1);
    view.level = 99;
    PANICS(wxg_log_record_read(record, &view));
    CHECK_INT(view.level, 0);
    wxg_test_panic_next();
    wxg_log_record_free(record);
    CHECK_OK(wxg_log_record_read(record, &view));
    wxg_log_record_free(record);
    wxg_test_panic_next();
    wxg_client_free(client);
    CHECK(stats_of(client).submitted <= 1);
    wxg_client_free(client);
}

/* The same of an album: the call that waited is answered, and its end is told. */
#define PANICS_AND_CLOSES_ALBUM(how, call)                                                         \
    do {                                                                                           \
        album = open_album(&someone);                                                              \
        submit_save(album, "wxfile://tmp/shot.png", 5);                                            \
        expect_request(album, WXG_KIND_CONSENT_NEEDED);                                            \
        how(call);                                                                                 \
        CHECK_STATUS(wxg_album_submit_authorize(album, 6, NULL), WXG_ERR_CLOSED);                  \
        CHECK_INT(expect_answer(album, WXG_KIND_SAVE_IMAGE, 5, "saveImageToPhotosAlbum:fail cancel", \
                                WXG_ALBUM_CANCELLED).flags, WXG_FLAG_SHUTDOWN);                    \
        CHECK_STATUS(wxg_album_wait(album, PATIENCE_MS, &completion, 1, &count), WXG_ERR_CLOSED);  \
        CHECK_OK(wxg_album_close(album, 0));                                                       \
        wxg_album_free(album);                                                                     \
    } while (0)

static void on_an_album(void)
{
    user someone = new_user("panics");
    wxg_album_options options = album_options(&someone);
    wxg_save_image_options save = WXG_SAVE_IMAGE_OPTIONS_INIT;
    wxg_str errmsg = WXG_STR("saveImageToPhotosAlbum:ok");
    uint32_t value = 99;
    int32_t fd = 99;
    size_t count = 99;

    album = POISON(wxg_album);
    PANICS_WITH_ERROR(wxg_album_open(&options, &album, &error));
    CHECK(album == NULL);
    PANICS(wxg_album_errmsg_class(&errmsg, &value));
    CHECK_INT(value, 0);
    value = 99;
    PANICS_AND_CLOSES_ALBUM(PANICS_WITH_ERROR, wxg_album_submit_save_image(album, &save, &error));
    PANICS_AND_CLOSES_ALBUM(PANICS_WITH_ERROR, wxg_album_submit_authorize(album, 1, &error));
    PANICS_AND_CLOSES_ALBUM(PANICS_WITH_ERROR, wxg_album_submit_open_setting(album, 1, &error));
    PANICS_AND_CLOSES_ALBUM(PANICS_WITH_ERROR, wxg_album_answer_consent(album, WXG_CONSENT_GRANTED, &error));
    PANICS_AND_CLOSES_ALBUM(PANICS_WITH_ERROR, wxg_album_answer_setting(album, WXG_CONSENT_GRANTED, &error));
    PANICS_AND_CLOSES_ALBUM(PANICS_WITH_ERROR, wxg_album_get_setting(album, &value, &error));
    CHECK_INT(value, 0);
    PANICS_AND_CLOSES_ALBUM(PANICS_WITH_ERROR, wxg_album_wake_fd(album, &fd, &error));
    CHECK_INT(fd, -1);
    PANICS_AND_CLOSES_ALBUM(PANICS, wxg_album_poll(album, &completion, 1, &count));
    CHECK_INT(count, 0);
    PANICS_AND_CLOSES_ALBUM(PANICS, wxg_album_wait(album, -1, &completion, 1, &count));
    PANICS_AND_CLOSES_ALBUM(PANICS, wxg_album_close(album, 0));
    CHECK_INT(entries(someone.user_data_path), 0);

    /* A free that panics before it began has freed nothing. */
    album = open_album(&someone);
    wxg_test_panic_next();
    wxg_album_free(album);
    CHECK_INT(setting_of(album), WXG_CONSENT_NOT_ASKED);
    wxg_album_free(album);
}

int main(void)
{
    char path[600];
    int out = dup(STDOUT_FILENO), err = complain_to = dup(STDERR_FILENO);
    pay = pay_of("b9", "o1", 1, 9);
    snprintf(path, sizeof(path), "%s/printed-by-panics", setting("WXG_TEST_DIR"));
    printed = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(printed >= 0);
    CHECK(dup2(printed, STDOUT_FILENO) >= 0 && dup2(printed, STDERR_FILENO) >= 0);
    on_a_client();
    with_work_under_way();
    without_a_client();
    on_a_record_and_freeing_a_client();
    on_an_album();
    fflush(NULL);
    CHECK(dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0);
    CHECK_INT(lseek(printed, 0, SEEK_END), 0);
    ok("panics");
    return 0;
}
