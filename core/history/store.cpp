#include "core/history/store.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <system_error>

#include <fmt/format.h>

#include "core/history/sqlite.hpp"

namespace triage::history {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t schema = 2;
constexpr std::size_t most_metrics = 2000;           // of a run
constexpr std::size_t large = std::size_t{1} << 20;  // bytes of a document

constexpr const char* make_schema = R"(
CREATE TABLE IF NOT EXISTS run (
    id INTEGER PRIMARY KEY,
    series TEXT NOT NULL,
    runbook TEXT NOT NULL,
    started_us INTEGER NOT NULL,  -- since 1970 UTC
    duration_us INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    exit_code INTEGER NOT NULL,
    good INTEGER NOT NULL,        -- nothing failed, and everything could be told
    headline TEXT NOT NULL,
    bytes INTEGER NOT NULL,       -- of its document
    fingerprint TEXT NOT NULL DEFAULT '' -- of what can be compared
);
CREATE TABLE IF NOT EXISTS document ( -- apart: lists and limits need not read them
    run INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
    text TEXT NOT NULL            -- the run in the JSON format
);
CREATE INDEX IF NOT EXISTS run_by_series ON run (series, started_us);
CREATE TABLE IF NOT EXISTS metric (   -- of good runs, in ms
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    check_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS metric_by_run ON metric (run);
PRAGMA user_version = 2;
)";

constexpr const char* from_version_1 = R"(
ALTER TABLE run ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';
PRAGMA user_version = 2;
)";

base::Error with_path(const std::string& path, const base::Error& error) {
    return {fmt::format("the history {} cannot be used: {}", path, error.message), error.remedy};
}

base::Result<std::int64_t> version_of(Database& db) {
    auto version = db.prepare("PRAGMA user_version");
    const auto found = version.step() ? version.integer(0) : 0;
    if (auto read = version.end(); !read) return std::unexpected(read.error());
    return found;
}

base::Result<void> upgrade(Database& db) {
    if (auto done = db.execute("BEGIN IMMEDIATE"); !done) return done;
    const auto found = version_of(db);  // another process may have been at it meanwhile
    auto done = found ? base::Result<void>() : std::unexpected(found.error());
    if (done && *found == 0) done = db.execute(make_schema);
    if (done && *found == 1) done = db.execute(from_version_1);
    if (done) return db.execute("COMMIT");
    db.try_to("ROLLBACK");
    return done;
}

base::Result<void> prepare(Database& db) {
    // Journal modes are written by whoever comes first; one that is there already changes nothing.
    // Nor does a page size: documents of megabytes want large pages.
    if (auto done = db.execute("PRAGMA page_size = 16384;"
                               "PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF;");
        !done)
        return done;
    const auto found = version_of(db);
    if (!found) return std::unexpected(found.error());
    if (*found > schema)
        return base::fail(fmt::format("it was made by a newer triage (version {}, this one knows "
                                      "{})",
                                      *found, schema),
                          "Upgrade triage, or name another file: TRIAGE_HISTORY=FILE.");
    return *found == schema ? base::Result<void>() : upgrade(db);
}

bool is_good(const model::Run& run) { return run.exit_code == model::exit_ok; }

// The folder for the user alone, as the file: what is in it is redacted, and still tells much.
base::Result<void> make_folder(const std::string& path) {
    const auto folder = fs::path(path).parent_path();
    std::error_code error;
    if (folder.empty() || fs::is_directory(folder, error)) return {};
    fs::create_directories(folder.parent_path(), error);
    if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return {};
    return base::fail(std::generic_category().message(errno));
}

}  // namespace

struct Store::State {
    Database db;
    std::string path;

    base::Error wrong(const base::Error& error) const { return with_path(path, error); }

