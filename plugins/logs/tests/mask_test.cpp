#include "../mask.hpp"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "../clusters.hpp"

using namespace std::chrono_literals;

namespace logs {
namespace {

TEST(Mask, TakesOutWhatChanges) {
    EXPECT_EQ(masked("took 13 ms for 10.0.0.7:5432"), "took # ms for #");
    EXPECT_EQ(masked("id 0b9e3a4c-aaaa-4bbb-8ccc-ddddeeeeffff gone"), "id # gone");
    EXPECT_EQ(masked("request_id=f0c4d1 path=/api/v1/boards/42/tasks"),
              "request_id=# path=/api/v1/boards/#/tasks");
    EXPECT_EQ(masked(R"(user "bob" can't log in: it's 'x y')"), "user '#' can't log in: it's '#'");
    EXPECT_EQ(masked("at 0x7ffd12 in worker-3"), "at # in worker-#");
    EXPECT_EQ(masked("2026-11-23 10:21:05,976 x"), "# #,# x");
    EXPECT_EQ(masked("fe80::1%eth0 up"), "#::#%# up");
    EXPECT_EQ(masked("v1.2 of v1 a.5 12:ab:3f 1.a5 1.zz"), "v1.# of v1 a.# # # #.zz");
    EXPECT_EQ(masked("naïve größe"), "naïve größe");
    EXPECT_EQ(masked(""), "");
    EXPECT_EQ(masked("\""), "\"");
}

TEST(Mask, WhereItBeginsMakesNoDifference) {
    const std::string text = "v2 job 12 'a b' by 10.0.0.7:80, 1.ab.zz id=f0c4d1 " +
                             std::string(70, 'k') + "7 can't " + std::string(64, 'q') + " it's 0x1";
    const auto alone = masked(text);
    EXPECT_EQ(alone, "v2 job # '#' by #, #.zz id=# # can't " + std::string(64, 'q') + " it's #");
    for (std::size_t i = 1; i < 200; ++i) {
        const auto before = std::string(i - 1, '.') + ' ';
        EXPECT_EQ(masked(before + text), before + alone) << i;
    }
    EXPECT_EQ(masked(std::string(max_masked, 'x') + " 1").size(), max_masked);
    EXPECT_EQ(masked(std::string(max_masked - 1, '.') + "12"),
              std::string(max_masked - 1, '.') + '#');
}

TEST(Mask, LikenessFollowsIt) {
    const char* alike[][2] = {{"took 13 ms", "took 7 ms"},
                              {"user 'a' x", "user 'bcd' x"},
                              {"c 10.0.0.1:1", "c 192.168.100.200:65535"},
                              {"error at 2026-11-23", "error at 2025-01-02"}};
    for (const auto& [a, b] : alike)
        EXPECT_EQ(likeness(a), likeness(b)) << a;
    const char* different[][2] = {{"took 13 ms", "took 13 s"},
                                  {"abcdefgh1x", "abcdefg"},
                                  {"a b", "ab"},
                                  {"user 'a' x", "user a x"},
                                  {"", " "}};
    for (const auto& [a, b] : different)
        EXPECT_NE(likeness(a), likeness(b)) << a;
}

TEST(Mask, ShortTextsAreNotAlike) {
    constexpr std::string_view letters = "abcxyzAZ_ .,!(";
    std::map<std::uint64_t, std::string> seen;
    std::vector<std::string> texts{""};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto [known, is_new] = seen.emplace(likeness(texts[i]), texts[i]);
        EXPECT_TRUE(is_new) << '"' << known->second << "\" \"" << texts[i] << '"';
        if (texts[i].size() < 4)
            for (const char c : letters)
                texts.push_back(texts[i] + c);
    }
}

/// It may take other instructions than masked() does.
TEST(Mask, LikenessSeesWhatMaskedSees) {
    std::mt19937 random(1);
    std::map<std::string, std::uint64_t> of;
    constexpr std::string_view bytes = "ab7 .-:'\"v_\xc3\x80\x7f@[`{/,";
    for (int i = 0; i < 20000; ++i) {
        std::string text(random() % (i % 100 == 0 ? 1100 : 6), ' ');
        for (auto& c : text)
            c = bytes[random() % bytes.size()];
        const auto likeness_of = likeness(text);
        EXPECT_EQ(of.try_emplace(masked(text), likeness_of).first->second, likeness_of) << text;
    }
    EXPECT_GT(of.size(), 1000U);
}

Event event(std::string_view head, std::string_view cause = "") {
    Event out;
    out.head = head;
    out.cause = cause;
    out.text = head;
    return out;
}

TEST(Clusters, CountWhatIsAlike) {
    Clusters clusters;
    for (int i = 0; i < 5; ++i) {
        const auto text = "took " + std::to_string(i) + " ms";
        auto one = event(text);
        one.at = Time(std::chrono::seconds(100 - i));
        clusters.add(one, 0);
    }
    clusters.add(event("other"), 1);
    const auto all = clusters.all();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0]->count, 5U);
    EXPECT_EQ(all[0]->first, Time(96s));
    EXPECT_EQ(all[0]->last, Time(100s));
    EXPECT_EQ(all[0]->sample, "took 0 ms");
    EXPECT_EQ(all[1]->undated, 1U);
}

TEST(Clusters, UvicornsCopyOfATracebackIsDropped) {
    Clusters clusters;
    clusters.add(event("ERROR app unhandled_exception", "a.E: x 1"), 0);
    clusters.add(event("ERROR:    Exception in ASGI application", "a.E: x 2"), 1);
    EXPECT_EQ(clusters.all().size(), 1U);
    clusters.add(event("ERROR:    Exception in ASGI application", "a.F: y"), 1);
    EXPECT_EQ(clusters.all().size(), 2U) << "of this one there is no other copy";
}

TEST(Clusters, AreBoundedAndMerge) {
    Clusters a, b;
    for (std::size_t i = 0; i < Clusters::max_clusters + 50; ++i) {
        std::string text;
        for (auto n = i + 1; n > 0; n /= 26)
            text += static_cast<char>('a' + n % 26);
        a.add(event("x " + text + "!"), 0);
    }
    EXPECT_EQ(a.beyond(), 50U);
    EXPECT_EQ(a.all().size(), Clusters::max_clusters);
    b.add(event("x b!"), 1);
    b.add(event("new"), 1);
    a.merge(b);
    EXPECT_EQ(a.beyond(), 51U);
    EXPECT_EQ(a.events(), Clusters::max_clusters + 52);
    EXPECT_EQ(a.all()[0]->count, 2U);
    EXPECT_EQ(a.all()[0]->sources.size(), 2U);
}

}  // namespace
}  // namespace logs
