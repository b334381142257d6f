/*
 * What WeChat pushes, from the sandbox through a URL of this program to the library and back: told once, again until
 * acknowledged, and nothing that is forged.
 */
#include "records.h"
#include "shop.h"

#include <signal.h>
#include <sys/wait.h>

#define PLAYER "oPushesPlayer_0123456789abcd"

static const char SUCCESS[] = "{\"ErrCode\":0,\"ErrMsg\":\"Success\"}";
static const char SUCCESS_XML[] = "<xml><ErrCode>0</ErrCode><ErrMsg>Success</ErrMsg></xml>";

/* On the journal of the process that WXG_TEST_JOURNAL names, which may be another one. */
static wxg_client *open_receiver(const char *aes_key)
{
    wxg_client_options options = test_options_v2();
    wxg_client *client;
    options.journal = wxg_cstr(setting("WXG_TEST_JOURNAL"));
    options.push_aes_key = wxg_cstr(aes_key);
    options.redeliver_after_ms = -1;
    client = open_client(&options);
    set_session(client, PLAYER);
    return client;
}

static wxg_client *open_mode(const char *journal, const char *aes_key)
{
    CHECK(setenv("WXG_TEST_JOURNAL", sqlite_journal(journal).data, 1) == 0);
    open_push_url(aes_key);
    return open_receiver(aes_key);
}

/* Nothing that nobody asked for has come, and the log shows no secret and no whole openid. */
static void end(wxg_client *client)
{
    expect_nothing(client);
    drain_log(client, PLAYER, "");
    wxg_client_free(client);
}

static wxg_completion *push(wxg_client *client, const char *wish)
{
    tell_sandbox("/sandbox/push", "%s", wish);
    return serve_push(client);
}

/* Of the push that comes next, where its texts do not matter. */
static wxg_completion_view serve(wxg_client *client, uint32_t verdict)
{
    wxg_completion *completion = serve_push(client);
    wxg_completion_view view = read_completion(completion);
    if (view.verdict != verdict)
        failed(__FILE__, __LINE__, "verdict %u, not %u: %s", view.verdict, verdict, view.errmsg.data);
    CHECK_INT(view.delivery_id != 0, verdict == WXG_VERDICT_DELIVER);
    CHECK_INT(view.outcome, verdict == WXG_VERDICT_DELIVER ? WXG_OUTCOME_DONE : WXG_OUTCOME_NONE);
    wxg_completion_free(completion);
    memset(&view.bill_no, 0, offsetof(wxg_completion_view, verdict) - offsetof(wxg_completion_view, bill_no));
    memset(&view.refund_bill_no, 0, sizeof(view) - offsetof(wxg_completion_view, refund_bill_no));
    return view;
}

static void acknowledge(wxg_client *client, uint64_t delivery_id)
{
    CHECK_OK(wxg_client_ack(client, delivery_id, NULL));
    AWAIT(stats_of(client).unacked == 0);
}

/* ---- what is believed ---- */

/* The console tries the URL when it is set up. The sandbox has no console: this is its GET. */
static void the_url_is_tried(wxg_client *client)
{
    static const char wrong[] = "signature=0de7ab88748e092c613373073ca96f1c66c5747c&timestamp=1714036504&nonce=1514711492&echostr=437512";
    wxg_completion *completion = POISON(wxg_completion);
    wxg_completion_view view;
    push_query = WXG_STR("signature=fde7ab88748e092c613373073ca96f1c66c5747c&timestamp=1714036504&nonce=1514711492&echostr=437512");
    push_body = WXG_STR("");
    completion = receive_push(client);
    view = read_completion(completion);
    CHECK_INT(view.verdict, WXG_VERDICT_ECHO);
    CHECK_INT(view.outcome, WXG_OUTCOME_NONE);
    CHECK_INT(view.answer_status, 200);
    CHECK_TEXT(view.answer, "437512");
    wxg_completion_free(completion);
    push_query = wxg_cstr(wrong);
    completion = receive_push(client);
    view = read_completion(completion);
    CHECK_INT(view.verdict, WXG_VERDICT_REFUSE);
    CHECK_INT(view.refusal, WXG_REFUSAL_SIGNATURE);
    CHECK_INT(view.answer_status, 403);
    wxg_completion_free(completion);
}

