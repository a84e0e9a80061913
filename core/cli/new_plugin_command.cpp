// triage new-plugin: copies the installed template, with the plugin's name in it.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "core/cli/commands.hpp"
#include "core/cli/print.hpp"
#include "core/cli/session.hpp"

namespace triage::cli {
namespace {

namespace fs = std::filesystem;

bool is_id(const std::string& name) {
    const auto good = [](unsigned char c) {
        return std::islower(c) || std::isdigit(c) || c == '-';
    };
    return !name.empty() && std::islower(static_cast<unsigned char>(name[0])) &&
           name.back() != '-' && std::ranges::all_of(name, good);
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
    if (!in || !out.flush()) throw fs::filesystem_error("cannot copy", from, to, {});
}

fs::path template_folder() {
    return fs::read_symlink("/proc/self/exe").parent_path() / "../share/triage/template";
}

}  // namespace

int execute(const NewPluginCommand& command, run::Start /*started*/) {
    if (!is_id(command.name)) {
        print_error({fmt::format("'{}' is not a plugin's name", command.name),
                     "Use small letters, digits and '-', starting with a letter: my-service."});
        return model::exit_usage;
    }
    const fs::path target =
        command.folder.empty() ? fs::path(command.name) : fs::path(command.folder);
    if (fs::exists(target)) {
        print_error({fmt::format("{} exists already; nothing was changed", target.string()),
                     "Name another folder with --dir."});
        return model::exit_usage;
    }
    const auto source = template_folder();
    if (!fs::is_directory(source)) {
        print_error({fmt::format("the template is not where it should be: {}", source.string()),
                     "Install the SDK that belongs to this triage."});
        return model::exit_unknown;
    }
    const Names names{command.name, replace_all(command.name, "-", "_")};
    for (const auto& entry : fs::recursive_directory_iterator(source)) {
        if (!entry.is_regular_file()) continue;
        const auto relative = fs::relative(entry.path(), source).string();
        copy(entry.path(), target / names.apply(relative), names);
    }
    fmt::print(
        "made {0}. Next:\n"
        "  cmake -S {0} -B {0}/build && cmake --build {0}/build && ctest --test-dir {0}/build\n"
        "  triage plugins {1} --plugins {0}/build\n",
        target.string(), command.name);
    return model::exit_ok;
}

}  // namespace triage::cli
