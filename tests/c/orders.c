/*
 * Virtual payment 2.0: a payment given back part by part, both kinds of coins, what became of a purchase, and items
 * that the player pays in the game client. What WeChat heard and did, the sandbox tells.
 */
#include "records.h"
#include "shop.h"

#define PLAYER "oOrdersPlayer_0123456789abcd"
#define STRANGER "oOrdersStranger_0123456789ab"

static wxg_client *open_journal(const char *name)
{
    wxg_client_options options = test_options_v2();
    wxg_client *client;
    options.journal = sqlite_journal(name);
    options.redeliver_after_ms = -1;
    client = open_client(&options);
    set_session(client, PLAYER);
    return client;
}

/* Nothing that nobody asked for has come, and the log shows no secret and no whole openid. */
static void end(wxg_client *client)
{
    expect_nothing(client);
    drain_log(client, PLAYER, "");
    wxg_client_free(client);
}

/* ---- coins ---- */

static int64_t balance_of(wxg_client *client, uint32_t coin_type)
{
    wxg_get_balance_options options = WXG_GET_BALANCE_OPTIONS_INIT;
    wxg_completion *completion = POISON(wxg_completion);
    wxg_completion_view view;
    options.openid = WXG_STR(PLAYER);
    options.zone_id = WXG_STR("1");
    options.coin_type = coin_type;
    CHECK_OK(wxg_client_get_balance(client, &options, PATIENCE_MS, &completion, NULL));
    view = read_completion(completion);
    CHECK_INT(view.outcome, WXG_OUTCOME_DONE);
    CHECK(view.has & WXG_HAS_BALANCE);
    wxg_completion_free(completion);
    return view.balance;
}

/* A payment that is done; the caller acknowledges it. */
static uint64_t paid(wxg_client *client, const char *bill_no, int64_t amount)
{
    wxg_pay_options pay = pay_of(bill_no, PLAYER, amount, 1);
    submit(client, &pay);
    return expect_outcome(client, WXG_KIND_PAY, 1, WXG_OUTCOME_DONE, WXG_REASON_NONE).delivery_id;
}

/* Gives back a part, or with an empty number and 0 the whole. Yours to free. */
static wxg_completion *give_back(wxg_client *client, const char *bill_no, const char *refund_bill_no, int64_t amount)
{
    wxg_cancel_pay_options options = WXG_CANCEL_PAY_OPTIONS_INIT;
    wxg_completion *completion = POISON(wxg_completion);
    wxg_error *error = POISON(wxg_error);
    options.bill_no = wxg_cstr(bill_no);
    options.refund_bill_no = wxg_cstr(refund_bill_no);
    options.amount = amount;
    options.user_tag = 2;
    CHECK_OK(wxg_client_cancel_pay(client, &options, PATIENCE_MS, &completion, &error));
    CHECK(error == NULL);
    return completion;
}

/* It comes back, once, under the number that the host gave it. */
static void gives_back(wxg_client *client, const char *refund_bill_no, int64_t amount, int64_t attempts)
{
    wxg_completion *completion = give_back(client, "paid", refund_bill_no, amount);
    wxg_completion_view view = read_completion(completion);
    CHECK_INT(view.kind, WXG_KIND_CANCEL_PAY);
    CHECK_INT(view.payment_kind, WXG_KIND_CANCEL_PAY);
    CHECK_INT(view.outcome, WXG_OUTCOME_DONE);
    CHECK_INT(view.reason, WXG_REASON_NONE);
    CHECK_TEXT(view.bill_no, "paid");
    CHECK_TEXT(view.refund_bill_no, refund_bill_no);
    CHECK_TEXT(view.openid, PLAYER);
    CHECK_INT(view.amount, amount);
    CHECK_INT(view.user_tag, 2);
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
    wxg_completion_free(completion);
    CHECK_INT(ledger(refund_bill_no, "attempts"), attempts);
    CHECK_INT(ledger(refund_bill_no, "given_back"), 1);
    CHECK_INT(ledger(refund_bill_no, "changed"), 0);
}

static void refuses_to_give_back(wxg_client *client, const char *refund_bill_no, int64_t amount, wxg_status status, const char *words)
{
    wxg_completion *completion = give_back(client, "paid", refund_bill_no, amount);
    wxg_completion_view view = read_completion(completion);
    CHECK_INT(view.kind, WXG_KIND_CANCEL_PAY);
    CHECK_INT(view.outcome, WXG_OUTCOME_NONE);
    CHECK_STATUS(view.status, status);
    CHECK_HOLDS(view.errmsg, words);
    CHECK_INT(view.delivery_id, 0);
    wxg_completion_free(completion);
}

