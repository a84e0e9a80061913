#include "judge.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
                 std::string_view words, bool (*is_so)(const File&), std::string remedy = "") {
    // A file that nobody asked for may be the one that is wrong.
    if (build.unknown.empty()) out.evaluated(code);
    std::vector<const File*> some;
    for (const auto& file : build.files)
        if (is_so(file)) some.push_back(&file);
    if (some.empty()) return;
    const auto& first = *some.front();
    auto message =
        text(some.size(), " of ", counted(build.files.size(), "script or style file"), " ", words);
    if (!first.wrong.empty()) message += text(": ", first.wrong);
    auto& finding = out.found(code, build.page, std::move(message));
    finding.remedy = std::move(remedy);
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

/// Why something could not be told, one reason after the other.
using Doubts = std::vector<std::string>;

Doubts judge_api_setting(Judgement& out, const BuildParams& p, const Build& build) {
    if (!build.api || !p.api) return {};
    if (build.api->values.empty()) return {why_not_found(build, "api-pattern")};
    for (const auto* code : {&code::api_invalid, &code::api_internal, &code::api_local,
                             &code::api_mixed, &code::api_other, &code::api_path})
        out.evaluated(*code);
    for (const auto& value : build.api->values)
        judge_api(out, build.page, value, p.api->str(), p.auto_port);
    out.say(text("they call ", triage::json_quoted(triage::excerpt(build.api->values.front()))));
    return {};
}

Doubts judge_settings(Judgement& out, const BuildParams& p, const Build& build) {
    Doubts doubts;
    for (const auto& [name, expected] : p.expect) {
        if (expected.empty()) continue;
        const auto setting = std::ranges::find(build.settings, name, &Setting::name);
        if (setting == build.settings.end()) {
            doubts.push_back(text("settings has no ", name, ", which expect names"));
            continue;
        }
        if (setting->values.empty()) {
            doubts.push_back(why_not_found(build, text("settings.", name)));
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
    return doubts;
}

void judge_all_files(Judgement& out, const Build& build) {
    judge_files(out, build, code::file_missing, "are not there",
                [](const File& file) { return !file.wrong.empty() && !file.is_silent; });
    judge_files(
        out, build, code::file_missing, "did not come",
        [](const File& file) { return file.is_silent; }, remedy_of_server);
    judge_files(out, build, code::file_is_page, "are an HTML page instead",
                [](const File& file) { return file.is_page; });
}

/// What was not looked at; unlike other origins, the unknown may be what is wrong.
Doubts say_unseen(Judgement& out, const Build& build) {
    if (!build.others.empty())
        out.say(text(counted(build.others.size(), "file"),
                     " of other origins not asked for: ", build.others.front()));
    if (build.unknown.empty()) return {};
    out.say(text(build.unknown.size(), " not looked at: ", build.unknown.front()));
    return {"what was not looked at may be wrong"};
}

bool names_nothing(const Build& build) {
    return build.files.empty() && build.others.empty() && build.unknown.empty();
}

}  // namespace

bool Build::is_whole() const {
    return others.empty() && unknown.empty() && std::ranges::none_of(files, [](const File& file) {
               return file.is_script && (file.is_cut || file.is_page || !file.wrong.empty());
           });
}

Judgement judge(const BuildParams& params, const Build& build) {
    Judgement out;
    out.say(text(counted(build.files.size(), "script or style file")));
    if (names_nothing(build)) {
        out.could_not_tell("the page names no script or style: is it the UI?");
        return out;
    }
    judge_all_files(out, build);
    Doubts doubts;
    for (auto& some : {judge_api_setting(out, params, build), judge_settings(out, params, build),
                       say_unseen(out, build)})
        doubts.insert(doubts.end(), some.begin(), some.end());
    std::string reasons;
    for (const auto& doubt : doubts)
        reasons += (reasons.empty() ? "" : "; ") + doubt;
    if (!reasons.empty()) out.could_not_tell(std::move(reasons));
    return out;
}

}  // namespace ui
