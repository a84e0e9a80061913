// The names behind the codes that a check has evaluated.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "core/model/result.hpp"
#include "core/model/schema.hpp"

namespace triage::run {

// Ten thousand checks of one kind look for the same few sets of codes: each set is made once.
class CodeNames {
public:
    // `check` must stay where it is.
    model::Codes of(const model::CheckInfo& check, const std::vector<std::uint32_t>& codes) {
        auto& known = known_[{&check, codes}];
        if (known.empty() && !codes.empty()) known = make(check, codes);
        return known;
    }

private:
    static model::Codes make(const model::CheckInfo& check,
                             const std::vector<std::uint32_t>& codes) {
        std::vector<std::string> names;
        names.reserve(codes.size());
        for (const auto code : codes)
            if (code < check.codes.size()) names.push_back(check.codes[code].name);
        return model::Codes(std::move(names));
    }

    std::map<std::pair<const model::CheckInfo*, std::vector<std::uint32_t>>, model::Codes> known_;
};

}  // namespace triage::run
