#include "core/plugin/library.hpp"

#define BOOST_DLL_USE_STD_FS
#include <exception>
#include <filesystem>
#include <vector>

#include <boost/dll/shared_library.hpp>

namespace triage::plugin {

base::Result<Entry> load_library(const std::string& path) {
    static auto& loaded = *new std::vector<boost::dll::shared_library>;  // never destroyed
    using mode = boost::dll::load_mode::type;
    try {
        auto& library = loaded.emplace_back();
        library.load(std::filesystem::path(path), mode::rtld_now | mode::rtld_local);
        if (!library.has(TRIAGE_ENTRY_SYMBOL))
            return base::fail(path + " does not export " TRIAGE_ENTRY_SYMBOL "()",
                              "Build it with triage_add_plugin().");
        return &library.get<const triage_plugin*(const triage_host*)>(TRIAGE_ENTRY_SYMBOL);
    } catch (const std::exception& problem) {
        return base::fail(path + " cannot be loaded: " + problem.what(),
                          "Build it on this machine, or install the libraries that it needs.");
    }
}

}  // namespace triage::plugin
