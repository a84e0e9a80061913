/// JSON, as far as log lines and the Docker engine's answers need it. The only place that knows the
/// JSON library.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace logs {

/// A parsed text. Places are named by JSON Pointers (RFC 6901).
class Json {
public:
    /// Nullopt if it is not JSON.
    static std::optional<Json> parse(std::string_view text);

    Json(Json&&) noexcept;
    Json& operator=(Json&&) noexcept;
    ~Json();

    /// The first of these places that holds a string; or nullopt.
    std::optional<std::string_view> string(std::span<const std::string_view> places) const;
    std::optional<std::string_view> string(std::string_view place) const {
        return string(std::span(&place, 1));
    }
    /// The first of these places that holds a number, or a string that is nothing but one.
    std::optional<double> number(std::span<const std::string_view> places) const;
    /// True or false; nullopt for anything else.
    std::optional<bool> boolean(std::string_view place) const;
    /// How many elements the array there has; nullopt if there is no array.
    std::optional<std::size_t> array_size(std::string_view place) const;
    bool is_object() const;

private:
    struct Value;
    explicit Json(std::unique_ptr<Value> value);
    std::unique_ptr<Value> value_;
};

}  // namespace logs
