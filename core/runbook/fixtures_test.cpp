// Every rule has a runbook that breaks it, testdata/invalid-RULE….toml, and what is said about it,
// the same name with .expected. To write these anew: TRIAGE_UPDATE_GOLDEN=1 runbook_test, then read
// the difference.
//
// Comments at the beginning of a fixture give what comes from outside:
//     # --var NAME=VALUE     # --profile NAME     # env NAME=VALUE
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "core/runbook/parse.hpp"
#include "core/runbook/testing.hpp"

namespace triage::runbook {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<std::string> fixtures(std::string_view prefix) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(TRIAGE_TESTDATA)) {
        const auto name = entry.path().filename().string();
        if (name.starts_with(prefix) && name.ends_with(".toml")) names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
}

std::pair<std::string, std::string> pair_of(const std::string& text) {
    const auto equals = text.find('=');
    return {text.substr(0, equals), text.substr(equals + 1)};
}

Inputs inputs_of(const std::string& text) {
    std::map<std::string, std::string> environment;
    Inputs outside;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line) && line.starts_with("# ");) {
        const std::string_view rest = std::string_view(line).substr(2);
        const auto after = [&](std::string_view word) {
            return std::string(rest.substr(word.size()));
        };
        if (rest.starts_with("--var ")) outside.vars.push_back(pair_of(after("--var ")));
        if (rest.starts_with("--profile ")) outside.profile = after("--profile ");
        if (rest.starts_with("env ")) environment.insert(pair_of(after("env ")));
    }
    const auto defaults = testing::with_environment(std::move(environment));
    outside.environment = defaults.environment;
    outside.today = defaults.today;
    outside.read_file = [](const std::string& path) -> base::Result<std::optional<std::string>> {
        if (!fs::exists(path)) return std::nullopt;
        return read(path);
    };
    return outside;
}

Diagnostics diagnose(const std::string& file) {
    const auto document = load(file);
    if (!document) return document.error();
    return validate(*document, testing::catalog(), inputs_of(read(file))).diagnostics;
}

class Fixtures : public ::testing::TestWithParam<std::string> {
protected:
    // Messages name files as the user does: here without a folder.
    void SetUp() override { fs::current_path(TRIAGE_TESTDATA); }
};

TEST_P(Fixtures, SayWhatIsExpected) {
    const auto diagnostics = diagnose(GetParam());
    std::string found;
    for (const auto& diagnostic : diagnostics)
        found += fmt::format("[{}]\n{}\n", name(diagnostic.rule), render(diagnostic, false));
    const auto golden = fs::path(GetParam()).replace_extension(".expected");
    // NOLINTNEXTLINE(concurrency-mt-unsafe): this test has one thread
    if (std::getenv("TRIAGE_UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << found;
    ASSERT_TRUE(fs::exists(golden)) << "no " << golden;
    EXPECT_EQ(found, read(golden));
}

TEST_P(Fixtures, BreakTheRuleTheyAreNamedAfter) {
    std::set<std::string> broken;
    for (const auto& diagnostic : diagnose(GetParam()))
        broken.emplace(name(diagnostic.rule));
    const auto named_after = [&](const std::string& rule) {
        return GetParam().starts_with("invalid-" + rule);
    };
    EXPECT_TRUE(std::ranges::any_of(broken, named_after)) << GetParam();
}

TEST_P(Fixtures, AreShownInAtMost80Columns) {
    for (const auto& diagnostic : diagnose(GetParam())) {
        std::istringstream lines(render(diagnostic, false));
        for (std::string line; std::getline(lines, line);)
            EXPECT_LE(base::display_width(line), 80U) << line;
    }
}

TEST_P(Fixtures, NameAPlace) {
    for (const auto& diagnostic : diagnose(GetParam())) {
        EXPECT_FALSE(diagnostic.where.file.empty()) << diagnostic.message;
        EXPECT_FALSE(diagnostic.message.empty());
        if (diagnostic.where.line == 0) {
            EXPECT_TRUE(diagnostic.where.file.starts_with("--")) << diagnostic.where.file;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Invalid, Fixtures, ::testing::ValuesIn(fixtures("invalid-")),
                         [](const auto& fixture) {
                             auto test_name = fs::path(fixture.param).stem().string();
                             std::ranges::replace(test_name, '-', '_');
                             return test_name;
                         });

TEST(Rules, EachHasAFixture) {
    fs::current_path(TRIAGE_TESTDATA);
    std::set<Rule> broken;
    for (const auto& file : fixtures("invalid-")) {
        for (const auto& diagnostic : diagnose(file))
            broken.insert(diagnostic.rule);
    }
    for (std::size_t i = 0; i < rule_count; ++i) {
        const auto rule = static_cast<Rule>(i);
        EXPECT_TRUE(broken.contains(rule)) << "no testdata/invalid-" << name(rule) << ".toml";
    }
}

TEST(Rules, HaveNamesOfTheirOwn) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < rule_count; ++i)
        names.insert(name(static_cast<Rule>(i)));
    EXPECT_EQ(names.size(), rule_count);
    EXPECT_FALSE(names.contains(""));
}

TEST(Rules, HaveNoExpectationWithoutAFixture) {
    for (const auto& entry : fs::directory_iterator(TRIAGE_TESTDATA)) {
        if (entry.path().extension() != ".expected") continue;
        EXPECT_TRUE(fs::exists(fs::path(entry.path()).replace_extension(".toml"))) << entry.path();
    }
}

TEST(ValidFixtures, HaveNothingToSay) {
    fs::current_path(TRIAGE_TESTDATA);
    ASSERT_FALSE(fixtures("valid-").empty());
    for (const auto& file : fixtures("valid-")) {
        for (const auto& diagnostic : diagnose(file))
            ADD_FAILURE() << render(diagnostic, false);
    }
}

}  // namespace
}  // namespace triage::runbook
