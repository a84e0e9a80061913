// What an attempt, and then a check as a whole, amounts to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model/result.hpp"
#include "core/model/schema.hpp"
#include "core/plugin/call.hpp"
#include "core/redact/redactor.hpp"
#include "core/runbook/runbook.hpp"

namespace triage::run {

// The verdict of one attempt: fail if a finding of that weight was reported, whatever else; error
// if the check could not tell, or looked at none of the codes that it declares (a pass that looked
// at nothing would be a false green); else the worst of its findings. Sets `outcome.error` in that
// case.
model::Verdict judge(plugin::Outcome& outcome, const model::CheckInfo& check);

// Counts attempts until the check's verdict is decided.
class Tally {
public:
    explicit Tally(const runbook::Attempts& attempts) : attempts_(attempts) {}

    // `outcome` is kept if it is the one to be shown.
    void add(model::Verdict verdict, plugin::Outcome outcome);
    bool decided() const;
    // pass, warn (also: flapping), fail or error. Call when decided, or when time has run out.
    model::Verdict verdict() const;
    bool flapping() const { return passed_ >= attempts_.pass && bad_ > 0; }
    // Some attempts passed and some did not, whether or not enough did.
    bool differs() const { return passed_ > 0 && bad_ > 0; }
    unsigned passed() const { return passed_; }
    unsigned total() const { return passed_ + bad_; }
    plugin::Outcome& shown() { return shown_; }

private:
    const runbook::Attempts& attempts_;
    unsigned passed_ = 0;
    unsigned bad_ = 0;
    int shown_rank_ = -1;
    model::Verdict worst_passing_ = model::Verdict::pass;
    bool failed_ = false;
    plugin::Outcome shown_;
};

// What plugins and servers say where one line is agreed: through the redaction door, and no line
// break survives, which could forge a line of the report.
model::Text one_line(std::string_view raw, const redact::Redactor& redactor);

// Moves what `tally` shows into `result` through the redaction door, and applies on-fail and
// waivers.
void fill(model::CheckResult& result, Tally& tally, const runbook::Check& check,
          const redact::Redactor& redactor);

}  // namespace triage::run
