#include "core/runbook/misfits.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace triage::runbook {
namespace {

struct Found {
    bool hidden;

    std::string operator()(bool value) const {
        if (hidden) return "a bool";
        return value ? "the bool true" : "the bool false";
    }
    std::string operator()(std::int64_t value) const {
        return hidden ? "an int" : fmt::format("the int {}", value);
    }
    std::string operator()(double value) const {
        return hidden ? "a float" : fmt::format("the float {}", value);
    }
    std::string operator()(const std::string& value) const {
        if (!hidden) return fmt::format("the string '{}'", base::elide(value, 60));
        if (value.empty()) return "an empty text";
        const auto size = std::ranges::count_if(value, [](char c) { return (c & 0xC0) != 0x80; });
        return fmt::format("a text of {} character{}", size, size == 1 ? "" : "s");
    }
    std::string operator()(const std::vector<Scalar>&) const { return "an array"; }
    std::string operator()(const model::Template&) const { return "text with references"; }
};

}  // namespace

std::string describe(const Value& value) {
    auto result = std::visit(Found{value.origin.hidden}, value.value);
    if (!value.origin.name.empty()) result += fmt::format(" ({})", value.origin.name);
    return result;
}

std::string shown(const std::string& text, const Origin& origin) {
    if (origin.hidden) return describe(Value{text, origin});
    return fmt::format("'{}'", base::elide(text, 60));
}

Absent report_misfit(Rule rule, Position at, const Origin& origin, std::string message,
                     Problems& problems) {
    if (!origin.argument.empty()) {
        if (at.line > 0) message += fmt::format(" (used at {})", problems.place(at));
        problems.wrong_at(rule, origin.argument, std::move(message));
    } else if (origin.outside) {
        problems.unmet(Rule::unset_variable, at, message);
        return {base::Error{std::move(message), {}}};
    } else {
        problems.wrong(rule, at, std::move(message));
    }
    return {};
}

}  // namespace triage::runbook
