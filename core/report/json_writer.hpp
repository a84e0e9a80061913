// Writes JSON text as it goes: no tree in between, and never more of the text than a block in
// memory. Boost.JSON does the strings that need it.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>

#include <boost/json/serializer.hpp>
#include <fmt/compile.h>
#include <fmt/format.h>

namespace triage::report {

// Must any of eight bytes be escaped in a string? `less` has the highest bit of each byte below
// `limit`, at least of the first
// (https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord).
constexpr bool has_escaped(std::uint64_t bytes) {
    constexpr std::uint64_t ones = 0x0101010101010101;
    const auto less = [](std::uint64_t of, std::uint64_t limit) {
        return (of - ones * limit) & ~of & (ones * 0x80);
    };
    return (less(bytes, 0x20) | less(bytes ^ (ones * '"'), 1) | less(bytes ^ (ones * '\\'), 1)) !=
           0;
}

// Calls must come in an order that makes a document: a key before every value of an object.
class JsonWriter {
public:
    using Sink = std::function<void(std::string_view)>;

    // `sink` gets the text piece by piece and must outlive this.
    explicit JsonWriter(const Sink& sink) : sink_(sink) {}
    // Ends the line, and gives the last piece.
    void finish() {
        put('\n');
        flush();
    }

    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }

    // Valid UTF-8 that needs no escapes: the program's own names.
    void key(std::string_view name) {
        separate();
        quoted(name);
        put(':');
        comma_ = false;
    }
    void any_key(std::string_view name) {
        string(name);
        put(':');
        comma_ = false;
    }

    // Valid UTF-8.
    void string(std::string_view text) {
        separate();
        if (needs_escapes(text)) return with_escapes(text);
        quoted(text);
    }
    void boolean(bool value) { raw(value ? "true" : "false"); }
    void integer(std::integral auto value) {
        const fmt::format_int text(value);
        raw({text.data(), text.size()});
    }
    // `value` / 1000 with up to three decimals, exactly: 1250 is 1.25.
    void thousandths(std::int64_t value) {
        const auto bits = static_cast<std::uint64_t>(value);
        const std::uint64_t size = value < 0 ? 0 - bits : bits;
        raw(value < 0 ? "-" : "");
        const fmt::format_int whole(size / 1000);
        put({whole.data(), whole.size()});
        const auto rest = static_cast<unsigned>(size % 1000);
        if (rest == 0) return;
        const std::array decimals{'.', digit(rest / 100), digit(rest / 10), digit(rest)};
        put({decimals.data(), rest % 100 == 0 ? 2U : rest % 10 == 0 ? 3U : 4U});
    }
    // As short as it can be without loss; what JSON has no number for is null.
    void number(double value) {
        if (!std::isfinite(value)) return raw("null");
        std::array<char, 32> text;
        const char* end = fmt::format_to(text.data(), FMT_COMPILE("{}"), value);
        raw({text.data(), static_cast<std::size_t>(end - text.data())});
    }

    // White space where the next value or the end of the innermost array or object stands.
    void newline() { pending_newline_ = true; }

private:
    static char digit(unsigned number) { return static_cast<char>('0' + number % 10); }

    static bool needs_escapes(std::string_view text) {
        std::uint64_t eight = 0;
        for (; text.size() >= sizeof(eight); text.remove_prefix(sizeof(eight))) {
            std::memcpy(&eight, text.data(), sizeof(eight));
            if (has_escaped(eight)) return true;
        }
        if (text.empty()) return false;
        eight = 0x2020202020202020;  // spaces behind it
        std::memcpy(&eight, text.data(), text.size());
        return has_escaped(eight);
    }

    void raw(std::string_view text) {
        separate();
        put(text);
    }
    void quoted(std::string_view text) {
        if (text.size() + 2 > block_size - used_) {
            put('"');
            put(text);
            return put('"');
        }
        char* at = &block_[used_];
        at[0] = '"';
        if (!text.empty()) std::memcpy(at + 1, text.data(), text.size());
        at[text.size() + 1] = '"';
        used_ += text.size() + 2;
    }
    void with_escapes(std::string_view text) {
        serializer_.reset(boost::json::string_view(text.data(), text.size()));
        char buffer[1024];
        while (!serializer_.done()) {
            const auto piece = serializer_.read(buffer);
            put({piece.data(), piece.size()});
        }
    }
    void separate() {
        if (comma_) put(',');
        if (pending_newline_) put('\n');
        pending_newline_ = false;
        comma_ = true;
    }
    void open(char bracket) {
        separate();
        put(bracket);
        comma_ = false;
    }
    void close(char bracket) {
        if (pending_newline_) put('\n');
        pending_newline_ = false;
        put(bracket);
        comma_ = true;
    }

    void put(char c) {
        if (used_ == block_size) flush();
        block_[used_++] = c;
    }
    void put(std::string_view text) {
        if (text.empty()) return;
        if (text.size() > block_size - used_) {
            flush();
            if (text.size() > block_size) return sink_(text);
        }
        std::memcpy(&block_[used_], text.data(), text.size());
        used_ += text.size();
    }
    void flush() {
        if (used_ > 0) sink_({block_.get(), used_});
        used_ = 0;
    }

    static constexpr std::size_t block_size = std::size_t{64} << 10;

    const Sink& sink_;
    std::unique_ptr<char[]> block_ = std::make_unique_for_overwrite<char[]>(block_size);
    std::size_t used_ = 0;
    boost::json::serializer serializer_;
    bool comma_ = false;
    bool pending_newline_ = false;
};

}  // namespace triage::report
