#include "silence.hpp"

#include "codes.hpp"
#include "text.hpp"

namespace logs {

void judge_silence(const SourceParams& params, const Gathered& gathered, Time now,
                   triage::Judgement& out) {
    if (!params.expect_lines) return;
    out.evaluated(code::silent);
    for (const auto& one : gathered.reports) {
        if (one.in_window || !one.unreadable.empty()) continue;
        auto& found = out.found(
            code::silent, one.name,
            one.last_line ? triage::text("its last line is ", age(now - *one.last_line), " old")
                          : std::string("it has no line"));
        if (one.written) found.evidence.emplace_back("written", shown(*one.written, now));
    }
}

}  // namespace logs
