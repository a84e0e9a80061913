#include "json.hpp"

#include <boost/json/src.hpp>  // compiled in: the plugin then needs no shared library of Boost

namespace health {

struct Json::Value {
    boost::json::value root;

    const boost::json::value* find(std::string_view pointer) const {
        boost::json::error_code error;
        return root.find_pointer({pointer.data(), pointer.size()}, error);
    }
};

namespace {

std::string_view take_segment(std::string_view& rest) {
    const auto segment = rest.substr(0, rest.find('/', 1));
    rest.remove_prefix(segment.size());
    return segment;
}

// "/boards/{id}" fits "/boards/7".
bool fits(std::string_view pattern, std::string_view path) {
    while (!pattern.empty() && !path.empty()) {
        const auto wanted = take_segment(pattern);
        const auto given = take_segment(path);
        if (wanted != given && wanted.find('{') == wanted.npos) return false;
    }
    return pattern.empty() && path.empty();
}

}  // namespace

Json::Json(std::unique_ptr<Value> value) : value_(std::move(value)) {}
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(Json&&) noexcept = default;
Json::~Json() = default;

std::optional<Json> Json::parse(std::string_view body, std::string& why) {
    boost::json::error_code error;
    boost::json::stream_parser parser;
    const auto read = parser.write_some(body.data(), body.size(), error);
    if (!error && read < body.size()) error = boost::json::error::extra_data;
    if (!error) parser.finish(error);
    if (error) {
        why = triage::text(error.message(), " at byte ", read);
        return std::nullopt;
    }
    return Json(std::make_unique<Value>(Value{parser.release()}));
}

std::optional<std::string> Json::at(std::string_view pointer) const {
    const auto* found = value_->find(pointer);
    if (found == nullptr) return std::nullopt;
    return boost::json::serialize(*found);
}

std::optional<bool> Json::has_operation(std::string_view path, std::string_view method) const {
    const auto* paths = value_->find("/paths");
    if (paths == nullptr || !paths->is_object() || paths->as_object().empty()) return std::nullopt;
    for (const auto& [key, item] : paths->as_object()) {
        if (!item.is_object() || !fits({key.data(), key.size()}, path)) continue;
        if (item.as_object().contains({method.data(), method.size()})) return true;
    }
    return false;
}

std::optional<std::string> Json::string_at(std::string_view pointer) const {
    const auto* found = value_->find(pointer);
    if (found == nullptr || !found->is_string()) return std::nullopt;
    return std::string(found->as_string());
}

bool Json::equals(std::string_view pointer, const triage::Any& expected) const {
    const auto* found = value_->find(pointer);
    if (found == nullptr) return false;
    if (const auto* truth = std::get_if<bool>(&expected)) {
        return found->is_bool() && found->as_bool() == *truth;
    }
    if (const auto* text = std::get_if<std::string>(&expected)) {
        return found->is_string() && std::string_view(found->as_string()) == *text;
    }
    if (!found->is_number()) return false;
    const auto* integer = std::get_if<std::int64_t>(&expected);
    if (integer != nullptr && found->is_int64()) return found->as_int64() == *integer;
    const double number =
        integer != nullptr ? static_cast<double>(*integer) : std::get<double>(expected);
    return !(found->to_number<double>() < number) && !(found->to_number<double>() > number);
}

}  // namespace health
