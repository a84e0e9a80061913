#include "core/base/url.hpp"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triage::base {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string message(std::string_view text) {
    const auto url = parse_url(text);
    return url ? "(taken) " + url->request_url() : url.error().message;
}

TEST(Url, IsTakenApart) {
    const auto url = parse_url("HTTPS://user:p%40ss@API.Example.COM:8443/v1/x?q=a%20b&c#frag");
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_EQ(url->scheme, "https");
    EXPECT_EQ(url->user_info, "user:p%40ss");
    EXPECT_EQ(url->host, "api.example.com");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->path, "/v1/x");
    EXPECT_EQ(url->query, "q=a%20b&c");
    EXPECT_EQ(url->origin(), "https://api.example.com:8443");
    EXPECT_EQ(url->request_url(), "https://api.example.com:8443/v1/x?q=a%20b&c");
}

// Whoever shows it cuts it, when secrets are hidden.
TEST(Url, IsNotCutInMessages) {
    const std::string end = "/the-end-of-a-secret";
    EXPECT_THAT(message("ftp://h/" + std::string(500, 'x') + end), HasSubstr(end + "\""));
}

TEST(Url, DefaultsAndNormalForms) {
    const auto request = [](std::string_view text) { return message(text); };
    EXPECT_EQ(request("http://h"), "(taken) http://h/");
    EXPECT_EQ(request("http://h:80"), "(taken) http://h/");
    EXPECT_EQ(request("http://h:"), "(taken) http://h/");
    EXPECT_EQ(request("https://h:443/a"), "(taken) https://h/a");
    EXPECT_EQ(request("https://h:80/a"), "(taken) https://h:80/a");
    EXPECT_EQ(request("http://h?x=1"), "(taken) http://h/?x=1");
    EXPECT_EQ(request("http://h/a/../b/./c"), "(taken) http://h/b/c");
    EXPECT_EQ(request("http://h/a/%2e%2e/b"), "(taken) http://h/b");
    EXPECT_EQ(request("http://h/../../b"), "(taken) http://h/b");
    EXPECT_EQ(request("http://h/a/b/.."), "(taken) http://h/a/");
    EXPECT_EQ(request("http://h/a/."), "(taken) http://h/a/");
    EXPECT_EQ(request("http://h/.%2E/..."), "(taken) http://h/...");
    EXPECT_EQ(request("http://h/a//"), "(taken) http://h/a//");
    EXPECT_EQ(request("http://h//x"), "(taken) http://h//x");
    EXPECT_EQ(request("http://h/a%2Fb"), "(taken) http://h/a%2Fb");
    EXPECT_EQ(request("http://h/a%2fb?q=%c3%a9"), "(taken) http://h/a%2fb?q=%c3%a9");
    EXPECT_EQ(request("http://h/a;b=1,2/c:d@e"), "(taken) http://h/a;b=1,2/c:d@e");
    EXPECT_EQ(request("http://[0:0::1]:8000/"), "(taken) http://[::1]:8000/");
    EXPECT_EQ(request("http://127.0.0.1:8000/x"), "(taken) http://127.0.0.1:8000/x");
    EXPECT_EQ(request("http://my_host.local./"), "(taken) http://my_host.local./");
}

TEST(Url, SaysWhatWasFoundAndExpected) {
    EXPECT_THAT(message(""), HasSubstr("it is empty"));
    EXPECT_THAT(message("example.com"), HasSubstr("expected it to start with http://"));
    EXPECT_THAT(message("ftp://h/"), HasSubstr("expected it to start with http://"));
    EXPECT_THAT(message("file:///etc/passwd"), HasSubstr("expected it to start with http://"));
    EXPECT_THAT(message("http://"), HasSubstr("names no host"));
    EXPECT_THAT(message("http:///x"), HasSubstr("names no host"));
    EXPECT_THAT(message("http://h/a b"), HasSubstr("found a space at character 11, expected it "
                                                   "percent-encoded (%20)"));
    EXPECT_THAT(message("http://h/{id}"), HasSubstr("found '{' at character 10"));
    EXPECT_THAT(message("http://h/\r\nX: y"), HasSubstr("found byte 0x0d at character 10"));
    EXPECT_THAT(message("http://h\\@evil/"), HasSubstr("found '\\' at character 9"));
    EXPECT_THAT(message("http://h/\xc3\xa9"), HasSubstr("found byte 0xc3 at character 10"));
    EXPECT_THAT(message("http://h:99999/"), HasSubstr("found port 99999, expected 1 to 65535"));
    EXPECT_THAT(message("http://h:0/"), HasSubstr("found port 0, expected 1 to 65535"));
    EXPECT_THAT(message("http://h:8x/"), Not(HasSubstr("(taken)")));
    EXPECT_THAT(message("http://h/%zz"), Not(HasSubstr("(taken)")));
    EXPECT_THAT(message(std::string("http://h/\0x", 11)), HasSubstr("byte 0x00"));
}

