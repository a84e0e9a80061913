#include "core/bundle/bundle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/report/report.hpp"

namespace triage::bundle {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const redact::Redactor redactor;

model::Text text(std::string_view raw) { return redactor.redact(raw); }

model::Run sample() {
    model::Run run;
    run.runbook = text("mission \"control\"");
    run.path = text("triage.toml");
    run.arguments = {text("--profile"), text("local")};
    run.started_at_us = 1'795'429'265'976'000;
    run.duration = 412345us;
    run.deadline = 20s;
    run.verdict = model::Verdict::fail;
    run.exit_code = 1;
    run.notices = {text("a notice")};
    run.settings = {{"runbook", text("0011")}, {"var ui", text("http://ui")}};
    run.steps = {{text("impact"), text("Confirm impact"), text("doc")}};
    run.manual = {{text("lead"), text("impact"), text("Who?"), {}}};
    model::CheckResult result;
    result.id = text("api");
    result.step = text("impact");
    result.use = "health.pattern";
    result.layer = "api";
    result.vantage = text("host");
    result.verdict = model::Verdict::fail;
    result.summary = text("5xx");
    result.findings = {{.code = "health.api-5xx",
                        .weight = model::Weight::fail,
                        .subject = text("http://api/"),
                        .message = text("500"),
                        .remedy = text("look"),
                        .evidence = {{text("status"), text("500")}, {text("body"), text("")}}}};
    result.evaluated = {"health.api-5xx", "health.tls"};
    result.facts = {{"a", true}, {"b", std::int64_t{7}}, {"c", 0.5}, {"d", text("x")}};
    result.metrics = {{"total", 12.5, "ms"}};
    result.attempts = {{model::Verdict::fail, text("5xx"), 1ms, 2345us}};
    result.log = {{2, text("a line")}};
    result.duration = 2345us;
    run.results.push_back(std::move(result));
    return run;
}

std::string json(const model::Run& run) {
    std::string text;
    report::json(run, [&text](std::string_view piece) { text += piece; });
    return text;
}

std::string written(const Bundle& bundle) {
    std::string out;
    write(bundle, [&](std::string_view piece) { out += piece; });
    return out;
}

TEST(ReadRun, GivesWhatWasWritten) {
    const auto read = read_run(json(sample()), redactor);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(json(*read), json(sample()));
    EXPECT_EQ(read->started_at_us, sample().started_at_us);
}

TEST(ReadRun, HidesWhatWasPutInByHand) {
    auto document = json(sample());
    document.replace(document.find("\"5xx\""), 5, R"("Bearer abcdefghijklmnop0123456789")");
    const auto read = read_run(document, redactor);
    ASSERT_TRUE(read);
    EXPECT_THAT(read->results[0].summary.str(), testing::Not(HasSubstr("abcdefghijklmnop")));
}

TEST(ReadRun, SaysWhereItIsWrong) {
    const auto why = [](std::string document) {
        const auto read = read_run(document, redactor);
        return read ? std::string() : read.error().message;
    };
    const auto with = [](std::string_view from, std::string_view to) {
        auto document = json(sample());
        const auto at = document.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return document.replace(at, from.size(), to);
    };
    EXPECT_THAT(why(""), HasSubstr("not JSON"));
    EXPECT_THAT(why("{"), HasSubstr("not JSON"));
    EXPECT_THAT(why(std::string(10'000, '[')), HasSubstr("not JSON"));
    EXPECT_EQ(why("[]"), "the document: expected an object");
    EXPECT_THAT(why("{}"), HasSubstr("schema_version: expected 1"));
    EXPECT_EQ(why(with(R"("use":"health.pattern")", R"("use":7)")),
              "results[0].use: expected a string");
    EXPECT_EQ(why(with(R"("weight":"fail")", R"("weight":"bad")")),
              "results[0].findings[0].weight: expected info, warn or fail");
    EXPECT_EQ(why(with(R"("metrics":[)", R"("metrics":[7,)")),
              "results[0].metrics[0]: expected an object");
    EXPECT_THAT(why(with("10:21:05", "25:99:99")), HasSubstr("started_at: expected a time"));
    EXPECT_EQ(why(with(R"("duration_ms":412.345)", R"("duration_ms":1e300)")),
              "duration_ms: expected milliseconds");
}

TEST(Bundle, GivesWhatWasWritten) {
    Bundle bundle;
    bundle.run = sample();
    bundle.baseline = sample();
    bundle.baseline->started_at_us -= 60'000'000;
    bundle.usual[{"api", "total"}] = {9, 12.5, 0.25};
    bundle.onset = model::Onset{1, 2};
    bundle.declared["health.pattern"] = {"health.api-5xx", "health.tls"};
    const auto read = bundle::read(written(bundle), redactor);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(written(*read), written(bundle));
    EXPECT_EQ(read->declared, bundle.declared);
    EXPECT_EQ(read->onset->bad_us, 2);
    EXPECT_EQ(read->usual.at({"api", "total"}).median, 12.5);
}

TEST(Bundle, MayHaveNoPast) {
    Bundle bundle;
    bundle.run = sample();
    bundle.not_compared = "no history is kept";
    const auto read = bundle::read(written(bundle), redactor);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_FALSE(read->baseline);
    EXPECT_EQ(read->not_compared, "no history is kept");
}

TEST(Bundle, ARunByItselfIsNone) {
    const auto read = bundle::read(json(sample()), redactor);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().remedy, HasSubstr("--save"));
}

}  // namespace
}  // namespace triage::bundle
