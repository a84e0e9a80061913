#include "core/runbook/waivers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace triage::runbook {
namespace {

constexpr std::array<std::string_view, 3> waiver_keys{"reason", "until", "code"};

// "2026-12-31"
std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto number = [&](std::size_t at, std::size_t size) {
        unsigned value = 0;
        const char* end = text.data() + at + size;
        const auto [last, error] = std::from_chars(text.data() + at, end, value);
        return error == std::errc() && last == end ? value : 0U;
    };
    const std::chrono::year_month_day day(std::chrono::year(static_cast<int>(number(0, 4))),
                                          std::chrono::month(number(5, 2)),
                                          std::chrono::day(number(8, 2)));
    if (!day.ok()) return std::nullopt;
    return std::chrono::sys_days(day);
}

class WaiverReader {
public:
    WaiverReader(const WaivedCheck& waived, Problems& problems)
        : waived_(waived), problems_(problems) {}

    // Nothing if it is wrong.
    std::optional<Waiver> read(const Node& node) {
        const auto* table = std::get_if<Table>(&node.value);
        if (table == nullptr) {
            problems_.wrong(Rule::wrong_type, node.at,
                            fmt::format("'waive' holds {}; expected tables such as {{ reason = "
                                        "\"…\", until = \"2026-12-31\" }}",
                                        describe(node)));
            return std::nullopt;
        }
        const Reader reader(*table, node.at, "a waiver", waiver_keys, problems_);
        Waiver waiver;
        reader.require("reason", "why the failure is accepted");
        if (const auto* reason = reader.string("reason")) {
            waiver.reason = text_of(reason->node);
            if (waiver.reason.empty()) bad(*reason, "'reason' is empty; expected one");
        }
        reader.require("until", "the last day on which it holds, \"2026-12-31\"");
        if (const auto* code = reader.string("code")) waiver.code = read_code(*code);
        const auto* until = reader.get("until");
        if (until == nullptr) return std::nullopt;
        waiver.until = until_text(until->node);
        const auto day = parse_day(waiver.until);
        if (!day) {
            bad(*until, fmt::format("'until' is {}; expected a day, \"2026-12-31\"",
                                    describe(until->node)));
            return std::nullopt;
        }
        last_day_ = *day;
        return waiver;
    }

    std::chrono::sys_days last_day() const { return last_day_; }

private:
    static std::string until_text(const Node& node) {
        if (const auto* date = std::get_if<Date>(&node.value)) return date->text;
        const auto* text = std::get_if<std::string>(&node.value);
        return text == nullptr ? std::string() : *text;
    }

    std::string read_code(const Entry& entry) {
        const auto& code = text_of(entry.node);
        if (waived_.info == nullptr) return code;
        std::vector<std::string> known;
        for (const auto& info : waived_.info->codes)
            known.push_back(info.name);
        if (std::ranges::find(known, code) == known.end()) {
            bad(entry, fmt::format("the check cannot find '{}'.{}", code,
                                   base::did_you_mean(code, known)));
        }
        return code;
    }

    void bad(const Entry& entry, std::string message) {
        problems_.wrong(Rule::bad_waiver, entry.node.at, std::move(message));
    }

    const WaivedCheck& waived_;
    Problems& problems_;
    std::chrono::sys_days last_day_;
};

}  // namespace

std::vector<Waiver> read_waivers(const Reader& check, const WaivedCheck& waived,
                                 std::chrono::sys_days today, std::vector<Notice>& notices,
                                 Problems& problems) {
    std::vector<Waiver> result;
    const auto* array = check.array("waive");
    if (array == nullptr) return result;
    WaiverReader reader(waived, problems);
    for (const auto& node : *array) {
        auto waiver = reader.read(node);
        if (!waiver) continue;
        if (reader.last_day() >= today) {
            result.push_back(std::move(*waiver));
        } else {
            notices.push_back({fmt::format("waiver of {} expired on {}: {}", waived.id,
                                           waiver->until, waiver->reason),
                               waived.id});
        }
    }
    return result;
}

}  // namespace triage::runbook
