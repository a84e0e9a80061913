#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/history/sqlite.hpp"
#include "core/history/store.hpp"
#include "core/redact/redactor.hpp"

namespace triage::history {
namespace {

using std::chrono::days;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::int64_t day_us = 86'400'000'000;

class HistoryTest : public testing::Test {
protected:
    HistoryTest() : path_((folder_ / "state" / "history.db").string()) {
        std::filesystem::create_directory(folder_);
    }
    ~HistoryTest() override { std::filesystem::remove_all(folder_); }

    Store open() { return Store::open(path_).value(); }

    static model::Run run(std::int64_t at_us, bool good) {
        static const redact::Redactor redactor;
        model::Run out;
        out.started_at_us = at_us;
        out.verdict = good ? model::Verdict::pass : model::Verdict::fail;
        out.exit_code = good ? 0 : 1;
        model::CheckResult api;
        api.id = redactor.redact("api");
        api.metrics = {{"total", static_cast<double>(at_us), "ms"}, {"size", 1, "By"}};
        out.results.push_back(std::move(api));
        return out;
    }
    static void add(Store& store, std::int64_t at_us, bool good, const std::string& document = "d",
                    const Retention& retention = {}) {
        const auto done = store.record(
            series, run(at_us, good), {good ? "well" : "bad", document, "f" + document}, retention);
        ASSERT_TRUE(done) << done.error().message;
    }
    std::vector<std::int64_t> times(Store& store) {
        std::vector<std::int64_t> out;
        const auto entries = store.list(std::nullopt, 1000).value();
        for (const auto& entry : entries)
            out.push_back(entry.started_at_us);
        return out;
    }

