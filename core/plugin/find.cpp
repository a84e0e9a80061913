#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/plugin/elf_note.hpp"
#include "core/plugin/install_paths.hpp"
#include "core/plugin/plugins.hpp"

namespace triage::plugin {
namespace {

namespace fs = std::filesystem;

// The folder's *.so entries by name, so that what is found does not depend on the file system.
base::Result<std::vector<std::string>> shared_libraries(const std::string& folder) {
    std::error_code error;
    std::vector<std::string> paths;
    fs::directory_iterator entries(folder, error);
    if (error == std::errc::no_such_file_or_directory) return paths;
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
        if (entries->path().extension() == ".so") paths.push_back(entries->path().string());
    }
    if (error)
        return base::fail("the plugin folder " + folder + " cannot be read: " + error.message());
    std::ranges::sort(paths);
    return paths;
}

// The same for "plugins", "./plugins" and "plugins/".
std::string absolute_folder(const std::string& folder) {
    std::error_code error;
    auto path = fs::absolute(folder, error).lexically_normal().string();
    if (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

void add(Found& found, const std::string& path) {
    auto note = read_note(path);
    if (!note) {
        found.broken.emplace(path, std::move(note.error()));
        return;
    }
    const auto known = found.usable.find(note->id);
    if (known == found.usable.end()) {
        Candidate candidate{
            note->id, std::move(note->version), std::move(note->abi), std::move(note->capabilities),
            path,     std::move(note->build_id)};
        found.usable.emplace(std::move(note->id), std::move(candidate));
    } else if (known->second.path != path) {
        found.broken.emplace(
            path, base::Error{path + " is not used: plugin '" + note->id + "' is also in " +
                                  known->second.path + ", which comes first",
                              "Remove one of the two."});
    }
}

}  // namespace

Found find_plugins(const std::vector<std::string>& folders) {
    Found found;
    for (const auto& folder : folders) {
        const auto absolute = absolute_folder(folder);
        if (std::ranges::find(found.searched, absolute) != found.searched.end()) continue;
        found.searched.push_back(absolute);
        const auto paths = shared_libraries(absolute);
        if (!paths) {
            found.broken.emplace(absolute, paths.error());
            continue;
        }
        for (const auto& path : *paths)
            add(found, path);
    }
    return found;
}

std::vector<std::string> default_folders(const std::vector<std::string>& from_flags) {
    std::vector<std::string> folders = from_flags;
    // Read once at start, before any other thread.
    const char* const variable = std::getenv("TRIAGE_PLUGIN_PATH");
    std::string_view rest = variable == nullptr ? "" : variable;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(':'), rest.size());
        if (end > 0) folders.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    folders.push_back(installed("plugins"));
    return folders;
}

std::string installed(const std::string& name) {
    std::error_code error;
    const auto program = fs::read_symlink("/proc/self/exe", error);
    return (program.parent_path().parent_path() / "lib/triage" / name).string();
}

}  // namespace triage::plugin
