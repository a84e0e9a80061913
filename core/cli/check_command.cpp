// triage check: one check without a runbook.
#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/cli/commands.hpp"
#include "core/cli/execute.hpp"
#include "core/cli/print.hpp"
#include "core/cli/session.hpp"

namespace triage::cli {
namespace {

bool set_timeout(runbook::Runbook& runbook, const std::string& text) {
    const auto timeout = base::parse_duration(text);
    if (!timeout || timeout->count() == 0) {
        print_error({fmt::format("--timeout: '{}' is not a duration", text),
                     "Write it like 500ms, 3s or 1m."});
        return false;
    }
    for (auto& check : runbook.checks)
        check.timeout = *timeout;
    runbook.deadline = std::max(runbook.deadline, *timeout * 2);
    return true;
}

}  // namespace

int execute(const CheckCommand& command, run::Start started) {
    Session session(command.plugins);
    session.open({command.use.substr(0, command.use.find('.'))});
    auto validated =
        runbook::single_check(command.use, command.with, session.catalog(), process_inputs({}));
    hand_secrets_to(session.redactor(), validated.runbook);
    if (!validated.diagnostics.empty()) {
        print_diagnostics(validated.diagnostics, session.redactor(), command.output.color);
        if (!validated.usable()) return model::exit_usage;
    }
    if (!command.timeout.empty() && !set_timeout(validated.runbook, command.timeout)) {
        return model::exit_usage;
    }
    return run_and_report(session, validated.runbook,
                          {.only = {}, .tags = {}, .skip_tags = {}, .deep = true}, command.output,
                          started);
}

}  // namespace triage::cli
