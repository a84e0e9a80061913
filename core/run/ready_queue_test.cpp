#include "core/run/ready_queue.hpp"

#include <gmock/gmock.h>

namespace triage::run {
namespace {

TEST(ReadyQueue, GivesOutInOrderOfTheRunbook) {
    ReadyQueue queue(8);
    for (const std::size_t i : {5U, 1U, 3U})
        queue.push(i, "");
    EXPECT_EQ(queue.pop(), 1U);
    EXPECT_EQ(queue.pop(), 3U);
    EXPECT_EQ(queue.pop(), 5U);
    EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(ReadyQueue, ABusyTargetDoesNotHoldUpOthers) {
    ReadyQueue queue(2);
    for (std::size_t i = 0; i < 4; ++i)
        queue.push(i, "http://a");
    queue.push(9, "http://b");
    EXPECT_EQ(queue.pop(), 0U);
    EXPECT_EQ(queue.pop(), 1U);
    EXPECT_EQ(queue.pop(), 9U);
    EXPECT_EQ(queue.pop(), std::nullopt) << "a is busy";
    queue.done("http://a");
    EXPECT_EQ(queue.pop(), 2U);
    EXPECT_EQ(queue.pop(), std::nullopt);
    queue.done("http://b");
    queue.done("http://a");
    EXPECT_EQ(queue.pop(), 3U);
}

}  // namespace
}  // namespace triage::run
