#include <cmath>
#include <limits>
#include <string>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "core/report/json_writer.hpp"
#include "core/report/report.hpp"
#include "core/report/sample_runs.hpp"
#include "core/report/time.hpp"

namespace triage::report {
namespace {

using namespace std::chrono_literals;

boost::json::value parsed(const model::Run& run) {
    return boost::json::parse(json(sample::reported(run)));
}

TEST(Json, HasEveryResultInOrder) {
    const auto run = sample::many(10'000);
    const auto document = parsed(run);
    const auto& results = document.at("results").as_array();
    ASSERT_EQ(results.size(), run.results.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
        ASSERT_EQ(results[i].at("id").as_string(), run.results[i].id.str());
        ASSERT_EQ(results[i].at("verdict").as_string(), name(run.results[i].verdict));
    }
}

TEST(Json, KeepsTextExactly) {
    auto run = sample::healthy();
    const std::string odd = "quote \" backslash \\ tab \t newline \n ü 日本 🚀 \u2028 </script>";
    run.results[0].summary = sample::text("x" + odd);
    EXPECT_EQ(parsed(run).at("results").at(0).at("summary").as_string(),
              run.results[0].summary.str());
}

TEST(Json, WritesDurationsInMillisecondsExactly) {
    auto run = sample::healthy();
    const auto written = [&](std::chrono::microseconds duration) {
        run.duration = duration;
        const std::string text = json(sample::reported(run));
        const std::size_t at = text.find("\"duration_ms\":") + 14;
        return text.substr(at, text.find(',', at) - at);
    };
    EXPECT_EQ(written(0us), "0");
    EXPECT_EQ(written(1us), "0.001");
    EXPECT_EQ(written(1250us), "1.25");
    EXPECT_EQ(written(20s), "20000");
    EXPECT_EQ(written(20s + 1us), "20000.001");
    EXPECT_EQ(written(std::chrono::microseconds::max()), "9223372036854775.807");
    EXPECT_EQ(written(std::chrono::microseconds::min()), "-9223372036854775.808");
}

TEST(Json, KeepsTheTypesOfFacts) {
    auto run = sample::healthy();
    run.results[0].facts = {{"flag", true},
                            {"text", sample::text("8")},
                            {"whole", std::numeric_limits<std::int64_t>::min()},
                            {"real", 0.1},
                            {"no number", std::nan("")}};
    const auto document = parsed(run);
    const auto& facts = document.at("results").at(0).at("facts");
    EXPECT_TRUE(facts.at("flag").as_bool());
    EXPECT_EQ(facts.at("text").as_string(), "8");
    EXPECT_EQ(facts.at("whole").as_int64(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(facts.at("real").as_double(), 0.1);
    EXPECT_TRUE(facts.at("no number").is_null());
}

TEST(Json, GivesEvidenceOfOneNameSeveralKeys) {
    const auto document = parsed(sample::hostile());
    const auto& evidence = document.at("results").at(0).at("findings").at(0).at("evidence");
    EXPECT_EQ(evidence.at("body (2)").as_string(), "a second one of that name");
}

TEST(Json, ComesInPiecesOfABlock) {
    auto run = sample::many(1000);
    run.results[500].summary = sample::text(std::string(100'000, 'x'));  // larger than a block
    run.results[501].summary = sample::text(std::string(100'000, '"'));
    std::string whole;
    std::size_t pieces = 0;
    json(run, [&](std::string_view piece) {
        whole += piece;
        ++pieces;
        EXPECT_LE(piece.size(), 100'000);
    });
    EXPECT_EQ(whole, json(model::Report{.run = run, .diagnosis = {}, .changes = {}}));
    EXPECT_GT(pieces, 5);
    const auto document = boost::json::parse(whole);
    EXPECT_EQ(document.at("results").at(500).at("summary").as_string().size(), 100'000);
    EXPECT_EQ(document.at("results").at(501).at("summary").as_string(), std::string(100'000, '"'));
}

TEST(JsonWriter, EscapesWhereverItStands) {
    for (std::size_t size = 1; size <= 17; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (int byte = 0; byte < 0x80; ++byte) {
                std::string text(size, '~');
                text[at] = static_cast<char>(byte);
                std::string json;
                const JsonWriter::Sink sink = [&](std::string_view piece) { json += piece; };
                JsonWriter out(sink);
                out.string(text);
                out.finish();
                ASSERT_EQ(boost::json::parse(json).as_string(), text) << size << ' ' << at;
                ASSERT_EQ(json.size() > size + 3, byte < 0x20 || byte == '"' || byte == '\\')
                    << byte;
            }
        }
    }
}

TEST(Json, IsTheSameEveryTime) {
    const auto report = sample::reported(sample::many(1000));
    EXPECT_EQ(json(report), json(report));
}

TEST(Time, IsRfc3339InUtc) {
    EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(rfc3339(1'795'429'265'976'543), "2026-11-23T10:21:05.976Z");
    EXPECT_EQ(rfc3339(-1), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(rfc3339(951'782'400'000'000), "2000-02-29T00:00:00.000Z");
    EXPECT_EQ(rfc3339(std::numeric_limits<std::int64_t>::max()), "9999-12-31T23:59:59.999Z");
    EXPECT_EQ(rfc3339(std::numeric_limits<std::int64_t>::min()), "0000-01-01T00:00:00.000Z");
}

}  // namespace
}  // namespace triage::report
