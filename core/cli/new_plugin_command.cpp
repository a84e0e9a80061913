// triage new-plugin: copies the installed template, with the plugin's name in it.
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/cli/commands.hpp"
#include "core/cli/print.hpp"
#include "core/plugin/plugins.hpp"

namespace triage::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_id = 64;  // as the host will have it

bool is_id(const std::string& name) {
    const auto good = [](unsigned char c) {
        return std::islower(c) || std::isdigit(c) || c == '-';
    };
    return !name.empty() && name.size() <= longest_id &&
           std::islower(static_cast<unsigned char>(name[0])) && name.back() != '-' &&
           std::ranges::all_of(name, good);
}

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

struct Names {
    std::string kebab;
    std::string snake;
    std::string apply(std::string text) const {
        return replace_all(replace_all(std::move(text), "@NAME_SNAKE@", snake), "@NAME@", kebab);
    }
};

void copy(const fs::path& from, const fs::path& to, const Names& names) {
    std::ifstream in(from, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    fs::create_directories(to.parent_path());
    std::ofstream out(to, std::ios::binary);
    out << names.apply(text.str());
    if (!in || !out.flush()) {
        const auto reason = std::make_error_code(static_cast<std::errc>(errno));
        throw fs::filesystem_error("cannot copy", from, to, reason);
    }
}

fs::path prefix() { return fs::read_symlink("/proc/self/exe").parent_path().parent_path(); }

bool holds_sdk(const fs::path& folder) {
    std::error_code error;
    return fs::exists(folder / TRIAGE_CMAKE_PACKAGE, error);
}

// What CMake must be told to find the SDK: nothing where it looks by itself.
std::string where_the_sdk_is() {
    const auto own = prefix();
    for (const char* searched : {"/usr", "/usr/local"}) {
        if (own == searched && holds_sdk(own)) return {};
    }
    if (holds_sdk(own)) return fmt::format(" -DCMAKE_PREFIX_PATH={}", own.string());
    return " -DCMAKE_PREFIX_PATH=WHERE-TRIAGE-IS-INSTALLED";
}

void copy_template(const fs::path& source, const fs::path& target, const Names& names) {
    for (const auto& entry : fs::recursive_directory_iterator(source)) {
        if (!entry.is_regular_file()) continue;
        const auto relative = fs::relative(entry.path(), source).string();
        copy(entry.path(), target / names.apply(relative), names);
    }
}

// Whole or not at all.
base::Result<void> make(const fs::path& source, const fs::path& target, const Names& names) {
    bool made = false;
    try {
        made = fs::create_directories(target);
        copy_template(source, target, names);
        return {};
    } catch (const fs::filesystem_error& error) {
        std::error_code ignored;
        if (made) fs::remove_all(target, ignored);
        return base::fail(fmt::format("{} cannot be made: {}", target.string(),
                                      error.code() ? error.code().message() : error.what()),
                          "Name a folder with --dir that can be made and written.");
    }
}

void warn_if_taken(const std::string& name) {
    const auto found = plugin::find_plugins(plugin::default_folders({}));
    const auto known = found.usable.find(name);
    if (known == found.usable.end()) return;
    print_error({fmt::format("note: there is a plugin '{}' already: {}", name, known->second.path),
                 "The first one that is found is used: those of --plugins come first."});
}

base::Result<void> check_name(const std::string& name) {
    if (is_id(name)) return {};
    if (name.size() > longest_id) {
        return base::fail(fmt::format("a plugin's name of {} characters is too long", name.size()),
                          fmt::format("Use at most {}.", longest_id));
    }
    return base::fail(fmt::format("'{}' is not a plugin's name", name),
                      "Use small letters, digits and '-', starting with a letter: my-service.");
}

}  // namespace

int execute(const NewPluginCommand& command, run::Start /*started*/) {
    const auto refuse = [](const base::Error& error) {
        print_error(error);
        return model::exit_usage;
    };
    if (const auto name = check_name(command.name); !name) return refuse(name.error());
    const fs::path target =
        command.folder.empty() ? fs::path(command.name) : fs::path(command.folder);
    std::error_code error;
    if (fs::exists(fs::symlink_status(target, error))) {
        return refuse({fmt::format("{} exists already; nothing was changed", target.string()),
                       "Name another folder with --dir."});
    }
    const auto source = prefix() / "share/triage/template";
    if (!fs::is_directory(source)) {
        print_error({fmt::format("the template is not where it should be: {}", source.string()),
                     "Install the SDK that belongs to this triage."});
        return model::exit_unknown;
    }
    const Names names{command.name, replace_all(command.name, "-", "_")};
    if (const auto made = make(source, target, names); !made) return refuse(made.error());
    warn_if_taken(command.name);
    return print(fmt::format(
        "made {0}. Next:\n"
        "  cmake -S {0} -B {0}/build{2} && cmake --build {0}/build && ctest --test-dir {0}/build\n"
        "  triage plugins {1} --plugins {0}/build\n"
        "  triage run {0}/runbook.toml --plugins {0}/build --var url=WHERE-YOUR-SERVICE-IS\n",
        base::printable(target.string()), command.name, where_the_sdk_is()));
}

}  // namespace triage::cli
