/// What db.sessions says of the sessions.
#include <algorithm>
#include <cmath>
#include <map>
#include <ranges>
#include <set>

#include "sessions.hpp"

namespace db {
namespace code {
namespace {

using triage::Code;
using triage::Weight;

constexpr Code connections{
    "db.connections", Weight::fail, "Most of the connections that may be used are in use",
    "Find whose sessions they are (evidence), end what is idle, lower the pools' sizes, or raise "
    "the limit that is reached"};
constexpr Code idle_in_transaction{
    "db.idle-in-transaction", Weight::fail, "Sessions of the application wait inside transactions",
    "Each holds a connection of the pool, its locks and old row versions: find what in the "
    "application waits (open streams, calls to others) before it ends its transaction"};
constexpr Code long_transaction{
    "db.long-transaction", Weight::fail, "A transaction is open for long",
    "Find what it waits for; pg_terminate_backend(PID) ends it, and its work is lost"};
constexpr Code long_query{"db.long-query", Weight::fail, "A query is running for long",
                          "Look at its plan and load; pg_cancel_backend(PID) ends the query only"};
constexpr Code blocked{"db.blocked", Weight::fail, "Sessions wait for a lock",
                       "Let the blocker end its transaction; if nobody will, "
                       "pg_terminate_backend(PID) of the blocker"};

}  // namespace
}  // namespace code

namespace {

using std::chrono::microseconds;

std::string number_of(std::int64_t count, std::string_view thing) {
    return triage::text(count, " ", thing, count == 1 ? "" : "s");
}

std::string percent(double share) { return triage::text(std::lround(share * 100), " %"); }

/// A backend for people: never what it asks.
std::string describe(const Backend& one) {
    if (one.is_hidden())
        return triage::text("pid ", one.pid, " of role ", one.role, " (state not visible)");
    auto out =
        triage::text("pid ", one.pid, " (", one.application.empty() ? one.kind : one.application);
    if (!one.role.empty()) out += triage::text(", role ", one.role);
    if (!one.state.empty()) out += triage::text(", ", one.state);
    if (one.since_change) out += triage::text(" for ", age(*one.since_change));
    return out + ")";
}

/// The backends being judged.
class Judge {
public:
    Judge(const SessionsParams& params, const Capacity& capacity,
          const std::vector<Backend>& backends)
        : p_(params), capacity_(capacity), backends_(backends) {
        for (const auto& one : backends)
            by_pid_.emplace(one.pid, &one);
        hidden_ = std::ranges::count_if(backends, &Backend::is_hidden);
    }

    triage::Judgement all() && {
        connections();
        idle();
        transactions();
        queries();
        locks();
        if (hidden_ > 0) {
            out_.say(triage::text("not seen: what ", number_of(hidden_, "session"),
                                  " of other roles ", hidden_ == 1 ? "does" : "do",
                                  " (GRANT pg_monitor TO the role)"));
        }
        return std::move(out_);
    }

private:
    /// A limit on the number of connections, of the server or of a part of it.
    void fullness(std::int64_t used, std::int64_t limit, const std::string& of) {
        if (limit <= 0) return;
        const auto share = static_cast<double>(used) / static_cast<double>(limit);
        auto* found = out_.over(
            code::connections, share, p_.connections_warn, p_.connections_fail, of,
            triage::text(used, " of ", limit, " connections of ", of, " in use (", percent(share),
                         "), ", passed(share, p_.connections_warn, p_.connections_fail, percent)));
        if (found != nullptr) found->evidence.emplace_back("by-application", by_application());
    }

    void connections() {
        out_.evaluated(code::connections);
        const auto count = [&](auto wanted) {
            return 1 + std::ranges::count_if(backends_, [&](const Backend& one) {
                       return (one.is_client() || one.is_hidden()) && wanted(one);
                   });
        };
        const auto used = count([](const Backend&) { return true; });
        const auto usable = capacity_.max - capacity_.reserved;
        fullness(used, usable, "the server");
        fullness(count([&](const Backend& one) { return one.role == capacity_.role; }),
                 capacity_.role_limit, "role " + capacity_.role);
        fullness(count([&](const Backend& one) { return one.database == capacity_.database; }),
                 capacity_.database_limit, "database " + capacity_.database);
        out_.say(triage::text(used, " of ", usable, " connections"));
    }

    /// "gunicorn 12, psql 2": the most first.
    std::string by_application() const {
        std::map<std::string, std::int64_t> counts;
        for (const auto& one : backends_) {
            if (!one.is_client() && !one.is_hidden()) continue;
            ++counts[triage::text(one.role, one.application.empty() ? "" : "/", one.application)];
        }
        std::vector<std::pair<std::string, std::int64_t>> order(counts.begin(), counts.end());
        std::ranges::stable_sort(order, std::greater<>{},
                                 [](const auto& one) { return one.second; });
        std::string out;
        for (const auto& [name, count] : order | std::views::take(5))
            out += triage::text(out.empty() ? "" : ", ", name, " ", count);
        return out;
    }

    void idle() {
        std::int64_t count = 0;
        const Backend* oldest = nullptr;
        const auto is_of_role = [&](const Backend& one) { return one.role == capacity_.role; };
        for (const auto& one : backends_) {
            if (!is_of_role(one) || !one.state.starts_with("idle in transaction")) continue;
            ++count;
            if (oldest == nullptr || one.since_change > oldest->since_change) oldest = &one;
        }
        const bool seen = std::ranges::none_of(
            backends_, [&](const Backend& one) { return is_of_role(one) && one.is_hidden(); });
        if (seen) out_.evaluated(code::idle_in_transaction);
        auto* found = out_.over(
            code::idle_in_transaction, count, p_.idle_warn, p_.idle_fail, "role " + capacity_.role,
            triage::text(number_of(count, "session"), " of ", capacity_.role,
                         " idle in transaction, ", passed(count, p_.idle_warn, p_.idle_fail)));
        if (found != nullptr && oldest != nullptr)
            found->evidence.emplace_back("oldest", describe(*oldest));
        if (seen || count > 0) {
            out_.say(triage::text(count, " of role ", capacity_.role, " idle in transaction",
                                  oldest != nullptr && oldest->since_change
                                      ? triage::text(" (oldest ", age(*oldest->since_change), ")")
                                      : ""));
        }
    }

