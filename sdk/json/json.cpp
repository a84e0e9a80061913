#include <array>
#include <cmath>
#include <utility>

#include <boost/json/src.hpp>  // compiled in: no plugin needs a shared library of Boost
#include <triage/json.hpp>

namespace triage {
namespace {

std::string_view view(const boost::json::string& string) { return {string.data(), string.size()}; }

}  // namespace

struct Json::Value {
    // What a small text needs is taken from here, so that a flood of log lines does not allocate
    // each part. Not cleared: that is a tenth of the time that such a line takes.
    std::array<unsigned char, 4096> memory;
    boost::json::monotonic_resource resource{memory.data(), memory.size()};
    boost::json::value root = boost::json::value(boost::json::storage_ptr(&resource));

    const boost::json::value* find(std::string_view place) const {
        boost::json::error_code error;
        return root.find_pointer({place.data(), place.size()}, error);
    }
};

Json::Json(std::unique_ptr<Value> value) : value_(std::move(value)) {}
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(Json&&) noexcept = default;
Json::~Json() = default;

std::optional<Json> Json::parse(std::string_view text, std::string* why, bool* too_deep) {
    boost::json::parse_options options;
    options.max_depth = max_depth;
    auto value = std::make_unique_for_overwrite<Value>();
    std::array<unsigned char, 4096> stack;
    boost::json::parser parser(boost::json::storage_ptr(), options, stack.data(), stack.size());
    parser.reset(&value->resource);
    boost::json::error_code error;
    auto read = parser.write_some(text.data(), text.size(), error);
    if (!error && read < text.size()) error = boost::json::error::extra_data;
    // Of a word that breaks off the parser says where it began.
    if (error == boost::json::error::incomplete) read = text.size();
    if (too_deep != nullptr) *too_deep = error == boost::json::error::too_deep;
    if (error) {
        if (why != nullptr) *why = triage::text(error.message(), " at byte ", read);
        return std::nullopt;
    }
    value->root = parser.release();
    return Json(std::move(value));
}

std::optional<std::string_view> Json::string(std::string_view place) const {
    const auto* found = value_->find(place);
    if (found == nullptr || !found->is_string()) return std::nullopt;
    return view(found->get_string());
}

std::optional<std::int64_t> Json::integer(std::string_view place) const {
    const auto* found = value_->find(place);
    if (found == nullptr) return std::nullopt;
    if (found->is_int64()) return found->get_int64();
    constexpr double exact = 9007199254740992.0;  // 2^53
    if (!found->is_double() || !(std::abs(found->get_double()) < exact)) return std::nullopt;
    return static_cast<std::int64_t>(found->get_double());
}

std::optional<double> Json::number(std::string_view place) const {
    const auto* found = value_->find(place);
    if (found == nullptr) return std::nullopt;
    boost::json::error_code error;
    const auto number = found->to_number<double>(error);
    if (error) return std::nullopt;
    return number;
}

std::optional<bool> Json::boolean(std::string_view place) const {
    const auto* found = value_->find(place);
    if (found == nullptr || !found->is_bool()) return std::nullopt;
    return found->get_bool();
}

std::optional<Any> Json::scalar(std::string_view place) const {
    const auto* found = value_->find(place);
    if (found == nullptr) return std::nullopt;
    switch (found->kind()) {
        case boost::json::kind::bool_:
            return found->get_bool();
        case boost::json::kind::string:
            return std::string(view(found->get_string()));
        case boost::json::kind::int64:
            return found->get_int64();
        case boost::json::kind::uint64:
            return static_cast<double>(found->get_uint64());
        case boost::json::kind::double_:
            return found->get_double();
        default:
            return std::nullopt;
    }
}

std::optional<std::size_t> Json::array_size(std::string_view place) const {
    const auto* found = value_->find(place);
    if (found == nullptr || !found->is_array()) return std::nullopt;
    return found->get_array().size();
}

std::optional<std::vector<std::string>> Json::keys(std::string_view place) const {
    const auto* found = value_->find(place);
    if (found == nullptr || !found->is_object()) return std::nullopt;
    std::vector<std::string> out;
    out.reserve(found->get_object().size());
    for (const auto& member : found->get_object())
        out.emplace_back(member.key().data(), member.key().size());
    return out;
}

bool Json::is_object(std::string_view place) const {
    const auto* found = value_->find(place);
    return found != nullptr && found->is_object();
}

bool Json::has(std::string_view place) const { return value_->find(place) != nullptr; }

std::optional<std::string> Json::text(std::string_view place) const {
    const auto* found = value_->find(place);
    if (found == nullptr) return std::nullopt;
    return boost::json::serialize(*found);
}

std::string Json::escape(std::string_view key) {
    std::string out;
    for (const char character : key) {
        if (character == '~') {
            out += "~0";
        } else if (character == '/') {
            out += "~1";
        } else {
            out += character;
        }
    }
    return out;
}

}  // namespace triage
