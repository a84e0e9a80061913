#include "core/redact/redactor.hpp"

#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "core/redact/value.hpp"

namespace triage::redact {
namespace {

TEST(Redactor, ReplacesASecretByItsName) {
    Redactor redactor;
    redactor.add("clerk_key", "very/secret+value 1");
    const auto hidden = [&](std::string_view text) { return redactor.redact(text).str(); };
    EXPECT_EQ(hidden("a very/secret+value 1 b"), "a <secret:clerk_key> b");
    EXPECT_EQ(hidden("very%2Fsecret%2Bvalue%201"), "<secret:clerk_key>");
    EXPECT_EQ(hidden("very%2fsecret%2bvalue+1"), "<secret:clerk_key>");
    EXPECT_EQ(hidden("very%252Fsecret%252Bvalue%25201"), "<secret:clerk_key>");
    EXPECT_EQ(hidden(R"(very\/secret+value\u00201)"), "<secret:clerk_key>");
    EXPECT_EQ(hidden("766572792f7365637265742b76616c75652031"), "<secret:clerk_key>");
    EXPECT_EQ(hidden("766572792F7365637265742B76616C75652031"), "<secret:clerk_key>");
    EXPECT_EQ(hidden("x dmVyeS9zZWNyZXQrdmFsdWUgMQ== y"), "x <secret:clerk_key>Q== y");
    EXPECT_EQ(hidden("nothing here"), "nothing here");
    EXPECT_EQ(redactor.notice(), "");
}

TEST(Redactor, TakesANameWithAKindAsItIs) {
    Redactor redactor;
    redactor.add("fact:login.session", "0123456789abcdef");
    EXPECT_EQ(redactor.redact("0123456789abcdef").str(), "<fact:login.session>");
}

TEST(Redactor, HidesOverlappingSecretsCompletely) {
    Redactor redactor;
    redactor.add("inner", "abcdefgh");
    redactor.add("outer", "xxabcdefghyy");
    redactor.add("right", "efghyyzzzz");
    const auto hidden = [&](std::string_view text) { return redactor.redact(text).str(); };
    EXPECT_EQ(hidden("1 abcdefgh 2 xxabcdefghyy 3"), "1 <secret:inner> 2 <secret:outer> 3");
    EXPECT_EQ(hidden("[xxabcdefghyyzzzz]"), "[<secret:outer>]");
    EXPECT_EQ(hidden("[abcdefghyyzzzz]"), "[<secret:right>]");
    EXPECT_EQ(hidden("abcdefghabcdefgh"), "<secret:inner><secret:inner>");
}

TEST(Redactor, TheFirstNameOfAValueStays) {
    Redactor redactor;
    redactor.add("first", "same-value");
    redactor.add("second", " same-value\n");
    EXPECT_EQ(redactor.redact("same-value").str(), "<secret:first>");
}

TEST(Redactor, KnowsThePasswordOfAUrl) {
    Redactor redactor;
    redactor.add("dsn", "postgresql://app:hunter2%2Fhunter3@db:5432/x");
    const auto hidden = [&](std::string_view text) { return redactor.redact(text).str(); };
    EXPECT_EQ(hidden("it is hunter2/hunter3!"), "it is <secret:dsn>!");
    EXPECT_EQ(hidden("it is hunter2%2Fhunter3!"), "it is <secret:dsn>!");
    EXPECT_EQ(hidden("db:5432"), "db:5432");
}

TEST(Redactor, ControlSequencesDoNotHideASecret) {
    Redactor redactor;
    redactor.add("k", "abcdefghij");
    EXPECT_EQ(redactor.redact("abcde\x1b[31mfghij").str(), "<secret:k>");
    EXPECT_EQ(redactor.redact("pass\x1b[0mword=x1y2").str(), "password=<password>");
}

TEST(Redactor, ASecretOfAnyBytesIsFound) {
    Redactor redactor;
    const std::string bytes(
        "\x01\xff\0\x80"
        "abcd\n\x7f",
        10);
    redactor.add("raw", bytes);
    EXPECT_EQ(redactor.redact(fmt::format("<{}>", bytes)).str(), "<<secret:raw>>");
    EXPECT_EQ(redactor.redact("b'\\x01\\xff\\x00\\x80abcd\\n\\x7f'").str(), "b'<secret:raw>'");
}

TEST(Redactor, MakesTextPrintable) {
    const Redactor redactor;
    EXPECT_EQ(redactor.redact("a\xff\x1b[1mb\x07").str(), "a\uFFFDb\uFFFD");
    EXPECT_EQ(redactor.redact("").str(), "");
}

TEST(Redactor, ScrubbingLeavesOtherBytesAlone) {
    Redactor redactor;
    redactor.add("k", "abcdefghij");
    const std::string before("\0\xff\x1b[0m password=x ", 18);
    EXPECT_EQ(redactor.scrub_known(before + "abcdefghij" + before), before + "<secret:k>" + before);
}

// Linear time: anything else runs into the test's timeout by orders of magnitude.
TEST(Redactor, HostileTextCostsLinearTime) {
    constexpr std::size_t size = 30'000;
    Redactor redactor;
    redactor.add("k", "abcdefghij");
    redactor.add("repeated", std::string(1000, 'a') + "b");
    std::string mixed;
    for (const std::string_view piece : {"a",
                                         "://a:",
                                         "http://a:b@",
                                         "-----BEGIN PRIVATE KEY-----\n",
                                         "input_value={",
                                         "input_value={, input_type=",
                                         "[parameters: (",
                                         "[parameters: 1]",
                                         "password=\"",
                                         "password=",
                                         "\\",
                                         "\\u00",
                                         "%",
                                         "%25",
                                         "eyJ",
                                         "eyJaaaaaaaa.",
                                         "Bearer ",
                                         "\x1b[",
                                         "\xff",
                                         "?token=",
                                         "authorization: digest ",
                                         "cookie: a=",
                                         "abcdefghi",
                                         "a\\\\\"",
                                         "\"password\": \"\\",
                                         "secret=\\\\\\\"",
                                         "sk_live_",
                                         "--token "}) {
        std::string text;
        while (text.size() < size)
            text += piece;
        mixed += text;
        const std::string hidden = redactor.redact(text).str();
        EXPECT_EQ(base::find_invalid_utf8(hidden), std::string::npos) << piece;
    }
    EXPECT_GT(mixed.size(), 750'000U);
    EXPECT_FALSE(redactor.redact(mixed + " abcdefghij").str().contains("abcdefghij"));
}

TEST(Redactor, KnownSecretsInHtml) {
    Redactor redactor;
    redactor.add("tok", "my+super/secret&\"<value>'=1");
    EXPECT_EQ(redactor.redact("<p>my+super/secret&amp;&quot;&lt;value&gt;&#39;=1</p>").str(),
              "<p><secret:tok></p>");
    EXPECT_EQ(redactor.redact("&#109;&#121;&#x2B;super/secret&amp;\"&lt;value>&apos;=1").str(),
              "<secret:tok>");
    EXPECT_EQ(redactor.redact("a &amp; b &nosuch; &#0; &").str(), "a &amp; b &nosuch; &#0; &");
}

TEST(Redactor, WhatIsLeftOfAKnownSecretGoesToo) {
    Redactor redactor;
    redactor.add("tok", "SuperSecretKeyABCDEFGH12345678");
    for (std::size_t kept = 8; kept < 30; ++kept) {
        const auto rest = std::string("SuperSecretKeyABCDEFGH12345678").substr(0, kept);
        EXPECT_EQ(redactor.redact("key " + rest).str(), "key <secret:cut>");
        EXPECT_EQ(redactor.redact("key " + rest + "… and more").str(),
                  "key <secret:cut>… and more");
    }
}

TEST(Redactor, WhatIsLeftOfALongWordGoesBeforeAnEllipsis) {
    Redactor redactor;
    redactor.add("pw", "correcthorsebattery");
    EXPECT_EQ(redactor.redact("is correcthorseba… it").str(), "is <secret:cut>… it");
    EXPECT_EQ(redactor.redact("is correcthorse...").str(), "is <secret:cut>...");
    EXPECT_EQ(redactor.redact("is correcth…").str(), "is correcth…") << "a word like any";
    EXPECT_EQ(redactor.redact("is correcthorse").str(), "is correcthorse") << "nothing is cut";
}

TEST(Redactor, AnOrdinaryBeginningIsNoSecret) {
    Redactor redactor;
    redactor.add("dsn", "postgresql://app:hunter2hunter2@db/x");
    EXPECT_EQ(redactor.redact("write it as postgresql://…").str(), "write it as postgresql://…");
    EXPECT_EQ(redactor.redact("expected postgresql").str(), "expected postgresql");
    EXPECT_EQ(redactor.redact("speaks post…").str(), "speaks post…");
}

// ---- What plugins call secrets

TEST(Learned, HidesInWhatThePluginItselfReports) {
    Redactor redactor;
    EXPECT_EQ(&redactor.of("login"), &redactor);
    redactor.learn("login", " open sesame\n");
    EXPECT_EQ(redactor.of("login").redact("it is 'open sesame'").str(), "it is '<secret:login>'");
    EXPECT_EQ(redactor.of("login").redact("b3BlbiBzZXNhbWU=").str(), "<secret:login>U=");
    EXPECT_EQ(redactor.of("login").redact("open\x1b[1m sesame").str(), "<secret:login>");
    redactor.learn("login", "postgresql://app:hunter2%21hunter@db/x");
    EXPECT_EQ(redactor.of("login").redact("got hunter2!hunter").str(), "got <secret:login>");
}

// Else it could hide what others found, or what the host says of them.
TEST(Learned, BlanksNoWordsOfOthers) {
    Redactor redactor;
    for (const auto* text :
         {"connection refused", "HTTP 500 Internal Server Error", "healthz", R"({"ok":true})",
          "http://127.0.0.1:8000/healthz", "health-checks-and-more", "127.0.0.1:8000 refused",
          "2026-11-24 03:21:00"}) {
        redactor.learn("evil", text);
        EXPECT_EQ(redactor.redact(text).str(), text);
        EXPECT_EQ(redactor.of("health").redact(text).str(), text);
        EXPECT_EQ(redactor.of("evil").redact(text).str().contains(text),
                  text == std::string("healthz"))
            << "too short to be hidden everywhere: " << text;
        EXPECT_EQ(redactor.scrub_known(std::string(text)), text) << "an answer is as it came";
    }
}

TEST(Learned, TokensAreHiddenInWhatOthersReportToo) {
    Redactor redactor;
    redactor.learn("first", "something else");
    const std::string token = "sess-9f8e7d6c5b4a39281706";
    redactor.learn("login", token);
    redactor.learn("late", "nothing of the kind");
    for (const auto* plugin : {"first", "login", "logs", "late"})
        EXPECT_EQ(redactor.of(plugin).redact("session " + token).str(), "session <secret:login>");
    EXPECT_EQ(redactor.redact("check-" + token).str(), "check-" + token) << "the host's own words";
}

TEST(Learned, UncoversNothing) {
    Redactor redactor;
    redactor.add("key", "topsecretkey");
    redactor.add("dsn", "postgresql://app:hunter2hunter2@database/x");
    // A URL's user and database are ordinary words if the host says so.
    redactor.learn("evil", "postgresql://topsecretkey:pw@topsecretkey/topsecretkey");
    redactor.learn("evil", "topsecre");
    redactor.learn("evil", "secretkey");
    redactor.learn("evil", "password=");
    redactor.learn("evil", "<secret:key>");
    redactor.learn("evil", "secret:key");
    const auto shown = redactor.of("evil").redact("a topsecretkey password=x1x2x3x4 topsecretk…");
    for (const auto* part : {"tkey", "x1x2", "topse"})
        EXPECT_FALSE(shown.str().contains(part)) << shown.str();
    EXPECT_FALSE(redactor.redact("topsecretkey").str().contains("secretkey"));
    // What the host knows as an ordinary word stays one.
    redactor.learn("evil", "database");
    EXPECT_EQ(redactor.of("evil").redact("no database there").str(), "no database there");
}

TEST(Learned, TheNoticeNamesWhatIsTooShort) {
    Redactor redactor;
    redactor.learn("login", "abc");
    EXPECT_TRUE(redactor.notice().starts_with("the secret login is shorter")) << redactor.notice();
}

TEST(Learned, LooksLikeASecret) {
    for (const auto* text : {"9f8e7d6c5b4a39281706", "sk-live_4eC39HqLyjWDarjtT1zdp7dc",
                             "dGhpcyBpcyBhIHRlc3Q0Mg==", "eyJhbGciOi.eyJzdWIiOiIxMjM0.SflKxwRJ42"})
        EXPECT_TRUE(is_secret_like(text)) << text;
    for (const auto* text :
         {"", "short-1234", "internal-server-error", "1234567890123456789", "aaaaaaaaaaaaaa12",
          "HTTP 500 after 12 ms", "api.example.com:8443/v12", "schlüssel-1234567890"})
        EXPECT_FALSE(is_secret_like(text)) << text;
}

}  // namespace
}  // namespace triage::redact
