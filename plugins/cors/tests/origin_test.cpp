/// Origins: how browsers write them, and how people do.
#include "../origin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using testing::ElementsAre;
using testing::IsEmpty;

namespace cors {
namespace {

TEST(Origin, IsSerialisedAsBrowsersDo) {
    EXPECT_EQ(serialised_origin("https://App.Example.com:443/sign-in?x=1"),
              "https://app.example.com");
    EXPECT_EQ(serialised_origin("HTTP://localhost:3000/"), "http://localhost:3000");
    EXPECT_EQ(serialised_origin("http://[::1]:80"), "http://[::1]");
    EXPECT_EQ(serialised_origin("https://h:80"), "https://h:80") << "not https's default";
    EXPECT_EQ(serialised_origin("https://a:"), "https://a");
    EXPECT_EQ(serialised_origin("https://a:00443/x"), "https://a");
    EXPECT_EQ(serialised_origin("http://a:080"), "http://a");
    for (const auto* wrong : {"", "app.example.com", "ftp://h", "https://", "https:///x"})
        EXPECT_EQ(serialised_origin(wrong), std::nullopt) << wrong;
}

TEST(Origin, OfAnAppIsItsOwnSchemeAndHost) {
    EXPECT_EQ(page_origin("Capacitor://localhost/index.html"), "capacitor://localhost");
    EXPECT_EQ(page_origin("tauri://localhost"), "tauri://localhost");
    EXPECT_EQ(page_origin("ionic://"), "ionic://");
    EXPECT_EQ(page_origin("chrome-extension://abcdefgh/popup.html"), "chrome-extension://abcdefgh");
    EXPECT_EQ(page_origin("app+x.y://1.2:80"), "app+x.y://1.2:80") << "no address, no default port";
    EXPECT_EQ(page_origin("file://"), "file://");
    EXPECT_EQ(page_origin("file:///home/a.html"), "null");
    EXPECT_EQ(page_origin("null"), "null");
    EXPECT_THAT(near_misses("tauri://localhost"),
                ElementsAre(NearMiss{"tauri://localhost/", "a slash at the end"}));
    EXPECT_EQ(difference("localhost", "tauri://localhost"), "no scheme before it");
    EXPECT_EQ(difference("http://localhost", "tauri://localhost"), std::nullopt);
    EXPECT_FALSE(is_mixed_content("tauri://localhost", "http://api.example"));
}

// As tests/system/test_cors.py has them for what is declared.
TEST(Origin, IsReadAsItIsDeclared) {
    for (const auto* good :
         {"https://a", "HTTPS://A:/", "http://1.2.3.4:65535?x", "http://255.255.255.255",
          "http://a.0xg", "http://1.2.3.4.sslip.io", "http://[::1]:3", "capacitor://localhost",
          "ionic://", "file://", "file:///x", "null", "x://1.2", "http://0x.a", "https://a./"})
        EXPECT_TRUE(page_origin(good)) << good;
    for (const auto* bad : {"http://0x7f.0.0.1",
                            "http://a.1",
                            "http://1.2.3.999",
                            "http://1.2.3",
                            "http://1.2.3.4.",
                            "http://01.2.3.4:80",
                            "http://1.2.3.4.5/x",
                            "http://a.b.c.1",
                            "http://1.256.1.1",
                            "http://1..1.1",
                            "http://1.2.3.0X4",
                            "http://0X7F000001",
                            "http://9",
                            "http://1.2.3.1000",
                            "https://",
                            "https:///x",
                            "http://:80",
                            "http://a:0",
                            "http://a:65536",
                            "x://a:99999",
                            "ws://a",
                            "htps://a",
                            "Null",
                            "app.example.com",
                            "x://a b",
                            "x://u@h",
                            "x://*"})
        EXPECT_FALSE(page_origin(bad)) << bad;
}

TEST(Origin, IsWrittenAsBrowsersDo) {
    EXPECT_EQ(page_origin("http://[0:0:0:0:0:0:0:1]:3000"), "http://[::1]:3000");
    EXPECT_EQ(page_origin("https://h?x=1"), "https://h");
    EXPECT_EQ(page_origin("https://my_app.internal.:8443"), "https://my_app.internal.:8443");
}

struct Wrong {
    const char* url;
    const char* says;
};

class OriginThatIsNone : public testing::TestWithParam<Wrong> {};

INSTANTIATE_TEST_SUITE_P(
    Wrong, OriginThatIsNone,
    testing::Values(Wrong{"app.example.com", "expected http:// or https://"},
                    Wrong{"localhost:3000", "expected http:// or https://"},
                    Wrong{"ws://h", "expected http:// or https://"},
                    Wrong{"htps://h", "expected http:// or https://"}, Wrong{"https://", "no host"},
                    Wrong{"https://:443", "no host"}, Wrong{"https://a b.example", "characters"},
                    Wrong{"https://ex%61mple.com", "characters"},
                    Wrong{"https://u:p@h", "user name"}, Wrong{"https://*.h", "a pattern"},
                    Wrong{"https://h:0", "port"}, Wrong{"https://h:65536", "port"},
                    Wrong{"https://h:+8", "port"}, Wrong{"app://h:x", "port"},
                    Wrong{"http://127.1", "IPv4"}, Wrong{"http://127.0.0.256", "IPv4"},
                    Wrong{"http://0x7f000001", "IPv4"}, Wrong{"http://[::g]", "IPv6"},
                    Wrong{"http://[::1", "IPv6"}, Wrong{"https://..", "no host name"},
                    Wrong{"https://bücher.example:8443", "write https://xn--bcher-kva.example"},
                    Wrong{"https://faß.example", "https://xn--fa-hia.example"},
                    Wrong{"https://\xff.example", "in ASCII (xn--"}),
    [](const auto& tested) { return "N" + std::to_string(tested.index); });

TEST_P(OriginThatIsNone, SaysWhy) {
    const auto origin = page_origin(GetParam().url);
    ASSERT_FALSE(origin) << *origin;
    EXPECT_THAT(origin.error(), testing::HasSubstr(GetParam().says)) << GetParam().url;
}

std::vector<std::string> texts(const std::vector<NearMiss>& misses) {
    std::vector<std::string> out;
    for (const auto& miss : misses)
        out.push_back(miss.text);
    return out;
}

TEST(Origin, NearMissesAreWhatPeopleWrite) {
    EXPECT_THAT(
        texts(near_misses("http://localhost:3000")),
        ElementsAre("http://localhost:3000/", "https://localhost:3000", "http://127.0.0.1:3000",
                    "http://[::1]:3000", "http://localhost", "http://Localhost:3000"));
    EXPECT_THAT(texts(near_misses("https://www.example.com")),
                ElementsAre("https://www.example.com/", "http://www.example.com",
                            "https://www.example.com:443", "https://example.com",
                            "https://Www.example.com"));
    EXPECT_THAT(near_misses("null"), IsEmpty());
}

TEST(Origin, EntriesAreKeptByteForByte) {
    EXPECT_THAT(entries("https://a, https://B/ ,http://c:3000"),
                ElementsAre("https://a", "https://B/", "http://c:3000"));
    EXPECT_THAT(entries(R"(["https://a", "https://b"])"), ElementsAre("https://a", "https://b"));
    EXPECT_THAT(entries(" , "), IsEmpty());
}

TEST(Origin, DifferencesAreNamed) {
    const std::string origin = "https://app.example.com";
    EXPECT_EQ(difference(origin, origin), std::nullopt);
    EXPECT_EQ(difference("https://app.example.com/", origin), "a slash at the end");
    EXPECT_EQ(difference("https://App.Example.com", origin), "capital letters");
    EXPECT_EQ(difference("https://app.example.com:8443", origin), "another port");
    EXPECT_EQ(difference("https://app.example.com/x", origin),
              "a path or the default port after it");
    EXPECT_EQ(difference("http://app.example.com", origin), "another scheme");
    EXPECT_EQ(difference("https://other.example.com", origin), std::nullopt);
    EXPECT_EQ(difference("http://127.0.0.1:3000", "http://localhost:3000"),
              "127.0.0.1 for localhost");
    EXPECT_EQ(difference("not a url", origin), std::nullopt);
    EXPECT_EQ(difference("app.example.com", origin), "no scheme before it");
    EXPECT_EQ(difference("https://ÄPP.example", "https://xn--pp-uia.example"),
              "browsers send the host in ASCII");
}

TEST(Origin, MixedContentSparesLoopback) {
    EXPECT_TRUE(is_mixed_content("https://app.example.com", "http://api.example.com/x"));
    EXPECT_FALSE(is_mixed_content("http://app.example.com", "http://api.example.com/x"));
    EXPECT_FALSE(is_mixed_content("https://app.example.com", "https://api.example.com/x"));
    for (const auto* safe :
         {"http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000",
          "http://api.localhost:8000", "http://127.255.1.2", "http://localhost."})
        EXPECT_FALSE(is_mixed_content("https://app.example.com", safe)) << safe;
    for (const auto* unsafe : {"http://127.evil.example", "http://127.0.0.1.evil.example",
                               "http://localhost.evil.example", "http://[::2]", "http://128.0.0.1"})
        EXPECT_TRUE(is_mixed_content("https://app.example.com", unsafe)) << unsafe;
}

}  // namespace
}  // namespace cors
