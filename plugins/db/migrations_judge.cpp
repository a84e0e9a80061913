/// What db.migrations says of the revisions.
#include <algorithm>

#include "migrations.hpp"

namespace db {
namespace code {
namespace {

using triage::Code;
using triage::Weight;

constexpr Code unmigrated{
    "db.unmigrated", Weight::fail, "The database has no revision: no migration has run to its end",
    "Look whether it is the right database and a new volume; then run the migrations and look at "
    "their output"};
constexpr Code several_heads{
    "db.several-heads", Weight::fail, "The database has several revisions where one is expected",
    "Look for a migration that ended halfway, or for branches that lack a merge revision"};
constexpr Code not_at_head{
    "db.not-at-head", Weight::fail, "The schema's revision is not the one that the code needs",
    "Run the migrations (alembic upgrade head) and look whether a lock blocks them; an application "
    "on such a schema answers 500 while its health checks pass"};
constexpr Code unknown_revision{
    "db.unknown-revision", Weight::fail, "The database has a revision that the code does not know",
    "The code is older than the schema (rollback after a migration), or it is another "
    "application's database: roll forward, or restore the backup of before"};
constexpr Code migration_locked{
    "db.migration-locked", Weight::fail,
    "The table of revisions is locked: a migration is under "
    "way or hangs",
    "Let the holder end; if it hangs, find its blocker with db.sessions before ending it"};

}  // namespace
}  // namespace code

namespace {

std::string joined(const std::vector<std::string>& all) {
    std::string out;
    for (const auto& one : all)
        out += (out.empty() ? "" : ", ") + one;
    return out;
}

std::vector<std::string> sorted(std::vector<std::string> all) {
    std::ranges::sort(all);
    return all;
}

/// Of these, what is not known; then nothing can be said about how far behind they are.
bool are_unknown(triage::Judgement& out, const std::vector<std::string>& found,
                 const History& history, const std::string& table) {
    out.evaluated(code::unknown_revision);
    bool any = false;
    for (const auto& one : found) {
        if (history.knows(one)) continue;
        any = true;
        out.found(code::unknown_revision, table,
                  triage::text("revision ", one, " is none of the code's; its head is ",
                               joined(history.heads())))
            .evidence.emplace_back("revision", one);
    }
    return any;
}

}  // namespace

std::vector<triage::Code> migrations_codes() {
    return {code::unmigrated, code::several_heads, code::not_at_head, code::unknown_revision,
            code::migration_locked};
}

triage::Judgement judge_migrations(const MigrationsParams& params,
                                   const std::vector<std::string>& found,
                                   const std::optional<History>& history,
                                   const std::string& table) {
    triage::Judgement out;
    out.evaluated(code::migration_locked);
    out.evaluated(code::unmigrated);
    if (found.empty()) {
        out.found(code::unmigrated, table, triage::text(table, " has no row, expected a revision"));
        out.say("no revision in " + table);
        return out;
    }
    out.say(triage::text("revision ", joined(found)));
    const auto wanted = sorted(!params.expected.empty() ? params.expected
                               : history                ? history->heads()
                                                        : std::vector<std::string>());
    out.evaluated(code::several_heads);
    const auto most = std::max<std::size_t>(wanted.size(), 1);
    if (found.size() > most) {
        out.found(code::several_heads, table,
                  triage::text(found.size(), " revisions in ", table, ", expected ", most, ": ",
                               joined(found)));
    }
    if (history && are_unknown(out, found, *history, table)) return out;
    if (wanted.empty()) {
        out.could_not_tell(
            "whether the code needs this one is not known: give `expected`, what `alembic heads` "
            "prints where the code is, or `versions`, the folder of its Alembic scripts");
        return out;
    }
    out.evaluated(code::not_at_head);
    if (sorted(found) == wanted) {
        out.say("as the code needs it");
        return out;
    }
    if (found.size() > most) return out;  // said already
    const auto behind = history ? history->behind({found.begin(), found.end()}) : 0;
    out.found(code::not_at_head, table,
              triage::text("revision ", joined(found), ", expected ", joined(wanted),
                           behind > 0 ? triage::text(": ", behind, " behind") : ""))
        .evidence = {{"found", joined(found)}, {"expected", joined(wanted)}};
    return out;
}

triage::Judgement judge_no_table(const std::string& table) {
    triage::Judgement out;
    out.evaluated(code::migration_locked);
    out.found(code::unmigrated, table, triage::text("there is no table ", table));
    out.say("no table " + table);
    return out;
}

triage::Judgement judge_locked(const std::string& table, const std::string& holder) {
    triage::Judgement out;
    const auto text = triage::text(
        table, " is locked", holder.empty() ? " (the holder is gone by now)" : " by " + holder);
    out.found(code::migration_locked, table, text);
    out.say(text);
    return out;
}

}  // namespace db
