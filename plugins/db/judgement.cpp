#include "judgement.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace db {

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

triage::Outcome Judgement::outcome() const {
    if (could_not_tell_.empty() || !found_.empty()) return triage::done(summary());
    return triage::could_not_tell(triage::text(summary(), "; ", could_not_tell_));
}

std::string age(std::chrono::microseconds duration) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(duration).count();
    if (seconds < 120) return triage::text(std::max<std::int64_t>(seconds, 0), " s");
    if (seconds < 7200) return triage::text(seconds / 60, " min");
    if (seconds < 172800) return triage::text(seconds / 3600, " h");
    return triage::text(seconds / 86400, " days");
}

std::string bytes(double count) {
    constexpr std::array<std::string_view, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    while (count >= 1024 && unit + 1 < units.size()) {
        count /= 1024;
        ++unit;
    }
    return triage::text(std::round(count * 10) / 10, " ", units.at(unit));
}

}  // namespace db
