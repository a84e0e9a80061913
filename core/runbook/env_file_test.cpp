// The dialect is that of Docker Compose 2 (compose-go's dotenv).
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/runbook/validate.hpp"

namespace triage::runbook {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::optional<std::string> environment(const std::string& name) {
    static const std::map<std::string, std::string> values{{"HOME", "/root"}, {"EMPTY", ""}};
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
}

std::map<std::string, std::string> parse(std::string_view text) {
    auto values = parse_env_file(text, environment);
    EXPECT_TRUE(values) << values.error().message;
    return values.value_or(std::map<std::string, std::string>());
}

struct Line {
    std::string_view text;
    std::string_view value;  // of X
};

class EnvFile : public ::testing::TestWithParam<Line> {};

TEST_P(EnvFile, IsReadAsComposeDoes) {
    EXPECT_EQ(parse(GetParam().text)["X"], GetParam().value) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Plain, EnvFile,
    ::testing::Values(Line{"X=1", "1"}, Line{"X=", ""}, Line{"X=\n", ""},
                      Line{"X = spaced out  ", "spaced out"}, Line{"X: yaml", "yaml"},
                      Line{"  export X=1", "1"}, Line{"export\tX=1", "1"}, Line{"X=a=b", "a=b"},
                      Line{"X=1\r\nY=2\r\n", "1"}, Line{"\xEF\xBB\xBFX=1", "1"},
                      Line{"X=a b", "a b"}, Line{"X=1\nX=2", "2"},
                      Line{"X=postgres://u:p@db:5432/x", "postgres://u:p@db:5432/x"},
                      Line{"\n\n# c\n  # d\nX=1", "1"}));

INSTANTIATE_TEST_SUITE_P(Comments, EnvFile,
                         ::testing::Values(Line{"X=1 # comment", "1"}, Line{"X=1# none", "1# none"},
                                           Line{"X=#none", "#none"},
                                           Line{"X=\"1 # none\"", "1 # none"},
                                           Line{"X=\"1\" # comment", "1"},
                                           Line{"X='1'# comment", "1"},
                                           Line{"X=\"1\" # it's\nY='2'", "1"}));

INSTANTIATE_TEST_SUITE_P(
    Quotes, EnvFile,
    ::testing::Values(Line{"X='a b'", "a b"}, Line{"X=\"a b\"", "a b"}, Line{"X=''", ""},
                      Line{"X='$HOME ${HOME}'", "$HOME ${HOME}"}, Line{"X='a\\nb'", "a\\nb"},
                      Line{"X='it\\'s'", "it's"}, Line{"X=\"a\\\"b\"", "a\"b"},
                      Line{"X='two\nlines'", "two\nlines"}, Line{"X=\"two\nlines\"", "two\nlines"},
                      Line{"X='a\\\\b'", "a\\\\b"}, Line{"X=a\\nb", "a\\nb"},
                      Line{"X=it's", "it's"}));

INSTANTIATE_TEST_SUITE_P(Escapes, EnvFile,
                         ::testing::Values(Line{R"(X="a\nb\tc\rd")", "a\nb\tc\rd"},
                                           Line{R"(X="a\\nb")", "a\\nb"},
                                           Line{R"(X="\$HOME")", "$HOME"},
                                           Line{R"(X="\0101")", "A"}, Line{R"(X="\01")", "\\01"},
                                           Line{R"(X="\q")", "\\q"}));

INSTANTIATE_TEST_SUITE_P(
    References, EnvFile,
    ::testing::Values(Line{"X=$HOME", "/root"}, Line{"X=${HOME}/x", "/root/x"},
                      Line{"X=\"${HOME}\"", "/root"}, Line{"A=1\nX=$A$A", "11"},
                      Line{"X=$NONE", ""}, Line{"HOME=mine\nX=$HOME", "/root"},
                      Line{"X=$$HOME", "$HOME"}, Line{"X=${NONE:-d}", "d"},
                      Line{"X=${EMPTY:-d}", "d"}, Line{"X=${EMPTY-d}", ""},
                      Line{"X=${NONE-d}", "d"}, Line{"X=${HOME:+y}", "y"},
                      Line{"X=${EMPTY:+y}", ""}, Line{"X=${EMPTY+y}", "y"}, Line{"X=${NONE+y}", ""},
                      Line{"X=${HOME:?no}", "/root"}, Line{"X=${EMPTY?no}", ""},
                      Line{"X=${NONE:-${HOME:-e}}!", "/root!"}, Line{"X=${NONE:-{a}}", "{a}"},
                      Line{"X=${NONE:-}", ""}, Line{"X=${NONE:-a-b:c}", "a-b:c"}));

TEST(EnvFileText, AloneNameTakesTheEnvironment) {
    const auto values = parse("HOME\nNONE\nX=1");
    EXPECT_EQ(values.at("HOME"), "/root");
    EXPECT_FALSE(values.contains("NONE"));
    EXPECT_EQ(values.at("X"), "1");
}

TEST(EnvFileText, NothingIsNothing) {
    EXPECT_THAT(parse(""), IsEmpty());
    EXPECT_THAT(parse("# only\n\n"), IsEmpty());
}

TEST(EnvFileText, StatementsMayFollowAQuote) {
    const auto values = parse("A='1' B='2'\nC=3");
    EXPECT_EQ(values.at("B"), "2");
    EXPECT_EQ(values.at("C"), "3");
}

struct Bad {
    std::string_view text;
    std::string_view message;
};

class BadEnvFile : public ::testing::TestWithParam<Bad> {};

TEST_P(BadEnvFile, NamesThePlaceButNeverTheLine) {
    const auto values = parse_env_file(GetParam().text, environment);
    ASSERT_FALSE(values) << GetParam().text;
    EXPECT_THAT(values.error().message, HasSubstr(GetParam().message));
    EXPECT_THAT(values.error().message, Not(HasSubstr("s3cret")));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadEnvFile,
    ::testing::Values(Bad{"A=1\nPASS=\"s3cret\nB=2", "line 2, column 6: a quoted value has no end"},
                      Bad{"PASS='s3cret\\'", "line 1, column 6"},
                      Bad{"A B=s3cret", "line 1, column 3: unexpected character"},
                      Bad{"=s3cret", "line 1, column 1: a name is missing"},
                      Bad{"A=1\n\n!=s3cret", "line 3, column 1"},
                      Bad{"A=s3cret$", "write '$$' for a dollar sign"},
                      Bad{"A=s3cret$1", "line 1, column 3"}, Bad{"A=${B", "'$' without the name"},
                      Bad{"A=${}s3cret", "'${' without the name"},
                      Bad{"A=${B!s3cret}", "followed by something else"},
                      Bad{"A=${B:s3cret}", "followed by something else"},
                      Bad{"A=${B:?must be set}", "the variable B is required: must be set"},
                      Bad{"A=${EMPTY:?must be set}", "required"},
                      Bad{"A=s3cret\nB=${C:?say $A and ${D:-s3cret}}",
                          "the variable C is required: say …"},
                      Bad{"A=x${s3cret!}", "followed by something else"}));

TEST(EnvFileText, NestingIsLimited) {
    std::string text = "A=";
    for (int i = 0; i < 100'000; ++i)
        text += "${B:-";
    text += std::string(100'000, '}');
    const auto values = parse_env_file(text, environment);
    ASSERT_FALSE(values);
    EXPECT_THAT(values.error().message, HasSubstr("nested too deeply"));
}

TEST(EnvFileText, EveryTruncationIsAnswered) {
    constexpr std::string_view text =
        "# c\nexport A=\"x\\\"y\\n$HOME ${B:-${C:+d}}\" # e\nB='it\\'s'\nC: ${D:?e} #f\nE=$$ g # "
        "h\n";
    for (std::size_t size = 0; size <= text.size(); ++size) {
        const auto values = parse_env_file(text.substr(0, size), environment);
        if (values) continue;
        EXPECT_THAT(values.error().message, HasSubstr("line "));
    }
}

}  // namespace
}  // namespace triage::runbook
