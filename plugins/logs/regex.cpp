#include "regex.hpp"

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

Regex::Regex(const char* pattern) : code_(std::make_unique<Code>()) {
    constexpr std::uint32_t max_steps = 200000;
    int error = 0;
    PCRE2_SIZE where = 0;
    code_->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern), PCRE2_ZERO_TERMINATED, 0,
                                &error, &where, nullptr);
    if (code_->code == nullptr) throw std::invalid_argument(std::string("no pattern: ") + pattern);
    code_->limits = pcre2_match_context_create(nullptr);
    if (code_->limits != nullptr) pcre2_set_match_limit(code_->limits, max_steps);
}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

bool Regex::search(std::string_view text, std::vector<std::string_view>& groups) const {
    const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
        pcre2_match_data_create_from_pattern(code_->code, nullptr), pcre2_match_data_free);
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

}  // namespace logs
