/// URLs that pages, scripts and servers name.
#include <gtest/gtest.h>
#include <triage/web_url.hpp>

namespace triage {
namespace {

/// The URL, or "none".
std::string resolve(std::string_view base, std::string_view reference) {
    const auto url = resolve_web_url(base, reference);
    return url ? url->text : "none";
}

TEST(WebUrl, IsTakenApart) {
    const auto one = parse_web_url("HTTPS://API.Example.com/Api/v1//");
    ASSERT_TRUE(one);
    EXPECT_EQ(one->origin(), "https://api.example.com");
    EXPECT_EQ(one->port, "443");
    EXPECT_EQ(one->path, "/Api/v1//");
    EXPECT_EQ(parse_web_url("http://a")->path, "/");
    EXPECT_EQ(parse_web_url("http://a:80/")->origin(), "http://a");
    EXPECT_EQ(parse_web_url("http://[::1]:8000")->origin(), "http://[::1]:8000");
    for (const auto* none :
         {"", "api.example.com", "/api", "ftp://a/", "http://", "http:///x", "//a/b", "http://a b/",
          "javascript:alert(1)", "mailto:a@b", "http://a%20b/", "http://a%2fb/"})
        EXPECT_FALSE(parse_web_url(none)) << none;
}

TEST(WebUrl, KnowsTheLoopback) {
    for (const auto* loopback : {"http://localhost", "http://127.1.2.3", "http://[::1]"})
        EXPECT_TRUE(parse_web_url(loopback)->is_loopback()) << loopback;
    for (const auto* name : {"http://localhost.example.com", "http://127.evil.com",
                             "http://127.0.0.1.evil.com", "http://127.0.0.256", "http://127.0.0"})
        EXPECT_FALSE(parse_web_url(name)->is_loopback()) << name;
}

TEST(WebUrl, HasAQueryThatIsDecoded) {
    const auto url =
        parse_web_url("HTTPS://Clerk.Example.COM:443/v1?redirect_url=https%3A%2F%2Fa%2F&x");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->parameter("redirect_url"), "https://a/");
    EXPECT_EQ(url->parameter("x"), "");
    EXPECT_EQ(url->parameter("other"), std::nullopt);
    EXPECT_EQ(url->shown(), "https://clerk.example.com/v1") << "queries may hold tokens";
    EXPECT_EQ(parse_web_url("https://h:8443")->host_port(), "h:8443");
    EXPECT_EQ(parse_web_url("http://10.0.0.1.evil.com?a=1")->parameter("a"), "1");
}

TEST(WebUrl, NamesMayBeginLikeAnIpv4Address) {
    const auto one = parse_web_url("http://127.0.0.1.Evil.com:81/x");
    ASSERT_TRUE(one);
    EXPECT_EQ(one->origin(), "http://127.0.0.1.evil.com:81");
    EXPECT_EQ(one->path, "/x");
    EXPECT_EQ(parse_web_url("http://u:p@10.0.0.1.evil.com")->host, "10.0.0.1.evil.com");
    EXPECT_EQ(parse_web_url("http://127.0.0.1:8000/a")->origin(), "http://127.0.0.1:8000");
    EXPECT_EQ(parse_web_url("http://%3127.0.0.1/")->host, "127.0.0.1") << "as browsers do";
    EXPECT_EQ(parse_web_url("http://127.0.0.1@evil.com/")->host, "evil.com");
    EXPECT_EQ(resolve("http://127.0.0.1:3000/", "//127.0.0.1.evil.com/a.js"),
              "http://127.0.0.1.evil.com/a.js");
    EXPECT_EQ(resolve("http://127.0.0.1.evil.com/b/", "a.js"), "http://127.0.0.1.evil.com/b/a.js");
    EXPECT_EQ(resolve("http://127.0.0.1:3000/b/", "a.js"), "http://127.0.0.1:3000/b/a.js");
    for (const auto* none : {"http://a:65536", "http://a:x", "http://a]b/", "http://[::1]x/",
                             "javascript:\xC3", "http:\xC3", "http://\xC3", "http://a/\xC3"})
        EXPECT_FALSE(parse_web_url(none)) << none;
}

TEST(WebUrl, KnowsWhatElseIsWritten) {
    EXPECT_TRUE(parse_web_url("http://u:p@a")->has_user);
    EXPECT_TRUE(parse_web_url("http://@a")->has_user);
    EXPECT_TRUE(parse_web_url("http://a?")->has_query);
    EXPECT_TRUE(parse_web_url("http://a/#")->has_fragment);
    const auto plain = parse_web_url("http://a/b@c");
    EXPECT_FALSE(plain->has_user || plain->has_query || plain->has_fragment);
}

TEST(WebUrl, ReferencesAreResolved) {
    const std::string page = "https://app.example.com/boards/7?tab=1#x";
    EXPECT_EQ(resolve(page, "/_next/a.js"), "https://app.example.com/_next/a.js");
    EXPECT_EQ(resolve(page, "a.js?v=2#top"), "https://app.example.com/boards/a.js?v=2");
    EXPECT_EQ(resolve(page, "../../a.js"), "https://app.example.com/a.js");
    EXPECT_EQ(resolve(page, "//cdn.example.net/a.js"), "https://cdn.example.net/a.js");
    EXPECT_EQ(resolve(page, "http://b/a.js"), "http://b/a.js");
    EXPECT_EQ(resolve("HTTPS://A.Example:443/v1", "/x"), "HTTPS://A.Example:443/x");
    EXPECT_EQ(resolve(page, "https://a b/"), "none");
    EXPECT_EQ(resolve(page, "javascript:void(0)"), "none");
    EXPECT_EQ(resolve("no base", "/a.js"), "none");
}

TEST(WebUrl, ReferencesAreReadAsBrowsersDo) {
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
    EXPECT_EQ(resolve(page, "/" + std::string(10'000, 'a')), "none");
}

}  // namespace
}  // namespace triage
