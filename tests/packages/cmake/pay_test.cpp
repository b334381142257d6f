#include <gtest/gtest.h>

#include "pay.hpp"

TEST(Package, PaysOneCoin) { EXPECT_EQ(pay_once(), ""); }

TEST(Package, IsTheLibraryOfItsHeader)
{
    EXPECT_EQ(wxgame::version(), WXG_VERSION);
    EXPECT_GE(wxg_abi_version(), static_cast<std::uint32_t>(WXG_ABI_VERSION));
}
