// The lock that tells another thread when the host is between two of its steps.
#include "core/plugin/host_lock.hpp"

#include <chrono>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

namespace triage::plugin {
namespace {

using namespace std::chrono_literals;

class HostLockTest : public ::testing::Test {
protected:
    HostLock lock;
    Breadcrumbs crumbs{};
    const std::string plugin = "zoo";

    void callback(Callback what) {
        const CrumbScope scope(crumbs.threads[0], what, CallId{7});
        const OutsideHost outside(&lock, plugin, crumbs.threads[0]);
    }
};

TEST_F(HostLockTest, IsNotToBeHadWhileTheHostIsAtWork) {
    lock.enter();
    std::thread([&] { EXPECT_FALSE(lock.seize(1ms)); }).join();
    lock.leave_for_good();
}

TEST_F(HostLockTest, SaysWhichCallbackIsUnderWay) {
    lock.enter();
    std::optional<UnderWay> seen;
    {
        const CrumbScope scope(crumbs.threads[0], Callback::step, CallId{7});
        const OutsideHost outside(&lock, plugin, crumbs.threads[0]);
        std::thread([&] {
            ASSERT_TRUE(lock.seize(1h));
            seen = lock.under_way();
            lock.give_back();
        }).join();
    }
    lock.leave_for_good();
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->plugin, "zoo");
    EXPECT_EQ(seen->callback, Callback::step);
    EXPECT_EQ(seen->call, CallId{7});
}

// Between two short callbacks the loop's thread would take it again sooner than a waiter wakes.
TEST_F(HostLockTest, IsHadHoweverShortTheCallbacksAre) {
    std::atomic<bool> had = false;
    int inside_host = 0;
    lock.enter();
    std::thread other([&] {
        for (int i = 0; i < 100; ++i) {
            ASSERT_TRUE(lock.seize(1h));
            EXPECT_EQ(inside_host, 0);
            lock.give_back();
        }
        had = true;
    });
    while (!had) {
        ++inside_host;
        --inside_host;
        callback(Callback::step);
    }
    lock.leave_for_good();
    other.join();
}

TEST(DescribeUnderWay, NamesTheCallbackAndItsTime) {
    EXPECT_EQ(describe({"health", Callback::step, CallId{1}, 3s}),
              "plugin 'health': step() has not returned for 3 s");
    EXPECT_EQ(describe({"/x/\n.so", Callback::load, CallId{0}, 3s}),
              "plugin '/x/?.so': loading has not ended for 3 s");
    EXPECT_EQ(describe({"health", Callback::step, CallId{1}, 3ms}),
              "callbacks of plugins have kept triage from everything else");
}

}  // namespace
}  // namespace triage::plugin
