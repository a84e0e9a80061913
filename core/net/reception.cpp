#include "core/net/reception.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace triage::net {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

}  // namespace

const Header* find_header(const std::vector<Header>& headers, std::string_view name) {
    const auto found = std::ranges::find_if(
        headers, [name](const Header& header) { return equal_ignoring_case(header.name, name); });
    return found == headers.end() ? nullptr : &*found;
}

bool Reception::header_line(std::string_view line) {
    header_bytes_ += line.size();
    if (header_bytes_ > max_header_bytes) {
        stop_ = Stop::header_bytes;
        return false;
    }
    if (line.starts_with("HTTP/")) return status_line(line);
    if (head_complete_) return true;  // a trailer
    if (trimmed(line).empty()) {
        head_complete_ = response_->status >= 200 || response_->status == 101;
        return true;
    }
    return field(line);
}

bool Reception::status_line(std::string_view line) {
    const auto space = line.find(' ');
    const std::string_view digits = line.substr(std::min(space, line.size() - 1) + 1, 3);
    int status = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), status);
    response_->status = status;
    response_->http_version = trimmed(line.substr(5, std::min(space, line.size()) - 5));
    response_->headers.clear();
    response_->headers.reserve(8);
    head_complete_ = false;
    const bool is_informational = status >= 100 && status < 200 && status != 101;
    if (is_informational && ++informational_ > max_informational) {
        stop_ = Stop::informational;
        return false;
    }
    return true;
}

bool Reception::field(std::string_view line) {
    auto& headers = response_->headers;
    const bool continues = line.starts_with(' ') || line.starts_with('\t');  // obsolete folding
    if (continues && !headers.empty()) {
        headers.back().value.append(" ").append(trimmed(line));
        return true;
    }
    if (headers.size() >= max_response_headers) {
        stop_ = Stop::headers;
        return false;
    }
    const auto colon = line.find(':');
    Header& header = headers.emplace_back();
    header.name = trimmed(line.substr(0, colon));
    if (colon != line.npos) header.value = trimmed(line.substr(colon + 1));
    if (!equal_ignoring_case(header.name, "content-length")) return true;
    // RFC 9112, 6.3: how long the body is cannot be known then; what is read may be half of it.
    const auto* first = find_header(headers, "content-length");
    if (first->value != header.value) stop_ = Stop::lengths;
    return stop_ == Stop::none;
}

bool Reception::redirects() const {
    if (request_->max_redirects == 0) return false;
    const int status = response_->status;
    if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308) {
        return false;
    }
    return find_header(response_->headers, "location") != nullptr;
}

Reception::Take Reception::body(std::string_view chunk) {
    if (response_->status == 0) {
        if (!request_->stream) response_->body = chunk.substr(0, max_foreign_bytes);
        response_->body_bytes = response_->body.size();
        stop_ = Stop::not_http;
        return Take::stop;
    }
    const bool passing = redirects();
    const bool streaming = request_->stream && !passing;
    if (streaming && in_hand_ >= window_) {
        paused_ = true;
        return Take::pause;
    }
    const std::size_t cap = passing ? max_redirect_body_bytes : request_->max_body_bytes;
    const std::size_t room = cap - std::min<std::size_t>(cap, response_->body_bytes);
    const std::string_view kept = chunk.substr(0, room);
    if (!passing) response_->body.append(kept);
    response_->body_bytes += kept.size();
    if (streaming) in_hand_ += kept.size();
    if (kept.size() == chunk.size()) return Take::all;
    stop_ = Stop::body_cap;
    response_->truncated = true;
    return Take::stop;
}

bool Reception::head_ready() const {
    return head_complete_ && request_->stream && !head_delivered_ && !redirects();
}

std::string Reception::take_chunk() { return std::exchange(response_->body, {}); }

void Reception::consumed(std::size_t bytes) { in_hand_ -= std::min(in_hand_, bytes); }

}  // namespace triage::net
