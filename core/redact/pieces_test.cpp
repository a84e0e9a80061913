// Bodies that come in pieces: a secret that is cut is found, and nothing else waits.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/redact/encodings.hpp"
#include "core/redact/redactor.hpp"

namespace triage::redact {
namespace {

class Pieces : public ::testing::Test {
protected:
    Redactor redactor;
    Tail tail;

    std::string next(std::string_view piece) { return redactor.scrub_known(piece, tail); }

    std::string whole(const std::vector<std::string_view>& pieces) {
        std::string shown;
        tail = {};
        for (const auto piece : pieces)
            shown += next(piece);
        return shown + redactor.scrub_rest(tail);
    }
};

TEST_F(Pieces, ASecretIsFoundWhereverItIsCut) {
    redactor.add("key", "very/secret+\"key\" 1");
    for (const std::string_view written :
         {R"(very/secret+"key" 1)", R"(very\/secret+\"key\" 1)",
          R"(very/secret+\u0022key\x22\u00201)", "very%2Fsecret%2b%22key%22%201",
          "very%252Fsecret%252B%2522key%2522%25201", "very%2Fsecret%2B%22key%22+1",
          R"(very%2Fsecret%2B\u0022key\u0022%201)",
          "766572792f7365637265742b226b65792220"
          "31",
          "dmVyeS9zZWNyZXQrImtleSIgMQ"}) {
        const std::string text = "a " + std::string(written) + " b";
        const std::string expected = redactor.scrub_known(text);
        ASSERT_TRUE(expected.contains("<secret:key>")) << text;
        for (std::size_t i = 0; i <= text.size(); ++i) {
            const std::string_view all = text;
            EXPECT_EQ(whole({all.substr(0, i), all.substr(i)}), expected) << text << " at " << i;
            const std::size_t j = i + (text.size() - i) / 2;
            EXPECT_EQ(whole({all.substr(0, i), all.substr(i, j - i), all.substr(j)}), expected);
        }
    }
}

TEST_F(Pieces, OnlyWhatMayBecomeASecretWaits) {
    redactor.add("key", "very-secret");
    EXPECT_EQ(next("event: tick\n"), "event: tick\n");
    EXPECT_EQ(next("a very"), "a ");
    EXPECT_EQ(next(" good\n"), "very good\n");
    EXPECT_EQ(next("100%"), "100");
    EXPECT_EQ(next(" of it\n"), "% of it\n");
    EXPECT_EQ(next(R"(\u00)"), "");
    EXPECT_EQ(next("e4\n"), R"(\u00e4)"
                            "\n");
    EXPECT_EQ(tail.held, "");
}

TEST_F(Pieces, WithoutSecretsNothingWaits) {
    EXPECT_EQ(next("very%"), "very%");
    EXPECT_EQ(tail.held, "");
}

// "abcabcabc" ends with what it begins with: the next one may have begun within it.
TEST_F(Pieces, SecretsThatOverlapAreHiddenInBoundedMemory) {
    redactor.add("key", "abcabcabc");
    std::string shown;
    for (int i = 0; i < 1000; ++i) {
        shown += next("abc");
        ASSERT_LT(tail.held.size(), 9U);
    }
    shown += next(".") + redactor.scrub_rest(tail);
    EXPECT_FALSE(shown.contains("abc")) << shown;
    EXPECT_TRUE(shown.starts_with("<secret:key>"));
    EXPECT_TRUE(shown.ends_with("."));
}

TEST(UnfinishedEscape, IsOneThatMoreTextWouldChange) {
    const auto held = [](Escaping escaping, std::string_view text) {
        return text.substr(unfinished_escape(escaping, text));
    };
    EXPECT_EQ(held(Escaping::percent, "a%41%"), "%");
    EXPECT_EQ(held(Escaping::percent, "a%4"), "%4");
    EXPECT_EQ(held(Escaping::percent, "a%41"), "");
    EXPECT_EQ(held(Escaping::percent, "a%z"), "");
    EXPECT_EQ(held(Escaping::json, R"(a\)"), R"(\)");
    EXPECT_EQ(held(Escaping::json, R"(a\\)"), "");
    EXPECT_EQ(held(Escaping::json, R"(a\\\)"), R"(\)");
    EXPECT_EQ(held(Escaping::json, R"(\u00e)"), R"(\u00e)");
    EXPECT_EQ(held(Escaping::json, R"(\u00e9)"), "");
    EXPECT_EQ(held(Escaping::json, R"(\u00g)"), "");
    EXPECT_EQ(held(Escaping::json, R"(\xe)"), R"(\xe)");
    EXPECT_EQ(held(Escaping::json, R"(\ud83d\ude)"), R"(\ud83d\ude)");
    EXPECT_EQ(held(Escaping::json, R"(\ud83d\ude00)"), "");
}

}  // namespace
}  // namespace triage::redact
