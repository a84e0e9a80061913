/// How C++ types map to parameter types and shapes: reading from the ABI, and JSON for defaults.
#pragma once

#include <chrono>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <triage/abi.h>
#include <triage/result.hpp>
#include <triage/text.hpp>
#include <triage/types.hpp>

namespace triage::detail {

class ParamTable;
template <class P>
class ParamDecoder;

/// Reads the values of one check's parameters. [check]
class ParamReader {
public:
    ParamReader(const triage_check_api& api, triage_ctx* ctx) : api_(api), ctx_(ctx) {}

    std::uint32_t count(const char* name) const { return api_.param_count(ctx_, name); }

    triage_value at(const char* name, std::uint32_t index, std::uint32_t type) const {
        triage_value value{};
        value.size = sizeof value;
        if (api_.param(ctx_, name, index, &value) != 0) {
            throw CouldNotTell(text("parameter ", name, ": the host has no value number ", index));
        }
        if (value.type != type && type != TRIAGE_TYPE_ANY) {
            throw CouldNotTell(text("parameter ", name, ": the host gave type ", value.type,
                                    " where type ", type, " was declared"));
        }
        return value;
    }

private:
    const triage_check_api& api_;
    triage_ctx* ctx_;
};

template <class T>
struct ParamType {
    static_assert(sizeof(T) == 0,
                  "not a parameter type: see triage/params.hpp for those that there are");
};

template <>
struct ParamType<bool> {
    static constexpr std::uint32_t type = TRIAGE_TYPE_BOOL;
    static bool from(const triage_value& value) { return value.i64 != 0; }
    static std::string json(bool value) { return value ? "true" : "false"; }
};

template <std::integral T>
struct ParamType<T> {
    static constexpr std::uint32_t type = TRIAGE_TYPE_INT;
    static T from(const triage_value& value) {
        if (!std::in_range<T>(value.i64)) {
            throw CouldNotTell(text("a parameter's value ", value.i64, " is out of range"));
        }
        return static_cast<T>(value.i64);
    }
    static std::string json(T value) { return std::to_string(value); }
};

template <>
struct ParamType<double> {
    static constexpr std::uint32_t type = TRIAGE_TYPE_FLOAT;
    static double from(const triage_value& value) { return value.f64; }
    static std::string json(double value) { return to_text(value); }
};

template <class Rep, class Period>
struct ParamType<std::chrono::duration<Rep, Period>> {
    using Duration = std::chrono::duration<Rep, Period>;
    static constexpr std::uint32_t type = TRIAGE_TYPE_DURATION;
    static Duration from(const triage_value& value) {
        return std::chrono::duration_cast<Duration>(std::chrono::microseconds(value.i64));
    }
    static std::string json(Duration value) {
        return json_quoted(
            runbook_duration(std::chrono::duration_cast<std::chrono::microseconds>(value)));
    }
};

template <class T, std::uint32_t Type>
struct TextParam {
    static constexpr std::uint32_t type = Type;
    static T from(const triage_value& value) { return T(std::string(to_view(value.str))); }
    static std::string json(std::string_view value) { return json_quoted(value); }
};

template <>
struct ParamType<std::string> : TextParam<std::string, TRIAGE_TYPE_STRING> {};
template <>
struct ParamType<Url> : TextParam<Url, TRIAGE_TYPE_URL> {};
template <>
struct ParamType<Endpoint> : TextParam<Endpoint, TRIAGE_TYPE_ENDPOINT> {};
template <>
struct ParamType<Path> : TextParam<Path, TRIAGE_TYPE_PATH> {};

template <>
struct ParamType<Secret> {
    static constexpr std::uint32_t type = TRIAGE_TYPE_SECRET;
    static Secret from(const triage_value& value) { return Secret(value.i64); }
};

template <>
struct ParamType<Any> {
    static constexpr std::uint32_t type = TRIAGE_TYPE_ANY;
    static Any from(const triage_value& value) {
        switch (value.type) {
            case TRIAGE_TYPE_BOOL:
                return value.i64 != 0;
            case TRIAGE_TYPE_INT:
                return value.i64;
            case TRIAGE_TYPE_FLOAT:
                return value.f64;
            default:
                return std::string(to_view(value.str));
        }
    }
    static std::string json(const Any& value) {
        const auto* string = std::get_if<std::string>(&value);
        return string != nullptr ? json_quoted(*string) : to_text(value);
    }
};

/// JSON value text of a bound or example, also of a plain literal such as "x" or 5.
template <class V>
std::string to_json(const V& value) {
    if constexpr (std::convertible_to<V, std::string_view>) {
        return json_quoted(value);
    } else {
        return ParamType<V>::json(value);
    }
}

template <class T>
struct ParamShape {
    static constexpr std::uint32_t type = ParamType<T>::type;
    static constexpr std::uint32_t shape = TRIAGE_SHAPE_ONE;
    static T read(const ParamReader& reader, const char* name) {
        return reader.count(name) == 0 ? T() : ParamType<T>::from(reader.at(name, 0, type));
    }
    static std::string json(const T& value) { return ParamType<T>::json(value); }
};

template <class T>
struct ParamShape<std::optional<T>> {
    static constexpr std::uint32_t type = ParamType<T>::type;
    static constexpr std::uint32_t shape = TRIAGE_SHAPE_ONE;
    static std::optional<T> read(const ParamReader& reader, const char* name) {
        if (reader.count(name) == 0) return std::nullopt;
        return ParamType<T>::from(reader.at(name, 0, type));
    }
    static std::string json(const std::optional<T>& value) {
        return value ? ParamType<T>::json(*value) : std::string();
    }
};

template <class T>
struct ParamShape<std::vector<T>> {
    static constexpr std::uint32_t type = ParamType<T>::type;
    static constexpr std::uint32_t shape = TRIAGE_SHAPE_LIST;
    static std::vector<T> read(const ParamReader& reader, const char* name) {
        const auto count = reader.count(name);
        std::vector<T> values;
        values.reserve(count);
        for (std::uint32_t i = 0; i < count; ++i) {
            values.push_back(ParamType<T>::from(reader.at(name, i, type)));
        }
        return values;
    }
    static std::string json(const std::vector<T>& values) {
        std::string out = "[";
        for (const auto& value : values) {
            if (out.size() > 1) out += ", ";
            out += ParamType<T>::json(value);
        }
        return out + "]";
    }
};

template <class Table, class T>
struct TableShape {
    static constexpr std::uint32_t type = ParamType<T>::type;
    static constexpr std::uint32_t shape = TRIAGE_SHAPE_MAP;
    static Table read(const ParamReader& reader, const char* name) {
        Table table;
        for (std::uint32_t i = 0; i < reader.count(name); ++i) {
            const auto value = reader.at(name, i, type);
            table.insert(table.end(), {std::string(to_view(value.key)), ParamType<T>::from(value)});
        }
        return table;
    }
    static std::string json(const Table& table) {
        std::string out = "{";
        for (const auto& [key, value] : table) {
            if (out.size() > 1) out += ", ";
            out += json_quoted(key) + ": " + ParamType<T>::json(value);
        }
        return out + "}";
    }
};

template <class T>
struct ParamShape<Map<T>> : TableShape<Map<T>, T> {};
template <class T>
struct ParamShape<std::map<std::string, T>> : TableShape<std::map<std::string, T>, T> {};

}  // namespace triage::detail
