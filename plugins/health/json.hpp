/// JSON bodies, as far as assertions need them. The only place that knows the JSON library.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <triage/text.hpp>

namespace health {

/// A parsed body.
class Json {
public:
    /// Nullopt if it is not JSON; then `why` says where and why.
    static std::optional<Json> parse(std::string_view body, std::string& why);

    Json(Json&&) noexcept;
    Json& operator=(Json&&) noexcept;
    ~Json();

    /// The value at a JSON Pointer (RFC 6901) as JSON text; nullopt if there is none.
    std::optional<std::string> at(std::string_view pointer) const;
    /// Whether the value at `pointer` is that scalar. 1 and 1.0 are the same number.
    bool equals(std::string_view pointer, const triage::Any& expected) const;
    /// Of an OpenAPI document: whether it has this operation ("post") at a path that `path` fits,
    /// `{…}` standing for any segment. Nullopt if the document lists no paths.
    std::optional<bool> has_operation(std::string_view path, std::string_view method) const;
    /// The string at `pointer`, or nullopt if it is absent or no string.
    std::optional<std::string> string_at(std::string_view pointer) const;

private:
    struct Value;
    explicit Json(std::unique_ptr<Value> value);
    std::unique_ptr<Value> value_;
};

}  // namespace health
