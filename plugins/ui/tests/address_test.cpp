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
    EXPECT_FALSE(parse_address("http://localhost.example.com")->is_loopback());
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
    EXPECT_FALSE(resolve(page, "a b.js"));
    EXPECT_FALSE(resolve("no base", "/a.js"));
}

}  // namespace
}  // namespace ui
