// triage schema: the JSON Schema of runbooks, from what the plugins declare.
#include <fmt/format.h>

#include "core/cli/commands.hpp"
#include "core/cli/print.hpp"
#include "core/cli/session.hpp"

namespace triage::cli {

int execute(const SchemaCommand& command, run::Start /*started*/) {
    Session session(command.plugins);
    session.open({});
    for (const auto& [id, error] : session.catalog().broken) {
        print_error({fmt::format("plugin '{}' is left out: {}", id, error.message), error.remedy});
    }
    const bool complete = session.catalog().broken.empty();
    return print(runbook::json_schema(session.catalog()),
                 complete ? model::exit_ok : model::exit_unknown);
}

}  // namespace triage::cli
