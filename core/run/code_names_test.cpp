#include "core/run/code_names.hpp"

#include <gmock/gmock.h>

namespace triage::run {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

model::CheckInfo three_codes() {
    model::CheckInfo check;
    for (const char* name : {"t.a", "t.b", "t.c"})
        check.codes.push_back({.name = name, .weight = {}, .doc = "", .remedy = ""});
    return check;
}

TEST(CodeNames, NamesAndShares) {
    const auto check = three_codes();
    CodeNames names;
    const auto some = names.of(check, {0, 2});
    EXPECT_THAT(some, ElementsAre("t.a", "t.c"));
    EXPECT_EQ(names.of(check, {0, 2}).begin(), some.begin()) << "the same set, not a copy";
    EXPECT_THAT(names.of(check, {1}), ElementsAre("t.b"));
    EXPECT_THAT(names.of(check, {}), IsEmpty());
}

TEST(CodeNames, TellsChecksApart) {
    const auto one = three_codes();
    auto other = three_codes();
    other.codes[0].name = "o.a";
    CodeNames names;
    EXPECT_THAT(names.of(one, {0}), ElementsAre("t.a"));
    EXPECT_THAT(names.of(other, {0}), ElementsAre("o.a"));
}

TEST(CodeNames, WhatIsNotDeclaredHasNoName) {
    CodeNames names;
    EXPECT_THAT(names.of(three_codes(), {1, 9}), ElementsAre("t.b"));
}

}  // namespace
}  // namespace triage::run
