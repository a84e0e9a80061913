/// Bytes in, whole lines out, in a buffer that does not grow with the log.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace logs {

/// Cuts a stream into whole lines, whatever pieces it comes in:
///
///     const auto room = lines.room();
///     const auto whole = lines.took(read(fd, room.data(), room.size()));   // may be empty
///     …
///     const auto last = lines.rest();                                      // at the end
///
/// A line over max_line is given cut, and its remainder is skipped. What is given lives until the
/// next call.
class Lines {
public:
    static constexpr std::size_t chunk = 256UL << 10;
    static constexpr std::size_t max_line = 1UL << 20;

    /// Where the next piece goes: `chunk` bytes.
    std::span<char> room();
    /// `size` bytes of room() were filled. Gives the whole lines that are there now, in one piece
    /// that ends with a line break (or is one line that was cut).
    std::string_view took(std::size_t size);
    /// The same for a piece that is elsewhere, cut to `chunk` bytes: how many were taken is added
    /// to `taken`.
    std::string_view took(std::string_view piece, std::size_t& taken);
    /// The end, or a gap: what is left, a line without its line break.
    std::string_view rest();

    /// Lines that were cut.
    std::uint64_t cut() const { return cut_; }

private:
    std::string_view skip_remainder();

    std::vector<char> buffer_;
    std::size_t begin_ = 0, end_ = 0;  // what was read and not given yet
    bool skipping_ = false;
    std::uint64_t cut_ = 0;
};

/// The lines of a piece one after another, without their line breaks:
/// `while (auto line = next_line(piece)) …`
struct NextLine {
    std::string_view text;
    bool there;
    explicit operator bool() const { return there; }
};
NextLine next_line(std::string_view& rest);

}  // namespace logs
