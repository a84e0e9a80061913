// Compares reports with the files in testdata. After a wanted change, write them anew and read the
// difference:
//
//     TRIAGE_UPDATE_GOLDEN=1 build/dev/core/report/report_test --gtest_filter='*Golden*'
//     git diff core/report/testdata
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "core/report/report.hpp"
#include "core/report/sample_runs.hpp"

namespace triage::report {
namespace {

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

void compare(const std::string& file, const std::string& actual) {
    const std::string path = TRIAGE_REPORT_TESTDATA "/" + file;
    if (std::getenv("TRIAGE_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << actual;
    }
    EXPECT_EQ(read(path), actual) << "see the top of golden_test.cpp for how to update " << path;
}

struct Case {
    std::string name;
    model::Run (*run)();
    Style style;
};

class Golden : public testing::TestWithParam<Case> {};

TEST_P(Golden, Console) {
    const auto& [name, run, style] = GetParam();
    const std::string report = console(sample::reported(run()), style);
    compare(name + ".txt", report);
    std::istringstream lines(report);
    for (std::string line; std::getline(lines, line);) {
        // Colours are the only control sequences, and printable() drops those.
        EXPECT_LE(base::display_width(base::printable(line)), style.columns) << line;
        if (!style.color) {
            EXPECT_EQ(base::printable(line), line);
        }
    }
}

constexpr Style plain{};
constexpr Style color{.color = true};
constexpr Style ascii{.unicode = false};
constexpr Style narrow{.columns = 40};
constexpr Style wide{.columns = 120};
constexpr Style verbose{.verbose = true};

INSTANTIATE_TEST_SUITE_P(
    Report, Golden,
    testing::Values(
        Case{"healthy", sample::healthy, plain}, Case{"healthy-verbose", sample::healthy, verbose},
        Case{"fault", sample::one_fault, plain}, Case{"fault-color", sample::one_fault, color},
        Case{"fault-ascii", sample::one_fault, ascii},
        Case{"fault-narrow", sample::one_fault, narrow},
        Case{"fault-wide", sample::one_fault, wide}, Case{"unknown", sample::unknown, plain},
        Case{"unknown-color", sample::unknown, color},
        Case{"interrupted", sample::interrupted, plain}, Case{"flapping", sample::flapping, plain},
        Case{"waived", sample::waived, plain}, Case{"crashed", sample::crashed, plain},
        Case{"crashed-narrow", sample::crashed, narrow}, Case{"empty", sample::empty, plain},
        Case{"hostile", sample::hostile, plain}, Case{"hostile-narrow", sample::hostile, narrow},
        Case{"hostile-verbose", sample::hostile, verbose},
        Case{"many", [] { return sample::many(10'000); }, plain}),
    [](const auto& param) {
        std::string name = param.param.name;
        std::erase(name, '-');
        return name;
    });

struct AnswerCase {
    std::string name;
    model::Diagnosis (*diagnosis)();
    Style style;
};

class GoldenAnswer : public testing::TestWithParam<AnswerCase> {};

TEST_P(GoldenAnswer, Console) {
    const auto& [name, diagnosis, style] = GetParam();
    const auto report = console(
        {.run = sample::one_fault(), .diagnosis = diagnosis(), .changes = sample::some_changes()},
        style);
    compare(name + ".txt", report);
    std::istringstream lines(report);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(base::display_width(base::printable(line)), style.columns) << line;
}

INSTANTIATE_TEST_SUITE_P(Report, GoldenAnswer,
                         testing::Values(AnswerCase{"answer", sample::database_down, plain},
                                         AnswerCase{"answer-color", sample::database_down, color},
                                         AnswerCase{"answer-narrow", sample::database_down, narrow},
                                         AnswerCase{"answer-unclear", sample::unclear, plain},
                                         AnswerCase{"answer-none", sample::unexplained, plain},
                                         AnswerCase{"answer-unclear-ascii", sample::unclear, ascii},
                                         AnswerCase{"answer-unclear-narrow", sample::unclear,
                                                    narrow}),
                         [](const auto& param) {
                             std::string name = param.param.name;
                             std::erase(name, '-');
                             return name;
                         });

TEST(GoldenJson, Documents) {
    compare("answer.json", json({.run = sample::one_fault(),
                                 .diagnosis = sample::database_down(),
                                 .changes = sample::some_changes()}));
    compare("answer-unclear.json",
            json({.run = sample::one_fault(), .diagnosis = sample::unclear(), .changes = {}}));
    compare("fault.json", json(sample::reported(sample::one_fault())));
    compare("unknown.json", json(sample::reported(sample::unknown())));
    compare("interrupted.json", json(sample::reported(sample::interrupted())));
    compare("flapping.json", json(sample::reported(sample::flapping())));
    compare("healthy.json", json(sample::reported(sample::healthy())));
    compare("empty.json", json(sample::reported(sample::empty())));
    compare("hostile.json", json(sample::reported(sample::hostile())));
}

}  // namespace
}  // namespace triage::report
