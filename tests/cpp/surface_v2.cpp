// Calls what wxgame.hpp has of virtual payment 2.0 only, without a network: item orders and their strings, pushes that
// are good, repeated and forged, a gift pack, and the functions that need no client. Prints `surface_v2: ok` last.

#include "require.hpp"

#include <cstdio>
#include <string>
#include <wxgame.hpp>

namespace {

// A struct that has grown in wxgame.h has fields that its twin in wxgame.hpp lacks: add them, then the number here.
static_assert(sizeof(wxg_item_order_options) == 152 && sizeof(wxg_query_order_options) == 88);
static_assert(sizeof(wxg_game_v2_request_options) == 232 && sizeof(wxg_game_v2_reply_options) == 80);
static_assert(sizeof(wxg_completion_view) == 632 && sizeof(wxg_goods_view) == 32);
static_assert(!std::is_copy_constructible_v<wxgame::completion> && std::is_nothrow_move_constructible_v<wxgame::completion>);

constexpr std::string_view app_key = "production-key";
constexpr std::string_view session_key = "c2Vzc2lvbi1rZXktMTIzNA==";

// The signatures of pushes are those of WeChat's page on message push: Token AAAAA, EncodingAESKey 43 times A.
constexpr std::string_view set_up =
    "signature=f464b24fc39322e44b38aa78f5edd27bd1441696&echostr=4375120948345356249&timestamp=1714036504&nonce=1514711492";
constexpr std::string_view plain_query =
    "signature=899cf89e464efb63f54ddac96b0a0a235f53aa78&timestamp=1714037059&nonce=486452656";

wxgame::client_options offline()
{
    wxgame::client_options options;
    options.generation = WXG_GENERATION_V2;
    options.appid = "wx1234567";
    options.app_secret = "secret";
    options.offer_id = "12345678";
    options.app_key = app_key;
    options.journal = "memory:";
    options.base_url = "http://127.0.0.1:9"; // discard: nobody listens
    options.deadline_ms = 200;
    options.push_token = "AAAAA";
    return options;
}

wxgame::client open(const wxgame::client_options &options)
{
    auto opened = wxgame::client::open(options);
    require(opened.has_value(), "the client opens");
    return std::move(*opened);
}

wxgame::item_order_options order()
{
    wxgame::item_order_options options;
    options.out_trade_no = "trade-1";
    options.openid = "oPlayer";
    options.zone_id = "1";
    options.product_id = "castle";
    options.buy_quantity = 2;
    options.goods_price = 600;
    options.attach = "from the shop";
    options.platform = "android";
    options.user_tag = 9;
    options.deadline_ms = 30000;
    options.host_data = "order 1";
    return options;
}

std::string_view text(const wxgame::signature &made) { return std::string_view(made.data(), made.size()); }

void an_order_gives_the_strings_that_the_game_client_needs()
{
    wxgame::client client = open(offline());
    require(client.set_session("oPlayer", session_key).has_value(), "a session is taken");
    auto ordered = client.item_order(order(), -1);
    require(ordered.has_value() && (*ordered)->outcome == WXG_OUTCOME_AWAITING_PAYMENT, "it awaits the payment");
    require((*ordered)->kind == WXG_KIND_ITEM_ORDER && (*ordered)->delivery_id == 0, "and is nothing to acknowledge");
    require((*ordered)->amount == 2 && (*ordered)->goods_price == 600 && (*ordered)->user_tag == 9, "it is told whole");
    require(wxgame::text((*ordered)->host_data) == "order 1", "with its host_data");

    const wxgame::item_strings strings = ordered->item_strings();
    for (const char *part : {"\"outTradeNo\":\"trade-1\"", "\"productId\":\"castle\"", "\"buyQuantity\":2",
                             "\"goodsPrice\":600", "\"attach\":\"from the shop\"", "\"platform\":\"android\""})
        require(strings.sign_data.find(part) != std::string_view::npos, part);
    auto pay_sig = wxgame::sign_game_v2("requestMidasPaymentGameItem", strings.sign_data, app_key);
    auto signature = wxgame::sign_game_v2_signature(strings.sign_data, session_key);
    require(pay_sig.has_value() && text(*pay_sig) == strings.pay_sig, "pay_sig is that of the very text");
    require(signature.has_value() && text(*signature) == strings.signature, "and so is signature");

    require(client.submit_item_order(order()).has_value(), "the same order again");
    auto again = client.wait(-1);
    require(again.has_value() && *again && (*again)->item_strings().sign_data == strings.sign_data, "has the same strings");
    wxgame::item_order_options other = order();
    other.buy_quantity = 3;
    auto conflict = client.item_order(other, -1);
    require(conflict.has_value() && (*conflict)->status == WXG_ERR_BILL_NO_CONFLICT, "and another order has none");
    other.buy_quantity = 0;
    require(client.submit_item_order(other).error().field() == "buy_quantity", "a wrong field is named");
}

void who_asks_without_a_network_gets_no_answer()
{
    wxgame::client client = open(offline());
    require(client.set_session("oPlayer", session_key).has_value(), "a session is taken");
    wxgame::query_order_options query;
    query.biz_id = WXG_BIZ_COINS;
    query.out_trade_no = "trade-1";
    query.openid = "oPlayer";
    query.zone_id = "1";
    query.user_tag = 3;
    require(client.submit_query_order(query).has_value(), "query_order is taken");
    auto told = client.wait(-1);
    require(told.has_value() && *told && (**told)->kind == WXG_KIND_QUERY_ORDER && (**told)->user_tag == 3, "and answered");
    require((**told)->outcome != WXG_OUTCOME_DONE && (*told)->order_state().pay_state == 0, "without a state");
    query.biz_id = 3;
    require(client.query_order(query, -1).error().field() == "biz_id", "a wrong field is named");

    wxgame::cancel_pay_options part;
    part.bill_no = "none";
    part.refund_bill_no = "_part";
    part.amount = 1;
    require(client.submit_cancel_pay(part).error().field() == "refund_bill_no", "refund_bill_no gets through");
    part.refund_bill_no = "part";
    part.amount = -1;
    require(client.submit_cancel_pay(part).error().field() == "amount", "and amount");
    wxgame::get_balance_options get_balance;
    get_balance.openid = "oPlayer";
    get_balance.zone_id = "1";
    get_balance.coin_type = 2;
    require(client.submit_get_balance(get_balance).error().field() == "coin_type", "and coin_type");

    wxgame::client_options wrong = offline();
    wrong.push_token = "a b";
    require(wxgame::client::open(wrong).error().field() == "push_token", "and push_token");
    wrong = offline();
    wrong.push_aes_key = "short";
    require(wxgame::client::open(wrong).error().field() == "push_aes_key", "and push_aes_key");
    wrong = offline();
    wrong.push_token = "";
    wxgame::client deaf = open(wrong);
    require(deaf.receive_push(set_up, "", -1).error().field() == "push_token", "without a token no push is taken");
}

std::string escaped(std::string_view text)
{
    std::string made;
    for (char letter : text) {
        if (letter == '"')
            made += '\\';
        made += letter;
    }
    return made;
}

// What WeChat posts when castles are paid. The one who signs has the AppKey, whatever quantity is then sent.
std::string goods_push(std::string_view signed_quantity, std::string_view sent_quantity)
{
    const auto payload = [](std::string_view quantity) {
        return R"({"OpenId":"oPlayer","Env":0,"OutTradeNo":"trade-1","GoodsInfo":{"ProductId":"castle","Quantity":)" +
               std::string(quantity) + R"(,"ZoneId":"1","OrigPrice":1200,"ActualPrice":1000,"Attach":"from the shop",)" +
               R"("OrderSource":1},"WeChatPayInfo":{"MchOrderNo":"mch-1","TransactionId":"wx-1"}})";
    };
    const std::string event = "minigame_game_pay_goods_deliver_notify";
    auto pay_event_sig = wxgame::sign_game_v2(event, payload(signed_quantity), app_key);
    require(pay_event_sig.has_value(), "PayEventSig is made");
    return R"({"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1714037059,"MsgType":"event","Event":")" + event +
           R"(","MiniGame":{"Payload":")" + escaped(payload(sent_quantity)) + R"(","PayEventSig":")" +
           std::string(text(*pay_event_sig)) + R"(","IsMock":false}})";
}

