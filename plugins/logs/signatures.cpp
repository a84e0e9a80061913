#include "signatures.hpp"

#include <mutex>
#include <vector>

#include "regex.hpp"

namespace logs {
namespace {

using triage::Weight;

// Names are those of the field; a column is a line, so that the table can be read.
constexpr Signature table[] = {
    // ---- configuration and start
    {{"logs.config-invalid", Weight::fail, "A program refuses its settings and ends",
      "Set what the line names where the program's environment comes from (Compose's environment: "
      "goes before env files), and recreate it"},
     "config",
     {"validation error"},
     R"(\d+ validation errors? for \w*(?:Settings|Config)\w*)",
     Mended::by_start},
    {{"logs.import-failed", Weight::fail, "A program lacks a part of its own code",
      "The image is incomplete or of another version: rebuild it, or roll back"},
     "deploy",
     {"ModuleNotFoundError", "ImportError", "Cannot find module"},
     R"((ModuleNotFoundError: No module named '[^']*'|ImportError: cannot import name '[^']*'|)"
     R"(Error: Cannot find module '[^']*'))",
     Mended::by_start},
    {{"logs.port-in-use", Weight::fail, "A program cannot listen: its port is taken",
      "Look what holds the port (ss -ltnp), end it or choose another"},
     "host",
     {"ddress already in use", "EADDRINUSE"},
     R"((?:ddress already in use|EADDRINUSE)(?:: address already in use )?(\S+:\d+)?)",
     Mended::by_start},
    {{"logs.revision-unknown", Weight::fail,
      "The code does not know the schema's revision: it is older than the database",
      "Roll forward to the version that made the migration, or restore the database from before "
      "it"},
     "schema",
     {"locate revision identified by"},
     R"(Can't locate revision identified by '([^']*)')",
     Mended::by_start},
    // ---- database
    {{"logs.db-auth", Weight::fail, "The database does not let the application in",
      "By its words: compare user and password in DATABASE_URL with the role's (a database volume "
      "keeps the password that it was made with; one may expire), or mend the server's "
      "pg_hba.conf"},
     "db",
     {"password authentication failed", "no pg_hba.conf entry for", "is not permitted to log in",
      "no password supplied"},
     R"re(password authentication failed for user ("[^"]*")|no pg_hba\.conf entry for (host )re"
     R"re("[^"]*")re"
     R"re(, user "[^"]*")|role ("[^"]*") is not permitted|no password supplied)re",
     Mended::by_start},
    {{"logs.db-missing", Weight::fail, "The database or the role does not exist on this server",
      "Correct the name in DATABASE_URL; or it is another server or a new volume: create and "
      "migrate, or restore"},
     "db",
     {"database \"", "database \\\\\"", "role \"", "role \\\\\""},
     R"re((?:FATAL|ERROR|failed): .*((?:database|role) "[^"]*") does not exist)re",
     Mended::by_start},
    {{"logs.db-refused", Weight::fail, "Nothing listens where the database should be",
      "Start the database; if it runs, compare its address with DATABASE_URL"},
     "db",
     {"failed: Connection refused", "connect to server: Connection refused", ", 5432\\)",
      "ECONNREFUSED"},
     R"re(connection to server at ("[^"]*").*?, (port \d+) failed: Connection refused|)re"
     R"re(could not connect to server: Connection refused|)re"
     R"re(Connect call failed \('([^']*)', (5432))re"
     R"re(|ECONNREFUSED \S*:5432)re",
     Mended::by_start},
    {{"logs.db-dns", Weight::fail, "The database's host name has no address",
      "Correct the host in DATABASE_URL, or put both on one network; the name of a Compose service "
      "is known inside of its project only"},
     "db",
     {"failed to resolve host", "could not translate host name"},
     R"re((?:failed to resolve host|could not translate host name) (['"][^'"]*['"]))re",
     Mended::by_start},
    {{"logs.db-timeout", Weight::fail, "The database does not answer connections",
      "Look whether its host is up and not swamped, and at firewalls in between"},
     "db",
     {"connection timeout expired", "failed: timeout expired", "failed: Connection timed out",
      "failed: No route to host"},
     R"re((?:connection to server at ("[^"]*").*?, (port \d+) )?failed: (timeout expired|Con)re"
     R"re(nection)re"
     R"re( timed out|No route to host)|connection timeout expired)re",
     Mended::by_start},
    {{"logs.db-too-many-connections", Weight::fail, "The database has no connection left",
      "Find who holds them (db.sessions), end what is idle, lower the pools' sizes"},
     "db",
     {"too many clients already", "connection slots are reserved", "too many connections for"},
     R"(too many clients already|connection slots are reserved|(too many connections for \w+ ")"
     R"([^"]*"))",
     Mended::by_start},
    {{"logs.db-not-ready", Weight::fail, "The database is starting, recovering or shutting down",
      "Wait and look at its log; if it comes back again and again, look for the crash"},
     "db",
     {"the database system is "},
     R"(the database system is (starting up|shutting down|in recovery mode|not yet accepting c)"
     R"(onnections))",
     Mended::around_start},
    {{"logs.db-crashed", Weight::fail, "The database server has crashed or stopped in panic",
      "Look at the lines before it: memory, disk, damaged files; copy the data folder before more"},
     "db",
     {"server process \\(PID", "PANIC:  ", "invalid page in block", "page verification failed"},
     R"((server process \(PID \d+\) was terminated by signal \d+|PANIC:  .*|invalid page in block)"
     R"( \d+|page verification failed))",
     Mended::no,
     true},
    {{"logs.db-closed", Weight::fail, "The database ended sessions that were in use",
      "Look whether it was restarted, ran out of memory, or something in between cuts connections"},
     "db",
     {"server closed the connection unexpectedly", "terminating connection due to admin",
      "SSL connection has been closed unexpectedly", "terminating connection because of crash"},
     R"(server closed the connection unexpectedly|terminating connection (?:due to administrat)"
     R"(or command|)"
     R"(because of crash)|SSL connection has been closed unexpectedly)",
     Mended::by_start},
    {{"logs.pool-exhausted", Weight::fail,
      "The application's own connection pool is used up: requests wait for it and fail",
      "Look what keeps sessions (db.sessions: idle in transaction; open event streams), close it, "
      "or make the pool larger than what holds it"},
     "api",
     {"QueuePool limit of size", "get a connection after", "Connection is not available, request"},
     R"(QueuePool limit of (size \d+ overflow \d+)|couldn't get a connection after|)"
     R"(Connection is not available, request timed out after)"},
    {{"logs.schema", Weight::fail, "The code asks for tables or columns that the database lacks",
      "Run the migrations of this version (alembic upgrade head), or roll back the code"},
     "schema",
     {"UndefinedColumn", "UndefinedTable", " does not exist"},
     R"re((?:ERROR:  |UndefinedColumn\) |UndefinedTable\) |UndefinedColumn: |UndefinedTable: )re"
     R"re(|ProgrammingError: )(?:ERROR:  )?((?:column|relation) \S+(?: of relation \S+)?) do)re"
     R"re(es not)re"
     R"re( exist)re"},
    {{"logs.db-deadlock", Weight::warn, "Transactions deadlocked; the database ended one of them",
      "Let transactions take their locks in one order, and retry"},
     "db",
     {"deadlock detected"},
     R"(deadlock detected)"},
    {{"logs.db-canceled", Weight::warn, "Queries were cancelled: they took, or waited, too long",
      "Look what is slow or holds the lock (db.sessions)"},
     "db",
     {"canceling statement due to "},
     R"(canceling statement due to (statement timeout|lock timeout|conflict with recovery))"},
    {{"logs.db-lock-wait", Weight::warn, "Sessions wait long for a lock",
      "Look who holds it (db.sessions names the root blocker)"},
     "db",
     {"still waiting for "},
     R"(process \d+ still waiting for (\w+ on .*?) after)",
     Mended::no,
     true},
    // ---- Redis and the queue
    {{"logs.redis-auth", Weight::fail, "Redis does not let the application in",
      "Put the right password, if one is wanted, into the Redis URL of whoever logs this"},
     "redis",
     {"redis\\.exceptions\\.AuthenticationError", "NOAUTH Authentication", "WRONGPASS"},
     R"(redis\.exceptions\.AuthenticationError|NOAUTH Authentication required|WRONGPASS invalid)"},
    {{"logs.redis-refused", Weight::fail, "Nothing listens where Redis should be",
      "Start Redis; if it runs, compare its address with the Redis URL"},
     "redis",
     {"redis\\.exceptions\\.ConnectionError", "ECONNREFUSED"},
     R"(redis\.exceptions\.ConnectionError: Error 111 connecting to (\S+?)\.? |)"
     R"(ECONNREFUSED (\S*:6379))"},
    {{"logs.redis-unreachable", Weight::fail, "Redis cannot be reached, or closes connections",
      "Look at the Redis URL's host name, the network in between and Redis' own log"},
     "redis",
     {"redis\\.exceptions\\.ConnectionError", "redis\\.exceptions\\.TimeoutError"},
     R"((redis\.exceptions\.(?:Connection|Timeout)Error: .*))"},
    {{"logs.redis-refuses-writes", Weight::fail, "Redis refuses writes",
      "Look at its disk and memory limits, and whether it has become a replica"},
     "redis",
     {"READONLY You can", "MISCONF Redis", "OOM command not allowed"},
     R"((READONLY|MISCONF|OOM command not allowed))"},
    {{"logs.queue-failed", Weight::fail, "Jobs cannot be put into, or taken from, the queue",
      "Look at the traceback's last line: the reason is what lies below the queue"},
     "worker",
     {"queue\\.worker\\.dequeue_failed", "rq\\.queue\\.enqueue_failed"},
     R"((queue\.worker\.dequeue_failed|rq\.queue\.enqueue_failed))"},
    // ---- host
    {{"logs.out-of-memory", Weight::fail, "Memory ran out",
      "Look what grew (docker stats, the kernel's log), raise the limit or lower the load"},
     "host",
     {"ut of memory", "oom-kill:", "MemoryError", "heap out of memory", "OutOfMemoryError",
      "Cannot allocate memory", "oom_reaper:"},
     R"([Oo]ut of memory: (Killed process \d+ \([^)]*\))|)"
     R"(oom_reaper: (reaped process \d+ \([^)]*\))|)"
     R"(oom-kill:(?:.*,task=([^,]+))?|([Oo]ut of memory|\bMemoryError\b|OutOfMemoryError|)"
     R"(Cannot allocate memory))"},
    {{"logs.disk-full", Weight::fail, "A disk is full",
      "Free space (df -h; docker system df); look at logs and retained WAL first"},
     "host",
     {"No space left on device", "ENOSPC", "Disk quota exceeded"},
     R"((No space left on device|ENOSPC|Disk quota exceeded))"},
    {{"logs.read-only-disk", Weight::fail, "A file system is read-only",
      "Look at the kernel's log for disk errors, and at the mount's options"},
     "host",
     {"Read-only file system"},
     R"(Read-only file system)"},
    {{"logs.too-many-files", Weight::fail, "A program has no file descriptor left",
      "Look what it keeps open (ls /proc/PID/fd), raise its limit (ulimits: nofile)"},
     "host",
     {"oo many open files", "EMFILE"},
     R"([Tt]oo many open files|EMFILE)"},
    {{"logs.crashed", Weight::fail, "A program was ended by a signal",
      "Look for a core dump, and for memory limits (exit code 137)"},
     "host",
     {"egmentation fault", "segfault at", "SIGSEGV", "exited on signal", "was sent SIGKILL",
      "Fatal Python error"},
     R"((Segmentation fault|segfault at|SIGSEGV|exited on signal \d+|was sent SIGKILL|)"
     R"(Fatal Python error: .*))",
     Mended::no,
     true},
    // ---- network
    {{"logs.tls", Weight::fail, "A certificate is not accepted",
      "Look at the peer's certificate (date, name, chain), this machine's clock and CA bundle"},
     "network",
     {"CERTIFICATE_VERIFY_FAILED", "ertificate verify failed", "x509: certificate",
      "verify the first certificate", "self-signed certificate", "certificate has expired",
      "self signed certificate"},
     R"((?i)(certificate_verify_failed\]?[^(]*|certificate verify failed[^(]*|x509: certificat)"
     R"(e .*|)"
     R"(unable to verify the first certificate|self[- ]signed certificate|certificate has expi)"
     R"(red))"},
    {{"logs.clerk-unreachable", Weight::fail, "The application cannot get Clerk's keys",
      "Look whether this host can reach Clerk's API (name, route, proxy, certificate)"},
     "auth",
     {"PyJWKClient", "Fail to fetch data from the url", "jwk-failed-to-load",
      "jwk-remote-failed-to-load", "Failed to fetch JWKS"},
     R"((PyJWKClientConnectionError|Fail to fetch data from the url|jwk-(?:remote-)?failed-to-load)"
     R"(|Failed to fetch JWKS))"},
    {{"logs.dns", Weight::fail, "A host name has no address",
      "Correct the name; in a container `localhost` is the container, and names of Compose "
      "services "
      "are known inside of their project only"},
     "network",
     {"Name or service not known", "ENOTFOUND", "EAI_AGAIN", "failure in name resolution",
      "host not found in upstream", "no such host", "could not be resolved"},
     R"((?:getaddrinfo )?(?:ENOTFOUND|EAI_AGAIN) (\S+)|Name or service not known|)"
     R"(failure in name resolution|host not found in upstream ("[^"]*")|(\S+): no such host|)"
     R"((\S+) could not be resolved)"},
    {{"logs.gateway-refused", Weight::fail, "The gateway does not let the application in",
      "Compare the gateway's token and scopes; approve the pairing; look at its version"},
     "gateway",
     {"rejected WebSocket connection", "pairing required", "missing required scope",
      "Gateway version "},
     R"((rejected WebSocket connection: HTTP \d+|pairing required|missing required scope `?[\w.]*|)"
     R"(Gateway version .* is not supported))"},
    // ---- proxy
    {{"logs.upstream-refused", Weight::fail, "nginx finds nothing behind it",
      "Start what it forwards to; compare the port"},
     "proxy",
     {"while connecting to upstream", "no live upstreams"},
     R"re((?:connect\(\) (?:to \S+ )?failed \(\d+: [^)]*\)|no live upstreams) while connecti)re"
     R"re(ng to upstream)re"
     R"re((?:.*upstream: ("[^"]*"))?)re"},
    {{"logs.upstream-timeout", Weight::fail, "What is behind nginx does not answer in time",
      "Look at the application first (pool, locks, a provider that hangs), not at the proxy"},
     "proxy",
     {"upstream timed out"},
     R"re(upstream timed out(?:.*upstream: ("[^"]*"))?)re"},
    {{"logs.upstream-closed", Weight::fail, "What is behind nginx breaks connections off",
      "Look for a crash or restart of the application at that time"},
     "proxy",
     {"prematurely closed connection", "while reading response header from upstream"},
     R"re((?:upstream prematurely closed connection|recv\(\) failed \(\d+: [^)]*\) while rea)re"
     R"re(ding response)re"
     R"re( header from upstream)(?:.*upstream: ("[^"]*"))?)re"},
    // ---- the general ones
    {{"logs.cors-disabled", Weight::warn, "The application has started without CORS",
      "Set CORS_ORIGINS and restart it, if pages of another origin call it"},
     "config",
     {"app\\.cors\\.disabled"},
     R"(app\.cors\.disabled)",
     Mended::no,
     true},
    {{"logs.start-failed", Weight::fail, "An application ended while it started",
      "The traceback before it says why"},
     "api",
     {"Application startup failed"},
     R"(Application startup failed)",
     Mended::by_start},
};

