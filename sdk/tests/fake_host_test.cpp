/// The fake host notices plugins that break the contract. The plugins here are written against the
/// bare ABI, since the C++ wrapper does not let one break most of it.
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

using namespace triage::testing;
using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

/// What the hosts of this file hand out, and what the bare plugin's check does in step().
const triage_check_api* api = nullptr;
const triage_http_api* http = nullptr;
std::function<std::int32_t(triage_ctx*, const triage_event&)> on_step;
std::function<std::int32_t(triage_ctx*)> on_create;

std::int32_t create(void*, triage_ctx* ctx, void**) { return on_create ? on_create(ctx) : 0; }
std::int32_t step(void*, triage_ctx* ctx, const triage_event* event) {
    return on_step(ctx, *event);
}
void destroy(void*) {}

constexpr triage_code code{sizeof(triage_code), TRIAGE_WEIGHT_FAIL, "bare.code", "A code", nullptr};
constexpr const triage_code* codes[] = {&code};
constexpr triage_fact fact{sizeof(triage_fact), TRIAGE_TYPE_INT, "a_fact", "A fact"};
constexpr const triage_fact* facts[] = {&fact};

triage_check bare_check() {
    triage_check check{};
    check.size = sizeof check;
    check.name = "check";
    check.doc = "A check";
    check.cost = "nothing";
    check.codes = codes;
    check.code_count = 1;
    check.facts = facts;
    check.fact_count = 1;
    check.create = create;
    check.step = step;
    check.destroy = destroy;
    return check;
}

triage_check check = bare_check();
const triage_check* checks[] = {&check};
triage_plugin plugin{sizeof(triage_plugin),
                     TRIAGE_ABI_MAJOR,
                     TRIAGE_ABI_MINOR,
                     1,
                     "bare",
                     "1.0.0",
                     "A plugin",
                     checks,
                     nullptr,
                     nullptr};

const triage_plugin* bare_entry(const triage_host* host) {
    api = static_cast<const triage_check_api*>(host->service(host, TRIAGE_CHECK_API));
    http = static_cast<const triage_http_api*>(host->service(host, TRIAGE_HTTP_API));
    return &plugin;
}

triage_str str(std::string_view text) { return triage::to_abi(text); }

using Step = std::function<std::int32_t(triage_ctx*, const triage_event&)>;

Result run(Step behaviour) {
    on_step = std::move(behaviour);
    FakeHost host(bare_entry);
    host.answer("GET", "http://a/", Reply(200).body("abc"));
    return host.run("check");
}

/// The violations of a check that does this, and then says its summary.
std::vector<std::string> violations(std::function<void(triage_ctx*)> action) {
    return run([&](triage_ctx* ctx, const triage_event&) {
               action(ctx);
               api->summary(ctx, str("done"));
               return TRIAGE_DONE;
           })
        .violations;
}

void find(triage_ctx* ctx, const char* name, const char* subject, const char* message) {
    triage_finding finding{};
    finding.size = sizeof finding;
    finding.code = str(name);
    finding.subject = str(subject);
    finding.message = str(message);
    api->finding(ctx, &finding);
}

TEST(Contract, AGoodCheckHasNoViolations) {
    EXPECT_THAT(violations([](triage_ctx* ctx) { find(ctx, "bare.code", "x", "y"); }), IsEmpty());
}

TEST(Contract, UndeclaredThings) {
    EXPECT_THAT(violations([](triage_ctx* ctx) { api->evaluated(ctx, str("bare.other")); }),
                ElementsAre("evaluated \"bare.other\", which is not declared"));
    EXPECT_THAT(violations([](triage_ctx* ctx) { find(ctx, "bare.other", "x", "y"); }),
                ElementsAre("found \"bare.other\", which is not declared"));
    EXPECT_THAT(violations([](triage_ctx* ctx) { api->param_count(ctx, "p"); }),
                ElementsAre("asked for the parameter p"));
    triage_value value{};
    value.size = sizeof value;
    value.type = TRIAGE_TYPE_BOOL;
    EXPECT_THAT(violations([&](triage_ctx* ctx) { api->fact(ctx, "other", &value); }),
                ElementsAre("fact \"other\", which is not declared"));
    EXPECT_THAT(violations([&](triage_ctx* ctx) { api->fact(ctx, "a_fact", &value); }),
                ElementsAre("fact \"a_fact\" has another type than its declaration"));
}

TEST(Contract, ReportsThatSayNothing) {
    EXPECT_THAT(violations([](triage_ctx* ctx) { find(ctx, "bare.code", "", ""); }),
                ElementsAre("the finding bare.code has no message",
                            "the finding bare.code has no subject"));
    EXPECT_THAT(violations([](triage_ctx* ctx) { api->metric(ctx, "m", 1.0 / 0.0, "ms"); }),
                ElementsAre("metric \"m\" is not a finite number"));
    EXPECT_THAT(run([](triage_ctx*, const triage_event&) { return TRIAGE_DONE; }).violations,
                ElementsAre("the check ended without a summary and without an error"));
}

