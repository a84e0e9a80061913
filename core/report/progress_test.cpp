#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "core/base/unique_fd.hpp"
#include "core/base/utf8.hpp"
#include "core/report/report.hpp"
#include "core/report/sample_runs.hpp"
#include "core/run/observer.hpp"

namespace triage::report {
namespace {

using namespace std::chrono_literals;

// As much of a terminal as one line needs. The line is kept whole and shown in rows of the window's
// width, so a narrower window breaks it anew, as terminals do.
class Screen {
public:
    explicit Screen(std::size_t columns) : columns_(columns) {}

    void resize(std::size_t columns) { columns_ = columns; }

    void feed(std::string_view bytes) {
        while (!bytes.empty())
            bytes.remove_prefix(take(bytes));
    }

    // What is on it, without the spaces at the end.
    std::u32string text() const {
        std::u32string text = line_;
        while (!text.empty() && text.back() == U' ')
            text.pop_back();
        return text;
    }
    std::size_t rows() const { return (text().size() + columns_ - 1) / columns_; }

private:
    std::size_t row_start() const {
        return at_ == 0 ? 0 : (at_ - (at_ == line_.size() ? 1 : 0)) / columns_ * columns_;
    }

    std::size_t take(std::string_view bytes) {
        if (bytes[0] == '\r') {
            at_ = row_start();
            return 1;
        }
        if (bytes.starts_with("\x1b[")) return take_control(bytes);
        const auto character = base::first_character(bytes);
        EXPECT_TRUE(character.valid);
        EXPECT_GE(character.code, 0x20U) << "a control character";
        if (line_.size() <= at_) line_.resize(at_ + 1, U' ');
        line_[at_++] = character.code;
        return character.length;
    }

    std::size_t take_control(std::string_view bytes) {
        const std::size_t end = bytes.find_first_of("AJK");
        if (end == std::string_view::npos) {
            ADD_FAILURE() << "an unknown control sequence: " << bytes;
            return bytes.size();
        }
        if (bytes[end] == 'A') {
            const std::size_t rows = std::stoul(std::string(bytes.substr(2, end - 2)));
            EXPECT_GE(at_, rows * columns_) << "into what others wrote";
            at_ -= std::min(at_, rows * columns_);
        } else {
            const std::size_t row_end = (at_ / columns_ + 1) * columns_;
            const std::size_t to = bytes[end] == 'J' ? line_.size() : row_end;
            for (std::size_t i = at_; i < std::min(to, line_.size()); ++i)
                line_[i] = U' ';
        }
        return end + 1;
    }

    std::size_t columns_;
    std::u32string line_;
    std::size_t at_ = 0;
};

class ProgressTest : public testing::Test {
protected:
    void SetUp() override {
        winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
        termios raw{};
        ::cfmakeraw(&raw);
        int outer = -1;
        int inner = -1;
        ASSERT_EQ(::openpty(&outer, &inner, nullptr, &raw, &size), 0);
        outer_.reset(outer);
        ASSERT_EQ(::fcntl(outer, F_SETFL, O_NONBLOCK), 0);
        stream_.reset(::fdopen(inner, "w"));
        progress_ = progress(stream_.get(), {});
        progress_->on_start(20, 20s);
    }

    void resize(unsigned short columns) {
        const winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
        ASSERT_EQ(::ioctl(outer_.get(), TIOCSWINSZ, &size), 0);
        screen_.resize(columns);
    }

    // What was written since the last time; it is on the screen then.
    std::string written() {
        std::string bytes;
        std::array<char, 4096> buffer{};
        for (;;) {
            const ssize_t got = ::read(outer_.get(), buffer.data(), buffer.size());
            if (got <= 0) break;
            bytes.append(buffer.data(), static_cast<std::size_t>(got));
        }
        screen_.feed(bytes);
        return bytes;
    }

    std::u32string shown() {
        written();
        return screen_.text();
    }

    void done(std::string_view id, model::Verdict verdict = model::Verdict::pass) {
        model::CheckResult result;
        result.id = sample::text(id);
        result.verdict = verdict;
        progress_->on_check_done(result);
    }

