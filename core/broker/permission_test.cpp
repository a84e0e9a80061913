#include "core/broker/permission.hpp"

#include <gmock/gmock.h>

namespace triage::broker {
namespace {

using testing::HasSubstr;
using namespace std::string_view_literals;

plan::Grants grants() { return {.origins = {"http://api"}, .named = {"http://api"}}; }

Permit permit(plan::Grants granted = grants()) {
    Permit made;
    made.plugin = "health";
    made.grants = std::make_shared<plan::Grants>(std::move(granted));
    return made;
}

net::Request request(const std::string& method, const std::string& url) {
    net::Request made;
    made.method = method;
    made.url = url;
    return made;
}

TEST(Permission, AllowsWhatTheParametersName) {
    auto asked = request("GET", "http://API/healthz");
    EXPECT_FALSE(check_request(asked, permit()));
    EXPECT_EQ(asked.url, "http://api/healthz") << "what is performed is what was checked";
}

TEST(Permission, AnotherOriginNamesTheMissingGrant) {
    auto asked = request("GET", "http://evil/");
    const auto refusal = check_request(asked, permit());
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->failure, net::Failure::denied);
    EXPECT_EQ(refusal->detail, "no permission for http://evil");
    EXPECT_THAT(refusal->remedy, HasSubstr(R"(health = { http = ["http://evil"] })"));
}

TEST(Permission, WritingNeedsItsOwnGrant) {
    auto asked = request("POST", "http://api/x");
    const auto refusal = check_request(asked, permit());
    ASSERT_TRUE(refusal);
    EXPECT_THAT(refusal->remedy, HasSubstr(R"(write = ["POST /x"])"));
}

TEST(Permission, DotSegmentsCannotEscapeAWriteRule) {
    auto granted = grants();
    granted.write = {"POST /safe/*"};
    const auto allowed = permit(granted);
    auto asked = request("POST", "http://api/safe/../admin");
    EXPECT_TRUE(check_request(asked, allowed)) << asked.url;
}

TEST(Permission, AMalformedUrlIsTheCallersFault) {
    auto asked = request("GET", "http://");
    const auto refusal = check_request(asked, permit());
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->failure, net::Failure::bad_request);
}

TEST(Permission, SocketsFilesAndOtherAddressesNeedGrants) {
    auto socket = request("GET", "http://api/");
    socket.unix_socket = "/var/run/docker.sock";
    EXPECT_THAT(check_request(socket, permit())->remedy,
                HasSubstr(R"(unix = ["/var/run/docker.sock"])"));
    auto elsewhere = request("GET", "http://api/");
    elsewhere.connect_to = "10.0.0.1:80";
    EXPECT_THAT(check_request(elsewhere, permit())->remedy, HasSubstr(R"(net = ["10.0.0.1:80"])"));
    auto file = request("GET", "http://api/");
    file.ca_file = "/etc/shadow";
    EXPECT_THAT(check_request(file, permit())->remedy, HasSubstr(R"(read = ["/etc/shadow"])"));
}

TEST(Permission, ASecretGoesOnlyWhereItMay) {
    auto allowed = permit();
    allowed.secrets.push_back({.text = "sk",
                               .send_to = {"https://api.clerk.com"},
                               .name = "clerk_key",
                               .uses = {"clerk_key"}});
    auto asked = request("GET", "http://api/");
    asked.headers.push_back({.name = "Authorization", .value = "Bearer ", .secret = 1});
    const auto refusal = check_request(asked, allowed);
    ASSERT_TRUE(refusal);
    EXPECT_THAT(refusal->detail, HasSubstr("clerk_key"));
    EXPECT_THAT(refusal->detail, HasSubstr("https://api.clerk.com"));
    allowed.secrets[0].send_to = {};
    EXPECT_FALSE(check_request(asked, allowed)) << "without send-to: the check's own origins";
    EXPECT_TRUE(insert_secrets(asked, allowed));
    EXPECT_EQ(asked.headers[0].value, "Bearer sk");
    EXPECT_TRUE(asked.headers[0].sensitive);
}

TEST(Permission, ASecretOfSeveralLinesIsNamedAndNotShown) {
    for (const auto text : {"sk\n"sv, "a\r\nX: b"sv, "a\rb"sv, "a\0b"sv}) {
        auto allowed = permit();
        allowed.secrets.push_back(
            {.text = std::string(text), .send_to = {}, .name = "key", .uses = {"key"}});
        auto asked = request("GET", "http://api/");
        asked.headers.push_back({.name = "X-Key", .value = "", .secret = 1});
        const auto refusal = check_request(asked, allowed);
        ASSERT_TRUE(refusal);
        EXPECT_EQ(refusal->failure, net::Failure::bad_request);
        EXPECT_EQ(refusal->detail,
                  "the header X-Key cannot be sent: the text of the secret key has a line break or "
                  "a NUL in it");
        EXPECT_THAT(refusal->remedy, HasSubstr("where [secrets] says"));
    }
}

TEST(Permission, AHandleOfNobodyIsRefused) {
    for (const std::int64_t handle : {-1, 1, 7}) {
        auto asked = request("GET", "http://api/");
        asked.headers.push_back({.name = "X", .value = "", .secret = handle});
        EXPECT_EQ(check_request(asked, permit())->failure, net::Failure::bad_request) << handle;
    }
}

TEST(Permission, RedirectsAreCheckedLikeRequests) {
    EXPECT_FALSE(check_redirect("http://api/next", "GET", permit()));
    EXPECT_EQ(check_redirect("http://metadata/", "GET", permit())->detail,
              "redirected to http://metadata: no permission for http://metadata");
}

// 307 and 308 send method and body again: to where the runbook lets them be sent, and only there.
TEST(Permission, ARedirectedWriteNeedsTheGrantOfAWrite) {
    auto granted = grants();
    granted.origins.emplace_back("http://other");
    const auto refusal = check_redirect("http://other/orders", "POST", permit(granted));
    ASSERT_TRUE(refusal);
    EXPECT_THAT(refusal->detail, HasSubstr("no permission to POST /orders"));
    EXPECT_THAT(refusal->remedy, HasSubstr(R"(write = ["POST /orders"])"));
    EXPECT_FALSE(check_redirect("http://other/orders", "GET", permit(granted)));
    granted.write = {"POST /orders"};
    EXPECT_FALSE(check_redirect("http://other/orders", "POST", permit(granted)));
    EXPECT_TRUE(check_redirect("http://other/admin", "POST", permit(granted)));
    EXPECT_TRUE(check_redirect("http://other/orders", "PUT", permit(granted)));
    EXPECT_TRUE(check_redirect("http://third/orders", "POST", permit(granted)));
}

TEST(Permission, ASecretThatIsNotBoundGoesWhereTheChecksUrlsLead) {
    auto granted = grants();
    granted.origins.emplace_back("http://allowed");  // by [allow]: reading, not secrets
    auto allowed = permit(granted);
    allowed.secrets.push_back({.text = "s", .send_to = {}, .name = "key", .uses = {"key"}});
    auto asked = request("GET", "http://api/");
    asked.headers.push_back({.name = "X-Key", .value = "", .secret = 1});
    EXPECT_FALSE(check_request(asked, allowed));
    asked.url = "http://allowed/";
    const auto refusal = check_request(asked, allowed);
    ASSERT_TRUE(refusal);
    EXPECT_THAT(refusal->detail, HasSubstr("the secret key may only be sent to the origins"));
}

TEST(Permission, AWriteIsAWriteHoweverItIsDressed) {
    for (const char* name : {"X-HTTP-Method-Override", "x-method-override", "X-HTTP-Method"}) {
        auto asked = request("GET", "http://api/x");
        asked.headers.push_back({.name = name, .value = "DELETE"});
        EXPECT_TRUE(check_request(asked, permit())) << name;
    }
    auto with_body = request("GET", "http://api/x");
    with_body.body = "{}";
    EXPECT_TRUE(check_request(with_body, permit()));
    auto granted = grants();
    granted.write = {"POST /x"};
    EXPECT_FALSE(check_request(with_body, permit(granted)));
}

TEST(Permission, AnotherHostHeaderIsAnotherOrigin) {
    auto asked = request("GET", "http://api/x");
    asked.headers.push_back({.name = "host", .value = "internal"});
    const auto refusal = check_request(asked, permit());
    ASSERT_TRUE(refusal);
    EXPECT_THAT(refusal->detail, HasSubstr("no permission for http://internal"));
    EXPECT_THAT(refusal->remedy, HasSubstr(R"(http = ["http://internal"])"));
    auto granted = grants();
    granted.origins.emplace_back("http://internal");
    EXPECT_FALSE(check_request(asked, permit(granted))) << "what the remedy says must help";
    for (const char* no_host : {"internal/x", "me@internal", "", "a b"}) {
        asked.headers[0].value = no_host;
        const auto malformed = check_request(asked, permit(granted));
        ASSERT_TRUE(malformed) << no_host;
        EXPECT_EQ(malformed->failure, net::Failure::bad_request) << no_host;
    }
}

}  // namespace
}  // namespace triage::broker
