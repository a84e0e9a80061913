/// The revisions that an application's migration scripts know (Alembic's versions/*.py).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace db {

/// One script.
struct Revision {
    std::string id;
    std::vector<std::string> down;  ///< what it follows; none of the first one, several of a merge

    friend bool operator==(const Revision&, const Revision&) = default;
};

/// What a script says of itself; nullopt if it is no revision. Reads assignments of literals only,
/// as `alembic revision` writes them.
std::optional<Revision> parse_revision(std::string_view script);

/// All revisions of a folder.
class History {
public:
    explicit History(const std::vector<Revision>& revisions);

    bool knows(const std::string& id) const { return down_.contains(id); }
    /// Those that no other follows, sorted.
    std::vector<std::string> heads() const;
    /// How many revisions `from` lacks to have all that `heads` have.
    std::int64_t behind(const std::set<std::string>& from) const;

private:
    std::set<std::string> ancestors(const std::set<std::string>& of) const;

    std::map<std::string, std::vector<std::string>> down_;
};

/// Reads the scripts of a folder; blocks. Throws triage::CouldNotTell if it has none.
History read_history(const std::string& folder);

}  // namespace db
