// What descriptors may say: one bad one for each rule.
#include "core/plugin/descriptor.hpp"

#include <cstddef>
#include <functional>

#include <gmock/gmock.h>

#include "core/plugin/outcome.hpp"

namespace triage::plugin {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

model::PluginInfo good_info() {
    model::PluginInfo info;
    info.id = "zoo";
    info.version = "1.0.0";
    info.doc = "A plugin";
    info.path = "X";
    auto& check = info.checks.emplace_back();
    check.name = "one";
    check.doc = "A check";
    check.cost = "1 GET";
    auto& param = check.params.emplace_back();
    param.name = "count";
    param.type = model::ParamType::integer;
    param.doc = "How many";
    param.fallback = "3";
    check.codes.push_back({"zoo.bad", model::Weight::fail, "It is bad", "Repair it"});
    check.facts.push_back({"number", model::ParamType::integer, "A number"});
    return info;
}

struct Wrong {
    const char* words;
    std::function<void(model::PluginInfo&)> spoil;
};

TEST(CheckInfo, OneNegativeForEveryRule) {
    EXPECT_TRUE(check_info(good_info()));
    const auto param = [](auto spoil) {
        return [spoil](model::PluginInfo& info) { spoil(info.checks[0].params[0]); };
    };
    using P = model::ParamInfo&;
    using model::ParamType;
    const auto text = [&](auto spoil) {
        return param([spoil](P p) {
            p.type = ParamType::string;
            p.fallback.reset();
            spoil(p);
        });
    };
    const Wrong wrongs[] = {
        {"id is \"Zoo\"", [](auto& info) { info.id = "Zoo"; }},
        {"version is empty", [](auto& info) { info.version = ""; }},
        {"doc is not UTF-8", [](auto& info) { info.doc = "\xff"; }},
        {"doc has more than one line", [](auto& info) { info.doc = "a\nb"; }},
        {"it has no checks", [](auto& info) { info.checks.clear(); }},
        {"check 'one': is declared twice",
         [](auto& info) { info.checks.push_back(info.checks[0]); }},
        {"check 'One': name is", [](auto& info) { info.checks[0].name = "One"; }},
        {"check 'one': cost is empty", [](auto& info) { info.checks[0].cost = ""; }},
        {"check 'one': parameter 'a_b': name is", param([](P p) { p.name = "a_b"; })},
        {"doc is empty", param([](P p) { p.doc = ""; })},
        {"the default is not JSON: \"3s\"", param([](P p) { p.fallback = "3s"; })},
        {"the default is not of the parameter's type: \"\"3\"\"",
         param([](P p) { p.fallback = "\"3\""; })},
        {"it is required and has a default", param([](P p) { p.required = true; })},
        {"the default is not of the parameter's type",
         param([](P p) { p.shape = model::Shape::list; })},
        {"the default is not of the parameter's type: \"\"3 s\"\"", param([](P p) {
             p.type = ParamType::duration;
             p.fallback = "\"3 s\"";
         })},
        {"a secret can have no default", param([](P p) { p.type = ParamType::secret; })},
        {"the example is not JSON", param([](P p) { p.example = "{"; })},
        {"the minimum is no bound", param([](P p) { p.minimum = "\"x\""; })},
        {"the maximum is no bound", param([](P p) { p.maximum = "[1]"; })},
        {"a choice is not UTF-8", param([](P p) { p.choices = {"\xc0"}; })},
        {"the pattern is not UTF-8", param([](P p) { p.pattern = "\xc0"; })},
        {"it is no map and has a pattern for keys", param([](P p) { p.key_pattern = "a+"; })},
        {"the pattern for keys is not UTF-8", param([](P p) {
             p.shape = model::Shape::map;
             p.fallback = "{}";
             p.key_pattern = "\xc0";
         })},
        {"it is no string and has a syntax", param([](P p) { p.syntax = model::Syntax::regex; })},
        {"parameter 'count': keys_of is no other map: \"count\"",
         param([](P p) { p.keys_of = "count"; })},
        {"it is no text and refuses some", param([](P p) { p.refuse = "3"; })},
        {"it is no map and refuses keys", param([](P p) { p.refuse_key = "a"; })},
        {"why it is refused is empty", text([](P p) { p.refuse = "a"; })},
        {"why it is refused has more than one line", text([](P p) {
             p.refuse = "a";
             p.refuse_why = "b\nc";
         })},
        {"what is refused has a control character", text([](P p) { p.refuse = "\x1b"; })},
        {"why it is refused is empty", text([](P p) {
             p.shape = model::Shape::map;
             p.refuse_key = "a";
         })},
        {"it is no duration and is within the timeout",
         param([](P p) { p.within_timeout = true; })},
        {"it is no string or URL and differs from others",
         param([](P p) { p.differs_from = {"count"}; })},
        {"differs_from is no other string or URL, or list of them: \"count\"",
         text([](P p) { p.differs_from = {"count"}; })},
        {"differs_from is no other string or URL, or list of them: \"other\"",
         text([](P p) { p.differs_from = {"other"}; })},
        {"check 'one': one_of is no optional parameter: \"other\"",
         [](auto& info) { info.checks[0].one_of = {"count", "other"}; }},
        {"check 'one': one_of is no optional parameter: \"count\"",
         [&](auto& info) {
             text([](P p) { p.required = true; })(info);
             info.checks[0].one_of = {"count"};
         }},
        {"it is one value and has a least number of items", param([](P p) { p.min_items = 1; })},
        {"it is no list that one at most may be in", param([](P p) { p.at_most_one = true; })},
        {"it is no list that one at most may be in", param([](P p) {
             p.shape = model::Shape::list;
             p.fallback.reset();
             p.at_most_one = true;
             p.min_items = 2;
         })},
        {"parameter 'count': not_with is no string or bool: \"other\"",
         param([](P p) { p.not_with = "other"; })},
        {"not_with is no string or bool: \"count\"", param([](P p) { p.not_with = "count"; })},
        {"a value has a control character", param([](P p) { p.not_with_value = "\x1b"; })},
        {"it is no string, and written to", param([](P p) { p.write_method = "POST"; })},
        {"write_base is no URL: \"count\"", param([](P p) {
             p.type = ParamType::string;
             p.fallback.reset();
             p.write_method = "POST";
             p.write_base = "count";
         })},
        // What would reach the terminal of whoever asks what the plugin is.
        {"doc has a control character: \"red\"", [](auto& info) { info.doc = "\x1b[31mred"; }},
        {"version has a control character", [](auto& info) { info.version = "1\x07"; }},
        {"cost has a control character", [](auto& info) { info.checks[0].cost = "1\tGET"; }},
        {"doc has a control character", param([](P p) { p.doc = "a\u202eb"; })},
        {"a choice has a control character", param([](P p) { p.choices = {"a\x1b]0;x\x07"}; })},
        {"a choice has more than one line", param([](P p) { p.choices = {"a\nb"}; })},
        {"the default has more than one line", param([](P p) { p.fallback = "\n3"; })},
        {"the example has a control character", param([](P p) {
             p.type = ParamType::string;
             p.fallback.reset();
             p.example = "\"\u009b1m\"";
         })},
        {"the minimum has a control character", param([](P p) { p.minimum = "\t3"; })},
        {"the pattern has a control character", param([](P p) { p.pattern = "\x1b"; })},
        {"remedy has a control character",
         [](auto& info) { info.checks[0].codes[0].remedy = "do\rthis"; }},
        {"code 'zoo.bad': doc has a control character",
         [](auto& info) { info.checks[0].codes[0].doc = "\x7f"; }},
        {"fact 'number': doc has a control character",
         [](auto& info) { info.checks[0].facts[0].doc = "\x1b[2J"; }},
        {"code 'other.bad': name is \"other.bad\", expected \"zoo.kebab-name\"",
         [](auto& info) { info.checks[0].codes[0].name = "other.bad"; }},
        {"code 'zoo.bad': doc is empty", [](auto& info) { info.checks[0].codes[0].doc = ""; }},
        {"fact 'a-b': name is", [](auto& info) { info.checks[0].facts[0].name = "a-b"; }},
        {"fact 'number': type is not one of",
         [](auto& info) { info.checks[0].facts[0].type = ParamType::url; }},
    };
    for (const auto& wrong : wrongs) {
        auto info = good_info();
        wrong.spoil(info);
        const auto result = check_info(info);
        ASSERT_FALSE(result) << wrong.words;
        EXPECT_THAT(result.error().message, HasSubstr(wrong.words));
    }
}

TEST(CheckInfo, WhatIsWrongTogether) {
    auto info = good_info();
    auto& params = info.checks[0].params;
    for (const auto* name : {"text", "list", "table"}) {
        auto& param = params.emplace_back();
        param.name = name;
        param.doc = "A text";
    }
    params[2].shape = model::Shape::list;
    params[3].shape = model::Shape::map;
    params[1].refuse = params[3].refuse_key = "a|b";
    params[1].refuse_why = params[3].refuse_key_why = "it is another's";
    params[1].differs_from = {"list"};
    info.checks[0].one_of = {"text", "table"};
    EXPECT_TRUE(check_info(info)) << check_info(info).error().message;
    params[1].differs_from = {"list", "table"};
    EXPECT_THAT(check_info(info).error().message, HasSubstr("or list of them: \"table\""));
    params[1].differs_from = {"list", "count"};
    EXPECT_THAT(check_info(info).error().message, HasSubstr("or list of them: \"count\""));
}

TEST(CheckInfo, ValuesOfEveryType) {
    const std::pair<model::ParamType, const char*> values[] = {
        {model::ParamType::boolean, "true"},        {model::ParamType::floating, "1"},
        {model::ParamType::string, "\"x\""},        {model::ParamType::duration, "\"250ms\""},
        {model::ParamType::url, "\"http://x\""},    {model::ParamType::any, "1.5"},
        {model::ParamType::endpoint, "\"db:5432\""}};
    for (const auto& [type, value] : values) {
        auto info = good_info();
        info.checks[0].params[0].type = type;
        info.checks[0].params[0].fallback = value;
        EXPECT_TRUE(check_info(info)) << value;
        info.checks[0].params[0].shape = model::Shape::list;
        info.checks[0].params[0].fallback = "[" + std::string(value) + "]";
        EXPECT_TRUE(check_info(info)) << value;
        info.checks[0].params[0].shape = model::Shape::map;
        info.checks[0].params[0].fallback = "{\"k\": " + std::string(value) + "}";
        EXPECT_TRUE(check_info(info)) << value;
    }
}

// ---- The C descriptor

struct Descriptor {
    triage_param param{sizeof(triage_param),
                       TRIAGE_TYPE_INT,
                       0,
                       0,
                       "count",
                       "How many",
                       nullptr,
                       nullptr,
                       nullptr,
                       nullptr,
                       nullptr,
                       0,
                       nullptr};
    triage_code code{sizeof(triage_code), TRIAGE_WEIGHT_FAIL, "zoo.bad", "It is bad", nullptr};
    const triage_param* params[1] = {&param};
    const triage_code* codes[1] = {&code};
    triage_check check{};
    const triage_check* checks[1] = {&check};
    triage_plugin plugin{sizeof(triage_plugin),
                         TRIAGE_ABI_MAJOR,
                         TRIAGE_ABI_MINOR,
                         1,
                         "zoo",
                         "1.0.0",
                         "A plugin",
                         checks,
                         nullptr,
                         nullptr};

