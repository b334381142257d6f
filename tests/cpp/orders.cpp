// Virtual payment 2.0 against the sandbox: orders BASE_URL CA_FILE JOURNAL
//
// A payment is given back part by part, and what became of a purchase is asked for. Who runs it has given the player
// opart 100 coins and made the purchase `bought` of 40 more. Prints `orders: ok` last.

#include "require.hpp"

#include <cstdio>
#include <wxgame.hpp>

namespace {

wxgame::client_options options(char **argv)
{
    wxgame::client_options made;
    made.generation = WXG_GENERATION_V2;
    made.appid = "wx1234567";
    made.offer_id = "12345678";
    made.app_secret = "sandbox-app-secret";
    made.app_key = "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u";
    made.base_url = argv[1];
    made.ca_file = argv[2];
    made.journal = argv[3];
    made.deadline_ms = 60000;
    return made;
}

// Gives back a part of the payment `paid`, and acknowledges what came of it.
wxgame::completion given_back(wxgame::client &client, std::string_view refund_bill_no, std::int64_t amount)
{
    wxgame::cancel_pay_options part;
    part.bill_no = "paid";
    part.refund_bill_no = refund_bill_no;
    part.amount = amount;
    auto told = client.cancel_pay(part, -1);
    require(told.has_value() && (*told)->kind == WXG_KIND_CANCEL_PAY, "a part is answered");
    require((*told)->delivery_id == 0 || client.ack((*told)->delivery_id).has_value(), "and acknowledged");
    return std::move(*told);
}

std::int64_t balance(wxgame::client &client)
{
    wxgame::get_balance_options get_balance;
    get_balance.openid = "opart";
    get_balance.zone_id = "1";
    auto told = client.get_balance(get_balance, -1);
    require(told.has_value() && (*told)->outcome == WXG_OUTCOME_DONE, "the balance is read");
    return (*told)->balance;
}

void a_payment_is_given_back_part_by_part(wxgame::client &client)
{
    wxgame::pay_options pay;
    pay.bill_no = "paid";
    pay.openid = "opart";
    pay.zone_id = "1";
    pay.amount = 30;
    auto paid = client.pay(pay, -1);
    require(paid.has_value() && (*paid)->outcome == WXG_OUTCOME_DONE, "30 coins are paid");
    require(client.ack((*paid)->delivery_id).has_value(), "and acknowledged");

    const wxgame::completion first = given_back(client, "part-1", 10);
    require(first->outcome == WXG_OUTCOME_DONE && first->payment_kind == WXG_KIND_CANCEL_PAY, "10 of them come back");
    require(wxgame::text(first->bill_no) == "paid" && wxgame::text(first->refund_bill_no) == "part-1", "by both numbers");
    require(given_back(client, "part-1", 10)->outcome == WXG_OUTCOME_DONE, "the same number again is the same part");
    require(given_back(client, "part-1", 11)->status == WXG_ERR_BILL_NO_CONFLICT, "and no other one");
    const wxgame::completion more = given_back(client, "part-2", 21);
    require(more->status == WXG_ERR_WRONG_STATE && more->outcome == WXG_OUTCOME_NONE, "more than is left is refused");
    require(wxgame::text(more->errmsg).find("20 coins") != std::string_view::npos, "by what is left");
    require(balance(client) == 140 - 30 + 10, "and gives back nothing");
    require(given_back(client, "part-3", 20)->outcome == WXG_OUTCOME_DONE, "the rest comes back");
    require(balance(client) == 140, "and that is all");
}

void what_became_of_a_purchase_is_told(wxgame::client &client)
{
    wxgame::query_order_options query;
    query.biz_id = WXG_BIZ_COINS;
    query.openid = "opart";
    query.zone_id = "1";
    query.out_trade_no = "bought";
    auto known = client.query_order(query, -1);
    require(known.has_value() && (*known)->outcome == WXG_OUTCOME_DONE, "WeChat knows it");
    const wxgame::order_state told = known->order_state();
    require(told.out_trade_no == "bought" && told.pay_state == 2 && told.deliver_state == 2, "paid and delivered");
    require(!told.mch_order_no.empty() && !told.transaction_id.empty(), "by WeChat Pay");
    query.out_trade_no = "never-bought";
    auto unknown = client.query_order(query, -1);
    require(unknown.has_value() && (*unknown)->outcome == WXG_OUTCOME_REJECTED, "another it does not know");
    require((*unknown)->reason == WXG_REASON_ORDER_UNKNOWN && unknown->order_state().pay_state == 0, "and says so");
}

} // namespace

int main(int argc, char **argv)
{
    require(argc == 4, "usage: orders BASE_URL CA_FILE JOURNAL");
    auto opened = wxgame::client::open(options(argv));
    require(opened.has_value(), "the client opens");
    wxgame::client client = std::move(*opened);
    wxgame::login_options login;
    login.js_code = "code:opart:1";
    auto player = client.login(login, -1);
    require(player.has_value() && (*player)->outcome == WXG_OUTCOME_DONE, "the player logs in");
    a_payment_is_given_back_part_by_part(client);
    what_became_of_a_purchase_is_told(client);
    require(client.close(5000).has_value(), "the client closes");
    std::puts("orders: ok");
}
