#include "revisions.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <triage/result.hpp>
#include <triage/text.hpp>

namespace db {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t enough = 64 * 1024;  // the assignments stand before any code

/// What is assigned to `name` at the beginning of a line, up to the end of its literal.
std::optional<std::string_view> assigned(std::string_view script, std::string_view name) {
    for (std::size_t at = 0; at < script.size();) {
        const auto end = std::min(script.find('\n', at), script.size());
        auto line = script.substr(at, end - at);
        if (line.starts_with(name)) {
            const auto rest = line.substr(name.size());
            const auto equals = rest.find('=');
            const bool is_it =
                equals != rest.npos && (rest[0] == ':' || rest[0] == ' ' || rest[0] == '=');
            if (is_it) {
                const auto value = script.substr(at + name.size() + equals + 1);
                const auto open = value.find_first_not_of(" \t");
                const bool several =
                    open != value.npos && (value[open] == '(' || value[open] == '[');
                return value.substr(0, value.find_first_of(several ? ")]" : "\n"));
            }
        }
        at = end + 1;
    }
    return std::nullopt;
}

/// The texts in quotes.
std::vector<std::string> literals(std::string_view text) {
    std::vector<std::string> out;
    for (std::size_t at = 0; (at = text.find_first_of("'\"", at)) != text.npos;) {
        const auto end = text.find(text[at], at + 1);
        if (end == text.npos) break;
        out.emplace_back(text.substr(at + 1, end - at - 1));
        at = end + 1;
    }
    return out;
}

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(enough, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (file.bad()) throw triage::CouldNotTell("cannot read " + path.string());
    return text;
}

}  // namespace

std::optional<Revision> parse_revision(std::string_view script) {
    const auto id = assigned(script, "revision");
    const auto down = assigned(script, "down_revision");
    if (!id || !down) return std::nullopt;
    auto names = literals(*id);
    if (names.size() != 1) return std::nullopt;
    return Revision{std::move(names[0]), literals(*down)};
}

History::History(const std::vector<Revision>& revisions) {
    for (const auto& one : revisions)
        down_.emplace(one.id, one.down);
}

std::vector<std::string> History::heads() const {
    std::set<std::string> followed;
    for (const auto& [id, down] : down_)
        followed.insert(down.begin(), down.end());
    std::vector<std::string> out;
    for (const auto& [id, down] : down_)
        if (!followed.contains(id)) out.push_back(id);
    return out;
}

std::set<std::string> History::ancestors(const std::set<std::string>& of) const {
    std::set<std::string> out;
    std::vector<std::string> open(of.begin(), of.end());
    while (!open.empty()) {
        const auto id = std::move(open.back());
        open.pop_back();
        const auto at = down_.find(id);
        if (at == down_.end() || !out.insert(id).second) continue;
        open.insert(open.end(), at->second.begin(), at->second.end());
    }
    return out;
}

std::int64_t History::behind(const std::set<std::string>& from) const {
    const auto all = heads();
    const auto wanted = ancestors({all.begin(), all.end()});
    const auto there = ancestors(from);
    return std::ranges::count_if(wanted, [&](const auto& id) { return !there.contains(id); });
}

History read_history(const std::string& folder) {
    std::error_code error;
    std::vector<Revision> revisions;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        if (at->path().extension() != ".py") continue;
        if (auto one = parse_revision(read(at->path()))) revisions.push_back(std::move(*one));
    }
    if (error) {
        throw triage::CouldNotTell(triage::text("the folder of migrations ", folder,
                                                " cannot be read: ", error.message()));
    }
    if (revisions.empty())
        throw triage::CouldNotTell("no migration script in the folder " + folder);
    return History(revisions);
}

}  // namespace db
