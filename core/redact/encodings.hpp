// How a secret may be written in text that somebody else made.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace triage::redact {

// The secret as it is, in hexadecimal, and in base64 and base64url: those characters that it alone
// determines, at each of the three places where it can begin among the bytes that were encoded.
// No duplicates.
std::vector<std::string> fixed_encodings(std::string_view secret);

// Encodings with many spellings of the same bytes are undone in the text, not tried one by one.
enum class Escaping {
    json,     // \" \\ \/ \n \u00e9 \xe9, as in JSON, and Python's and C's string literals
    percent,  // %2F
    form,     // %2F, and + for a space
    html,     // &amp; &#39; &#x27;
};

// Whether `text` holds anything to undo.
bool has_escapes(Escaping escaping, std::string_view text);

// One level undone; what is no escape stays.
std::string unescape(Escaping escaping, std::string_view text);

// Where each byte of unescape()'s result comes from in `text`; one more entry for the end.
std::vector<std::size_t> unescape_origins(Escaping escaping, std::string_view text);

// Where an escape begins that `text` ends within; its size if it ends within none.
std::size_t unfinished_escape(Escaping escaping, std::string_view text);

// The bytes of base64 or base64url with or without padding; empty if it is neither.
std::string decode_base64(std::string_view text);

}  // namespace triage::redact
