// A game server's payment, whole: log a player in, read the coins, take some for an order, grant what was bought
// once, acknowledge, read the coins again. Run it again with the same bill_no after a crash, at whatever moment:
// it asks about the same payment, takes no coin twice and grants nothing twice. The same story as examples/c/pay.c.
//
//   pay base_url=https://localhost:8331 ca_file=ca.pem js_code=code:oPlayer:1 bill_no=order-1 amount=30
//
// A setting is given as name=value, or as an environment variable of that name: the place for app_secret and app_key.
// Where the session has expired the next js_code is read from standard input. Exit status: 0 paid, 1 error,
// 2 not paid, 3 not known yet (run it again).

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>
#include <wxgame.hpp>

namespace {
std::vector<std::string_view> arguments;

// Ends with a NUL, as everything does that it is made from.
std::string_view setting(std::string_view name, std::string_view otherwise)
{
    for (std::string_view argument : arguments)
        if (argument.substr(0, name.size()) == name && argument.substr(name.size(), 1) == "=")
            return argument.substr(name.size() + 1);
    const char *value = std::getenv(std::string(name).c_str());
    return value != nullptr ? value : otherwise;
}

// Ends the program where going on makes no sense. The journal keeps what is under way for the next start.
[[noreturn]] void fail(int exit_status, std::string_view what, std::string_view why)
{
    std::cout.flush();
    std::cerr << "pay: " << what << ": " << why << "\n";
    std::exit(exit_status);
}

template <typename T> T check(wxgame::result<T> result, std::string_view what)
{
    if (!result)
        fail(1, result.error().field().empty() ? what : result.error().field(), result.error().message());
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

wxgame::client open()
{
    wxgame::client_options options;
    options.appid = setting("appid", "wx1234567");
    options.offer_id = setting("offer_id", "12345678");
    options.app_secret = setting("app_secret", "sandbox-app-secret");
    options.app_key = setting("app_key", "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u");
    options.base_url = setting("base_url", "");
    options.ca_file = setting("ca_file", "");
    options.journal = setting("journal", "sqlite:pay.journal");
    options.timeout_ms = std::atoll(setting("timeout_ms", "0").data());
    return check(wxgame::client::open(options), "open");
}

// One client for the whole server; the rest a real one keeps for each player and order.
class Game {
public:
    Game(wxgame::client client, std::string bill_no) : client_(std::move(client)), bill_no_(std::move(bill_no)) {}

    int play()
    {
        login(setting("js_code", ""));
        while (openid_.empty())
            frame(); // also settles what an earlier run left behind
        for (get_balance(); balances_read_ < 1;)
            frame();
        for (pay(); outcome_ == WXG_OUTCOME_NONE || outcome_ == WXG_OUTCOME_UNKNOWN;)
            frame();
        for (get_balance(); balances_read_ < 2;)
            frame();
        check(client_.close(5000), "close");
        return outcome_ == WXG_OUTCOME_DONE ? 0 : outcome_ == WXG_OUTCOME_NEEDS_REVIEW ? 3 : 2;
    }

private:
    void login(std::string_view js_code)
    {
        wxgame::login_options options;
        options.js_code = js_code;
        check(client_.submit_login(options), "login");
        login_under_way_ = true;
    }

    void get_balance()
    {
        wxgame::get_balance_options options;
        options.openid = openid_;
        options.zone_id = "1";
        check(client_.submit_get_balance(options), "get_balance");
    }

    void pay()
    {
        wxgame::pay_options options;
        options.bill_no = bill_no_;
        options.openid = openid_;
        options.zone_id = "1";
        options.amount = std::atoll(setting("amount", "1").data());
        options.pay_item = "sword";
        check(client_.submit_pay(options), "pay");
    }

    // One frame of the game: a few completions, then everything else a server does.
    void frame()
    {
        check(client_.tick([this](wxgame::completion completion) { handle(*completion); }, 16), "tick");
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }

    void handle(const wxg_completion_view &completion)
    {
        if (completion.kind == WXG_KIND_PAY || completion.kind == WXG_KIND_RESOLVED) {
            settle(completion);
        } else if (completion.kind == WXG_KIND_SESSION_NEEDED) {
            ask_for_login(completion);
        } else if (completion.outcome != WXG_OUTCOME_DONE) {
            fail(1, completion.kind == WXG_KIND_LOGIN ? "login" : "get_balance", wxgame::text(completion.errmsg));
        } else if (completion.kind == WXG_KIND_LOGIN) {
            login_under_way_ = false;
            openid_ = wxgame::text(completion.openid);
            std::cout << "logged in " << openid_ << "\n";
        } else if (completion.kind == WXG_KIND_GET_BALANCE) {
            ++balances_read_;
            std::cout << "balance   " << completion.balance << " coins\n";
        }
    }

    // An answer about a payment: about ours, or about one that an earlier run left behind.
    void settle(const wxg_completion_view &payment)
    {
        static const char *const outcomes[] = {"none", "done", "rejected", "not sent", "unknown", "needs review"};
        const std::string_view bill_no = wxgame::text(payment.bill_no);
        if (payment.status != WXG_OK)
            fail(1, bill_no, wxgame::text(payment.errmsg));
        std::cout << (payment.kind == WXG_KIND_RESOLVED ? "resolved  " : "payment   ") << bill_no << ": "
                  << (payment.outcome <= WXG_OUTCOME_NEEDS_REVIEW ? outcomes[payment.outcome] : "?") << ", "
                  << payment.amount << " coins, errcode " << payment.errcode << " " << wxgame::text(payment.errmsg)
                  << "\n";
        if (bill_no == bill_no_)
            outcome_ = payment.outcome;
        if (payment.outcome == WXG_OUTCOME_DONE)
            grant_once(bill_no);
        if (payment.outcome == WXG_OUTCOME_NEEDS_REVIEW)
            std::cout << "review    " << bill_no << ": to be noted for a person; no grant, no refusal\n";
        if (payment.delivery_id != 0) // 0: unknown, nothing is acted on yet; the library goes on
            check(client_.ack(payment.delivery_id), "ack");
    }

    // Grants what was bought, once per bill_no. The file stands for a table of your database whose key is the
    // bill_no: there, the row and the sword go into one transaction.
    static void grant_once(std::string_view bill_no)
    {
        const std::string path(setting("grants", "grants.txt"));
        std::ifstream granted(path);
        for (std::string line; std::getline(granted, line);)
            if (line == bill_no)
                return;
        std::ofstream grants(path, std::ios::app);
        if (!(grants << bill_no << std::endl))
            fail(1, "grants", "the file cannot be written");
        std::cout << "granted   " << bill_no << "\n";
    }

    // A server asks the game client, which calls wx.login. Here that is whoever sits at the keyboard.
    void ask_for_login(const wxg_completion_view &need)
    {
        if (login_under_way_)
            return;
        std::cout << "session   of " << wxgame::text(need.openid) << " is needed; its next js_code:" << std::endl;
        std::string js_code;
        if (!std::getline(std::cin, js_code) || js_code.empty()) {
            check(client_.close(5000), "close");
            fail(3, "login", "no js_code; run again with a new one, the journal keeps the payment");
        }
        login(js_code);
    }

    wxgame::client client_;
    std::string bill_no_, openid_;
    bool login_under_way_ = false;
    int balances_read_ = 0;
    std::uint32_t outcome_ = WXG_OUTCOME_NONE; // of our bill_no, as far as we know
};
} // namespace

int main(int argc, char **argv)
{
    arguments.assign(argv + (argc > 0), argv + argc);
    const auto new_bill_no = check(wxgame::bill_no_new(), "bill_no");
    // Yours stands with the order in your database by now.
    return Game(open(), std::string(setting("bill_no", new_bill_no.data()))).play();
}
