// What the C++ tests share.

#pragma once

#include <cstdio>
#include <cstdlib>

/// Ends the program unless the promise holds.
inline void require(bool holds, const char *what)
{
    if (!holds) {
        std::printf("FAILED: %s\n", what);
        std::exit(1);
    }
}
