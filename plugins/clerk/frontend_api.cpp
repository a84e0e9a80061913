#include "frontend_api.hpp"

#include <algorithm>

#include <triage/json.hpp>
#include <triage/maker.hpp>

#include "transport.hpp"

namespace clerk {
namespace {

using triage::Context;
using triage::Response;
using triage::text;

void report_bad_keys(Context& ctx, const KeySet& set, std::string_view subject) {
    ctx.evaluated(code::jwks_key);
    const bool some_are_good = !set.kids().empty();
    std::size_t index = 0;
    for (const auto& key : set.keys) {
        ++index;
        if (key.wrong.empty()) continue;
        auto finding = ctx.found(code::jwks_key, subject,
                                 text("key ", index, " of ", set.keys.size(), ": ", key.wrong));
        if (!key.kid.empty()) finding.evidence("kid", triage::excerpt(key.kid, 60));
        if (some_are_good) finding.weight(triage::Weight::warn);
    }
}

}  // namespace

std::string wrong_asking(const Asking& asking) {
    if (asking.ca_file.size() <= 1) return "";
    return text("ca-file names ", asking.ca_file.size(), " files: put all CAs into one");
}

triage::Request request(const Asking& asking, std::string_view url) {
    triage::Request made("GET", url);
    made.timeout(asking.timeout).max_body(262'144);
    if (!asking.ca_file.empty()) made.ca_file(asking.ca_file.front());
    return made;
}

triage::Task<JwksAnswer> ask_jwks(Context& ctx, triage::Request request) {
    const auto before = ctx.wall_clock();
    auto response = co_await ctx.http(std::move(request));
    co_return JwksAnswer{std::move(response), before, ctx.wall_clock()};
}

std::string clerk_error(const Response& response) {
    const auto json = triage::Json::parse(response.body());
    return json ? triage::excerpt(json->string("/errors/0/code").value_or(""), 60) : "";
}

std::string describe_body(const Response& response) {
    if (response.body().empty()) return "no body";
    if (auto who = triage::stand_in(response, response.body()); !who.empty()) return who;
    return text(response.body_bytes(), " bytes");
}

std::optional<KeySet> judge_frontend_jwks(Context& ctx, const Response& response,
                                          std::string_view subject) {
    if (!settle_transport(ctx, response, "frontend API", subject)) return std::nullopt;
    ctx.evaluated(code::jwks_status);
    if (response.status() != 200) {
        const auto error = clerk_error(response);
        auto finding = ctx.found(
            code::jwks_status, subject,
            text("frontend API: HTTP ", response.status(), ", expected 200; ",
                 error.empty() ? "the answer is not Clerk's own: " + describe_body(response)
                               : "Clerk says " + error));
        if (const auto target = response.header("location")) finding.evidence("location", *target);
        if (!response.body().empty()) finding.evidence("body", triage::excerpt(response.body()));
        return std::nullopt;
    }
    ctx.evaluated(code::jwks_malformed);
    auto set = parse_key_set(response.body());
    if (response.truncated()) set.wrong = "it is larger than 256 KiB";
    if (!set.wrong.empty()) {
        ctx.found(code::jwks_malformed, subject,
                  text("frontend API: no key set, ", set.wrong, " (", describe_body(response), ")"))
            .evidence("body", triage::excerpt(response.body()));
        return std::nullopt;
    }
    report_bad_keys(ctx, set, subject);
    if (set.kids().empty()) return std::nullopt;
    return set;
}

std::vector<triage::Code> jwks_codes(std::vector<triage::Code> more) {
    more.insert(more.begin(), {code::jwks_status, code::jwks_malformed, code::jwks_key});
    return transport.with(std::move(more));
}

}  // namespace clerk
