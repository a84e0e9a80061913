#include "core/cli/diagnosis.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/causes/causes.hpp"

namespace triage::cli {
namespace {

bool is_anything_wrong(const model::Run& run) {
    return std::ranges::any_of(run.results, [](const model::CheckResult& result) {
        return std::ranges::any_of(result.findings, [](const model::Finding& finding) {
            return finding.weight != model::Weight::info;
        });
    });
}

}  // namespace

std::vector<std::string> cause_files(const Session& session,
                                     const std::vector<std::string>& named) {
    auto files = causes::bundled_files();
    for (const auto& [id, plugin] : session.catalog().plugins) {
        auto own = std::filesystem::path(plugin.path).replace_extension(".causes.toml");
        std::error_code error;
        if (std::filesystem::exists(own, error)) files.push_back(own.string());
    }
    const auto more = causes::files_in(named);
    files.insert(files.end(), more.begin(), more.end());
    return files;
}

diagnose::Declared declared_codes(const Session& session) {
    diagnose::Declared out;
    for (const auto& [id, plugin] : session.catalog().plugins) {
        for (const auto& check : plugin.checks) {
            auto& codes = out[fmt::format("{}.{}", id, check.name)];
            for (const auto& code : check.codes)
                codes.push_back(code.name);
        }
    }
    return out;
}

diagnose::Rules causes_for(const Session& session, model::Run& run,
                           const std::vector<std::string>& causes) {
    causes::Loaded known;
    if (is_anything_wrong(run)) {  // else there is nothing to be explained
        known = causes::load(cause_files(session, causes), session.redactor());
    }
    if (const auto wrong = known.diagnostics.size(); wrong > 0) {
        const auto& first = known.diagnostics.front();
        run.notices.push_back(session.redactor().redact(fmt::format(
            "{} in files of causes, the first at {}:{}: {} (`triage causes test` shows all)",
            wrong == 1 ? "an error" : fmt::format("{} errors", wrong), first.where.file,
            first.where.line, first.message)));
    }
    return std::move(known.rules);
}

}  // namespace triage::cli
