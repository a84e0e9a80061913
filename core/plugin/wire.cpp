#include "core/plugin/wire.hpp"

#include <cstring>
#include <utility>

namespace triage::plugin {

FrameWriter::FrameWriter(std::string& out, FrameType type)
    : out_(out), begin_(out.size()), writer_(out) {
    out.append(frame_head_bytes - 1, '\0');
    out.push_back(static_cast<char>(type));
}

FrameWriter::~FrameWriter() {
    const auto length = static_cast<std::uint32_t>(out_.size() - begin_ - sizeof(std::uint32_t));
    std::memcpy(out_.data() + begin_, &length, sizeof(length));
}

base::Result<FrameHead> read_head(std::string_view bytes) {
    std::uint32_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof(length));
    if (length == 0 || length > max_frame_bytes)
        return base::fail("a frame of " + std::to_string(length) + " bytes");
    return FrameHead{static_cast<FrameType>(bytes[sizeof(length)]), length - 1U};
}

void write_call(std::string& out, FrameType type, const CallMessage& message) {
    FrameWriter frame(out, type);
    Writer::Map map(frame.payload());
    map.key(0).uinteger(std::to_underlying(message.call));
    map.optional(1, std::to_underlying(message.op));
    map.optional(2, message.count);
    map.optional(3, message.data);
}

bool read(std::string_view payload, CallMessage& message) {
    Reader in(payload);
    in.map([&](std::uint64_t key) {
        switch (key) {
            case 0:
                message.call = CallId{in.uinteger()};
                break;
            case 1:
                message.op = OpId{in.uinteger()};
                break;
            case 2:
                message.count = in.uinteger();
                break;
            case 3:
                message.data = in.bytes();
                break;
            default:
                break;
        }
    });
    return in.at_end();
}

void write_failed(std::string& out, const base::Error& error) {
    FrameWriter frame(out, FrameType::failed);
    Writer::Map map(frame.payload());
    map.optional(0, error.message);
    map.optional(1, error.remedy);
}

bool read(std::string_view payload, base::Error& error) {
    Reader in(payload);
    in.map([&](std::uint64_t key) {
        if (key == 0) error.message = in.bytes().substr(0, max_string_bytes);
        if (key == 1) error.remedy = in.bytes().substr(0, max_string_bytes);
    });
    return in.at_end();
}

}  // namespace triage::plugin
