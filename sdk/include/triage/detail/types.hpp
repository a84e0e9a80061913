/// Definitions of triage/types.hpp.
#pragma once

#include <triage/types.hpp>

namespace triage {

inline std::size_t Url::authority_begin() const {
    const auto scheme = text_.find("://");
    return scheme == std::string::npos ? 0 : scheme + 3;
}

inline std::size_t Url::authority_end() const {
    const auto end = text_.find_first_of("/?#", authority_begin());
    return end == std::string::npos ? text_.size() : end;
}

inline std::string Url::host_port() const {
    auto authority = text_.substr(authority_begin(), authority_end() - authority_begin());
    authority.erase(0, authority.rfind('@') + 1);  // npos + 1 is 0: nothing to erase
    const auto colon = authority.rfind(':');
    const auto bracket = authority.rfind(']');
    const bool has_port =
        colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
    return has_port ? authority : authority + (text_.starts_with("https") ? ":443" : ":80");
}

inline Url Url::join(std::string_view path) const {
    auto base = text_.substr(0, text_.find_first_of("?#"));
    while (base.size() > authority_end() && base.back() == '/')
        base.pop_back();
    if (!path.starts_with('/')) base += '/';
    return Url(base.append(path));
}

inline std::string Endpoint::host() const {
    auto host = text_.substr(0, text_.rfind(':'));
    if (host.size() > 1 && host.front() == '[' && host.back() == ']') {
        return host.substr(1, host.size() - 2);
    }
    return host;
}

}  // namespace triage
