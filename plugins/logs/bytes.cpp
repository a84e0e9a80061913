#include "bytes.hpp"

#include <isa-l/igzip_lib.h>
#include <unistd.h>
#include <zstd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include <triage/text.hpp>

namespace logs {
namespace {

constexpr std::size_t packed_chunk = 128UL << 10;

std::string errno_text(const char* what) {
    return triage::text(what, ": ", std::generic_category().message(errno));
}

/// Compressed bytes from a file, a chunk at a time.
class Packed {
public:
    explicit Packed(int fd) : fd_(fd), buffer_(packed_chunk) {}

    /// More, behind what is left; false at the end.
    triage::Result<bool> refill() {
        const auto size = read_some(fd_, buffer_);
        if (!size) return triage::Failed{size.reason()};
        chunk = std::span(buffer_).first(size.value());
        return size.value() > 0;
    }

    std::span<char> chunk;

private:
    int fd_;
    std::vector<char> buffer_;
};

class Gzip final : public Bytes {
public:
    explicit Gzip(int fd) : packed_(fd) { start(); }

    triage::Result<std::size_t> read(std::span<char> room) override {
        state_.next_out = reinterpret_cast<std::uint8_t*>(room.data());
        state_.avail_out = static_cast<std::uint32_t>(room.size());
        while (state_.avail_out == room.size()) {
            if (state_.avail_in == 0) {
                const auto more = refill();
                if (!more) return triage::Failed{more.reason()};
                if (!more.value()) {
                    if (between_members_) return std::size_t{0};
                    return triage::Failed{"it is cut off: the gzip data has no end"};
                }
            }
            if (between_members_) {
                skip_padding();
                if (state_.avail_in == 0) continue;
                if (!begin_member())
                    return triage::Failed{"the gzip data is damaged: something else follows it"};
            }
            if (isal_inflate(&state_) != ISAL_DECOMP_OK)
                return triage::Failed{"the gzip data is damaged"};
            if (state_.block_state == ISAL_BLOCK_FINISH) between_members_ = true;
        }
        return room.size() - state_.avail_out;
    }

private:
    void start() {
        isal_inflate_init(&state_);
        state_.crc_flag = ISAL_GZIP;
    }
    triage::Result<bool> refill() {
        auto more = packed_.refill();
        state_.next_in = reinterpret_cast<std::uint8_t*>(packed_.chunk.data());
        state_.avail_in = static_cast<std::uint32_t>(packed_.chunk.size());
        return more;
    }
    /// Zeros, as tapes and block devices have them behind the data.
    void skip_padding() {
        while (state_.avail_in > 0 && *state_.next_in == 0) {
            ++state_.next_in;
            --state_.avail_in;
        }
    }
    /// What is appended to a gzip file is another member. False if it is anything else.
    bool begin_member() {
        constexpr std::uint8_t magic = 0x1f;
        if (*state_.next_in != magic) return false;
        auto* const in = state_.next_in;
        auto* const out = state_.next_out;
        const auto in_size = state_.avail_in, out_size = state_.avail_out;
        start();
        state_.next_in = in;
        state_.next_out = out;
        state_.avail_in = in_size;
        state_.avail_out = out_size;
        between_members_ = false;
        return true;
    }

    Packed packed_;
    inflate_state state_{};
    bool between_members_ = false;
};

class Zstd final : public Bytes {
public:
    explicit Zstd(int fd) : packed_(fd), stream_(ZSTD_createDStream(), ZSTD_freeDStream) {
        if (!stream_) throw triage::CouldNotTell("no memory for reading zstd");
    }

    triage::Result<std::size_t> read(std::span<char> room) override {
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        while (out.pos == 0) {
            if (in_.pos == in_.size) {
                const auto more = packed_.refill();
                if (!more) return triage::Failed{more.reason()};
                in_ = {packed_.chunk.data(), packed_.chunk.size(), 0};
                if (!more.value()) {
                    if (at_frame_end_) return std::size_t{0};
                    return triage::Failed{"it is cut off: the zstd data has no end"};
                }
            }
            const auto left = ZSTD_decompressStream(stream_.get(), &out, &in_);
            if (ZSTD_isError(left) != 0U)
                return triage::Failed{
                    triage::text("the zstd data is damaged: ", ZSTD_getErrorName(left))};
            at_frame_end_ = left == 0;
        }
        return out.pos;
    }

private:
    Packed packed_;
    std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_;
    ZSTD_inBuffer in_{nullptr, 0, 0};
    bool at_frame_end_ = true;
};

}  // namespace

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

Packing packing_of(std::string_view start) {
    if (start.starts_with("\x1f\x8b")) return Packing::gzip;
    if (start.starts_with("\x28\xb5\x2f\xfd")) return Packing::zstd;
    if (start.starts_with("LPKSHHRH")) return Packing::journal;
    for (const std::string_view magic : {"BZh",
                                         "\xfd"
                                         "7zXZ",
                                         "PK\x03\x04", "\x04\x22\x4d\x18"})
        if (start.starts_with(magic)) return Packing::other;
    return Packing::none;
}

std::unique_ptr<Bytes> expand(int fd, Packing packing) {
    if (packing == Packing::gzip) return std::make_unique<Gzip>(fd);
    return std::make_unique<Zstd>(fd);
}

triage::Result<std::size_t> read_some(int fd, std::span<char> room) {
    for (;;) {
        const auto size = ::read(fd, room.data(), room.size());
        if (size >= 0) return static_cast<std::size_t>(size);
        if (errno != EINTR) return triage::Failed{errno_text("reading it failed")};
    }
}

triage::Result<std::size_t> read_at(int fd, std::span<char> room, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < room.size()) {
        const auto size =
            ::pread(fd, room.data() + done, room.size() - done, static_cast<off_t>(offset + done));
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return triage::Failed{errno_text("reading it failed")};
        if (size == 0) break;
        done += static_cast<std::size_t>(size);
    }
    return done;
}

}  // namespace logs