TEST(Url, SaysWhyItIsNoneWithoutShowingIt) {
    EXPECT_EQ(why_not_a_url("https://a:b@x:8000/p?q"), "");
    EXPECT_EQ(why_not_a_url(""), "it is empty");
    for (const auto* text : {"x", "htp://x", "//x", "http"})
        EXPECT_EQ(why_not_a_url(text), "it does not start with http:// or https://") << text;
    EXPECT_EQ(why_not_a_url("http://x/a b"), "it has a character that must be percent-encoded");
    for (const auto* text : {"http://127.0.0.1:99999/", "http://[::1]:0", "http://a:b@x:8o/?q"})
        EXPECT_EQ(why_not_a_url(text), "its port is not a number from 1 to 65535") << text;
    for (const auto* text :
         {"http://", "http:///x", "http://1.2.3/", "http://[::1/", "http://a..b:1"})
        EXPECT_EQ(why_not_a_url(text), "its host is neither a name nor an address") << text;
    EXPECT_EQ(why_not_a_url("http://x/%zz"), "");
}

TEST(Url, HostsThatOthersReadDifferentlyAreNotTaken) {
    for (const char* const url :
         {"http://2130706433/", "http://127.1/", "http://0x7f000001/", "http://127.0.0.0x1/",
          "http://0177.0.0.1/", "http://256.1.1.1/", "http://1.2.3.4.5/", "http://127.0.0.1./",
          "http://ex%61mple.com/", "http://a,b/", "http://a..b/", "http://.a/", "http://[v1.x]/",
          "http://[::1/", "http://[::1%25lo]/"}) {
        EXPECT_THAT(message(url), Not(HasSubstr("(taken)"))) << url;
    }
    EXPECT_THAT(message("http://" + std::string(254, 'a') + "/"), HasSubstr("at most 253"));
}

TEST(Url, ANameMayBeginAsAnAddressDoes) {
    EXPECT_EQ(message("https://203.0.113.7.sslip.io/"), "(taken) https://203.0.113.7.sslip.io/");
    EXPECT_EQ(parse_url("http://u:p@10.0.0.1.nip.io:81/a?b")->origin(),
              "http://10.0.0.1.nip.io:81");
    EXPECT_EQ(parse_url("http://127.0.0.1.example.com")->host, "127.0.0.1.example.com");
    EXPECT_EQ(parse_endpoint("10.0.0.1.nip.io:5432")->host, "10.0.0.1.nip.io");
    EXPECT_EQ(parse_url("http://127.0.0.1@evil.example.com/")->host, "evil.example.com");
    for (const auto* wrong : {"http://1.2.3.4.5/", "http://127.0.0.1./", "http://1.2.3.4.%61.com/",
                              "http://1.2.3.4.a,b/", "http://1.2.3.4..a/", "http://1.2.3.4.a b/"})
        EXPECT_THAT(message(wrong), Not(HasSubstr("(taken)"))) << wrong;
}

TEST(Url, ALinkLocalAddressCannotBeReached) {
    EXPECT_THAT(message("http://[fe80::1]/"), HasSubstr("a link-local address"));
    EXPECT_THAT(message("http://[febf::1]:80/"), HasSubstr("a link-local address"));
    EXPECT_EQ(message("http://[fec0::1]/"), "(taken) http://[fec0::1]/");
}

TEST(Url, AMessageDoesNotShowUserInfo) {
    EXPECT_THAT(message("http://user:hunter2@h/a b"), Not(HasSubstr("hunter2")));
    EXPECT_THAT(message("ftp://user:hunter2@h/"), Not(HasSubstr("hunter2")));
    EXPECT_THAT(message("user:hunter2@h"), Not(HasSubstr("hunter2")));
}

TEST(Endpoint, IsReadLikeAnAuthority) {
    const auto read = [](std::string_view text) {
        const auto endpoint = parse_endpoint(text);
        return endpoint ? endpoint->host + "|" + std::to_string(endpoint->port) : "";
    };
    EXPECT_EQ(read("db:5432"), "db|5432");
    EXPECT_EQ(read("DB.Example.com:1"), "db.example.com|1");
    EXPECT_EQ(read("[::1]:5432"), "::1|5432");
    EXPECT_EQ(read("127.0.0.1:65535"), "127.0.0.1|65535");
    for (const char* const text :
         {"", ":", "db", "db:", ":5432", "db:0", "db:65536", "db:x", "::1:5", "user@db:5", "db/x:5",
          "db:5:6", "a b:5", "db:+5", "db: 5"}) {
        EXPECT_EQ(read(text), "") << text;
    }
    EXPECT_THAT(parse_endpoint("db").error().message, HasSubstr("expected a port"));
    EXPECT_THAT(parse_endpoint("a b:5").error().message, HasSubstr("neither a host name"));
}

}  // namespace
}  // namespace triage::base
