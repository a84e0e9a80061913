#include "../traceback.hpp"

#include <gtest/gtest.h>

#include "../lines.hpp"

namespace logs {
namespace {

Reading reading() {
    return {.wrapping = Wrapping::any, .zone = *Zone::parse("UTC"), .now = Time()};
}

struct Folded {
    std::string cause;
    std::uint32_t lines;
    std::string left;  ///< the first line that is not part of it
};

Folded fold(std::string_view text) {
    Fold fold;
    fold.open(next_line(text).text);
    while (const auto line = next_line(text))
        if (!fold.takes(line.text, reading()))
            return {fold.cause(), fold.lines(), std::string(line.text)};
    return {fold.cause(), fold.lines(), ""};
}

TEST(Fold, TheCauseIsTheLastLineOfTheLastChainedBlock) {
    const auto folded = fold(R"(2026-11-23 10:21:49,316 ERROR app unhandled_exception
Traceback (most recent call last):
  File "a.py", line 1, in f
    g()
psycopg.OperationalError: connection failed: Connection refused
	Is the server running on that host?

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "b.py", line 2, in h
    ~~^^
sqlalchemy.exc.OperationalError: (psycopg.OperationalError) refused
	Is the server running on that host?
(Background on this error at: https://sqlalche.me/e/20/e3q8) request_id=1 path=/x
INFO:     127.0.0.1:5 - "GET / HTTP/1.1" 500)");
    EXPECT_EQ(folded.cause.substr(0, folded.cause.find('\n')),
              "sqlalchemy.exc.OperationalError: (psycopg.OperationalError) refused");
    EXPECT_EQ(folded.lines, 15U);
    EXPECT_EQ(folded.left, "INFO:     127.0.0.1:5 - \"GET / HTTP/1.1\" 500");
    EXPECT_EQ(exception_name(folded.cause), "sqlalchemy.exc.OperationalError");
}

TEST(Fold, AMessageMayHaveSeveralLines) {
    const auto folded = fold(R"(Traceback (most recent call last):
  File "a.py", line 1, in f
pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings
auth_mode
  Input should be 'clerk' or 'local' [type=enum, input_value='', input_type=str]
    For further information visit https://errors.pydantic.dev/2.12/v/enum
ERROR:    Application startup failed. Exiting.)");
    EXPECT_TRUE(folded.cause.contains("\nauth_mode\n  Input should be"));
    EXPECT_EQ(folded.left, "ERROR:    Application startup failed. Exiting.");
}

TEST(Fold, ABlankLineEndsWhatIsNotChained) {
    EXPECT_EQ(fold("Traceback (most recent call last):\n  File\nE: x\n\nsomething else").left,
              "something else");
    EXPECT_EQ(fold("Traceback (most recent call last):\n  File\nE: x\n"
                   "Traceback (most recent call last):\n  File\nF: y")
                  .cause,
              "E: x");
}

TEST(Fold, ExceptionGroups) {
    const auto folded = fold(R"(ERROR:    Exception in ASGI application
  + Exception Group Traceback (most recent call last):
  |   File "a.py", line 1, in f
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "b.py", line 2
    | ValueError: the real one
    +------------------------------------
next)");
    EXPECT_EQ(folded.cause.substr(0, folded.cause.find('\n')), "ValueError: the real one");
    EXPECT_EQ(folded.left, "next");
}

TEST(Fold, JavaNodeAndGo) {
    EXPECT_EQ(fold("2026 ERROR x\njava.lang.A: a").left, "java.lang.A: a");
    EXPECT_EQ(fold("ERROR a\n\tat b\nCaused by: c.D: e\n\tat f\nINFO x").cause, "c.D: e");
    EXPECT_EQ(fold("Error: a\n    at b (c.js:1)\n    at d\nnext").lines, 3U);
    EXPECT_EQ(fold("panic: x\ngoroutine 1 [running]:\n\tmain.go:1").lines, 3U);
}

TEST(Fold, EndlessOnesEnd) {
    std::string text = "Traceback (most recent call last):\n";
    for (int i = 0; i < 20000; ++i)
        text += "  File\n";
    EXPECT_EQ(fold(text).lines, 10000U);
    text = "Traceback (most recent call last):\nE: x\n";
    for (int i = 0; i < 200; ++i)
        text += "more\n";
    EXPECT_LT(fold(text).lines, 40U);
}

}  // namespace
}  // namespace logs
