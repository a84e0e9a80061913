#include <algorithm>
#include <set>

#include "codes.hpp"
#include "containers.hpp"
#include "exit_code.hpp"

namespace deploy {
namespace {

using triage::text;
using triage::Weight;

class Judge {
public:
    Judge(const ContainersParams& p, const Seen& seen, triage::Reporter& report)
        : p_(p), seen_(seen), report_(report) {}

    void run() {
        report_.evaluated(code::missing);
        missing();
        if (seen_.containers.empty()) return;
        report_.evaluated(code::exited, code::not_started, code::oom_killed, code::restarting,
                          code::restarted, code::paused, code::mixed_versions, code::recent);
        const bool has_check = std::ranges::any_of(seen_.containers, [](const Container& one) {
            return !one.health.empty() && one.health != "none";
        });
        if (has_check) report_.evaluated(code::unhealthy, code::starting);
        if (!seen_.tags.empty()) report_.evaluated(code::not_recreated);
        for (const auto& one : seen_.containers) {
            state(one);
            restarts(one);
            health(one);
            tag(one);
        }
        mixed_versions();
        recent();
    }

private:
    bool is_expected(const Container& one) const {
        return p_.expect.empty() || std::ranges::find(p_.expect, one.service) != p_.expect.end() ||
               std::ranges::find(p_.expect, one.name) != p_.expect.end();
    }

    triage::Finding found(const triage::Code& code, const Container& one,
                          const std::string& message) {
        return report_.found(code, one.label, text(one.label, " ", message));
    }

    /// What every finding about a container is based on.
    void describe(triage::Finding& finding, const Container& one) const {
        finding.evidence("service", one.shown());
        finding.evidence("container", one.name);
        finding.evidence("image", text(one.image_name, " ", short_id(one.image_id)));
        if (one.started) finding.evidence("started", when(*one.started));
    }

    std::string when(WallTime moment) const {
        return text(shown(moment), ", ", ago(moment, seen_.now));
    }

    /// "PROJECT/NAME" if all that is asked for is of one project.
    std::string of_project(const std::string& name) const {
        std::set<std::string> projects;
        for (const auto& one : p_.containers)
            projects.insert(one.starts_with("container:") ? "" : one.substr(0, one.find('/')));
        const bool is_one = projects.size() == 1 && !projects.begin()->empty();
        return is_one ? text(*projects.begin(), "/", name) : name;
    }

    void missing() {
        std::set<std::string> wanted;
        for (const auto& one : p_.containers) {
            const auto is_meant = [&](const Listed& listed) { return listed.is(one); };
            if (one.ends_with("/*") || std::ranges::any_of(seen_.listed, is_meant)) continue;
            wanted.insert(one.starts_with("container:") ? one.substr(one.find(':') + 1) : one);
        }
        for (const auto& name : p_.expect) {
            const auto is_named = [&](const Listed& one) {
                return one.service == name || one.name == name;
            };
            const bool is_there = std::ranges::any_of(seen_.listed, is_named);
            if (is_there || seen_.outside.contains(name) || wanted.contains(name)) continue;
            wanted.insert(of_project(name));
        }
        for (const auto& name : wanted) {
            auto finding = report_.found(code::missing, name,
                                         "it should run, and the engine has "
                                         "no container of it");
            finding.evidence("service", name);
        }
    }

    void state(const Container& one) {
        if (one.has_ended()) return ended(one);
        if (one.out_of_memory) {
            auto finding = found(code::oom_killed, one,
                                 "ran out of memory: the kernel ended one of its processes");
            describe(finding, one);
            finding.weight(Weight::warn);
        }
        if (one.status == "paused") {
            auto finding = found(code::paused, one, "is paused, and answers nothing");
            describe(finding, one);
        }
        if (one.status == "created") {
            const auto why = one.error.empty() ? std::string() : text(": ", one.error);
            auto finding = found(code::not_started, one, text("was never started", why));
            describe(finding, one);
            if (!is_expected(one)) finding.weight(Weight::warn);
        }
    }

    void ended(const Container& one) {
        const bool is_job = !is_expected(one);
        const bool is_left = one.status == "dead" || one.status == "removing";
        if (is_job && one.exit_code == 0 && !one.out_of_memory && !is_left)
            return;  // it was meant to end
        const auto since = one.finished ? text(" ", ago(*one.finished, seen_.now)) : std::string();
        const bool returns = !one.policy.empty() && one.policy != "no";
        const auto policy = returns ? text(one.policy, ": yet the engine has not started it again")
                                    : std::string("no: it will not come back by itself");
        const auto& code = one.out_of_memory ? code::oom_killed : code::exited;
        const auto message = one.out_of_memory
                                 ? text("ran out of memory", since,
                                        ": the kernel ended it, exit code ", one.exit_code)
                                 : text("ended", since, " with exit code ", one.exit_code);
        const auto* left = one.status == "dead" ? ", and the engine could not remove it (dead)"
                           : one.status == "removing" ? ", and is being removed"
                                                      : "";
        auto finding = found(code, one, message + left);
        describe(finding, one);
        finding.evidence("exit code", exit_code_text(one.exit_code));
        if (one.finished) finding.evidence("ended", shown(*one.finished));
        if (!one.error.empty()) finding.evidence("the engine says", one.error);
        finding.evidence("restart policy", policy);
        if (is_job) finding.weight(Weight::warn);
    }

