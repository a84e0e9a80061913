/// deploy.git: which commit is checked out in a folder, and was anything changed since?
#include <memory>

#include "deploy.hpp"
#include "git_library.hpp"
#include "moment.hpp"

namespace deploy {
namespace {

using triage::text;

constexpr triage::Code dirty{
    "deploy.dirty", triage::Weight::warn, "Tracked files differ from the commit",
    "git diff HEAD shows what: commit it, or take it back (git restore), so that what runs has a "
    "name"};
constexpr triage::Fact<std::string> commit_fact{"commit", "The commit that is checked out"};
constexpr triage::Fact<std::string> branch_fact{"branch", "Its branch, or (detached)"};
constexpr triage::Fact<bool> dirty_fact{"dirty", "Tracked files differ from the commit"};

constexpr std::size_t named_files = 10;

struct GitParams {
    triage::Path folder;

    static void describe(triage::Describe<GitParams>& d) {
        d.required("folder", &GitParams::folder, "A folder of the repository: where compose.yml is")
            .example(triage::Path("/srv/mission-control"));
    }
};

struct Checkout {
    std::string commit, branch, subject;
    WallTime at;
    std::vector<std::string> changed;  ///< the first of them
    std::size_t changes = 0;
};

template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

[[noreturn]] void could_not(const GitLibrary& git, const std::string& what) {
    const auto* const error = git.error_last();
    throw triage::CouldNotTell(
        text(what, ": ", error != nullptr ? error->message : "libgit2 does not say why"));
}

void read_changes(const GitLibrary& git, git_repository* repository, Checkout& out) {
    git_status_options options = GIT_STATUS_OPTIONS_INIT;
    options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
    options.flags = GIT_STATUS_OPT_EXCLUDE_SUBMODULES;  // and no untracked files, no index written
    git_status_list* raw = nullptr;
    if (git.status(&raw, repository, &options) != 0)
        could_not(git, "the folder cannot be compared with its commit");
    const Owned<git_status_list> list(raw, git.free_status);
    out.changes = git.status_count(list.get());
    for (std::size_t i = 0; i < std::min(out.changes, named_files); ++i) {
        const auto* const entry = git.status_entry(list.get(), i);
        const auto* const delta =
            entry->head_to_index != nullptr ? entry->head_to_index : entry->index_to_workdir;
        if (delta != nullptr) out.changed.emplace_back(delta->new_file.path);
    }
}

Checkout read_checkout(const std::string& folder) {
    const auto& git = GitLibrary::get();
    git_repository* raw_repository = nullptr;
    if (git.open(&raw_repository, folder.c_str(), 0, nullptr) != 0)
        could_not(git, text("no git repository is at ", folder));
    const Owned<git_repository> repository(raw_repository, git.free_repository);
    git_reference* raw_head = nullptr;
    if (git.head(&raw_head, repository.get()) != 0)
        could_not(git, text("the repository at ", folder, " has no commit checked out"));
    const Owned<git_reference> head(raw_head, git.free_reference);
    const auto* const id = git.target(head.get());
    git_commit* raw_commit = nullptr;
    if (id == nullptr || git.commit(&raw_commit, repository.get(), id) != 0)
        could_not(git, text("the commit that is checked out at ", folder, " cannot be read"));
    const Owned<git_commit> commit(raw_commit, git.free_commit);

    Checkout out;
    char hex[GIT_OID_HEXSZ + 1];
    out.commit = git.to_text(hex, sizeof hex, id);
    const bool is_detached = git.is_detached(repository.get()) == 1;
    out.branch = is_detached ? "(detached)" : git.shorthand(head.get());
    const auto* const subject = git.commit_summary(commit.get());
    if (subject != nullptr) out.subject = triage::excerpt(subject, 100);
    out.at = WallTime(std::chrono::seconds(git.commit_time(commit.get())));
    if (git.is_bare(repository.get()) == 0) read_changes(git, repository.get(), out);
    return out;
}

triage::Check git(const GitParams& p, triage::Context& ctx) {
    const auto work = [&p] { return read_checkout(p.folder.str()); };
    const auto seen = co_await ctx.blocking(work);
    ctx.fact(commit_fact, seen.commit);
    ctx.fact(branch_fact, seen.branch);
    ctx.fact(dirty_fact, seen.changes > 0);
    ctx.evaluated(dirty);
    if (seen.changes > 0) {
        std::string files;
        for (const auto& file : seen.changed)
            files += text(files.empty() ? "" : "\n", file);
        if (seen.changes > seen.changed.size())
            files += text("\n… and ", seen.changes - seen.changed.size(), " more");
        const auto message = text(
            seen.changes, seen.changes == 1 ? " tracked file differs" : " tracked files differ",
            " from the commit");
        ctx.found(dirty, p.folder, message)
            .evidence("commit", seen.commit)
            .evidence("changed", files);
    }
    co_return triage::done(text(seen.branch, " at ", seen.commit.substr(0, 12), " \"", seen.subject,
                                "\", committed ", ago(seen.at, ctx.wall_clock()),
                                seen.changes > 0 ? ", with changes" : ""));
}

}  // namespace

void add_git(triage::Plugin& plugin) {
    plugin.check<GitParams>("git", "Which commit is checked out, and was anything changed since?",
                            "reads the repository; asks nobody", git, {dirty},
                            {commit_fact, branch_fact, dirty_fact});
}

}  // namespace deploy
