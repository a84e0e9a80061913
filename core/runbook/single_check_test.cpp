#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/runbook/testing.hpp"

namespace triage::runbook {
namespace {

using testing::check_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::summary;
using testing::texts;

using With = std::vector<std::pair<std::string, std::string>>;

Validated check(const std::string& use, const With& with,
                std::map<std::string, std::string> environment = {}) {
    return single_check(use, with, std::chrono::seconds(25), testing::catalog(),
                        testing::with_environment(std::move(environment)));
}

TEST(SingleCheck, ConvertsTextToWhatThePluginWants) {
    const auto validated = check("health.endpoint", {{"url", "http://x/$P"},
                                                     {"size", "5"},
                                                     {"follow", "true"},
                                                     {"slow", "2s"},
                                                     {"status", "200,204"},
                                                     {"status", "301"},
                                                     {"headers.accept", "text/html"},
                                                     {"json./ok", "true"}});
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    const auto& found = check_of(validated, "check");
    EXPECT_THAT(texts(found, "url"), ElementsAre("http://x/$P"));
    EXPECT_THAT(texts(found, "size"), ElementsAre("5"));
    EXPECT_THAT(texts(found, "follow"), ElementsAre("true"));
    EXPECT_THAT(texts(found, "slow"), ElementsAre("2000000"));
    EXPECT_THAT(texts(found, "status"), ElementsAre("200", "204", "301"));
    EXPECT_THAT(texts(found, "headers"), ElementsAre("accept=text/html"));
    EXPECT_THAT(texts(found, "json"), ElementsAre("/ok=true"));
}

TEST(SingleCheck, APatternKeepsItsCommas) {
    const auto validated =
        check("health.endpoint", {{"url", "http://x/"}, {"hide", "a{1,2}"}, {"hide", "b,c"}});
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    EXPECT_THAT(texts(check_of(validated, "check"), "hide"), ElementsAre("a{1,2}", "b,c"));
}

// The value of `any` at `json.KEY`, with its type.
std::string typed(const Validated& validated, const std::string& id, const std::string& key) {
    for (const auto& argument : check_of(validated, id).arguments) {
        for (const auto& item : argument.items) {
            if (argument.name != "json" || item.key != key) continue;
            constexpr const char* names[] = {"bool", "int", "float", "text"};
            return names[item.value.value.index()];
        }
    }
    return "nothing";
}

TEST(SingleCheck, TextOfNoTypeIsWhatItLooksLikeInJson) {
    const std::map<std::string, std::pair<std::string, std::string>> cases = {
        {"/a", {"true", "bool"}},  {"/b", {"-5", "int"}},        {"/c", {"0.5", "float"}},
        {"/d", {"up", "text"}},    {"/e", {"\"true\"", "text"}}, {"/f", {"1.10", "text"}},
        {"/g", {"007", "text"}},   {"/h", {"null", "text"}},     {"/i", {"[1]", "text"}},
        {"/j", {" true", "text"}}, {"/k", {"1e5", "text"}},      {"/l", {"TRUE", "text"}},
        {"/m", {"inf", "text"}},   {"/n", {"1.0", "text"}}};
    With with = {{"url", "http://x/"}};
    for (const auto& [key, value] : cases)
        with.emplace_back("json." + key, value.first);
    const auto validated = check("health.endpoint", with);
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    for (const auto& [key, value] : cases)
        EXPECT_EQ(typed(validated, "check", key), value.second) << value.first;
    EXPECT_THAT(texts(check_of(validated, "check"), "json"), ::testing::Contains("/e=true"));
}

TEST(AnyInARunbook, ADefaultGivesTextItsType) {
    auto outside = testing::with_environment({{"V", "5"}});
    const auto validated = testing::validate_text(
        "[vars]\nnone = { from = ['env:V'] }\ntext = { from = ['env:V'], default = '4' }\n"
        "[[step]]\nid = 's'\n[[step.check]]\nid = 'c'\nuse = 'health.endpoint'\n"
        "with = { url = 'http://x', json = { '/none' = '${var.none}', '/text' = '${var.text}', "
        "'/env' = '${env.V}', '/joined' = '${var.none}0', '/quoted' = '5' } }\n",
        outside);
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    EXPECT_EQ(typed(validated, "c", "/none"), "int");
    EXPECT_EQ(typed(validated, "c", "/env"), "int");
    EXPECT_EQ(typed(validated, "c", "/text"), "text");
    EXPECT_EQ(typed(validated, "c", "/joined"), "text");
    EXPECT_EQ(typed(validated, "c", "/quoted"), "text");
}

TEST(SingleCheck, TakesSecretsByTheirPlace) {
    const auto validated =
        check("clerk.pairing", {{"secret-key", "env:CLERK"}}, {{"CLERK", "sk_test_x"}});
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    EXPECT_THAT(texts(check_of(validated, "check"), "secret-key"), ElementsAre("<CLERK>"));
    ASSERT_EQ(validated.runbook.secrets.size(), 1U);
    EXPECT_EQ(validated.runbook.secrets[0].value, "sk_test_x");
    EXPECT_THAT(validated.runbook.allow.at("clerk").reveal, ElementsAre("CLERK"));
}

TEST(SingleCheck, WhoNamesAnEngineMayAskIt) {
    const auto granted = [](const std::string& address) {
        const auto validated = check("health.endpoint", {{"url", "http://x/"}, {"body", address}});
        EXPECT_THAT(summary(validated.diagnostics), IsEmpty()) << address;
        return validated.runbook.allow;
    };
    const auto by_socket = granted("unix:///run/docker.sock");
    EXPECT_THAT(by_socket.at("health").unix_sockets, ElementsAre("/run/docker.sock"));
    EXPECT_THAT(by_socket.at("health").http, ElementsAre("http://docker"));
    const auto by_port = granted("tcp://10.0.0.7:2375");
    EXPECT_THAT(by_port.at("health").http, ElementsAre("http://10.0.0.7:2375"));
    for (const auto* other : {"/run/docker.sock", "unix://relative", "tcp://", "http://10.0.0.7/"})
        EXPECT_THAT(granted(other), IsEmpty()) << other;
}

TEST(SingleCheck, RefusesALiteralSecret) {
    const auto validated = check("clerk.pairing", {{"secret-key", "sk_test_hunter2"}});
    ASSERT_EQ(validated.diagnostics.size(), 1U);
    EXPECT_EQ(validated.diagnostics[0].rule, Rule::secret_literal);
    EXPECT_THAT(render(validated.diagnostics[0], false), ::testing::Not(HasSubstr("hunter2")));
}

TEST(SingleCheck, AnUnsetSecretIsMissingHere) {
    const auto validated = check("clerk.pairing", {{"secret-key", "env:CLERK"}});
    EXPECT_TRUE(validated.usable());
    EXPECT_THAT(check_of(validated, "check").unmet->remedy, HasSubstr("CLERK in the environment"));
}

TEST(SingleCheck, NamesTheKeyThatIsWrong) {
    const auto validated =
        check("health.endpoint", {{"url", "x"}, {"size", "many"}, {"zise", "1"}});
    EXPECT_FALSE(validated.usable());
    std::vector<std::string> places;
    for (const auto& found : validated.diagnostics)
        places.push_back(found.where.file + " " + std::string(name(found.rule)));
    EXPECT_THAT(places,
                ::testing::UnorderedElementsAre("url parameter-value", "size parameter-value",
                                                "health.endpoint unknown-parameter"));
}

// "rule: message | remedy" of the only thing that is wrong.
std::string only(const Validated& validated) {
    if (validated.diagnostics.size() != 1) return "(not exactly one)";
    const auto& found = validated.diagnostics[0];
    return found.where.file + ": " + found.message + " | " + found.remedy;
}

TEST(SingleCheck, SpeaksTheLanguageOfTheCommandLine) {
    EXPECT_EQ(only(check("health.endpoint", {})),
              "health.endpoint: health.endpoint needs the parameter 'url': expected an absolute "
              "http or https URL | Add url=https://api.example.com/healthz: What url is for.");
    EXPECT_EQ(only(check("clerk.pairing", {})),
              "clerk.pairing: clerk.pairing needs the parameter 'secret-key' | "
              "Add secret-key=env:NAME: What secret-key is for.");
    EXPECT_THAT(only(check("clerk.pairing", {{"secret-key", "sk_test_hunter2"}})),
                HasSubstr("| Put it into the environment, and write secret-key=env:NAME."));
    EXPECT_EQ(only(check("health.endpoint", {{"url", "http://x"}, {"headers", "a"}})),
              "headers: 'headers' is a table, not one value | Write its entries one by one: "
              "headers.NAME=VALUE.");
    const auto url = only(check("health.endpoint", {{"url", "htp://x"}}));
    EXPECT_THAT(url, ::testing::StartsWith("url: "));
    EXPECT_THAT(url, ::testing::Not(HasSubstr("from url")));
}

TEST(SingleCheck, SendsNoReferenceAsItIs) {
    const auto advice = HasSubstr("headers.KEY=env:NAME");
    EXPECT_THAT(
        only(check("health.endpoint", {{"url", "http://x"}, {"headers.a", "x${secret.b}"}})),
        advice);
    EXPECT_THAT(only(check("health.endpoint", {{"url", "${var.x}"}})),
                ::testing::AllOf(::testing::StartsWith("url: '${' would be sent"), advice));
    EXPECT_THAT(only(check("health.endpoint", {{"url", "http://x"}, {"request-id", "env:TOKEN"}})),
                ::testing::AllOf(HasSubstr("'request-id' is not of type secret"), advice));
    EXPECT_THAT(only(check("cors.preflight", {{"base", "http://x"}, {"origin", "${env.O}"}})),
                HasSubstr("takes no secret"));
}

TEST(SingleCheck, RefusesAKeyThatIsGivenTwice) {
    const auto validated = check("health.endpoint", {{"url", "http://x"}, {"url", "http://y"}});
    ASSERT_EQ(validated.diagnostics.size(), 1U);
    EXPECT_EQ(validated.diagnostics[0].message, "'url' is given twice");
}

TEST(SingleCheck, SaysWhatFits) {
    const auto with = [](std::string key, std::string value) {
        return only(
            check("health.endpoint", {{"url", "http://x"}, {std::move(key), std::move(value)}}));
    };
    EXPECT_EQ(with("status", "200,,204"),
              "status: one of the values of 'status' is empty: expected one or more, with commas "
              "between them | Write status=….");
    EXPECT_THAT(with("request-id", "xyz"), HasSubstr("does not fit; expected: What request-id is"));
    EXPECT_THAT(with("status", "200,x"), ::testing::StartsWith("status: "))
        << "whichever of the list";
}

TEST(SingleCheck, ShowsWhatWasTypedInTheClear) {
    EXPECT_THAT(only(check("health.endpoint", {{"url", "http://127.0.0.1:99999/"}})),
                ::testing::StartsWith(
                    "url: health.endpoint: 'url': \"http://127.0.0.1:99999/\" is not an http or "
                    "https URL: found port 99999, expected 1 to 65535 |"));
    EXPECT_THAT(only(check("db.postgres", {{"address", "db"}})),
                HasSubstr("\"db\" is not host:port: expected a port from 1 to 65535"));
    const auto with = [](std::string key, std::string value) {
        return only(
            check("health.endpoint", {{"url", "http://x"}, {std::move(key), std::move(value)}}));
    };
    EXPECT_THAT(with("size", "many"), HasSubstr("found the string 'many'; expected an int"));
    EXPECT_THAT(with("method", "GETT"), HasSubstr("'GETT' is not one of GET, HEAD, POST."));
    EXPECT_THAT(with("slow", "2h"), HasSubstr("2h is more than 1m"));
    EXPECT_THAT(with("url", "http://me:hunter2@x:0/"), ::testing::Not(HasSubstr("hunter2")));
}

TEST(SingleCheck, KnowsWhatMakesNoSenseTogether) {
    const auto validated =
        check("health.endpoint", {{"url", "http://x"}, {"method", "HEAD"}, {"json./ok", "true"}});
    ASSERT_EQ(validated.diagnostics.size(), 1U);
    EXPECT_EQ(validated.diagnostics[0].where.file, "method");
    EXPECT_EQ(validated.diagnostics[0].message,
              "health.endpoint: 'json' makes no sense where 'method' is HEAD");
}

TEST(SingleCheck, HasNoGrantsToMiss) {
    EXPECT_TRUE(
        check("health.pattern", {{"base", "http://x"}, {"probe", "true"}}).diagnostics.empty());
}

TEST(SingleCheck, SaysWhatIsMissing) {
    EXPECT_EQ(check("health.endpoint", {}).diagnostics.at(0).rule, Rule::missing_parameter);
    EXPECT_EQ(check("health.endpiont", {}).diagnostics.at(0).rule, Rule::unknown_check);
    EXPECT_EQ(check("health", {}).diagnostics.at(0).rule, Rule::bad_use);
    EXPECT_EQ(check("", {}).diagnostics.at(0).rule, Rule::bad_use);
    EXPECT_EQ(check("redis.ping", {{"a", "b"}}).diagnostics.at(0).rule, Rule::plugin_missing);
}

}  // namespace
}  // namespace triage::runbook
