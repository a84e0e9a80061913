#include "core/base/fingerprint.hpp"

#include <gtest/gtest.h>

namespace triage::base {
namespace {

TEST(Fingerprint, IsOfTheTextAndTheKey) {
    const auto one = fingerprint("key", "postgres");
    EXPECT_EQ(one.size(), 16);
    EXPECT_EQ(one.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(fingerprint("key", "postgres"), one);
    EXPECT_NE(fingerprint("key", "postgreS"), one);
    EXPECT_NE(fingerprint("other", "postgres"), one);
    EXPECT_NE(fingerprint("", "postgres"), one);
    EXPECT_NE(fingerprint("", ""), fingerprint("", "x"));
}

// Python: hashlib.blake2b(b"abc", digest_size=8).hexdigest(), with key=b"k"
TEST(Fingerprint, IsBlake2b) {
    EXPECT_EQ(fingerprint("", "abc"), "d8bb14d833d59559");
    EXPECT_EQ(fingerprint("k", "abc"), "1ae7e4d894720601");
}

}  // namespace
}  // namespace triage::base
