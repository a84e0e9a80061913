#include "target.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include <libpq-fe.h>
#include <triage/text.hpp>

namespace db {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

constexpr std::string_view default_port = "5432";
constexpr std::string_view default_socket = "/var/run/postgresql";

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    const auto begin = text.find_first_not_of(space);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

bool is_hex(char c) { return std::string_view("0123456789abcdefABCDEF").contains(c); }

/// A password as SQLAlchemy takes it, for libpq: "/" and lone "%" need not be encoded there.
std::string encoded(std::string_view password) {
    std::string out;
    for (std::size_t at = 0; at < password.size(); ++at) {
        const char c = password[at];
        const auto rest = password.substr(at);
        const bool lone = c == '%' && !(rest.size() > 2 && is_hex(rest[1]) && is_hex(rest[2]));
        if (lone)
            out += "%25";
        else if (c == '/')
            out += "%2F";
        else if (c == '?')
            out += "%3F";
        else
            out += c;
    }
    return out;
}

/// "USER:PASSWORD@" at the beginning, as SQLAlchemy finds it; 0 if there is none.
std::size_t user_info(std::string_view rest) {
    const auto end = rest.find_first_of(":/@");
    if (end == rest.npos || rest[end] == '/') return 0;
    const auto at = rest.find('@', end);
    return at == rest.npos ? 0 : at + 1;
}

/// Names that libpq knows.
bool is_option(std::string_view name) {
    static const Options known(PQconndefaults(), &PQconninfoFree);
    for (const auto* option = known.get(); option != nullptr && option->keyword != nullptr;
         ++option) {
        if (name == option->keyword) return true;
    }
    return name == "ssl";  // of URLs only: JDBC's way to say sslmode=require
}

/// `query` without what only the driver understands.
std::string without_foreign(std::string_view query, std::vector<std::string>& ignored) {
    std::string out;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto part = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const auto name = part.substr(0, part.find('='));
        const auto value = part.substr(std::min(name.size() + 1, part.size()));
        if (name == "ssl" && value != "true") {  // asyncpg: ssl=require
            if (value != "false") out += triage::text(out.empty() ? "" : "&", "sslmode=", value);
        } else if (is_option(name)) {
            out += triage::text(out.empty() ? "" : "&", part);
        } else if (!part.empty()) {
            ignored.emplace_back(part.contains('@') ? part : name);
        }
    }
    return out;
}

/// A URL as libpq takes it; "" if it is of no PostgreSQL.
std::string for_libpq(std::string_view url, Target& target) {
    if (url.starts_with("jdbc:")) url.remove_prefix(5);
    const auto colon = url.find("://");
    const auto scheme = lower(url.substr(0, colon));
    const auto plus = scheme.find('+');
    const auto dialect = scheme.substr(0, plus);
    if (dialect != "postgres" && dialect != "postgresql") return {};
    auto rest = url.substr(colon + 3);
    std::string user;
    if (const auto size = user_info(rest); size > 0) {
        const auto info = rest.substr(0, size - 1);
        const auto name = info.substr(0, info.find(':'));
        target.raw_password = info.substr(std::min(name.size() + 1, info.size()));
        user = plus == scheme.npos ? std::string(info)
               : name == info      ? std::string(name)
                                   : triage::text(name, ":", encoded(target.raw_password));
        user += '@';
        rest.remove_prefix(size);
    }
    const auto query = rest.find('?');
    auto out = triage::text("postgresql://", user, rest.substr(0, query));
    if (query == rest.npos) return out;
    const auto kept = without_foreign(rest.substr(query + 1), target.ignored);
    return kept.empty() ? out : triage::text(out, "?", kept);
}

std::vector<std::string> list(const std::string& text) {
    std::vector<std::string> out(1);
    for (const char c : text) {
        if (c == ',')
            out.emplace_back();
        else
            out.back() += c;
    }
    return out;
}

bool is_port(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value > 0 && value < 65536;
}

/// The lists of hosts, addresses and ports belong together, as libpq says.
bool add_hosts(Target& target, const std::string& hosts, const std::string& addresses,
               const std::string& ports) {
    const auto names = list(hosts);
    const auto numbers = list(addresses);
    const auto all_ports = list(ports);
    const auto count = std::max(names.size(), addresses.empty() ? 1 : numbers.size());
    if (!hosts.empty() && names.size() != count) return false;
    if (!addresses.empty() && numbers.size() != count) return false;
    if (all_ports.size() != 1 && all_ports.size() != count) return false;
    for (std::size_t i = 0; i < count; ++i) {
        Host host{names.size() > i ? names[i] : "", addresses.empty() ? "" : numbers[i],
                  all_ports.size() == 1 ? all_ports[0] : all_ports[i]};
        if (host.name.empty()) host.name = host.address.empty() ? default_socket : host.address;
        if (host.port.empty()) host.port = default_port;
        if (!is_port(host.port)) return false;
        target.hosts.push_back(std::move(host));
    }
    return true;
}

/// What the checks choose themselves, or what would make another kind of session.
bool is_ours(std::string_view name) {
    constexpr std::array ours{"connect_timeout", "application_name", "fallback_application_name",
                              "client_encoding", "replication"};
    return std::ranges::find(ours, name) != ours.end();
}

