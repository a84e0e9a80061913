/// ui.build: a page, what it loads, and what its scripts were built with.
#include "build.hpp"

#include <algorithm>

#include "address.hpp"
#include "codes.hpp"
#include "judge.hpp"
#include "page.hpp"
#include "pattern.hpp"
#include "ui.hpp"

using namespace std::chrono_literals;

namespace ui {
namespace {

using triage::Context;
using triage::Response;
using triage::Task;
using triage::text;

/// In Mission Control's scripts: let e="http://…".trim();if(e&&"auto"!==e.toLowerCase())
constexpr const char* mission_control_api =
    R"re(let [\w$]+="([^"]*)"\.trim\(\);if\([\w$]+&&"auto"!==)re";

struct Wanted {
    std::string name;
    Pattern pattern;
};

/// A file, and what the patterns find in it. The script itself is not kept.
struct Fetched {
    File file;
    std::string unseen;                            ///< why it could not be asked for, or ""
    std::vector<std::vector<std::string>> values;  ///< by pattern
};

triage::Request request_of(const BuildParams& p, std::string_view url) {
    triage::Request request("GET", url);
    request.timeout(p.timeout)
        .follow(static_cast<std::uint32_t>(p.redirects))
        .max_body(static_cast<std::uint64_t>(p.max_file_bytes));
    if (p.ca_file) request.ca_file(*p.ca_file);
    return request;
}

bool is_html(const Response& response) {
    const auto type = response.header("content-type").value_or("");
    const std::string_view body = response.body();
    return triage::same_ignoring_case(type.substr(0, 9), "text/html") ||
           triage::same_ignoring_case(body.substr(0, 9), "<!doctype");
}

Task<Fetched> fetch(Context& ctx, const BuildParams& p, const std::vector<Wanted>& wanted,
                    File file) {
    const auto request = request_of(p, file.url);
    const auto response = co_await ctx.http(request);
    Fetched out{std::move(file), {}, {}};
    if (response.could_not_ask()) {
        out.unseen = text(out.file.url, ": ", response.describe());
        co_return out;
    }
    const auto& body = response.body();
    out.file.is_cut = response.truncated();
    if (!response.ok() || response.status() < 200 || response.status() > 299) {
        out.file.wrong = response.describe();
    } else if (is_html(response)) {
        out.file.is_page = true;
    } else if (out.file.is_script) {
        for (const auto& one : wanted)
            out.values.push_back(one.pattern.values_in(body));
    }
    co_return out;
}

/// Those of the page's own origin, which alone the runbook has granted.
std::vector<File> files_of(const Page& page, Build& build, std::size_t most) {
    std::vector<File> out;
    const auto here = parse_address(build.page);
    const auto base = resolve(build.page, page.base).value_or(build.page);
    for (const auto& [is_script, target] : page.references) {
        const auto url = resolve(base, target);
        if (!url) {
            build.unseen.push_back(text(triage::excerpt(target), ": no http(s) URL"));
        } else if (!here || parse_address(*url)->origin() != here->origin()) {
            build.unseen.push_back(text(*url, ": another origin"));
        } else if (out.size() == most) {
            build.unseen.push_back(text(*url, ": max-files is ", most));
        } else if (std::ranges::find(out, *url, &File::url) == out.end()) {
            out.push_back({.url = *url, .is_script = is_script});
        }
    }
    return out;
}

void take(Setting& setting, const std::vector<std::string>& values, const std::string& script) {
    for (const auto& value : values) {
        if (setting.values.empty()) setting.script = script;
        if (std::ranges::find(setting.values, value) == setting.values.end())
            setting.values.push_back(value);
    }
}

/// What the files hold, in the order of `wanted`, of which the first may be the API's address.
void gather(Build& build, std::vector<Setting>& settings, std::vector<Fetched> fetched) {
    for (auto& one : fetched) {
        if (!one.unseen.empty()) {
            build.unseen.push_back(std::move(one.unseen));
            continue;
        }
        for (std::size_t i = 0; i < one.values.size(); ++i)
            take(settings[i], one.values[i], one.file.url);
        build.files.push_back(std::move(one.file));
    }
}

std::vector<Wanted> patterns_of(const BuildParams& p) {
    std::vector<Wanted> out;
    if (p.api) out.push_back({"api", Pattern(p.api_pattern)});
    for (const auto& [name, pattern] : p.settings)
        out.push_back({name, Pattern(pattern)});
    return out;
}

/// Whether the page is one; else it is said.
bool is_page(Context& ctx, const BuildParams& p, const Response& response, const Page& page) {
    ctx.evaluated(code::no_page);
    if (response.ok() && response.status() == 200 && page.is_html) return true;
    auto message = !response.ok() || response.status() != 200
                       ? text(response.describe(), ", expected a page")
                       : std::string("what comes is not HTML");
    auto finding = ctx.found(code::no_page, p.url, std::move(message));
    if (!response.body().empty()) finding.evidence("body", triage::excerpt(response.body()));
    return false;
}

void report_facts(Context& ctx, const Build& build) {
    if (!build.api.values.empty()) ctx.fact(api_url_fact, build.api.values.front());
    for (const auto& setting : build.settings)
        if (!setting.values.empty()) ctx.fact(setting_fact, setting.name, setting.values.front());
}

std::string wrong_patterns(const std::vector<Wanted>& wanted) {
    for (const auto& one : wanted)
        if (!one.pattern.has_group())
            return text("the pattern of ", one.name, " has no group: put ( ) around the value");
    return "";
}

triage::Check build(const BuildParams& p, Context& ctx) {
    const auto wanted = patterns_of(p);
    if (auto wrong = wrong_patterns(wanted); !wrong.empty())
        co_return triage::could_not_tell(wrong);
    const auto request = request_of(p, p.url);
    const auto response = co_await ctx.http(request);
    if (response.could_not_ask()) co_return triage::could_not_tell(response.describe());
    const auto page = read_page(response.body());
    if (!is_page(ctx, p, response, page)) co_return triage::done(response.describe());

    Build built{.page = response.url().str(), .files = {}, .unseen = {}, .api = {}, .settings = {}};
    std::vector<Task<Fetched>> tasks;
    for (auto& file : files_of(page, built, static_cast<std::size_t>(p.max_files)))
        tasks.push_back(fetch(ctx, p, wanted, std::move(file)));
    auto together = triage::all(std::move(tasks));
    auto fetched = co_await together;

    std::vector<Setting> settings;
    for (const auto& one : wanted)
        settings.push_back({.name = one.name, .values = {}, .script = {}});
    gather(built, settings, std::move(fetched));
    if (p.api) {
        built.api = std::move(settings.front());
        settings.erase(settings.begin());
    }
    built.settings = std::move(settings);
    if (response.truncated()) built.unseen.emplace_back("the rest of the page: max-file-bytes");
    const auto judgement = judge(p, built);
    judgement.report(ctx);
    report_facts(ctx, built);
    co_return judgement.outcome();
}

}  // namespace

void BuildParams::describe(triage::Describe<BuildParams>& d) {
    using P = BuildParams;
    d.required("url", &P::url, "The page, as browsers reach it").example("http://127.0.0.1:3000/");
    d.optional("api", &P::api, "The API as browsers reach it, which the scripts should call")
        .example("http://127.0.0.1:8000");
    d.optional("api-pattern", &P::api_pattern, mission_control_api,
               "What surrounds the API's address in a built script; its group is the address")
        .regex();
    d.optional("auto-port", &P::auto_port, 8000,
               "The API's port, at the page's host, where that address is empty or \"auto\"")
        .at_least(1)
        .at_most(65535);
    d.optional("settings", &P::settings,
               "More settings: by name, what surrounds each in a built script, with a group")
        .regex();
    d.optional("expect", &P::expect,
               "What these settings should be, by the same names; an empty one is not compared");
    d.optional("timeout", &P::timeout, 3s, "A file that takes longer is not there").at_least(1ms);
    d.optional("redirects", &P::redirects, 5, "How many redirects to follow, for each request")
        .at_least(0)
        .at_most(20);
    d.optional("max-files", &P::max_files, 60, "How many scripts and styles to ask for")
        .at_least(1)
        .at_most(500);
    d.optional("max-file-bytes", &P::max_file_bytes, 8'388'608,
               "How much of each is read, in bytes")
        .at_least(1);
    d.optional("ca-file", &P::ca_file, "Trust these CAs (PEM), not the system's");
}

void add_build(triage::Plugin& plugin) {
    plugin.check<BuildParams>(
        "build", "A page with all its scripts and styles, and what they were built with",
        "1 GET, and one for each script and style", build,
        {code::no_page, code::file_missing, code::file_is_page, code::api_invalid,
         code::api_internal, code::api_local, code::api_mixed, code::api_other, code::api_path,
         code::setting_differs},
        {api_url_fact, setting_fact});
}

}  // namespace ui
