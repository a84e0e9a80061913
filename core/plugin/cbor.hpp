// CBOR (RFC 8949) as the wire uses it: integers, floats, booleans, byte strings, arrays and maps of
// definite length with small integers as keys. cbor.cpp is the only user of libcbor.
//
// Reading pulls one item after the other and treats the bytes as hostile: after the first thing
// that is wrong every read gives an empty value, and ok() is false.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace triage::plugin {

class Writer {
public:
    // Appends to `out`, which must outlive this.
    explicit Writer(std::string& out) : out_(out) {}

    void uinteger(std::uint64_t value);
    void integer(std::int64_t value);
    void floating(double value);
    void boolean(bool value);
    void bytes(std::string_view value);
    void array(std::size_t count);  // `count` items follow

    // A map of at most 23 entries, counted as they come: it ends with this object.
    class Map {
    public:
        explicit Map(Writer& writer);
        ~Map();
        Map(const Map&) = delete;
        Map& operator=(const Map&) = delete;

        // The value is to follow.
        Writer& key(unsigned number);
        // The whole entry, unless the value is what a reader assumes anyway.
        void optional(unsigned number, std::string_view value);
        template <std::integral T>
        void optional(unsigned number, T value) {
            if (value != 0) key(number).integer(static_cast<std::int64_t>(value));
        }

    private:
        Writer& writer_;
        std::size_t head_;
        unsigned count_ = 0;
    };

private:
    using Buffer = std::array<unsigned char, 16>;
    void append(const Buffer& buffer, std::size_t size);

    std::string& out_;
};

class Reader {
public:
    // `bytes` must outlive this; strings that are read point into it.
    explicit Reader(std::string_view bytes) : left_(bytes) {}

    bool ok() const { return ok_; }
    bool at_end() const { return ok_ && left_.empty(); }
    void fail();  // what was read is not what it should be

    std::uint64_t uinteger();
    std::int64_t integer();
    double floating();
    bool boolean();
    std::string_view bytes();
    // An enumerator from `first` to `last`; else an error, and `first`.
    template <class Enum>
    Enum enumerator(Enum first, Enum last) {
        const std::uint64_t number = uinteger();
        const bool is_one = number >= static_cast<std::uint64_t>(first) &&
                            number <= static_cast<std::uint64_t>(last);
        if (!is_one) fail();
        return is_one ? static_cast<Enum>(number) : first;
    }
    void skip();  // one item with all that is in it

    // Calls each() for every element, which must read it. More than `limit` are an error.
    template <class Each>
    void array(std::size_t limit, Each each) {
        std::uint64_t count = array_count();
        if (count > limit) fail();
        for (; ok_ && count > 0; --count)
            each();
    }
    // Calls each(key) for every entry, which reads the value or leaves it to be skipped.
    template <class Each>
    void map(Each each) {
        std::uint64_t count = map_count();
        for (; ok_ && count > 0; --count) {
            const std::uint64_t key = uinteger();
            const std::size_t before = left_.size();
            if (ok_) each(key);
            if (ok_ && left_.size() == before) skip();
        }
    }

private:
    enum class Kind : std::uint8_t {
        other,
        uinteger,
        negative,
        bytes,
        array,
        map,
        floating,
        boolean
    };
    struct Item {
        Kind kind = Kind::other;
        std::uint64_t number = 0;  // also -1 - n of a negative n, and counts
        double floating = 0;
        std::string_view bytes;
    };
    struct Callbacks;

    Item next();
    Item expect(Kind kind);
    std::uint64_t array_count();
    std::uint64_t map_count();

    std::string_view left_;
    bool ok_ = true;
};

}  // namespace triage::plugin
