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
    ASSERT_EQ(validated.runbook.notices.size(), 1U);
    EXPECT_EQ(validated.runbook.notices[0].text, ".env is not there: the default of 'api' is used");
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

// ---- values that do not fit ---------------------------------------------------------------------

std::string shown(const Validated& validated) {
    std::string result;
    for (const auto& found : validated.diagnostics)
        result += render(found, false);
    return result;
}

// A runbook with `lines` in the check 'api', and a check that has nothing to do with them.
Validated with_lines(const std::string& head, const std::string& lines, const Inputs& outside) {
    return validate_text(head + one_check + lines +
                             "[[step.check]]\nid = 'other'\nuse = 'health.endpoint'\n"
                             "with.url = 'http://other'\n",
                         outside);
}

struct Misfitting {
    const char* lines;
    const char* value;
};

class Misfit : public ::testing::TestWithParam<Misfitting> {};

TEST_P(Misfit, OfTheEnvironmentIsMissingHereAndNotShown) {
    const auto& [lines, value] = GetParam();
    const auto validated =
        with_lines("vars.v = { from = ['env:V'] }\n", lines, with_environment({{"V", value}}));
    EXPECT_TRUE(validated.usable()) << shown(validated);
    EXPECT_EQ(validated.diagnostics.size(), 1U) << shown(validated);
    EXPECT_THAT(shown(validated), Not(HasSubstr(value)));
    EXPECT_THAT(shown(validated), HasSubstr("env:V)"));
    EXPECT_TRUE(check_of(validated, "api").unmet);
    EXPECT_FALSE(check_of(validated, "other").unmet);
}

TEST_P(Misfit, OfTheCommandLineIsWrongAndNotShown) {
    const auto& [lines, value] = GetParam();
    auto outside = testing::inputs();
    outside.vars = {{"v", value}};
    const auto validated = with_lines("vars.v = {}\n", lines, outside);
    ASSERT_EQ(validated.diagnostics.size(), 1U) << shown(validated);
    EXPECT_EQ(validated.diagnostics[0].kind, Kind::wrong);
    EXPECT_EQ(validated.diagnostics[0].where.file, "--var v");
    EXPECT_THAT(shown(validated), Not(HasSubstr(value)));
}

TEST(Values, ThatAreNoUrlsSayWhy) {
    auto outside = testing::inputs();
    outside.vars = {{"v", "http://127.0.0.1:99999/"}};
    const auto validated = with_lines("vars.v = {}\n", "with.url = '${var.v}'\n", outside);
    EXPECT_THAT(
        validated.diagnostics.at(0).message,
        HasSubstr("is not an absolute http or https URL: its port is not a number from 1 to "
                  "65535"));
}

INSTANTIATE_TEST_SUITE_P(
    OfEachField, Misfit,
    ::testing::Values(
        Misfitting{"with.url = 'http://x'\ntimeout = '${var.v}'\n", "hunter2"},
        Misfitting{"with.url = 'http://x'\ntimeout = '${var.v}'\n", "11m"},
        Misfitting{"with.url = 'http://x'\nattempts = { count = 2, interval = '${var.v}' }\n",
                   "hunter2"},
        Misfitting{"with.url = 'http://x'\nvantage = '${var.v}'\n", "hunter2"},
        Misfitting{"with.url = 'http://x'\nfor-each = '${var.v}'\n", "hunter2,hunter2"},
        Misfitting{"with.url = '${var.v}'\n", "hunter2"},
        Misfitting{"with.url = 'http://x:${var.v}'\n", "hunter2"},
        Misfitting{"with = { url = 'http://x', size = '${var.v}' }\n", "hunter2"},
        Misfitting{"with = { url = 'http://x', size = '${var.v}' }\n", "7654321"},
        Misfitting{"with = { url = 'http://x', ratio = '${var.v}' }\n", "2.7182818"},
        Misfitting{"with = { url = 'http://x', slow = '${var.v}' }\n", "77m"},
        Misfitting{"with = { url = 'http://x', method = '${var.v}' }\n", "hunter2"},
        Misfitting{"with = { url = 'http://x', request-id = '${var.v}' }\n", "hunter2"},
        Misfitting{"with = { url = 'http://x', socket = '${var.v}' }\n", "hunter2"},
        Misfitting{"with = { url = 'http://x', status = '${var.v}' }\n", "hunter2"}));

TEST(Values, OfTheWrongTypeAreNotShown) {
    const auto validated = with_lines("vars.v = { from = ['env:V'], default = 5 }\n",
                                      "with = { url = 'http://x', size = '${var.v}' }\n",
                                      with_environment({{"V", "hunter2"}}));
    EXPECT_THAT(shown(validated), Not(HasSubstr("hunter2")));
    EXPECT_THAT(shown(validated), HasSubstr("a text of 7"));
}