    // Gives its id.
    base::Result<std::int64_t> insert(const Series& series, const model::Run& run,
                                      const Kept& kept) {
        auto insert = db.prepare(
            "INSERT INTO run (series, runbook, started_us, duration_us, verdict, exit_code, good, "
            "headline, bytes, fingerprint) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        insert.bind(series.key).bind(series.runbook).bind(run.started_at_us);
        insert.bind(std::int64_t{run.duration.count()}).bind(name(run.verdict));
        insert.bind(std::int64_t{run.exit_code}).bind(std::int64_t{is_good(run)});
        insert.bind(kept.headline).bind(static_cast<std::int64_t>(kept.document.size()));
        insert.bind(kept.fingerprint);
        if (auto done = insert.end(); !done) return std::unexpected(done.error());
        const auto id = db.last_id();
        auto keep = db.prepare("INSERT INTO document VALUES (?, ?)");
        keep.bind(id).bind(kept.document);
        if (auto done = keep.end(); !done) return std::unexpected(done.error());
        if (!is_good(run)) return id;
        if (auto done = insert_metrics(run, id); !done) return std::unexpected(done.error());
        return id;
    }

    base::Result<void> insert_metrics(const model::Run& run, std::int64_t id) {
        std::size_t left = most_metrics;
        auto insert = db.prepare("INSERT INTO metric VALUES (?, ?, ?, ?)");
        for (const auto& result : run.results) {
            for (const auto& metric : result.metrics) {
                if (metric.unit != "ms" || left == 0) continue;
                --left;
                insert.bind(id).bind(result.id.str()).bind(metric.name).bind(metric.value);
                if (auto done = insert.end(); !done) return done;
                insert.again();
            }
        }
        return {};
    }

    base::Result<void> forget(const Series& series, const Retention& retention,
                              std::int64_t now_us) {
        using std::chrono::microseconds;
        const auto before = [now_us](std::chrono::days age) {
            return now_us - microseconds(age).count();
        };
        auto old = db.prepare(
            "DELETE FROM run WHERE started_us < CASE good WHEN 1 THEN ?1 ELSE ?2 END AND id NOT IN "
            "(SELECT max(id) FROM run WHERE good = 1 GROUP BY series)");
        old.bind(before(retention.good)).bind(before(retention.bad));
        if (auto done = old.end(); !done) return done;
        // Good ones go first, the oldest first.
        auto many = db.prepare(
            "DELETE FROM run WHERE series = ?1 AND id IN (SELECT id FROM run WHERE series = ?1 "
            "ORDER BY id = (SELECT max(id) FROM run WHERE series = ?1 AND good = 1) DESC, "
            "good, id DESC LIMIT -1 OFFSET ?2)");
        many.bind(series.key).bind(retention.runs);
        if (auto done = many.end(); !done) return done;
        return forget_bytes(retention.bytes);
    }

    base::Result<void> forget_bytes(std::int64_t most) {
        auto large = db.prepare(
            "DELETE FROM run WHERE id IN (SELECT id FROM (SELECT id, sum(bytes) OVER "
            "(ORDER BY id IN (SELECT max(id) FROM run WHERE good = 1 GROUP BY series) DESC, good, "
            "id DESC) AS total FROM run) WHERE total > ?)");
        large.bind(most);
        return large.end();
    }
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

base::Result<Store> Store::open(const std::string& path) {
    if (auto made = make_folder(path); !made) return std::unexpected(with_path(path, made.error()));
    const auto mask = ::umask(077);
    auto db = Database::open(path);
    auto prepared = db ? prepare(*db) : base::Result<void>();
    ::umask(mask);
    if (!db) return std::unexpected(with_path(path, db.error()));
    if (!prepared) return std::unexpected(with_path(path, prepared.error()));
    return Store(std::make_unique<State>(*std::move(db), path));
}

base::Result<std::optional<Good>> Store::last_good(const Series& series,
                                                   std::optional<std::int64_t> before) {
    auto find = state_->db.prepare(
        "SELECT id, started_us, fingerprint FROM run WHERE series = ? AND good = 1 AND id < ? "
        "ORDER BY id DESC LIMIT 1");
    find.bind(series.key).bind(before.value_or(std::numeric_limits<std::int64_t>::max()));
    std::optional<Good> out;
    if (find.step()) out = Good{find.integer(0), find.integer(1), find.text(2)};
    if (auto done = find.end(); !done) return std::unexpected(state_->wrong(done.error()));
    return out;
}

base::Result<std::vector<Measured>> Store::measured(const Series& series, int runs) {
    auto find = state_->db.prepare(
        "SELECT check_id, name, value FROM metric WHERE run IN (SELECT id FROM run WHERE series = "
        "? AND good = 1 ORDER BY id DESC LIMIT ?)");
    find.bind(series.key).bind(std::int64_t{runs});
    std::vector<Measured> out;
    while (find.step())
        out.push_back({find.text(0), find.text(1), find.real(2)});
    if (auto done = find.end(); !done) return std::unexpected(state_->wrong(done.error()));
    return out;
}

base::Result<std::optional<model::Onset>> Store::onset(const Series& series) {
    auto find = state_->db.prepare(
        "SELECT g.started_us, min(b.started_us) FROM (SELECT id, started_us FROM run WHERE series "
        "= ?1 AND good = 1 ORDER BY id DESC LIMIT 1) AS g JOIN run AS b ON b.series = ?1 AND b.id "
        "> g.id AND b.good = 0 GROUP BY g.id");
    find.bind(series.key);
    std::optional<model::Onset> out;
    if (find.step()) out = model::Onset{find.integer(0), find.integer(1)};
    if (auto done = find.end(); !done) return std::unexpected(state_->wrong(done.error()));
    return out;
}

base::Result<std::vector<Entry>> Store::list(const std::optional<std::string>& series, int limit) {
    auto find = state_->db.prepare(
        "SELECT id, series, runbook, started_us, duration_us, verdict, exit_code, headline FROM "
        "run WHERE ?1 = '' OR series = ?1 ORDER BY id DESC LIMIT ?2");
    const auto wanted = series.value_or("");
    find.bind(wanted).bind(std::int64_t{limit});
    std::vector<Entry> out;
    while (find.step()) {
        out.push_back({.id = find.integer(0),
                       .series = find.text(1),
                       .runbook = find.text(2),
                       .started_at_us = find.integer(3),
                       .duration = std::chrono::microseconds(find.integer(4)),
                       .verdict = model::verdict_from(find.text(5)).value_or(model::Verdict::error),
                       .exit_code = static_cast<int>(find.integer(6)),
                       .headline = find.text(7)});
    }
    if (auto done = find.end(); !done) return std::unexpected(state_->wrong(done.error()));
    return out;
}

base::Result<std::optional<std::string>> Store::document(std::int64_t id) {
    auto find = state_->db.prepare("SELECT text FROM document WHERE run = ?");
    find.bind(id);
    std::optional<std::string> out;
    if (find.step()) out = find.text(0);
    if (auto done = find.end(); !done) return std::unexpected(state_->wrong(done.error()));
    return out;
}

base::Result<void> Store::record(const Series& series, const model::Run& run, const Kept& kept,
                                 const Retention& retention) {
    auto& state = *state_;
    bool tidy = false;
    const auto all = [&]() -> base::Result<void> {
        if (auto done = state.db.execute("BEGIN IMMEDIATE"); !done) return done;
        const auto id = state.insert(series, run, kept);
        if (!id) return std::unexpected(id.error());
        tidy = *id % retention.every == 0;
        if (tidy) {
            if (auto done = state.forget(series, retention, run.started_at_us); !done) return done;
        }
        return state.db.execute("COMMIT");
    };
    if (auto done = all(); !done) {
        state.db.try_to("ROLLBACK");
        return std::unexpected(state.wrong(done.error()));
    }
    // What is in the WAL is read again by whoever opens it, some tenths of a millisecond unless it
    // is large; to copy it into the file waits for the disk, some milliseconds.
    if (tidy || kept.document.size() > large) state.db.empty_wal();
    return {};
}

std::string state_folder() {
    // Read at start, before any other thread.
    const auto variable = [](const char* name) -> std::string {
        const char* const value = std::getenv(name);
        return value == nullptr ? "" : value;
    };
    const auto state = variable("XDG_STATE_HOME");
    if (state.starts_with('/')) return state + "/triage";
    const auto home = variable("HOME");
    return home.empty() ? std::string() : home + "/.local/state/triage";
}

std::string default_path() {
    const char* const chosen = std::getenv("TRIAGE_HISTORY");
    if (chosen != nullptr) return chosen;
    const auto folder = state_folder();
    return folder.empty() ? std::string() : folder + "/history.db";
}

}  // namespace triage::history