void a_push_is_delivered_once_and_a_forged_one_never()
{
    wxgame::client client = open(offline());
    auto echo = client.receive_push(set_up, "", -1);
    require(echo.has_value() && echo->push().verdict == WXG_VERDICT_ECHO, "the URL can be set up");
    require(echo->push().answer == "4375120948345356249" && echo->push().answer_status == 200, "by its echostr");

    require(client.set_session("oPlayer", session_key).has_value(), "a session is taken");
    require(client.item_order(order(), -1).has_value(), "an item is ordered");
    auto forged = client.receive_push(plain_query, goods_push("2", "9"), -1);
    require(forged.has_value() && forged->push().verdict == WXG_VERDICT_REFUSE, "a forged push is refused");
    require(forged->push().refusal == WXG_REFUSAL_PAY_EVENT_SIG && (*forged)->delivery_id == 0, "for its PayEventSig");
    auto other = client.receive_push(plain_query, goods_push("9", "9"), -1);
    require(other.has_value() && other->push().refusal == WXG_REFUSAL_MISMATCH, "and one of nine castles");

    wxgame::client buyer = open(offline());
    require(buyer.set_session("oPlayer", session_key).has_value(), "a session is taken");
    require(buyer.item_order(order(), -1).has_value(), "an item is ordered");
    auto good = buyer.receive_push(plain_query, goods_push("2", "2"), -1);
    require(good.has_value() && (*good)->kind == WXG_KIND_PUSH && (*good)->outcome == WXG_OUTCOME_DONE, "it is paid");
    const wxgame::push told = good->push();
    require(told.verdict == WXG_VERDICT_DELIVER && told.push_event == WXG_PUSH_GOODS, "it is to be delivered");
    require(told.event_id == "trade-1" && told.out_trade_no == "trade-1" && told.openid == "oPlayer", "to whom");
    require(told.pay_item == "castle" && told.amount == 2 && told.zone_id == "1", "what and how many");
    require(told.attach == "from the shop" && told.order_source == 1, "as ordered");
    require(told.orig_price == 1200 && told.actual_price == 1000, "for how much");
    require(told.mch_order_no == "mch-1" && told.transaction_id == "wx-1", "paid by what");
    require(told.event == "minigame_game_pay_goods_deliver_notify" && told.payload.front() == '{', "as WeChat says it");
    require(told.answer_status == 200 && told.answer == R"({"ErrCode":0,"ErrMsg":"Success"})", "and is answered");
    require(told.answer_content_type.substr(0, 16) == "application/json", "in JSON");
    require(((*good)->flags & WXG_FLAG_NOT_ORDERED) == 0 && (*good)->user_tag == 9, "it is the order of before");
    require(wxgame::text((*good)->host_data) == "order 1", "with its host_data");

    auto repeated = buyer.receive_push(plain_query, goods_push("2", "2"), -1);
    require(repeated.has_value() && repeated->push().verdict == WXG_VERDICT_ALREADY_DELIVERED, "a repeated one is told");
    require(repeated->push().answer == told.answer && (*repeated)->delivery_id == 0, "once, and answered alike");
    require(buyer.ack((*good)->delivery_id).has_value(), "it is acknowledged");
}

