// A check of the runbook + the facts known by now → the call that executes it, and what it may do.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/broker/broker.hpp"
#include "core/model/verdict.hpp"
#include "core/plan/plan.hpp"
#include "core/plugin/call.hpp"
#include "core/runbook/runbook.hpp"

namespace triage::run {

// A fact that another check has reported in this run, or null. Valid until the next check finishes.
using FactLookup =
    std::function<const plugin::RawFact*(const std::string& check, const std::string& key)>;

struct Ready {
    plugin::Call call;  // without deadline
    broker::Permit permit;
};

// Why a check cannot be executed now.
struct NotReady {
    model::Verdict verdict = model::Verdict::blocked;  // blocked or error
    std::string reason;
    std::string remedy;
};

// Arguments that many checks share, mostly defaults, as calls have them: each is made once.
class CommonArguments {
public:
    // Null if it is not shared, or depends on more than the runbook. It must stay where it is.
    std::shared_ptr<const plugin::CallArgument> of(const runbook::ArgumentList& list,
                                                   std::size_t index);

private:
    std::unordered_map<const model::Argument*, std::shared_ptr<const plugin::CallArgument>> made_;
};

// `node` is the check's in the plan: grants that it has are used as they are.
std::expected<Ready, NotReady> resolve(const runbook::Runbook& runbook, const runbook::Check& check,
                                       const plan::Node& node, const FactLookup& facts,
                                       CommonArguments& common);

// A fact's value as text: what a template and `when` see.
std::string to_text(const plugin::RawFact& fact);

}  // namespace triage::run
