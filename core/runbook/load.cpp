// Files and what they include → Document.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/unique_fd.hpp"
#include "core/runbook/parse.hpp"
#include "core/runbook/problems.hpp"
#include "core/runbook/toml.hpp"

namespace triage::runbook {
namespace {

constexpr const char* minimal_runbook =
    "The smallest runbook:\n"
    "    triage = 1\n"
    "    name = \"minimal\"\n"
    "    [[step]]\n"
    "    id = \"health\"\n"
    "      [[step.check]]\n"
    "      id = \"api\"\n"
    "      use = \"health.endpoint\"\n"
    "      with.url = \"http://127.0.0.1:8000/healthz\"";

// `size`: what it probably has.
base::Result<std::string> read_all(int fd, std::size_t size, const std::string& path) {
    constexpr std::size_t block = std::size_t{64} << 10;
    std::string text(std::min(size, max_file_bytes) + 1, '\0');  // 1: to see the end at once
    std::size_t used = 0;
    while (used <= max_file_bytes) {
        if (used == text.size()) text.resize(used + block);
        const auto got = ::read(fd, text.data() + used, text.size() - used);
        used += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
        if (got == 0) {
            text.resize(used);
            return text;
        }
        if (got < 0 && errno != EINTR) {
            return base::fail(
                fmt::format("{} cannot be read: {}", path, std::generic_category().message(errno)));
        }
    }
    return base::fail(fmt::format("{} is larger than {} MiB, the most that a runbook may have",
                                  path, max_file_bytes >> 20),
                      "Split it, and use `include`; or use `for-each`.");
}

base::Result<std::string> read_file(const std::string& path) {
    const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd)
        return base::fail(
            fmt::format("{} cannot be read: {}", path, std::generic_category().message(errno)));
    struct stat info{};
    const bool known = ::fstat(fd.get(), &info) == 0;
    if (known && S_ISDIR(info.st_mode)) {
        return base::fail(fmt::format("{} is a folder, not a file", path),
                          fmt::format("Name the file: {}/triage.toml", path));
    }
    const bool has_size = known && S_ISREG(info.st_mode);
    return read_all(fd.get(), has_size ? static_cast<std::size_t>(info.st_size) : 0, path);
}

// Two names of one file are the same file.
std::string identity(const std::string& path) {
    std::error_code ignored;
    auto real = std::filesystem::weakly_canonical(path, ignored);
    return ignored ? path : real.string();
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\xEF\xBB\xBF") == std::string_view::npos;
}

class Loader {
public:
    Loader() : problems_(document_.sources) { document_.sources.reserve(max_files); }

    void load(const std::string& path, std::optional<Position> included_at) {
        auto text = read_file(path);
        if (text) return add(std::move(*text), path);
        auto& [message, remedy] = text.error();
        if (included_at) {
            problems_.wrong(Rule::unreadable, *included_at, std::move(message), std::move(remedy));
        } else {
            problems_.wrong_at(Rule::unreadable, path, std::move(message), std::move(remedy));
        }
    }

    void add(std::string text, const std::string& path) {
        const auto index = static_cast<std::uint32_t>(document_.sources.size());
        document_.sources.push_back({path, std::move(text), {}});
        auto& source = document_.sources.back();
        if (is_blank(source.text)) {
            problems_.wrong(Rule::empty_file, {index, 1, 1, 1}, "the file is empty",
                            minimal_runbook);
            return;
        }
        auto root = parse_toml(source.text, index);
        if (!root) {
            auto& error = root.error();
            if (!problems_.may_show(index)) {
                error.message = "not valid TOML";
                error.remedy =
                    "Its lines are not shown, as its name does not end in .toml: is it the file "
                    "that was meant?";
            }
            problems_.wrong(error.rule, error.at, std::move(error.message),
                            std::move(error.remedy));
            return;
        }
        source.root = std::move(*root);
        path_.push_back(path);
        include_all(index);
        path_.pop_back();
        document_.merge_order.push_back(index);
    }

    std::expected<Document, Diagnostics> take() {
        auto diagnostics = problems_.take();
        if (!diagnostics.empty()) return std::unexpected(std::move(diagnostics));
        return std::move(document_);
    }

private:
    // sources never reallocates (reserved), so entries stay where they are.
    void include_all(std::uint32_t index) {
        const auto& source = document_.sources[index];
        seen_.insert(identity(source.path));
        const auto* entry = find(std::get<Table>(source.root.value), "include");
        if (entry == nullptr) return;
        const auto* files = std::get_if<Array>(&entry->node.value);
        if (files == nullptr) return;  // said when the files are merged, beside all else
        for (const auto& file : *files)
            include(source.path, file);
    }

    void include(const std::string& from, const Node& file) {
        const auto* name = std::get_if<std::string>(&file.value);
        if (name == nullptr || name->empty()) return;  // the same
        const auto path = (std::filesystem::path(from).parent_path() / *name).string();
        const auto id = identity(path);
        const auto first = std::ranges::find(path_, id, identity);
        if (first != path_.end()) {
            problems_.wrong(Rule::include_cycle, file.at,
                            fmt::format("files include each other in a circle: {} → {}",
                                        fmt::join(first, path_.end(), " → "), path),
                            "Remove one of these includes.");
        } else if (seen_.contains(id)) {
            return;  // by way of another file: merged once
        } else if (document_.sources.size() >= max_files) {
            problems_.wrong(Rule::out_of_bounds, file.at,
                            fmt::format("more than {} files in one runbook", max_files));
        } else {
            load(path, file.at);
        }
    }

    Document document_;
    Problems problems_;
    std::vector<std::string> path_;  // from the file that was named to the one being read
    std::set<std::string> seen_;
};

void collect_use(const Node& check, std::set<std::string>& ids) {
    const auto* table = std::get_if<Table>(&check.value);
    const auto* entry = table == nullptr ? nullptr : find(*table, "use");
    const auto* use = entry == nullptr ? nullptr : std::get_if<std::string>(&entry->node.value);
    if (use != nullptr && use->find('.') != std::string::npos)
        ids.insert(use->substr(0, use->find('.')));
}

// What `key` of a table holds, if it is an array.
std::span<const Node> array_at(const Node& node, std::string_view key) {
    const auto* table = std::get_if<Table>(&node.value);
    const auto* entry = table == nullptr ? nullptr : find(*table, key);
    const auto* array = entry == nullptr ? nullptr : std::get_if<Array>(&entry->node.value);
    return array == nullptr ? std::span<const Node>() : std::span<const Node>(*array);
}

}  // namespace

const Entry* find(const Table& table, std::string_view key) {
    for (const auto& entry : table) {
        if (entry.key == key) return &entry;
    }
    return nullptr;
}

std::expected<Document, Diagnostics> load(const std::string& path) {
    Loader loader;
    loader.load(path, std::nullopt);
    return loader.take();
}

std::expected<Document, Diagnostics> parse(std::string text, const std::string& path) {
    Loader loader;
    loader.add(std::move(text), path);
    return loader.take();
}

std::vector<std::string> plugins_used(const Document& document) {
    std::set<std::string> ids;
    for (const auto& source : document.sources) {
        for (const auto& step : array_at(source.root, "step")) {
            for (const auto& check : array_at(step, "check"))
                collect_use(check, ids);
        }
    }
    return {ids.begin(), ids.end()};
}

}  // namespace triage::runbook
