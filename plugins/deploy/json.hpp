/// JSON, as far as the Docker engine's answers need it. The only place that knows the JSON library.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace deploy {

/// A parsed text. Places are named by JSON Pointers (RFC 6901).
class Json {
public:
    /// Nullopt if it is not JSON.
    static std::optional<Json> parse(std::string_view text);

    Json(Json&&) noexcept;
    Json& operator=(Json&&) noexcept;
    ~Json();

    /// The string there; empty if there is none.
    std::string text(std::string_view place) const;
    /// The integer there, or 0.
    std::int64_t number(std::string_view place) const;
    /// Is `true` there?
    bool flag(std::string_view place) const;
    /// How many elements the array there has; nullopt if there is no array.
    std::optional<std::size_t> array_size(std::string_view place) const;

private:
    struct Value;
    explicit Json(std::unique_ptr<Value> value);
    std::unique_ptr<Value> value_;
};

}  // namespace deploy
