/// Each signature has a line that it must know, and a look-alike that it must not.
#include "../signatures.hpp"

#include <algorithm>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness.hpp"

namespace logs {
namespace {

struct Sample {
    const char* code;
    const char* line;        ///< is of that code
    const char* names;       ///< what the finding names
    const char* look_alike;  ///< is of no code, or of another
};

constexpr Sample samples[] = {
    {"config-invalid",
     "Traceback (most recent call last):\n  File \"x\"\n"
     "pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings\n"
     "  Value error, BASE_URL must be set and non-empty. [type=value_error, input_value={}]",
     "BASE_URL",
     "Traceback (most recent call last):\n  File \"x\"\n"
     "pydantic_core._pydantic_core.ValidationError: 1 validation error for BoardCreate\nname\n"
     "  Field required"},
    {"import-failed", "ModuleNotFoundError: No module named 'redis'",
     "ModuleNotFoundError: No module named 'redis'", "INFO:     module redis is named"},
    {"port-in-use",
     "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): address "
     "already in use",
     "", "ERROR: the name is already in use"},
    {"revision-unknown",
     "alembic.util.exc.CommandError: Can't locate revision identified by '4d0f2e6c8a55'",
     "4d0f2e6c8a55", "INFO  [alembic] Running upgrade 3c9e -> 4d0f"},
    {"db-auth",
     "sqlalchemy.exc.OperationalError: (psycopg.OperationalError) connection failed: connection to "
     "server at \"db\", port 5432 failed: FATAL:  password authentication failed for user \"app\"",
     "\"app\"", "ERROR: redis: WRONGPASS invalid username-password pair"},
    {"db-missing",
     "psycopg.OperationalError: connection to server at \"db\", port 5432 failed: FATAL:  database "
     "\"nope\" does not exist",
     "database \"nope\"", "2026-11-26 10:00:00 UTC [1] ERROR:  relation \"x\" does not exist"},
    {"db-refused",
     "psycopg.OperationalError: connection failed: connection to server at \"127.0.0.1\", port "
     "5432 "
     "failed: Connection refused",
     "\"127.0.0.1\" port 5432",
     "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused."},
    {"db-dns",
     "psycopg.OperationalError: failed to resolve host 'db': [Errno -2] Name or service "
     "not known",
     "'db'", "socket.gaierror: [Errno -2] Name or service not known"},
    {"db-timeout",
     "psycopg.OperationalError: connection to server at \"10.0.0.9\", port 5432 failed: Connection "
     "timed out",
     "\"10.0.0.9\" port 5432 Connection timed out", "ERROR: request timed out"},
    {"db-too-many-connections",
     "psycopg.OperationalError: connection failed: FATAL:  sorry, too many clients already", "",
     "ERROR: too many clients waiting"},
    {"db-not-ready",
     "2026-11-26 11:26:44.230 UTC [11618] FATAL:  the database system is starting up",
     "starting up",
     "2026-11-26 11:26:44.230 UTC [1] LOG:  database system is ready to accept connections"},
    {"db-crashed",
     "2026-11-26 10:00:00 UTC [1] LOG:  server process (PID 42) was terminated by signal 9: Killed",
     "server process (PID 42) was terminated by signal 9",
     "2026-11-26 10:00:00 UTC [1] LOG:  server process (PID 42) exited with exit code 0"},
    {"db-closed", "psycopg.OperationalError: server closed the connection unexpectedly", "",
     "ERROR: client closed the connection"},
    {"pool-exhausted",
     "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed "
     "out, timeout 30.00",
     "size 5 overflow 10", "INFO app QueuePool limit of size 5 overflow 10 configured"},
    {"schema",
     "sqlalchemy.exc.ProgrammingError: (psycopg.errors.UndefinedColumn) column "
     "boards.organization does not exist",
     "column boards.organization", "ERROR app board 7 does not exist"},
    {"db-deadlock", "2026-11-26 10:00:00 UTC [1] ERROR:  deadlock detected", "",
     "INFO app no deadlock detected"},
    {"db-canceled",
     "2026-11-26 10:00:00 UTC [1] ERROR:  canceling statement due to statement timeout",
     "statement timeout",
     "2026-11-26 10:00:00 UTC [1] ERROR:  canceling statement due to user request"},
    {"db-lock-wait",
     "2026-11-26 10:00:00 UTC [1] LOG:  process 7 still waiting for ShareLock on transaction 9 "
     "after 1000.1 ms",
     "ShareLock on transaction 9",
     "2026-11-26 10:00:00 UTC [1] LOG:  process 7 acquired ShareLock on transaction 9 after 9 ms"},
    {"redis-auth", "redis.exceptions.AuthenticationError: Authentication required.", "",
     "jwt.exceptions.AuthenticationError: Authentication required."},
    {"redis-refused",
     "redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection "
     "refused.",
     "localhost:6379",
     "ConnectionRefusedError: [Errno 111] Connect call failed ('10.0.0.1', 9000)"},
    {"redis-unreachable",
     "redis.exceptions.ConnectionError: Error -2 connecting to redis:6379. Name or service not "
     "known.",
     "redis.exceptions.ConnectionError: Error -2 connecting to redis:6379. Name or service not "
     "known.",
     "httpx.ConnectionError: cannot connect"},
    {"redis-refuses-writes",
     "redis.exceptions.ReadOnlyError: READONLY You can't write against a read only replica.",
     "READONLY", "ERROR: the file is READONLY"},
    {"queue-failed",
     "2026-11-26 10:00:00,1 ERROR app queue.worker.dequeue_failed queue_name=default",
     "queue.worker.dequeue_failed", "2026-11-26 10:00:00,1 INFO app queue.worker.success"},
    {"out-of-memory", "[12.5] Out of memory: Killed process 42 (python3) total-vm:1kB",
     "Killed process 42 (python3)", "INFO app memory check: not out of memory"},
    {"disk-full", "OSError: [Errno 28] No space left on device: '/data/x'",
     "No space left on device", "ERROR app no space in the parking lot left"},
    {"read-only-disk", "OSError: [Errno 30] Read-only file system: '/data/x'", "",
     "ERROR: the field is read-only"},
    {"too-many-files", "OSError: [Errno 24] Too many open files", "",
     "ERROR: too many files to show"},
    {"crashed", "[1.2] python3[42]: segfault at 0 ip 1 sp 2", "segfault at",
     "INFO app segment 3 is at fault"},
    {"tls",
     "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
     "certificate has expired (_ssl.c:997)",
     "CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired ",
     "INFO app certificate verified"},
    {"clerk-unreachable",
     "jwt.exceptions.PyJWKClientConnectionError: Fail to fetch data from the url, err: \"x\"",
     "PyJWKClientConnectionError", "jwt.exceptions.ExpiredSignatureError: Signature has expired"},
    {"dns", "socket.gaierror: [Errno -2] Name or service not known", "",
     "ERROR: service not known: billing"},
    {"gateway-refused", "ERROR: server rejected WebSocket connection: HTTP 401",
     "rejected WebSocket connection: HTTP 401", "INFO:     connection open"},
    {"upstream-refused",
     "2026/11/26 10:00:00 [error] 7#7: *1 connect() failed (111: Connection refused) while "
     "connecting to upstream, client: 1.2.3.4, upstream: \"http://127.0.0.1:8000/x\", host: \"h\"",
     "\"http://127.0.0.1:8000/x\"",
     "2026/11/26 10:00:00 [info] 7#7: *1 client closed connection while waiting for request"},
    {"upstream-timeout",
     "2026/11/26 10:00:00 [error] 7#7: *1 upstream timed out (110: Connection timed out) while "
     "reading response header from upstream, upstream: \"http://b/\"",
     "\"http://b/\"", "2026/11/26 10:00:00 [info] 7#7: *1 client timed out (110: x)"},
    {"upstream-closed",
     "2026/11/26 10:00:00 [error] 7#7: *1 upstream prematurely closed connection while reading "
     "response header from upstream, upstream: \"http://b/\"",
     "\"http://b/\"", "2026/11/26 10:00:00 [info] 7#7: *1 client prematurely closed connection"},
    {"cors-disabled", "2026-11-26 10:00:00,1 INFO app.main app.cors.disabled app=x", "",
     "2026-11-26 10:00:00,1 INFO app.main app.cors.enabled app=x"},
    {"start-failed", "ERROR:    Application startup failed. Exiting.", "",
     "INFO:     Application startup complete."},
};

/// The code that a log of these lines gives, and what it names.
std::pair<std::string, std::string> known(std::string_view lines) {
    const auto scanned = scan_text(std::string(lines) + "\n");
    for (const auto* cluster : scanned.clusters.all()) {
        if (cluster->signature == no_index) continue;
        const auto index = static_cast<std::size_t>(cluster->signature);
        return {std::string(signatures()[index].code.name).substr(5), scanned.detail.at(index)};
    }
    return {};
}

TEST(Signatures, WhoWasKilledForMemoryIsNamed) {
    const std::pair<const char*, const char*> lines[] = {
        {"Memory cgroup out of memory: Killed process 7 (uvicorn) total-vm:1kB",
         "Killed process 7 (uvicorn)"},
        {"oom_reaper: reaped process 7 (uvicorn), now anon-rss:0kB", "reaped process 7 (uvicorn)"},
        {"oom-kill:constraint=CONSTRAINT_MEMCG,task_memcg=/a,task=uvicorn,pid=7,uid=0", "uvicorn"},
        {"MemoryError", "MemoryError"}};
    for (const auto& [line, named] : lines) {
        const auto scanned = scan_text(line + std::string("\n"));
        ASSERT_EQ(scanned.clusters.all().size(), 1U) << line;
        const auto signature = static_cast<std::size_t>(scanned.clusters.all()[0]->signature);
        EXPECT_EQ(scanned.detail.at(signature), named);
    }
}

TEST(Signatures, AreFoundByTheSearchAndNameWhatTheyAreAbout) {
    for (const auto& sample : samples)
        EXPECT_EQ(known(sample.line),
                  std::pair(std::string(sample.code), std::string(sample.names)))
            << sample.line;
}

TEST(Signatures, LookAlikesAreNot) {
    for (const auto& sample : samples)
        EXPECT_NE(known(sample.look_alike).first, sample.code) << sample.look_alike;
}

TEST(Signatures, EachHasASampleAndLivesOnOneLine) {
    std::vector<std::string> sampled, declared;
    for (const auto& sample : samples)
        sampled.push_back(std::string("logs.") + sample.code);
    for (const auto& one : signatures()) {
        declared.emplace_back(one.code.name);
        EXPECT_NE(one.find[0], nullptr);
    }
    EXPECT_EQ(sampled, declared) << "in the table's order";
}

TEST(Signatures, AreFoundInJsonToo) {
    const auto line =
        R"({"timestamp":"2026-11-23T10:25:11+00:00","level":"ERROR","message":"unhandled_excep)"
        R"(tion",)"
        R"("exception":"Traceback (most recent call last):\n  File \"x\"\npsycopg.OperationalE)"
        R"(rror: )"
        R"(connection to server at \"db\", port 5432 failed: Connection refused\n\tIs it runni)"
        R"(ng?"})";
    EXPECT_EQ(known(line), std::pair(std::string("db-refused"), std::string("\"db\" port 5432")));
}

TEST(Signatures, TheMostParticularOneWins) {
    EXPECT_EQ(known("2026-11-26 10:00:00,1 ERROR app queue.worker.dequeue_failed q=1\n"
                    "Traceback (most recent call last):\n  File \"x\"\n"
                    "redis.exceptions.ConnectionError: Error 111 connecting to a:1. Refused.")
                  .first,
              "redis-refused");
}

TEST(Signatures, OfASettingByItsField) {
    EXPECT_EQ(
        setting_of("X: 1 validation error for Settings\nauth_mode\n  Input should be 'clerk'"),
        "auth_mode");
    EXPECT_EQ(
        setting_of("X: 1 validation error for Settings\n  Value error, RATE_LIMIT_REDIS_URL or "
                   "RQ_REDIS_URL must be set"),
        "RATE_LIMIT_REDIS_URL or RQ_REDIS_URL");
    EXPECT_EQ(setting_of("X: 1 validation error for Board\nname\n  Field required"), "");
}

}  // namespace
}  // namespace logs
