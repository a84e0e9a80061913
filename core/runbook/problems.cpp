#include "core/runbook/problems.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace triage::runbook {
namespace {

constexpr std::size_t max_of_a_kind = 1000;
// A longer line is of no use on a terminal, and a file could have many errors in it.
constexpr std::size_t max_line_bytes = 4096;

}  // namespace

void Problems::wrong(Rule rule, Position at, std::string message, std::string remedy) {
    add(Kind::wrong, rule, at, std::move(message), std::move(remedy), true);
}

void Problems::unmet(Rule rule, Position at, std::string message, std::string remedy) {
    add(Kind::unmet, rule, at, std::move(message), std::move(remedy), true);
}

void Problems::wrong_hidden(Rule rule, Position at, std::string message, std::string remedy) {
    add(Kind::wrong, rule, at, std::move(message), std::move(remedy), false);
}

void Problems::wrong_at(Rule rule, std::string place, std::string message, std::string remedy) {
    add({{},
         {Kind::wrong, rule, {std::move(place)}, {}, 1, std::move(message), std::move(remedy)}});
}

void Problems::unmet_at(Rule rule, std::string place, std::string message, std::string remedy) {
    add({{},
         {Kind::unmet, rule, {std::move(place)}, {}, 1, std::move(message), std::move(remedy)}});
}

void Problems::add(Kind kind, Rule rule, Position at, std::string message, std::string remedy,
                   bool show) {
    const auto text = may_show(at.source) ? line(at) : std::string_view();
    Diagnostic diagnostic{
        kind, rule, locate(at), {}, at.length, std::move(message), std::move(remedy)};
    if (show && text.size() <= max_line_bytes) diagnostic.line_text = text;
    add({at, std::move(diagnostic)});
}

void Problems::add(Found found) {
    const auto& at = found.at;
    const auto& diagnostic = found.diagnostic;
    auto text = diagnostic.line_text.empty() && at.line == 0
                    ? diagnostic.where.file + diagnostic.message
                    : diagnostic.message;
    if (!known_.emplace(at.source, at.line, at.column, std::move(text)).second) return;
    if (++counts_[static_cast<std::size_t>(diagnostic.kind)] > max_of_a_kind) return;
    found.order = found_.size();
    found_.push_back(std::move(found));
}

bool Problems::may_show(std::uint32_t source) const {
    return source == 0 || source >= sources_.size() || sources_[source].path.ends_with(".toml");
}

Location Problems::locate(Position at) const {
    return {at.source < sources_.size() ? sources_[at.source].path : std::string(), at.line,
            at.column};
}

std::string Problems::place(Position at) const {
    const auto where = locate(at);
    return fmt::format("{}:{}:{}", where.file, where.line, where.column);
}

std::string_view Problems::line(Position at) const {
    if (at.source >= sources_.size() || at.line == 0) return {};
    line_starts_.resize(sources_.size());
    const std::string& text = sources_[at.source].text;
    auto& starts = line_starts_[at.source];
    if (starts.empty()) {
        starts.push_back(0);
        for (auto i = text.find('\n'); i != std::string::npos; i = text.find('\n', i + 1))
            starts.push_back(i + 1);
    }
    if (at.line > starts.size()) return {};
    const auto start = starts[at.line - 1];
    auto result = std::string_view(text).substr(start, text.find('\n', start) - start);
    if (result.ends_with('\r')) result.remove_suffix(1);
    return result;
}

Position Problems::find_in_line(Position at, std::string_view text, std::size_t skip) const {
    const auto whole = line(at);
    const auto is_first_byte = [](char c) { return (c & 0xC0) != 0x80; };
    const auto characters = [&](std::string_view part) {
        return static_cast<std::uint32_t>(std::ranges::count_if(part, is_first_byte));
    };
    std::size_t start = 0;
    for (std::uint32_t column = 1; start < whole.size(); ++start) {
        if (is_first_byte(whole[start]) && column++ == at.column) break;
    }
    auto found = whole.find(text, start);
    for (; skip > 0 && found != whole.npos; --skip)
        found = whole.find(text, found + 1);
    if (found == std::string_view::npos) return at;
    return {at.source, at.line, characters(whole.substr(0, found)) + 1, characters(text)};
}

Diagnostics Problems::take() {
    const auto key = [](const Found& found) {
        return std::tuple(found.at.line != 0, found.at.source, found.at.line, found.at.column,
                          found.order);
    };
    std::ranges::sort(found_, {}, key);
    Diagnostics result;
    for (auto& found : found_)
        result.push_back(std::move(found.diagnostic));
    for (const auto kind : {Kind::wrong, Kind::unmet}) {
        const auto count = counts_[static_cast<std::size_t>(kind)];
        if (count <= max_of_a_kind) continue;
        Diagnostic more;
        more.kind = kind;
        more.rule = Rule::out_of_bounds;
        more.where.file = sources_.empty() ? std::string() : sources_[0].path;
        more.message = fmt::format("and {} more {}", count - max_of_a_kind,
                                   kind == Kind::wrong ? "errors" : "that are missing here");
        result.push_back(std::move(more));
    }
    found_.clear();
    return result;
}

}  // namespace triage::runbook
