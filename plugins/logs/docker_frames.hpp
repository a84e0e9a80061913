/// The stream in which the Docker engine sends a container's output.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace logs {

/// Takes frames apart: eight bytes [type, 0, 0, 0, length as big-endian 32 bits], then the
/// payload. They may be cut anywhere.
class DockerFrames {
public:
    enum class Stream : std::uint8_t { out, err };
    struct Piece {
        Stream stream;
        std::string_view text;
    };
    static constexpr std::uint32_t max_frame = 64UL << 20;

    /// A container with a TTY has no frames: all is output.
    explicit DockerFrames(bool raw) : raw_(raw) {}

    /// The payloads in `chunk`, in order; they point into it. False if it is no such stream: then
    /// error() says what came instead.
    bool feed(std::string_view chunk, std::vector<Piece>& pieces);

    const std::string& error() const { return error_; }
    /// Nothing of a frame is missing: a good place to end.
    bool complete() const { return raw_ || (header_.empty() && left_ == 0); }

private:
    bool read_header();

    bool raw_;
    std::string header_;  // of a frame, so far
    std::uint32_t left_ = 0;
    Stream stream_ = Stream::out;
    std::string error_;
};

}  // namespace logs