/* Bought in the mall, whose event has two names, so nobody ordered them here. */
static void goods_are_told_once(wxg_client *client, const char *number, const char *format, const char *event)
{
    char wish[600];
    wxg_completion *completion;
    wxg_completion_view view;
    int is_xml = strcmp(format, "xml") == 0;

    snprintf(wish, sizeof(wish),
             "{'event':'h5_goods','out_trade_no':'%s','openid':'" PLAYER "','format':'%s','repeat':2,'message':{'Event':'%s'},"
             "'fields':{'GoodsInfo':{'ProductId':'bow','Quantity':3,'OrigPrice':900,'ActualPrice':800,'Attach':'\xe7\xae\xad ]]> 7'}}}",
             number, format, event);
    completion = push(client, wish);
    view = read_completion(completion);
    CHECK_INT(view.verdict, WXG_VERDICT_DELIVER);
    CHECK_INT(view.outcome, WXG_OUTCOME_DONE);
    CHECK_INT(view.flags, WXG_FLAG_NOT_ORDERED);
    CHECK_INT(view.payment_kind, WXG_KIND_ITEM_ORDER);
    CHECK_INT(view.push_event, WXG_PUSH_GOODS);
    CHECK_INT(view.refusal, 0);
    CHECK_INT(view.amount, 3);
    CHECK_INT(view.orig_price, 900);
    CHECK_INT(view.actual_price, 800);
    CHECK_INT(view.order_source, 2);
    CHECK_TEXT(view.event, event);
    CHECK_TEXT(view.event_id, number);
    CHECK_TEXT(view.out_trade_no, number);
    CHECK_TEXT(view.bill_no, number);
    CHECK_TEXT(view.openid, PLAYER);
    CHECK_TEXT(view.pay_item, "bow");
    CHECK_TEXT(view.attach, "\xe7\xae\xad ]]> 7");
    CHECK_HOLDS(view.mch_order_no, number);
    CHECK_HOLDS(view.transaction_id, number);
    CHECK_HOLDS(view.payload, "\"ProductId\":\"bow\"");
    CHECK_INT(view.answer_status, 200);
    CHECK_TEXT(view.answer_content_type, is_xml ? "text/xml" : "application/json");
    CHECK_TEXT(view.answer, is_xml ? SUCCESS_XML : SUCCESS);
    serve(client, WXG_VERDICT_ALREADY_DELIVERED);
    acknowledge(client, view.delivery_id);
    wxg_completion_free(completion);
    AWAIT(push_verdicts(number, "success") == 2);
}

static void push_goods(const char *number, int quantity)
{
    tell_sandbox("/sandbox/push",
                 "{'event':'goods','out_trade_no':'%s','openid':'" PLAYER "','fields':{'GoodsInfo':{'ProductId':'sword','Quantity':%d}}}",
                 number, quantity);
}

