#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "core/report/json_writer.hpp"
#include "core/report/report.hpp"
#include "core/report/time.hpp"

namespace triage::report {
namespace {

using model::Run;
using std::chrono::microseconds;

constexpr int schema_version = 1;

void member(JsonWriter& out, std::string_view name, std::string_view value) {
    out.key(name);
    out.string(value);
}

void member(JsonWriter& out, std::string_view name, const model::Text& value) {
    member(out, name, std::string_view(value.str()));
}

void member_flag(JsonWriter& out, std::string_view name, bool value) {
    out.key(name);
    out.boolean(value);
}

void member_ms(JsonWriter& out, std::string_view name, microseconds value) {
    out.key(name);
    out.thousandths(value.count());
}

// Calls `write` for each item of `items`, in an array under `name`.
template <class Items, class Write>
void member_array(JsonWriter& out, std::string_view name, const Items& items, Write write) {
    out.key(name);
    out.begin_array();
    for (const auto& item : items)
        write(item);
    out.end_array();
}

// An object's keys are unique: a second "x" becomes "x (2)".
class UniqueKeys {
public:
    std::string operator()(std::string_view name) {
        std::string key(name);
        for (int i = 2; !used_.insert(key).second; ++i)
            key = fmt::format("{} ({})", name, i);
        return key;
    }

private:
    std::unordered_set<std::string> used_;
};

void write_value(JsonWriter& out, const model::Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return out.boolean(*flag);
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return out.integer(*whole);
    if (const auto* real = std::get_if<double>(&value)) return out.number(*real);
    out.string(std::get<model::Text>(value).str());
}

void write_finding(JsonWriter& out, const model::Finding& finding) {
    out.begin_object();
    member(out, "code", std::string_view(finding.code));
    member(out, "weight", name(finding.weight));
    member(out, "subject", finding.subject);
    member(out, "message", finding.message);
    member(out, "remedy", finding.remedy);
    out.key("evidence");
    out.begin_object();
    UniqueKeys unique;
    for (const auto& evidence : finding.evidence) {
        out.any_key(unique(evidence.name.str()));
        out.string(evidence.value.str());
    }
    out.end_object();
    out.end_object();
}

void write_facts(JsonWriter& out, std::string_view name, const std::vector<model::Fact>& facts) {
    out.key(name);
    out.begin_object();
    // They are sorted: two of one name would be neighbours.
    const bool all_differ =
        std::ranges::adjacent_find(facts, std::greater_equal<>(), &model::Fact::key) == facts.end();
    UniqueKeys unique;
    for (const auto& fact : facts) {
        out.any_key(all_differ ? std::string_view(fact.key) : unique(fact.key));
        write_value(out, fact.value);
    }
    out.end_object();
}

void write_metric(JsonWriter& out, const model::Metric& metric) {
    out.begin_object();
    member(out, "name", std::string_view(metric.name));
    out.key("value");
    out.number(metric.value);
    member(out, "unit", std::string_view(metric.unit));
    out.end_object();
}

void write_attempt(JsonWriter& out, const model::Attempt& attempt) {
    out.begin_object();
    member(out, "verdict", name(attempt.verdict));
    member(out, "summary", attempt.summary);
    member_ms(out, "started_ms", attempt.started);
    member_ms(out, "duration_ms", attempt.duration);
    out.end_object();
}

void write_log_line(JsonWriter& out, const model::LogLine& line) {
    out.begin_object();
    out.key("level");
    out.integer(static_cast<unsigned>(line.level));
    member(out, "text", line.text);
    out.end_object();
}

void write_result(JsonWriter& out, const model::CheckResult& result) {
    out.newline();
    out.begin_object();
    member(out, "id", result.id);
    member(out, "step", result.step);
    member(out, "use", std::string_view(result.use));
    member(out, "title", result.title);
    member(out, "layer", std::string_view(result.layer));
    member(out, "vantage", result.vantage);
    member(out, "verdict", name(result.verdict));
    member(out, "summary", result.summary);
    member(out, "remedy", result.remedy);
    member(out, "waived", result.waived);
    member_array(out, "findings", result.findings,
                 [&](const auto& finding) { write_finding(out, finding); });
    member_array(out, "evaluated", result.evaluated,
                 [&](const std::string& code) { out.string(code); });
    write_facts(out, "facts", result.facts);
    member_array(out, "metrics", result.metrics,
                 [&](const auto& metric) { write_metric(out, metric); });
    member_array(out, "attempts", result.attempts,
                 [&](const auto& attempt) { write_attempt(out, attempt); });
    member_array(out, "log", result.log, [&](const auto& line) { write_log_line(out, line); });
    member_ms(out, "duration_ms", result.duration);
    out.end_object();
}

void write_step(JsonWriter& out, const model::StepInfo& step) {
    out.begin_object();
    member(out, "id", step.id);
    member(out, "title", step.title);
    member(out, "doc", step.doc);
    out.end_object();
}

void write_manual(JsonWriter& out, const model::ManualItem& item) {
    out.newline();
    out.begin_object();
    member(out, "id", item.id);
    member(out, "step", item.step);
    member(out, "ask", item.ask);
    member(out, "doc", item.doc);
    out.end_object();
}

void write_head(JsonWriter& out, const Run& run) {
    out.key("schema_version");
    out.integer(schema_version);
    member(out, "runbook", run.runbook);
    member(out, "path", run.path);
    member_array(out, "arguments", run.arguments, [&](const auto& one) { out.string(one.str()); });
    member(out, "started_at", std::string_view(rfc3339(run.started_at_us)));
    member_ms(out, "duration_ms", run.duration);
    member_ms(out, "deadline_ms", run.deadline);
    member(out, "verdict", name(run.verdict));
    out.key("exit_code");
    out.integer(run.exit_code);
    member_flag(out, "interrupted", run.interrupted);
    member_flag(out, "deadline_reached", run.deadline_reached);
    member_array(out, "notices", run.notices,
                 [&](const auto& notice) { out.string(notice.str()); });
    write_facts(out, "settings", run.settings);
}

void write_reference(JsonWriter& out, const model::Reference& one) {
    out.begin_object();
    member(out, "check", one.check);
    member(out, "code", std::string_view(one.code));
    member(out, "subject", one.subject);
    member(out, "message", one.message);
    out.end_object();
}

void write_names(JsonWriter& out, std::string_view name, const std::vector<std::string>& names) {
    member_array(out, name, names, [&](const std::string& one) { out.string(one); });
}

void write_impact(JsonWriter& out, const model::Impact& impact) {
    out.begin_object();
    member(out, "component", std::string_view(impact.component));
    member(out, "state", name(impact.state));
    member(out, "why", impact.why);
    member(out, "doubt", impact.doubt);
    out.end_object();
}

void write_cause(JsonWriter& out, const model::Cause& cause) {
    const auto reference = [&](const auto& one) { write_reference(out, one); };
    out.newline();
    out.begin_object();
    member(out, "id", std::string_view(cause.id));
    member(out, "title", cause.title);
    member(out, "target", cause.target);
    member(out, "component", std::string_view(cause.component));
    member(out, "certainty", name(cause.certainty));
    out.key("score");
    out.integer(cause.score);
    member_array(out, "supporting", cause.supporting, reference);
    member_array(out, "following", cause.following, reference);
    write_names(out, "contradicting", cause.contradicting);
    write_names(out, "unseen", cause.unseen);
    write_names(out, "alternatives", cause.alternatives);
    member(out, "fix", cause.fix);
    member(out, "isolate", cause.isolate);
    member(out, "doc", cause.doc);
    out.end_object();
}

void write_ruled_out(JsonWriter& out, const model::RuledOut& one) {
    out.begin_object();
    member(out, "id", std::string_view(one.id));
    member(out, "title", one.title);
    member(out, "by", std::string_view(one.by));
    member_flag(out, "present", one.present);
    out.end_object();
}

void write_next(JsonWriter& out, const model::Next& next) {
    out.begin_object();
    member(out, "kind", name(next.kind));
    member(out, "what", next.what);
    member(out, "command", std::string_view(next.command));
    write_names(out, "tells", next.tells);
    out.end_object();
}

void write_diagnosis(JsonWriter& out, const model::Diagnosis* made) {
    static const model::Diagnosis none;
    const auto& diagnosis = made != nullptr ? *made : none;
    member(out, "answer", made != nullptr ? name(diagnosis.answer) : std::string_view());
    member_array(out, "impact", diagnosis.impact,
                 [&](const auto& impact) { write_impact(out, impact); });
    member(out, "scope", name(diagnosis.scope));
    member_array(out, "affected", diagnosis.affected,
                 [&](const auto& one) { out.string(one.str()); });
    member_array(out, "causes", diagnosis.causes, [&](const auto& one) { write_cause(out, one); });
    out.newline();
    member_array(out, "unexplained", diagnosis.unexplained,
                 [&](const auto& one) { write_reference(out, one); });
    member_array(out, "ruled_out", diagnosis.ruled_out,
                 [&](const auto& one) { write_ruled_out(out, one); });
    member_array(out, "unseen", diagnosis.unseen, [&](const auto& one) {
        out.begin_object();
        member(out, "check", one.check);
        member(out, "why", one.why);
        out.end_object();
    });
    member_array(out, "next", diagnosis.next, [&](const auto& one) { write_next(out, one); });
}

void write_changes(JsonWriter& out, const model::Changes* made) {
    static const model::Changes none;
    const auto& changes = made != nullptr ? *made : none;
    const auto time = [](std::int64_t us) { return us == 0 ? std::string() : rfc3339(us); };
    member_array(out, "changes", changes.list, [&](const model::Change& change) {
        out.newline();
        out.begin_object();
        member(out, "kind", name(change.kind));
        member(out, "what", change.what);
        member(out, "before", change.before);
        member(out, "after", change.after);
        member(out, "at", std::string_view(time(change.at_us.value_or(0))));
        member(out, "timing", name(change.timing));
        out.end_object();
    });
    member(out, "not_compared", changes.not_compared);
    member(out, "baseline_at", std::string_view(time(changes.baseline_at_us)));
    member(out, "good_at", std::string_view(time(changes.onset ? changes.onset->good_us : 0)));
    member(out, "bad_at", std::string_view(time(changes.onset ? changes.onset->bad_us : 0)));
    member(out, "first_sign_at", std::string_view(time(changes.first_sign_us.value_or(0))));
}

template <class T>
const T* or_null(const std::optional<T>& value) {
    return value ? &*value : nullptr;
}

using Write = std::function<void(std::string_view)>;

void write_all(const Run& run, const model::Diagnosis* diagnosis, const model::Changes* changes,
               const Write& write) {
    JsonWriter out(write);
    out.begin_object();
    write_head(out, run);
    write_diagnosis(out, diagnosis);
    write_changes(out, changes);
    member_array(out, "steps", run.steps, [&](const auto& step) { write_step(out, step); });
    member_array(out, "results", run.results,
                 [&](const auto& result) { write_result(out, result); });
    out.newline();
    member_array(out, "manual", run.manual, [&](const auto& item) { write_manual(out, item); });
    out.newline();
    out.end_object();
    out.finish();
}

}  // namespace

std::string json(const model::Report& report) {
    constexpr std::size_t likely = 1024;  // bytes of a result: what is not used costs nothing
    std::string text;
    text.reserve(report.run.results.size() * likely);
    write_all(report.run, or_null(report.diagnosis), or_null(report.changes),
              [&text](std::string_view piece) { text += piece; });
    return text;
}

void json(const model::Run& run, const Write& write) { write_all(run, nullptr, nullptr, write); }

}  // namespace triage::report
