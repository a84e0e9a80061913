#include <algorithm>

#include <fmt/format.h>

#include "core/diagnose/rule.hpp"

namespace triage::diagnose {
namespace {

bool is_word(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

bool is_code(std::string_view text) {
    const auto dot = text.find('.');
    return dot != text.npos && is_word(text.substr(0, dot)) && is_word(text.substr(dot + 1));
}

}  // namespace

base::Result<Sign> sign_from(std::string_view text) {
    constexpr std::string_view tilde = " ~ ";
    const auto form =
        "A sign is PLUGIN.CODE, then @LAYER and ~ TEXT where wanted: "
        "\"health.tls@ui ~ expired\".";
    Sign sign;
    auto head = text;
    if (const auto at = text.find(tilde); at != text.npos) {
        head = text.substr(0, at);
        sign.text = text.substr(at + tilde.size());
        if (sign.text.empty())
            return base::fail(fmt::format("'{}' has no text after ~", text), form);
    }
    const auto at = head.find('@');
    sign.code = head.substr(0, at);
    if (at != head.npos) sign.layer = head.substr(at + 1);
    if (!is_code(sign.code) || (at != head.npos && !is_word(sign.layer)))
        return base::fail(fmt::format("'{}' is not a sign", text), form);
    return sign;
}

std::string to_string(const Sign& sign) {
    std::string out = sign.code;
    if (!sign.layer.empty()) out += "@" + sign.layer;
    if (!sign.text.empty()) out += " ~ " + sign.text;
    return out;
}

}  // namespace triage::diagnose
