#include "json.hpp"

#include <boost/json/src.hpp>  // compiled in: the plugin then needs no shared library of Boost
#include <triage/text.hpp>

namespace clerk {

struct Json::Value {
    boost::json::value root;

    const boost::json::value* find(std::string_view pointer) const {
        boost::json::error_code error;
        return root.find_pointer({pointer.data(), pointer.size()}, error);
    }
};

Json::Json(std::unique_ptr<Value> value) : value_(std::move(value)) {}
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(Json&&) noexcept = default;
Json::~Json() = default;

std::optional<Json> Json::parse(std::string_view text, std::string& why) {
    boost::json::error_code error;
    boost::json::stream_parser parser;
    const auto read = parser.write_some(text.data(), text.size(), error);
    if (!error && read < text.size()) error = boost::json::error::extra_data;
    if (!error) parser.finish(error);
    if (error) {
        why = triage::text(error.message(), " at byte ", read);
        return std::nullopt;
    }
    return Json(std::make_unique<Value>(Value{parser.release()}));
}

std::optional<std::string> Json::string(std::string_view pointer) const {
    const auto* found = value_->find(pointer);
    if (found == nullptr || !found->is_string()) return std::nullopt;
    return std::string(found->as_string());
}

std::optional<std::int64_t> Json::integer(std::string_view pointer) const {
    const auto* found = value_->find(pointer);
    if (found == nullptr) return std::nullopt;
    if (found->is_int64()) return found->as_int64();
    constexpr double exact = 9007199254740992.0;  // 2^53
    if (!found->is_double() || !(std::abs(found->as_double()) < exact)) return std::nullopt;
    return static_cast<std::int64_t>(found->as_double());
}

std::optional<std::size_t> Json::array_size(std::string_view pointer) const {
    const auto* found = value_->find(pointer);
    if (found == nullptr || !found->is_array()) return std::nullopt;
    return found->as_array().size();
}

bool Json::has(std::string_view pointer) const { return value_->find(pointer) != nullptr; }

bool Json::is_object() const { return value_->root.is_object(); }

}  // namespace clerk
