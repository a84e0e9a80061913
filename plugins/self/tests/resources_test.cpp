/// self.resources: when figures of this machine are a finding.
#include "../resources.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using triage::Weight;

namespace self {
namespace {

constexpr ResourceLimits usual{
    .descriptors = 256, .disk_warn = 0.9, .disk_fail = 0.98, .memory_warn = 0.05, .load_warn = 4};

ResourcesView idle() { return {1024, 0.01, {{"/tmp", "", 0.5, 0.1, 1u << 30}}, 0.5, 0.2}; }

std::vector<std::string> found_in(const ResourcesView& view, const ResourceLimits& limits = usual) {
    std::vector<std::string> out;
    const auto judgement = judge_resources(limits, view);
    for (const auto& one : judgement.findings())
        out.emplace_back(one.code->name);
    return out;
}

TEST(Resources, OfAnIdleMachineAreEnough) {
    const auto judgement = judge_resources(usual, idle());
    EXPECT_THAT(judgement.findings(), IsEmpty());
    for (const auto& code : resources_codes())
        EXPECT_TRUE(judgement.was_evaluated(code.name)) << code.name;
    EXPECT_EQ(judgement.summary(),
              "/tmp 50 % used, 1 GiB free; memory 50 % available; load 0.2 per core");
}

TEST(Resources, DisksHaveTwoLimits) {
    auto view = idle();
    view.disks[0].used = 0.9;
    EXPECT_EQ(judge_resources(usual, view).findings().at(0).weight, Weight::warn);
    view.disks[0].used = 0.98;
    EXPECT_EQ(judge_resources(usual, view).findings().at(0).weight, Weight::fail);
    view.disks[0].inodes_used = 0.99;
    EXPECT_THAT(found_in(view), ElementsAre("self.disk-full", "self.inodes-full"));
}

TEST(Resources, WhatCannotBeLookedAtIsSaidAndNotEvaluated) {
    ResourcesView view{1024, std::nullopt, {{"/gone", "No such file or directory"}}, {}, {}};
    const auto judgement = judge_resources(usual, view);
    EXPECT_THAT(judgement.findings(), IsEmpty());
    EXPECT_THAT(judgement.summary(), HasSubstr("/gone cannot be looked at: No such file"));
    for (const auto* code : {"self.disk-full", "self.inodes-full", "self.memory-low"})
        EXPECT_FALSE(judgement.was_evaluated(code)) << code;
}

TEST(Resources, FewDescriptorsMemoryAndTimeAreWarnings) {
    auto view = idle();
    view.descriptors = 64;
    view.memory_available = 0.01;
    view.load_per_core = 9;
    EXPECT_THAT(found_in(view),
                ElementsAre("self.few-descriptors", "self.memory-low", "self.overloaded"));
    view.descriptors = 1024;
    view.descriptors_used = 0.97;
    auto limits = usual;
    limits.memory_warn = limits.load_warn = 0;
    EXPECT_THAT(found_in(view, limits), ElementsAre("self.few-descriptors"));
    EXPECT_FALSE(judge_resources(limits, view).was_evaluated("self.overloaded"));
}

TEST(Resources, AreReadFromThisMachine) {
    triage::testing::FakeHost host;
    const auto result = host.run("resources");
    EXPECT_THAT(result.violations, IsEmpty());
    EXPECT_TRUE(result.was_evaluated("self.disk-full"));
    EXPECT_TRUE(result.was_evaluated("self.memory-low"));
    EXPECT_GT(result.metric("disk-free").value_or(-1), -1);
}

}  // namespace
}  // namespace self
