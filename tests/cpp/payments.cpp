// Many payments in flight, told on the thread that ticks: payments BASE_URL CA_FILE JOURNAL COUNT
//
// The player has no session yet, so that all of them are under way at once before the first is sent. Prints
// `payments: ok` last.

#include "require.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <wxgame.hpp>

namespace {

// Threads of this process that are not the library's.
std::size_t own_threads()
{
    std::size_t count = 0;
    std::error_code gone; // a thread that ends while we look
    for (const auto &task : std::filesystem::directory_iterator("/proc/self/task", gone)) {
        std::string name;
        if (std::getline(std::ifstream(task.path() / "comm"), name))
            count += name.rfind("wxg-", 0) != 0;
    }
    return count;
}

struct seen {
    std::set<std::string> done; // bill_no
    std::set<std::uint64_t> tags;
    std::size_t logins = 0, sessions_needed = 0;
};

} // namespace

int main(int argc, char **argv)
{
    require(argc == 5, "usage: payments BASE_URL CA_FILE JOURNAL COUNT");
    const std::size_t count = std::strtoull(argv[4], nullptr, 10);
    wxgame::client_options options;
    options.appid = "wx1234567";
    options.offer_id = "12345678";
    options.app_secret = "sandbox-app-secret";
    options.app_key = "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u";
    options.base_url = argv[1];
    options.ca_file = argv[2];
    options.journal = argv[3];
    options.deadline_ms = 300000;
    auto opened = wxgame::client::open(options);
    require(opened.has_value(), "the client opens");
    wxgame::client client = std::move(*opened);

    wxgame::pay_options pay;
    pay.openid = "omany";
    pay.zone_id = "1";
    pay.amount = 1;
    for (std::size_t number = 0; number < count; ++number) {
        const std::string bill_no = "many-" + std::to_string(number);
        pay.bill_no = bill_no;
        pay.user_tag = number;
        require(client.submit_pay(pay).has_value(), "a payment is taken");
    }

    seen told;
    const std::thread::id here = std::this_thread::get_id();
    const auto handler = [&](wxgame::completion completion) noexcept {
        require(std::this_thread::get_id() == here, "the handler runs on the thread that ticks");
        switch (completion->kind) {
        case WXG_KIND_PAY:
            require(completion->outcome == WXG_OUTCOME_DONE, "a payment is done");
            require(told.done.insert(std::string(wxgame::text(completion->bill_no))).second, "and told once");
            require(told.tags.insert(completion->user_tag).second, "with its own tag");
            require(client.ack(completion->delivery_id).has_value(), "and acknowledged");
            break;
        case WXG_KIND_SESSION_NEEDED:
            ++told.sessions_needed;
            break;
        case WXG_KIND_LOGIN:
            require(completion->outcome == WXG_OUTCOME_DONE, "the player logs in");
            ++told.logins;
            break;
        default:
            require(false, "nothing else comes");
        }
    };
    // A frame that waits for work in place of a clock.
    const auto frame = [&](std::size_t budget) {
        auto ticked = client.tick(handler, budget);
        require(ticked.has_value() && *ticked <= budget, "tick keeps to its budget");
        if (*ticked == 0) {
            auto next = client.wait(50);
            require(next.has_value(), "wait waits");
            if (*next)
                handler(std::move(**next));
        }
        auto stats = client.stats();
        require(stats.has_value(), "the stats can be read");
        return *stats;
    };

    while (frame(16).open_waiting < count)
        require(told.done.empty(), "nothing is paid without a session");
    require(own_threads() == 1, "no thread of ours waits for them");
    std::printf("%zu payments in flight, %zu thread of ours\n", count, own_threads());

    wxgame::login_options login;
    login.js_code = "code:omany:1";
    require(client.submit_login(login).has_value(), "a login is taken");
    while (told.done.size() < count) {
        frame(16);
        require(own_threads() == 1, "nor while they are sent");
    }
    require(told.logins == 1 && told.sessions_needed == 1, "the player was asked for once");

    wxgame::get_balance_options get_balance;
    get_balance.openid = "omany";
    get_balance.zone_id = "1";
    auto balance = client.get_balance(get_balance, -1);
    require(balance.has_value() && (*balance)->outcome == WXG_OUTCOME_DONE, "the balance is read");
    std::printf("balance   %lld coins\n", static_cast<long long>((*balance)->balance));
    require(client.close(5000).has_value(), "the client closes");
    std::puts("payments: ok");
}
