#include "core/run/resolve.hpp"

#include <gmock/gmock.h>

namespace triage::run {
namespace {

using model::ParamType;
using model::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ResolveTest : public testing::Test {
protected:
    void argument(const std::string& name, ParamType type, std::vector<model::TemplatePart> parts) {
        model::ArgValue value{.type = type, .value = model::Template{std::move(parts)}};
        check_.arguments.push_back(
            {.name = name, .type = type, .items = {{.key = "", .value = value}}});
    }
    std::expected<Ready, NotReady> resolved() {
        check_.id = "c";
        check_.plugin = "p";
        const auto fact = [this](const std::string&, const std::string& key) {
            const auto found = facts_.find(key);
            return found == facts_.end() ? nullptr : &found->second;
        };
        return resolve(book_, check_, {}, fact, common_);
    }
    void secret(const std::string& name, std::optional<std::string> value,
                std::vector<std::string> to = {}) {
        book_.secrets.push_back(
            {.name = name, .value = std::move(value), .source = "env", .send_to = std::move(to)});
    }

    runbook::Runbook book_;
    runbook::Check check_;
    std::map<std::string, plugin::RawFact> facts_;
    CommonArguments common_;
};

TEST_F(ResolveTest, AFactInAUrlsPathLeavesItsGrant) {
    facts_["id"] = {.key = "id", .value = std::string("42")};
    argument("url", ParamType::url,
             {std::string("https://api.example.com/"), model::FactRef{.check = "ui", .key = "id"}});
    const auto ready = resolved();
    ASSERT_TRUE(ready);
    EXPECT_EQ(ready->call.arguments[0].values[0].text, "https://api.example.com/42");
    EXPECT_THAT(ready->permit.grants->origins, ElementsAre("https://api.example.com"));
}

TEST_F(ResolveTest, AHostThatAFactNamesIsGrantedByAllowOnly) {
    facts_["host"] = {.key = "host", .value = std::string("api.example.com")};
    argument(
        "url", ParamType::url,
        {std::string("https://"), model::FactRef{.check = "ui", .key = "host"}, std::string("/x")});
    EXPECT_THAT(resolved()->permit.grants->origins, IsEmpty());
    book_.allow["p"].http = {"https://api.example.com"};
    const auto ready = resolved();
    EXPECT_EQ(ready->call.arguments[0].values[0].text, "https://api.example.com/x");
    EXPECT_THAT(ready->permit.grants->origins, ElementsAre("https://api.example.com"));
    EXPECT_THAT(ready->permit.grants->named, IsEmpty()) << "no secret without send-to goes there";
}

TEST_F(ResolveTest, AFactThatDoesNotFitIsAnError) {
    facts_["host"] = {.key = "host", .value = std::string("not a host")};
    argument("url", ParamType::url,
             {std::string("https://"), model::FactRef{.check = "ui", .key = "host"}});
    const auto ready = resolved();
    ASSERT_FALSE(ready);
    EXPECT_EQ(ready.error().verdict, Verdict::error);
    EXPECT_THAT(ready.error().reason, HasSubstr("'url'"));
}

TEST_F(ResolveTest, NumbersFromFactsGetTheirType) {
    facts_["n"] = {.key = "n", .value = std::string("42")};
    argument("count", ParamType::integer, {model::FactRef{.check = "ui", .key = "n"}});
    EXPECT_EQ(resolved()->call.arguments[0].values[0].integer, 42);
    facts_["n"] = {.key = "n", .value = std::string("4x")};
    EXPECT_THAT(resolved().error().reason, HasSubstr("'4x'"));
}

TEST_F(ResolveTest, AnUnknownFactBlocks) {
    argument("x", ParamType::string, {model::FactRef{.check = "ui", .key = "host"}});
    EXPECT_EQ(resolved().error().verdict, Verdict::blocked);
}

TEST_F(ResolveTest, ASecretBecomesAHandleAndIsNotRevealed) {
    secret("token", "s3cret-token");
    argument("auth", ParamType::secret, {std::string("Bearer "), model::SecretRef{"token"}});
    const auto ready = resolved();
    ASSERT_TRUE(ready);
    EXPECT_EQ(ready->call.arguments[0].values[0].integer, 1);
    EXPECT_EQ(ready->call.arguments[0].values[0].text, "") << "the plugin does not get the text";
    EXPECT_EQ(ready->permit.secrets[0].text, "Bearer s3cret-token");
    EXPECT_THAT(ready->call.revealed, IsEmpty());
}

TEST_F(ResolveTest, ASecretIsRevealedOnlyIfTheRunbookAllowsAllOfIt) {
    secret("user", "the-user");
    secret("password", "the-password");
    argument("dsn", ParamType::secret,
             {model::SecretRef{"user"}, std::string(":"), model::SecretRef{"password"}});
    book_.allow["p"].reveal = {"user"};
    EXPECT_THAT(resolved()->call.revealed, IsEmpty());
    book_.allow["p"].reveal = {"user", "password"};
    EXPECT_THAT(resolved()->call.revealed, ElementsAre(testing::Pair(1, "the-user:the-password")));
}

TEST_F(ResolveTest, TwoSecretsGoOnlyWhereBothMay) {
    secret("a", "aaa", {"https://one", "https://two"});
    secret("b", "bbb", {"https://two"});
    argument("x", ParamType::secret, {model::SecretRef{"a"}, model::SecretRef{"b"}});
    EXPECT_THAT(resolved()->permit.secrets[0].send_to, ElementsAre("https://two"));
    book_.secrets[1].send_to = {"https://three"};
    EXPECT_THAT(resolved()->permit.secrets[0].send_to, ElementsAre("(no common origin)"));
}

TEST_F(ResolveTest, WhatSeveralChecksShareIsMadeOnce) {
    const auto shared = [](const std::string& name, ParamType type, auto value) {
        return std::make_shared<const model::Argument>(model::Argument{
            .name = name, .type = type, .items = {{"key", {.type = type, .value = value}}}});
    };
    const auto count = shared("count", ParamType::integer, std::int64_t{7});
    const auto word = shared("word", ParamType::string, model::Template{{std::string("w")}});
    const auto url = shared("url", ParamType::url, model::Template{{std::string("http://h/")}});
    for (const auto& one : {count, word, url})
        check_.arguments.share(one);
    argument("own", ParamType::string, {std::string("o")});
    const auto first = resolved();
    const auto second = resolved();
    ASSERT_TRUE(first && second);
    ASSERT_EQ(first->call.common.size(), 2U);
    EXPECT_EQ(first->call.common, second->call.common) << "the same, not only equal";
    EXPECT_EQ(first->call.common[0]->values[0].integer, 7);
    EXPECT_EQ(first->call.common[0]->values[0].key, "key");
    EXPECT_EQ(first->call.common[1]->values[0].text, "w");
    ASSERT_EQ(first->call.arguments.size(), 2U) << "a URL is a grant of each check";
    EXPECT_EQ(first->call.arguments[0].name, "url");
    EXPECT_THAT(second->permit.grants->origins, ElementsAre("http://h"));
}

TEST_F(ResolveTest, AnUnsetSecretIsAnErrorThatNamesIt) {
    secret("token", std::nullopt);
    argument("auth", ParamType::secret, {model::SecretRef{"token"}});
    EXPECT_THAT(resolved().error().reason, HasSubstr("'token'"));
}

}  // namespace
}  // namespace triage::run