static void goods_belong_to_their_order(wxg_client *client)
{
    wxg_item_order_options order = shop_order("ordered", PLAYER, 5);
    wxg_completion *completion;
    wxg_completion_view view;

    wxg_completion_free(order_item(client, &order));
    push_goods("ordered", 2);
    CHECK_INT(serve(client, WXG_VERDICT_DELIVER).flags, 0);
    push_goods("ordered", 2);
    CHECK_INT(serve(client, WXG_VERDICT_ALREADY_DELIVERED).user_tag, 5);

    /* More than was ordered: a person must look, until the right push comes. */
    order.out_trade_no = WXG_STR("mismatch|1");
    wxg_completion_free(order_item(client, &order));
    push_goods("mismatch|1", 20);
    CHECK_INT(serve(client, WXG_VERDICT_REFUSE).refusal, WXG_REFUSAL_MISMATCH);
    expect_outcome(client, WXG_KIND_RESOLVED, 5, WXG_OUTCOME_NEEDS_REVIEW, WXG_REASON_MISMATCH);
    CHECK_OK(wxg_client_settle(client, &order.out_trade_no, WXG_OUTCOME_REJECTED, PATIENCE_MS, &completion, NULL));
    CHECK_INT(read_completion(completion).outcome, WXG_OUTCOME_REJECTED);
    wxg_completion_free(completion);
    expect_outcome(client, WXG_KIND_RESOLVED, 5, WXG_OUTCOME_REJECTED, WXG_REASON_SETTLED);
    push_goods("mismatch|1", 2);
    completion = serve_push(client);
    view = read_completion(completion);
    CHECK_INT(view.verdict, WXG_VERDICT_DELIVER);
    CHECK_TEXT(view.host_data, HOST_DATA);
    wxg_completion_free(completion);
}

static void coins_change_the_balance(wxg_client *client)
{
    wxg_get_balance_options balance = WXG_GET_BALANCE_OPTIONS_INIT;
    wxg_completion *completion;
    wxg_completion_view view;

    tell_sandbox("/sandbox/purchase", "{'openid':'" PLAYER "','out_trade_no':'coins','amt':40,'env':'production'}");
    completion = serve_push(client);
    view = read_completion(completion);
    CHECK_INT(view.verdict, WXG_VERDICT_BALANCE_CHANGED);
    CHECK_INT(view.push_event, WXG_PUSH_COINS);
    CHECK_INT(view.delivery_id, 0);
    CHECK_INT(view.amount, 40);
    CHECK_INT(view.actual_price, 400);
    CHECK_TEXT(view.openid, PLAYER);
    CHECK_TEXT(view.event_id, "coins");
    CHECK_TEXT(view.mch_order_no, "mch-coins");
    wxg_completion_free(completion);
    balance.openid = WXG_STR(PLAYER);
    balance.zone_id = WXG_STR("1");
    CHECK_OK(wxg_client_get_balance(client, &balance, PATIENCE_MS, &completion, NULL));
    CHECK_INT(read_completion(completion).balance, 40);
    wxg_completion_free(completion);
    /* Whoever waited for them may have died before it was told. */
    tell_sandbox("/sandbox/push", "{'event':'coin','out_trade_no':'coins'}");
    serve(client, WXG_VERDICT_BALANCE_CHANGED);
    tell_sandbox("/sandbox/push", "{'event':'recharge_centre_coin','out_trade_no':'centre'}");
    CHECK_INT(serve(client, WXG_VERDICT_BALANCE_CHANGED).push_event, WXG_PUSH_COINS);
}

/* Of the coins that were bought before. */
static void money_goes_back(wxg_client *client)
{
    wxg_completion *completion;
    wxg_completion_view view;
    tell_sandbox("/sandbox/refund", "{'out_trade_no':'coins','env':'production','refund_amount':150,'refund_source':3}");
    completion = serve_push(client);
    view = read_completion(completion);
    CHECK_INT(view.verdict, WXG_VERDICT_DELIVER);
    CHECK_INT(view.push_event, WXG_PUSH_REFUND);
    CHECK_INT(view.payment_kind, WXG_KIND_PUSH);
    CHECK_INT(view.refund_amount, 150);
    CHECK_INT(view.refund_source, 3);
    CHECK_TEXT(view.out_trade_no, "coins");
    CHECK(view.event_id.len > 0);
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
    wxg_completion_free(completion);
}

static void mocks_deliver_nothing(wxg_client *client)
{
    tell_sandbox("/sandbox/push", "{'event':'goods','out_trade_no':'mocked','mock':true}");
    CHECK_INT(serve(client, WXG_VERDICT_MOCK).push_event, WXG_PUSH_GOODS);
    AWAIT(push_verdicts("mocked", "success") == 1);
    tell_sandbox("/sandbox/push", "{'event':'goods','out_trade_no':'mocked'}");
    serve(client, WXG_VERDICT_DELIVER);
}