TEST(Values, OfGrantsAreMissingHereAndNotShown) {
    const auto validated = with_lines(
        "[allow]\nhealth = { http = ['${env.V}'], net = ['${env.V}'], "
        "read = ['${env.V}'], write = ['${env.V}'] }\n"
        "[secrets]\nk = { from = ['env:K'], send-to = ['${env.V}'] }\n",
        "with = { url = 'http://x', headers = { k = '${secret.k}' } }\n",
        with_environment({{"V", "hunter2"}, {"K", "12345678"}}));
    EXPECT_TRUE(validated.usable()) << shown(validated);
    EXPECT_THAT(shown(validated), Not(HasSubstr("hunter2")));
    EXPECT_TRUE(check_of(validated, "api").unmet);
    EXPECT_EQ(validated.runbook.secrets[0].value, std::nullopt);
}

TEST(Values, OfUrlsGrantTheirOrigin) {
    const auto sent_to = [](const std::string& value) {
        const auto validated =
            with_lines("[secrets]\nk = { from = ['env:K'], send-to = ['${env.V}'] }\n",
                       "with = { url = 'http://x', headers = { k = '${secret.k}' } }\n",
                       with_environment({{"V", value}, {"K", "12345678"}}));
        return validated.runbook.secrets[0].send_to;
    };
    EXPECT_THAT(sent_to("https://api.example.com/v1/"), ElementsAre("https://api.example.com"));
    for (const auto* none : {"https://me@api.example.com/v1", "https://api.example.com/?a=b",
                             "https://api.example.com/?", "https://api.example.com/#a"})
        EXPECT_THAT(sent_to(none), IsEmpty()) << none;
}

TEST(Values, CannotEndTheHostThatARunbookWrites) {
    for (const auto* lines :
         {"[vars]\nh = { from = ['env:V'] }\n[secrets]\nk = { from = ['env:K'], "
          "send-to = ['http://${var.h}.example.com'] }\n",
          "[vars]\nu = 'http://${env.V}.example.com'\n[secrets]\nk = { from = "
          "['env:K'], send-to = ['${var.u}'] }\n"}) {
        for (const auto* value : {"evil.test/", "evil.test:80/", "evil.test#", "evil.test/#",
                                  "evil.test?", "me@evil.test/"}) {
            const auto validated =
                with_lines(lines, "with = { url = 'http://x', headers = { k = '${secret.k}' } }\n",
                           with_environment({{"V", value}, {"K", "12345678"}}));
            EXPECT_THAT(validated.runbook.secrets[0].send_to, IsEmpty()) << lines << value;
            EXPECT_EQ(validated.runbook.secrets[0].value, std::nullopt)
                << "or it could go anywhere";
        }
        const auto well =
            with_lines(lines, "with = { url = 'http://x', headers = { k = '${secret.k}' } }\n",
                       with_environment({{"V", "api"}, {"K", "12345678"}}));
        EXPECT_THAT(well.runbook.secrets[0].send_to, ElementsAre("http://api.example.com"));
    }
}

TEST(Values, OfTheDeadlineStopEverything) {
    for (const auto& environment :
         {std::map<std::string, std::string>{}, std::map<std::string, std::string>{{"V", "xyz"}}}) {
        const auto validated = with_lines("deadline = '${env.V}'\n", "with.url = 'http://x'\n",
                                          with_environment(environment));
        EXPECT_FALSE(validated.usable());
        EXPECT_THAT(shown(validated), HasSubstr("environment variable V"));
        EXPECT_THAT(shown(validated), Not(HasSubstr("xyz")));
    }
}

TEST(Values, OfAListThatAreEmptyAreWrong) {
    auto outside = testing::inputs();
    outside.vars = {{"v", ""}};
    for (const std::string declared : {"{}", "['200']", "{ default = [200] }"}) {
        const auto validated =
            with_lines("vars.v = " + declared + "\n",
                       "with = { url = 'http://x', status = '${var.v}' }\n", outside);
        ASSERT_EQ(validated.diagnostics.size(), 1U) << declared;
        EXPECT_EQ(validated.diagnostics[0].where.file, "--var v");
        EXPECT_THAT(validated.diagnostics[0].message, HasSubstr("the list is empty"));
    }
}

