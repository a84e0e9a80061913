#include "core/redact/known.hpp"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <utility>

#include "core/redact/encodings.hpp"

namespace triage::redact {
namespace {

constexpr int most_levels = 3;
constexpr std::array all_escapings = {Escaping::json, Escaping::percent, Escaping::form,
                                      Escaping::html};

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
    longest_ = std::max(longest_, bytes.size());
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
    for (const Escaping escaping : all_escapings) {
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

// ---- Texts that end within a secret

std::size_t KnownSecrets::unfinished(std::string_view text) const {
    if (empty()) return text.size();
    return std::min(unfinished_plain(text), unfinished_escaped(text, most_levels));
}

std::size_t KnownSecrets::unfinished_plain(std::string_view text) const {
    for (std::size_t at = text.size() - std::min(text.size(), longest_ - 1); at < text.size(); ++at)
        if (any_begins_with(text.substr(at))) return at;
    return text.size();
}

bool KnownSecrets::any_begins_with(std::string_view text) const {
    const auto begins = [text](const Pattern& pattern) {
        return pattern.bytes.size() > text.size() && pattern.bytes.starts_with(text);
    };
    if (text.size() < sizeof(std::uint32_t)) return std::ranges::any_of(patterns_, begins);
    // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): it reads four bytes, and has them
    const std::uint32_t first = beginning(text.data());
    const std::size_t bit = filter_bit(first);
    if ((filter_[bit / 64] >> bit % 64 & 1) == 0) return false;
    const auto same = by_beginning_.find(first);
    return same != by_beginning_.end() && std::ranges::any_of(same->second, [&](std::size_t index) {
               return begins(patterns_[index]);
           });
}

std::size_t KnownSecrets::unfinished_escaped(std::string_view text, int levels) const {
    std::size_t first = text.size();
    for (const Escaping escaping : all_escapings) {
        if (escaping == Escaping::form && !any_space_) continue;
        if (!has_escapes(escaping, text)) continue;
        const std::string_view whole = text.substr(0, unfinished_escape(escaping, text));
        const std::string plain = unescape(escaping, whole);
        std::size_t at = unfinished_plain(plain);
        if (levels > 1 && plain != text) at = std::min(at, unfinished_escaped(plain, levels - 1));
        const bool untouched = plain == whole;
        first = std::min(first, untouched ? at : unescape_origins(escaping, whole)[at]);
    }
    return first;
}

}  // namespace triage::redact
