// Calls every function of wxgame.hpp once, without a network, but for those that are of virtual payment 2.0 only
// (surface_v2.cpp): it compiles under every standard and flag we promise, and each class does what its ten lines say.
// Prints `surface: ok` last.

#include "require.hpp"

#include <cstdio>
#include <string>
#include <wxgame.hpp>

namespace {

#if __cplusplus >= 202002L
[[maybe_unused]] constexpr wxgame::pay_options designated{.bill_no = "b", .openid = "o", .zone_id = "1", .amount = 1};
#endif

static_assert(!std::is_copy_constructible_v<wxgame::client> && std::is_nothrow_move_constructible_v<wxgame::client>);
static_assert(!std::is_copy_constructible_v<wxgame::completion> && std::is_nothrow_move_assignable_v<wxgame::completion>);
static_assert(!std::is_copy_constructible_v<wxgame::error> && std::is_nothrow_move_constructible_v<wxgame::error>);
// A struct that has grown in wxgame.h has fields that its twin in wxgame.hpp lacks: add them, then the number here.
static_assert(sizeof(wxg_client_options) == 344 && sizeof(wxg_pay_options) == 144 && sizeof(wxg_present_options) == 112);
static_assert(sizeof(wxg_cancel_pay_options) == 64 && sizeof(wxg_get_balance_options) == 72 && sizeof(wxg_login_options) == 40);
static_assert(sizeof(wxg_session_options) == 40);
static_assert(sizeof(wxg_midas_v1_request_options) == 224 && sizeof(wxg_midas_v1_reply_options) == 48);

// An error goes up as it would with std::expected.
wxgame::result<std::uint64_t> submitted_by(wxgame::result<wxgame::client> opened)
{
    if (!opened)
        return wxgame::failure(std::move(opened).error());
    auto stats = opened->stats();
    if (!stats)
        return wxgame::failure(std::move(stats).error());
    return stats->submitted;
}

wxgame::client_options offline()
{
    wxgame::client_options options;
    options.appid = "wx1234567";
    options.app_secret = "secret";
    options.offer_id = "12345678";
    options.app_key = "production-key";
    options.journal = "memory:";
    options.base_url = "http://127.0.0.1:9"; // discard: nobody listens
    options.deadline_ms = 200;
    options.no_mp_sig = 1;
    options.recovery = WXG_RECOVERY_HOLD;
    options.retry_per_s = 10;
    options.retain_days = 30;
    options.seal_days = 60;
    options.redeliver_after_ms = -1;
    options.journal_key = "journal-key";
    options.previous_journal_key = "earlier-journal-key";
    options.clock_offset_ms = 1000;
    options.token_source = WXG_TOKEN_SOURCE_CLASSIC;
    options.token_requests_per_day = 100;
    options.lease_ms = 5000;
    return options;
}

void a_refused_option_is_named()
{
    wxgame::client_options options = offline();
    options.offer_id = "a b";
    auto refused = wxgame::client::open(options);
    require(!refused && refused.error().status() == WXG_ERR_INVALID_ARGUMENT, "a wrong offer_id is refused");
    require(refused.error().field() == "offer_id" && !refused.error().message().empty(), "and named");

    require(submitted_by(std::move(refused)).error().field() == "offer_id", "an error is handed on whole");
    require(submitted_by(wxgame::client::open(offline())).has_value(), "and a value");

    wxg_error *set = nullptr;
    require(wxg_client_ack(nullptr, 1, &set) != WXG_OK, "a call by hand fails");
    const wxgame::error by_hand(set);
    require(by_hand.status() == WXG_ERR_NULL_ARGUMENT && !by_hand.message().empty(), "and its error can be owned");

    // Each of the later options gets through: the library names the one that is wrong.
    const auto named = [](auto wrong) {
        wxgame::client_options given = offline();
        wrong(given);
        auto opened = wxgame::client::open(given);
        return opened ? std::string() : std::string(opened.error().field());
    };
    require(named([](auto &given) { given.recovery = 2; }) == "recovery", "recovery");
    require(named([](auto &given) { given.retry_per_s = 1000001; }) == "retry_per_s", "retry_per_s");
    require(named([](auto &given) { given.retain_days = 36501; }) == "retain_days", "retain_days");
    require(named([](auto &given) { given.seal_days = 29; }) == "seal_days", "seal_days");
    require(named([](auto &given) { given.redeliver_after_ms = 86400001; }) == "redeliver_after_ms", "redeliver_after_ms");
    require(named([](auto &given) { given.clock_offset_ms = INT64_MAX; }) == "clock_offset_ms", "clock_offset_ms");
    require(named([](auto &given) { given.token_source = 3; }) == "token_source", "token_source");
    require(named([](auto &given) { given.token_requests_per_day = 500001; }) == "token_requests_per_day", "token_requests_per_day");
    require(named([](auto &given) { given.journal_key = "a b"; }) == "journal_key", "journal_key");
    require(named([](auto &given) { given.previous_journal_key = "a b"; }) == "previous_journal_key", "previous_journal_key");
    require(named([](auto &given) { given.lease_ms = 999; }) == "lease_ms", "lease_ms");
}

void every_submission_comes_back_through_tick()
{
    auto opened = wxgame::client::open(offline());
    require(opened.has_value(), "the client opens");
    wxgame::client client = std::move(*opened);

    auto number = wxgame::bill_no_new();
    require(number.has_value() && std::string_view(number->data()).size() == WXG_BILL_NO_SIZE - 1, "a number is made");
    wxgame::pay_options pay;
    pay.bill_no = number->data();
    pay.openid = "oPlayer";
    pay.zone_id = "1";
    pay.amount = 1;
    pay.user_tag = 7;
    wxgame::present_options present;
    present.bill_no = "gift";
    present.openid = "oPlayer";
    present.zone_id = "1";
    present.amount = 1;
    wxgame::get_balance_options get_balance;
    get_balance.openid = "oPlayer";
    get_balance.zone_id = "1";
    wxgame::cancel_pay_options cancel_pay;
    cancel_pay.bill_no = "none";
    wxgame::login_options login;
    login.js_code = "code:oPlayer:1";
    require(client.submit_pay(pay).has_value() && client.submit_present(present).has_value(), "pay and present are taken");
    require(client.submit_get_balance(get_balance).has_value(), "get_balance is taken");
    require(client.submit_cancel_pay(cancel_pay).has_value() && client.submit_login(login).has_value(), "cancel_pay and login are taken");
    wxgame::session_options session;
    session.openid = "oPlayer";
    require(client.submit_check_session(session).has_value() && client.submit_reset_session(session).has_value(), "check_session and reset_session are taken");
    require(client.set_session("oPlayer", "c2Vzc2lvbi1rZXktMTIzNA==").has_value(), "a session is taken");
    require(!client.ack(0).has_value(), "0 acknowledges nothing");
    require(client.wake_fd().has_value(), "there is a wake_fd");

    std::size_t kinds = 0, handled = 0;
    bool tag_came_back = false;
    for (int turn = 0; turn < 500 && handled < 7; ++turn) {
        auto ticked = client.tick(
            [&](wxgame::completion completion) noexcept {
                kinds |= std::size_t(1) << completion->kind;
                tag_came_back = tag_came_back || (completion->user_tag == 7 && wxgame::text(completion->bill_no) == number->data());
            },
            2);
        require(ticked.has_value() && *ticked <= 2, "tick keeps to its budget");
        handled += *ticked;
        if (*ticked == 0) {
            auto none = client.wait(10);
            require(none.has_value(), "wait waits");
            if (*none) {
                kinds |= std::size_t(1) << (**none)->kind;
                tag_came_back = tag_came_back || (**none)->user_tag == 7;
                ++handled;
            }
        }
    }
    require(handled == 7 && kinds == 0x303e, "one completion of each kind comes");
    require(tag_came_back, "with its tag");
    static_cast<void>(client.pay(pay, 0).has_value()); // The blocking twins: what comes of them is not the point here.
    require(client.cancel_pay(cancel_pay, 1000).has_value(), "cancel_pay answers");
    static_cast<void>(client.present(present, 0).has_value());
    static_cast<void>(client.get_balance(get_balance, 0).has_value());
    static_cast<void>(client.login(login, 0).has_value());
    static_cast<void>(client.reset_session(session, 0).has_value());
    require(client.forget_session("oPlayer").has_value(), "a session is forgotten");
    auto checked = client.check_session(session, -1);
    require(checked.has_value() && (*checked)->reason == WXG_REASON_SESSION, "and there is none any more");
    auto record = client.poll_log();
    require(record.has_value() && (!*record || !wxgame::text((**record)->message).empty()), "the log can be read");
    auto stats = client.stats();
    require(stats.has_value() && stats->submitted >= 5, "the stats can be read");
    require(client.close(0).has_value(), "the client closes");
    while (client.tick([](wxgame::completion) noexcept {}, 64)) {
    }
    require(client.poll().error().status() == WXG_ERR_CLOSED, "and says so when all is handed out");
}

void the_host_may_bring_the_token()
{
    auto fetching = wxgame::client::open(offline());
    require(fetching.has_value(), "the client opens");
    require(fetching->set_access_token("token", 7200).error().status() == WXG_ERR_WRONG_STATE, "it has tokens of its own");

    wxgame::client_options options = offline();
    options.token_source = WXG_TOKEN_SOURCE_HOST;
    options.app_secret = "";
    options.previous_journal_key = "";
    auto opened = wxgame::client::open(options);
    require(opened.has_value(), "no AppSecret is needed without them");
    wxgame::get_balance_options get_balance;
    get_balance.openid = "oPlayer";
    get_balance.zone_id = "1";
    get_balance.deadline_ms = 30000;
    require(opened->submit_get_balance(get_balance).has_value(), "get_balance is taken");
    auto asked = opened->wait(30000);
    require(asked.has_value() && *asked && (**asked)->kind == WXG_KIND_TOKEN_NEEDED, "the token is asked for");
    require(opened->set_access_token("token", 7200).has_value(), "and taken");
}

void an_operator_asks_and_decides()
{
    auto opened = wxgame::client::open(offline());
    require(opened.has_value(), "the client opens");
    wxgame::client client = std::move(*opened);
    require(client.set_app_key("another-key").has_value() && !client.set_app_key("").has_value(), "an AppKey is taken");

    wxgame::pay_options pay;
    pay.bill_no = "from-a-lost-journal";
    pay.openid = "oPlayer";
    pay.zone_id = "1";
    pay.amount = 1;
    pay.sent_before = 1;
    pay.host_data = std::string_view("order\0 7", 8);
    wxgame::present_options present;
    present.bill_no = "gift-from-a-lost-journal";
    present.openid = "oPlayer";
    present.zone_id = "1";
    present.amount = 1;
    present.sent_before = 1;
    present.host_data = "gift 7";
    auto paid = client.pay(pay, -1);
    auto presented = client.present(present, -1);
    require(paid.has_value() && (*paid)->outcome == WXG_OUTCOME_UNKNOWN, "what may have been sent before is unknown");
    require(presented.has_value() && (*presented)->outcome == WXG_OUTCOME_UNKNOWN, "a gift too");
    require(wxgame::text((*presented)->host_data) == present.host_data, "its host_data comes back");

    auto known = client.payment(pay.bill_no, -1);
    require(known.has_value() && (*known)->kind == WXG_KIND_PAYMENT && (*known)->outcome == WXG_OUTCOME_UNKNOWN, "it is known");
    require((*known)->waiting_for != WXG_WAITING_NOTHING && (*known)->created_at_ms > 0, "and what it waits for");
    require(wxgame::text((*known)->host_data) == pay.host_data, "host_data may hold any byte");
    auto unknown = client.payment("never-heard-of", -1);
    require(unknown.has_value() && (*unknown)->status == WXG_ERR_NOT_FOUND, "another number is not");

    std::uint64_t last_id = 0;
    std::size_t listed = 0;
    const auto take = [&](wxgame::completion completion) noexcept {
        listed += completion->record_id > last_id;
        last_id = completion->record_id;
    };
    auto count = client.list_unresolved(0, -1, take);
    require(count.has_value() && *count == 2 && listed == 2, "both are listed, oldest first");
    auto rest = client.list_unresolved(last_id, -1, take);
    require(rest.has_value() && *rest == 0, "and nothing behind them");

    auto settled = client.settle(pay.bill_no, WXG_OUTCOME_DONE, -1);
    require(settled.has_value() && (*settled)->kind == WXG_KIND_SETTLE && (*settled)->status == WXG_ERR_WRONG_STATE, "what goes on by itself is not settled");
    require(!client.settle(pay.bill_no, WXG_OUTCOME_UNKNOWN, -1).has_value(), "unknown is no decision");
    auto resumed = client.resume(pay.bill_no, -1);
    require(resumed.has_value() && (*resumed)->kind == WXG_KIND_RESUME && (*resumed)->status == WXG_ERR_WRONG_STATE, "nor resumed");
    auto stats = client.stats();
    require(stats.has_value() && stats->open_unknown == 2 && stats->open_held == 0 && stats->needs_review == 0, "the stats count them");
    require(stats->taken_over == 0 && stats->leases_lost == 0, "and nothing of other servers");
}

void signing_and_bare_requests_work_without_a_client()
{
    const wxg_field fields[] = {wxgame::field("openid", "oPlayer"), wxgame::field("ts", "1507530737")};
    auto sig = wxgame::sign_midas_v1("/cgi-bin/midas/getbalance", fields, 2, "key");
    require(sig.has_value() && (*sig)[0] != '\0', "sig is made");
    const wxg_field more[] = {fields[0], fields[1], wxgame::field("access_token", "token"), wxgame::field("sig", std::string_view(sig->data(), sig->size()))};
    require(wxgame::sign_midas_v1_mp_sig("/cgi-bin/midas/getbalance", more, 4, "c2Vzc2lvbg==").has_value(), "mp_sig is made");
    auto explained = wxgame::sign_explain("/cgi-bin/midas/getbalance", fields, 2);
    require(explained.has_value() && explained->view().find("openid=oPlayer") != std::string_view::npos, "and explained");

    wxgame::midas_v1_request_options options;
    options.call = WXG_CALL_GET_BALANCE;
    options.no_mp_sig = 1;
    options.appid = "wx1234567";
    options.offer_id = "12345678";
    options.app_key = "key";
    options.access_token = "token";
    options.openid = "oPlayer";
    options.zone_id = "1";
    options.ts = 1507530737;
    auto request = wxgame::midas_v1_build(options);
    require(request.has_value() && wxgame::text((*request)->method) == "POST", "a request is built");

    wxgame::midas_v1_reply_options reply;
    reply.call = WXG_CALL_GET_BALANCE;
    reply.http_status = 200;
    reply.body = "{\"errcode\":0,\"errmsg\":\"ok\",\"balance\":5,\"gen_balance\":0,\"first_save\":1,\"save_amt\":5,"
                 "\"save_sum\":5,\"cost_sum\":0,\"present_sum\":0}";
    auto answer = wxgame::midas_v1_parse(reply);
    require(answer.has_value() && (*answer)->outcome == WXG_OUTCOME_DONE && (*answer)->balance == 5, "a reply is read");
    auto help = wxgame::errcode_help(WXG_GENERATION_V1, WXG_CALL_PAY, 90013);
    require(help.has_value() && help->errcode_class == WXG_CLASS_REFUSED && !wxgame::text(help->cause_en).empty(), "a code is explained");
}

} // namespace

int main()
{
    require(wxgame::version() == WXG_VERSION, "the library is the one that the header is of");
    a_refused_option_is_named();
    every_submission_comes_back_through_tick();
    the_host_may_bring_the_token();
    an_operator_asks_and_decides();
    signing_and_bare_requests_work_without_a_client();
    std::puts("surface: ok");
}
