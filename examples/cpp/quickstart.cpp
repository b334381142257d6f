// Thirty coins for order-1. Against production leave base_url and ca_file out.
//
//   quickstart https://localhost:8331 ca.pem code:oPlayer:1 order-1
#include <cstdio>
#include <wxgame.hpp>

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    wxgame::client_options options;
    options.appid = "wx1234567";
    options.offer_id = "12345678";
    options.app_secret = "sandbox-app-secret";
    options.app_key = "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u";
    options.journal = "sqlite:quickstart.journal";
    options.base_url = argv[1];
    options.ca_file = argv[2];
    auto client = wxgame::client::open(options);
    if (!client)
        return std::printf("open: %s\n", client.error().message().data()), 1;

    wxgame::login_options login;
    login.js_code = argv[3];
    auto player = client->login(login, -1);
    if (!player || (*player)->outcome != WXG_OUTCOME_DONE)
        return std::puts("not logged in"), 1;

    wxgame::pay_options pay;
    pay.bill_no = argv[4]; // stands with the order in your database, from before
    pay.openid = wxgame::text((*player)->openid);
    pay.zone_id = "1";
    pay.amount = 30;
    auto paid = client->pay(pay, -1);
    if (!paid)
        return std::printf("pay: %s\n", paid.error().message().data()), 1;
    if ((*paid)->outcome == WXG_OUTCOME_DONE)
        std::printf("paid, %lld coins left\n", static_cast<long long>((*paid)->balance)); // grant it here, once
    if ((*paid)->delivery_id != 0 && !client->ack((*paid)->delivery_id))
        return std::puts("not acknowledged: it comes again"), 1;
    return client->close(5000) ? 0 : 1;
}