static void a_payment_is_given_back_part_by_part(void)
{
    wxg_client *client = open_journal("parts");
    uint64_t delivery_id = paid(client, "paid", 30);
    int64_t requests = requests_seen("game_cancelpay");

    refuses_to_give_back(client, "part-1", 10, WXG_ERR_WRONG_STATE, "acknowledge");
    CHECK_OK(wxg_client_ack(client, delivery_id, NULL));
    refuses_to_give_back(client, "part-1", 31, WXG_ERR_WRONG_STATE, "30 coins");
    CHECK_INT(requests_seen("game_cancelpay"), requests);
    gives_back(client, "part-1", 10, 1);
    CHECK_INT(balance_of(client, WXG_COIN_TYPE_GAME), 100 - 30 + 10);

    /* The same number again asks about the same part; nobody can make another one of it. */
    gives_back(client, "part-1", 10, 1);
    refuses_to_give_back(client, "part-1", 11, WXG_ERR_BILL_NO_CONFLICT, "");
    /* An answer is lost: the part is asked for again under its own number, and given back once. */
    fault("{\"call\":\"game_cancelpay\",\"bill_no\":\"part-2\",\"do\":\"yes\",\"reply\":{\"kind\":\"reset\"}}");
    gives_back(client, "part-2", 5, 2);
    refuses_to_give_back(client, "part-3", 16, WXG_ERR_WRONG_STATE, "15 coins");
    refuses_to_give_back(client, "", 0, WXG_ERR_WRONG_STATE, "part");
    gives_back(client, "part-4", 15, 1);
    CHECK_INT(ledger("paid", "refunded"), 30);
    CHECK_INT(balance_of(client, WXG_COIN_TYPE_GAME), 100);
    end(client);
}

/* It is given back once no pay can still be on its way. */
static void a_payment_is_given_back_as_a_whole(void)
{
    wxg_client_options options = test_options_v2();
    wxg_client *client;
    wxg_completion *completion;
    wxg_completion_view view;

    options.timeout_ms = 1000;
    options.late_window_ms = 1;
    client = open_client(&options);
    set_session(client, PLAYER);
    CHECK_OK(wxg_client_ack(client, paid(client, "whole", 20), NULL));
    completion = give_back(client, "whole", "", 0);
    view = read_completion(completion);
    CHECK_INT(view.outcome, WXG_OUTCOME_DONE);
    CHECK_INT(view.amount, 20);
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
    wxg_completion_free(completion);
    CHECK_INT(ledger("whole", "refunded"), 20);
    CHECK_INT(ledger("whole", "given_back"), 1);
    end(client);
}

static void coins_of_the_recharge_centre_are_others(void)
{
    wxg_client *client = open_journal("coins");
    int64_t coins = balance_of(client, WXG_COIN_TYPE_GAME);
    tell_sandbox("/sandbox/topup", "{'openid':'" PLAYER "','amt':7,'env':'production','coin_type':1}");
    CHECK_INT(balance_of(client, WXG_COIN_TYPE_RECHARGE_CENTRE), 7);
    CHECK_INT(balance_of(client, WXG_COIN_TYPE_GAME), coins);
    end(client);
}

/* ---- purchases ---- */

/* What WeChat says of a purchase that it knows. */
static void is_told(wxg_client *client, uint32_t biz_id, const char *out_trade_no, uint32_t pay_state, uint32_t deliver_state)
{
    wxg_query_order_options options = query_order_of(biz_id, out_trade_no, PLAYER, 3);
    wxg_completion *completion = POISON(wxg_completion);
    wxg_completion_view view;
    char mch_order_no[60], transaction_id[60];
    CHECK_OK(wxg_client_query_order(client, &options, PATIENCE_MS, &completion, NULL));
    view = read_completion(completion);
    CHECK_INT(view.kind, WXG_KIND_QUERY_ORDER);
    CHECK_INT(view.outcome, WXG_OUTCOME_DONE);
    CHECK_INT(view.pay_state, pay_state);
    CHECK_INT(view.deliver_state, deliver_state);
    CHECK((view.pay_finish_time != 0) == (pay_state == 2));
    CHECK_INT(view.user_tag, 3);
    CHECK_INT(view.delivery_id, 0);
    CHECK_TEXT(view.out_trade_no, out_trade_no);
    snprintf(mch_order_no, sizeof(mch_order_no), "mch-%s", out_trade_no);
    snprintf(transaction_id, sizeof(transaction_id), "wx-%s", out_trade_no);
    CHECK_TEXT(view.mch_order_no, pay_state == 2 ? mch_order_no : "");
    CHECK_TEXT(view.transaction_id, pay_state == 2 ? transaction_id : "");
    wxg_completion_free(completion);
}