    Descriptor() {
        check.size = sizeof(check);
        check.name = "one";
        check.doc = "A check";
        check.cost = "1 GET";
        check.params = params;
        check.param_count = 1;
        check.codes = codes;
        check.code_count = 1;
        check.create = [](void*, triage_ctx*, void**) { return 0; };
        check.step = [](void*, triage_ctx*, const triage_event*) { return TRIAGE_DONE; };
        check.destroy = [](void*) {};
    }
    std::string problem() {
        const auto info = describe(&plugin, "X");
        return info ? "(none)" : info.error().message;
    }
};

TEST(Describe, ReadsAGoodOne) {
    Descriptor d;
    EXPECT_EQ(d.problem(), "(none)");
    d.plugin.size += 64;  // of a newer SDK
    EXPECT_EQ(d.problem(), "(none)");
}

TEST(Describe, MembersOfALaterSdkAreReadWhereTheyAre) {
    Descriptor d;
    d.param.shape = TRIAGE_SHAPE_MAP;
    d.param.key_pattern = "[a-z]+";
    d.param.min_items = 2;
    const auto read = [&] { return describe(&d.plugin, "X").value().checks[0].params[0]; };
    EXPECT_EQ(read().key_pattern, "[a-z]+");
    EXPECT_EQ(read().min_items, 2U);
    d.param.not_with_value = "HEAD";
    d.param.write_if = "probe";
    EXPECT_EQ(read().not_with_value + read().write_if, "HEADprobe");
    EXPECT_EQ(read().not_with + read().write_method + read().write_base, "");
    EXPECT_EQ(read().syntax, model::Syntax::any);
    d.param.type = TRIAGE_TYPE_STRING;
    d.param.fallback = d.param.example = d.param.minimum = nullptr;
    d.param.syntax = TRIAGE_SYNTAX_RE2;
    EXPECT_EQ(read().syntax, model::Syntax::regex);
    d.param.syntax = TRIAGE_SYNTAX_RE2_GROUP;
    EXPECT_EQ(read().syntax, model::Syntax::regex_with_group);
    d.param.refuse = "a";
    d.param.refuse_key = "b";
    d.param.refuse_why = d.param.refuse_key_why = "it is";
    const char* const others[] = {"x", "y"};
    d.param.differs_from = others;
    d.param.differs_from_count = 2;
    EXPECT_EQ(read().refuse, "a");
    EXPECT_EQ(read().refuse_key, "b");
    EXPECT_EQ(read().refuse_why + read().refuse_key_why, "it isit is");
    EXPECT_EQ(read().differs_from, std::vector<std::string>({"x", "y"}));
    EXPECT_FALSE(read().within_timeout);
    d.param.flags = TRIAGE_PARAM_WITHIN_TIMEOUT;
    EXPECT_TRUE(read().within_timeout);
    EXPECT_FALSE(read().at_most_one);
    d.param.flags = TRIAGE_PARAM_AT_MOST_ONE;
    EXPECT_TRUE(read().at_most_one);
    d.param.size = offsetof(triage_param, flags);
    EXPECT_EQ(read().refuse, std::nullopt);
    EXPECT_FALSE(read().within_timeout);
    d.param.keys_of = "names";
    EXPECT_EQ(read().keys_of, "names");
    d.param.size = offsetof(triage_param, keys_of);
    EXPECT_EQ(read().keys_of, "");
    d.param.not_above = "most";
    EXPECT_EQ(read().not_above, "most");
    d.param.size = offsetof(triage_param, not_above);
    EXPECT_EQ(read().not_above, "");
    d.param.size = offsetof(triage_param, not_with);
    EXPECT_EQ(read().not_with_value + read().write_if, "");
    EXPECT_EQ(read().min_items, 2U);
    d.param.size = offsetof(triage_param, key_pattern);
    EXPECT_EQ(read().key_pattern, std::nullopt);
    EXPECT_EQ(read().min_items, 0U);
    EXPECT_EQ(read().name, "count");
}

TEST(Describe, MembersOfAnEarlierCheckAreEnough) {
    Descriptor d;
    const char* const names[] = {"count", "other"};
    d.check.one_of = names;
    d.check.one_of_count = 2;
    const auto read = [&] { return describe(&d.plugin, "X").value().checks[0].one_of; };
    EXPECT_EQ(read(), std::vector<std::string>({"count", "other"}));
    d.check.size = offsetof(triage_check, one_of);
    EXPECT_THAT(read(), ::testing::IsEmpty());
}

TEST(Describe, NamesMemberAndPlace) {
    const std::string unreadable = "X declares something that triage cannot read: ";
    const std::pair<const char*, std::function<void(Descriptor&)>> wrongs[] = {
        {"size is 4, expected at least 64", [](auto& d) { d.plugin.size = 4; }},
        {"size is 100000, expected at least 64", [](auto& d) { d.plugin.size = 100'000; }},
        {"id is NULL", [](auto& d) { d.plugin.id = nullptr; }},
        {"check is NULL", [](auto& d) { d.plugin.checks = nullptr; }},
        {"check has 4000000000 elements, expected at most 1000",
         [](auto& d) { d.plugin.check_count = 4'000'000'000; }},
        {"check 1: the descriptor is NULL", [](auto& d) { d.checks[0] = nullptr; }},
        {"check 1: name is NULL", [](auto& d) { d.check.name = nullptr; }},
        {"check 'one': cost is NULL", [](auto& d) { d.check.cost = nullptr; }},
        {"check 'one': create and destroy must both be set",
         [](auto& d) { d.check.destroy = nullptr; }},
        {"check 'one': exactly one of step and run must be set, none is",
         [](auto& d) { d.check.step = nullptr; }},
        {"check 'one', parameter 1: type is 11, expected 1 to 10",
         [](auto& d) { d.param.type = 11; }},
        {"check 'one', parameter 1: shape is 3, expected 0 to 2",
         [](auto& d) { d.param.shape = 3; }},
        {"check 'one', parameter 1: syntax is 3, expected 0 to 2",
         [](auto& d) { d.param.syntax = 3; }},
        {"check 'one', parameter 1: doc is NULL", [](auto& d) { d.param.doc = nullptr; }},
        {"check 'one', parameter 1: choices is NULL", [](auto& d) { d.param.choice_count = 2; }},
        {"check 'one', parameter 1: differs_from has 1001 elements, expected at most 1000",
         [](auto& d) { d.param.differs_from_count = 1001; }},
        {"check 'one': one_of is NULL", [](auto& d) { d.check.one_of_count = 2; }},
        {"check 'one': a text of one_of is NULL",
         [](auto& d) {
             static const char* const names[] = {nullptr};
             d.check.one_of = names;
             d.check.one_of_count = 1;
         }},
        {"check 'one', code 1: weight is 9, expected 0 to 2", [](auto& d) { d.code.weight = 9; }},
    };
    for (const auto& [words, spoil] : wrongs) {
        Descriptor d;
        spoil(d);
        EXPECT_EQ(d.problem(), unreadable + words);
    }
    Descriptor newer;
    newer.plugin.abi_minor = TRIAGE_ABI_MINOR + 1;
    EXPECT_THAT(newer.problem(), EndsWith("wants ABI 0.2, this triage offers 0.1"));
}

// ---- Outcomes

TEST(OutcomeBuilder, BoundsAndOrders) {
    const auto info = good_info();
    OutcomeBuilder builder(info.checks[0]);
    builder.summary(std::string(70'000, 'x') + "é");
    builder.metric("nan", std::numeric_limits<double>::quiet_NaN(), "1");
    builder.evaluated("zoo.bad");
    builder.fact("number", std::int64_t{1});
    builder.fact("number", std::int64_t{2});
    builder.finding({"zoo.bad", {}, "s", "m", "", {}}, model::Weight::info);
    const auto outcome = builder.take();
    EXPECT_EQ(outcome.summary.size(), max_string_bytes - 32 + 20);
    EXPECT_THAT(outcome.summary, EndsWith("(cut at 64 KiB)"));
    EXPECT_THAT(outcome.error, HasSubstr("metric 'nan', which is no finite number"));
    EXPECT_EQ(outcome.evaluated, std::vector<std::uint32_t>{0});
    ASSERT_EQ(outcome.facts.size(), 1U);
    EXPECT_EQ(std::get<std::int64_t>(outcome.facts[0].value), 2);
    EXPECT_EQ(outcome.findings[0].weight, model::Weight::info);
    EXPECT_EQ(outcome.findings[0].remedy, "Repair it");
    EXPECT_TRUE(builder.take().error.empty()) << "nothing is left behind";
}

}  // namespace
}  // namespace triage::plugin
