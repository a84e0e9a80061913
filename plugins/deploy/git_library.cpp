#include "git_library.hpp"

#include <dlfcn.h>

#include <triage/result.hpp>
#include <triage/text.hpp>

namespace deploy {
namespace {

// The version that the types are of.
constexpr const char* file = "libgit2.so." LIBGIT2_SOVERSION;

GitLibrary load() {
    void* const library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        throw triage::CouldNotTell(
            triage::text("libgit2 cannot be loaded (", dlerror(), "): install libgit2-1.5"));
    }
    GitLibrary out{};
    const auto take = [&](auto& function, const char* name) {
        function =
            reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
        if (function == nullptr) throw triage::CouldNotTell(triage::text(file, " has no ", name));
    };
    take(out.init, "git_libgit2_init");
    take(out.opts, "git_libgit2_opts");
    take(out.error_last, "git_error_last");
    take(out.open, "git_repository_open_ext");
    take(out.free_repository, "git_repository_free");
    take(out.head, "git_repository_head");
    take(out.is_detached, "git_repository_head_detached");
    take(out.is_bare, "git_repository_is_bare");
    take(out.free_reference, "git_reference_free");
    take(out.shorthand, "git_reference_shorthand");
    take(out.target, "git_reference_target");
    take(out.commit, "git_commit_lookup");
    take(out.free_commit, "git_commit_free");
    take(out.commit_time, "git_commit_time");
    take(out.commit_summary, "git_commit_summary");
    take(out.to_text, "git_oid_tostr");
    take(out.status, "git_status_list_new");
    take(out.free_status, "git_status_list_free");
    take(out.status_count, "git_status_list_entrycount");
    take(out.status_entry, "git_status_byindex");
    out.init();
    // Whose folder it is does not matter: only files are read, and nothing that it configures is
    // run. The Compose folder is seldom root's.
    out.opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    // The settings of whoever runs triage must not change what is seen.
    for (const int level : {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL})
        out.opts(GIT_OPT_SET_SEARCH_PATH, level, "");
    return out;
}

}  // namespace

const GitLibrary& GitLibrary::get() {
    static const GitLibrary library = load();
    return library;
}

}  // namespace deploy
