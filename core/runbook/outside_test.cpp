// What comes from outside the runbook: the environment, .env files, the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/runbook/testing.hpp"
#include "core/runbook/validate.hpp"

namespace triage::runbook {
namespace {

using testing::check_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::summary;
using testing::texts;
using testing::validate_text;
using testing::with_environment;
using testing::with_files;

constexpr const char* one_check =
    "[[step]]\nid = 'one'\n[[step.check]]\nid = 'api'\nuse = 'health.endpoint'\n";

// ---- files --------------------------------------------------------------------------------------

constexpr const char* with_default =
    "env-files = { root = '.env' }\n"
    "[vars]\napi = { from = ['env:API', 'root:API'], default = 'http://default' }\n";

Validated with_default_and(const Inputs& outside) {
    return validate_text(std::string(with_default) + one_check + "with.url = '${var.api}'\n" +
                             "[[step.check]]\nid = 'other'\nuse = 'health.endpoint'\n"
                             "with.url = 'http://other'\n",
                         outside);
}

void expect_not_known(const Validated& validated, const std::string& why) {
    EXPECT_TRUE(validated.usable());
    ASSERT_EQ(validated.diagnostics.size(), 1U) << why;
    EXPECT_EQ(validated.diagnostics[0].kind, Kind::unmet);
    EXPECT_EQ(validated.diagnostics[0].message,
              "the variable 'api' cannot be known: .env cannot be used: " + why);
    EXPECT_TRUE(check_of(validated, "api").unmet);
    EXPECT_FALSE(check_of(validated, "other").unmet);
}

TEST(EnvFiles, ThatAreBrokenDoNotLeaveItToTheDefault) {
    const auto not_known = [](const std::string& text, const std::string& why) {
        expect_not_known(with_default_and(with_files({{".env", text}})), why);
    };
    not_known("A='no end\nAPI=http://x", "line 1, column 3: a quoted value has no end");
    not_known("API=http://x\nfoo bar baz",
              "line 2, column 5: unexpected character in the name of a variable");
    not_known("API=${NONE:?no}", "line 1, column 5: the variable NONE is required: no");
}

TEST(EnvFiles, ThatCannotBeReadDoNotLeaveItToTheDefault) {
    auto outside = testing::inputs();
    outside.read_file = [](const std::string& path) {
        return base::Result<std::optional<std::string>>(base::fail(path + ": Permission denied"));
    };
    expect_not_known(with_default_and(outside), "Permission denied");
}

TEST(EnvFiles, ThatAreBrokenDoNotMatterWhereAnotherSourceGoesBefore) {
    const std::map<std::string, std::string> broken{{".env", "="}};
    const auto environment = with_default_and(with_files(broken, {{"API", "http://env"}}));
    EXPECT_THAT(summary(environment.diagnostics), IsEmpty());
    EXPECT_THAT(texts(check_of(environment, "api"), "url"), ElementsAre("http://env"));
    auto outside = with_files(broken);
    outside.vars = {{"api", "http://arg"}};
    EXPECT_THAT(summary(with_default_and(outside).diagnostics), IsEmpty());
}

TEST(EnvFiles, ThatAreBrokenAreNotPassedOver) {
    const auto validated = validate_text(
        std::string("env-files = { a = 'a.env' }\n[vars]\napi = { from = ['a:API', 'env:API'] }\n"
                    "[secrets]\nkey = { from = ['a:KEY', 'env:KEY'] }\n") +
            one_check + "with = { url = '${var.api}', headers = { k = '${secret.key}' } }\n",
        with_files({{"a.env", "="}}, {{"API", "http://env"}, {"KEY", "12345678"}}));
    EXPECT_EQ(validated.diagnostics.size(), 2U);
    EXPECT_TRUE(check_of(validated, "api").unmet);
    EXPECT_EQ(validated.runbook.secrets[0].value, std::nullopt);
}

TEST(EnvFiles, ThatAreNotThereLeaveItToTheDefaultAndThisIsSaid) {
    const auto validated = with_default_and(testing::inputs());
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    EXPECT_THAT(texts(check_of(validated, "api"), "url"), ElementsAre("http://default"));
    EXPECT_THAT(validated.runbook.notices,
                ElementsAre(".env is not there: the default of 'api' is used"));
    const auto there = with_default_and(with_files({{".env", "B=1"}}));
    EXPECT_THAT(there.runbook.notices, IsEmpty());
    auto outside = testing::inputs();
    outside.vars = {{"api", "http://arg"}};
    EXPECT_THAT(with_default_and(outside).runbook.notices, IsEmpty());
}

TEST(Profiles, WhoseValueCannotBeHadDoNotLeaveItToTheDeclaration) {
    auto outside = testing::inputs();
    outside.profile = "staging";
    const auto validated =
        validate_text(std::string("[vars]\nui = 'http://production'\n"
                                  "[profile.staging.vars]\nui = 'http://${env.STAGING}'\n") +
                          one_check + "with.url = '${var.ui}'\n",
                      outside);
    EXPECT_TRUE(check_of(validated, "api").unmet);
}

}  // namespace
}  // namespace triage::runbook
