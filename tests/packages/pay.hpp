// One payment of one coin, over HTTPS, by whoever has found the package. The sandbox is named by the environment:
// base_url, ca_file, journal.

#ifndef PAY_HPP
#define PAY_HPP

#include <wxgame.hpp>

#include <cstdlib>
#include <string>

inline std::string setting(const char *name)
{
    const char *value = std::getenv(name);
    return value != nullptr ? value : "";
}

// Empty, or what went wrong.
inline std::string pay_once()
{
    const std::string base_url = setting("base_url"), ca_file = setting("ca_file"), journal = setting("journal");
    wxgame::client_options options;
    options.appid = "wx1234567";
    options.offer_id = "12345678";
    options.app_secret = "sandbox-app-secret";
    options.app_key = "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u";
    options.base_url = base_url;
    options.ca_file = ca_file;
    options.journal = journal;
    auto client = wxgame::client::open(options);
    if (!client)
        return "open: " + std::string(client.error().message());

    const auto bill_no = wxgame::bill_no_new();
    if (!bill_no)
        return "no bill_no";
    const std::string js_code = "code:opackages:" + std::string(bill_no->data());
    wxgame::login_options login;
    login.js_code = js_code;
    const auto player = client->login(login, -1);
    if (!player || (*player)->outcome != WXG_OUTCOME_DONE)
        return "not logged in";

    wxgame::get_balance_options get_balance;
    get_balance.openid = "opackages";
    get_balance.zone_id = "1";
    const auto before = client->get_balance(get_balance, -1);
    wxgame::pay_options pay;
    pay.bill_no = bill_no->data();
    pay.openid = "opackages";
    pay.zone_id = "1";
    pay.amount = 1;
    const auto paid = client->pay(pay, -1);
    if (!before || !paid || (*paid)->outcome != WXG_OUTCOME_DONE)
        return "not paid";
    if ((*paid)->balance != (*before)->balance - 1)
        return "paid, but not one coin";
    if (!client->ack((*paid)->delivery_id) || !client->close(5000))
        return "not closed";
    return "";
}

#endif
