// A server that has an SQLite and some Rust of its own, and a payment library with both in it.
#include <sqlite3.h>

#include <cstdio>
#include <cstring>

#include "pay.hpp"

extern "C" int other_catches(void); // other.rs

static int count_orders(sqlite3 *orders)
{
    sqlite3_stmt *query = nullptr;
    if (sqlite3_prepare_v2(orders, "SELECT count(*) FROM orders", -1, &query, nullptr) != SQLITE_OK)
        return -1;
    const int count = sqlite3_step(query) == SQLITE_ROW ? sqlite3_column_int(query, 0) : -1;
    sqlite3_finalize(query);
    return count;
}

static int failed(const char *what)
{
    std::printf("host: FAILED: %s\n", what);
    return 1;
}

int main()
{
    if (std::strcmp(sqlite3_libversion(), SQLITE_VERSION) != 0)
        return failed("the SQLite is not the host's own");
    sqlite3 *orders = nullptr;
    if (sqlite3_open(setting("orders").c_str(), &orders) != SQLITE_OK ||
        sqlite3_exec(orders, "CREATE TABLE orders(bill_no TEXT PRIMARY KEY); INSERT INTO orders VALUES ('sword-1')",
                     nullptr, nullptr, nullptr) != SQLITE_OK)
        return failed("the host's own database cannot be written");
    const std::string wrong = pay_once();
    if (!wrong.empty())
        return failed(wrong.c_str());
    if (sqlite3_exec(orders, "INSERT INTO orders VALUES ('sword-2')", nullptr, nullptr, nullptr) != SQLITE_OK ||
        count_orders(orders) != 2)
        return failed("the host's own database cannot be read after a payment");
    sqlite3_close(orders);
    if (other_catches() != 1)
        return failed("the host's own Rust does not catch its panics");
    std::puts("host: ok");
}
