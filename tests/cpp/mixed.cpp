// Compiled twice, as C++17 and as C++23, and linked into one program: result<T> is another type in each, and neither
// half may get the other's functions.

#include <wxgame.hpp>

#include <cstdio>
#include <string_view>

bool refused_in_17();

// True when a wrong offer_id is refused and the error reads as it should.
static bool refused()
{
    wxgame::client_options options;
    options.appid = "wx1234567";
    options.app_secret = "secret";
    options.offer_id = "a b";
    options.app_key = "key";
    options.journal = "memory:";
    auto opened = wxgame::client::open(options);
    return !opened && opened.error().field() == "offer_id";
}

#if PART == 17
bool refused_in_17() { return refused(); }
#else
int main()
{
    const bool both = refused_in_17() && refused();
    std::puts(both ? "mixed: ok" : "mixed: FAILED");
    return both ? 0 : 1;
}
#endif
