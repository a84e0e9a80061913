#include "json.hpp"

#include <array>
#include <charconv>

#include <boost/json/src.hpp>  // compiled in: the plugin then needs no shared library of Boost

namespace logs {

struct Json::Value {
    // What one line needs is taken from here, so that a flood of them does not allocate each part.
    std::array<unsigned char, 4096> memory;
    boost::json::monotonic_resource resource{memory.data(), memory.size()};
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
    auto value = std::make_unique<Value>();
    boost::json::error_code error;
    auto root = boost::json::parse({text.data(), text.size()}, error, &value->resource);
    if (error) return std::nullopt;
    std::destroy_at(&value->root);
    std::construct_at(&value->root, std::move(root));
    return Json(std::move(value));
}

std::optional<std::string_view> Json::string(std::span<const std::string_view> places) const {
    for (const auto place : places) {
        const auto* found = value_->find(place);
        if (found == nullptr || !found->is_string()) continue;
        return std::string_view(found->get_string().data(), found->get_string().size());
    }
    return std::nullopt;
}

std::optional<double> Json::number(std::span<const std::string_view> places) const {
    for (const auto place : places) {
        const auto* found = value_->find(place);
        if (found == nullptr) continue;
        boost::json::error_code error;
        const auto number = found->to_number<double>(error);
        if (!error) return number;
        if (!found->is_string()) continue;
        const std::string_view text(found->get_string().data(), found->get_string().size());
        if (text.empty()) continue;
        double read = 0;
        const auto* end = text.data() + text.size();
        if (const auto done = std::from_chars(&*text.begin(), end, read);
            done.ec == std::errc() && done.ptr == end)
            return read;
    }
    return std::nullopt;
}

std::optional<bool> Json::boolean(std::string_view place) const {
    const auto* found = value_->find(place);
    if (found == nullptr || !found->is_bool()) return std::nullopt;
    return found->get_bool();
}

std::optional<std::size_t> Json::array_size(std::string_view place) const {
    const auto* found = value_->find(place);
    if (found == nullptr || !found->is_array()) return std::nullopt;
    return found->get_array().size();
}

bool Json::is_object() const { return value_->root.is_object(); }

}  // namespace logs
