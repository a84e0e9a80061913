// Finds secrets that nobody told of, by what they look like or stand beside.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/redact/span.hpp"

namespace triage::redact {

// Tokens of known secrets by value; also of those that are too short to be replaced everywhere.
using CredentialTokens = std::unordered_map<std::string, std::string>;

// `text` without what looks like a secret. `text` is valid UTF-8. A secret of `tokens` gets its
// own token, others one that says what they were: "<password>", "<jwt>". Text that went through
// already stays as it is. Time is linear in the text's length.
std::string hide_shapes(std::string text, const CredentialTokens& tokens);

// One kind of shape each: where its secrets are. They may assume that hide_shapes() saw one of the
// kind's triggers, and need not care for tokens that are there already.
std::vector<Span> find_url_passwords(std::string_view text);
std::vector<Span> find_encoded_url_passwords(std::string_view text);
std::vector<Span> find_cut_url_passwords(std::string_view text);
std::vector<Span> find_cut_keys(std::string_view text);
std::vector<Span> find_query_credentials(std::string_view text);
std::vector<Span> find_authorizations(std::string_view text);
std::vector<Span> find_cookies(std::string_view text);
std::vector<Span> find_spoken_passwords(std::string_view text);
std::vector<Span> find_jwts(std::string_view text);
std::vector<Span> find_prefixed_keys(std::string_view text);
std::vector<Span> find_private_keys(std::string_view text);
std::vector<Span> find_input_values(std::string_view text);
std::vector<Span> find_sql_parameters(std::string_view text);
std::vector<Span> find_credential_pairs(std::string_view text);

}  // namespace triage::redact
