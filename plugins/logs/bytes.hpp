/// The bytes of a log file, expanded if it is compressed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <triage/result.hpp>

namespace logs {

/// A descriptor that is closed.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) noexcept : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor();
    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }

private:
    int fd_ = -1;
};

enum class Packing { none, gzip, zstd, journal, other };

/// What the first bytes of a file say, whatever its name.
Packing packing_of(std::string_view start);

/// Bytes one after another. Blocks.
class Bytes {
public:
    Bytes() = default;
    Bytes(const Bytes&) = delete;
    Bytes& operator=(const Bytes&) = delete;
    virtual ~Bytes() = default;

    /// Fills the start of `room`; 0 is the end. Fails with what is broken, in words; what came
    /// before is good.
    virtual triage::Result<std::size_t> read(std::span<char> room) = 0;
};

/// The bytes of a file that is compressed like that, from its start. The descriptor stays the
/// caller's.
std::unique_ptr<Bytes> expand(int fd, Packing packing);

/// read(2), with EINTR and errors in words.
triage::Result<std::size_t> read_some(int fd, std::span<char> room);
/// pread(2): until `room` is full or the file ends.
triage::Result<std::size_t> read_at(int fd, std::span<char> room, std::uint64_t offset);

}  // namespace logs