    inline static const Series series{"key", "mission-control"};
    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("triage-history-" + std::to_string(::getpid()));
    std::string path_;
};

TEST_F(HistoryTest, IsForItsUserAlone) {
    auto store = open();
    add(store, 1, true);
    for (const auto& path : {path_, std::filesystem::path(path_).parent_path().string()}) {
        struct stat info{};
        ASSERT_EQ(::stat(path.c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 077, 0U) << path;
    }
}

TEST_F(HistoryTest, KnowsTheLastGoodRunAndSinceWhenItIsBad) {
    auto store = open();
    EXPECT_FALSE(store.last_good(series).value());
    add(store, 1, true, "first");
    add(store, 2, true, "second");
    EXPECT_FALSE(store.onset(series).value());
    add(store, 3, false);
    add(store, 4, false);
    const auto document_of = [&](const auto& good) {
        return store.document(good.value()->id).value();
    };
    EXPECT_EQ(document_of(store.last_good(series)), "second");
    EXPECT_EQ(document_of(store.last_good(series, 2)), "first");
    EXPECT_EQ(store.last_good(series).value()->fingerprint, "fsecond");
    EXPECT_EQ(store.onset(series).value()->good_us, 2);
    EXPECT_EQ(store.onset(series).value()->bad_us, 3);
    EXPECT_FALSE(store.last_good({"other", ""}).value()) << "of its own series only";
}

TEST_F(HistoryTest, ListsRunsTheLastFirst) {
    auto store = open();
    add(store, 1, true);
    add(store, 2, false);
    const auto entries = store.list("key", 10).value();
    ASSERT_THAT(entries, SizeIs(2));
    EXPECT_EQ(entries[0].headline, "bad");
    EXPECT_EQ(entries[0].verdict, model::Verdict::fail);
    EXPECT_EQ(entries[0].exit_code, 1);
    EXPECT_EQ(entries[1].runbook, "mission-control");
    EXPECT_THAT(store.list("key", 1).value(), SizeIs(1));
    EXPECT_EQ(store.document(entries[1].id).value(), "d");
    EXPECT_FALSE(store.document(99).value());
}

TEST_F(HistoryTest, KeepsWhatGoodRunsMeasured) {
    auto store = open();
    for (const int at : {1, 2, 3})
        add(store, at, true);
    add(store, 4, false);
    std::vector<double> values;
    const auto measured = store.measured(series, 2).value();
    for (const auto& one : measured)
        values.push_back(one.value);
    EXPECT_THAT(values, testing::UnorderedElementsAre(2, 3));
}

TEST_F(HistoryTest, BadRunsOutliveGoodOnesAndTheLastGoodOneStays) {
    auto store = open();
    const Retention retention{
        .good = days(10), .bad = days(100), .runs = 100, .bytes = 1 << 20, .every = 1};
    add(store, 1 * day_us, true, "d", retention);
    add(store, 2 * day_us, true, "d", retention);
    add(store, 3 * day_us, false, "d", retention);
    add(store, 50 * day_us, false, "d", retention);
    EXPECT_THAT(times(store), ElementsAre(50 * day_us, 3 * day_us, 2 * day_us));
    add(store, 150 * day_us, false, "d", retention);
    EXPECT_THAT(times(store), ElementsAre(150 * day_us, 50 * day_us, 2 * day_us));
}

TEST_F(HistoryTest, IsBoundedInRunsAndBytes) {
    auto store = open();
    const Retention few{
        .good = days(10), .bad = days(100), .runs = 3, .bytes = 1 << 20, .every = 1};
    add(store, 1, true, "d", few);
    add(store, 2, false, "d", few);
    add(store, 3, true, "d", few);
    add(store, 4, true, "d", few);
    EXPECT_THAT(times(store), ElementsAre(4, 3, 2)) << "the oldest good one goes first";
    const Retention small{
        .good = days(10), .bad = days(100), .runs = 100, .bytes = 250, .every = 1};
    add(store, 5, false, std::string(100, 'x'), small);
    add(store, 6, false, std::string(100, 'x'), small);
    add(store, 7, false, std::string(100, 'x'), small);
    EXPECT_THAT(times(store), ElementsAre(7, 6, 4));
    EXPECT_EQ(store.last_good(series).value()->started_at_us, 4);
    EXPECT_THAT(store.measured(series, 100).value(), SizeIs(1)) << "their metrics go with them";
}

TEST_F(HistoryTest, WhatIsNoHistoryIsSaidAndLeftAlone) {
    std::filesystem::create_directories(folder_ / "state");
    std::ofstream(path_) << std::string(8192, 'x');
    const auto opened = Store::open(path_);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, HasSubstr(path_));
    EXPECT_THAT(opened.error().remedy, HasSubstr("Move the file away"));
    EXPECT_EQ(std::filesystem::file_size(path_), 8192);
    EXPECT_FALSE(Store::open("/proc/nowhere/history.db"));
}

TEST_F(HistoryTest, OneOfANewerTriageIsRefused) {
    {
        auto store = open();
    }
    ASSERT_TRUE(Database::open(path_).value().execute("PRAGMA user_version = 9"));
    const auto opened = Store::open(path_);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, HasSubstr("newer triage"));
}

TEST_F(HistoryTest, OneOfTheFirstVersionIsTakenOver) {
    {
        auto store = open();
        add(store, 1, true);
    }
    ASSERT_TRUE(Database::open(path_).value().execute(
        "ALTER TABLE run DROP COLUMN fingerprint; PRAGMA user_version = 1"));
    auto store = open();
    const auto good = store.last_good(series).value();
    ASSERT_TRUE(good);
    EXPECT_EQ(good->fingerprint, "") << "it was not known: the run is read";
    add(store, 2, true);
    EXPECT_EQ(store.last_good(series).value()->fingerprint, "fd");
    EXPECT_THAT(times(store), ElementsAre(2, 1));
}

TEST_F(HistoryTest, ALargeRunLeavesTheWalUnlessOthersRead) {
    const auto wal = [this] { return std::filesystem::file_size(path_ + "-wal"); };
    const std::string large(std::size_t{2} << 20, 'x');
    auto store = open();
    add(store, 1, true);
    EXPECT_GT(wal(), 0U) << "a small one may stay";
    add(store, 2, true, large);
    EXPECT_EQ(wal(), 0U);

    auto reader = Database::open(path_).value();
    ASSERT_TRUE(reader.execute("BEGIN; SELECT count(*) FROM run"));
    add(store, 3, true, large);  // would wait for the reader until its patience is over
    EXPECT_GT(wal(), 0U);
    ASSERT_TRUE(reader.execute("COMMIT"));
    EXPECT_EQ(store.document(3).value(), large);
    add(store, 4, true, large);
    EXPECT_EQ(wal(), 0U);
}

TEST_F(HistoryTest, SeveralMayWriteAtTheSameTime) {
    {
        auto store = open();
    }
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            auto store = open();
            for (int j = 0; j < 10; ++j)
                add(store, i * 100 + j, j % 2 == 0);
        });
    }
    for (auto& thread : threads)
        thread.join();
    auto store = open();
    EXPECT_THAT(times(store), SizeIs(40));
}

}  // namespace
}  // namespace triage::history
