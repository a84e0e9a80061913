/// ui.build: a page, what it loads, and what its scripts were built with.
#include "build.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <triage/web_url.hpp>

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

/// Bytes of answers at once: the host ends a plugin for which 64 MiB of messages wait.
constexpr std::int64_t most_in_flight = 32 * 1024 * 1024;

/// In Mission Control's scripts: let e="http://…".trim();if(e&&"auto"!==e.toLowerCase())
constexpr const char* mission_control_api =
    R"re(let [\w$]+="([^"]*)"\.trim\(\);if\([\w$]+&&"auto"!==)re";

/// A setting to look for, by its pattern.
struct Wanted {
    std::string name;
    Pattern pattern;
};

struct Patterns {
    std::optional<Pattern> api;
    std::vector<Wanted> settings;
};

/// A file, and what the patterns find in it. The script itself is not kept.
struct Fetched {
    File file;
    std::string unknown;                             ///< why it could not be asked for, or ""
    std::vector<std::string> api;                    ///< the API's addresses
    std::vector<std::vector<std::string>> settings;  ///< by pattern
};

triage::Request request_of(const BuildParams& p, std::string_view url) {
    triage::Request request("GET", url);
    request.timeout(p.timeout)
        .follow(static_cast<std::uint32_t>(p.redirects))
        .max_body(static_cast<std::uint64_t>(p.max_file_bytes));
    if (p.ca_file) request.ca_file(*p.ca_file);
    return request;
}

/// "text/html" of "text/html; charset=utf-8"; "" if there is none.
std::string_view media_type(const Response& response) {
    constexpr std::string_view spaces = " \t";
    auto type = response.header("content-type").value_or("");
    type = type.substr(0, type.find(';'));
    const auto first = std::min(type.find_first_not_of(spaces), type.size());
    const auto last = type.find_last_not_of(spaces);
    return type.substr(first, last == type.npos ? 0 : last + 1 - first);
}

bool is_html_type(std::string_view type) {
    return triage::same_ignoring_case(type, "text/html") ||
           triage::same_ignoring_case(type, "application/xhtml+xml");
}

bool has_good_status(const Response& response) {
    return response.ok() && response.status() >= 200 && response.status() <= 299;
}

/// In the place of a script or style. Both may begin with "<!--", for browsers of long ago.
bool is_page_instead(const Response& response) {
    if (is_html_type(media_type(response))) return true;
    std::string_view body = response.body();
    if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
    body.remove_prefix(std::min(body.find_first_not_of(" \t\r\n\f\v"), body.size()));
    return body.starts_with('<') && !body.starts_with("<!--");
}

Fetched read_file(File file, const Response& response, const Patterns& patterns) {
    Fetched out{.file = std::move(file), .unknown = {}, .api = {}, .settings = {}};
    if (response.could_not_ask()) {
        out.unknown = text(out.file.url, ": ", response.describe());
        return out;
    }
    const auto& body = response.body();
    out.file.is_cut = response.truncated();
    if (!has_good_status(response)) {
        out.file.wrong = response.describe();
        out.file.is_silent = !response.ok();
    } else if (is_page_instead(response)) {
        out.file.is_page = true;
    } else if (out.file.is_script) {
        if (patterns.api) out.api = patterns.api->values_in(body);
        for (const auto& one : patterns.settings)
            out.settings.push_back(one.pattern.values_in(body));
    }
    return out;
}

/// What the workers share; all run in one thread.
struct Fetching {
    Context& ctx;
    const BuildParams& p;
    const Patterns& patterns;
    std::vector<Fetched> files;
    std::size_t next = 0;
};

/// How many requests at once.
std::size_t workers_for(std::int64_t max_file_bytes) {
    return static_cast<std::size_t>(
        std::clamp(most_in_flight / max_file_bytes, std::int64_t(1), std::int64_t(8)));
}

/// Asks for one file after the other while there are any. Gives how many it asked for.
Task<std::size_t> work(Fetching& all) {
    std::size_t asked = 0;
    while (all.next < all.files.size()) {
        auto& mine = all.files[all.next++];
        if (all.ctx.left() < all.p.timeout) {
            // One more could end the check before it has said anything.
            mine.unknown = text(mine.file.url, ": no time left");
            continue;
        }
        const auto request = request_of(all.p, mine.file.url);
        const auto response = co_await all.ctx.http(request);
        mine = read_file(std::move(mine.file), response, all.patterns);
        ++asked;
    }
    co_return asked;
}

/// The URLs of a page's references, each once.
class Listing {
public:
    Listing(Build& build, std::size_t most) : build_(build), most_(most) {}

    void add(std::string url, bool is_script, bool is_here) {
        const auto [known, is_new] = places_.emplace(url, files_.size());
        if (!is_new) {
            // What is preloaded as something else is still run when it is a script.
            if (known->second < files_.size()) files_[known->second].is_script |= is_script;
            return;
        }
        if (is_here && files_.size() < most_) {
            files_.push_back({.url = std::move(url), .is_script = is_script});
            return;
        }
        known->second = nowhere;
        if (is_here)
            build_.unknown.push_back(text(url, ": max-files is ", most_));
        else
            build_.others.push_back(std::move(url));
    }
    std::vector<File> take() { return std::move(files_); }

private:
    static constexpr auto nowhere = std::string::npos;

    Build& build_;
    std::size_t most_;
    std::vector<File> files_;
    std::unordered_map<std::string, std::size_t> places_;
};

/// Those of the page's own origin, which alone the runbook has granted.
std::vector<File> files_of(const Page& page, Build& build, std::size_t most) {
    Listing listing(build, most);
    const auto here = triage::parse_web_url(build.page);
    const auto named = triage::resolve_web_url(build.page, page.base);
    const auto& base = named ? named->text : build.page;
    for (const auto& [is_script, target] : page.references) {
        const auto url = triage::resolve_web_url(base, target);
        if (!url)
            build.unknown.push_back(text(triage::excerpt(target), ": no http(s) URL"));
        else
            listing.add(url->text, is_script, here && url->origin() == here->origin());
    }
    if (page.more_references > 0)
        build.unknown.push_back(
            text(page.more_references, " more that the page names, after ", Page::most_references));
    return listing.take();
}

void take(Setting& setting, const std::vector<std::string>& values, const std::string& script) {
    for (const auto& value : values) {
        if (setting.values.empty()) setting.script = script;
        if (std::ranges::find(setting.values, value) == setting.values.end())
            setting.values.push_back(value);
    }
}

/// What the files hold, in the page's order.
void gather(Build& build, const Patterns& patterns, std::vector<Fetched> fetched) {
    if (patterns.api) build.api = Setting{.name = "api", .values = {}, .script = {}};
    for (const auto& one : patterns.settings)
        build.settings.push_back({.name = one.name, .values = {}, .script = {}});
    for (auto& one : fetched) {
        if (!one.unknown.empty()) {
            build.unknown.push_back(std::move(one.unknown));
            continue;
        }
        if (build.api) take(*build.api, one.api, one.file.url);
        for (std::size_t i = 0; i < one.settings.size(); ++i)
            take(build.settings[i], one.settings[i], one.file.url);
        build.files.push_back(std::move(one.file));
    }
}

Patterns patterns_of(const BuildParams& p) {
    Patterns out;
    if (p.api) out.api.emplace(p.api_pattern);
    for (const auto& [name, pattern] : p.settings)
        out.settings.push_back({name, Pattern(pattern)});
    return out;
}

/// Why this is no page; "" if it is one.
std::string why_no_page(const Response& response, const Page& page) {
    if (!has_good_status(response)) return text(response.describe(), ", expected a page");
    if (!page.is_html) return "what comes is not HTML";
    const auto type = media_type(response);
    if (type.empty() || is_html_type(type)) return "";
    return text("comes as ", triage::excerpt(type), ": browsers show its source");
}

void report_no_page(Context& ctx, const BuildParams& p, const Response& response, std::string why) {
    auto finding = ctx.found(code::no_page, p.url, std::move(why));
    if (!response.body().empty()) finding.evidence("body", triage::excerpt(response.body()));
}

void report_facts(Context& ctx, const Build& build) {
    if (build.api && !build.api->values.empty()) ctx.fact(api_url_fact, build.api->values.front());
    for (const auto& setting : build.settings)
        if (!setting.values.empty()) ctx.fact(setting_fact, setting.name, setting.values.front());
}

std::string wrong_patterns(const Patterns& patterns) {
    constexpr const char* no_group = " has no group: put ( ) around the value";
    if (patterns.api && !patterns.api->has_group()) return text("the pattern of api", no_group);
    for (const auto& one : patterns.settings)
        if (!one.pattern.has_group()) return text("the pattern of ", one.name, no_group);
    return "";
}

triage::Check build(const BuildParams& p, Context& ctx) {
    const auto patterns = patterns_of(p);
    if (auto wrong = wrong_patterns(patterns); !wrong.empty())
        co_return triage::could_not_tell(wrong);
    const auto request = request_of(p, p.url);
    const auto response = co_await ctx.http(request);
    if (response.could_not_ask()) co_return triage::could_not_tell(response.describe());
    const auto page = read_page(response.body());
    ctx.evaluated(code::no_page);
    if (auto why = why_no_page(response, page); !why.empty()) {
        report_no_page(ctx, p, response, std::move(why));
        co_return triage::done(response.describe());
    }

    Build built;
    built.page = response.url().str();
    if (response.truncated()) built.unknown.emplace_back("the rest of the page: max-file-bytes");
    Fetching all{.ctx = ctx, .p = p, .patterns = patterns, .files = {}};
    for (auto& file : files_of(page, built, static_cast<std::size_t>(p.max_files)))
        all.files.push_back({.file = std::move(file), .unknown = {}, .api = {}, .settings = {}});
    std::vector<Task<std::size_t>> workers;
    for (std::size_t i = 0; i < std::min(workers_for(p.max_file_bytes), all.files.size()); ++i)
        workers.push_back(work(all));
    auto together = triage::all(std::move(workers));
    co_await together;
    gather(built, patterns, std::move(all.files));
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
        .regex_with_group();
    d.optional("auto-port", &P::auto_port, 8000,
               "The API's port, at the page's host, where that address is empty or \"auto\"")
        .at_least(1)
        .at_most(65535);
    d.optional("settings", &P::settings,
               "More settings: by name, what surrounds each in a built script, with a group")
        .regex_with_group();
    d.optional("expect", &P::expect,
               "What these settings should be, by the same names; an empty one is not compared")
        .keys_of("settings");
    d.optional("timeout", &P::timeout, 3s, "A file that takes longer is not there").at_least(1ms);
    d.optional("redirects", &P::redirects, 5, "How many redirects to follow, for each request")
        .at_least(0)
        .at_most(20);
    d.optional("max-files", &P::max_files, 60, "How many scripts and styles to ask for")
        .at_least(1)
        .at_most(500);
    d.optional("max-file-bytes", &P::max_file_bytes, 4'194'304,
               "How much of each is read, in bytes")
        .at_least(1)
        .at_most(most_in_flight);
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