    struct Close {
        void operator()(std::FILE* stream) const { std::fclose(stream); }
    };
    base::UniqueFd outer_;
    std::unique_ptr<std::FILE, Close> stream_;
    std::unique_ptr<run::Observer> progress_;
    Screen screen_{80};
};

TEST_F(ProgressTest, SaysWhatIsInFlight) {
    progress_->on_check_started(sample::text("db"), 1);
    progress_->on_check_started(sample::text("api"), 1);
    progress_->on_check_started(sample::text("ui"), 1);
    progress_->on_tick(3200ms);
    EXPECT_EQ(shown(), U"0/20 done · 3 s of 20 s · waiting for: db, api, ui");
    progress_->on_check_started(sample::text("api"), 2);
    done("ui", model::Verdict::fail);
    done("never started", model::Verdict::skip);
    progress_->on_tick(4100ms);
    EXPECT_EQ(shown(), U"2/20 done, 1 failed · 4 s of 20 s · waiting for: db, api (attempt 2)");
    done("db");
    done("api");
    progress_->on_tick(5s);
    EXPECT_EQ(shown(), U"4/20 done, 1 failed · 5 s of 20 s");
}

TEST_F(ProgressTest, LeavesNothingBehind) {
    progress_->on_check_started(sample::text("db"), 1);
    progress_->on_tick(1s);
    EXPECT_NE(shown(), U"");
    progress_->on_end();
    EXPECT_EQ(shown(), U"");
    progress_->on_tick(2s);
    EXPECT_NE(shown(), U"");
    progress_.reset();
    EXPECT_EQ(shown(), U"");
}

TEST_F(ProgressTest, AShortRunShowsNothing) {
    progress_->on_tick(100ms);
    progress_->on_end();
    progress_.reset();
    EXPECT_EQ(written(), "");
}

TEST_F(ProgressTest, WritesAtMostTenTimesASecondAndOnlyWhatIsNew) {
    std::size_t writes = 0;
    for (int tick = 0; tick < 1000; ++tick) {
        done("check");
        progress_->on_tick(tick * 1ms);
        if (!written().empty()) ++writes;
    }
    EXPECT_EQ(writes, 8U);  // from 200 ms to 900 ms
    progress_->on_tick(2000ms);
    written();
    progress_->on_tick(2500ms);
    EXPECT_EQ(written(), "");
}

TEST_F(ProgressTest, DoesNotFlicker) {
    progress_->on_tick(1s);
    written();
    progress_->on_check_started(sample::text("db"), 1);
    progress_->on_tick(2s);
    const std::string bytes = written();
    // The old text stays until the new one is written over it.
    EXPECT_TRUE(bytes.starts_with("\r0/20")) << bytes;
    EXPECT_EQ(bytes.find("\x1b["), bytes.size() - 3) << bytes;
}

TEST_F(ProgressTest, KeepsToOneRow) {
    for (int i = 0; i < 100; ++i) {
        progress_->on_check_started(sample::text("check\n\twith a long name " + std::to_string(i)),
                                    1);
    }
    progress_->on_tick(1s);
    EXPECT_EQ(shown().size(), 79U);
    EXPECT_EQ(shown().back(), U'…');
    EXPECT_EQ(screen_.rows(), 1U);
}

TEST_F(ProgressTest, FollowsTheWindowsWidth) {
    for (int i = 0; i < 30; ++i)
        progress_->on_check_started(sample::text("a-long-name"), 1);
    for (int i = 0; i < 30; ++i) {
        progress_->on_check_started(sample::text("check-" + std::to_string(i)), 1);
    }
    auto elapsed = 1s;
    constexpr std::array<unsigned short, 7> widths = {80, 50, 33, 120, 20, 79, 7};
    for (const unsigned short columns : widths) {
        resize(columns);
        progress_->on_tick(elapsed++);
        EXPECT_EQ(shown().size(), columns - 1U);
        EXPECT_EQ(screen_.rows(), 1U);
    }
    progress_->on_end();
    EXPECT_EQ(shown(), U"");
}

TEST(Progress, WritesNothingWhereThereIsNoTerminal) {
    std::FILE* const file = std::tmpfile();
    ASSERT_NE(file, nullptr);
    {
        const auto observer = progress(file, {});
        observer->on_start(1, 1s);
        observer->on_tick(1s);
        observer->on_end();
    }
    EXPECT_EQ(std::ftell(file), 0);
    std::fclose(file);
}

}  // namespace
}  // namespace triage::report
