#include "core/loop/loop.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/unique_fd.hpp"

namespace triage::loop {
namespace {

using namespace std::chrono_literals;
using base::UniqueFd;

struct SocketPair {
    SocketPair() {
        std::array<int, 2> fds{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) std::abort();
        near.reset(fds[0]);
        far.reset(fds[1]);
    }
    void send() const { ASSERT_EQ(::write(far.get(), "x", 1), 1); }
    void receive() const {
        char byte = 0;
        ASSERT_EQ(::read(near.get(), &byte, 1), 1);
    }
    UniqueFd near, far;
};

class VirtualTime : public ::testing::Test {
protected:
    void run_for(Duration duration) {
        bool over = false;
        loop.call_after(duration, [&] { over = true; });
        loop.run_until([&] { return over; });
    }
    std::shared_ptr<VirtualClock> clock = std::make_shared<VirtualClock>();
    Loop loop{clock};
};

TEST_F(VirtualTime, TimersFireByTimeThenByCreation) {
    std::string order;
    loop.call_after(2s, [&] { order += 'd'; });
    loop.call_after(1s, [&] { order += 'b'; });
    loop.call_after(1s, [&] { order += 'c'; });
    loop.call_after(-5s, [&] { order += 'a'; });
    run_for(3s);
    EXPECT_EQ(order, "abcd");
}

TEST_F(VirtualTime, JumpsExactlyToTheNextTimer) {
    const TimePoint start = loop.now();
    TimePoint fired{};
    loop.call_after(72h, [&] { fired = loop.now(); });
    loop.run_until([&] { return fired != TimePoint{}; });
    EXPECT_EQ(fired - start, 72h);
}

TEST_F(VirtualTime, ALongDelayDoesNotOverflow) {
    bool fired = false;
    loop.call_after(Duration::max(), [&] { fired = true; });
    run_for(24h);
    EXPECT_FALSE(fired);
}

TEST_F(VirtualTime, TimersMayCancelEachOtherAndThemselves) {
    std::string order;
    TimerId second{};
    TimerId first = loop.call_after(1s, [&] {
        order += '1';
        loop.cancel(second);  // due in the same pass
        loop.cancel(first);   // running
        loop.cancel(TimerId(4711));
    });
    second = loop.call_after(1s, [&] { order += '2'; });
    loop.call_after(1s, [&] { order += '3'; });
    run_for(2s);
    EXPECT_EQ(order, "13");
}

TEST_F(VirtualTime, ATimerAddedAsDueWaitsForTheNextTurn) {
    int count = 0;
    std::function<void()> again = [&] {
        ++count;
        loop.call_after(0s, again);
    };
    loop.call_after(0s, again);
    int turns = 0;
    loop.run_until([&] { return ++turns == 10; });
    EXPECT_EQ(count, 10);
}

TEST_F(VirtualTime, DestroyingATaskMayCancelTimers) {
    bool fired = false;
    const TimerId other = loop.call_after(1s, [&] { fired = true; });
    auto guard = std::shared_ptr<void>(nullptr, [&](void*) { loop.cancel(other); });
    const TimerId holder = loop.call_after(1s, [guard] {});
    guard.reset();
    loop.cancel(holder);
    run_for(2s);
    EXPECT_FALSE(fired);
}

TEST_F(VirtualTime, HundredThousandTimersFireInOrder) {
    constexpr int count = 100'000;
    std::vector<TimerId> ids;
    std::vector<int> fired;
    std::uint32_t random = 1;
    for (int i = 0; i < count; ++i) {
        random = random * 1664525U + 1013904223U;
        const int delay = int(random >> 12);
        ids.push_back(
            loop.call_after(Duration(delay), [&fired, delay] { fired.push_back(delay); }));
    }
    for (std::size_t i = 0; i < count; i += 2)
        loop.cancel(ids[i]);
    run_for(10s);
    EXPECT_EQ(fired.size(), count / 2);
    EXPECT_TRUE(std::is_sorted(fired.begin(), fired.end()));
}

TEST_F(VirtualTime, TimeStandsStillWhileADescriptorIsReadyOrWorkIsDeferred) {
    const SocketPair pair;
    const TimePoint start = loop.now();
    int reads = 0;
    loop.watch(pair.near.get(), ready_read, [&](std::uint32_t) {
        pair.receive();
        EXPECT_EQ(loop.now(), start);
        if (++reads < 100) pair.send();
    });
    pair.send();
    run_for(1us);
    EXPECT_EQ(reads, 100);

    int rounds = 0;
    std::function<void()> again = [&] {
        EXPECT_EQ(loop.now(), start + 1us);
        if (++rounds < 1000) loop.defer(again);
    };
    loop.defer(again);
    run_for(1us);
    EXPECT_EQ(rounds, 1000);
}

TEST_F(VirtualTime, TimeStandsStillUntilAnAnnouncedPostHasCome) {
    const TimePoint start = loop.now();
    std::atomic<bool> go = false;
    TimePoint posted{};
    loop.expect_post();
    loop.call_after(1s, [&] { EXPECT_NE(posted, TimePoint{}); });
    std::thread worker([&] {
        go.wait(false);
        loop.post([&] { posted = loop.now(); });
    });
    loop.defer([&] {
        go = true;
        go.notify_one();
    });
    run_for(1h);
    worker.join();
    EXPECT_EQ(posted, start);
}

TEST_F(VirtualTime, WaitingForNothingIsAnErrorNotAHang) {
    EXPECT_THROW(loop.run_until([] { return false; }), std::logic_error);
}

TEST_F(VirtualTime, EndlessDeferringDoesNotStarveTheRest) {
    const SocketPair pair;
    bool read = false;
    bool timer = false;
    std::function<void()> again = [&] { loop.defer(again); };
    loop.defer(again);
    loop.call_after(0s, [&] { timer = true; });
    loop.watch(pair.near.get(), ready_read, [&](std::uint32_t) {
        pair.receive();
        read = true;
    });
    pair.send();
    loop.run_until([&] { return read && timer; });
}

TEST_F(VirtualTime, TurnEndHooksRunAfterTheCallbacksAndBeforeWaiting) {
    std::string order;
    bool over = false;
    loop.at_turn_end([&] {
        order += '.';
        if (order == "a.") {
            loop.defer([&] { order += 'b'; });  // must not wait for the timer
            loop.at_turn_end([&] { order += ','; });
        }
    });
    loop.defer([&] { order += 'a'; });
    loop.call_after(1s, [&] { over = true; });
    loop.run_until([&] { return over; });
    EXPECT_EQ(order, "a.,b.,.,");
}

TEST_F(VirtualTime, StopEndsTheRunAndTheNextRunGoesOn) {
    int fired = 0;
    loop.call_after(1s, [&] {
        ++fired;
        loop.stop();
    });
    loop.call_after(2s, [&] { ++fired; });
    loop.run_until([] { return false; });
    EXPECT_EQ(fired, 1);
    loop.run_until([&] { return fired == 2; });
    EXPECT_EQ(fired, 2);
}

TEST_F(VirtualTime, NoStaleCallbackForAWatchRemovedInTheSameTurn) {
    const SocketPair a;
    const SocketPair b;
    int calls = 0;
    const auto once = [&](std::uint32_t) {
        ++calls;
        loop.unwatch(a.near.get());
        loop.unwatch(b.near.get());
    };
    loop.watch(a.near.get(), ready_read, once);
    loop.watch(b.near.get(), ready_read, once);
    a.send();
    b.send();
    run_for(1s);
    EXPECT_EQ(calls, 1);
}

TEST_F(VirtualTime, ANumberUsedAgainGetsNoEventOfItsPredecessor) {
    SocketPair old;
    const SocketPair trigger;
    SocketPair fresh;
    int stale = 0;
    int good = 0;
    bool swapped = false;
    const int number = old.near.get();
    const auto swap = [&](std::uint32_t) {
        if (std::exchange(swapped, true)) return;
        loop.unwatch(number);
        loop.unwatch(trigger.near.get());
        // The same number now means the other, silent pair.
        ASSERT_EQ(::dup3(fresh.near.get(), number, O_CLOEXEC), number);
        loop.watch(number, ready_read, [&](std::uint32_t) {
            ++good;
            loop.unwatch(number);
        });
    };
    // Whichever is reported first, the other is pending when the number changes hands.
    loop.watch(trigger.near.get(), ready_read, swap);
    loop.watch(number, ready_read, [&](std::uint32_t ready) {
        if (swapped) ++stale;
        swap(ready);
    });
    old.send();
    trigger.send();
    run_for(1s);
    EXPECT_EQ(stale, 0);
    EXPECT_EQ(good, 0);
    fresh.send();
    run_for(1s);
    EXPECT_EQ(good, 1);
}

TEST_F(VirtualTime, UnwatchAndCloseLeavesNothingBehind) {
    SocketPair old;
    const int number = old.near.release();
    int stale = 0;
    int good = 0;
    loop.watch(number, ready_read, [&](std::uint32_t) { ++stale; });
    run_for(1us);  // the kernel knows it now
    old.send();
    loop.unwatch_and_close(number);
    const SocketPair fresh;
    ASSERT_EQ(fresh.near.get(), number);
    loop.watch(number, ready_read, [&](std::uint32_t) {
        ++good;
        fresh.receive();
    });
    run_for(1s);
    EXPECT_EQ(good, 0);
    fresh.send();
    run_for(1s);
    EXPECT_EQ(good, 1);
    EXPECT_EQ(stale, 0);
}

TEST_F(VirtualTime, ANumberUsedAgainWithoutUnwatchStillWorks) {
    SocketPair pair;
    const int number = pair.near.get();
    int calls = 0;
    loop.watch(number, ready_read, [](std::uint32_t) {});
    run_for(1s);
    SocketPair other;
    ASSERT_EQ(::dup3(other.near.get(), number, O_CLOEXEC), number);  // closes the old one
    loop.watch(number, ready_read | ready_write, [&](std::uint32_t ready) {
        ++calls;
        EXPECT_EQ(ready, ready_write);
        loop.set_interest(number, ready_none);
    });
    run_for(1s);
    EXPECT_EQ(calls, 1);
}

TEST_F(VirtualTime, InterestCanBeChangedAndTakenBack) {
    const SocketPair pair;
    std::vector<std::uint32_t> seen;
    loop.watch(pair.near.get(), ready_none, [&](std::uint32_t ready) {
        seen.push_back(ready);
        loop.set_interest(pair.near.get(), ready_none);
    });
    pair.send();
    run_for(1s);
    EXPECT_TRUE(seen.empty());
    loop.set_interest(pair.near.get(), ready_read);
    run_for(1s);
    EXPECT_EQ(seen, std::vector<std::uint32_t>{ready_read});  // and no busy loop afterwards
    loop.set_interest(pair.near.get(), ready_read | ready_write);
    run_for(1s);
    EXPECT_EQ(seen.back(), std::uint32_t(ready_read | ready_write));
    EXPECT_EQ(seen.size(), 2U);
}

TEST_F(VirtualTime, HangUpIsReadAndError) {
    SocketPair pair;
    std::uint32_t seen = 0;
    loop.watch(pair.near.get(), ready_write, [&](std::uint32_t ready) {
        seen = ready;
        loop.unwatch(pair.near.get());
    });
    pair.far.reset();
    run_for(1s);
    EXPECT_EQ(seen, std::uint32_t(ready_read | ready_write | ready_error));
}

TEST_F(VirtualTime, AHangUpNobodyAsksForDoesNotSpin) {
    SocketPair pair;
    loop.watch(pair.near.get(), ready_read, [](std::uint32_t) {});
    run_for(1s);
    loop.set_interest(pair.near.get(), ready_none);
    pair.far.reset();
    int turns = 0;
    loop.call_after(1s, [] {});
    bool over = false;
    loop.call_after(2s, [&] { over = true; });
    loop.run_until([&] { return ++turns > 50 || over; });
    EXPECT_LE(turns, 6);
}

TEST_F(VirtualTime, WhatCannotBeWatchedIsReportedOnce) {
    const UniqueFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(file);
    std::vector<std::uint32_t> seen;
    const auto note = [&](std::uint32_t ready) { seen.push_back(ready); };
    loop.watch(file.get(), ready_read, note);
    loop.watch(1'000'000, ready_read, note);
    loop.watch(-1, ready_read, note);
    run_for(1s);
    EXPECT_EQ(seen, (std::vector<std::uint32_t>(3, ready_error)));
}

TEST_F(VirtualTime, WatchingAgainReplacesTheCallback) {
    const SocketPair pair;
    std::string seen;
    loop.watch(pair.near.get(), ready_read, [&](std::uint32_t) {
        seen += 'a';
        loop.watch(pair.near.get(), ready_read, [&](std::uint32_t) {
            seen += 'b';
            loop.unwatch(pair.near.get());
            loop.unwatch(pair.near.get());
        });
    });
    pair.send();
    run_for(1s);
    EXPECT_EQ(seen, "ab");
}

TEST(Loop, PostsFromManyThreadsAllArriveInOrderOfEach) {
    constexpr int threads = 4;
    constexpr int posts = 5'000;
    Loop loop;
    std::array<int, threads> next{};
    int total = 0;
    std::vector<std::thread> workers;
    for (std::size_t t = 0; t < threads; ++t) {
        workers.emplace_back([&, t] {
            for (int i = 0; i < posts; ++i) {
                loop.post([&, t, i] {
                    EXPECT_EQ(next[t]++, i);
                    ++total;
                });
            }
        });
    }
    loop.run_until([&] { return total == threads * posts; });
    for (std::thread& worker : workers)
        worker.join();
    EXPECT_EQ(total, threads * posts);
}

TEST(Loop, RealTimersAreNeverEarly) {
    Loop loop;
    for (const Duration delay : {1us, 300us, 1500us, 3000us}) {
        const TimePoint start = loop.now();
        bool fired = false;
        loop.call_after(delay, [&] { fired = true; });
        loop.run_until([&] { return fired; });
        EXPECT_GE(loop.now() - start, delay);
    }
}

TEST(Loop, DestroyedWithWorkLeft) {
    auto held = std::make_shared<int>(1);
    const SocketPair pair;
    {
        Loop loop;
        loop.call_after(1h, [held] {});
        loop.defer([held] {});
        loop.post([held] {});
        loop.watch(pair.near.get(), ready_read, [held](std::uint32_t) {});
        EXPECT_EQ(held.use_count(), 5);
    }
    EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace triage::loop
