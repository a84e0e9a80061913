/// Parameters: what is declared, what arrives, what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

using namespace triage::testing;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

Params minimal() { return Params().set("url", "http://a"); }

const triage_param& declared(const FakeHost& host, std::string_view name) {
    const auto& check = *host.plugin().checks[host.plugin().check_count - 1];
    for (std::uint32_t i = 0; i < check.param_count; ++i) {
        if (name == check.params[i]->name) return *check.params[i];
    }
    throw std::out_of_range("no such parameter");
}

TEST(Parameters, DefaultsArriveAsDeclared) {
    const auto result = FakeHost().run("params", minimal());
    EXPECT_EQ(result.summary,
              "true|7|-5000000000|0.25|a \"b\"\n\\|1.5 s|http://a|::1|5432|/etc|x|(none)|false"
              "|200|204|b=1|a=2");
    EXPECT_THAT(result.violations, IsEmpty());
}

TEST(Parameters, GivenValuesArrive) {
    const auto result = FakeHost().run("params", minimal()
                                                     .set("flag", false)
                                                     .set("small", 12)
                                                     .set("real", 2)
                                                     .set("word", "other")
                                                     .set("duration", 20ms)
                                                     .set("any", 3)
                                                     .set("maybe", "yes")
                                                     .secret("secret", "canary-0123")
                                                     .list("list", {})
                                                     .table("table", {{"k", "v"}})
                                                     .table("sorted", {{"z", 1}, {"a", "1"}})
                                                     .table("secrets", {{"k", "canary-4567"}}));
    EXPECT_EQ(result.summary,
              "false|12|-5000000000|2|other|20 ms|http://a|::1|5432|/etc|3|yes|true"
              "|k=v|a=1#3|z=1#1|k=true");
    EXPECT_THAT(result.violations, IsEmpty());
}

TEST(Parameters, AssignmentsAreReadAsTheDeclaredType) {
    const auto result = FakeHost().run("params", Params()
                                                     .assign("url=http://b/?x=1")
                                                     .assign("flag=false")
                                                     .assign("small=3")
                                                     .assign("duration=3s")
                                                     .assign("any=true")
                                                     .assign("list=500"));
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("false|3|"));
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("|3 s|http://b/?x=1|"));
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("|true|(none)|false|500|"));
}

TEST(Parameters, TheDescriptorSaysWhatIsWrong) {
    const FakeHost host;
    EXPECT_STREQ(declared(host, "sorted").refuse_key, "x.*");
    EXPECT_STREQ(declared(host, "sorted").refuse_key_why, "they are reserved");
    EXPECT_EQ(declared(host, "sorted").refuse, nullptr);
    EXPECT_STREQ(declared(host, "maybe").refuse, "none|nil");
    EXPECT_STREQ(declared(host, "maybe").refuse_why, "it names nothing");
    EXPECT_EQ(declared(host, "maybe").refuse_key, nullptr);
    ASSERT_EQ(declared(host, "maybe").differs_from_count, 2u);
    EXPECT_STREQ(declared(host, "maybe").differs_from[1], "url");
    EXPECT_EQ(declared(host, "word").differs_from, nullptr);
    EXPECT_EQ(declared(host, "maybe").flags, 0u);
    EXPECT_EQ(declared(host, "duration").flags, TRIAGE_PARAM_WITHIN_TIMEOUT);
    EXPECT_EQ(declared(host, "paths").flags, TRIAGE_PARAM_AT_MOST_ONE);
    const auto& check = *host.plugin().checks[host.plugin().check_count - 1];
    ASSERT_EQ(check.one_of_count, 2u);
    EXPECT_STREQ(check.one_of[0], "maybe");
    EXPECT_STREQ(check.one_of[1], "list");
    EXPECT_EQ(host.plugin().checks[0]->one_of_count, 0u);
}

TEST(Parameters, TheDescriptorSaysWhatWasDeclared) {
    const FakeHost host;
    EXPECT_STREQ(declared(host, "small").fallback, "7");
    EXPECT_STREQ(declared(host, "small").minimum, "1");
    EXPECT_STREQ(declared(host, "small").maximum, "1000");
    EXPECT_STREQ(declared(host, "duration").fallback, "\"1500ms\"");
    EXPECT_STREQ(declared(host, "duration").maximum, "\"1m\"");
    EXPECT_STREQ(declared(host, "list").fallback, "[200, 204]");
    EXPECT_STREQ(declared(host, "list").example, "[200]");
    EXPECT_STREQ(declared(host, "table").fallback, "{\"b\": \"1\", \"a\": \"2\"}");
    EXPECT_STREQ(declared(host, "maybe").pattern, "[a-z]+");
    EXPECT_EQ(declared(host, "maybe").fallback, nullptr);
    EXPECT_EQ(declared(host, "maybe").syntax, TRIAGE_SYNTAX_RE2);
    EXPECT_EQ(declared(host, "word").syntax, 0u);
    EXPECT_STREQ(declared(host, "sorted").keys_of, "table");
    EXPECT_EQ(declared(host, "table").keys_of, nullptr);
    EXPECT_STREQ(declared(host, "maybe").not_with, "flag");
    EXPECT_STREQ(declared(host, "maybe").not_with_value, "false");
    EXPECT_STREQ(declared(host, "maybe").write_method, "POST");
    EXPECT_STREQ(declared(host, "maybe").write_base, "url");
    EXPECT_STREQ(declared(host, "maybe").write_if, "flag");
    EXPECT_EQ(declared(host, "word").not_with, nullptr);
    EXPECT_STREQ(declared(host, "sorted").key_pattern, "[a-z]+");
    EXPECT_EQ(declared(host, "table").key_pattern, nullptr);
    EXPECT_EQ(declared(host, "table").min_items, 1u);
    EXPECT_EQ(declared(host, "list").min_items, 0u);
    EXPECT_EQ(declared(host, "url").required, 1u);
    EXPECT_STREQ(declared(host, "url").example, "\"http://127.0.0.1:8000/\"");
    EXPECT_STREQ(declared(host, "word").choices[1], "other");
    EXPECT_EQ(declared(host, "sorted").type, TRIAGE_TYPE_ANY);
    EXPECT_EQ(declared(host, "sorted").shape, TRIAGE_SHAPE_MAP);
}

struct Wrong {
    Params params;
    const char* says;
};

class Refused : public testing::TestWithParam<Wrong> {};

TEST_P(Refused, WithTheReason) {
    FakeHost host;
    try {
        host.run("params", GetParam().params);
        FAIL() << "was accepted";
    } catch (const std::invalid_argument& error) {
        EXPECT_THAT(error.what(), HasSubstr(GetParam().says));
    }
}

INSTANTIATE_TEST_SUITE_P(
    , Refused,
    testing::Values(Wrong{Params(), "url: required"},
                    Wrong{minimal().set("ulr", 1), "no parameter ulr"},
                    Wrong{minimal().set("small", "x"), "found a string, expected an integer"},
                    Wrong{minimal().set("small", 0), "0 is less than 1"},
                    Wrong{minimal().set("duration", 2min), "is more than \"1m\""},
                    Wrong{minimal().set("duration", "soon"), "\"soon\" is not a duration"},
                    Wrong{minimal().set("word", "third"), "not one of its choices"},
                    Wrong{minimal().table("table", {}), "it is empty, expected at least 1"},
                    Wrong{minimal().list("small", {1, 2}), "found a list, expected one value"},
                    Wrong{minimal().table("list", {{"a", 1}}), "found a table, expected a list"},
                    Wrong{minimal().assign("small=many"), "found \"many\""}));

}  // namespace
