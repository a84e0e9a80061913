#include "core/history/sqlite.hpp"

#include <sqlite3.h>

#include <fmt/format.h>

namespace triage::history {
namespace {

constexpr int patience_ms = 2000;  // for another process that writes

base::Error error_of(sqlite3* db, int code) {
    const auto primary = code & 0xff;
    std::string remedy;
    if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB)
        remedy = "Move the file away: a new one is made.";
    if (primary == SQLITE_BUSY) remedy = "Another triage writes it, or a backup holds it.";
    return {db == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db), remedy};
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Database::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

Statement::Statement(sqlite3* db, std::string_view sql) : db_(db) {
    sqlite3_stmt* statement = nullptr;
    note(sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &statement, nullptr));
    handle_.reset(statement);
}

void Statement::note(int code) {
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE || error_) return;
    error_ = error_of(db_, code);
}

Statement& Statement::bind(std::int64_t value) {
    if (!error_) note(sqlite3_bind_int64(handle_.get(), next_++, value));
    return *this;
}
Statement& Statement::bind(double value) {
    if (!error_) note(sqlite3_bind_double(handle_.get(), next_++, value));
    return *this;
}
Statement& Statement::bind(std::string_view value) {
    if (error_) return *this;
    note(sqlite3_bind_text64(handle_.get(), next_++, value.data(), value.size(), SQLITE_STATIC,
                             SQLITE_UTF8));
    return *this;
}

bool Statement::step() {
    if (error_ || done_) return false;
    const int code = sqlite3_step(handle_.get());
    note(code);
    done_ = code != SQLITE_ROW;
    return !done_;
}

std::int64_t Statement::integer(int column) { return sqlite3_column_int64(handle_.get(), column); }
double Statement::real(int column) { return sqlite3_column_double(handle_.get(), column); }
std::string Statement::text(int column) {
    const auto* text = sqlite3_column_text(handle_.get(), column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text), size);
}

base::Result<void> Statement::end() {
    while (step()) {
    }
    if (error_) return std::unexpected(*error_);
    return {};
}

void Statement::again() {
    if (error_) return;
    sqlite3_reset(handle_.get());
    next_ = 1;
    done_ = false;
}

base::Result<Database> Database::open(const std::string& path) {
    sqlite3* db = nullptr;
    const int code = sqlite3_open_v2(
        path.c_str(), &db,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
        nullptr);
    Database out(db);
    if (code != SQLITE_OK) return std::unexpected(error_of(db, code));
    sqlite3_busy_timeout(db, patience_ms);
    // Whoever writes says when the WAL is copied into the file; each end would be too often.
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return out;
}

base::Result<void> Database::execute(const char* sql) {
    const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return std::unexpected(error_of(handle_.get(), code));
    return {};
}

void Database::try_to(const char* sql) {
    sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
}

void Database::empty_wal() {
    sqlite3_busy_timeout(handle_.get(), 0);
    sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    sqlite3_busy_timeout(handle_.get(), patience_ms);
}

std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(handle_.get()); }

}  // namespace triage::history
