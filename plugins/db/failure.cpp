#include "failure.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "codes.hpp"

namespace db {
namespace {

using std::string_view;

bool is_state_character(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }

/// Where a "FATAL:  28P01: " begins its SQLSTATE, the last of all.
std::size_t last_sqlstate(string_view text) {
    for (auto at = text.rfind(":  "); at != text.npos && at > 0; at = text.rfind(":  ", at - 1)) {
        const auto state = text.substr(at + 3, 5);
        if (state.size() == 5 && std::ranges::all_of(state, is_state_character) &&
            text.substr(at + 8, 2) == ": ")
            return at + 3;
    }
    return text.npos;
}

/// The server's own words, without what libpq and VERBOSE put around.
std::string server_words(string_view text) {
    const auto at = last_sqlstate(text);
    if (at == text.npos) return {};
    const auto words = text.substr(at + 7);
    return std::string(words.substr(0, words.find('\n')));
}

std::string first_line(string_view text) {
    return std::string(text.substr(0, std::min(text.find('\n'), text.size())));
}

/// libpq's words on the last attempt, in one line: it reports each of its own retries, and may
/// break the words of one.
std::string last_words(string_view text) {
    constexpr string_view begins = "connection to server ", ends = " failed: ";
    if (const auto at = text.rfind(begins); at != text.npos) {
        text.remove_prefix(at);
        const auto end = text.find(ends);
        if (end != text.npos) text.remove_prefix(end + ends.size());
    }
    std::string out;
    for (const char c : text) {
        const bool is_space = c == '\n' || c == '\t' || c == ' ';
        if (!is_space)
            out += c;
        else if (!out.empty() && !out.ends_with(' '))
            out += ' ';
    }
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

bool says(const std::string& text, int error) {
    return text.contains(std::generic_category().message(error));
}

/// Errors of connect() that are this machine's own. Others' routers say ENETUNREACH too, but a
/// machine without a route is by far the likelier reason.
bool is_own_fault(const std::string& text) {
    constexpr std::array own{EMFILE, ENFILE,        ENOBUFS,     ENOMEM,      EPERM,
                             EACCES, EADDRNOTAVAIL, ENETUNREACH, EAFNOSUPPORT};
    return std::ranges::any_of(own, [&](int error) { return says(text, error); });
}

/// pgbouncer has one SQLSTATE for nearly all that it refuses, and words that never change.
const triage::Code& of_pooler(string_view words) {
    if (words.contains("authentication failed") || words.contains("no such user"))
        return code::password;
    if (words.contains("no such database")) return code::no_database;
    if (words.contains("no more connections allowed")) return code::too_many;
    return code::pooler;
}

const triage::Code& code_of(string_view state, string_view words) {
    using Entry = std::pair<string_view, const triage::Code*>;
    constexpr std::array exact{
        Entry{"28P01", &code::password},      Entry{"28000", &code::login_refused},
        Entry{"42501", &code::login_refused}, Entry{"55000", &code::login_refused},
        Entry{"3D000", &code::no_database},   Entry{"53300", &code::too_many},
        Entry{"57P03", &code::not_ready},     Entry{"57P01", &code::shut_down},
        Entry{"57P02", &code::shut_down},     Entry{"57P05", &code::shut_down},
        Entry{"53100", &code::disk_full},     Entry{"57014", &code::no_answer},
        Entry{"58000", &code::pooler}};
    if (state == "08P01") return of_pooler(words);
    for (const auto& [name, code] : exact)
        if (name == state) return *code;
    if (state.starts_with("XX")) return code::corrupt;
    return code::server_error;
}

std::string quoted(const Remains& remains) {
    return triage::text(remains.where, ": ", last_words(remains.text));
}

Failure refused_by_tcp(const Remains& remains) {
    const auto& where = remains.where;
    // Before it tries anything, libpq looks at its options: `invalid sslmode value: "x"`.
    if (const auto words = last_words(remains.text); words.starts_with("invalid ")) {
        return {&code::url, Phase::name,
                "the connection string has an option that libpq refuses: " + words};
    }
    const bool is_missing_socket = says(remains.text, ENOENT);
    if (says(remains.text, ECONNREFUSED) || is_missing_socket) {
        return {
            &code::refused, Phase::tcp,
            is_missing_socket ? "there is no socket " + where : where + " refuses the connection"};
    }
    if (is_own_fault(remains.text)) {
        return {nullptr, Phase::tcp, "this machine cannot connect: " + last_words(remains.text)};
    }
    return {&code::unreachable, Phase::tcp, quoted(remains)};
}

std::optional<Failure> ended_by_tls(const Remains& remains) {
    if (remains.text.contains("root certificate file")) {
        return Failure{nullptr, Phase::tls,
                       "sslmode wants the server's certificate verified, and there is no CA file "
                       "here: " +
                           last_words(remains.text) + ". Name one by ca-file."};
    }
    const auto words = last_words(remains.text);
    const bool is_declined = remains.needs_tls && words.contains("does not support SSL");
    if (remains.phase != Phase::tls && !words.contains("SSL error") && !is_declined)
        return std::nullopt;
    return Failure{&code::tls, Phase::tls, quoted(remains)};
}

/// libpq's words, of all its versions, for messages that no PostgreSQL sends at this point.
bool breaks_protocol(const std::string& words) {
    constexpr std::array<string_view, 7> signs{
        "expected authentication request",      "invalid authentication request",
        "invalid protocol negotiation message", "invalid response to SSL negotiation",
        "lost synchronization with server",     "unexpected message from server",
        "arrived from server while idle"};
    return std::ranges::any_of(signs, [&](string_view sign) { return words.contains(sign); });
}

/// libpq itself does not go on with what the server wants or says.
std::optional<Failure> ended_by_libpq(const Remains& remains) {
    const auto words = last_words(remains.text);
    if (words.contains("GSSAPI") || words.contains("SSPI")) {
        return Failure{nullptr, Phase::login,
                       triage::text(remains.where,
                                    " wants a Kerberos login (GSSAPI), and triage "
                                    "has no ticket here: ",
                                    words, ". Look from where the application runs.")};
    }
    if (breaks_protocol(words)) {
        return Failure{
            &code::not_postgres, remains.phase,
            triage::text(remains.where, " answers, but not as PostgreSQL does: ", words)};
    }
    if (words.contains("authentication method")) {
        return Failure{nullptr, Phase::login,
                       triage::text(remains.where, " wants a login of a kind that libpq ",
                                    ::PQlibVersion() / 10000, " here does not know: ", words)};
    }
    if (words.contains("SCRAM") || words.contains("server signature")) {
        return Failure{
            &code::not_postgres, Phase::login,
            triage::text(remains.where, " does not prove that it knows the password: ", words)};
    }
    // After it has let the role in.
    if (remains.asks_for_kind && (words.contains("hot standby") || words.contains("read-only")))
        return Failure{&code::wrong_server_kind, Phase::session, quoted(remains)};
    return std::nullopt;
}

/// It has said nothing more.
bool is_closed(const Remains& remains) {
    return remains.phase == Phase::reply || remains.peer_closed ||
           remains.text.contains("closed the connection") || says(remains.text, ECONNRESET);
}

}  // namespace

std::vector<triage::Code> transport_codes() {
    return {code::dns,
            code::refused,
            code::unreachable,
            code::no_reply,
            code::closed,
            code::not_postgres,
            code::tls,
            code::password,
            code::login_refused,
            code::login_hung,
            code::no_database,
            code::too_many,
            code::not_ready,
            code::shut_down,
            code::disk_full,
            code::corrupt,
            code::pooler,
            code::server_error,
            code::wrong_server_kind,
            code::no_answer};
}

string_view phase_name(Phase phase) {
    constexpr std::array<string_view, 7> names{"name",  "tcp",     "start-up reply", "tls",
                                               "login", "session", "query"};
    return names.at(static_cast<std::size_t>(phase));
}

std::string sqlstate_in(string_view text) {
    const auto at = last_sqlstate(text);
    return at == text.npos ? "" : std::string(text.substr(at, 5));
}

Failure judge_remains(const Remains& remains) {
    const auto& where = remains.where;
    if (auto state = sqlstate_in(remains.text); !state.empty()) {
        const auto words = server_words(remains.text);
        return {&code_of(state, words), Phase::login,
                triage::text(where, " says: ", words, " (", state, ")"), state};
    }
    if (remains.phase == Phase::tcp) return refused_by_tcp(remains);
    if (remains.is_foreign) {
        return {&code::not_postgres, Phase::reply, where + " answers, but not as PostgreSQL does"};
    }
    if (remains.needs_password) {
        Failure failure{&code::password, Phase::login,
                        where + " asks for a password, and the connection string has none"};
        failure.remedy =
            "Write the password into the connection string; look whether a variable "
            "in it is empty";
        return failure;
    }
    if (const auto failure = ended_by_libpq(remains)) return *failure;
    if (const auto failure = ended_by_tls(remains)) return *failure;
    if (is_closed(remains)) {
        const bool is_login = remains.phase > Phase::reply;
        return {&code::closed, remains.phase,
                where + (is_login ? " replies, and closes the connection before the login is over"
                                  : " closes the connection without an answer")};
    }
    return {&code::login_refused, Phase::login, quoted(remains)};
}

Failure judge_silence(Phase phase, const std::string& where, std::chrono::microseconds limit) {
    switch (phase) {
        case Phase::tcp:
            return {&code::unreachable, phase,
                    triage::text("no TCP connection to ", where, " within ", limit,
                                 ": nothing comes back")};
        case Phase::reply:
            return {&code::no_reply, phase,
                    triage::text("TCP opens to ", where, ", no start-up reply within ", limit)};
        default:
            return {&code::login_hung, phase,
                    triage::text(where, " replies, but the login is not over within ", limit,
                                 " (waiting for: ", phase_name(phase), ")")};
    }
}

Failure judge_answer(const Answer& answer, const std::string& where) {
    if (!answer.sqlstate.empty()) {
        return {&code_of(answer.sqlstate, answer.message), Phase::query,
                triage::text(where, " says: ", answer.message, " (", answer.sqlstate, ")"),
                answer.sqlstate};
    }
    if (answer.timed_out) {
        return {&code::no_answer, Phase::query, triage::text(where, ": ", answer.message)};
    }
    return {&code::closed, Phase::query,
            triage::text(where, " ends the session: ", first_line(answer.message))};
}

}  // namespace db
