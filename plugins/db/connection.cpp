#include "connection.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace db {
namespace {

using std::chrono::microseconds;

constexpr microseconds lock_timeout = std::chrono::milliseconds(500);
constexpr microseconds most_margin = std::chrono::milliseconds(200);

std::string in_transaction(const std::string& query, microseconds limit) {
    const auto ms = [](microseconds time) {
        return std::max<std::int64_t>(
            1, std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
    };
    // The server ends a statement a little before the check stops to wait for it, and says so.
    const auto margin = std::min(most_margin, limit / 4);
    return triage::text("BEGIN READ ONLY; SET LOCAL statement_timeout = ", ms(limit - margin),
                        "; SET LOCAL lock_timeout = ", ms(lock_timeout), "; ", query, "; COMMIT");
}

struct Clear {
    void operator()(PGresult* result) const { ::PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Clear>;

/// The number that the whole text is.
template <class T>
std::optional<T> parse(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string line(const char* text) {
    std::string out = text == nullptr ? "" : text;
    while (out.ends_with('\n'))
        out.pop_back();
    return out;
}

/// BEGIN, two SETs, the query, COMMIT.
constexpr int statements = 5;

void take(Answer& answer, const PGresult* result) {
    if (::PQresultStatus(result) == PGRES_COMMAND_OK) ++answer.statements;
    if (::PQresultStatus(result) == PGRES_TUPLES_OK) {
        ++answer.statements;
        ++answer.results;
        answer.columns = static_cast<std::size_t>(::PQnfields(result));
        for (int i = 0; i < ::PQntuples(result); ++i) {
            Row row;
            for (int j = 0; j < ::PQnfields(result); ++j) {
                if (::PQgetisnull(result, i, j) != 0)
                    row.add(std::nullopt);
                else
                    row.add(std::string(::PQgetvalue(result, i, j)));
            }
            answer.rows.push_back(std::move(row));
        }
    } else if (::PQresultStatus(result) == PGRES_FATAL_ERROR && answer.sqlstate.empty()) {
        const char* state = ::PQresultErrorField(result, PG_DIAG_SQLSTATE);
        const char* primary = ::PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
        answer.sqlstate = line(state);
        answer.message = line(primary != nullptr ? primary : ::PQresultErrorMessage(result));
        if (state == nullptr) answer.broken = true;  // libpq's own: the connection is lost
    }
}

/// Sends one simple query, of any number of statements, and collects all that comes of it.
triage::Task<Answer> exchange(triage::Context& ctx, PGconn* connection, std::string query,
                              microseconds limit) {
    Answer answer;
    const auto begin = ctx.now();
    const auto until = begin + limit;
    const auto lost = [&] {
        answer.broken = true;
        if (answer.message.empty()) answer.message = line(::PQerrorMessage(connection));
    };
    if (::PQsendQuery(connection, query.c_str()) == 0) {
        lost();
        co_return answer;
    }
    while (true) {
        const int unsent = ::PQflush(connection);
        if (unsent < 0) {
            lost();
            break;
        }
        if (unsent == 0 && ::PQisBusy(connection) == 0) {
            const Result result(::PQgetResult(connection));
            if (!result) break;
            take(answer, result.get());
            continue;
        }
        const auto left = until - ctx.now();
        const auto interest = unsent > 0 ? triage::Interest::read_write : triage::Interest::read;
        const auto ready =
            co_await ctx.wait_fd(::PQsocket(connection), interest, std::max(left, microseconds(0)));
        if (ready.timed_out) {
            answer.timed_out = true;
            answer.message = triage::text("no answer to a query within ", limit);
            break;
        }
        if (::PQconsumeInput(connection) == 0) {
            lost();
            break;
        }
    }
    answer.took = ctx.now() - begin;
    co_return answer;
}

}  // namespace

Unreadable::Unreadable(std::string_view what, std::string_view how)
    : CouldNotTell(triage::text("the server's answer (", what,
                                ") cannot be read: a pooler, or no PostgreSQL? ", how)) {}

void Row::unreadable(std::size_t column, std::string_view expected) const {
    const auto& value = values_.at(column);
    const auto found = value ? triage::json_quoted(triage::excerpt(*value, 40)) : "NULL";
    throw Unreadable(what_,
                     triage::text("column ", column + 1, " is ", found, ", expected ", expected));
}

const std::string& Row::text(std::size_t column) const {
    if (is_null(column)) unreadable(column, "a text");
    return *values_.at(column);
}

bool Row::boolean(std::size_t column) const {
    const auto& value = values_.at(column);
    if (value != "t" && value != "f") unreadable(column, "t or f");
    return value == "t";
}

std::int64_t Row::integer(std::size_t column) const {
    const auto out = parse<std::int64_t>(values_.at(column).value_or(""));
    if (!out) unreadable(column, "a whole number");
    return *out;
}

double Row::number(std::size_t column) const {
    const auto out = parse<double>(values_.at(column).value_or(""));
    if (!out || !std::isfinite(*out)) unreadable(column, "a number");
    return *out;
}

microseconds Row::duration(std::size_t column) const {
    constexpr double most = 1e12;  // seconds: far more than any age, and safe to multiply
    const auto seconds = number(column);
    if (std::abs(seconds) > most) unreadable(column, "a number of seconds");
    return microseconds(static_cast<std::int64_t>(seconds * 1e6));
}

std::vector<std::int64_t> Row::integers(std::size_t column) const {
    std::vector<std::int64_t> out;
    const std::string_view all = is_null(column) ? std::string_view() : text(column);
    for (std::size_t at = 0; at < all.size();) {
        const auto end = std::min(all.find(' ', at), all.size());
        const auto one = parse<std::int64_t>(all.substr(at, end - at));
        if (!one) unreadable(column, "whole numbers");
        if (std::ranges::find(out, *one) == out.end()) out.push_back(*one);
        at = end + 1;
    }
    return out;
}

std::optional<double> Row::maybe_number(std::size_t column) const {
    if (is_null(column)) return std::nullopt;
    return number(column);
}

std::optional<microseconds> Row::maybe_duration(std::size_t column) const {
    if (is_null(column)) return std::nullopt;
    return duration(column);
}

std::vector<Row> rows_of(Answer answer, const Query& query) {
    if (answer.statements != statements || answer.results != 1) {
        throw Unreadable(query.what, triage::text(answer.statements, " of ", statements,
                                                  " statements are answered, ", answer.results,
                                                  " with rows, expected 1"));
    }
    if (answer.columns != query.columns) {
        throw Unreadable(query.what,
                         triage::text(answer.columns, " columns, expected ", query.columns));
    }
    if (query.has_one_row && answer.rows.size() != 1)
        throw Unreadable(query.what, triage::text(answer.rows.size(), " rows, expected 1"));
    for (auto& row : answer.rows)
        row.answers(query.what);
    return std::move(answer.rows);
}

triage::Task<Answer> ask(triage::Context& ctx, PGconn* connection, std::string query,
                         microseconds limit) {
    auto answer = co_await exchange(ctx, connection, in_transaction(query, limit), limit);
    if (!answer.sqlstate.empty() && !answer.broken) {
        co_await exchange(ctx, connection, "ROLLBACK", limit);
    }
    co_return answer;
}

}  // namespace db
