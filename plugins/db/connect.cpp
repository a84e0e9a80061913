#include "connect.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "codes.hpp"
#include "lookup.hpp"

namespace db {
namespace {

using std::chrono::microseconds;
/// The pool waits in real time; the host's clock may be virtual.
using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds longest_pause{50};

microseconds since(Clock::time_point begin) {
    return std::chrono::duration_cast<microseconds>(Clock::now() - begin);
}

/// One address of one server.
struct Candidate {
    Host host;
    std::string address;  ///< numeric, or "" of a unix socket

    std::string text() const {
        const bool same = address.empty() || address == host.name;
        return same ? host.text() : triage::text(host.text(), " (", address, ")");
    }
};

/// Parameters as libpq takes them.
class Keywords {
public:
    void set(std::string name, std::string value) {
        for (auto& [known, text] : all_) {
            if (known == name) {
                text = std::move(value);
                return;
            }
        }
        all_.emplace_back(std::move(name), std::move(value));
    }
    PGconn* start() const {
        std::vector<const char*> names, values;
        for (const auto& [name, value] : all_) {
            names.push_back(name.c_str());
            values.push_back(value.c_str());
        }
        names.push_back(nullptr);
        values.push_back(nullptr);
        return ::PQconnectStartParams(names.data(), values.data(), 0);
    }

private:
    std::vector<std::pair<std::string, std::string>> all_;
};

Keywords keywords(const Target& target, const Candidate& candidate, const Manner& manner) {
    Keywords out;
    out.set("gssencmode", "disable");  // would look for Kerberos tickets of whoever runs this
    for (const auto& [name, value] : target.options)
        out.set(name, value);
    out.set("host", candidate.host.name);
    if (!candidate.address.empty()) out.set("hostaddr", candidate.address);
    out.set("port", candidate.host.port);
    out.set("application_name", "triage");
    out.set("client_encoding", "UTF8");
    if (!manner.ca_file.empty()) out.set("sslrootcert", manner.ca_file);
    return out;
}

/// One attempt to log in, at one address.
class Attempt {
public:
    Attempt(const Target& target, const Candidate& candidate, const Manner& manner)
        : keywords_(keywords(target, candidate, manner)), stop_(manner.stop) {
        remains_.where = candidate.text();
        remains_.needs_tls = target.sslmode == "require" || target.sslmode.starts_with("verify-");
        for (const auto& [name, value] : target.options)
            if (name == "target_session_attrs") remains_.asks_for_kind = value != "any";
    }

    /// nullopt: connected. `shown` is what is said of the limit.
    std::optional<Failure> run(microseconds limit, microseconds shown) {
        begin_ = Clock::now();
        connection_.reset(keywords_.start());
        if (!connection_) return Failure{nullptr, Phase::tcp, "out of memory"};
        ::PQsetErrorVerbosity(connection_.get(), PQERRORS_VERBOSE);  // for SQLSTATEs
        ::PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
        auto wanted = PGRES_POLLING_WRITING;
        while (::PQstatus(connection_.get()) != CONNECTION_BAD) {
            if (!wait(wanted, limit)) return judge_silence(remains_.phase, remains_.where, shown);
            wanted = ::PQconnectPoll(connection_.get());
            if (wanted == PGRES_POLLING_OK) {
                enter(Phase::query);
                return std::nullopt;
            }
            if (wanted == PGRES_POLLING_FAILED) break;
            look_at_phase();
        }
        remains_.text = ::PQerrorMessage(connection_.get());
        remains_.needs_password = ::PQconnectionNeedsPassword(connection_.get()) != 0;
        return judge_remains(remains_);
    }

    Connection take() { return std::move(connection_); }
    const Durations& durations() const { return durations_; }

private:
    /// Waits until libpq can go on; false when time is up.
    bool wait(PostgresPollingStatusType wanted, microseconds limit) {
        pollfd entry{::PQsocket(connection_.get()), 0, 0};
        entry.events =
            static_cast<short>((wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT) | POLLRDHUP);
        while (true) {
            const auto left = limit - since(begin_);
            if (left.count() <= 0 || stop_()) return false;
            const auto pause = std::min<microseconds>(left, longest_pause);
            const int ready = ::poll(&entry, 1, static_cast<int>(pause.count() / 1000) + 1);
            if (ready > 0) break;
            if (ready < 0 && errno != EINTR) break;  // libpq will say the same, with words
        }
        if ((entry.revents & (POLLRDHUP | POLLHUP)) != 0) remains_.peer_closed = true;
        if ((entry.revents & POLLIN) != 0 && remains_.phase == Phase::reply) look_at_reply();
        return true;
    }

    /// What the server says first, before libpq takes it.
    void look_at_reply() {
        std::array<char, 2> bytes{};
        const auto got = ::recv(::PQsocket(connection_.get()), bytes.data(), bytes.size(),
                                MSG_PEEK | MSG_DONTWAIT);
        if (got <= 0) return;
        replied_ = true;
        if (::PQstatus(connection_.get()) == CONNECTION_SSL_STARTUP) {
            // S or N and nothing more, as it then waits; or an error.
            remains_.is_foreign =
                bytes[0] != 'E' && (got > 1 || (bytes[0] != 'S' && bytes[0] != 'N'));
            if (got == 1 && bytes[0] == 'S') enter(Phase::tls);
        } else {
            // Log in, an error, or another version of the protocol.
            remains_.is_foreign = !std::string_view("REv").contains(bytes[0]);
        }
    }