static void what_became_of_a_purchase_is_told(void)
{
    static const char *const bought = "{'openid':'" PLAYER "','out_trade_no':'bought','amt':40,'env':'production','state':'%s'}";
    wxg_client *client = open_journal("purchases");
    wxg_query_order_options unknown = query_order_of(WXG_BIZ_ITEM, "bought", PLAYER, 4);
    wxg_completion_view view;

    tell_sandbox("/sandbox/purchase", bought, "unpaid");
    is_told(client, WXG_BIZ_COINS, "bought", 1, 1);
    tell_sandbox("/sandbox/purchase", bought, "paid");
    is_told(client, WXG_BIZ_COINS, "bought", 2, 1);
    tell_sandbox("/sandbox/purchase", bought, "delivered");
    is_told(client, WXG_BIZ_COINS, "bought", 2, 2);
    /* Coins are no item. */
    CHECK_OK(wxg_client_submit_query_order(client, &unknown, NULL));
    view = expect_outcome(client, WXG_KIND_QUERY_ORDER, 4, WXG_OUTCOME_REJECTED, WXG_REASON_ORDER_UNKNOWN);
    CHECK_INT(view.errcode, 90019);
    CHECK_INT(view.pay_state, 0);
    end(client);
}

/* ---- items ---- */

static void the_strings_belong_to_their_order(void)
{
    wxg_client *client = open_journal("strings");
    wxg_item_order_options order = shop_order("order|1*@-_", PLAYER, 5), other = order;
    wxg_pay_options pay = pay_of("order-2", PLAYER, 1, 6);
    wxg_completion *first = order_item(client, &order), *again = order_item(client, &order), *refused;
    wxg_completion_view told = read_completion(first), same = read_completion(again);
    int64_t asked = requests_seen("game_queryorderinfo");

    CHECK_INT(told.outcome, WXG_OUTCOME_AWAITING_PAYMENT);
    CHECK_INT(told.reason, WXG_REASON_NONE);
    CHECK_INT(told.payment_kind, WXG_KIND_ITEM_ORDER);
    CHECK_INT(told.delivery_id, 0);
    CHECK_INT(told.user_tag, 5);
    CHECK_TEXT(told.bill_no, "order|1*@-_");
    CHECK_HOLDS(told.sign_data, "\"outTradeNo\":\"order|1*@-_\"");
    CHECK_HOLDS(told.sign_data, "\"attach\":\"\xe7\xae\xad \\\"shelf\\\" \\\\ 3 <]]>\"");
    CHECK_TEXT(same.sign_data, told.sign_data.data);
    CHECK_TEXT(same.pay_sig, told.pay_sig.data);
    CHECK_TEXT(same.signature, told.signature.data);
    wxg_completion_free(first);
    wxg_completion_free(again);

    other.buy_quantity = 3;
    refused = order_item(client, &other);
    CHECK_STATUS(read_completion(refused).status, WXG_ERR_BILL_NO_CONFLICT);
    CHECK_TEXT(read_completion(refused).sign_data, "");
    wxg_completion_free(refused);
    other = shop_order("order-2", PLAYER, 5);
    wxg_completion_free(order_item(client, &other));
    submit(client, &pay);
    CHECK_STATUS(expect_outcome(client, WXG_KIND_PAY, 6, WXG_OUTCOME_NONE, WXG_REASON_NONE).status, WXG_ERR_BILL_NO_CONFLICT);
    CHECK_INT(looked_up(client, "order|1*@-_").outcome, WXG_OUTCOME_AWAITING_PAYMENT);
    CHECK_INT(looked_up(client, "order|1*@-_").waiting_for, WXG_WAITING_PLAYER);
    CHECK_INT(requests_seen("game_queryorderinfo"), asked);
    CHECK_INT(ledger("order-2", "attempts"), -1);
    end(client);
}

