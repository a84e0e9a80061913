#include <algorithm>

#include "clock.hpp"

using namespace std::chrono_literals;

namespace self {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using triage::Code;
using triage::text;
using triage::Weight;

constexpr auto alike = 5s;

constexpr Code unsynchronised{
    "self.clock-unsynchronised", Weight::warn, "Nothing keeps this machine's clock right",
    "Start a time service (timedatectl set-ntp true), or look why it does not reach its servers"};
constexpr Code wrong{"self.clock-wrong", Weight::fail,
                     "It is this machine: its clock is wrong, so certificates, tokens and the ages "
                     "of log lines are misjudged here",
                     "Set the clock by NTP (timedatectl; chronyc makestep), then run triage again"};
constexpr Code differs{
    "self.clock-differs", Weight::warn,
    "This machine's clock and a server's differ; which one is wrong is not known",
    "Compare both with a third clock: timedatectl here, `date -u` there"};

std::string apart(microseconds ahead) {
    return text(std::chrono::abs(std::chrono::round<seconds>(ahead)),
                ahead.count() > 0 ? " ahead" : " behind");
}

/// The part of a difference that nothing but the clocks explains.
microseconds sure(const Reading* one) {
    return std::max<microseconds>(std::chrono::abs(one->ahead) - one->give, 0us);
}

class ClockJudge {
public:
    ClockJudge(const ClockLimits& limits, const std::vector<Reading>& readings) : limits_(limits) {
        for (const auto& one : readings)
            sort(one);
    }

    triage::Judgement all(const KernelClock& kernel) && {
        local(kernel);
        if (!told_.empty()) out_.evaluated(differs);
        if (told_.size() > 1) out_.evaluated(wrong);
        if (off_.size() > 1 && off_.size() == told_.size() && agree()) {
            is_wrong();
        } else {
            for (const auto* one : off_)
                is_different(*one);
        }
        if (!told_.empty() && off_.empty()) {
            std::vector<std::string> names;
            for (const auto* one : told_)
                names.push_back(one->host);
            out_.say(text("agrees with ", listed(names)));
        }
        for (const auto& words : untold_)
            out_.say(words);
        return std::move(out_);
    }

private:
    void sort(const Reading& one) {
        if (!one.why_not.empty()) {
            untold_.push_back(text(one.host, " did not tell the time: ", one.why_not));
            return;
        }
        const bool off = sure(&one) > limits_.warn;
        if (one.own && !off) {
            untold_.push_back(text(one.host, " is on this machine, and has the same clock"));
            return;
        }
        const auto same = [&](const Reading* other) { return other->host == one.host; };
        if (std::ranges::any_of(told_, same)) return;
        told_.push_back(&one);
        if (off) off_.push_back(&one);
    }

    void local(const KernelClock& kernel) {
        if (!kernel.unreadable.empty()) {
            out_.say(text("whether it is synchronised cannot be read here: ", kernel.unreadable));
            return;
        }
        out_.evaluated(unsynchronised);
        if (kernel.synchronised) {
            out_.say(text("synchronised, estimated error ", kernel.estimated_error));
            return;
        }
        auto& found = out_.found(unsynchronised, "this machine",
                                 "no time service keeps this machine's clock, says the kernel");
        if (!limits_.expect_synchronised) found.weight = Weight::info;
        out_.say(found.message);
    }

    /// With each other, all those that differ.
    bool agree() const {
        const auto [least, most] = std::ranges::minmax_element(off_, {}, &Reading::ahead);
        return (*most)->ahead - (*least)->ahead <= alike;
    }

    void is_wrong() {
        const auto* nearest = std::ranges::min(off_, {}, sure);
        std::vector<std::string> names;
        for (const auto* one : off_)
            names.push_back(one->host);
        auto& found = out_.found(wrong, "this machine",
                                 text("it is this machine: its clock is ", apart(nearest->ahead),
                                      ", say ", listed(names), ", expected within ", limits_.warn));
        if (sure(nearest) <= limits_.fail) found.weight = Weight::warn;
        add_evidence(found);
        out_.say(found.message);
    }

    void is_different(const Reading& one) {
        const auto ahead = apart(one.ahead);
        auto& found =
            out_.found(differs, one.host,
                       text("this machine's clock is ", ahead, one.ahead > 0us ? " of " : " ",
                            one.host, "'s: one of them is wrong"));
        add_evidence(found);
        out_.say(found.message);
    }

    void add_evidence(triage::Found& found) const {
        for (const auto* one : told_)
            found.evidence.emplace_back(one->host,
                                        text(apart(one->ahead), ", give or take ", one->give));
    }

    const ClockLimits& limits_;
    std::vector<const Reading*> told_, off_;
    std::vector<std::string> untold_;
    triage::Judgement out_;
};

}  // namespace

Reading reading_of(std::string host, const triage::Response& response, triage::WallTime sent,
                   triage::WallTime came) {
    Reading out;
    out.host = std::move(host);
    if (!response.ok()) {
        out.why_not = response.describe();
        return out;
    }
    const auto age = response.header("age");
    const auto header = response.header("date");
    const auto date = header ? triage::parse_http_date(*header) : std::nullopt;
    if (age && *age != "0") {
        out.why_not = "the answer came from a cache";
    } else if (!date) {
        out.why_not = header ? "its Date header cannot be read" : "it sends no Date header";
    } else {
        // Its clock was between date and date + 1 s at a moment between sent and came.
        out.give = (came - sent) / 2 + 500ms;
        out.ahead = sent + (came - sent) / 2 - (*date + 500ms);
    }
    return out;
}

std::vector<triage::Code> clock_codes() { return {unsynchronised, wrong, differs}; }

triage::Judgement judge_clock(const ClockLimits& limits, const KernelClock& kernel,
                              const std::vector<Reading>& readings) {
    return ClockJudge(limits, readings).all(kernel);
}

}  // namespace self