    void look_at_phase() {
        const bool secure = ::PQsslInUse(connection_.get()) != 0;
        switch (::PQstatus(connection_.get())) {
            case CONNECTION_STARTED:
                if (remains_.phase != Phase::tcp) restarted();
                break;
            case CONNECTION_MADE:
            case CONNECTION_GSS_STARTUP:
                enter(secure ? Phase::login : Phase::reply);
                break;
            case CONNECTION_SSL_STARTUP:
                enter(secure ? Phase::tls : Phase::reply);
                break;
            case CONNECTION_AWAITING_RESPONSE:
                enter(secure || replied_ ? Phase::login : Phase::reply);
                break;
            case CONNECTION_AUTH_OK:
                enter(Phase::login);
                break;
            default:
                enter(Phase::session);
        }
    }

    /// libpq tries once more, without TLS (sslmode=prefer) or with it (allow).
    void restarted() {
        remains_.phase = Phase::tcp;
        remains_.is_foreign = remains_.peer_closed = replied_ = false;
    }

    /// Ends the phase that was, if it was another one.
    void enter(Phase next) {
        if (next == remains_.phase) return;
        const auto now = since(begin_);
        const auto took = now - std::exchange(entered_, now);
        switch (remains_.phase) {
            case Phase::tcp:
                durations_.tcp += took;
                break;
            case Phase::reply:
                durations_.reply += took;
                break;
            case Phase::tls:
                durations_.tls += took;
                break;
            default:
                durations_.login += took;
        }
        remains_.phase = next;
    }

    Keywords keywords_;
    const std::function<bool()>& stop_;
    Connection connection_;
    Clock::time_point begin_;
    microseconds entered_{0};
    Remains remains_;
    Durations durations_;
    bool replied_ = false;
};

Failure unknown_name(const Host& host, const Lookup& lookup, bool inside) {
    const auto said =
        triage::text("the name ", host.name, " has no address here: ", lookup.error_text());
    if (lookup.is_unknown() && (inside || !is_bare_name(host.name)))
        return {&code::dns, Phase::name, said};
    if (!lookup.is_unknown()) return {nullptr, Phase::name, said};
    return {nullptr, Phase::name,
            said +
                ". Only containers of its network may know it: look from one (vantage = "
                "\"container:SERVICE\", with.inside = true), or give this check a connection "
                "string with an address that works from here, such as the published port."};
}

/// The addresses of all servers. A name that fails is in `failed`, and skipped.
std::vector<Candidate> candidates(const Target& target, const Manner& manner,
                                  std::vector<Failure>& failed) {
    std::vector<Candidate> out;
    for (const auto& host : target.hosts) {
        if (host.is_socket()) out.push_back({host, ""});
        if (!host.address.empty()) out.push_back({host, host.address});
        if (host.is_socket() || !host.address.empty()) continue;
        const auto lookup = look_up(host.name, manner.limit, manner.stop);
        if (!lookup.ok()) failed.push_back(unknown_name(host, lookup, manner.inside));
        for (const auto& address : lookup.addresses)
            out.push_back({host, address});
    }
    return out;
}

/// Files that the connection string names are the application's: they may not be here.
std::optional<Failure> missing_file(const Target& target, const Manner& manner) {
    constexpr std::array files{"sslrootcert", "sslcert", "sslkey", "sslcrl"};
    for (const auto& [name, value] : target.options) {
        if (std::ranges::find(files, name) == files.end()) continue;
        if (name == "sslrootcert" && (!manner.ca_file.empty() || value == "system")) continue;
        if (::access(value.c_str(), R_OK) == 0) continue;
        return Failure{
            nullptr, Phase::tls,
            triage::text("the connection string's ", name, " (", value, ") cannot be read here",
                         name == "sslrootcert" ? ": name one that can by ca-file" : "")};
    }
    return std::nullopt;
}

/// Of several failures the one that tells most: what came furthest, and rather a finding.
void keep_best(std::optional<Failure>& best, Failure next) {
    const auto rank = [](const Failure& failure) {
        return 2 * static_cast<int>(failure.phase) + (failure.code != nullptr ? 1 : 0);
    };
    if (!best || rank(next) > rank(*best)) best = std::move(next);
}

}  // namespace

Connected connect(const Target& target, const Manner& manner) {
    Connected out;
    out.where = target.text();
    out.failure = missing_file(target, manner);
    if (out.failure) return out;
    const auto begin = Clock::now();
    std::vector<Failure> unknown;
    const auto all = candidates(target, manner, unknown);
    const auto name = since(begin);
    for (auto& failure : unknown) {
        out.tried.push_back(failure.message);
        keep_best(out.failure, std::move(failure));
    }
    for (std::size_t i = 0; i < all.size() && !manner.stop(); ++i) {
        const auto left = std::max(manner.limit - since(begin), microseconds(1000));
        Attempt attempt(target, all[i], manner);
        const auto share = left / static_cast<std::int64_t>(all.size() - i);
        auto failure = attempt.run(share, all.size() == 1 ? manner.limit : share);
        out.where = all[i].text();
        out.durations = attempt.durations();
        out.durations.name = name;
        if (!failure) {
            out.connection = attempt.take();
            out.failure.reset();
            break;
        }
        out.tried.push_back(failure->message);
        const bool is_last_word = failure->is_answer() && failure->code != &code::not_ready;
        keep_best(out.failure, std::move(*failure));
        if (is_last_word) break;
    }
    if (!out.connection && !out.failure) out.failure = Failure{nullptr, Phase::tcp, "given up"};
    return out;
}

}  // namespace db
