#include "traceback.hpp"

#include <algorithm>

#include "literal.hpp"

namespace logs {
namespace {

constexpr std::size_t max_cause = 2048;
constexpr std::uint32_t max_lines = 10000, max_message_lines = 30;

/// Without the margin of an exception group: "  | Traceback (most…", "  + Exception Group…".
std::string_view without_margin(std::string_view text) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == text.npos || (text[begin] != '|' && text[begin] != '+')) return text;
    const auto inner = text.substr(begin + 1);
    return inner.starts_with(' ') ? inner.substr(1) : inner;
}

/// "  +-+---------------- 1 ----------------", between the parts of a group.
bool is_ruler(std::string_view text) {
    const auto begin = text.find_first_not_of(' ');
    return begin != text.npos && text.substr(begin).starts_with("+-");
}

bool is_chain_sentence(std::string_view text) {
    return begins_with(text, "During handling of the above exception, another exception") ||
           begins_with(text, "The above exception was the direct cause of");
}

bool is_indented(std::string_view text) { return text.starts_with(' ') || text.starts_with('\t'); }

/// What Java, Node and Go put below a message without indenting it.
bool continues_stack(std::string_view text) {
    return begins_with(text, "Caused by: ") || begins_with(text, "goroutine ") ||
           begins_with(text, "Suppressed: ");
}

}  // namespace

bool begins_traceback(std::string_view text) {
    // Nearly no line is one, and the last byte says so without a call.
    return text.ends_with(':') && text.ends_with("Traceback (most recent call last):");
}

void Fold::open(std::string_view first) {
    state_ = State::plain;
    cause_.clear();
    lines_ = 1;
    message_lines_ = 0;
    closed_ = false;
    if (begins_traceback(first)) state_ = State::frames;
}

bool Fold::takes(std::string_view text, const Reading& reading) {
    if (closed_ || lines_ >= max_lines) return false;
    const bool is_plain = state_ == State::plain && !begins_traceback(text);
    const bool mine = is_plain ? continues_plain(text) : continues_traceback(text, reading);
    closed_ = !mine;
    if (mine) ++lines_;
    return mine;
}

bool Fold::continues_plain(std::string_view text) {
    if (begins_with(text, "Caused by: ")) set_cause(text.substr(11));
    return is_indented(text) || continues_stack(text);
}

bool Fold::continues_traceback(std::string_view text, const Reading& reading) {
    bool mine = true;
    const auto inner = without_margin(text);
    if (is_ruler(text) && state_ != State::plain) {
        state_ = State::gap;
    } else if (begins_traceback(text)) {
        mine = state_ != State::message && state_ != State::gap;
        if (inner.size() != text.size()) mine = true;  // the parts of a group
        if (mine) state_ = State::frames;
    } else if (state_ == State::frames) {
        if (!is_indented(inner) && !inner.empty()) {
            set_cause(inner);
            state_ = State::message;
        }
    } else if (state_ == State::chained) {
        mine = text.empty() || is_chain_sentence(inner);
    } else {
        mine = after_message(text, reading);
    }
    return mine;
}

/// After "module.Error: …": more of its message, a blank line and then another block, or the end.
bool Fold::after_message(std::string_view text, const Reading& reading) {
    const auto inner = without_margin(text);
    if (is_chain_sentence(inner)) {
        state_ = State::chained;
        return true;
    }
    if (text.empty()) {
        const bool first = state_ == State::message;
        state_ = State::gap;
        return first;
    }
    if (state_ == State::gap || begins_entry(text, reading)) return false;
    if (++message_lines_ > max_message_lines) return false;
    extend_cause(inner);
    return true;
}

void Fold::set_cause(std::string_view text) {
    message_lines_ = 0;
    cause_ = text.substr(0, max_cause);
}

void Fold::extend_cause(std::string_view text) {
    if (cause_.size() + text.size() >= max_cause) return;
    cause_ += '\n';
    cause_ += text;
}

std::string_view exception_name(std::string_view cause) {
    const auto end = std::min(cause.find_first_of(":\n "), cause.size());
    const auto name = cause.substr(0, end);
    const auto is_part = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '.';
    };
    return std::ranges::all_of(name, is_part) ? name : std::string_view();
}

}  // namespace logs
