#include "json.hpp"

#include <boost/json/src.hpp>  // compiled in: the plugin then needs no shared library of Boost

namespace deploy {

struct Json::Value {
    boost::json::value root;

    const boost::json::value* find(std::string_view place) const {
        boost::json::error_code error;
        return root.find_pointer({place.data(), place.size()}, error);
    }
};

Json::Json(std::unique_ptr<Value> value) : value_(std::move(value)) {}
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(Json&&) noexcept = default;
Json::~Json() = default;

std::optional<Json> Json::parse(std::string_view text) {
    boost::json::error_code error;
    auto root = boost::json::parse({text.data(), text.size()}, error);
    if (error) return std::nullopt;
    return Json(std::make_unique<Value>(std::move(root)));
}

std::string Json::text(std::string_view place) const {
    const auto* found = value_->find(place);
    if (found == nullptr || !found->is_string()) return {};
    return {found->get_string().data(), found->get_string().size()};
}

std::int64_t Json::number(std::string_view place) const {
    const auto* found = value_->find(place);
    return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

bool Json::flag(std::string_view place) const {
    const auto* found = value_->find(place);
    return found != nullptr && found->is_bool() && found->get_bool();
}

std::optional<std::size_t> Json::array_size(std::string_view place) const {
    const auto* found = value_->find(place);
    if (found == nullptr || !found->is_array()) return std::nullopt;
    return found->get_array().size();
}

}  // namespace deploy