static void the_rest_is_the_hosts(wxg_client *client)
{
    static const char message[] = "{\"MsgType\":\"event\",\"Event\":\"hello\",\"words\":\"\xe4\xb8\x96\xe7\x95\x8c\"}";
    char wish[300], escaped[200];
    wxg_completion *completion;
    wxg_completion_view view;
    snprintf(wish, sizeof(wish), "{'event':'raw','body':'%s'}", in_json(wxg_cstr(message), escaped, sizeof(escaped)));
    completion = push(client, wish);
    view = read_completion(completion);
    CHECK_INT(view.verdict, WXG_VERDICT_OTHER);
    CHECK_TEXT(view.event, "hello");
    CHECK_TEXT(view.payload, message);
    CHECK_TEXT(view.answer, "success");
    wxg_completion_free(completion);
}

/* ---- gift packs ---- */

static const char GIFT[] = "{'event':'gift','out_trade_no':'pack-1','openid':'" PLAYER "','fields':{'IsPreview':1,'GiftTypeId':4,"
                           "'GiftId':'spring','SendTime':1714112445,'GoodsList':[{'Id':'sword','Num':1},{'Id':'gold','Num':50}]}}";

static void check_gift(const wxg_completion *gift)
{
    wxg_completion_view view = read_completion(gift);
    wxg_goods_view goods = WXG_GOODS_VIEW_INIT;
    CHECK_INT(view.push_event, WXG_PUSH_GIFT);
    CHECK_INT(view.outcome, WXG_OUTCOME_DONE);
    CHECK_TEXT(view.event_id, "pack-1");
    CHECK_TEXT(view.openid, PLAYER);
    CHECK_TEXT(view.gift_id, "spring");
    CHECK_INT(view.gift_type_id, 4);
    CHECK_INT(view.is_preview, 1);
    CHECK_INT(view.send_time, 1714112445);
    CHECK_INT(view.goods_count, 2);
    CHECK_OK(wxg_completion_goods(gift, 0, &goods));
    CHECK_TEXT(goods.id, "sword");
    CHECK_INT(goods.num, 1);
    CHECK_OK(wxg_completion_goods(gift, 1, &goods));
    CHECK_TEXT(goods.id, "gold");
    CHECK_INT(goods.num, 50);
    CHECK_STATUS(wxg_completion_goods(gift, 2, &goods), WXG_ERR_INVALID_ARGUMENT);
    CHECK_INT(goods.num, 0);
    CHECK_STATUS(wxg_completion_goods(gift, (size_t)-1, &goods), WXG_ERR_INVALID_ARGUMENT);
}

/* Its goods are told again with it. Gives back the client of the second opening. */
static wxg_client *a_gift_comes_again_until_acknowledged(wxg_client *client)
{
    wxg_completion *gift = push(client, GIFT);
    wxg_completion_view view = read_completion(gift);
    uint64_t delivery_id = view.delivery_id;
    CHECK_INT(view.verdict, WXG_VERDICT_DELIVER);
    CHECK_INT(view.payment_kind, WXG_KIND_PUSH);
    check_gift(gift);
    wxg_completion_free(gift);
    end(client);

    client = open_receiver(PUSH_SAFE);
    gift = expect(client, WXG_KIND_RESOLVED, 0, &view);
    CHECK_INT(view.flags, WXG_FLAG_REDELIVERED);
    CHECK_INT(view.delivery_id, delivery_id);
    CHECK_INT(view.verdict, 0);
    CHECK_INT(view.answer_status, 0);
    CHECK_TEXT(view.answer, "");
    check_gift(gift);
    wxg_completion_free(gift);
    acknowledge(client, delivery_id);
    tell_sandbox("/sandbox/push", "%s", GIFT);
    serve(client, WXG_VERDICT_ALREADY_DELIVERED);
    return client;
}

/* ---- what is not believed ---- */

