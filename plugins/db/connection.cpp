#include "connection.hpp"

#include <algorithm>
#include <charconv>

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

std::string line(const char* text) {
    std::string out = text == nullptr ? "" : text;
    while (out.ends_with('\n'))
        out.pop_back();
    return out;
}

void take(Answer& answer, const PGresult* result) {
    if (::PQresultStatus(result) == PGRES_TUPLES_OK) {
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

std::int64_t Row::integer(std::size_t column) const {
    const auto value = text(column);
    std::int64_t out = 0;
    std::from_chars(value.data(), value.data() + value.size(), out);
    return out;
}

double Row::number(std::size_t column) const {
    const auto value = text(column);
    double out = 0;
    std::from_chars(value.data(), value.data() + value.size(), out);
    return out;
}

std::optional<microseconds> Row::duration(std::size_t column) const {
    if (is_null(column)) return std::nullopt;
    return microseconds(static_cast<std::int64_t>(number(column) * 1e6));
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
