/// Reads one log file: whatever it is, however big, while it grows and is rotated.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bytes.hpp"
#include "files.hpp"
#include "intake.hpp"
#include "lines.hpp"
#include "record.hpp"

namespace logs {

/// What to read of each source.
struct Extent {
    Window window;
    std::uint64_t tail = 0;             ///< the last lines; 0: all in the window
    std::uint64_t undated_tail = 2000;  ///< of what has no times at all
    std::uint64_t max_expanded = 4ULL << 30;
    Reading reading;
};

/// What came of a source.
struct SourceReport {
    std::string name;
    std::string unreadable;          ///< why it, or the rest of it, could not be read
    std::vector<std::string> notes;  ///< what a person should know about it
    std::string restarting;          ///< of a container that does not stay up: what of it is known
    std::uint64_t bytes = 0;         ///< that were looked at, after expanding
    bool dated = true;
    std::optional<Time> last_line;  ///< the time of its last line
    std::optional<Time> written;    ///< when the file was last written
    bool in_window = false;         ///< it has lines in the window
};

/// Says that reading should end: the check is cancelled, or has no time left.
using Patience = std::function<bool()>;

/// One file. All functions block, and are called by one thread at a time.
class FileSource {
public:
    FileSource(FileName file, const Extent& extent);

    /// Opens it and finds where to begin. Then, of a big file, where it can be cut into so many
    /// pieces of about one size, each beginning with a dated line: pieces() has their bounds.
    void open_at_start(std::size_t most_pieces);
    /// A part of the file, from one offset to another.
    struct Piece {
        std::uint64_t begin, end;
    };
    /// To be read by read_piece(), at the same time as read() reads what follows them.
    const std::vector<Piece>& pieces() const { return pieces_; }
    /// Gives how many bytes it has read. May be called by several threads at once.
    std::uint64_t read_piece(Piece piece, Intake& intake, const Patience& is_over) const;

    /// What read_piece() gave, in their order; one more number is that of read(), 0.
    void add_pieces(const std::vector<std::uint64_t>& sizes);

    /// From behind the pieces to the end that the file has now.
    void read(Intake& intake, const Patience& is_over);
    /// What has come since; follows the name: if the file was rotated, first the rest of the old
    /// one, then the new one; if it was truncated, from its start.
    void read_more(Intake& intake, const Patience& is_over);
    /// After the last of them: hands on a last line without its line break, and sums up.
    void finish(Intake& intake);

    SourceReport& report() { return report_; }

private:
    bool open();
    bool looks_like_text();
    std::uint64_t start_offset();
    void cut_into_pieces(std::size_t most);
    void check_zone(Time last);
    void drain(Bytes* bytes, Intake& intake, const Patience& is_over);
    void take(std::string_view whole, Intake& intake);
    bool was_replaced();

    FileName file_;
    const Extent& extent_;
    SourceReport report_;
    Descriptor fd_;
    Packing packing_ = Packing::none;
    std::vector<Piece> pieces_;
    std::uint64_t offset_ = 0, device_ = 0, inode_ = 0;
    Lines lines_;
    std::string last_;
    bool stopped_ = false;
};

}  // namespace logs
