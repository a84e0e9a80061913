/// Parameters and judgement of db.migrations.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <triage/judgement.hpp>

#include "revisions.hpp"
#include "session.hpp"
#include "words.hpp"

namespace db {

struct MigrationsParams : Access {
    std::string table, schema, column;
    std::vector<std::string> expected;
    triage::Path versions;

    static void describe(triage::Describe<MigrationsParams>& d);
};

std::vector<triage::Code> migrations_codes();

/// The revisions that the database has, beside what the application's code knows (if known).
triage::Judgement judge_migrations(const MigrationsParams& params,
                                   const std::vector<std::string>& found,
                                   const std::optional<History>& history, const std::string& table);

/// There is no table of revisions.
triage::Judgement judge_no_table(const std::string& table);
/// The table is locked; `holder` is who has the lock, or "".
triage::Judgement judge_locked(const std::string& table, const std::string& holder);

}  // namespace db
