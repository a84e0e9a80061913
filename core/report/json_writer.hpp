// Writes JSON text as it goes: no tree in between. Boost.JSON does the strings.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/serializer.hpp>
#include <fmt/format.h>

namespace triage::report {

// Calls must come in an order that makes a document: a key before every value of an object.
class JsonWriter {
public:
    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }

    void key(std::string_view name) {
        string(name);
        out_ += ':';
        comma_ = false;
    }

    // Valid UTF-8.
    void string(std::string_view text) {
        separate();
        if (std::ranges::none_of(text, needs_escape)) {  // nearly all
            out_.append("\"").append(text).append("\"");
            return;
        }
        serializer_.reset(boost::json::string_view(text.data(), text.size()));
        char buffer[1024];
        while (!serializer_.done()) {
            const auto piece = serializer_.read(buffer);
            out_.append(piece.data(), piece.size());
        }
    }
    void boolean(bool value) { raw(value ? "true" : "false"); }
    void integer(std::integral auto value) { raw(fmt::format_int(value).c_str()); }
    // As short as it can be without loss; what JSON has no number for is null.
    void number(double value) { raw(std::isfinite(value) ? fmt::format("{}", value) : "null"); }
    void raw(std::string_view text) {
        separate();
        out_ += text;
    }

    // White space where the next value or the end of the innermost array or object stands.
    void newline() { pending_newline_ = true; }

    std::string take() { return std::move(out_); }

private:
    static bool needs_escape(char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == 0x7F;
    }
    void separate() {
        if (comma_) out_ += ',';
        if (pending_newline_) out_ += '\n';
        pending_newline_ = false;
        comma_ = true;
    }
    void open(char bracket) {
        separate();
        out_ += bracket;
        comma_ = false;
    }
    void close(char bracket) {
        if (pending_newline_) out_ += '\n';
        pending_newline_ = false;
        out_ += bracket;
        comma_ = true;
    }

    std::string out_;
    boost::json::serializer serializer_;
    bool comma_ = false;
    bool pending_newline_ = false;
};

}  // namespace triage::report