/* Of a player who has never logged in. */
static void the_strings_wait_for_a_session(void)
{
    wxg_client *client = open_journal("sessions");
    wxg_item_order_options order = shop_order("no-session", STRANGER, 7);
    wxg_completion *completion = POISON(wxg_completion);
    wxg_completion_view view;

    CHECK_STATUS(wxg_client_item_order(client, &order, 0, &completion, NULL), WXG_ERR_TIMEOUT);
    CHECK(completion == NULL);
    wxg_completion_free(expect(client, WXG_KIND_SESSION_NEEDED, 0, &view));
    order.deadline_ms = 1;
    completion = order_item(client, &order);
    view = read_completion(completion);
    CHECK_INT(view.outcome, WXG_OUTCOME_AWAITING_PAYMENT);
    CHECK_INT(view.reason, WXG_REASON_SESSION);
    CHECK_TEXT(view.sign_data, "");
    wxg_completion_free(completion);

    set_session(client, STRANGER);
    completion = expect(client, WXG_KIND_ITEM_ORDER, 7, &view);
    CHECK_INT(view.outcome, WXG_OUTCOME_AWAITING_PAYMENT);
    shop(STRANGER, completion, "unpaid");
    wxg_completion_free(completion);
    end(client);
}

/* The host asks, such as when the game client says that it was paid. */
static void a_question_resolves_an_order(void)
{
    wxg_client *client = open_journal("asked");
    wxg_item_order_options order = shop_order("asked", PLAYER, 8);
    wxg_completion *ordered = order_item(client, &order), *completion;
    wxg_completion_view view;
    uint64_t delivery_id;

    shop(PLAYER, ordered, "unpaid");
    is_told(client, WXG_BIZ_ITEM, "asked", 1, 1);
    expect_nothing(client);
    shop(PLAYER, ordered, "paid");
    wxg_completion_free(ordered);
    is_told(client, WXG_BIZ_ITEM, "asked", 2, 1);
    completion = expect(client, WXG_KIND_RESOLVED, 8, &view);
    check_paid_item(&view, "asked", PLAYER, 8);
    CHECK_INT(view.flags, 0);
    CHECK_INT(view.push_event, 0);
    delivery_id = view.delivery_id;
    wxg_completion_free(completion);
    end(client);

    client = open_journal("asked");
    completion = expect(client, WXG_KIND_RESOLVED, 8, &view);
    check_paid_item(&view, "asked", PLAYER, 8);
    CHECK_INT(view.flags, WXG_FLAG_REDELIVERED);
    CHECK_INT(view.delivery_id, delivery_id);
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
    wxg_completion_free(completion);
    end(client);

    client = open_journal("asked");
    completion = order_item(client, &order);
    view = read_completion(completion);
    CHECK_INT(view.outcome, WXG_OUTCOME_DONE);
    CHECK_TEXT(view.sign_data, "");
    wxg_completion_free(completion);
    end(client);
}

static void a_push_resolves_an_order(void)
{
    wxg_client *client = open_journal("pushed");
    wxg_item_order_options order = shop_order("pushed", PLAYER, 9);
    wxg_completion *ordered, *completion;
    wxg_completion_view view;

    open_push_url(PUSH_PLAIN);
    CHECK_OK(wxg_client_submit_item_order(client, &order, NULL));
    ordered = expect(client, WXG_KIND_ITEM_ORDER, 9, &view);
    shop(PLAYER, ordered, "paid");
    wxg_completion_free(ordered);
    completion = serve_push(client);
    view = read_completion(completion);
    CHECK_INT(view.verdict, WXG_VERDICT_DELIVER);
    check_paid_item(&view, "pushed", PLAYER, 9);
    CHECK_INT(view.flags, 0);
    CHECK_INT(view.push_event, WXG_PUSH_GOODS);
    CHECK_TEXT(view.event_id, "pushed");
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
    wxg_completion_free(completion);
    AWAIT(push_verdicts("pushed", "success") == 1);
    is_told(client, WXG_BIZ_ITEM, "pushed", 2, 2);
    close_push_url();
    end(client);

    client = open_journal("pushed");
    CHECK_INT(looked_up(client, "pushed").outcome, WXG_OUTCOME_DONE);
    end(client);
}

int main(void)
{
    reset_sandbox();
    new_player(PLAYER, 100);
    new_player(STRANGER, 0);
    a_payment_is_given_back_part_by_part();
    a_payment_is_given_back_as_a_whole();
    coins_of_the_recharge_centre_are_others();
    what_became_of_a_purchase_is_told();
    the_strings_belong_to_their_order();
    the_strings_wait_for_a_session();
    a_question_resolves_an_order();
    a_push_resolves_an_order();
    ok("orders");
    return 0;
}
