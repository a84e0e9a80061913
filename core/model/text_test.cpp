#include "core/model/text.hpp"

#include <gtest/gtest.h>

namespace triage::model {
namespace {

TEST(Text, OnOneLineShowsWhereLinesWere) {
    EXPECT_EQ(Text("HTTP 200 in 3 ms").on_one_line().str(), "HTTP 200 in 3 ms");
    EXPECT_EQ(Text("bad\n✓ all good").on_one_line().str(), "bad ⏎ ✓ all good");
    EXPECT_EQ(Text("\n\n a \n\t\n  b\t\n").on_one_line().str(), "a ⏎ b");
    EXPECT_EQ(Text("Traceback:\n").on_one_line().str(), "Traceback:");
    EXPECT_EQ(Text("\n").on_one_line().str(), "");
    EXPECT_EQ(Text("").on_one_line().str(), "");
}

}  // namespace
}  // namespace triage::model
