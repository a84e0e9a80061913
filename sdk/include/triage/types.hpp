/// triage/types.hpp: the value types of parameters.
///
/// Each says more than "string": the host validates it, a Url or Endpoint or Path that the runbook
/// gives is a permission as well (see TRIAGE_TYPE_* in abi.h), and a Secret is only a handle.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <triage/abi.h>

namespace triage {

/// An absolute http or https URL. Giving it to a check grants that origin and the methods GET, HEAD
/// and OPTIONS. The host has validated one that comes from a parameter.
class Url {
public:
    /// Empty: what a parameter that was not given holds.
    Url() = default;
    /// Takes the text as it is: one made by the check is validated when a request is made of it.
    explicit Url(std::string text) : text_(std::move(text)) {}

    /// As the runbook wrote it.
    const std::string& str() const noexcept { return text_; }
    /// So that a Url goes wherever text is wanted: requests, subjects of findings. Borrowed.
    operator std::string_view() const noexcept { return text_; }

    /// Scheme, host and port as written, without a trailing slash: "http://127.0.0.1:8000".
    std::string origin() const { return text_.substr(0, authority_end()); }

    /// Host and port, the port always there: "example.com:443". User info is left out.
    std::string host_port() const;

    /// `path` below this URL: Url("http://h/api/").join("/healthz") is "http://h/api/healthz".
    /// A query or fragment of this URL is dropped.
    Url join(std::string_view path) const;

    friend bool operator==(const Url&, const Url&) = default;

private:
    std::size_t authority_begin() const;
    std::size_t authority_end() const;

    std::string text_;
};

/// "host:port" of a TCP service. Giving it to a check grants that connection.
class Endpoint {
public:
    /// Empty: what a parameter that was not given holds.
    Endpoint() = default;
    /// "host:port", with an IPv6 address in brackets.
    explicit Endpoint(std::string text) : text_(std::move(text)) {}

    /// As the runbook wrote it.
    const std::string& str() const noexcept { return text_; }
    /// Borrowed, as with Url.
    operator std::string_view() const noexcept { return text_; }

    /// Without the brackets of an IPv6 address: "::1" of "[::1]:5432".
    std::string host() const;
    /// "5432".
    std::string port() const { return text_.substr(text_.rfind(':') + 1); }

    friend bool operator==(const Endpoint&, const Endpoint&) = default;

private:
    std::string text_;
};

/// The absolute path of a file or folder. Giving it to a check grants reading it.
class Path {
public:
    /// Empty: what a parameter that was not given holds.
    Path() = default;
    /// An absolute path; the host has made a relative one absolute, from the runbook's folder.
    explicit Path(std::string text) : text_(std::move(text)) {}

    /// The absolute path.
    const std::string& str() const noexcept { return text_; }
    /// Borrowed, as with Url.
    operator std::string_view() const noexcept { return text_; }

    friend bool operator==(const Path&, const Path&) = default;

private:
    std::string text_;
};

/// A secret that the host holds. The text is not in this process: put the handle into a request's
/// header (Request::header), or ask for the text with Context::reveal, which needs the capability
/// "secret.reveal" and the runbook's consent.
class Secret {
public:
    /// None.
    Secret() = default;
    /// For the SDK itself: a check gets its secrets as parameters.
    explicit Secret(std::int64_t handle) noexcept : handle_(handle) {}

    /// What the ABI calls it; 0 is none. Means nothing outside of this check.
    std::int64_t handle() const noexcept { return handle_; }
    /// False for a parameter that was not given.
    explicit operator bool() const noexcept { return handle_ != 0; }

private:
    std::int64_t handle_ = 0;
};

/// A table in the runbook's own order. A std::map is possible too, where order does not matter.
template <class T>
using Map = std::vector<std::pair<std::string, T>>;

}  // namespace triage

#include <triage/detail/types.hpp>
