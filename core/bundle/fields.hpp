// Fields of a JSON object that came from anywhere: wrong types are kept as one error, with where.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "core/base/error.hpp"
#include "core/model/text.hpp"
#include "core/redact/redactor.hpp"

namespace triage::bundle {

// Shared by all objects of a document.
struct Reading {
    const redact::Redactor& redactor;
    std::optional<base::Error> error;  // the first

    void wrong(std::string_view where, std::string_view expected);
};

class Fields {
public:
    // `value` must be an object and outlive this; `where` is for messages: "results[3]".
    Fields(const boost::json::value& value, std::string where, Reading& reading);

    bool has(std::string_view key) const { return get(key) != nullptr; }
    // What is missing is empty, 0 or false.
    std::string string(std::string_view key) const;
    model::Text text(std::string_view key) const;
    // For names that programs compare: at most 200 bytes, no control characters.
    std::string word(std::string_view key) const;
    std::int64_t integer(std::string_view key) const;
    double number(std::string_view key) const;
    bool flag(std::string_view key) const;
    std::chrono::microseconds milliseconds(std::string_view key) const;

    // Calls `use(value, where)` for each element of the array.
    template <class Use>
    void each(std::string_view key, Use use) const {
        const auto* value = get(key);
        if (value == nullptr) return;
        const auto* array = value->if_array();
        if (array == nullptr) return reading_.wrong(path(key), "an array");
        for (std::size_t i = 0; i < array->size(); ++i)
            use((*array)[i], path(key) + "[" + std::to_string(i) + "]");
    }
    // Calls `use(key, value, where)` for each member of the object.
    template <class Use>
    void members(std::string_view key, Use use) const {
        const auto* value = get(key);
        if (value == nullptr) return;
        const auto* object = value->if_object();
        if (object == nullptr) return reading_.wrong(path(key), "an object");
        for (const auto& member : *object)
            use(std::string_view(member.key()), member.value(), path(key));
    }
    const boost::json::value* get(std::string_view key) const;
    std::string path(std::string_view key) const;
    Reading& reading() const { return reading_; }

private:
    const boost::json::object* object_;
    std::string where_;
    Reading& reading_;
};

}  // namespace triage::bundle
