#include <pty.h>
#include <sys/ioctl.h>

#include <cstdlib>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "core/base/unique_fd.hpp"
#include "core/report/report.hpp"

namespace triage::report {
namespace {

// A terminal of the given width, and an environment of which nothing is left behind.
class StyleTest : public testing::Test {
protected:
    void SetUp() override {
        winsize size{.ws_row = 24, .ws_col = 93, .ws_xpixel = 0, .ws_ypixel = 0};
        int outer = -1;
        int inner = -1;
        ASSERT_EQ(::openpty(&outer, &inner, nullptr, nullptr, &size), 0);
        outer_.reset(outer);
        terminal_.reset(inner);
        for (const char* name :
             {"NO_COLOR", "CLICOLOR_FORCE", "TERM", "LC_ALL", "LC_CTYPE", "LANG", "COLUMNS"}) {
            const char* const value = std::getenv(name);
            if (value != nullptr) before_[name] = value;
            ::unsetenv(name);
        }
        ::setenv("TERM", "xterm", 1);
    }

    void TearDown() override {
        for (const char* name :
             {"NO_COLOR", "CLICOLOR_FORCE", "TERM", "LC_ALL", "LC_CTYPE", "LANG", "COLUMNS"}) {
            const auto old = before_.find(name);
            old == before_.end() ? ::unsetenv(name) : ::setenv(name, old->second.c_str(), 1);
        }
    }

    Style style() const { return style_for(terminal_.get()); }

    base::UniqueFd outer_;
    base::UniqueFd terminal_;
    std::map<std::string, std::string> before_;
};

TEST_F(StyleTest, TakesTheTerminalsWidth) {
    EXPECT_EQ(style().columns, 93U);
    winsize size{.ws_row = 24, .ws_col = 12, .ws_xpixel = 0, .ws_ypixel = 0};
    ASSERT_EQ(::ioctl(terminal_.get(), TIOCSWINSZ, &size), 0);
    EXPECT_EQ(style().columns, 40U);
    size.ws_col = 500;
    ASSERT_EQ(::ioctl(terminal_.get(), TIOCSWINSZ, &size), 0);
    EXPECT_EQ(style().columns, 120U);
}

TEST_F(StyleTest, WithoutATerminalTakesColumnsOrEighty) {
    EXPECT_EQ(style_for(-1).columns, 80U);
    ::setenv("COLUMNS", "100", 1);
    EXPECT_EQ(style_for(-1).columns, 100U);
    ::setenv("COLUMNS", "wide", 1);
    EXPECT_EQ(style_for(-1).columns, 80U);
}

TEST_F(StyleTest, ColoursOnlyWhereWanted) {
    EXPECT_TRUE(style().color);
    EXPECT_FALSE(style_for(-1).color);
    ::setenv("TERM", "dumb", 1);
    EXPECT_FALSE(style().color);
    ::setenv("CLICOLOR_FORCE", "1", 1);
    EXPECT_TRUE(style_for(-1).color);
    ::setenv("NO_COLOR", "1", 1);
    EXPECT_FALSE(style().color);
    EXPECT_FALSE(style_for(-1).color);
}

TEST_F(StyleTest, UsesUnicodeIfTheLocaleHasIt) {
    EXPECT_FALSE(style().unicode);
    ::setenv("LANG", "de_DE.UTF-8", 1);
    EXPECT_TRUE(style().unicode);
    ::setenv("LC_CTYPE", "POSIX", 1);
    EXPECT_FALSE(style().unicode);
    ::setenv("LC_ALL", "C.utf8", 1);
    EXPECT_TRUE(style().unicode);
}

}  // namespace
}  // namespace triage::report
