/// triage/json.hpp: JSON as checks read it: parsed once, its values taken by JSON Pointers.
///
///     std::string why;
///     const auto body = triage::Json::parse(response.body(), &why);
///     if (!body) co_return triage::could_not_tell("no JSON: " + why);
///     const auto state = body->string("/status/db");
///
/// For a plugin that says LIBRARIES triage::sdk-json, or `pkg-config triage-sdk-json`: an archive
/// with a JSON library in it, so that the plugin needs no shared one. Not part of
/// triage/plugin.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <triage/text.hpp>

namespace triage {

/// A parsed text. Places are JSON Pointers (RFC 6901): "" is the whole, "/a/0" the first element
/// of "a"; what is no pointer is nowhere. Can be read by several threads at once; no copies, and
/// one that was moved from holds nothing that may be asked.
class Json {
public:
    /// Deeper than this a text is not read: each level takes some of the stack.
    static constexpr std::size_t max_depth = 256;

    /// Nullopt if it is not JSON (RFC 8259), or nested deeper than max_depth; `why` then says what
    /// and where: "syntax error at byte 17". `too_deep` is whether it is only the depth: such a
    /// text may well be JSON, so nothing is known of it.
    static std::optional<Json> parse(std::string_view text, std::string* why = nullptr,
                                     bool* too_deep = nullptr);
    Json(Json&&) noexcept;
    Json& operator=(Json&&) noexcept;
    ~Json();

    /// The string there; it lives as long as this. Nullopt if there is something else, or nothing.
    std::optional<std::string_view> string(std::string_view place) const;
    /// The whole number there; one with a fraction is cut. Nullopt also beyond what fits, and
    /// beyond 2^53 for one that is written with a fraction or an exponent: it may be another.
    std::optional<std::int64_t> integer(std::string_view place) const;
    /// The number there, whole or not.
    std::optional<double> number(std::string_view place) const;
    /// True or false; nullopt for anything else.
    std::optional<bool> boolean(std::string_view place) const;
    /// What is there, if it is one of these four. An integer stays one, as far as it fits.
    std::optional<Any> scalar(std::string_view place) const;

    /// How many elements the array there has; nullopt if there is no array.
    std::optional<std::size_t> array_size(std::string_view place) const;
    /// The names of the object's members there, in their order; nullopt if there is no object.
    std::optional<std::vector<std::string>> keys(std::string_view place) const;
    /// There is an object.
    bool is_object(std::string_view place = "") const;
    /// There is a value, of any type.
    bool has(std::string_view place) const;
    /// The value there as JSON text; nullopt if there is none.
    std::optional<std::string> text(std::string_view place) const;

    /// A key as part of a place: "a/b" is "a~1b".
    static std::string escape(std::string_view key);

private:
    struct Value;
    explicit Json(std::unique_ptr<Value> value);
    std::unique_ptr<Value> value_;
};

}  // namespace triage
