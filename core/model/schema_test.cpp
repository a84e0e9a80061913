#include "core/model/schema.hpp"

#include <set>

#include <gtest/gtest.h>

namespace triage::model {
namespace {

TEST(ParamType, HasNamesThatAuthorsRead) {
    EXPECT_EQ(name(ParamType::boolean), "bool");
    EXPECT_EQ(name(ParamType::integer), "int");
    EXPECT_EQ(name(ParamType::floating), "float");
    EXPECT_EQ(name(ParamType::duration), "duration");
    EXPECT_EQ(name(ParamType::any), "any");
}

TEST(ParamType, NamesAreDistinct) {
    std::set<std::string_view> names;
    for (std::uint8_t i = 1; i <= static_cast<std::uint8_t>(ParamType::any); ++i)
        names.insert(name(static_cast<ParamType>(i)));
    EXPECT_EQ(names.size(), 10U);
    EXPECT_FALSE(names.contains("unknown"));
}

TEST(PluginInfo, FindsItsChecksByName) {
    PluginInfo plugin;
    plugin.checks.resize(2);
    plugin.checks[0].name = "endpoint";
    plugin.checks[1].name = "pattern";
    EXPECT_EQ(plugin.find("pattern"), &plugin.checks[1]);
    EXPECT_EQ(plugin.find("patter"), nullptr);
}

}  // namespace
}  // namespace triage::model
