#include "run.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace triage::testing {

using std::chrono::microseconds;

Run::Run(const triage_check& check, void* plugin_state, const Params& params, CannedHttp& http,
         const RunOptions& options)
    : check_(check),
      plugin_state_(plugin_state),
      http_(http),
      options_(options),
      values_(check, params),
      random_(options.seed.value_or(0)),
      wake_(eventfd(0, EFD_CLOEXEC)),
      check_thread_(std::this_thread::get_id()) {}

Run::~Run() {
    join_workers();
    close(wake_);
}

void Run::violation(const std::string& what) {
    const std::lock_guard lock(mutex_);
    result_.violations.push_back(what);
}

void Run::on_check_thread(const char* function) {
    if (std::this_thread::get_id() != check_thread_) {
        violation(text(function, "() was called from a thread that is not the check's"));
    }
}

Result Run::go() {
    if (check_.create(plugin_state_, ctx(), &instance_) == 0) {
        check_.step != nullptr ? run_steps() : run_blocking();
        join_workers();
        check_.destroy(instance_);
    } else if (!result_.error) {
        violation("create() failed without saying an error");
    }
    judge_end();
    return std::move(result_);
}

void Run::run_blocking() {
    std::thread thread([this] {
        check_thread_ = std::this_thread::get_id();
        check_.run(instance_, ctx());
    });
    thread.join();
    check_thread_ = std::this_thread::get_id();
    result_.cancelled = is_cancelled_;
}

void Run::run_steps() {
    std::optional<Event> event = Event{{}, 0, 0, TRIAGE_EVENT_START};
    while (event) {
        if (result_.events == options_.cancel_at) break;
        if (deliver(*event) == TRIAGE_DONE) {
            for (const auto op : in_flight_) {
                violation(text("done while operation ", op, " was still pending"));
            }
            return;
        }
        if (in_flight_.empty()) {
            violation("PENDING, but the check waits for no operation");
            return;
        }
        event = next();
    }
    {
        const std::lock_guard lock(mutex_);
        is_cancelled_ = true;
    }
    result_.cancelled = true;
    if (deliver({{}, 0, 0, TRIAGE_EVENT_CANCEL}) != TRIAGE_DONE) {
        violation("the answer to CANCEL was not DONE");
    }
}

std::int32_t Run::deliver(const Event& event) {
    triage_event abi{};
    abi.size = sizeof abi;
    abi.kind = event.kind;
    abi.op = event.op;
    abi.ready = event.ready;
    abi.http = event.step.response ? &event.step.response->abi : nullptr;
    abi.data = to_abi(event.step.data);
    const auto stream = streams_.find(event.op);
    if (stream != streams_.end()) {
        stream->second.scheduled = false;
        stream->second.unconsumed += event.step.data.size();
        if (event.kind == TRIAGE_EVENT_HTTP) {
            streams_.erase(stream);
        } else {
            schedule(event.op, stream->second);
        }
    }
    if (event.kind != TRIAGE_EVENT_HTTP_HEAD && event.kind != TRIAGE_EVENT_HTTP_DATA) {
        in_flight_.erase(event.op);
    }
    if (event.kind != TRIAGE_EVENT_CANCEL) ++result_.events;
    const auto answer = check_.step(instance_, ctx(), &abi);
    if (answer != TRIAGE_PENDING && answer != TRIAGE_DONE) {
        violation(text("step() returned ", answer, ", which is neither PENDING nor DONE"));
        return TRIAGE_DONE;
    }
    return answer;
}

bool Run::declares_code(const std::string& code) const {
    return std::any_of(check_.codes, check_.codes + check_.code_count,
                       [&](const triage_code* declared) { return declared->name == code; });
}

void Run::report_evaluated(std::string code) {
    if (!declares_code(code)) violation(text("evaluated \"", code, "\", which is not declared"));
    evaluated_.insert(std::move(code));
}

void Run::report_finding(const triage_finding& finding) {
    ReportedFinding out{std::string(to_view(finding.code)),
                        std::string(to_view(finding.subject)),
                        std::string(to_view(finding.message)),
                        std::string(to_view(finding.remedy)),
                        std::nullopt,
                        {}};
    if (finding.weight_override != 0) out.weight = static_cast<Weight>(finding.weight_override - 1);
    if (finding.weight_override > 1 + TRIAGE_WEIGHT_FAIL)
        violation("a finding's weight is no weight");
    for (std::uint32_t i = 0; i < finding.evidence_count; ++i) {
        out.evidence.emplace_back(to_view(finding.evidence[i]->name),
                                  to_view(finding.evidence[i]->value));
    }
    if (!declares_code(out.code))
        violation(text("found \"", out.code, "\", which is not declared"));
    if (out.message.empty()) violation(text("the finding ", out.code, " has no message"));
    if (out.subject.empty()) violation(text("the finding ", out.code, " has no subject"));
    evaluated_.insert(out.code);
    result_.findings.push_back(std::move(out));
}

void Run::report_fact(const std::string& name, const triage_value& value) {
    const auto* const end = check_.facts + check_.fact_count;
    const auto bracket = name.ends_with(']') ? name.find('[') : std::string::npos;
    const auto base = name.substr(0, bracket);  // of "image[backend]"
    const auto* const declared = std::find_if(
        check_.facts, end, [&](const triage_fact* fact) { return fact->name == base; });
    if (declared == end) {
        violation(text("fact \"", name, "\", which is not declared"));
    } else if ((*declared)->type != value.type) {
        violation(text("fact \"", name, "\" has another type than its declaration"));
    }
    auto& out = result_.facts[name];
    switch (value.type) {
        case TRIAGE_TYPE_BOOL:
            out = value.i64 != 0;
            break;
        case TRIAGE_TYPE_INT:
            out = value.i64;
            break;
        case TRIAGE_TYPE_FLOAT:
            out = value.f64;
            break;
        default:
            out = std::string(to_view(value.str));
    }
}

void Run::report_metric(const std::string& name, double value, const std::string& unit) {
    if (!std::isfinite(value)) violation(text("metric \"", name, "\" is not a finite number"));
    result_.metrics.push_back({name, value, unit});
}

void Run::report_summary(std::string text_given) {
    if (result_.summary) violation("a second summary");
    result_.summary = std::move(text_given);
}

void Run::report_error(std::string reason) {
    if (result_.error) violation("a second error");
    if (reason.empty()) violation("an error without a reason");
    result_.error = std::move(reason);
}

void Run::report_log(std::string line) {
    const std::lock_guard lock(mutex_);
    result_.logs.push_back(std::move(line));
}

void Run::judge_end() {
    result_.duration = now_;
    result_.evaluated.assign(evaluated_.begin(), evaluated_.end());
    if (result_.summary && result_.error) violation("both a summary and an error");
    if (!result_.summary && !result_.error && !result_.cancelled) {
        violation("the check ended without a summary and without an error");
    }
    look_for_secrets();
}

/// The host would redact them; a plugin should not lean on that.
void Run::look_for_secrets() {
    const auto everything = result_.to_string();
    for (const auto& secret : values_.secrets()) {
        if (!secret.empty() && everything.find(secret) != std::string::npos) {
            violation("the text of a secret is in what the check reported");
        }
    }
}

}  // namespace triage::testing
