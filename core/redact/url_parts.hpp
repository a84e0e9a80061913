// What a URL that is a secret is made of: connection strings, mostly.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace triage::redact {

// Read as generously as those who write them are, also with a password in which "/" was not
// encoded. Nothing is decoded; all is empty if it is no URL.
struct UrlParts {
    std::string_view scheme;
    std::string_view user;
    std::string_view password;
    std::string_view hosts;     // "a:5432,b:5432"
    std::string_view database;  // the path's first segment; not of http and https
};

UrlParts split_url(std::string_view url);

// The names in it that are no secrets, as they are and decoded: user, hosts, database.
std::vector<std::string> ordinary_words(const UrlParts& url);

}  // namespace triage::redact
