// triage causes: what is known of how systems break, and whether it holds what it promises.
#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/causes/causes.hpp"
#include "core/causes/examples.hpp"
#include "core/cli/commands.hpp"
#include "core/cli/diagnosis.hpp"
#include "core/cli/print.hpp"
#include "core/cli/session.hpp"
#include "core/cli/table.hpp"

namespace triage::cli {
namespace {

int list(const causes::Loaded& known) {
    std::vector<Row> rows;
    for (const auto& rule : known.rules)
        rows.push_back({rule.id, rule.title.str()});
    const bool good = known.diagnostics.empty() && !rows.empty();
    return print(base::printable(table(rows, 0, output_columns())),
                 good ? model::exit_ok : model::exit_usage);
}

std::string line_of(const causes::Mismatch& mismatch) {
    const auto where = mismatch.example.empty()
                           ? mismatch.cause
                           : fmt::format("{}, example {}", mismatch.cause, mismatch.example);
    auto line = fmt::format("{}: {}: {}\n", mismatch.place, where, mismatch.what);
    if (!mismatch.remedy.empty()) line += fmt::format("    {}\n", mismatch.remedy);
    return line;
}

int test(const Session& session, const causes::Loaded& known) {
    auto wrong = causes::undeclared(known.rules, declared_codes(session));
    for (auto& one : causes::try_examples(known.rules, session.redactor()))
        wrong.push_back(std::move(one));
    std::string text;
    std::size_t examples = 0, without = 0;
    for (const auto& rule : known.rules) {
        examples += rule.examples.size();
        if (rule.examples.empty()) {
            ++without;
            text += fmt::format("{}: {}: has no example\n", rule.place, rule.id);
        }
    }
    for (const auto& one : wrong)
        text += line_of(one);
    const auto all = wrong.size() + without + known.diagnostics.size();
    text += fmt::format("{} causes, {} examples: {}\n", known.rules.size(), examples,
                        all == 0 ? "all as they say" : fmt::format("{} wrong", all));
    return print(base::printable(text),
                 all == 0 && !known.rules.empty() ? model::exit_ok : model::exit_failed);
}

}  // namespace

int execute(const CausesCommand& command, run::Start /*started*/) {
    Session session(command.plugins);
    session.open({});
    const auto known = causes::load(cause_files(session, command.files), session.redactor());
    print_diagnostics(known.diagnostics, session.redactor(), command.color);
    return command.test ? test(session, known) : list(known);
}

}  // namespace triage::cli
