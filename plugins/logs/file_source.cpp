#include "file_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <triage/text.hpp>

#include "seek.hpp"
#include "text.hpp"

namespace logs {
namespace {

constexpr std::size_t start_size = 8192;
constexpr std::size_t max_last_line = 4096;

std::string kind_of(mode_t mode) {
    if (S_ISDIR(mode)) return "a folder: name the files in it, for example with /*.log";
    if (S_ISFIFO(mode)) return "a pipe, which reading would empty";
    if (S_ISSOCK(mode)) return "a socket";
    return "a device";
}

Time modified(const struct stat& status) {
    return Time(std::chrono::seconds(status.st_mtim.tv_sec) +
                std::chrono::microseconds(status.st_mtim.tv_nsec / 1000));
}

}  // namespace

FileSource::FileSource(FileName file, const Extent& extent)
    : file_(std::move(file)), extent_(extent) {
    report_.name = file_.path;
}

bool FileSource::open() {
    const auto failed = [this](int number) {
        report_.unreadable = file_error(number);
        return false;
    };
    struct stat status{};
    if (::stat(file_.path.c_str(), &status) != 0) return failed(errno);
    if (S_ISREG(status.st_mode)) {  // opening a device or pipe may already do something
        fd_ = Descriptor(::open(file_.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
        if (!fd_ || ::fstat(fd_.get(), &status) != 0) return failed(errno);
    }
    if (!S_ISREG(status.st_mode)) {
        report_.unreadable = "not a regular file, but " + kind_of(status.st_mode);
        return false;
    }
    device_ = status.st_dev;
    inode_ = status.st_ino;
    report_.written = modified(status);
    return true;
}

/// Zeros at the start are what a file has that was truncated while its writer stayed where it was.
bool FileSource::looks_like_text() {
    std::vector<char> start(start_size);
    std::uint64_t at = 0;
    std::string_view text;
    for (;; at += text.size()) {
        text = {start.data(), read_at(fd_.get(), start, at).value()};
        const auto zeros = std::min(text.find_first_not_of('\0'), text.size());
        if (zeros < text.size() || text.empty()) {
            text.remove_prefix(zeros);
            break;
        }
    }
    const auto odd = std::ranges::count_if(text, [](char c) {
        return (c >= 0 && c < ' ' && !std::string_view("\t\n\v\f\r\x1b\b").contains(c)) ||
               c == 0x7f;
    });
    return static_cast<std::size_t>(odd) * 20 <= text.size();
}

std::uint64_t FileSource::start_offset() {
    struct stat status{};
    if (::fstat(fd_.get(), &status) != 0) return 0;
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const auto& since = extent_.window.since;
    std::uint64_t begin = 0;
    report_.dated = is_dated(fd_.get(), size, extent_.reading);
    if (extent_.tail > 0) begin = find_tail(fd_.get(), size, extent_.tail);
    if (!report_.dated) {
        if (since && modified(status) < *since) return size;
        const auto undated = find_tail(fd_.get(), size, extent_.undated_tail);
        if (undated > begin) {
            report_.notes.push_back(triage::text("its lines say no time: the last ",
                                                 extent_.undated_tail, " were looked at"));
        }
        return std::max(begin, undated);
    }
    if (!since) return begin;
    const auto start = find_since(fd_.get(), size, *since, extent_.reading);
    if (start.jumps) report_.notes.emplace_back("its times jump back: it was read from its start");
    return std::max(begin, start.offset);
}

void FileSource::take(std::string_view whole, Intake& intake) {
    if (whole.empty()) return;
    report_.bytes += whole.size();
    intake.lines(whole);
    auto end = whole.find_last_not_of('\n');
    end = end == whole.npos ? 0 : end + 1;
    const auto begin = whole.substr(0, end).rfind('\n');
    last_ = whole.substr(begin == whole.npos ? 0 : begin + 1, max_last_line);
}

void FileSource::drain(Bytes* bytes, Intake& intake, const Patience& is_over) {
    for (;;) {
        if (is_over()) {
            stopped_ = true;
            report_.unreadable = "there was no time left to read all of it";
            return;
        }
        if (bytes != nullptr && report_.bytes >= extent_.max_expanded) {
            report_.unreadable =
                triage::text("it expands to more than ", extent_.max_expanded >> 20U,
                             " MiB: the rest was not read (max-expanded-mib)");
            return;
        }
        const auto room = lines_.room();
        const auto size = bytes != nullptr ? bytes->read(room) : read_some(fd_.get(), room);
        if (!size) {
            report_.unreadable = size.reason();
            return;
        }
        if (size.value() == 0) return;
        offset_ += size.value();
        take(lines_.took(size.value()), intake);
    }
}

void FileSource::finish(Intake& intake) {
    take(lines_.rest(), intake);
    intake.gap();
    if (lines_.cut() > 0) {
        report_.notes.push_back(triage::text(lines_.cut(), " lines over 1 MiB were cut"));
    }
    if (const auto stamp = time_of(last_, extent_.reading)) {
        report_.last_line = stamp->at;
        if (!stamp->zoned && packing_ == Packing::none) check_zone(stamp->at);
    }
    const auto& since = extent_.window.since;
    const auto newest = report_.last_line ? report_.last_line : report_.written;
    report_.in_window = report_.bytes > 0 && (!since || !newest || *newest >= *since);
}

/// A line is written when it happens, so a file tells its zone: from whole quarters of an hour
/// between both times, or from a last line in the future.
void FileSource::check_zone(Time last) {
    using std::chrono::minutes;
    constexpr minutes quarter{15}, most{14 * 60}, slack{1};
    if (!report_.written) return;
    const auto behind = *report_.written - last;
    const bool is_ahead = behind < -slack;
    const auto beyond = (behind + slack) % quarter;
    const bool is_behind = behind > quarter && behind < most && beyond < slack * 2;
    if (!is_ahead && !is_behind) return;
    report_.unreadable = triage::text(
        "its last line is ", age(is_ahead ? -behind : behind), is_ahead ? " ahead of" : " behind",
        " the time when the file was written: is its zone another than the assumed? Set `zone`");
}

void FileSource::open_at_start(std::size_t most_pieces) {
    if (!open()) return;
    std::vector<char> start(16);
    const auto size = read_at(fd_.get(), start, 0);
    if (!size) {
        report_.unreadable = size.reason();
        return;
    }
    packing_ = packing_of({start.data(), size.value()});
    if (packing_ == Packing::journal) {
        report_.unreadable = "it is a journal file: name it in journal-files";
    } else if (packing_ == Packing::other || (packing_ == Packing::none && !looks_like_text())) {
        report_.unreadable = "it is not text, and neither gzip nor zstd";
    } else if (packing_ == Packing::none) {
        offset_ = start_offset();
        cut_into_pieces(most_pieces);
        ::lseek(fd_.get(), static_cast<off_t>(offset_), SEEK_SET);
    }
    if (!report_.unreadable.empty()) fd_ = Descriptor();
}

/// Worth it only if each piece takes much longer than starting a thread.
void FileSource::cut_into_pieces(std::size_t most) {
    constexpr std::uint64_t least = 32UL << 20;
    struct stat status{};
    if (!report_.dated || ::fstat(fd_.get(), &status) != 0) return;
    const auto begin = offset_, end = static_cast<std::uint64_t>(status.st_size);
    const auto count = std::min<std::uint64_t>(most, (end - std::min(begin, end)) / least);
    for (std::uint64_t i = 1; i < count; ++i) {
        const auto cut = next_entry(fd_.get(), begin + (end - begin) / count * i, extent_.reading);
        if (!cut || *cut <= offset_) continue;
        pieces_.push_back({offset_, *cut});
        offset_ = *cut;
    }
}

std::uint64_t FileSource::read_piece(Piece piece, Intake& intake, const Patience& is_over) const {
    Lines lines;
    auto at = piece.begin;
    while (at < piece.end && !is_over()) {
        const auto room = lines.room();
        const auto wanted = std::min<std::uint64_t>(room.size(), piece.end - at);
        const auto size =
            read_at(fd_.get(), room.first(static_cast<std::size_t>(wanted)), at).value();
        if (size == 0) break;
        at += size;
        if (const auto whole = lines.took(size); !whole.empty()) intake.lines(whole);
    }
    if (const auto rest = lines.rest(); !rest.empty()) intake.lines(rest);
    intake.gap();
    return at - piece.begin;
}

void FileSource::add_pieces(const std::vector<std::uint64_t>& sizes) {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        report_.bytes += sizes.at(i);
        if (sizes[i] < pieces_[i].end - pieces_[i].begin)
            report_.unreadable = "there was no time left to read all of it";
    }
}

void FileSource::read(Intake& intake, const Patience& is_over) {
    if (!fd_) return;
    if (packing_ == Packing::none) {
        drain(nullptr, intake, is_over);
        return;
    }
    const auto bytes = expand(fd_.get(), packing_);
    drain(bytes.get(), intake, is_over);
    fd_ = Descriptor();
    if (extent_.tail > 0) report_.notes.emplace_back("it is compressed: all of it was read");
}

bool FileSource::was_replaced() {
    struct stat status{};
    if (::stat(file_.path.c_str(), &status) != 0) return false;  // between two names: next time
    if (status.st_dev != device_ || status.st_ino != inode_) return true;
    if (static_cast<std::uint64_t>(status.st_size) >= offset_) return false;
    report_.notes.emplace_back("it was truncated while it was followed");
    offset_ = 0;
    ::lseek(fd_.get(), 0, SEEK_SET);
    return false;
}

void FileSource::read_more(Intake& intake, const Patience& is_over) {
    if (!fd_ || file_.rotated) return;
    const bool replaced = was_replaced();  // before the rest is read: nothing is added after it
    drain(nullptr, intake, is_over);
    if (replaced) {
        take(lines_.rest(), intake);
        intake.gap();
        if (!open()) return;
        report_.notes.emplace_back("it was rotated while it was followed");
        offset_ = 0;
        drain(nullptr, intake, is_over);
    }
}

}  // namespace logs
