#include "../access.hpp"

#include <gtest/gtest.h>
#include <triage/text.hpp>

#include "harness.hpp"

namespace logs {
namespace {

std::string read(std::string_view line) {
    const auto access = read_access(read_record(line, test_reading()));
    if (!access) return "none";
    return triage::text(access->method, " ", access->path, " ", access->status, " ", access->client,
                        access->ms ? triage::text(" ", *access->ms, " ms") : "");
}

TEST(Access, IsReadInTheFormsOfServers) {
    EXPECT_EQ(read(R"(INFO:     127.0.0.1:36390 - "GET /api/v1/boards HTTP/1.1" 401 Unauthorized)"),
              "GET /api/v1/boards 401 127.0.0.1");
    EXPECT_EQ(read(R"(INFO:     [::1]:36390 - "GET / HTTP/1.1" 200 OK)"), "GET / 200 [::1]");
    EXPECT_EQ(read("10.0.0.9 - bob [26/Nov/2026:11:26:53 +0000] "
                   R"("POST /x?a=1 HTTP/2.0" 502 11 "-" "a b")"),
              "POST /x?a=1 502 10.0.0.9");
    EXPECT_EQ(read("2026-11-23 10:21:05,976 WARNING app http.request.complete app=x method=GET "
                   "path=/api/v1/boards status_code=401 duration_ms=2 client_ip=127.0.0.1 "
                   "request_id=f0c4"),
              "GET /api/v1/boards 401 127.0.0.1 2 ms");
    EXPECT_EQ(
        read(R"({"level":"INFO","message":"http.request.complete","method":"GET","path":"/x",)"
             R"("status_code":500,"duration_ms":13,"client_ip":"10.0.0.1"})"),
        "GET /x 500 10.0.0.1 13 ms");
    EXPECT_EQ(read(R"({"remote_addr":"10.0.0.1","request_method":"GET","uri":"/x","status":"200",)"
                   R"("request_time":0.25})"),
              "GET /x 200 10.0.0.1 250 ms");
}

TEST(Access, WhatIsNoRequestIsNone) {
    for (const auto* line :
         {"", "GET / HTTP/1.1", "\" HTTP/1", "INFO: \"GET / HTTP/1.1\" 2000 x",
          "INFO: \"GET / HTTP/1.1\" 99 x", "INFO: \"get / HTTP/1.1\" 200 x",
          "INFO: \"GET HTTP/1.1\" 200", "status_code=500", "method=GET status_code=abc",
          "2026-11-23 10:21:05,976 WARNING app http.request.slow method=GET path=/ status_code=200",
          R"({"status":"ok","method":"GET"})", R"({"status":200})",
          R"({"status":1e9,"method":"GET"})"})
        EXPECT_EQ(read(line), "none") << line;
}

TEST(Route, IdsAreMasked) {
    EXPECT_EQ(route_of("/api/v1/boards/0b9e3a4c-1111-4bbb-8ccc-ddddeeeeffff/tasks?x=1"),
              "/api/v1/boards/{id}/tasks");
    EXPECT_EQ(route_of("/users/42"), "/users/{id}");
    EXPECT_EQ(route_of("/u/user_2abcDEF345ghi678/x"), "/u/{id}/x");
    EXPECT_EQ(route_of("/_next/static/chunks/main.js"), "/_next/static/chunks/main.js");
    EXPECT_EQ(route_of("/cafe/dead"), "/cafe/dead");
    EXPECT_EQ(route_of(""), "/");
    EXPECT_EQ(route_of("//a//"), "//a//");
}

}  // namespace
}  // namespace logs