TEST(Values, OfAListAreSplitAtCommasWithOrWithoutADefault) {
    auto outside = testing::inputs();
    for (const std::string given : {"200,204", "200, 204", "200 ,204"}) {
        outside.vars = {{"v", given}};
        for (const std::string declared : {"{}", "{ default = [200] }"}) {
            const auto validated =
                with_lines("vars.v = " + declared + "\n",
                           "with = { url = 'http://x', status = '${var.v}' }\n", outside);
            EXPECT_THAT(shown(validated), IsEmpty()) << given;
            const auto& arguments = check_of(validated, "api").arguments;
            const auto status = std::ranges::find(arguments, "status", &model::Argument::name);
            ASSERT_NE(status, arguments.end());
            EXPECT_EQ(status->items.size(), 2U) << given;
        }
    }
    outside.vars = {{"v", "200,204"}};
    EXPECT_THAT(shown(with_lines("vars.v = {}\n",
                                 "with = { url = 'http://x', status = ['${var.v}'] }\n", outside)),
                HasSubstr("reference alone"));
}

TEST(Values, ThatLackAnInstanceMakeThoseThatNeedItErrors) {
    for (const auto& environment :
         {std::map<std::string, std::string>{}, std::map<std::string, std::string>{{"V", "b,c"}}}) {
        const auto validated =
            with_lines("vars.v = { from = ['env:V'] }\n",
                       "with.url = 'http://x'\nfor-each = '${var.v}'\n"
                       "[[step.check]]\nid = 'n'\nuse = 'health.endpoint'\nwith.url = 'http://x'\n"
                       "needs = ['api[a]']\n"
                       "[[step.check]]\nid = 'f'\nuse = 'health.endpoint'\nwith.url = 'http://x'\n"
                       "with.request-id = '${fact.api[a].version}'\n"
                       "when = { check = 'api[a]', fact = 'version', is = '1' }\n",
                       with_environment(environment));
        EXPECT_TRUE(validated.usable()) << shown(validated);
        for (const auto* id : {"n", "f"}) {
            const auto& check = check_of(validated, id);
            EXPECT_TRUE(check.unmet || check.needs == std::vector<std::string>{"api"} ||
                        (check.when && check.when->check == "api"))
                << id;
        }
        EXPECT_FALSE(check_of(validated, "other").unmet);
    }
}

// ---- limits -------------------------------------------------------------------------------------

TEST(Expansion, OfOneValueIsLimited) {
    std::string vars = "[vars]\nv0 = 'aaaaaaaaaa'\n";
    for (int i = 1; i < 10; ++i) {
        vars += "v" + std::to_string(i) + " = '";
        for (int k = 0; k < 10; ++k)
            vars += "${var.v" + std::to_string(i - 1) + "}";
        vars += "'\n";
    }
    const auto validated = with_lines(vars, "with.url = 'http://x'\n", testing::inputs());
    EXPECT_FALSE(validated.usable());
    ASSERT_EQ(validated.diagnostics.size(), 1U) << shown(validated);
    EXPECT_EQ(validated.diagnostics[0].rule, Rule::out_of_bounds);
    EXPECT_EQ(validated.diagnostics[0].where.line, 2U + 8U) << "v6: ten times 1,000,000";
}

TEST(Expansion, OfAllValuesIsLimited) {
    std::string lines = "with.url = 'http://x'\nwith.json = { ";
    for (int i = 0; i < 100; ++i)
        lines += "k" + std::to_string(i) + " = '${var.v}', ";
    lines += "last = 1 }\n";
    const auto validated =
        with_lines("vars.v = '" + std::string(1'000'000, 'a') + "'\n", lines, testing::inputs());
    ASSERT_EQ(validated.diagnostics.size(), 1U);
    EXPECT_THAT(validated.diagnostics[0].message, HasSubstr("more than 64 MiB in all"));
    EXPECT_EQ(validated.diagnostics[0].kind, Kind::wrong);
}

TEST(Expansion, OfAChainOfVariablesIsLimited) {
    std::string vars = "[vars]\n";
    for (int i = 0; i < 20'000; ++i)
        vars += "v" + std::to_string(i) + " = '${var.v" + std::to_string(i + 1) + "}'\n";
    const auto validated =
        with_lines(vars + "v20000 = 'x'\n", "with.url = 'http://x'\n", testing::inputs());
    EXPECT_FALSE(validated.usable());
    EXPECT_THAT(shown(validated), HasSubstr("more than 100 deep"));
}

TEST(Expansion, OfAnEnvFileIsLimited) {
    std::string text = "A0=aaaaaaaaaa\n";
    for (int i = 1; i < 10; ++i) {
        text += "A" + std::to_string(i) + "=";
        for (int k = 0; k < 10; ++k)
            text += "$A" + std::to_string(i - 1);
        text += "\n";
    }
    const auto values = parse_env_file(text, nullptr);
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().message, "line 7, column 4: a value is longer than 1 MiB");
}

}  // namespace
}  // namespace triage::runbook
