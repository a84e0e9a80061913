#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/report/report.hpp"
#include "core/run/observer.hpp"

namespace triage::report {
namespace {

using std::chrono::microseconds;
using namespace std::chrono_literals;

constexpr microseconds quiet_time = 200ms;  // a run that is over by then shows nothing
constexpr microseconds least_pause = 100ms;

std::string whole_seconds(microseconds time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return seconds < 1s ? "0 s" : base::format_duration(seconds);
}

// One line at the cursor's row, written at once and only when it differs.
class TerminalLine {
public:
    explicit TerminalLine(std::FILE* stream) : stream_(stream) {}

    std::size_t columns() const {
        winsize size{};
        const bool known = ::ioctl(::fileno(stream_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
        return known ? size.ws_col : Style().columns;
    }

    void show(const std::string& text, std::size_t columns) {
        const std::size_t width = base::display_width(text);
        // When the window got narrower, the terminal has broken our line into several rows.
        const std::size_t rows = columns < width_ ? (width_ - 1) / columns : 0;
        if (text == text_ && rows == 0) return;
        std::string out = "\r";
        if (rows > 0) out += fmt::format("\x1b[{}A\x1b[J", rows);
        // What is new is written over what is old: an empty line in between would flicker.
        out += text + "\x1b[K";
        write(out);
        text_ = text;
        width_ = width;
    }

    void clear() { show("", columns()); }

private:
    void write(const std::string& bytes) {
        std::fwrite(bytes.data(), 1, bytes.size(), stream_);
        std::fflush(stream_);
    }

    std::FILE* stream_;
    std::string text_;
    std::size_t width_ = 0;
};

class Progress final : public run::Observer {
public:
    Progress(std::FILE* stream, const Style& style) : line_(stream), style_(style) {}
    ~Progress() override { line_.clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void on_start(std::size_t total, microseconds deadline) override {
        total_ = total;
        deadline_ = deadline;
    }

    void on_check_started(const model::Text& id, unsigned attempt) override {
        const auto known = find(id);
        if (known != in_flight_.end()) {
            known->attempt = attempt;
        } else {
            in_flight_.push_back({id.str(), attempt});
        }
    }

    void on_check_done(const model::CheckResult& result) override {
        ++done_;
        failed_ += result.verdict == model::Verdict::fail ? 1 : 0;
        const auto known = find(result.id);
        if (known != in_flight_.end()) in_flight_.erase(known);
    }

    void on_tick(microseconds elapsed) override {
        if (elapsed < quiet_time || (shown_ && elapsed < *shown_ + least_pause)) return;
        shown_ = elapsed;
        const std::size_t columns = line_.columns();
        // The last column stays free: some terminals go to the next row when it is written.
        line_.show(base::elide(describe(elapsed, columns), columns - 1, ellipsis()), columns);
    }

    void on_end() override { line_.clear(); }

private:
    struct InFlight {
        std::string id;
        unsigned attempt = 1;
    };

    std::vector<InFlight>::iterator find(const model::Text& id) {
        return std::ranges::find(in_flight_, id.str(), &InFlight::id);
    }

    std::string_view ellipsis() const { return style_.unicode ? "…" : "..."; }

    // "12/20 done, 1 failed · 3 s of 20 s · waiting for: db, api (attempt 2)"
    std::string describe(microseconds elapsed, std::size_t columns) const {
        const std::string_view dot = style_.unicode ? " · " : " | ";
        std::string text = fmt::format("{}/{} done", done_, total_);
        if (failed_ > 0) text += fmt::format(", {} failed", failed_);
        text += fmt::format("{}{}", dot, whole_seconds(elapsed));
        if (deadline_.count() > 0) text += fmt::format(" of {}", base::format_duration(deadline_));
        if (!in_flight_.empty()) text += fmt::format("{}waiting for: ", dot);
        for (std::size_t i = 0; i < in_flight_.size(); ++i) {
            if (text.size() > columns * 4) break;  // the rest cannot be seen
            text += i == 0 ? "" : ", ";
            text += in_flight_[i].id;
            if (in_flight_[i].attempt > 1)
                text += fmt::format(" (attempt {})", in_flight_[i].attempt);
        }
        std::ranges::replace(text, '\n', ' ');
        std::ranges::replace(text, '\t', ' ');
        return text;
    }

    TerminalLine line_;
    Style style_;
    std::size_t total_ = 0;
    std::size_t done_ = 0;
    std::size_t failed_ = 0;
    microseconds deadline_{0};
    std::optional<microseconds> shown_;
    std::vector<InFlight> in_flight_;  // in the order in which they began
};

}  // namespace

std::unique_ptr<run::Observer> progress(std::FILE* stream, const Style& style) {
    if (::isatty(::fileno(stream)) != 1) return std::make_unique<run::Observer>();
    return std::make_unique<Progress>(stream, style);
}

}  // namespace triage::report