    bool is_ignored(const Backend& one) const {
        return std::ranges::find(p_.ignore, one.application) != p_.ignore.end();
    }

    const Backend* oldest(std::optional<microseconds> Backend::* what, auto wanted) const {
        const Backend* out = nullptr;
        for (const auto& one : backends_) {
            if (!one.is_client() || !(one.*what) || is_ignored(one) || !wanted(one)) continue;
            if (out == nullptr || one.*what > out->*what) out = &one;
        }
        return out;
    }

    void transactions() {
        if (hidden_ == 0) out_.evaluated(code::long_transaction);
        const auto* one = oldest(&Backend::transaction, [](const Backend&) { return true; });
        if (one != nullptr) {
            out_.say(triage::text("oldest transaction ", age(*one->transaction)));
            out_.over(code::long_transaction, *one->transaction, p_.transaction_warn,
                      p_.transaction_fail, triage::text("pid ", one->pid),
                      triage::text("a transaction is open for ", age(*one->transaction), ": ",
                                   describe(*one)));
        }
        if (!capacity_.oldest_prepared) return;
        out_.over(
            code::long_transaction, *capacity_.oldest_prepared, p_.transaction_warn,
            p_.transaction_fail, "pg_prepared_xacts",
            triage::text("a prepared transaction is left for ", age(*capacity_.oldest_prepared),
                         ": COMMIT PREPARED or ROLLBACK PREPARED ends it"));
    }

    void queries() {
        if (hidden_ == 0) out_.evaluated(code::long_query);
        // What waits for a lock is not slow itself: that is db.blocked.
        const auto* one = oldest(&Backend::query, [](const Backend& each) {
            return each.state == "active" && !each.waiting;
        });
        if (one == nullptr) return;
        out_.say(triage::text("oldest active query ", age(*one->query)));
        out_.over(code::long_query, *one->query, p_.query_warn, p_.query_fail,
                  triage::text("pid ", one->pid),
                  triage::text("a query is running for ", age(*one->query), ": ", describe(*one)));
    }

    /// Those at the ends of the chains of who waits for whom; in a circle, whoever is met twice.
    void roots(std::int64_t pid, std::set<std::int64_t>& seen, std::set<std::int64_t>& out) const {
        const auto at = by_pid_.find(pid);
        const bool waits = at != by_pid_.end() && !at->second->blockers.empty();
        if (!waits || !seen.insert(pid).second) {
            out.insert(pid);
            return;
        }
        for (const auto blocker : at->second->blockers)
            roots(blocker, seen, out);
    }

    std::string describe_pid(std::int64_t pid) const {
        if (pid == 0) return "a prepared transaction (pg_prepared_xacts)";
        const auto at = by_pid_.find(pid);
        return at == by_pid_.end() ? triage::text("pid ", pid) : describe(*at->second);
    }

    void locks() {
        out_.evaluated(code::blocked);
        std::map<std::int64_t, std::vector<const Backend*>> waiters;  // by root blocker
        std::int64_t count = 0;
        for (const auto& one : backends_) {
            if (one.blockers.empty()) continue;
            ++count;
            std::set<std::int64_t> seen, ends;
            roots(one.pid, seen, ends);
            for (const auto end : ends)
                waiters[end].push_back(&one);
        }
        out_.say(count == 0 ? "none waits for a lock"
                            : triage::text(count, count == 1 ? " waits" : " wait", " for a lock"));
        for (const auto& [root, those] : waiters)
            blocked_by(root, those);
    }

    void blocked_by(std::int64_t root, const std::vector<const Backend*>& waiters) {
        const auto* longest = *std::ranges::max_element(
            waiters, {}, [](const Backend* one) { return one->waiting.value_or(microseconds(0)); });
        const auto waited = longest->waiting.value_or(microseconds(0));
        auto* found =
            out_.over(code::blocked, waited, p_.blocked_warn, p_.blocked_fail,
                      root == 0 ? "pg_prepared_xacts" : triage::text("pid ", root),
                      triage::text(describe_pid(root), " keeps ",
                                   number_of(static_cast<std::int64_t>(waiters.size()), "session"),
                                   " waiting, the longest for ", age(waited)));
        if (found == nullptr) return;
        found->evidence.emplace_back("longest-wait", describe(*longest));
        if (!longest->waits_for.empty())
            found->evidence.emplace_back("waits-for", longest->waits_for);
        const auto at = by_pid_.find(root);
        if (at != by_pid_.end() && at->second->transaction)
            found->evidence.emplace_back("blocker-transaction", age(*at->second->transaction));
    }

    const SessionsParams& p_;
    const Capacity& capacity_;
    const std::vector<Backend>& backends_;
    std::map<std::int64_t, const Backend*> by_pid_;
    std::int64_t hidden_ = 0;
    triage::Judgement out_;
};

}  // namespace

std::vector<triage::Code> sessions_codes() {
    return {code::connections, code::idle_in_transaction, code::long_transaction, code::long_query,
            code::blocked};
}

triage::Judgement judge_sessions(const SessionsParams& params, const Capacity& capacity,
                                 const std::vector<Backend>& backends) {
    return Judge(params, capacity, backends).all();
}

}  // namespace db
