#include "access.hpp"

#include <algorithm>
#include <charconv>

#include "places.hpp"

namespace logs {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_method(std::string_view word) {
    return word.size() >= 3 && word.size() <= 10 &&
           std::ranges::all_of(word, [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::optional<int> read_status(std::string_view text) {
    if (text.size() < 3 || !std::ranges::all_of(text.substr(0, 3), is_digit)) return std::nullopt;
    if (text.size() > 3 && is_digit(text[3])) return std::nullopt;
    const int status = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
    if (status < 100 || status > 599) return std::nullopt;
    return status;
}

std::optional<double> read_number(std::string_view text) {
    if (text.empty()) return std::nullopt;
    double number = 0;
    const auto* end = text.data() + text.size();
    const auto done = std::from_chars(&*text.begin(), end, number);
    if (done.ec != std::errc() || number < 0) return std::nullopt;
    return number;
}

/// "1.2.3.4" of "1.2.3.4:5" and "[::1]:5".
std::string_view without_port(std::string_view address) {
    const auto colon = address.rfind(':');
    if (colon == address.npos) return address;
    if (!std::ranges::all_of(address.substr(colon + 1), is_digit)) return address;
    return address.substr(0, colon);
}

/// … "GET /x HTTP/1.1" 200 …
std::optional<Access> read_quoted(std::string_view text) {
    const auto protocol = text.find(" HTTP/");
    if (protocol == text.npos) return std::nullopt;
    const auto close = text.find("\" ", protocol);
    const auto open = text.rfind('"', protocol);
    if (close == text.npos || open == text.npos || close - protocol > 12) return std::nullopt;
    const auto status = read_status(text.substr(close + 2));
    const auto request = text.substr(open + 1, protocol - open - 1);
    const auto space = request.find(' ');
    if (!status || space == request.npos || !is_method(request.substr(0, space)))
        return std::nullopt;
    Access out{.form = AccessForm::proxy,
               .method = std::string(request.substr(0, space)),
               .path = std::string(request.substr(space + 1)),
               .client = {},
               .status = *status,
               .ms = {}};
    auto before = text.substr(0, open);
    if (before.ends_with(" - ")) {
        out.form = AccessForm::server;
        before.remove_suffix(3);
        const auto word = before.rfind(' ');
        out.client = without_port(before.substr(word == before.npos ? 0 : word + 1));
    } else {
        out.client = before.substr(0, before.find(' '));
    }
    return out;
}

std::string_view value_of(std::string_view text, std::string_view key) {
    for (std::size_t at = 0; (at = text.find(key, at)) != text.npos; at += key.size()) {
        if (at > 0 && text[at - 1] != ' ') continue;
        const auto value = text.substr(at + key.size());
        return value.substr(0, value.find(' '));
    }
    return {};
}

std::optional<Access> read_pairs(std::string_view text) {
    if (text.contains("http.request.slow")) return std::nullopt;  // has a line of its own
    const auto status = read_status(value_of(text, "status_code="));
    const auto method = value_of(text, "method=");
    if (!status || !is_method(method)) return std::nullopt;
    return Access{.form = AccessForm::application,
                  .method = std::string(method),
                  .path = std::string(value_of(text, "path=")),
                  .client = std::string(value_of(text, "client_ip=")),
                  .status = *status,
                  .ms = read_number(value_of(text, "duration_ms="))};
}

constexpr std::string_view status_places[]{"/status_code",      "/status",
                                           "/statusCode",       "/res/statusCode",
                                           "/http/status_code", "/httpRequest/status"};
constexpr std::string_view method_places[]{"/method", "/request_method", "/req/method",
                                           "/http/method", "/httpRequest/requestMethod"};
constexpr std::string_view path_places[]{"/path",    "/uri",      "/request_uri",           "/url",
                                         "/req/url", "/http/url", "/httpRequest/requestUrl"};
constexpr std::string_view client_places[]{"/client_ip", "/remote_addr", "/client",
                                           "/req/remoteAddress", "/httpRequest/remoteIp"};
constexpr std::string_view ms_places[]{"/duration_ms", "/response_time_ms", "/responseTime",
                                       "/latency_ms"};
constexpr std::string_view second_places[]{"/request_time"};

std::optional<Access> read_json_access(const Record& record) {
    if (record.message() == "http.request.slow") return std::nullopt;
    const auto json = triage::Json::parse(record.text);
    if (!json) return std::nullopt;
    const auto status = first_number(*json, status_places);
    const auto method = first_string(*json, method_places);
    if (!status || *status < 100 || *status > 599 || !method || !is_method(*method))
        return std::nullopt;
    auto ms = first_number(*json, ms_places);
    if (const auto seconds = first_number(*json, second_places); seconds && !ms)
        ms = *seconds * 1000;
    return Access{.form = AccessForm::json,
                  .method = std::string(*method),
                  .path = std::string(first_string(*json, path_places).value_or("")),
                  .client = std::string(first_string(*json, client_places).value_or("")),
                  .status = static_cast<int>(*status),
                  .ms = ms};
}

/// Numbers, UUIDs, hashes, and long words with digits: of one thing, not of a kind.
bool is_id(std::string_view part) {
    const auto digits = std::ranges::count_if(part, is_digit);
    if (part.empty() || digits == 0) return false;
    if (std::ranges::all_of(part, [](char c) { return is_hex(c) || c == '-'; }))
        return static_cast<std::size_t>(digits) == part.size() || part.size() >= 8;
    constexpr std::size_t long_word = 16;
    return part.size() >= long_word && digits >= 3;
}

}  // namespace

std::optional<Access> read_access(const Record& record) {
    if (record.json) return read_json_access(record);
    if (auto quoted = read_quoted(record.text)) return quoted;
    return read_pairs(record.text);
}

std::string route_of(std::string_view path) {
    path = path.substr(0, path.find_first_of("?#"));
    std::string out;
    while (!path.empty()) {
        const auto end = std::min(path.find('/', 1), path.size());
        const bool slash = path.starts_with('/');
        const auto part = path.substr(slash ? 1 : 0, end - (slash ? 1 : 0));
        if (slash) out += '/';
        out += is_id(part) ? "{id}" : part;
        path.remove_prefix(end);
    }
    return out.empty() ? "/" : out;
}

}  // namespace logs
