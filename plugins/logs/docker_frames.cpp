#include "docker_frames.hpp"

#include <algorithm>

#include <triage/text.hpp>

namespace logs {

namespace {

constexpr std::size_t header_size = 8;

unsigned byte_of(const std::string& text, std::size_t at) {
    return static_cast<unsigned char>(text.at(at));
}

}  // namespace

bool DockerFrames::read_header() {
    const auto type = byte_of(header_, 0);
    std::uint32_t length = 0;
    for (std::size_t i = 4; i < header_size; ++i)
        length = length << 8U | byte_of(header_, i);
    if (type > 2 || header_.substr(1, 3) != std::string(3, '\0')) {
        error_ = "the engine's answer is no stream of frames";
        return false;
    }
    if (length > max_frame) {
        error_ = triage::text("the engine announces a frame of ", length, " bytes");
        return false;
    }
    stream_ = type == 2 ? Stream::err : Stream::out;
    left_ = length;
    header_.clear();
    return true;
}

bool DockerFrames::feed(std::string_view chunk, std::vector<Piece>& pieces) {
    pieces.clear();
    if (!error_.empty()) return false;
    if (raw_) {
        pieces.push_back({Stream::out, chunk});
        return true;
    }
    while (!chunk.empty()) {
        if (left_ > 0) {
            const auto part = chunk.substr(0, left_);
            pieces.push_back({stream_, part});
            left_ -= static_cast<std::uint32_t>(part.size());
            chunk.remove_prefix(part.size());
            continue;
        }
        const auto wanted = std::min(header_size - header_.size(), chunk.size());
        header_.append(chunk.substr(0, wanted));
        chunk.remove_prefix(wanted);
        if (header_.size() == header_size && !read_header()) return false;
    }
    return true;
}

}  // namespace logs
