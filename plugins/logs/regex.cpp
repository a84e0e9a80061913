#include "regex.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace logs {

struct Regex::Code {
    pcre2_code* code = nullptr;
    pcre2_match_context* limits = nullptr;

    Code() = default;
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;
    ~Code() {
        pcre2_match_context_free(limits);
        pcre2_code_free(code);
    }
};

namespace {

std::uint32_t options(Regex::Of of) {
    constexpr auto of_lines = PCRE2_DOLLAR_ENDONLY | PCRE2_DUPNAMES;
    switch (of) {
        case Regex::Of::text:
            return 0;
        case Regex::Of::lines:
            return of_lines;
        case Regex::Of::utf8_lines:
            return of_lines | PCRE2_UTF;
        case Regex::Of::broken_utf8_lines:
            break;
    }
    return of_lines | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
}

std::string in_words(int error) {
    std::array<PCRE2_UCHAR, 256> words{};
    const int size = pcre2_get_error_message(error, words.data(), words.size());
    return {words.begin(), words.begin() + std::max(size, 0)};
}

using MatchData = std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)>;

}  // namespace

Regex::Regex(const char* pattern, Of of) : code_(std::make_unique<Code>()) {
    constexpr std::uint32_t max_steps = 200000;
    int error = 0;
    PCRE2_SIZE where = 0;
    code_->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern), PCRE2_ZERO_TERMINATED,
                                options(of), &error, &where, nullptr);
    if (code_->code == nullptr) throw std::invalid_argument(in_words(error));
    // Each line may be asked: worth a tenth of a millisecond. Without it all goes on, slower. Of
    // broken UTF-8 PCRE2 10.42 then misses: ^\S of "ü".
    if (of == Of::lines || of == Of::utf8_lines) pcre2_jit_compile(code_->code, PCRE2_JIT_COMPLETE);
    code_->limits = pcre2_match_context_create(nullptr);
    if (code_->limits != nullptr) pcre2_set_match_limit(code_->limits, max_steps);
}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

bool Regex::search(std::string_view text, std::vector<std::string_view>& groups) const {
    const MatchData data(pcre2_match_data_create_from_pattern(code_->code, nullptr),
                         pcre2_match_data_free);
    if (!data) return false;
    const int matched = pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(text.data()),
                                    text.size(), 0, 0, data.get(), code_->limits);
    if (matched < 0) return false;
    const auto* ends = pcre2_get_ovector_pointer(data.get());
    groups.assign(pcre2_get_ovector_count(data.get()), {});
    for (std::size_t i = 0; i < groups.size(); ++i)
        if (ends[2 * i] != PCRE2_UNSET && i < static_cast<std::size_t>(matched))
            groups[i] = text.substr(ends[2 * i], ends[2 * i + 1] - ends[2 * i]);
    return true;
}

std::optional<bool> Regex::find(std::string_view text) const {
    const MatchData data(pcre2_match_data_create(1, nullptr), pcre2_match_data_free);
    if (!data) return false;
    const auto match = [&](std::uint32_t how) {
        return pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0,
                           how, data.get(), code_->limits);
    };
    int matched = match(0);
    if (matched == PCRE2_ERROR_JIT_STACKLIMIT) matched = match(PCRE2_NO_JIT);
    if (matched <= PCRE2_ERROR_UTF8_ERR1 && matched >= PCRE2_ERROR_UTF8_ERR21) return std::nullopt;
    return matched >= 0;
}

}  // namespace logs
