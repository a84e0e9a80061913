#include "level.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <triage/text.hpp>

#include "byte_set.hpp"

namespace logs {
namespace {

constexpr std::array<std::pair<std::string_view, Level>, 33> words{{
    {"error", Level::error},      {"info", Level::info},          {"warning", Level::warning},
    {"warn", Level::warning},     {"debug", Level::debug},        {"critical", Level::critical},
    {"fatal", Level::critical},   {"err", Level::error},          {"crit", Level::critical},
    {"panic", Level::critical},   {"emerg", Level::critical},     {"alert", Level::critical},
    {"severe", Level::error},     {"emergency", Level::critical}, {"notice", Level::info},
    {"trace", Level::debug},      {"log", Level::info},           {"statement", Level::info},
    {"detail", Level::info},      {"hint", Level::info},          {"context", Level::info},
    {"information", Level::info}, {"fine", Level::debug},         {"finer", Level::debug},
    {"finest", Level::debug},     {"verbose", Level::debug},      {"dbg", Level::debug},
    {"inf", Level::info},         {"wrn", Level::warning},        {"ftl", Level::critical},
    {"silly", Level::debug},      {"success", Level::info},       {"config", Level::info},
}};

constexpr ByteSet blanks(" \t"), before_message(" \t-|:]"), digits("0123456789"),
    around("[]()<>:|,");

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/// Without what stands around it: "error" of "[error]", "ERROR" of "ERROR:".
std::string_view trim(std::string_view raw) {
    while (!raw.empty() && around.has(raw.front()))
        raw.remove_prefix(1);
    while (!raw.empty() && around.has(raw.back()))
        raw.remove_suffix(1);
    return raw;
}

Level after_key(std::string_view text) {
    constexpr std::size_t far = 512;
    const auto head = text.substr(0, far);
    for (const std::string_view key : {"level=", "severity=", "lvl=", "levelname="}) {
        const auto at = head.find(key);
        if (at == head.npos || (at > 0 && head[at - 1] != ' ')) continue;
        auto value = head.substr(at + key.size());
        if (value.starts_with('"')) value.remove_prefix(1);
        const auto* end = std::ranges::find_if_not(value, is_letter);
        return level_of_word(value.substr(0, static_cast<std::size_t>(end - value.begin())));
    }
    return Level::none;
}

}  // namespace

Level level_of_word(std::string_view word) {
    if (word.size() < 3 || word.size() > 11) return Level::none;
    const auto* found = std::ranges::find_if(
        words, [&](const auto& one) { return triage::same_ignoring_case(one.first, word); });
    return found == words.end() ? Level::none : found->second;
}

Level level_of_number(double number) {
    if (number >= 60) return Level::critical;
    if (number >= 50) return Level::error;
    if (number >= 40) return Level::warning;
    if (number >= 30) return Level::info;
    return number >= 10 ? Level::debug : Level::none;
}

namespace {

/// "E1126" of glog and klog: a letter, month and day.
Level level_of_glog(std::string_view word) {
    if (word.size() != 5 || digits.first_not_in(word, 1) != word.npos) return Level::none;
    if (word[0] == 'E') return Level::error;
    if (word[0] == 'F') return Level::critical;
    if (word[0] == 'W') return Level::warning;
    return word[0] == 'I' ? Level::info : Level::none;
}

constexpr std::string_view rust_thread = "thread '", npm_error = "npm ERR! ";
constexpr std::array<std::string_view, 8> ends{"panic: ",
                                               "fatal error: ",
                                               "PHP Fatal error: ",
                                               "Uncaught ",
                                               "Exception in thread ",
                                               "Unhandled exception",
                                               rust_thread,
                                               npm_error};

/// What programs that have no log say when they end.
Level level_of_end(std::string_view text) {
    const auto* end = std::ranges::find_if(ends, [&](std::string_view one) {
        return text.starts_with(one[0]) && text.starts_with(one);
    });
    if (end == ends.end()) return Level::none;
    if (*end == rust_thread) return text.contains("' panicked at ") ? Level::critical : Level::none;
    return *end == npm_error ? Level::error : Level::critical;
}

/// May level_of_end() say something about a text of which only this beginning is known?
bool may_be_end(std::string_view beginning) {
    return std::ranges::any_of(ends, [&](std::string_view one) {
        return one.starts_with(beginning.substr(0, one.size()));
    });
}

/// "error: boom", "fatal: no such ref": only where a message begins.
bool is_announced(std::string_view raw, Level level) {
    return level >= Level::error && raw.ends_with(':');
}

/// A level, and how much of the text had to be read for it: 0 if the rest may matter, too.
struct Found {
    Level level;
    std::size_t decisive = 0;
};

Found look_for_level(std::string_view text, bool dated) {
    constexpr int words_before_message = 6;
    auto rest = text;
    const auto message = std::min(before_message.first_not_in(text), text.size());
    if (const auto level = level_of_end(text.substr(message)); level != Level::none) return {level};
    for (int i = 0; i < words_before_message; ++i) {
        const auto begin = blanks.first_not_in(rest);
        if (begin == rest.npos) break;
        rest.remove_prefix(begin);
        const auto end = std::min(blanks.first_in(rest), rest.size());
        auto raw = rest.substr(0, end);
        rest.remove_prefix(end);
        if (i == 0 && is_digit(raw[0]) && raw.contains(':')) dated = true;  // "3:04PM ERR boom"
        if (const auto level = i == 0 ? level_of_glog(raw) : Level::none; level != Level::none)
            return {level};
        // "ERROR:root:message" of Python's default format
        if (const auto colon = raw.find(':'); colon != raw.npos && is_upper(raw[0]))
            raw = raw.substr(0, colon + 1);
        const auto word = trim(raw);
        const auto level = level_of_word(word);
        if (level == Level::none) continue;
        const bool capitals = std::ranges::all_of(word, is_upper);
        const auto next = std::min(rest.find_first_not_of(' '), rest.size());
        const bool bracketed =
            raw.starts_with('[') && (raw.ends_with(']') || rest.substr(next).starts_with(']'));
        if (!bracketed && !(capitals && (dated || i == 0)) && !(i == 0 && is_announced(raw, level)))
            continue;
        // With the blank that ends the word, and what may be its bracket.
        const auto known = text.size() - rest.size() + (raw.starts_with('[') ? next : 0) + 1;
        const bool may_differ =
            known > text.size() || may_be_end(text.substr(message, known - message));
        return {level, may_differ ? 0 : known};
    }
    return {after_key(text)};
}

}  // namespace

Level find_level(std::string_view text, bool dated) { return look_for_level(text, dated).level; }

Level LevelFinder::find(std::string_view text, bool dated) {
    constexpr std::size_t longest = 64;
    if (!decisive_.empty() && dated == dated_ && text.starts_with(decisive_)) return level_;
    const auto [level, decisive] = look_for_level(text, dated);
    decisive_ = text.substr(0, decisive <= longest ? decisive : 0);
    dated_ = dated;
    level_ = level;
    return level;
}

}  // namespace logs
