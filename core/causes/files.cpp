#include <algorithm>
#include <filesystem>
#include <system_error>

#include "core/causes/causes.hpp"

namespace triage::causes {
namespace {

namespace fs = std::filesystem;

// Both in the build tree and where it is installed: bin/triage, share/triage/causes.
constexpr const char* bundled = "../share/triage/causes";

void add(std::vector<std::string>& files, const fs::path& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
        files.push_back(path.string());
        return;
    }
    std::vector<std::string> found;
    for (auto at = fs::directory_iterator(path, error); !error && at != fs::end(at);
         at.increment(error))
        if (at->path().extension() == ".toml") found.push_back(at->path().string());
    std::ranges::sort(found);
    files.insert(files.end(), found.begin(), found.end());
}

}  // namespace

std::vector<std::string> bundled_files() {
    std::vector<std::string> files;
    std::error_code error;
    const auto program = fs::read_symlink("/proc/self/exe", error);
    const auto folder = (program.parent_path() / bundled).lexically_normal();
    if (!error && fs::is_directory(folder, error)) add(files, folder);
    return files;
}

std::vector<std::string> files_in(const std::vector<std::string>& named) {
    std::vector<std::string> files;
    for (const auto& name : named)
        add(files, name);
    return files;
}

}  // namespace triage::causes