/// Options with few values. libpq takes no other, an empty one neither: ?sslmode=${UNSET}.
struct Choice {
    std::string_view name;
    std::string_view values;  ///< with ", " between
};
constexpr std::array choices{
    Choice{"sslmode", "disable, allow, prefer, require, verify-ca, verify-full"},
    Choice{"gssencmode", "disable, prefer, require"},
    Choice{"channel_binding", "disable, prefer, require"},
    Choice{"target_session_attrs", "any, read-write, read-only, primary, standby, prefer-standby"}};

/// What is wrong with such an option, without its value; "" if nothing is.
std::string wrong_choice(std::string_view name, std::string_view value) {
    const auto* choice = std::ranges::find(choices, name, &Choice::name);
    if (choice == choices.end()) return {};
    auto rest = choice->values;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(", "), rest.size());
        if (rest.substr(0, end) == value) return {};
        rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    return triage::text("its ", name,
                        value.empty() ? " is empty" : " has a value that is not known",
                        ", expected one of ", choice->values);
}

triage::Failed broken(std::string_view why) { return {std::string(why)}; }

}  // namespace

std::string Host::text() const {
    if (is_socket()) return triage::text(name, " (", port, ")");
    return name.contains(':') ? triage::text("[", name, "]:", port) : triage::text(name, ":", port);
}

std::string Target::text() const {
    std::string out;
    for (const auto& host : hosts)
        out += (out.empty() ? "" : ",") + host.text();
    return database.empty() ? out : triage::text(out, "/", database);
}

triage::Result<Target> parse_target(std::string_view given) {
    const auto text = trimmed(given);
    if (text.starts_with('"') || text.starts_with('\'')) {
        return broken(
            "it begins with a quotation mark, which is taken for a part of it: leave the "
            "quotes out where the variable is set");
    }
    const bool is_url = text.substr(0, text.find_first_of("= ")).contains("://");
    Target target;
    std::string conninfo(text);
    if (is_url) {
        conninfo = for_libpq(text, target);
        if (conninfo.empty()) return broken("it is the URL of something else than PostgreSQL");
    } else if (!text.contains('=')) {
        return broken("it is neither a URL (postgresql://…) nor in the form host=… dbname=…");
    }
    const Options parsed(PQconninfoParse(conninfo.c_str(), nullptr), &PQconninfoFree);
    if (!parsed) {
        return broken(is_url ? "it is no valid URL: is a special character in the password or the "
                               "options not percent-encoded?"
                             : "it is not in libpq's form: key=value, with quotes around blanks");
    }
    std::string hosts, addresses, ports;
    for (const auto* option = parsed.get(); option->keyword != nullptr; ++option) {
        if (option->val == nullptr) continue;
        const std::string name = option->keyword, value = option->val;
        if (const auto wrong = wrong_choice(name, value); !wrong.empty()) return broken(wrong);
        if (value.empty()) continue;
        if (name == "service") return broken("it names a service file, which is not read here");
        if (name == "host")
            hosts = value;
        else if (name == "hostaddr")
            addresses = value;
        else if (name == "port")
            ports = value;
        else if (!is_ours(name))
            target.options.emplace_back(name, value);
        if (name == "user") target.user = value;
        if (name == "password") target.password = value;
        if (name == "dbname") target.database = value;
        if (name == "sslmode") target.sslmode = value;
    }
    // What follows an @, / or ? that was not encoded: a part of the password would pass for a name.
    const bool in_options = std::ranges::any_of(
        target.ignored, [](const std::string& option) { return option.contains('@'); });
    if (in_options ||
        (is_url && (target.database.contains('@') || hosts.find('@', 1) != hosts.npos))) {
        return broken("an @ / or ? in its user or password is not percent-encoded");
    }
    if (!add_hosts(target, hosts, addresses, ports)) return broken("its port is no port number");
    return target;
}

std::optional<std::string> difference(const Target& target, std::string_view intended) {
    if (intended.empty()) return std::nullopt;
    std::string_view host, port, database, rest = intended;
    if (rest.starts_with('[')) {
        host = rest.substr(1, rest.find(']') - 1);
        rest.remove_prefix(host.size() + 2);
    } else {
        host = rest.substr(0, rest.find_first_of(rest.starts_with('/') ? ":" : ":/"));
        rest.remove_prefix(host.size());
    }
    if (rest.starts_with(':')) {
        port = rest.substr(1, rest.find('/') - 1);
        rest.remove_prefix(port.size() + 1);
    }
    if (rest.starts_with('/')) database = rest.substr(1);
    const bool led = std::ranges::any_of(target.hosts, [&](const Host& candidate) {
        const bool same_host = host.empty() || triage::same_ignoring_case(candidate.name, host);
        return same_host && (port.empty() || candidate.port == port);
    });
    // libpq's default: the database is called as the user.
    const auto& named = target.database.empty() ? target.user : target.database;
    if (led && (database.empty() || named == database)) return std::nullopt;
    return triage::text("it leads to ", target.text(), ", intended is ", intended);
}

bool is_bare_name(std::string_view host) {
    return !host.empty() && host.find_first_of(".:/") == host.npos && !is_loopback(host);
}

bool is_numeric(std::string_view host) {
    const auto digits_and_dots = [](char c) { return c == '.' || (c >= '0' && c <= '9'); };
    return host.contains(':') || std::ranges::all_of(host, digits_and_dots);
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host.starts_with("127.") || host == "::1";
}

}  // namespace db
