#include "core/plugin/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace triage::plugin {
namespace {

constexpr std::size_t max_line_bytes = 1000;
constexpr std::size_t max_last_lines = 3;

}  // namespace

bool Output::read(int fd) {
    std::array<char, 64UL * 1024> buffer;
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    bytes_ += static_cast<std::size_t>(got);
    add({buffer.data(), static_cast<std::size_t>(got)});
    return true;
}

void Output::add(std::string_view text) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto room = max_line_bytes - std::min(partial_.size(), max_line_bytes);
        partial_ += text.substr(0, std::min(end, room));
        if (end < text.size()) end_line();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void Output::end_line() {
    std::string line = std::exchange(partial_, {});
    if (line.empty()) return;
    if (last_.size() == max_last_lines) last_.erase(last_.begin());
    last_.push_back(line);
    if (lines_.size() < max_output_lines) {
        lines_.push_back(std::move(line));
    } else {
        ++lost_;
    }
}

std::vector<std::string> Output::take() {
    end_line();
    if (lost_ > 0) lines_.push_back("(" + std::to_string(lost_) + " more lines were dropped)");
    lost_ = 0;
    return std::exchange(lines_, {});
}

std::string Output::last_words() const {
    std::string words;
    const auto add_line = [&words](std::string_view line) {
        if (!words.empty()) words += "; ";
        words += line.substr(0, 200);
    };
    for (const auto& line : last_)
        add_line(line);
    if (!partial_.empty()) add_line(partial_);
    return words;
}

}  // namespace triage::plugin
