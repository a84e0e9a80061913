/// A session with a server: queries on the loop, none of which can hang.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libpq-fe.h>
#include <triage/plugin.hpp>

namespace db {

/// A row of a result; NULL is nullopt.
class Row {
public:
    void add(std::optional<std::string> value) { values_.push_back(std::move(value)); }

    /// The column's text, "" for NULL. Throws std::out_of_range if there is no such column.
    std::string text(std::size_t column) const { return values_.at(column).value_or(""); }
    bool is_null(std::size_t column) const { return !values_.at(column); }
    bool boolean(std::size_t column) const { return text(column) == "t"; }
    /// 0 for NULL.
    std::int64_t integer(std::size_t column) const;
    double number(std::size_t column) const;
    /// Seconds in the column; nullopt for NULL.
    std::optional<std::chrono::microseconds> duration(std::size_t column) const;

private:
    std::vector<std::optional<std::string>> values_;
};

/// What a query brought.
struct Answer {
    std::vector<Row> rows;
    std::string sqlstate;  ///< of the server's error
    std::string message;   ///< of it, or why there is no answer
    bool timed_out = false;
    bool broken = false;  ///< the connection has ended
    std::chrono::microseconds took{0};

    bool ok() const { return sqlstate.empty() && !timed_out && !broken; }
};

struct Finish {
    void operator()(PGconn* connection) const { ::PQfinish(connection); }
};
/// Closed at its end.
using Connection = std::unique_ptr<PGconn, Finish>;

/// Asks and waits for `limit` at most. The queries are in read-only transactions of their own with
/// local settings: behind a pooler nothing of it stays on the application's server connections.
triage::Task<Answer> ask(triage::Context& ctx, PGconn* connection, std::string query,
                         std::chrono::microseconds limit);

}  // namespace db