/// Patterns are compiled when the first line wants one: most runs need few of them.
class Confirmations {
public:
    const Regex& get(std::size_t index) {
        const std::scoped_lock lock(mutex_);
        auto& slot = compiled_.at(index);
        if (!slot) slot.emplace(table[index].confirm);
        return *slot;
    }

private:
    std::mutex mutex_;  // sources are read by several threads
    std::array<std::optional<Regex>, std::size(table)> compiled_;
};

}  // namespace

std::span<const Signature> signatures() { return table; }

std::optional<std::string> confirm(std::size_t signature, std::string_view line) {
    static Confirmations confirmations;
    std::vector<std::string_view> groups;
    if (!confirmations.get(signature).search(line, groups)) return std::nullopt;
    std::string names;
    for (const auto group : std::span(groups).subspan(1)) {
        if (group.empty()) continue;
        names.append(names.empty() ? "" : " ").append(group);
    }
    return names;
}

std::string setting_of(std::string_view cause) {
    // "  Value error, CLERK_SECRET_KEY must be set…" · "auth_mode\n  Input should be 'clerk'…"
    static const Regex setting(
        R"(Value error, ([A-Z][A-Z0-9_]+(?: or [A-Z][A-Z0-9_]+)?) |\n(\w+)\n +(?:Field|Input|V)"
        R"(alue))");
    std::vector<std::string_view> groups;
    if (!cause.contains("for Settings") || !setting.search(cause, groups)) return {};
    return std::string(groups[1].empty() ? groups[2] : groups[1]);
}

}  // namespace logs
