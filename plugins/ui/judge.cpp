#include "judge.hpp"

#include <algorithm>

#include "codes.hpp"

namespace ui {
namespace {

using triage::Judgement;
using triage::text;

constexpr std::size_t most_named = 5;

std::string counted(std::size_t number, std::string_view what) {
    return text(number, " ", what, number == 1 ? "" : "s");
}

/// One finding for all files of a kind of trouble.
void judge_files(Judgement& out, const Build& build, const triage::Code& code,
                 std::string_view words, bool (*is_so)(const File&)) {
    out.evaluated(code);
    std::vector<const File*> some;
    for (const auto& file : build.files)
        if (is_so(file)) some.push_back(&file);
    if (some.empty()) return;
    const auto& first = *some.front();
    auto message =
        text(some.size(), " of ", counted(build.files.size(), "script or style file"), " ", words);
    if (!first.wrong.empty()) message += text(": ", first.wrong);
    auto& finding = out.found(code, build.page, std::move(message));
    for (std::size_t i = 0; i < std::min(some.size(), most_named); ++i)
        finding.evidence.emplace_back(
            i == 0 ? "files" : "",
            text(some[i]->url, some[i]->wrong.empty() ? "" : ": ", some[i]->wrong));
    if (some.size() > most_named)
        finding.evidence.emplace_back("", text("and ", some.size() - most_named, " more"));
}

/// Whether a setting's absence means anything: a script that was not read may hold it.
std::string why_not_found(const Build& build, std::string_view pattern) {
    if (!build.is_whole()) return text("nothing fits ", pattern, " in the scripts that were read");
    return text("nothing in the page's scripts fits ", pattern,
                ": name a page that loads the script with it, or adapt the pattern");
}

void judge_api_setting(Judgement& out, const BuildParams& p, const Build& build) {
    if (build.api.name.empty() || !p.api) return;
    if (build.api.values.empty()) {
        out.could_not_tell(why_not_found(build, "api-pattern"));
        return;
    }
    for (const auto* code : {&code::api_invalid, &code::api_internal, &code::api_local,
                             &code::api_mixed, &code::api_other, &code::api_path})
        out.evaluated(*code);
    for (const auto& value : build.api.values)
        judge_api(out, build.page, value, p.api->str(), p.auto_port);
    out.say(text("they call ", triage::json_quoted(triage::excerpt(build.api.values.front()))));
}

void judge_settings(Judgement& out, const BuildParams& p, const Build& build) {
    for (const auto& [name, expected] : p.expect) {
        if (expected.empty()) continue;
        const auto setting = std::ranges::find(build.settings, name, &Setting::name);
        if (setting == build.settings.end() || setting->values.empty()) {
            out.could_not_tell(why_not_found(build, text("settings.", name)));
            continue;
        }
        out.evaluated(code::setting_differs);
        for (const auto& value : setting->values) {
            if (value == expected) continue;
            auto& finding =
                out.found(code::setting_differs, name,
                          text("built with ", triage::json_quoted(triage::excerpt(value)),
                               ", should be ", triage::json_quoted(expected)));
            finding.evidence.emplace_back("script", setting->script);
        }
    }
}

}  // namespace

bool Build::is_whole() const {
    return unseen.empty() && std::ranges::none_of(files, [](const File& file) {
               return file.is_script && (file.is_cut || file.is_page || !file.wrong.empty());
           });
}

Judgement judge(const BuildParams& params, const Build& build) {
    Judgement out;
    out.say(text(counted(build.files.size(), "script or style file")));
    judge_files(out, build, code::file_missing, "are not there",
                [](const File& file) { return !file.wrong.empty(); });
    judge_files(out, build, code::file_is_page, "are an HTML page instead",
                [](const File& file) { return file.is_page; });
    judge_api_setting(out, params, build);
    judge_settings(out, params, build);
    if (!build.unseen.empty())
        out.say(
            text(counted(build.unseen.size(), "file"), " not asked for: ", build.unseen.front()));
    return out;
}

}  // namespace ui
