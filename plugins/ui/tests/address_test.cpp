/// Addresses that pages and scripts name.
#include "../address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ui {
namespace {

TEST(Address, IsTakenApart) {
    const auto one = parse_address("HTTPS://API.Example.com/Api/v1//");
    ASSERT_TRUE(one);
    EXPECT_EQ(one->origin(), "https://api.example.com");
    EXPECT_EQ(one->port, "443");
    EXPECT_EQ(one->path, "/Api/v1") << "a slash at the end means nothing";
    EXPECT_EQ(parse_address("http://a:80/")->origin(), "http://a");
    EXPECT_EQ(parse_address("http://[::1]:8000")->origin(), "http://[::1]:8000");
    for (const auto* none : {"", "api.example.com", "/api", "ftp://a/", "http://", "http:///x",
                             "//a/b", "http://a b/", "javascript:alert(1)"})
        EXPECT_FALSE(parse_address(none)) << none;
}

TEST(Address, TellsWhatBrowsersCannotReach) {
    for (const auto* internal :
         {"http://backend:8000", "http://host.docker.internal:8000", "http://api.local"})
        EXPECT_TRUE(parse_address(internal)->is_internal()) << internal;
    for (const auto* other : {"http://localhost:8000", "http://127.0.0.1", "http://[fd00::1]",
                              "http://10.0.0.5", "https://api.example.com"})
        EXPECT_FALSE(parse_address(other)->is_internal()) << other;
    for (const auto* loopback : {"http://localhost", "http://127.1.2.3", "http://[::1]"})
        EXPECT_TRUE(parse_address(loopback)->is_loopback()) << loopback;
    for (const auto* name : {"http://localhost.example.com", "http://127.evil.com",
                             "http://127.0.0.1.evil.com", "http://127.0.0.256", "http://127.0.0"})
        EXPECT_FALSE(parse_address(name)->is_loopback()) << name;
}

TEST(Address, NamesMayBeginLikeAnIpv4Address) {
    const auto one = parse_address("http://127.0.0.1.Evil.com:81/x");
    ASSERT_TRUE(one);
    EXPECT_EQ(one->origin(), "http://127.0.0.1.evil.com:81");
    EXPECT_EQ(one->path, "/x");
    EXPECT_EQ(parse_address("http://u:p@10.0.0.1.evil.com")->host, "10.0.0.1.evil.com");
    EXPECT_EQ(parse_address("http://127.0.0.1:8000/a")->origin(), "http://127.0.0.1:8000");
    EXPECT_EQ(parse_address("http://%3127.0.0.1/")->host, "127.0.0.1") << "as browsers do";
    EXPECT_EQ(parse_address("http://127.0.0.1@evil.com/")->host, "evil.com");
    EXPECT_EQ(resolve("http://127.0.0.1:3000/", "//127.0.0.1.evil.com/a.js"),
              "http://127.0.0.1.evil.com/a.js");
    EXPECT_EQ(resolve("http://127.0.0.1.evil.com/b/", "a.js"), "http://127.0.0.1.evil.com/b/a.js");
    EXPECT_EQ(resolve("http://127.0.0.1:3000/b/", "a.js"), "http://127.0.0.1:3000/b/a.js");
    for (const auto* none : {"http://a:65536", "http://a:x", "http://a]b/", "http://[::1]x/",
                             "javascript:\xC3", "http:\xC3", "http://\xC3", "http://a/\xC3"})
        EXPECT_FALSE(parse_address(none)) << none;
}

TEST(Address, KnowsWhatElseIsWritten) {
    EXPECT_TRUE(parse_address("http://u:p@a")->has_user);
    EXPECT_TRUE(parse_address("http://@a")->has_user);
    EXPECT_TRUE(parse_address("http://a?")->has_query);
    EXPECT_TRUE(parse_address("http://a/#")->has_fragment);
    const auto plain = parse_address("http://a/b@c");
    EXPECT_FALSE(plain->has_user || plain->has_query || plain->has_fragment);
}

TEST(Address, NamesOfTheLoopbackAreOne) {
    const auto same = [](const char* one, const char* other) {
        return same_origin(*parse_address(one), *parse_address(other));
    };
    EXPECT_TRUE(same("http://localhost:8000", "http://127.0.0.1:8000/"));
    EXPECT_TRUE(same("https://a", "https://A:443/x"));
    EXPECT_FALSE(same("http://a", "https://a"));
    EXPECT_FALSE(same("http://localhost:8000", "http://localhost:8001"));
    EXPECT_FALSE(same("http://a", "http://b"));
}

TEST(Address, ReferencesAreResolved) {
    const std::string page = "https://app.example.com/boards/7?tab=1#x";
    EXPECT_EQ(resolve(page, "/_next/a.js"), "https://app.example.com/_next/a.js");
    EXPECT_EQ(resolve(page, "a.js?v=2#top"), "https://app.example.com/boards/a.js?v=2");
    EXPECT_EQ(resolve(page, "../../a.js"), "https://app.example.com/a.js");
    EXPECT_EQ(resolve(page, "//cdn.example.net/a.js"), "https://cdn.example.net/a.js");
    EXPECT_EQ(resolve(page, "http://b/a.js"), "http://b/a.js");
    EXPECT_FALSE(resolve(page, "javascript:void(0)"));
    EXPECT_FALSE(resolve("no base", "/a.js"));
}

TEST(Address, ReferencesAreReadAsBrowsersDo) {
    const std::string page = "https://app.example.com/boards/7?tab=1";
    EXPECT_EQ(resolve(page, " \n/a.js\t "), "https://app.example.com/a.js");
    EXPECT_EQ(resolve(page, "/a\n\t.js"), "https://app.example.com/a.js");
    EXPECT_EQ(resolve(page, "\\x\\a.js?b\\c"), "https://app.example.com/x/a.js?b%5Cc");
    EXPECT_EQ(resolve(page, "a b.js"), "https://app.example.com/boards/a%20b.js");
    EXPECT_EQ(resolve(page, "/[id]/{a}|^`<>\".js"),
              "https://app.example.com/%5Bid%5D/%7Ba%7D%7C%5E%60%3C%3E%22.js");
    EXPECT_EQ(resolve(page, "/\xC3\xA4.js"), "https://app.example.com/%C3%A4.js");
    EXPECT_EQ(resolve(page, "/a%5Bb%zz.js"), "https://app.example.com/a%5Bb%25zz.js");
    EXPECT_EQ(resolve(page, "//host/x"), "https://host/x");
    EXPECT_EQ(resolve(page, "\\\\host/x"), "https://host/x");
    EXPECT_EQ(resolve(page, "///host/x"), "https://host/x");
    EXPECT_EQ(resolve(page, "https:////host/x"), "https://host/x");
    EXPECT_EQ(resolve(page, "http://[::1]/[a]"), "http://[::1]/%5Ba%5D");
    EXPECT_EQ(resolve(page, "?x"), "https://app.example.com/boards/7?x");
    EXPECT_EQ(resolve(page, ""), "https://app.example.com/boards/7?tab=1");
    EXPECT_EQ(resolve(page, "#a#b"), "https://app.example.com/boards/7?tab=1");
    EXPECT_EQ(resolve("http://a", "b.js"), "http://a/b.js");
    for (const auto* root : {"/..", "/.", "../..", "../../..", "/../../", "/", "%2e%2E/", "/a/../.",
                             "/a/b/../..", "//app.example.com"})
        EXPECT_EQ(resolve(page, root), "https://app.example.com/") << root;
    EXPECT_EQ(resolve("https://a/", ""), "https://a/");
    EXPECT_FALSE(resolve(page, "/" + std::string(10'000, 'a')));
}

}  // namespace
}  // namespace ui