TEST(Contract, MoreThanOneEnd) {
    EXPECT_THAT(violations([](triage_ctx* ctx) { api->summary(ctx, str("first")); }),
                ElementsAre("a second summary"));
    EXPECT_THAT(violations([](triage_ctx* ctx) { api->error(ctx, str("why")); }),
                ElementsAre("both a summary and an error"));
}

TEST(Contract, OperationsThatLeak) {
    EXPECT_THAT(violations([](triage_ctx* ctx) { api->sleep(ctx, 1000); }),
                ElementsAre("done while operation 1 was still pending"));
    EXPECT_THAT(violations([](triage_ctx* ctx) { api->cancel(ctx, api->sleep(ctx, 1000)); }),
                IsEmpty());
}

TEST(Contract, AnswersThatAreNone) {
    EXPECT_THAT(run([](triage_ctx*, const triage_event&) { return TRIAGE_PENDING; }).violations,
                Contains("PENDING, but the check waits for no operation"));
    EXPECT_THAT(run([](triage_ctx*, const triage_event&) { return 7; }).violations,
                Contains("step() returned 7, which is neither PENDING nor DONE"));
}

TEST(Contract, CancelIsNotOptional) {
    on_step = [](triage_ctx* ctx, const triage_event&) {
        api->sleep(ctx, 60'000'000);
        return TRIAGE_PENDING;
    };
    FakeHost host(bare_entry);
    const auto result = host.deadline(1s).run("check");
    EXPECT_TRUE(result.cancelled);
    EXPECT_THAT(result.violations, ElementsAre("the answer to CANCEL was not DONE"));
}

TEST(Contract, CreateThatFailsSaysWhy) {
    on_create = [](triage_ctx*) { return 1; };
    EXPECT_THAT(violations([](triage_ctx*) {}),
                Contains("create() failed without saying an error"));
    on_create = [](triage_ctx* ctx) {
        api->error(ctx, str("no memory"));
        return 1;
    };
    EXPECT_THAT(violations([](triage_ctx*) {}), IsEmpty());
    on_create = nullptr;
}

TEST(Contract, OnlyTheChecksThreadReports) {
    const auto result = run([](triage_ctx* ctx, const triage_event& event) -> std::int32_t {
        if (event.kind == TRIAGE_EVENT_START) {
            api->work(
                ctx,
                [](void* arg) {
                    auto* inner = static_cast<triage_ctx*>(arg);
                    api->log(inner, TRIAGE_LOG_INFO, str("any thread may"));
                    api->evaluated(inner, str("bare.code"));
                },
                ctx);
            return TRIAGE_PENDING;
        }
        api->summary(ctx, str("done"));
        return TRIAGE_DONE;
    });
    EXPECT_THAT(result.violations,
                ElementsAre("evaluated() was called from a thread that is not the check's"));
}

TEST(Contract, RequestsThatNobodyCanned) {
    const auto result = run([](triage_ctx* ctx, const triage_event& event) -> std::int32_t {
        if (event.kind == TRIAGE_EVENT_START) {
            triage_http_request request{};
            request.size = sizeof request;
            request.method = str("DELETE");
            request.url = str("http://a/");
            http->start(ctx, &request);
            return TRIAGE_PENDING;
        }
        EXPECT_EQ(event.http->failure, TRIAGE_HTTP_LOCAL);
        api->summary(ctx, str("done"));
        return TRIAGE_DONE;
    });
    EXPECT_THAT(result.violations, ElementsAre("no answer was canned for DELETE http://a/"));
}

TEST(Contract, ConsumingMoreThanCame) {
    const auto result = run([](triage_ctx* ctx, const triage_event& event) -> std::int32_t {
        if (event.kind == TRIAGE_EVENT_START) {
            triage_http_request request{};
            request.size = sizeof request;
            request.flags = TRIAGE_HTTP_STREAM;
            request.method = str("GET");
            request.url = str("http://a/");
            http->start(ctx, &request);
        } else if (event.kind == TRIAGE_EVENT_HTTP_DATA) {
            http->consumed(ctx, event.op, event.data.size + 1);
        } else if (event.kind == TRIAGE_EVENT_HTTP) {
            api->summary(ctx, str("done"));
            return TRIAGE_DONE;
        }
        return TRIAGE_PENDING;
    });
    EXPECT_THAT(result.violations, ElementsAre("consumed() says more bytes than were delivered"));
}

TEST(Contract, TheWindowHoldsBackWhatIsNotConsumed) {
    std::uint64_t delivered = 0;
    on_step = [&](triage_ctx* ctx, const triage_event& event) -> std::int32_t {
        if (event.kind == TRIAGE_EVENT_START) {
            triage_http_request request{};
            request.size = sizeof request;
            request.flags = TRIAGE_HTTP_STREAM;
            request.url = str("http://big/");
            http->start(ctx, &request);
        }
        delivered += event.data.size;
        return event.kind == TRIAGE_EVENT_CANCEL ? TRIAGE_DONE : TRIAGE_PENDING;
    };
    FakeHost host(bare_entry);
    host.answer("GET", "http://big/", Reply(200).body(std::string(1 << 20, 'x')).chunk_size(65536));
    EXPECT_TRUE(host.run("check").cancelled) << "it never consumes, so the end never comes";
    EXPECT_EQ(delivered, 5u * 65536);
}

