// triage check: one check without a runbook.
#include <chrono>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/cli/commands.hpp"
#include "core/cli/execute.hpp"
#include "core/cli/print.hpp"
#include "core/cli/session.hpp"

namespace triage::cli {
namespace {

constexpr std::chrono::seconds default_timeout{25};
constexpr std::chrono::minutes max_timeout{30};

std::optional<std::chrono::microseconds> read_timeout(const std::string& text) {
    if (text.empty()) return default_timeout;
    const auto timeout = base::parse_duration(text);
    if (timeout && timeout->count() > 0 && *timeout <= max_timeout) return timeout;
    print_error({fmt::format("--timeout: '{}' is no duration up to {}", text,
                             base::format_duration(max_timeout)),
                 "Write it like 500ms, 3s or 1m."});
    return std::nullopt;
}

}  // namespace

int execute(const CheckCommand& command, run::Start started) {
    const auto timeout = read_timeout(command.timeout);
    if (!timeout) return model::exit_usage;
    Session session(command.plugins);
    session.open({command.use.substr(0, command.use.find('.'))});
    auto validated = runbook::single_check(command.use, command.with, *timeout, session.catalog(),
                                           process_inputs({}));
    hand_secrets_to(session.redactor(), validated.runbook);
    if (!validated.diagnostics.empty()) {
        print_diagnostics(validated.diagnostics, session.redactor(), command.output.color);
        if (!validated.usable()) return model::exit_usage;
    }
    // One check alone: there is nothing to compare it with, and no cause to be told from another.
    const Aftermath aftermath{.report =
                                  [](model::Run run) {
                                      return model::Report{
                                          .run = std::move(run), .diagnosis = {}, .changes = {}};
                                  },
                              .keep = {}};
    return run_and_report(session, validated.runbook,
                          {.only = {}, .tags = {}, .skip_tags = {}, .deep = true}, command.output,
                          aftermath, started);
}

}  // namespace triage::cli
