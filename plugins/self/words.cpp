#include "words.hpp"

namespace self {

std::string listed(const std::vector<std::string>& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += i + 1 == words.size() ? " and " : ", ";
        out += words[i];
    }
    return out;
}

triage::Outcome outcome_of(const triage::Judgement& judgement) {
    return judgement.has_looked() ? triage::done(judgement.summary())
                                  : triage::could_not_tell(judgement.summary());
}

}  // namespace self
