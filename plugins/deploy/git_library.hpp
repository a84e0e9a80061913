/// libgit2, loaded when deploy.git needs it: with its 18 libraries it would add 7 ms to the start
/// of every run that only asks for containers.
#pragma once

#include <git2.h>

namespace deploy {

/// Its functions, as far as they are used.
struct GitLibrary {
    decltype(&git_libgit2_init) init;
    decltype(&git_libgit2_opts) opts;
    decltype(&git_error_last) error_last;
    decltype(&git_repository_open_ext) open;
    decltype(&git_repository_free) free_repository;
    decltype(&git_repository_head) head;
    decltype(&git_repository_head_detached) is_detached;
    decltype(&git_repository_is_bare) is_bare;
    decltype(&git_reference_free) free_reference;
    decltype(&git_reference_shorthand) shorthand;
    decltype(&git_reference_target) target;
    decltype(&git_commit_lookup) commit;
    decltype(&git_commit_free) free_commit;
    decltype(&git_commit_time) commit_time;
    decltype(&git_commit_summary) commit_summary;
    decltype(&git_oid_tostr) to_text;
    decltype(&git_status_list_new) status;
    decltype(&git_status_list_free) free_status;
    decltype(&git_status_list_entrycount) status_count;
    decltype(&git_status_byindex) status_entry;

    /// Loads it once. Throws triage::CouldNotTell if it is not installed.
    static const GitLibrary& get();
};

}  // namespace deploy
