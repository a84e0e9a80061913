#include "core/redact/shapes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "core/redact/encodings.hpp"
#include "core/redact/value.hpp"

namespace triage::redact {
namespace {

// A shape can only be where one of its triggers is: three characters each, letters in lower case.
struct Shape {
    std::vector<Span> (*find)(std::string_view text);
    std::string_view triggers;  // separated by a space
};

// In this order: a whole that may hold parts of other kinds comes first.
constexpr Shape shapes[] = {
    {find_private_keys, "-be"},
    {find_input_values, "t_v"},
    {find_sql_parameters, "[pa"},
    {find_url_passwords, "://"},
    {find_spoken_passwords, "ssw @tc @un ysq ria"},
    {find_jwts, "eyj"},
    {find_prefixed_keys,
     "sk_ rk_ ec_ ghp gho ghs ghu ghr b_p lpa aki asi xox xap sk- iza pm_ hf_ v1_ sg. k.c"},
    {find_authorizations, "riz rer sic"},
    {find_cookies, "oki"},
    {find_query_credentials, "en= ey= et= rd= wd= re= ig= de= th= wt= al= ls= ss= on= ke= %3d"},
    {find_encoded_url_passwords, "%3a"},
    {find_cut_url_passwords, "://"},
    {find_cut_keys, "eyj sk_ rk_ ec_ ghp gho ghs ghu ghr b_p lpa aki asi xox iza pm_"},
    {find_credential_pairs,
     "ssw ssp _pa -pa ss= pw= pwd ecr oke pik i_k i-k s_k s-k e_k e-k g_k g-k n_k n-k"},
};

using Mask = std::uint16_t;
static_assert(std::size(shapes) <= 16);

constexpr std::uint32_t lower_case = 0x202020;

// Letters in lower case; other characters may become others, the same in text and table. Two
// tables of different hashes: in one alone every fiftieth place of ordinary text would be a hit.
constexpr std::size_t first_index(std::uint32_t three_bytes) {
    return ((three_bytes | lower_case) & 0xFFFFFF) * 0x9E3779B1U >> 20;
}
constexpr std::size_t second_index(std::uint32_t three_bytes) {
    return ((three_bytes | lower_case) & 0xFFFFFF) * 0x85EBCA77U >> 20;
}

constexpr std::uint32_t three(char a, char b, char c) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(a)) |
           static_cast<std::uint32_t>(static_cast<unsigned char>(b)) << 8 |
           static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << 16;
}

using TriggerTable = std::array<Mask, 4096>;

constexpr TriggerTable make_trigger_table(std::size_t (*index)(std::uint32_t)) {
    TriggerTable table{};
    for (std::size_t i = 0; i < std::size(shapes); ++i) {
        const std::string_view triggers = shapes[i].triggers;
        for (std::size_t at = 0; at < triggers.size(); at += 4) {
            Mask& mask = table[index(three(triggers[at], triggers[at + 1], triggers[at + 2]))];
            mask = static_cast<Mask>(mask | 1U << i);
        }
    }
    return table;
}
constexpr TriggerTable first_table = make_trigger_table(first_index);
constexpr TriggerTable second_table = make_trigger_table(second_index);

// Which shapes may be in the text: nearly always none, at a nanosecond a byte.
Mask possible_shapes(std::string_view text) {
    unsigned mask = 0;
    for (std::size_t at = 0; at + 3 <= text.size(); ++at) {
        const auto here = three(text[at], text[at + 1], text[at + 2]);
        const unsigned hit = first_table[first_index(here)];
        if (hit != 0) mask |= hit & second_table[second_index(here)];
    }
    return static_cast<Mask>(mask);
}

void use_known_tokens(std::string_view text, const CredentialTokens& tokens,
                      std::vector<Span>& spans) {
    for (Span& span : spans) {
        const std::string_view value = text.substr(span.begin, span.end - span.begin);
        auto known = tokens.find(std::string(value));
        if (known == tokens.end() && value.contains('%')) {
            known = tokens.find(unescape(Escaping::percent, value));
        }
        if (known != tokens.end()) span.token = known->second;
    }
}

}  // namespace

std::string hide_shapes(std::string text, const CredentialTokens& tokens) {
    const Mask possible = possible_shapes(text);
    for (std::size_t i = 0; possible != 0 && i < std::size(shapes); ++i) {
        if ((possible >> i & 1) == 0) continue;
        std::vector<Span> spans = shapes[i].find(text);
        std::erase_if(spans, [&](const Span& span) {
            const auto value = std::string_view(text).substr(span.begin, span.end - span.begin);
            return value.empty() || is_token(value);
        });
        if (spans.empty()) continue;
        use_known_tokens(text, tokens, spans);
        text = replace(text, std::move(spans));
    }
    return text;
}

}  // namespace triage::redact
