#include "judgement.hpp"

#include <algorithm>

namespace self {

Found& Judgement::found(const triage::Code& code, std::string subject, std::string message) {
    found_.push_back({&code, code.weight, std::move(subject), std::move(message), "", {}});
    return found_.back();
}

bool Judgement::was_evaluated(std::string_view code) const {
    const auto is_it = [code](const triage::Code* one) { return code == one->name; };
    return std::ranges::any_of(evaluated_, is_it) ||
           std::ranges::any_of(found_, is_it, &Found::code);
}

std::string Judgement::summary() const {
    std::string out;
    for (const auto& part : said_)
        out += (out.empty() ? "" : "; ") + part;
    return out;
}

void Judgement::report(triage::Context& ctx) const {
    for (const auto* code : evaluated_)
        ctx.evaluated(*code);
    for (const auto& one : found_) {
        auto finding = ctx.found(*one.code, one.subject, one.message);
        finding.weight(one.weight);
        if (!one.remedy.empty()) finding.remedy(one.remedy);
        for (const auto& [name, value] : one.evidence)
            finding.evidence(name, value);
    }
}

triage::Outcome Judgement::outcome() const {
    const bool looked = !found_.empty() || !evaluated_.empty();
    return looked ? triage::done(summary()) : triage::could_not_tell(summary());
}

std::string listed(const std::vector<std::string>& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += i + 1 == words.size() ? " and " : ", ";
        out += words[i];
    }
    return out;
}

}  // namespace self
