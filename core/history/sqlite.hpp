// SQLite with its errors as values. The only user of sqlite3.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace triage::history {

// A prepared statement. Errors are kept until end() tells the first one.
class Statement {
public:
    Statement(sqlite3* db, std::string_view sql);

    Statement& bind(std::int64_t value);
    Statement& bind(double value);
    // Borrowed until the statement has ended.
    Statement& bind(std::string_view value);

    // The next row; false after the last one, or after an error.
    bool step();
    std::int64_t integer(int column);
    double real(int column);
    std::string text(int column);

    // Runs what is left; nothing if all went well.
    base::Result<void> end();
    // To run it once more, with other values: preparing costs more than running a small one.
    void again();

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    void note(int code);

    sqlite3* db_;
    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
    int next_ = 1;
    bool done_ = false;
    std::optional<base::Error> error_;
};

class Database {
public:
    static base::Result<Database> open(const std::string& path);

    Statement prepare(std::string_view sql) { return {handle_.get(), sql}; }
    base::Result<void> execute(const char* sql);
    // The same where nothing is lost if it cannot be done.
    void try_to(const char* sql);
    // Copies it into the file. If others are using it, what can be copied without waiting for them.
    void empty_wal();
    std::int64_t last_id() const;

private:
    struct Close {
        void operator()(sqlite3* db) const;
    };
    explicit Database(sqlite3* db) : handle_(db) {}
    std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace triage::history
