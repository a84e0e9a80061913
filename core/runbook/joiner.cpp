#include "core/runbook/joiner.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

namespace triage::runbook {
namespace {

Scalar to_scalar(Value value) {
    return std::visit(
        []<class T>(T& held) -> Scalar {
            if constexpr (std::is_constructible_v<Scalar, T>) {
                return std::move(held);
            } else {
                return std::string();
            }
        },
        value.value);
}

}  // namespace

bool Joiner::add(Value value) {
    if (origin_.name.empty()) origin_.name = value.origin.name;
    if (origin_.argument.empty()) origin_.argument = value.origin.argument;
    origin_.outside = origin_.outside || value.origin.outside;
    origin_.joined = origin_.joined || value.origin.joined;
    origin_.hidden = origin_.hidden || value.origin.hidden;
    if (auto* open = std::get_if<model::Template>(&value.value)) {
        for (auto& part : open->parts)
            add_part(std::move(part));
        return true;
    }
    if (std::holds_alternative<std::vector<Scalar>>(value.value)) return false;
    add_part(to_text(to_scalar(std::move(value))));
    return true;
}

void Joiner::add_part(model::TemplatePart part) {
    origin_.joined = origin_.joined || !parts_.empty();
    auto* text = std::get_if<std::string>(&part);
    auto* last = parts_.empty() ? nullptr : std::get_if<std::string>(&parts_.back());
    if (text != nullptr && last != nullptr) {
        *last += *text;
    } else {
        open_ = open_ || text == nullptr;
        parts_.push_back(std::move(part));
    }
}

Value Joiner::take() {
    if (open_) return {model::Template{std::move(parts_)}, std::move(origin_)};
    if (parts_.empty()) return {std::string(), std::move(origin_)};
    return {std::get<std::string>(std::move(parts_[0])), std::move(origin_)};
}

std::string to_text(const Scalar& value) {
    struct Show {
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const { return fmt::format("{}", number); }
        std::string operator()(const std::string& text) const { return text; }
    };
    return std::visit(Show{}, value);
}

std::vector<Scalar> split_at_commas(const std::string& text) {
    std::vector<Scalar> result;
    std::size_t start = 0;
    while (start <= text.size() && !text.empty()) {
        const auto comma = std::min(text.find(',', start), text.size());
        auto item = std::string_view(text).substr(start, comma - start);
        // Blanks beside a comma are for reading.
        if (start > 0) item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
        if (comma < text.size()) item = item.substr(0, item.find_last_not_of(' ') + 1);
        result.emplace_back(std::string(item));
        start = comma + 1;
    }
    return result;
}

}  // namespace triage::runbook
