#include "core/bundle/read_run.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/bundle/bundle.hpp"

namespace triage::bundle {
namespace {

using boost::json::value;
using model::Verdict;

// "2026-11-23T10:21:05.976Z"
std::int64_t time_of(const Fields& fields, std::string_view key) {
    const auto text = fields.string(key);
    std::tm time{};
    const char* const rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
    unsigned ms = 0;
    bool good = rest != nullptr && *rest == '.';
    if (good) {
        const auto [end, error] = std::from_chars(rest + 1, text.data() + text.size(), ms);
        good = error == std::errc() && end == rest + 4 && std::string_view(end) == "Z";
    }
    if (good) return std::int64_t{::timegm(&time)} * 1'000'000 + std::int64_t{ms} * 1000;
    fields.reading().wrong(fields.path(key), "a time: 2026-11-23T10:21:05.976Z");
    return 0;
}

Verdict verdict_of(const Fields& fields, std::string_view key) {
    const auto verdict = model::verdict_from(fields.string(key));
    if (!verdict) fields.reading().wrong(fields.path(key), "a verdict");
    return verdict.value_or(Verdict::error);
}

model::Weight weight_of(const Fields& fields) {
    for (const auto weight : {model::Weight::info, model::Weight::warn, model::Weight::fail})
        if (fields.string("weight") == name(weight)) return weight;
    fields.reading().wrong(fields.path("weight"), "info, warn or fail");
    return model::Weight::fail;
}

model::Finding finding_of(const Fields& fields) {
    model::Finding out{.code = fields.word("code"),
                       .weight = weight_of(fields),
                       .subject = fields.text("subject"),
                       .message = fields.text("message"),
                       .remedy = fields.text("remedy"),
                       .evidence = {}};
    auto& reading = fields.reading();
    fields.members("evidence", [&](std::string_view key, const value& text, const auto& where) {
        const auto* string = text.if_string();
        if (string == nullptr) return reading.wrong(where, "strings");
        out.evidence.push_back(
            {reading.redactor.redact(key), reading.redactor.redact(std::string_view(*string))});
    });
    return out;
}

std::optional<model::Value> value_of(const value& json, Reading& reading) {
    if (const auto* flag = json.if_bool()) return *flag;
    if (const auto* whole = json.if_int64()) return *whole;
    if (const auto* real = json.if_double()) return *real;
    if (const auto* text = json.if_string())
        return reading.redactor.redact(std::string_view(*text));
    return std::nullopt;
}

std::vector<model::Fact> facts_of(const Fields& fields, std::string_view name) {
    std::vector<model::Fact> out;
    fields.members(name, [&](std::string_view key, const value& json, const auto& where) {
        auto value = value_of(json, fields.reading());
        if (!value) return fields.reading().wrong(where, "strings, numbers or booleans");
        out.push_back({base::printable(key), *std::move(value)});
    });
    std::ranges::stable_sort(out, {}, &model::Fact::key);
    return out;
}

model::CheckResult result_of(const Fields& fields) {
    auto& reading = fields.reading();
    model::CheckResult out;
    out.id = fields.text("id");
    out.step = fields.text("step");
    out.use = fields.word("use");
    out.title = fields.text("title");
    out.layer = fields.word("layer");
    out.vantage = fields.text("vantage");
    out.verdict = verdict_of(fields, "verdict");
    out.summary = fields.text("summary");
    out.remedy = fields.text("remedy");
    out.waived = fields.text("waived");
    fields.each("findings", [&](const value& json, std::string where) {
        out.findings.push_back(finding_of(Fields(json, std::move(where), reading)));
    });
    std::vector<std::string> evaluated;
    fields.each("evaluated", [&](const value& json, const std::string& where) {
        const auto* code = json.if_string();
        if (code == nullptr) return reading.wrong(where, "a string");
        evaluated.push_back(base::printable(std::string_view(*code)));
    });
    out.evaluated = model::Codes(std::move(evaluated));
    out.facts = facts_of(fields, "facts");
    fields.each("metrics", [&](const value& json, std::string where) {
        const Fields metric(json, std::move(where), reading);
        out.metrics.push_back({metric.word("name"), metric.number("value"), metric.word("unit")});
    });
    fields.each("attempts", [&](const value& json, std::string where) {
        const Fields one(json, std::move(where), reading);
        out.attempts.push_back({verdict_of(one, "verdict"), one.text("summary"),
                                one.milliseconds("started_ms"), one.milliseconds("duration_ms")});
    });
    fields.each("log", [&](const value& json, std::string where) {
        const Fields line(json, std::move(where), reading);
        out.log.push_back({static_cast<std::uint8_t>(line.integer("level")), line.text("text")});
    });
    out.duration = fields.milliseconds("duration_ms");
    return out;
}

std::vector<model::Text> texts_of(const Fields& fields, std::string_view name) {
    auto& reading = fields.reading();
    std::vector<model::Text> out;
    fields.each(name, [&](const value& json, const std::string& where) {
        const auto* text = json.if_string();
        if (text == nullptr) return reading.wrong(where, "a string");
        out.push_back(reading.redactor.redact(std::string_view(*text)));
    });
    return out;
}

}  // namespace

model::Run run_of(const Fields& fields) {
    auto& reading = fields.reading();
    if (fields.integer("schema_version") != 1)
        reading.wrong(fields.path("schema_version"), "1: the file is of another triage");
    model::Run run;
    run.runbook = fields.text("runbook");
    run.path = fields.text("path");
    run.arguments = texts_of(fields, "arguments");
    run.started_at_us = time_of(fields, "started_at");
    run.duration = fields.milliseconds("duration_ms");
    run.deadline = fields.milliseconds("deadline_ms");
    run.verdict = verdict_of(fields, "verdict");
    run.exit_code = static_cast<int>(fields.integer("exit_code"));
    run.interrupted = fields.flag("interrupted");
    run.deadline_reached = fields.flag("deadline_reached");
    run.settings = facts_of(fields, "settings");
    run.notices = texts_of(fields, "notices");
    fields.each("steps", [&](const value& json, std::string where) {
        const Fields step(json, std::move(where), reading);
        run.steps.push_back({step.text("id"), step.text("title"), step.text("doc")});
    });
    fields.each("results", [&](const value& json, std::string where) {
        run.results.push_back(result_of(Fields(json, std::move(where), reading)));
    });
    fields.each("manual", [&](const value& json, std::string where) {
        const Fields item(json, std::move(where), reading);
        run.manual.push_back(
            {item.text("id"), item.text("step"), item.text("ask"), item.text("doc")});
    });
    return run;
}

base::Result<value> parse(std::string_view json) {
    boost::json::error_code error;
    auto parsed = boost::json::parse(
        json, error, boost::json::make_shared_resource<boost::json::monotonic_resource>());
    if (error) return base::fail(fmt::format("it is not JSON: {}", error.message()));
    return parsed;
}

base::Result<model::Run> read_run(std::string json, const redact::Redactor& redactor) {
    const auto parsed = parse(json);
    std::string().swap(json);
    if (!parsed) return std::unexpected(parsed.error());
    Reading reading{redactor, std::nullopt};
    auto run = run_of(Fields(*parsed, "", reading));
    if (reading.error) return std::unexpected(*reading.error);
    return run;
}

}  // namespace triage::bundle
