// Runs requests on a loop of their own, for tests.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/loop/loop.hpp"
#include "core/net/http_curl.hpp"

namespace triage::net::testing {

// A sink made of functions; without them it collects.
class Collector : public Sink {
public:
    std::string allow_redirect(TransferId id, const std::string& method,
                               const std::string& url) override {
        asked.push_back(url);
        methods.push_back(method);
        return allow ? allow(id, url) : std::string();
    }
    void on_head(TransferId id, const Response& response) override {
        heads.push_back(response);
        if (head) head(id, response);
    }
    void on_data(TransferId id, std::string_view chunk) override {
        streamed += chunk;
        if (data) data(id, chunk);
    }
    void on_done(TransferId id, Response response) override {
        answers.emplace_back(id, std::move(response));
        if (done) done(id);
    }

    std::function<std::string(TransferId, const std::string&)> allow;
    std::function<void(TransferId, const Response&)> head;
    std::function<void(TransferId, std::string_view)> data;
    std::function<void(TransferId)> done;

    std::vector<std::string> asked;    // where redirects lead to
    std::vector<std::string> methods;  // and how
    std::vector<Response> heads;
    std::string streamed;
    std::vector<std::pair<TransferId, Response>> answers;
};

class Client {
public:
    explicit Client(const Limits& limits = {}) : http(make_curl_http(loop, limits)) {}
    Client(const Limits& limits, Lookup lookup)
        : http(make_curl_http(loop, limits, std::move(lookup))) {}

    Response ask(Request request) {
        if (request.timeout.count() == 0) request.timeout = std::chrono::seconds(20);
        const std::size_t before = collector.answers.size();
        http->start(std::move(request), collector);
        loop.run_until([&] { return collector.answers.size() > before; });
        return collector.answers.back().second;
    }
    Response get(std::string url) { return ask({.url = std::move(url)}); }

    loop::Loop loop;
    std::unique_ptr<Http> http;
    Collector collector;
};

}  // namespace triage::net::testing
