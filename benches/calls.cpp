// What benches/calls.c measures, from C++.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <wxgame.hpp>

namespace {
constexpr int submits = 20000, polls = 1000000;

template <typename T> void check(const wxgame::result<T> &result)
{
    if (!result) {
        std::fprintf(stderr, "calls: %s\n", result.error().message().data());
        std::exit(1);
    }
}

template <typename Call> double ns_each(int times, Call call)
{
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < times; i++)
        check(call(i));
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begun).count() / times;
}
} // namespace

int main(int argc, char **argv)
{
    wxgame::client_options options;
    options.appid = "wx1234567";
    options.offer_id = "12345678";
    options.app_secret = "an-app-secret";
    options.app_key = "an-app-key";
    options.journal = "memory:";
    options.base_url = "http://127.0.0.1:9";
    auto client = wxgame::client::open(options);
    check(client);

    const double poll_ns = ns_each(polls, [&](int) { return client->poll(); });
    wxgame::get_balance_options ask;
    ask.openid = "odkx20ENSNa2w5y3g_qOkOvBNM1g";
    ask.zone_id = "1";
    ask.user_ip = "113.108.77.69";
    ask.deadline_ms = 60000;
    const double submit_ns = ns_each(submits, [&](int i) {
        ask.user_tag = static_cast<std::uint64_t>(i);
        return client->submit_get_balance(ask);
    });
    std::printf("%-14s %8.0f ns per submit %8.0f ns per empty poll\n", argc > 1 ? argv[1] : "C++", submit_ns, poll_ns);
}
