/// Which calls of a page need a preflight, and what pages cannot do at all: Fetch, 2.2.1 and 2.2.2.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cors {

/// GET, HEAD and POST: never need a permission ("CORS-safelisted method").
bool is_safelisted(std::string_view method);

/// As browsers send what a page's code says ("normalize a method"): "get" is GET, but "patch" is
/// `patch`, and no server means that.
std::string normalised(std::string_view method);

/// Browsers refuse to send it ("forbidden method"). In any letter case.
bool is_forbidden_method(std::string_view method);

/// Browsers drop it when a page's code sets it ("forbidden request-header"). In any letter case.
bool is_forbidden_header(std::string_view name);
/// The same as an RE2 pattern of the whole name, for declarations.
std::string forbidden_header_pattern();

/// "name" of "name: value", in lower case.
std::string name_of_header(std::string_view header);

/// Of the headers that a page sets, each "name" or "name: value", those that need a permission
/// ("CORS-unsafe request-header names"): sorted, in lower case, each once. Without a value, Accept
/// and the languages count as harmless, Content-Type (JSON) and Range do not.
std::vector<std::string> unsafe_names(const std::vector<std::string>& headers);

}  // namespace cors
