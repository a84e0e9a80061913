/// The two keys of an instance, as texts: what they are, and what is wrong with them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace clerk {

enum class Kind : std::uint8_t { test, live };
/// "development" or "production", as Clerk calls the instance.
const char* instance_name(Kind kind);
/// "test" or "live", as it stands in the key.
const char* name_of(Kind kind);

/// Whether the text is a host name with a dot in it, or an address, perhaps with a port.
bool is_host(std::string_view text);

/// What a text that should be a publishable key is.
struct PublishableKey {
    std::optional<Kind> kind;    ///< by the prefix
    std::string host;            ///< of the frontend API; empty if it cannot be known
    std::string wrong;           ///< what is wrong with it, or empty
    bool is_secret_key = false;  ///< it is not to be shown to anybody

    bool ok() const { return wrong.empty(); }
};
PublishableKey parse_publishable_key(std::string_view text);

/// The frontend API is of one of Clerk's own development domains.
bool is_development_host(std::string_view host);

/// What a text that should be a secret key is. None of it is part of `wrong`.
struct SecretKey {
    std::optional<Kind> kind;
    std::string wrong;
};
SecretKey parse_secret_key(std::string_view text);

}  // namespace clerk