std::vector<std::string> declaration_of(std::function<void(triage_check&)> spoil) {
    check = bare_check();
    spoil(check);
    auto wrong = FakeHost(bare_entry).declaration_violations();
    check = bare_check();
    return wrong;
}

TEST(Declaration, GoodOnesAreSilent) {
    EXPECT_THAT(declaration_of([](triage_check&) {}), IsEmpty());
}

TEST(Declaration, ChecksThatAreWrong) {
    EXPECT_THAT(declaration_of([](triage_check& c) { c.name = "Check"; }),
                ElementsAre(HasSubstr("the name is not ^[a-z]")));
    EXPECT_THAT(declaration_of([](triage_check& c) { c.doc = "A check."; }),
                ElementsAre("check check: its doc ends with a full stop"));
    EXPECT_THAT(declaration_of([](triage_check& c) { c.doc = nullptr; }),
                ElementsAre("check check has no doc"));
    EXPECT_THAT(declaration_of([](triage_check& c) { c.cost = ""; }),
                ElementsAre("check check has no cost"));
    EXPECT_THAT(declaration_of([](triage_check& c) { c.step = nullptr; }),
                ElementsAre("check check needs exactly one of step and run"));
    EXPECT_THAT(declaration_of([](triage_check& c) { c.destroy = nullptr; }),
                ElementsAre("check check needs create and destroy"));
}

TEST(Declaration, CodesAndFactsThatAreWrong) {
    static constexpr triage_code foreign{sizeof(triage_code), 3, "other.code", "Doc", nullptr};
    static constexpr const triage_code* foreign_codes[] = {&foreign, &code, &code};
    EXPECT_THAT(declaration_of([](triage_check& c) {
                    c.codes = foreign_codes;
                    c.code_count = 3;
                }),
                ElementsAre("check check: code other.code is not \"bare.KEBAB-NAME\"",
                            "check check: code other.code: its weight is no weight",
                            "check check: code bare.code is declared twice"));
    static constexpr triage_fact bad{sizeof(triage_fact), TRIAGE_TYPE_SECRET, "a-fact", "Doc"};
    static constexpr const triage_fact* bad_facts[] = {&bad};
    EXPECT_THAT(declaration_of([](triage_check& c) { c.facts = bad_facts; }),
                ElementsAre(HasSubstr("the name is not"), HasSubstr("its type is not BOOL")));
}

std::vector<std::string> parameter(std::function<void(triage_param&)> spoil) {
    static triage_param param;
    static const triage_param* const params[] = {&param};
    param = {};
    param.size = sizeof param;
    param.type = TRIAGE_TYPE_DURATION;
    param.name = "limit";
    param.doc = "A limit";
    param.fallback = "\"3s\"";
    spoil(param);
    return declaration_of([](triage_check& c) {
        c.params = params;
        c.param_count = 1;
    });
}

TEST(Declaration, ParametersThatAreWrong) {
    EXPECT_THAT(parameter([](triage_param&) {}), IsEmpty());
    EXPECT_THAT(parameter([](triage_param& p) { p.fallback = "3s"; }),
                ElementsAre(HasSubstr("not a JSON value text")));
    EXPECT_THAT(parameter([](triage_param& p) { p.fallback = "3"; }),
                ElementsAre(HasSubstr("found an integer, expected a duration")));
    EXPECT_THAT(parameter([](triage_param& p) { p.minimum = "\"4s\""; }),
                ElementsAre(HasSubstr("is less than \"4s\"")));
    EXPECT_THAT(parameter([](triage_param& p) { p.required = 1; }),
                ElementsAre("check check: parameter limit is required and has a default"));
    EXPECT_THAT(parameter([](triage_param& p) {
                    p.type = TRIAGE_TYPE_SECRET;
                    p.fallback = "\"x\"";
                }),
                ElementsAre("check check: parameter limit: a secret has no default"));
}

TEST(Loading, AFileThatIsNoPluginIsRefusedInTheLoadersWords) {
    EXPECT_THROW(load_plugin("/nonexistent.so"), std::runtime_error);
    try {
        load_plugin("libm.so.6");
        FAIL() << "was accepted";
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr(TRIAGE_ENTRY_SYMBOL));
    }
}

TEST(Loading, APluginThatDoesNotWantThisHost) {
    EXPECT_THROW(FakeHost([](const triage_host*) -> const triage_plugin* { return nullptr; }),
                 std::runtime_error);
}

TEST(Loading, UnknownChecksAreNamed) {
    FakeHost host(bare_entry);
    EXPECT_THROW(host.run("chekc"), std::invalid_argument);
}

}  // namespace
