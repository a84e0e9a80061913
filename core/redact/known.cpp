#include "core/redact/known.hpp"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <utility>

#include "core/redact/encodings.hpp"

namespace triage::redact {
namespace {

constexpr int most_levels = 3;

std::uint32_t beginning(const char* bytes) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

std::size_t filter_bit(std::uint32_t four_bytes) {
    return (four_bytes * 0x9E3779B1U) >> 20;  // 4096 bits
}

}  // namespace

void KnownSecrets::add(std::string_view secret, const std::string& token) {
    any_space_ = any_space_ || secret.contains(' ');
    for (std::string& bytes : fixed_encodings(secret))
        add_pattern(std::move(bytes), token);
}

void KnownSecrets::add_pattern(std::string bytes, const std::string& token) {
    const std::uint32_t begin = beginning(bytes.data());
    const std::size_t bit = filter_bit(begin);
    filter_[bit / 64] |= std::uint64_t{1} << bit % 64;
    auto& same = by_beginning_[begin];
    const auto shorter = [&](std::size_t other) {
        return patterns_[other].bytes.size() < bytes.size();
    };
    same.insert(std::ranges::find_if(same, shorter), patterns_.size());
    patterns_.push_back({std::move(bytes), token});
}

void KnownSecrets::find(std::string_view text, std::vector<Span>& spans) const {
    if (empty()) return;
    find_plain(text, spans);
    find_escaped(text, most_levels, spans);
}

void KnownSecrets::find_plain(std::string_view text, std::vector<Span>& spans) const {
    for (std::size_t at = 0; at + shortest <= text.size(); ++at) {
        const std::size_t bit = filter_bit(beginning(text.data() + at));
        if ((filter_[bit / 64] >> bit % 64 & 1) != 0) match_at(text, at, spans);
    }
}

void KnownSecrets::match_at(std::string_view text, std::size_t at, std::vector<Span>& spans) const {
    const auto same = by_beginning_.find(beginning(text.data() + at));
    if (same == by_beginning_.end()) return;
    for (const std::size_t index : same->second) {
        const Pattern& pattern = patterns_[index];
        if (!text.substr(at).starts_with(pattern.bytes)) continue;
        spans.push_back({at, at + pattern.bytes.size(), pattern.token});
        return;
    }
}

void KnownSecrets::find_escaped(std::string_view text, int levels, std::vector<Span>& spans) const {
    for (const Escaping escaping : {Escaping::json, Escaping::percent, Escaping::form}) {
        if (escaping == Escaping::form && !any_space_) continue;
        if (!has_escapes(escaping, text)) continue;
        const std::string plain = unescape(escaping, text);
        if (plain == text) continue;
        std::vector<Span> found;
        find_plain(plain, found);
        if (levels > 1) find_escaped(plain, levels - 1, found);
        if (found.empty()) continue;
        const std::vector<std::size_t> origins = unescape_origins(escaping, text);
        for (Span& span : found) {
            // The end is where the character after the last one comes from: an escape that makes
            // several bytes is covered as a whole.
            std::size_t end = span.end;
            while (origins[end] == origins[end - 1])
                ++end;
            spans.push_back({origins[span.begin], origins[end], std::move(span.token)});
        }
    }
}

}  // namespace triage::redact