/* Nothing comes of it; WeChat hears that it was not taken. */
static void refuses(wxg_client *client, const char *wish, uint32_t refusal)
{
    wxg_completion *completion;
    wxg_completion_view view;
    completion = push(client, wish);
    view = read_completion(completion);
    if (view.verdict != WXG_VERDICT_REFUSE || view.refusal != refusal)
        failed(__FILE__, __LINE__, "%s: verdict %u refusal %u, not %u: %s", wish, view.verdict, view.refusal, refusal, view.errmsg.data);
    CHECK_INT(view.outcome, WXG_OUTCOME_NONE);
    CHECK_INT(view.delivery_id, 0);
    CHECK_INT(view.answer_status, 403);
    CHECK_HOLDS(view.answer, "99999");
    CHECK(view.errmsg.len > 0);
    wxg_completion_free(completion);
}

typedef struct forgery {
    const char *wish;
    uint32_t refusal;
} forgery;

static void forgeries_are_refused(wxg_client *client, const char *aes_key)
{
    static const forgery in_any_mode[] = {
        {"{'event':'goods','out_trade_no':'forged','forge':'pay_event_sig'}", WXG_REFUSAL_PAY_EVENT_SIG},
        {"{'event':'goods','out_trade_no':'forged','forge':'env'}", WXG_REFUSAL_PAY_EVENT_SIG},
        {"{'event':'goods','out_trade_no':'forged','forge':'signature'}", WXG_REFUSAL_SIGNATURE},
        {"{'event':'coin','out_trade_no':'forged','format':'xml','forge':'pay_event_sig'}", WXG_REFUSAL_PAY_EVENT_SIG},
        {"{'event':'refund','out_trade_no':'forged','format':'xml','forge':'env'}", WXG_REFUSAL_PAY_EVENT_SIG},
        {"{'event':'refund','out_trade_no':'forged','format':'xml','forge':'signature'}", WXG_REFUSAL_SIGNATURE},
        {"{'event':'goods','out_trade_no':'forged','env':'sandbox'}", WXG_REFUSAL_ENVIRONMENT},
        {"{'event':'goods','out_trade_no':'forged','fields':{'OpenId':null}}", WXG_REFUSAL_MALFORMED},
        {"{'event':'goods','out_trade_no':'forged','message':{'MiniGame':{'Payload':'[]'}}}", WXG_REFUSAL_MALFORMED},
        {"{'event':'raw','body':'{'}", WXG_REFUSAL_MALFORMED},
        {"{'event':'raw','format':'xml','body':'<!DOCTYPE xml><xml/>'}", WXG_REFUSAL_MALFORMED},
    };
    static const forgery in_safe_mode[] = {
        {"{'event':'goods','out_trade_no':'forged','forge':'appid'}", WXG_REFUSAL_APPID},
        {"{'event':'goods','out_trade_no':'forged','forge':'padding'}", WXG_REFUSAL_DECRYPT},
        {"{'event':'goods','out_trade_no':'forged','forge':'plain'}", WXG_REFUSAL_DOWNGRADE},
        {"{'event':'gift','forge':'appid'}", WXG_REFUSAL_APPID},
        {"{'event':'gift','forge':'plain'}", WXG_REFUSAL_DOWNGRADE},
        {"{'event':'goods','out_trade_no':'forged','message':{'MiniGame':{'PayEventSig':''}}}", WXG_REFUSAL_PAY_EVENT_SIG},
    };
    static const forgery in_plain_mode[] = {
        {"{'event':'goods','out_trade_no':'forged','message':{'MiniGame':{'PayEventSig':''}}}", WXG_REFUSAL_UNPROTECTED},
        {"{'event':'gift'}", WXG_REFUSAL_UNPROTECTED},
        {"{'event':'gift','format':'xml'}", WXG_REFUSAL_UNPROTECTED},
    };
    int is_safe = *aes_key != '\0';
    const forgery *more = is_safe ? in_safe_mode : in_plain_mode;
    size_t more_count = is_safe ? sizeof(in_safe_mode) / sizeof(forgery) : sizeof(in_plain_mode) / sizeof(forgery), i;
    uint64_t unacked = stats_of(client).unacked;
    static char huge[(1 << 20) + 2];
    wxg_completion *completion;

    for (i = 0; i < sizeof(in_any_mode) / sizeof(forgery); i++)
        refuses(client, in_any_mode[i].wish, in_any_mode[i].refusal);
    for (i = 0; i < more_count; i++)
        refuses(client, more[i].wish, more[i].refusal);
    memset(huge, ' ', sizeof(huge) - 1);
    push_body = wxg_cstr(huge);
    completion = receive_push(client);
    CHECK_INT(read_completion(completion).refusal, WXG_REFUSAL_TOO_LARGE);
    wxg_completion_free(completion);
    CHECK_INT(stats_of(client).unacked, unacked);
    CHECK_INT(push_verdicts("forged", "success"), 0);

    /* None of them keeps the real one from being told. */
    tell_sandbox("/sandbox/push", "{'event':'goods','out_trade_no':'forged'}");
    serve(client, WXG_VERDICT_DELIVER);
}

