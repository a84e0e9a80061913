/// Who made an answer: what is a sign, and what must not be taken for one.
#include <gtest/gtest.h>
#include <triage/maker.hpp>
#include <triage/plugin.hpp>

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

triage::Response answer(std::uint32_t status, const Headers& given = {}) {
    std::vector<triage_http_header> headers;
    std::vector<const triage_http_header*> pointers;
    headers.reserve(given.size());
    for (const auto& [name, value] : given) {
        headers.push_back(
            {sizeof(triage_http_header), 0, triage::to_abi(name), triage::to_abi(value), 0});
        pointers.push_back(&headers.back());
    }
    triage_http_response abi{};
    abi.size = sizeof abi;
    abi.status = status;
    abi.headers = pointers.data();
    abi.header_count = static_cast<std::uint32_t>(pointers.size());
    return triage::detail::to_response(abi, std::chrono::seconds(1));
}

constexpr const char* nginx_page = "<hr><center>nginx/1.22.1</center>\r\n</body>";

TEST(Maker, AProxyIsKnownByItsErrorPage) {
    const auto maker = triage::maker_of(answer(502), nginx_page, {"x-request-id"});
    EXPECT_TRUE(maker.is_proxy());
    EXPECT_EQ(maker.describe(), "made by a proxy (nginx: its error page)");
}

TEST(Maker, AnErrorPageOutweighsAMark) {
    const auto marked = answer(502, {{"X-Request-Id", "f0c4"}});
    EXPECT_TRUE(triage::maker_of(marked, nginx_page, {"x-request-id"}).is_proxy());
    const auto ours = triage::maker_of(marked, "{}", {"x-request-id"});
    EXPECT_TRUE(ours.is_application());
    EXPECT_EQ(ours.describe(), "made by the application (it has x-request-id)");
}

TEST(Maker, NobodyIsNamedWithoutASign) {
    const auto passed_on = answer(500, {{"server", "nginx"}, {"via", "1.1 edge"}});
    const auto maker = triage::maker_of(passed_on, "{}", {"x-request-id"});
    EXPECT_EQ(maker.kind, triage::Maker::Kind::unknown);
    EXPECT_EQ(maker.describe(), "who made it is not known");
    EXPECT_EQ(triage::maker_of(answer(200), nginx_page).kind, triage::Maker::Kind::unknown)
        << "a good answer may quote it";
}

TEST(Maker, OnlyTheBeginningOfABodyIsLookedAt) {
    const auto late = std::string(20'000, ' ') + nginx_page;
    EXPECT_FALSE(triage::maker_of(answer(502), late).is_proxy());
}

TEST(Maker, APageIsNamedByItsTitle) {
    const auto html = answer(200, {{"content-type", "text/html; charset=utf-8"}});
    EXPECT_EQ(triage::page_of(html, "<head><title lang=\"en\">Mission Control</title>"),
              "an HTML page titled \"Mission Control\"");
    EXPECT_EQ(triage::page_of(html, "<head><title>never ends"), "an HTML page");
    EXPECT_EQ(triage::page_of(answer(200), "\r\n <!DOCTYPE HTML><p>x"), "an HTML page")
        << "without a type it is what it looks like";
    EXPECT_EQ(triage::page_of(html, "<h1>Welcome to nginx!</h1>"), "the welcome page of nginx");
    EXPECT_EQ(triage::page_of(answer(200), "{\"html\": \"<html>\"}"), "");
    EXPECT_EQ(triage::page_of(answer(200), ""), "");
}

TEST(Maker, WhatStandsInForAnApi) {
    const auto html = answer(200, {{"content-type", "text/html"}});
    EXPECT_EQ(triage::stand_in(html, "<title>UI</title>"), "an HTML page titled \"UI\"");
    EXPECT_EQ(triage::stand_in(answer(502), nginx_page), "made by a proxy (nginx: its error page)");
    EXPECT_EQ(triage::stand_in(answer(401, {{"server", "nginx"}}), "{\"detail\":\"x\"}"), "");
}

}  // namespace
