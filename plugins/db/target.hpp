/// What a connection string means, read as libpq reads it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <triage/result.hpp>

namespace db {

/// One server of a connection string.
struct Host {
    std::string name;     ///< as written; a folder is that of a unix socket
    std::string address;  ///< of "hostaddr", or ""
    std::string port;

    bool is_socket() const { return name.starts_with('/') || name.starts_with('@'); }
    /// "db:5432", "[::1]:5432", "/run/postgresql (5432)".
    std::string text() const;
};

/// A connection string, taken apart.
struct Target {
    std::vector<Host> hosts;  ///< in the order in which clients try them; never empty
    std::string user, password, database, sslmode;
    std::string raw_password;  ///< as the URL spells it
    /// For libpq: all but where to connect and what the checks set themselves.
    std::vector<std::pair<std::string, std::string>> options;
    std::vector<std::string> ignored;  ///< names of options that are not libpq's

    /// "db:5432/app": where it leads, without credentials.
    std::string text() const;
};

/// Takes URLs with any driver's prefix (postgresql+psycopg://, jdbc:postgresql://) and libpq's
/// key=value form. The reason never quotes the text: a password may be in it.
triage::Result<Target> parse_target(std::string_view text);

/// The form of the parameter `intended`: host[:port][/database], or nothing.
inline constexpr const char* intended_pattern =
    R"((\[[0-9A-Fa-f:.%]+\]|/[^:\s]*|[^:/\[\]\s@]+)(:[0-9]{1,5})?(/[^/\s]+)?|)";

/// How the target differs from `intended`: "it leads to host a, intended is b"; nullopt if not.
std::optional<std::string> difference(const Target& target, std::string_view intended);

/// A name without a dot that no name service knows: containers of one network know each other so.
bool is_bare_name(std::string_view host);
/// An IP address: nothing to look up.
bool is_numeric(std::string_view host);
/// localhost and the addresses of it: inside a container they are the container.
bool is_loopback(std::string_view host);

}  // namespace db