/* To a client without push_aes_key. */
static void what_is_sealed_needs_a_key(wxg_client *client)
{
    open_push_url(PUSH_SAFE);
    refuses(client, "{'event':'goods','out_trade_no':'sealed'}", WXG_REFUSAL_DECRYPT);
    open_push_url(PUSH_PLAIN);
}

/* ---- nothing is lost ---- */

/* This program, as another process: it is killed before it could answer and acknowledge. */
static int killed_process(void)
{
    wxg_client *client = open_receiver(PUSH_SAFE);
    wxg_completion *completion;
    push_url = (int)strtol(setting("WXG_TEST_PUSH_URL"), NULL, 10);
    take_push();
    completion = receive_push(client);
    CHECK_INT(read_completion(completion).verdict, WXG_VERDICT_DELIVER);
    raise(SIGKILL);
    return 99;
}

static void what_a_killed_process_was_told_is_told_again(const char *program)
{
    wxg_client *client = open_mode("killed", PUSH_SAFE);
    wxg_completion *completion;
    wxg_completion_view view;
    char fd[20];
    pid_t child;
    int status = -1;

    wxg_client_free(client);
    snprintf(fd, sizeof(fd), "%d", push_url);
    CHECK(setenv("WXG_TEST_PUSH_URL", fd, 1) == 0);
    push_goods("killed", 7);
    fflush(NULL);
    child = fork();
    if (child == 0) {
        execl(program, program, "killed", (char *)NULL);
        _exit(99);
    }
    CHECK(child > 0);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    AWAIT(push_verdicts("killed", "unreachable") == 1);

    client = open_receiver(PUSH_SAFE);
    completion = expect(client, WXG_KIND_RESOLVED, 0, &view);
    CHECK_INT(view.outcome, WXG_OUTCOME_DONE);
    CHECK_INT(view.flags, WXG_FLAG_REDELIVERED | WXG_FLAG_NOT_ORDERED);
    CHECK_INT(view.push_event, WXG_PUSH_GOODS);
    CHECK_INT(view.amount, 7);
    CHECK_TEXT(view.event_id, "killed");
    CHECK_TEXT(view.openid, PLAYER);
    /* WeChat, which heard nothing, comes again by its plan. */
    sandbox("POST", "/sandbox/clock", "{\"advance_s\":15}");
    serve(client, WXG_VERDICT_ALREADY_DELIVERED);
    AWAIT(push_verdicts("killed", "success") == 1);
    acknowledge(client, view.delivery_id);
    wxg_completion_free(completion);
    end(client);
    end(open_receiver(PUSH_SAFE));
}

