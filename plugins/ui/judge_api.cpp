/// Where the UI's scripts call the API, and whether a browser gets there.
#include <optional>

#include <triage/web_url.hpp>

#include "codes.hpp"
#include "judge.hpp"

namespace ui {
namespace {

using triage::text;
using triage::WebUrl;

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

/// What Mission Control makes of it: nothing and "auto" mean a port of the host of the page.
std::optional<WebUrl> called(std::string_view built_with, const WebUrl& page,
                             std::int64_t auto_port) {
    const auto wanted = trimmed(built_with);
    if (!wanted.empty() && !triage::same_ignoring_case(wanted, "auto"))
        return triage::parse_web_url(wanted);
    WebUrl out;
    out.scheme = page.scheme;
    out.host = page.host;
    out.port = std::to_string(auto_port);
    return out;
}

/// A slash at the end means nothing: the code adds its own.
std::string_view path_of(const WebUrl& url) {
    std::string_view path = url.path;
    while (path.ends_with('/'))
        path.remove_suffix(1);
    return path;
}

/// A name that only the network of some containers or a search domain gives a meaning: "backend",
/// "db.internal".
bool is_internal(const WebUrl& url) {
    if (url.is_loopback() || url.host.starts_with('[')) return false;
    return url.host.find('.') == std::string::npos || url.host.ends_with(".internal") ||
           url.host.ends_with(".local");
}

/// The same service, as far as names tell: all names of the loopback are one.
bool same_origin(const WebUrl& one, const WebUrl& other) {
    const bool same_host = one.host == other.host || (one.is_loopback() && other.is_loopback());
    return same_host && one.scheme == other.scheme && one.port == other.port;
}

/// In what they differ, as a hint.
std::string difference(const WebUrl& one, const WebUrl& other) {
    if (one.host != other.host) return "";
    if (one.port == other.port) return " (only http and https differ)";
    return one.scheme == other.scheme ? " (only the port differs)" : "";
}

}  // namespace

void judge_api(triage::Judgement& out, const std::string& page, const std::string& built_with,
               const std::string& expected, std::int64_t auto_port) {
    const auto here = triage::parse_web_url(page), right = triage::parse_web_url(expected);
    if (!here || !right) return;
    const auto quoted = triage::json_quoted(triage::excerpt(built_with));
    const auto found = [&](const triage::Code& code, const std::string& what) {
        auto& one = out.found(code, page, what);
        one.evidence.emplace_back("built with", quoted);
        one.evidence.emplace_back("the API", expected);
    };
    const auto target = called(built_with, *here, auto_port);
    if (!target)
        return found(code::api_invalid, text("built with ", quoted, ", which is no http(s) URL"));
    const auto origin = target->origin();
    if (target->has_user)
        return found(code::api_invalid,
                     text("calls ", origin, " with a user before the host: fetch() refuses it"));
    if (!same_origin(*target, *right)) {
        if (is_internal(*target) && target->host != right->host)
            return found(code::api_internal, text("calls ", origin,
                                                  ", a name that browsers cannot resolve; "
                                                  "the API is ",
                                                  right->origin()));
        if (target->is_loopback() && !here->is_loopback())
            return found(code::api_local, text("calls ", origin, ", for each browser its own ",
                                               "machine; the API is ", right->origin()));
    }
    if (here->scheme == "https" && target->scheme == "http" && !target->is_loopback())
        return found(code::api_mixed, text("is loaded by https and calls ", origin));
    if (!same_origin(*target, *right))
        return found(code::api_other, text("calls ", origin, "; the API is ", right->origin(),
                                           difference(*target, *right)));
    if (target->has_query || target->has_fragment)
        return found(code::api_path, text("built with ", quoted, ": what the code adds lands in ",
                                          target->has_query ? "the query" : "the fragment"));
    if (path_of(*target) != path_of(*right))
        found(code::api_path, text("calls ", origin, path_of(*target), "/…; the API is ", origin,
                                   path_of(*right), "/…"));
}

}  // namespace ui
