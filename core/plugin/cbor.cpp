#include "core/plugin/cbor.hpp"

#include <limits>

#include <cbor.h>

namespace triage::plugin {

// ---- Writing

void Writer::append(const Buffer& buffer, std::size_t size) {
    out_.append(reinterpret_cast<const char*>(buffer.data()), size);
}

void Writer::uinteger(std::uint64_t value) {
    Buffer buffer;
    append(buffer, cbor_encode_uint(value, buffer.data(), buffer.size()));
}

void Writer::integer(std::int64_t value) {
    if (value >= 0) {
        uinteger(static_cast<std::uint64_t>(value));
        return;
    }
    Buffer buffer;
    const auto below = static_cast<std::uint64_t>(-1 - value);
    append(buffer, cbor_encode_negint(below, buffer.data(), buffer.size()));
}

void Writer::floating(double value) {
    Buffer buffer;
    append(buffer, cbor_encode_double(value, buffer.data(), buffer.size()));
}

void Writer::boolean(bool value) {
    Buffer buffer;
    append(buffer, cbor_encode_bool(value, buffer.data(), buffer.size()));
}

void Writer::bytes(std::string_view value) {
    Buffer buffer;
    append(buffer, cbor_encode_bytestring_start(value.size(), buffer.data(), buffer.size()));
    out_.append(value);
}

void Writer::array(std::size_t count) {
    Buffer buffer;
    append(buffer, cbor_encode_array_start(count, buffer.data(), buffer.size()));
}

// The head of a map of at most 23 entries is one byte, written when their number is known.
Writer::Map::Map(Writer& writer) : writer_(writer), head_(writer.out_.size()) {
    writer.out_.push_back('\0');
}

Writer::Map::~Map() {
    Buffer buffer;
    cbor_encode_map_start(count_, buffer.data(), buffer.size());
    writer_.out_[head_] = static_cast<char>(buffer[0]);
}

Writer& Writer::Map::key(unsigned number) {
    ++count_;
    writer_.uinteger(number);
    return writer_;
}

void Writer::Map::optional(unsigned number, std::string_view value) {
    if (!value.empty()) key(number).bytes(value);
}

// ---- Reading

// libcbor calls one of these for the item it has decoded. What the wire does not use stays
// Kind::other.
struct Reader::Callbacks {
    static Item& item(void* context) { return *static_cast<Item*>(context); }
    template <class T>
    static void uinteger(void* context, T value) {
        item(context) = {Kind::uinteger, value, 0, {}};
    }
    template <class T>
    static void negative(void* context, T value) {
        item(context) = {Kind::negative, value, 0, {}};
    }
    template <class T>
    static void floating(void* context, T value) {
        item(context) = {Kind::floating, 0, static_cast<double>(value), {}};
    }
    static void bytes(void* context, cbor_data data, std::size_t size) {
        item(context) = {Kind::bytes, 0, 0, {reinterpret_cast<const char*>(data), size}};
    }
    static void array(void* context, std::size_t count) {
        item(context) = {Kind::array, count, 0, {}};
    }
    static void map(void* context, std::size_t count) { item(context) = {Kind::map, count, 0, {}}; }
    static void boolean(void* context, bool value) {
        item(context) = {Kind::boolean, value ? 1U : 0U, 0, {}};
    }

    static cbor_callbacks make() {
        cbor_callbacks all = cbor_empty_callbacks;
        all.uint8 = uinteger<std::uint8_t>;
        all.uint16 = uinteger<std::uint16_t>;
        all.uint32 = uinteger<std::uint32_t>;
        all.uint64 = uinteger<std::uint64_t>;
        all.negint8 = negative<std::uint8_t>;
        all.negint16 = negative<std::uint16_t>;
        all.negint32 = negative<std::uint32_t>;
        all.negint64 = negative<std::uint64_t>;
        all.float2 = floating<float>;
        all.float4 = floating<float>;
        all.float8 = floating<double>;
        all.byte_string = bytes;
        all.array_start = array;
        all.map_start = map;
        all.boolean = boolean;
        return all;
    }
};

void Reader::fail() {
    ok_ = false;
    left_ = {};
}

Reader::Item Reader::next() {
    static const cbor_callbacks callbacks = Callbacks::make();
    Item item;
    if (!ok_) return item;
    const auto* const data = reinterpret_cast<cbor_data>(left_.data());
    const auto result = cbor_stream_decode(data, left_.size(), &callbacks, &item);
    if (result.status != CBOR_DECODER_FINISHED || item.kind == Kind::other) {
        fail();
        return {};
    }
    left_.remove_prefix(result.read);
    return item;
}

Reader::Item Reader::expect(Kind kind) {
    const Item item = next();
    if (item.kind == kind) return item;
    fail();
    return {};
}

std::uint64_t Reader::uinteger() { return expect(Kind::uinteger).number; }

std::int64_t Reader::integer() {
    const Item item = next();
    const bool fits = item.number <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
    if (fits && item.kind == Kind::uinteger) return static_cast<std::int64_t>(item.number);
    if (fits && item.kind == Kind::negative) return -1 - static_cast<std::int64_t>(item.number);
    fail();
    return 0;
}

double Reader::floating() { return expect(Kind::floating).floating; }

bool Reader::boolean() { return expect(Kind::boolean).number != 0; }

std::string_view Reader::bytes() { return expect(Kind::bytes).bytes; }

// Every item is at least one byte, so a larger count cannot be true.
std::uint64_t Reader::array_count() {
    const std::uint64_t count = expect(Kind::array).number;
    if (count > left_.size()) fail();
    return ok_ ? count : 0;
}

std::uint64_t Reader::map_count() {
    const std::uint64_t count = expect(Kind::map).number;
    if (count > left_.size() / 2) fail();
    return ok_ ? count : 0;
}

// Without recursion: depth costs nothing.
void Reader::skip() {
    for (std::uint64_t pending = 1; ok_ && pending > 0; --pending) {
        const Item item = next();
        const std::uint64_t inside = item.kind == Kind::array ? item.number
                                     : item.kind == Kind::map ? item.number
                                                              : 0;
        if (inside > left_.size()) fail();
        pending += item.kind == Kind::map ? 2 * inside : inside;
    }
}

}  // namespace triage::plugin
