// The scenario's runner in C++: README.md says what it answers.
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <wxgame.hpp>

namespace {

std::map<std::string, std::uint64_t> seen; // the delivery_id last seen with each bill_no

std::string_view outcome(const wxgame::completion &told)
{
    static constexpr std::string_view names[] = {"none", "done", "rejected", "not_sent", "unknown", "needs_review"};
    return told->outcome < std::size(names) ? names[told->outcome] : "?";
}

int redelivered(const wxgame::completion &told) { return (told->flags & WXG_FLAG_REDELIVERED) != 0; }

void refused(std::string_view command, wxg_status status, std::string_view field)
{
    std::cout << command << " error " << wxg_status_text(status) << " field=" << field << "\n";
}

// True where the completion says how the call ended; else it is refused, and answered.
bool answered(std::string_view command, const wxgame::completion &told)
{
    if (told->status != WXG_OK) {
        refused(command, told->status, "");
        return false;
    }
    if (told->delivery_id != 0)
        seen[std::string(wxgame::text(told->bill_no))] = told->delivery_id;
    return true;
}

bool answered(std::string_view command, const wxgame::result<wxgame::completion> &call)
{
    if (!call) {
        refused(command, call.error().status(), call.error().field());
        return false;
    }
    return answered(command, *call);
}

void answered(std::string_view command, const wxgame::result<void> &call)
{
    if (call)
        std::cout << command << " ok\n";
    else
        refused(command, call.error().status(), call.error().field());
}

void told_payment(std::string_view command, const wxgame::result<wxgame::completion> &call)
{
    if (!answered(command, call))
        return;
    const wxgame::completion &told = *call;
    std::cout << command << " " << outcome(told) << " bill_no=" << wxgame::text(told->bill_no)
              << " amount=" << told->amount << " balance=" << told->balance << " errcode=" << told->errcode
              << " redelivered=" << redelivered(told) << "\n";
}

// The calls take their own completions, so the queue holds those that nobody waits for.
void told_next(std::string_view command, const wxgame::result<std::optional<wxgame::completion>> &taken,
               std::string_view otherwise)
{
    if (!taken)
        return refused(command, taken.error().status(), taken.error().field());
    if (!*taken) {
        std::cout << otherwise << "\n";
        return;
    }
    const wxgame::completion &told = **taken;
    if (!answered(command, told))
        return;
    if (told->kind == WXG_KIND_SESSION_NEEDED)
        std::cout << "session_needed openid=" << wxgame::text(told->openid) << "\n";
    else
        std::cout << (told->kind == WXG_KIND_RESOLVED ? "resolved " : "pay ") << outcome(told)
                  << " bill_no=" << wxgame::text(told->bill_no) << " amount=" << told->amount
                  << " redelivered=" << redelivered(told) << "\n";
}

wxgame::pay_options pay_options(const std::vector<std::string> &words)
{
    wxgame::pay_options options;
    options.bill_no = words[1];
    options.openid = words[2];
    options.zone_id = "1";
    options.amount = std::atoll(words[3].c_str());
    options.pay_item = "sword";
    options.deadline_ms = words.size() > 4 ? std::atoll(words[4].c_str()) : 0;
    return options;
}

void obey(wxgame::client &client, const std::vector<std::string> &words)
{
    const std::string &command = words[0];
    const std::size_t given = words.size() - 1;
    if (command == "login" && given == 1) {
        wxgame::login_options options;
        options.js_code = words[1];
        const auto call = client.login(options, -1);
        if (answered(command, call))
            std::cout << "login " << outcome(*call) << " openid=" << wxgame::text((*call)->openid)
                      << " errcode=" << (*call)->errcode << "\n";
    } else if (command == "balance" && given == 1) {
        wxgame::get_balance_options options;
        options.openid = words[1];
        options.zone_id = "1";
        const auto call = client.get_balance(options, -1);
        if (answered(command, call))
            std::cout << "balance " << outcome(*call) << " balance=" << (*call)->balance
                      << " errcode=" << (*call)->errcode << "\n";
    } else if (command == "pay" && (given == 3 || given == 4)) {
        told_payment(command, client.pay(pay_options(words), -1));
    } else if (command == "present" && given == 3) {
        wxgame::present_options options;
        options.bill_no = words[1];
        options.openid = words[2];
        options.zone_id = "1";
        options.amount = std::atoll(words[3].c_str());
        told_payment(command, client.present(options, -1));
    } else if (command == "cancel" && given == 1) {
        wxgame::cancel_pay_options options;
        options.bill_no = words[1];
        const auto call = client.cancel_pay(options, -1);
        if (answered(command, call))
            std::cout << "cancel " << outcome(*call) << " bill_no=" << wxgame::text((*call)->bill_no)
                      << " errcode=" << (*call)->errcode << "\n";
    } else if (command == "abandon" && given == 3) {
        answered(command, client.submit_pay(pay_options(words)));
    } else if (command == "next" && given == 0) {
        told_next(command, client.wait(10000), "nothing");
    } else if (command == "none" && given == 0) {
        told_next(command, client.poll(), "none");
    } else if (command == "ack" && given == 1) {
        answered(command, client.ack(seen[words[1]]));
    } else {
        std::cout << "there is no such command: " << command << "\n";
    }
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 4 && argc != 5) {
        std::cerr << "usage: runner BASE_URL CA_FILE JOURNAL [v1|v2]\n";
        return 2;
    }
    wxgame::client_options options;
    options.generation = argc == 5 && argv[4] == std::string_view("v2") ? WXG_GENERATION_V2 : WXG_GENERATION_V1;
    options.appid = "wx1234567";
    options.offer_id = "12345678";
    options.app_secret = "sandbox-app-secret";
    options.app_key = "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u";
    options.base_url = argv[1];
    options.ca_file = argv[2];
    options.journal = argv[3];
    options.timeout_ms = 1000;
    options.deadline_ms = 10000;
    options.redeliver_after_ms = -1;
    options.late_window_ms = 1;
    auto opened = wxgame::client::open(options);
    if (!opened) {
        std::cerr << "runner: open: " << opened.error().message() << "\n";
        return 1;
    }
    wxgame::client client = std::move(*opened);

    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream split(line);
        std::vector<std::string> words;
        for (std::string word; split >> word;)
            words.push_back(word);
        if (!words.empty())
            obey(client, words);
        std::cout.flush();
    }
    return client.close(5000) ? 0 : 1;
}
