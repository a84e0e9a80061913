/// A session with a server: queries on the loop, none of which can hang.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libpq-fe.h>
#include <triage/plugin.hpp>

namespace db {

/// What is asked, and the shape that an answer must have.
struct Query {
    std::string_view what;  ///< for people: "its own state"
    std::string text;
    std::size_t columns;
    bool has_one_row = true;  ///< else any number
};

/// An answer of another shape or type than PostgreSQL's: says nothing about the server's state.
class Unreadable : public triage::CouldNotTell {
public:
    Unreadable(std::string_view what, std::string_view how);
};

/// A row of a result. What cannot be read as it should, and a NULL where none may be, is
/// Unreadable.
class Row {
public:
    void add(std::optional<std::string> value) { values_.push_back(std::move(value)); }
    /// What was asked, for errors.
    void answers(std::string_view what) { what_ = what; }

    bool is_null(std::size_t column) const { return !values_.at(column); }
    const std::string& text(std::size_t column) const;
    bool boolean(std::size_t column) const;
    std::int64_t integer(std::size_t column) const;
    double number(std::size_t column) const;
    /// Of seconds in the column.
    std::chrono::microseconds duration(std::size_t column) const;
    /// Numbers with a space between, each once; none for NULL.
    std::vector<std::int64_t> integers(std::size_t column) const;
    /// The same, nullopt for NULL.
    std::optional<double> maybe_number(std::size_t column) const;
    std::optional<std::chrono::microseconds> maybe_duration(std::size_t column) const;

private:
    [[noreturn]] void unreadable(std::size_t column, std::string_view expected) const;

    std::vector<std::optional<std::string>> values_;
    std::string_view what_ = "a query";
};

/// What a query brought.
struct Answer {
    std::vector<Row> rows;
    int statements = 0;  ///< of the transaction, that were answered
    int results = 0;     ///< of them, that brought rows or might have
    std::size_t columns = 0;
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

/// The rows of an answer that is ok(); throws Unreadable if it has not the query's shape.
std::vector<Row> rows_of(Answer answer, const Query& query);

/// Asks and waits for `limit` at most. The queries are in read-only transactions of their own with
/// local settings: behind a pooler nothing of it stays on the application's server connections.
triage::Task<Answer> ask(triage::Context& ctx, PGconn* connection, std::string query,
                         std::chrono::microseconds limit);

}  // namespace db