/* Another process holds the journal's file. Once it lets go, the push is delivered: from there, or when it comes again. */
static void what_cannot_be_written_is_to_come_again(void)
{
    wxg_client *client = open_mode("locked", PUSH_PLAIN);
    wxg_completion *completion = POISON(wxg_completion);
    wxg_completion_view view;
    char path[600], command_line[700];
    FILE *holder;

    snprintf(path, sizeof(path), "%s/locked", setting("WXG_TEST_DIR"));
    snprintf(command_line, sizeof(command_line), "exec sqlite3 -bail '%s'", file_of(wxg_cstr(setting("WXG_TEST_JOURNAL"))));
    holder = popen(command_line, "w");
    CHECK(holder != NULL);
    CHECK(fprintf(holder, ".timeout 60000\nBEGIN IMMEDIATE;\n.once '%s'\nSELECT 1;\n", path) > 0 && fflush(holder) == 0);
    AWAIT(access(path, F_OK) == 0);
    push_goods("locked", 1);
    take_push();
    CHECK_OK(wxg_client_receive_push(client, &push_query, &push_body, 100, &completion, NULL));
    view = read_completion(completion);
    CHECK_INT(view.verdict, WXG_VERDICT_AGAIN);
    CHECK_INT(view.outcome, WXG_OUTCOME_NONE);
    CHECK_INT(view.delivery_id, 0);
    CHECK_HOLDS(view.answer, "99999");
    answer_push(&view);
    wxg_completion_free(completion);
    AWAIT(push_verdicts("locked", "refused") == 1);
    CHECK(fputs("ROLLBACK;\n", holder) >= 0 && pclose(holder) == 0);
    sandbox("POST", "/sandbox/clock", "{\"advance_s\":15}");
    completion = serve_push(client);
    if (read_completion(completion).verdict == WXG_VERDICT_ALREADY_DELIVERED) {
        wxg_completion_free(completion);
        completion = expect(client, WXG_KIND_PUSH, 0, &view);
    }
    view = read_completion(completion);
    CHECK_INT(view.verdict, WXG_VERDICT_DELIVER);
    CHECK_TEXT(view.event_id, "locked");
    acknowledge(client, view.delivery_id);
    wxg_completion_free(completion);
    end(client);
    end(open_receiver(PUSH_PLAIN));
}

static void a_closed_client_takes_nothing(void)
{
    wxg_client *client = open_mode("closed", PUSH_PLAIN);
    wxg_completion *completion = POISON(wxg_completion);
    wxg_error *error = POISON(wxg_error);
    push_goods("closed", 1);
    take_push();
    CHECK_OK(wxg_client_close(client, 1000));
    CHECK_STATUS(wxg_client_receive_push(client, &push_query, &push_body, PATIENCE_MS, &completion, &error), WXG_ERR_CLOSED);
    CHECK_ERROR(error, WXG_ERR_CLOSED, "", "closed");
    CHECK(completion == NULL);
    close(push_connection);
    wxg_client_free(client);
    close_push_url();
}

static void in_each_mode(const char *name, const char *aes_key)
{
    wxg_client *client;
    reset_sandbox();
    new_player(PLAYER, 0);
    client = open_mode(name, aes_key);
    the_url_is_tried(client);
    goods_are_told_once(client, "mall-1", "json", "minigame_h5_goods_deliver_notify");
    goods_are_told_once(client, "mall-2", "xml", "minigame_deliver_h5_pay_products");
    coins_change_the_balance(client);
    money_goes_back(client);
    if (*aes_key != '\0')
        client = a_gift_comes_again_until_acknowledged(client);
    goods_belong_to_their_order(client);
    the_rest_is_the_hosts(client);
    mocks_deliver_nothing(client);
    forgeries_are_refused(client, aes_key);
    if (*aes_key == '\0')
        what_is_sealed_needs_a_key(client);
    end(client);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "killed") == 0)
        return killed_process();
    in_each_mode("plain", PUSH_PLAIN);
    in_each_mode("safe", PUSH_SAFE);
    what_a_killed_process_was_told_is_told_again(argv[0]);
    what_cannot_be_written_is_to_come_again();
    a_closed_client_takes_nothing();
    ok("pushes");
    return 0;
}