// Sealed for wx1234567 with the key of 43 times A: two kinds of goods, of which the first comes three times.
constexpr std::string_view gift_query = "timestamp=1714112445&nonce=415670741&encrypt_type=aes"
                                        "&msg_signature=f42574e887b67ea89b18a79aa547dc3f601d7804";
constexpr std::string_view gift_body =
    R"({"ToUserName":"gh_1","Encrypt":"+qdx1OKCy+5JPCBFWw70tvYlx+7sxamrj7sPQOhGRUVS5ZFXzFxqBFcJDdxVXmSTpFQ6JQYjXlyuiCpye)"
    R"(LDWG6wWE5VIYyLUbkHQcesaOeYs2YlNCyo6eZIGQs+FNgZVX0aEijT1/GVqkArglOr/iFhaxaF9IafpQHZ7uNsoI4OItFTEVYJlINmVJzpvsaQBO)"
    R"(37xjj65SN75YeipbAE23lOzOMXAqdc3yjMVp3Cu5YMexqJm2AsaxF73W9MfC0jWO5pHcGlO2IbPR3PkDVrepcDSZCHlKcpnkHOsdUnqxzlo/XK81)"
    R"(xAKyJs/Swt031E9edqbslaNoTUG4x7kwww30JidrltpFc6Fd0DHp6nmjvlPRGhddfVhTNMqB396uXroqSqlXJG5sv1uy6qCVpjyRPjcpCfriGnKO)"
    R"(sPdIjbqMwLV7koJu25Xn/24OSDTVFjRAd4jMKbcrLHvbAjNEEdH8A=="})";

void a_gift_pack_is_taken_in_safe_mode_only()
{
    wxgame::client_options options = offline();
    const std::string aes_key(43, 'A');
    options.push_aes_key = aes_key;
    wxgame::client client = open(options);
    auto given = client.receive_push(gift_query, gift_body, -1);
    require(given.has_value() && given->push().verdict == WXG_VERDICT_DELIVER, "a gift pack is to be delivered");
    const wxgame::push told = given->push();
    require(told.push_event == WXG_PUSH_GIFT && told.event_id == "gift-7" && told.gift_id == "daily", "it is the pack");
    require(told.gift_type_id == 1 && told.send_time == 1714112400 && told.is_preview == 0, "as WeChat says it");
    require(told.goods_count == 2, "two kinds are in it");
    auto first = given->goods(0), second = given->goods(1), third = given->goods(2);
    require(first.has_value() && first->id == "coin-bag" && first->num == 3, "three of the first");
    require(second.has_value() && second->id == "gem" && second->num == 1, "one of the second");
    require(!third && third.error().status() == WXG_ERR_INVALID_ARGUMENT, "and no more");

    auto downgraded = client.receive_push(plain_query, goods_push("2", "2"), -1);
    require(downgraded.has_value() && downgraded->push().refusal == WXG_REFUSAL_DOWNGRADE, "plain text is refused");
    wxgame::client plain = open(offline());
    auto sealed = plain.receive_push(gift_query, gift_body, -1);
    require(sealed.has_value() && sealed->push().verdict == WXG_VERDICT_REFUSE, "and what is sealed, without a key");
}

