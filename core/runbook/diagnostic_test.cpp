#include "core/runbook/diagnostic.hpp"

#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/text.hpp"

namespace triage::runbook {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Diagnostic unknown_key() {
    return {.kind = Kind::wrong,
            .rule = Rule::unknown_key,
            .where = {"triage.toml", 7, 3},
            .line_text = "  tilte = \"Confirm impact\"",
            .length = 5,
            .message = "unknown key 'tilte' in a step. Did you mean 'title'?",
            .remedy = "What to do."};
}

void expect_narrow(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(base::display_width(line), 80U) << line;
}

// Where the caret stands under the line, in columns.
std::size_t caret_column(const std::string& text) {
    const auto caret = text.find('^');
    const auto start = text.rfind('\n', caret) + 1;
    return base::display_width(std::string_view(text).substr(start, caret - start));
}

TEST(Render, ShowsPlaceLineAndRemedy) {
    EXPECT_EQ(render(unknown_key(), false),
              "triage.toml:7:3: error: unknown key 'tilte' in a step. Did you mean 'title'?\n"
              "    7 |   tilte = \"Confirm impact\"\n"
              "      |   ^~~~~\n"
              "    What to do.\n");
}

TEST(Render, WithoutAPlaceInAFile) {
    Diagnostic found;
    found.where.file = "--var apii";
    found.message = "the runbook has no variable 'apii'";
    EXPECT_EQ(render(found, false), "--var apii: error: the runbook has no variable 'apii'\n");
}

TEST(Render, CallsWhatIsMissingHereSo) {
    auto found = unknown_key();
    found.kind = Kind::unmet;
    EXPECT_THAT(render(found, false), HasSubstr("7:3: missing here: unknown"));
}

TEST(Render, ColoursOnlyWhenAsked) {
    EXPECT_THAT(render(unknown_key(), false), Not(HasSubstr("\x1b")));
    EXPECT_THAT(render(unknown_key(), true), HasSubstr("\x1b[1;31merror\x1b[0m"));
    EXPECT_THAT(render(unknown_key(), true), HasSubstr("\x1b[32m^~~~~\x1b[0m"));
}

TEST(Render, TheCaretStandsUnderWideCharactersAndTabs) {
    auto found = unknown_key();
    found.line_text = "\t日本 = \"é\" # x";
    found.where.column = 7;
    found.length = 3;
    const auto text = render(found, false);
    const auto line = text.find("    7 | ") + 8;
    const auto value = text.find('"', line);
    EXPECT_EQ(caret_column(text),
              base::display_width(std::string_view(text).substr(line, value - line)) + 8);
    EXPECT_THAT(text, Not(HasSubstr("\t")));
}

TEST(Render, LongLinesAreShownAroundTheCaret) {
    auto found = unknown_key();
    for (const std::uint32_t column : {1U, 50U, 90U, 95U, 200U, 401U}) {
        found.line_text = std::string(column - 1, 'a') + "MARK" + std::string(500, 'b');
        found.where.column = column;
        found.length = 4;
        const auto text = render(found, false);
        expect_narrow(text);
        EXPECT_THAT(text, HasSubstr("MARK")) << column;
        const auto mark = text.find("MARK");
        const auto start = text.rfind('\n', mark) + 1;
        EXPECT_EQ(caret_column(text),
                  base::display_width(std::string_view(text).substr(start, mark - start)));
    }
    found.where.column = 1;
    found.length = 600;
    expect_narrow(render(found, false));
}

TEST(Render, LongMessagesAreWrapped) {
    auto found = unknown_key();
    found.where.file = std::string(120, 'f');
    for (int i = 0; i < 40; ++i)
        found.message += fmt::format(" word{}", i);
    found.remedy = std::string(300, 'x') + " end";
    const auto text = render(found, false);
    std::istringstream lines(text);
    std::string first;
    std::getline(lines, first);  // a path is never broken
    expect_narrow(text.substr(first.size()));
    EXPECT_THAT(text, HasSubstr("word39"));
    EXPECT_THAT(text, HasSubstr("end\n"));
}

TEST(Render, ControlCharactersDoNotReachTheTerminal) {
    auto found = unknown_key();
    found.line_text = "a = \"\x1b[31m\x07\"";
    found.message = "x\x1b]0;title\x07y";
    found.where.file = "\x1b[2Jfile";
    EXPECT_THAT(render(found, false), Not(HasSubstr("\x1b")));
    EXPECT_THAT(render(found, false), Not(HasSubstr("\x07")));
}

TEST(Render, APlaceBehindTheLineIsShownAtItsEnd) {
    auto found = unknown_key();
    found.where.column = 500;
    const auto text = render(found, false);
    EXPECT_THAT(text, HasSubstr("^"));
    expect_narrow(text);
}

}  // namespace
}  // namespace triage::runbook