    /// Of a count without times only that much is known: how often, and when it was last.
    void restarts(const Container& one) {
        const bool waits = one.status == "restarting";
        const bool is_late = one.started && seen_.now - *one.started < p_.young;
        if (!waits && (!one.runs() || one.restarts == 0)) return;
        const bool loops = waits || (is_late && one.restarts >= p_.restarts_fail);
        const auto last = one.started ? text(", last ", ago(*one.started, seen_.now)) : "";
        const auto times = one.restarts == 1 ? std::string("once") : text(one.restarts, " times");
        const auto message =
            waits ? text("does not stay up: restarted ", times, last, ", exit code ", one.exit_code)
                  : text("was restarted ", times, " by the engine", last);
        auto finding = found(loops ? code::restarting : code::restarted, one, message);
        describe(finding, one);
        finding.evidence("restarts", one.restarts);
        if (waits) finding.evidence("exit code", exit_code_text(one.exit_code));
        if (!loops && (!is_late || one.restarts < p_.restarts_warn)) finding.weight(Weight::info);
    }

    void health(const Container& one) {
        if (!one.runs()) return;
        if (one.health == "unhealthy") {
            auto finding =
                found(code::unhealthy, one,
                      text("fails its own health check, ", one.health_failures, " times in a row"));
            describe(finding, one);
            if (!one.health_says.empty())
                finding.evidence("it says", triage::excerpt(one.health_says));
        } else if (one.health == "starting") {
            auto finding =
                found(code::starting, one, "has a health check that neither passed nor failed yet");
            describe(finding, one);
            if (one.started && seen_.now - *one.started < p_.young) finding.weight(Weight::info);
        }
    }

    void tag(const Container& one) {
        const auto now = seen_.tags.find(one.image_name);
        if (now == seen_.tags.end() || now->second.id == one.image_id) return;
        auto finding = found(
            code::not_recreated, one,
            text("runs another image than ", one.image_name, " is now: it was not recreated"));
        describe(finding, one);
        finding.evidence("image now", short_id(now->second.id));
        if (now->second.created) finding.evidence("built", when(*now->second.created));
    }

    void mixed_versions() {
        std::map<std::string, std::map<std::string, std::string>> services;  // image → containers
        for (const auto& one : seen_.containers) {
            if (one.service.empty()) continue;
            auto& names = services[one.shown()][one.image_id];
            names += text(names.empty() ? "" : ", ", one.name);
        }
        for (const auto& [service, images] : services) {
            if (images.size() < 2) continue;
            auto finding = report_.found(
                code::mixed_versions, service,
                text("the containers of ", service, " run ", images.size(), " different images"));
            for (const auto& [id, names] : images)
                finding.evidence(short_id(id), names);
        }
    }

    void recent() {
        std::vector<const Container*> young;
        for (const auto& one : seen_.containers)
            if (one.started && seen_.now - *one.started < p_.young) young.push_back(&one);
        if (young.empty()) return;
        auto finding = report_.found(
            code::recent, young.front()->shown(),
            text(young.size(), " of ", seen_.containers.size(),
                 " containers were started less than ", triage::to_text(p_.young), " ago"));
        for (const auto* one : young)
            finding.evidence(one->label, when(*one->started));
    }

    const ContainersParams& p_;
    const Seen& seen_;
    triage::Reporter& report_;
};

}  // namespace

std::vector<triage::Code> containers_codes() {
    return {code::missing,    code::exited,        code::not_started,    code::oom_killed,
            code::restarting, code::restarted,     code::unhealthy,      code::starting,
            code::paused,     code::not_recreated, code::mixed_versions, code::recent};
}

void label(std::vector<Container>& containers) {
    std::ranges::sort(containers, {},
                      [](const Container& one) { return std::pair(one.shown(), one.name); });
    std::map<std::string, int> count;
    for (const auto& one : containers)
        ++count[one.shown()];
    for (auto& one : containers) {
        if (count[one.shown()] > 1) one.label = one.name;
    }
}

void judge(const ContainersParams& p, const Seen& seen, triage::Reporter& report) {
    Judge(p, seen, report).run();
}

std::string summary(const ContainersParams& p, const Seen& seen) {
    const auto running = std::ranges::count_if(seen.containers, &Container::runs);
    const auto all = static_cast<std::ptrdiff_t>(seen.containers.size());
    auto out = running == all ? text(all, all == 1 ? " container runs" : " containers run")
                              : text(running, " of ", all, " containers run");
    const Container* newest = nullptr;
    bool is_first = true;
    for (const auto& one : seen.containers) {
        if (!one.runs()) {
            out += text(is_first ? ", not " : ", ", one.label, " (", one.status, ")");
            is_first = false;
        }
        const bool later = newest == nullptr || (one.started && one.started > newest->started);
        if (one.runs() && one.started && later) newest = &one;
    }
    if (newest == nullptr) return out;
    const bool is_young = seen.now - *newest->started < p.young;
    return out + text(is_young ? "; lately started: " : "; last started: ", newest->label, ", ",
                      ago(*newest->started, seen.now));
}

}  // namespace deploy