void signing_and_bare_requests_work_without_a_client()
{
    auto explained = wxgame::sign_game_v2_explain("/wxa/game/queryorderinfo", "{}");
    require(explained.has_value() && explained->view() == "/wxa/game/queryorderinfo&{}", "what is signed can be read");

    wxgame::game_v2_request_options options;
    options.call = WXG_CALL_CANCEL_PAY;
    options.environment = WXG_ENVIRONMENT_SANDBOX;
    options.offer_id = "12345678";
    options.app_key = app_key;
    options.access_token = "token";
    options.session_key = session_key;
    options.openid = "oPlayer";
    options.zone_id = "1";
    options.bill_no = "order-1";
    options.refund_bill_no = "part-1";
    options.user_ip = "1.2.3.4";
    options.amount = 5;
    options.ts = 1668136271;
    auto request = wxgame::game_v2_build(options);
    require(request.has_value() && wxgame::text((*request)->method) == "POST", "a request is built");
    for (const char *part : {"\"pay_bill_no\":\"order-1\"", "\"bill_no\":\"part-1\"", "\"amount\":5", "\"env\":1"})
        require(wxgame::text((*request)->body).find(part) != std::string_view::npos, part);
    auto pay_sig = wxgame::sign_game_v2("/wxa/game/cancelpay", wxgame::text((*request)->body), app_key);
    require(pay_sig.has_value() && wxgame::text((*request)->path_and_query).find(text(*pay_sig)) != std::string_view::npos,
            "and signed");
    options.call = WXG_CALL_QUERY_ORDER;
    options.bill_no = options.refund_bill_no = "";
    options.amount = 0;
    options.out_trade_no = "trade-1";
    options.biz_id = WXG_BIZ_ITEM;
    auto question = wxgame::game_v2_build(options);
    require(question.has_value() && wxgame::text((*question)->body).find("\"biz_id\":2") != std::string_view::npos, "another too");

    wxgame::game_v2_reply_options reply;
    reply.call = WXG_CALL_QUERY_ORDER;
    reply.http_status = 200;
    reply.out_trade_no = "trade-1";
    reply.body = R"({"errcode":0,"errmsg":"ok","out_trade_no":"trade-1","product_id":"castle","pay_state":2,)"
                 R"("deliver_state":1,"pay_finish_time":1668136271,"mch_order_no":"mch-1","transaction_id":"wx-1"})";
    auto answer = wxgame::game_v2_parse(reply);
    require(answer.has_value() && (*answer)->outcome == WXG_OUTCOME_DONE, "a reply is read");
    const wxgame::order_state told = answer->order_state();
    require(told.pay_state == 2 && told.deliver_state == 1 && told.pay_finish_time == 1668136271, "with its states");
    require(told.out_trade_no == "trade-1" && told.pay_item == "castle", "of which order");
    require(told.mch_order_no == "mch-1" && told.transaction_id == "wx-1", "paid by what");
    reply.call = WXG_CALL_CANCEL_PAY;
    reply.out_trade_no = "";
    reply.bill_no = "order-1";
    reply.refund_bill_no = "part-1";
    reply.body = R"({"errcode":0,"errmsg":"ok","bill_no":"part-1"})";
    auto part = wxgame::game_v2_parse(reply);
    require(part.has_value() && (*part)->outcome == WXG_OUTCOME_DONE, "and that of a part given back");
    auto help = wxgame::errcode_help(WXG_GENERATION_V2, WXG_CALL_QUERY_ORDER, 90019);
    require(help.has_value() && help->errcode_class == WXG_CLASS_REFUSED, "a code is explained");
}

} // namespace

int main()
{
    an_order_gives_the_strings_that_the_game_client_needs();
    who_asks_without_a_network_gets_no_answer();
    a_push_is_delivered_once_and_a_forged_one_never();
    a_gift_pack_is_taken_in_safe_mode_only();
    signing_and_bare_requests_work_without_a_client();
    std::puts("surface_v2: ok");
}
