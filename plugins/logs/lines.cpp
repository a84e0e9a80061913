#include "lines.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace logs {

std::span<char> Lines::room() {
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (buffer_.size() < end_ + chunk) buffer_.resize(end_ + chunk);
    return std::span(buffer_).subspan(end_, chunk);
}

std::string_view Lines::took(std::size_t size) {
    const auto searched = end_;
    end_ += size;
    if (skipping_) return skip_remainder();
    // What copytruncate leaves before the first line: the program writes on where it was.
    while (begin_ < end_ && buffer_[begin_] == '\0')
        ++begin_;
    if (begin_ == end_) return {};
    const auto* found = memrchr(buffer_.data() + searched, '\n', size);
    if (found != nullptr) {
        const auto* after = static_cast<const char*>(found) + 1;
        const std::string_view whole(buffer_.data() + begin_, after);
        begin_ += whole.size();
        return whole;
    }
    if (end_ - begin_ < max_line) return {};
    ++cut_;
    skipping_ = true;
    const std::string_view whole(buffer_.data() + begin_, max_line);
    begin_ = end_;
    return whole;
}

std::string_view Lines::skip_remainder() {
    const std::string_view all(buffer_.data() + begin_, end_ - begin_);
    const auto line_break = all.find('\n');
    if (line_break == all.npos) {
        begin_ = end_;
        return {};
    }
    skipping_ = false;
    begin_ += line_break + 1;
    const auto last = all.rfind('\n');
    const auto whole = all.substr(line_break + 1, last - line_break);
    begin_ += whole.size();
    return whole;
}

std::string_view Lines::took(std::string_view piece, std::size_t& taken) {
    const auto place = room();
    const auto size = std::min(piece.size(), place.size());
    std::ranges::copy(piece.substr(0, size), place.begin());
    taken += size;
    return took(size);
}

std::string_view Lines::rest() {
    const std::string_view left(buffer_.data() + begin_, end_ - begin_);
    begin_ = end_;
    return std::exchange(skipping_, false) ? std::string_view() : left;
}

NextLine next_line(std::string_view& rest) {
    if (rest.empty()) return {{}, false};
    const auto end = std::min(rest.find('\n'), rest.size());
    auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    line.remove_prefix(std::min(line.find_first_not_of('\0'), line.size()));
    return {line, true};
}

}  // namespace logs
