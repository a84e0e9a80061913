#include "core/runbook/grants.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/runbook/misfits.hpp"
#include "core/runbook/reader.hpp"

namespace triage::runbook {
namespace {

constexpr std::array<std::string_view, 7> allow_keys{"http", "write",  "unix", "net",
                                                     "read", "reveal", "exec"};

// "POST /path/with/*"
base::Result<std::string> to_write(const std::string& text) {
    const auto space = text.find(' ');
    const auto method = std::string_view(text).substr(0, space);
    const bool good_method =
        !method.empty() && std::ranges::all_of(method, [](char c) { return c >= 'A' && c <= 'Z'; });
    if (good_method && space != std::string::npos && text.size() > space + 1 &&
        text[space + 1] == '/' && text.find(' ', space + 1) == std::string::npos) {
        return text;
    }
    return base::fail(
        fmt::format("'{}' is no method and path: expected \"POST /path\", where '*' "
                    "stands for one part of the path",
                    text));
}

base::Result<std::string> to_endpoint(const std::string& text) {
    if (const auto endpoint = base::parse_endpoint(text); !endpoint) {
        return std::unexpected(endpoint.error());
    }
    return text;
}

base::Result<std::string> to_path(const std::string& text) {
    if (text.starts_with('/')) return text;
    return base::fail(fmt::format("'{}' is no absolute path: expected it to begin with '/'", text));
}

class AllowReader {
public:
    AllowReader(const Entry& entry, const Table& table, Values& values, Problems& problems)
        : reader_(table, entry.at, "an entry of [allow]", allow_keys, problems),
          values_(values),
          problems_(problems) {}

    Allow read() {
        Allow allow;
        allow.http = list("http", "an origin", to_origin);
        allow.write = list("write", "a method and a path", to_write);
        allow.unix_sockets = list("unix", "an absolute path", to_path);
        allow.net = list("net", "\"host:port\"", to_endpoint);
        allow.read = list("read", "an absolute path", to_path);
        allow.reveal = list("reveal", "the name of a secret",
                            [this](const std::string& name) { return to_secret(name); });
        const auto* exec = reader_.boolean("exec");
        allow.exec = exec != nullptr && *exec;
        return allow;
    }

private:
    using Convert = std::function<base::Result<std::string>(const std::string&)>;

    std::vector<std::string> list(std::string_view key, std::string_view expected,
                                  const Convert& convert) {
        std::vector<std::string> result;
        for (const auto* node : reader_.strings(key)) {
            const auto original = values_.expand_original(*node);
            if (!original) continue;  // reported; what is not granted is refused
            const auto& [text, origin] = *original;
            if (auto good = convert(text)) {
                result.push_back(std::move(*good));
            } else if (origin.outside) {
                report_misfit(Rule::bad_grant, node->at, origin,
                              fmt::format("'{}': {} is not {}", key, shown(text, origin), expected),
                              problems_);
            } else {
                problems_.wrong(Rule::bad_grant, node->at,
                                fmt::format("'{}': {}", key, good.error().message),
                                good.error().remedy);
            }
        }
        return result;
    }

    base::Result<std::string> to_secret(const std::string& name) const {
        if (values_.find_secret(name) != nullptr) return name;
        return base::fail(fmt::format("no secret is called '{}'.{}", name,
                                      base::did_you_mean(name, values_.secret_names())));
    }

    Reader reader_;
    Values& values_;
    Problems& problems_;
};

base::Result<std::string> more_than_an_origin(const std::string& text, const std::string& origin) {
    return base::fail(fmt::format("'{}' is more than an origin: expected '{}'", text, origin));
}

}  // namespace

base::Result<std::string> to_origin(const std::string& text) {
    const auto origin = origin_of(text);
    if (origin && base::parse_url(text)->path != "/") return more_than_an_origin(text, *origin);
    return origin;
}

base::Result<std::string> origin_of(const std::string& text) {
    const auto url = base::parse_url(text);
    if (!url) return std::unexpected(url.error());
    if (!url->user_info.empty() || text.find_first_of("?#") != std::string::npos)
        return more_than_an_origin(text, url->origin());
    return url->origin();
}

std::map<std::string, Allow> read_allow(const Merged& merged, const Checks& checks, Values& values,
                                        Problems& problems) {
    const auto& used = checks.plugins;
    std::map<std::string, Allow> result;
    for (const auto* entry : merged.allow) {
        if (checks.all_plugins_known && !used.contains(entry->key)) {
            problems.wrong(
                Rule::unused_grant, entry->at,
                fmt::format("[allow] names the plugin '{}', which no check uses.{}", entry->key,
                            base::did_you_mean(entry->key,
                                               std::vector<std::string>(used.begin(), used.end()))),
                "Remove it: what is allowed should be what is needed.");
        }
        if (const auto* table = std::get_if<Table>(&entry->node.value)) {
            result[entry->key] = AllowReader(*entry, *table, values, problems).read();
        } else {
            problems.wrong(Rule::wrong_type, entry->node.at,
                           fmt::format("'allow.{}' is {}; expected a table", entry->key,
                                       describe(entry->node)));
        }
    }
    return result;
}

}  // namespace triage::runbook
