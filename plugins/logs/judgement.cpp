#include "judgement.hpp"

#include <algorithm>

namespace logs {

Found& Judgement::found(const triage::Code& code, std::string subject, std::string message) {
    found_.push_back({&code, code.weight, std::move(subject), std::move(message), {}});
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
        for (const auto& [name, value] : one.evidence)
            finding.evidence(name, value);
    }
}

}  // namespace logs
