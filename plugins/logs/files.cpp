#include "files.hpp"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>

#include <triage/text.hpp>

#include "text.hpp"

namespace logs {
namespace {

constexpr std::size_t max_files = 1000;

Time modified(const struct stat& status) {
    return Time(std::chrono::seconds(status.st_mtim.tv_sec) +
                std::chrono::microseconds(status.st_mtim.tv_nsec / 1000));
}

/// What glob(3) finds, sorted; `why` says what kept it from looking.
std::vector<std::string> expand_glob(const std::string& pattern, std::string& why) {
    static thread_local std::string* told;
    told = &why;
    const auto on_error = [](const char* path, int number) {
        *told = triage::text(path, ": ", file_error(number));
        return 0;
    };
    glob_t found{};
    // NOLINTNEXTLINE(concurrency-mt-unsafe): of ~ and locales, which are neither used nor changed
    const int failed = ::glob(pattern.c_str(), 0, on_error, &found);
    const std::unique_ptr<glob_t, decltype(&globfree)> owner(&found, globfree);
    if (failed != 0) return {};
    return {found.gl_pathv, found.gl_pathv + found.gl_pathc};
}

std::string escaped(std::string_view path) {
    std::string out;
    for (const char c : path) {
        if (std::string_view("*?[\\").contains(c)) out += '\\';
        out += c;
    }
    return out;
}

void add_rotated(const std::string& path, const std::optional<Time>& since, Listed& out) {
    std::string why;
    std::vector<std::pair<Time, std::string>> siblings;
    for (auto& name : expand_glob(escaped(path) + "[.-]*", why)) {
        struct stat status{};
        if (!is_rotated(name, path) || ::stat(name.c_str(), &status) != 0) continue;
        if (!S_ISREG(status.st_mode) || (since && modified(status) < *since)) continue;
        siblings.emplace_back(modified(status), std::move(name));
    }
    std::ranges::sort(siblings);  // the oldest first, as if it were one file
    for (auto& [time, name] : siblings)
        out.files.push_back({std::move(name), true});
}

}  // namespace

bool is_rotated(std::string_view name, std::string_view base) {
    if (!name.starts_with(base)) return false;
    auto suffix = name.substr(base.size());
    for (const std::string_view ending : {".gz", ".zst"})
        if (suffix.ends_with(ending)) suffix.remove_suffix(ending.size());
    if (suffix.size() < 2 || (suffix[0] != '.' && suffix[0] != '-')) return false;
    const auto is_part = [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '_'; };
    return suffix[1] >= '0' && suffix[1] <= '9' && std::ranges::all_of(suffix.substr(1), is_part);
}

Listed list_files(const std::vector<std::string>& paths, bool rotated,
                  const std::optional<Time>& since) {
    Listed out;
    std::set<std::string> seen;
    for (const auto& path : paths) {
        const bool is_glob = path.find_first_of("*?[") != path.npos;
        std::string why;
        auto found = is_glob ? expand_glob(path, why) : std::vector{path};
        if (found.empty()) {
            out.missing.push_back(triage::text(path, ": no file matches", why.empty() ? "" : " (",
                                               why, why.empty() ? "" : ")"));
        }
        for (auto& name : found) {
            if (out.files.size() >= max_files) {
                out.missing.push_back(triage::text(path, ": more than ", max_files, " files"));
                return out;
            }
            if (!seen.insert(name).second) continue;
            if (rotated) add_rotated(name, since, out);
            out.files.push_back({std::move(name), false});
        }
    }
    // A glob ("app.log*") may name rotated siblings itself: each is read once.
    std::set<std::string> taken;
    std::erase_if(out.files, [&](const FileName& file) { return !taken.insert(file.path).second; });
    return out;
}

}  // namespace logs
