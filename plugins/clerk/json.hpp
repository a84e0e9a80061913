/// JSON, as far as key sets, tokens and Clerk's errors need it. The only place that knows the JSON
/// library.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace clerk {

/// A parsed text. Places are named by JSON Pointers (RFC 6901).
class Json {
public:
    /// Nullopt if it is not JSON; then `why` says where and why.
    static std::optional<Json> parse(std::string_view text, std::string& why);

    Json(Json&&) noexcept;
    Json& operator=(Json&&) noexcept;
    ~Json();

    /// The string there, or nullopt if there is none.
    std::optional<std::string> string(std::string_view pointer) const;
    /// The whole number there; one with a fraction is cut.
    std::optional<std::int64_t> integer(std::string_view pointer) const;
    /// How many elements the array there has, or nullopt if there is no array.
    std::optional<std::size_t> array_size(std::string_view pointer) const;
    /// There is a value, of any type.
    bool has(std::string_view pointer) const;
    /// The text is an object.
    bool is_object() const;

private:
    struct Value;
    explicit Json(std::unique_ptr<Value> value);
    std::unique_ptr<Value> value_;
};

}  // namespace clerk
