#include <dlfcn.h>

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "core/net/module.hpp"

namespace triage::net {
namespace {

// Both in the build tree and where it is installed: bin/triage, lib/triage/libtriage-net.so.
constexpr const char* place_of_library = "../lib/triage/libtriage-net.so";

std::string reinstall() {
    return "Build or install triage anew, so that the program and its libraries come from one "
           "build.";
}

}  // namespace

base::Result<std::unique_ptr<Http>> load_http_from(const std::string& file, loop::Loop& loop,
                                                   const Limits& limits,
                                                   const std::shared_ptr<const Place>& place) {
    void* const library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library) {
        return base::fail(fmt::format("the HTTP service cannot be loaded: {}", ::dlerror()),
                          reinstall());
    }
    const auto make = reinterpret_cast<MakeHttp>(::dlsym(library, make_http_symbol));
    if (!make) {
        return base::fail(fmt::format("{} is not triage's HTTP service: {}", file, ::dlerror()),
                          reinstall());
    }
    std::unique_ptr<Http> http;
    std::string problem;
    make(interface_stamp().c_str(), &loop, &limits, &place, &http, &problem);
    if (!http) return base::fail(fmt::format("{}: {}", file, problem), reinstall());
    return http;
}

base::Result<std::unique_ptr<Http>> load_http(loop::Loop& loop, const Limits& limits,
                                              const std::shared_ptr<const Place>& place) {
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) {
        return base::fail(
            fmt::format("the HTTP service cannot be found: /proc/self/exe: {}", error.message()),
            "Mount /proc.");
    }
    const auto file = (program.parent_path() / place_of_library).lexically_normal();
    return load_http_from(file.string(), loop, limits, place);
}

}  // namespace triage::net
