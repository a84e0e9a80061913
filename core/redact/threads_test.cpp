// What several threads do with one redactor: by itself, as the thread sanitizer runs only this.
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/redact/redactor.hpp"

namespace triage::redact {
namespace {

TEST(Redactor, AddsWhileOthersRead) {
    Redactor redactor;
    redactor.add("first", "first-secret");
    std::vector<std::jthread> readers;
    for (int reader = 0; reader < 3; ++reader) {
        readers.emplace_back([&] {
            for (int round = 0; round < 500; ++round) {
                EXPECT_EQ(redactor.redact("a first-secret b").str(), "a <secret:first> b");
            }
        });
    }
    for (int i = 0; i < 100; ++i) {
        redactor.add(fmt::format("n{}", i), fmt::format("further-secret-{}", i));
        redactor.add("url", fmt::format("postgresql://further-secret-{}:x@h", i));
    }
    readers.clear();
    EXPECT_EQ(redactor.redact("further-secret-99").str(), "further-secret-99");
}

}  // namespace
}  // namespace triage::redact
