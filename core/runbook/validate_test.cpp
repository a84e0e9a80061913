// What a valid runbook means. What is wrong with others is in fixtures_test.cpp.
#include "core/runbook/validate.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/runbook/combinations.hpp"
#include "core/runbook/testing.hpp"

namespace triage::runbook {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::check_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::summary;
using testing::texts;
using testing::validate_text;
using testing::with_environment;
using testing::with_files;

constexpr const char* one_check =
    "[[step]]\nid = 'one'\n[[step.check]]\nid = 'api'\nuse = 'health.endpoint'\n";

// A runbook of one check that only has to name a URL.
Validated with_url(const std::string& head, const std::string& url,
                   const Inputs& inputs = testing::inputs()) {
    return validate_text(head + one_check + "with.url = " + url + "\n", inputs);
}

std::vector<std::string> url_of(const Validated& validated) {
    return texts(check_of(validated, "api"), "url");
}

Inputs with_var(const std::string& name, const std::string& value) {
    auto inputs = testing::inputs();
    inputs.vars.emplace_back(name, value);
    return inputs;
}

// ---- variables ----------------------------------------------------------------------------------

constexpr const char* layered =
    "env-files = { root = '.env' }\n"
    "[vars]\nu = { from = ['env:U', 'root:U'], default = 'http://default' }\n"
    "[profile.p.vars]\nu = 'http://profile'\n";

TEST(Variables, TakeTheFirstSourceThatIsSet) {
    const auto url = [](const Inputs& inputs) {
        const auto validated = with_url(layered, "'${var.u}'", inputs);
        EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
        return url_of(validated).at(0);
    };
    EXPECT_EQ(url(testing::inputs()), "http://default");
    EXPECT_EQ(url(with_files({{".env", "U=http://file"}})), "http://file");
    EXPECT_EQ(url(with_files({{".env", "U=http://file"}}, {{"U", "http://env"}})), "http://env");
    EXPECT_EQ(url(with_files({{".env", "U=http://file"}}, {{"U", ""}})), "http://file");
    auto inputs = with_environment({{"U", "http://env"}});
    inputs.profile = "p";
    EXPECT_EQ(url(inputs), "http://profile");
    inputs.vars = {{"u", "http://arg"}, {"u", "http://last"}};
    EXPECT_EQ(url(inputs), "http://last");
}

TEST(Variables, OfAProfileFallBackToTheirDeclaration) {
    auto inputs = testing::inputs();
    inputs.profile = "p";
    const auto validated =
        with_url("[vars]\nu = 'http://declared'\n[profile.p.vars]\nu = { from = ['env:P'] }\n",
                 "'${var.u}'", inputs);
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    EXPECT_THAT(url_of(validated), ElementsAre("http://declared"));
}

TEST(Variables, MayReferToVariablesAndTheEnvironment) {
    const auto validated = with_url(
        "[vars]\na = '${var.b}/x'\nb = { default = 'http://${env.HOST}:${var.port}' }\n"
        "port = 8000\n",
        "'${var.a}'", with_environment({{"HOST", "h"}}));
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    EXPECT_THAT(url_of(validated), ElementsAre("http://h:8000/x"));
}

TEST(Variables, KeepTheirTypeWhenTheyStandAlone) {
    const auto validated = validate_text(
        std::string(
            "[vars]\nsize = 5\nratio = 0.5\nfollow = true\nstatus = [200, 404]\nslow = '2s'\n") +
        one_check +
        "with = { url = 'http://x', size = '${var.size}', ratio = '${var.ratio}', "
        "follow = '${var.follow}', status = '${var.status}', slow = '${var.slow}', "
        "json = { a = '${var.size}', b = 'n${var.size}' } }\n");
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    const auto& check = check_of(validated, "api");
    EXPECT_THAT(texts(check, "size"), ElementsAre("5"));
    EXPECT_THAT(texts(check, "ratio"), ElementsAre("0.5"));
    EXPECT_THAT(texts(check, "follow"), ElementsAre("true"));
    EXPECT_THAT(texts(check, "status"), ElementsAre("200", "404"));
    EXPECT_THAT(texts(check, "slow"), ElementsAre("2000000"));
    EXPECT_THAT(texts(check, "json"), ElementsAre("a=5", "b=n5"));
    const auto& json = check.arguments[3];
    ASSERT_EQ(json.name, "json");
    EXPECT_TRUE(std::holds_alternative<std::int64_t>(json.items[0].value.value));
}

TEST(Variables, FromOutsideHaveTheTypeOfWhereTheyAreUsed) {
    const auto validated = validate_text(
        std::string("[vars]\nsize = {}\nratio = {}\nfollow = {}\nstatus = {}\nany = {}\n") +
            one_check +
            "with = { url = 'http://x', size = '${var.size}', ratio = '${env.R}', "
            "follow = '${var.follow}', status = '${var.status}', json = { a = '${var.any}' } }\n",
        [] {
            auto inputs = with_environment({{"R", "1"}});
            inputs.vars = {{"size", "7"},
                           {"ratio", ""},
                           {"follow", "true"},
                           {"status", "200,204"},
                           {"any", "5"}};
            return inputs;
        }());
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    const auto& check = check_of(validated, "api");
    EXPECT_THAT(texts(check, "size"), ElementsAre("7"));
    EXPECT_THAT(texts(check, "ratio"), ElementsAre("1"));
    EXPECT_THAT(texts(check, "follow"), ElementsAre("true"));
    EXPECT_THAT(texts(check, "status"), ElementsAre("200", "204"));
    EXPECT_THAT(texts(check, "json"), ElementsAre("a=5"));
}

TEST(Variables, FromTheCommandLineHaveTheTypeOfTheirDefault) {
    const auto validated =
        with_url("[vars]\nhosts = ['a']\nu = 'x'\n", "'http://h${var.u}'", with_var("u", "5"));
    EXPECT_THAT(url_of(validated), ElementsAre("http://h5"));
    const auto list = validate_text(std::string("vars.hosts = ['a']\n") + one_check +
                                        "for-each = '${var.hosts}'\nwith.url = 'http://${each}'\n",
                                    with_var("hosts", "b,c"));
    EXPECT_THAT(summary(list.diagnostics), IsEmpty());
    ASSERT_EQ(list.runbook.checks.size(), 2U);
    EXPECT_EQ(list.runbook.checks[1].id, "api[c]");
}

TEST(Variables, ThatNobodyUsesMayBeUnset) {
    const auto validated = with_url("[vars]\na = {}\nb = '${var.a}${env.NONE}'\n", "'http://x'");
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
}

TEST(Variables, UnsetMakeOnlyTheirChecksErrors) {
    const auto validated = validate_text(
        "[vars]\napi = { from = ['env:API_URL'] }\n[[step]]\nid = 'one'\n"
        "[[step.check]]\nid = 'a'\nuse = 'health.pattern'\nwith.base = '${var.api}'\n"
        "[[step.check]]\nid = 'b'\nuse = 'health.pattern'\nwith.base = 'http://x'\nneeds = "
        "['a']\n");
    EXPECT_TRUE(validated.usable());
    ASSERT_EQ(validated.diagnostics.size(), 1U);
    EXPECT_EQ(validated.diagnostics[0].kind, Kind::unmet);
    const auto& a = check_of(validated, "a");
    ASSERT_TRUE(a.unmet);
    EXPECT_EQ(a.unmet->message, "the variable 'api' is not set");
    EXPECT_THAT(a.unmet->remedy, HasSubstr("--var api="));
    EXPECT_THAT(a.unmet->remedy, HasSubstr("API_URL in the environment"));
    EXPECT_FALSE(check_of(validated, "b").unmet);
    EXPECT_THAT(check_of(validated, "b").needs, ElementsAre("a"));
}

TEST(Variables, InvalidUtf8FromOutsideIsRefused) {
    const auto validated =
        with_url("", "'http://${env.BAD}'", with_environment({{"BAD", "\xff\xfe"}}));
    ASSERT_EQ(validated.diagnostics.size(), 1U);
    EXPECT_THAT(validated.diagnostics[0].message, HasSubstr("not valid UTF-8"));
    EXPECT_TRUE(check_of(validated, "api").unmet);
}

TEST(Variables, InvalidUtf8IsRefusedWhereverItComesFrom) {
    for (const std::string declared :
         {"{ from = ['env:BAD'] }", "{ from = ['env:BAD'], default = 1 }"}) {
        const auto validated = with_url("vars.u = " + declared + "\n", "'http://${var.u}'",
                                        with_environment({{"BAD", "\xff\xfe"}}));
        ASSERT_EQ(validated.diagnostics.size(), 1U);
        EXPECT_EQ(validated.diagnostics[0].kind, Kind::unmet);
        EXPECT_THAT(validated.diagnostics[0].message, HasSubstr("not valid UTF-8"));
    }
    const auto argument = with_url("vars.u = {}\n", "'http://${var.u}'", with_var("u", "\xff"));
    EXPECT_THAT(summary(argument.diagnostics),
                ElementsAre("--var u wrong-type the value is not valid UTF-8"));
}

TEST(Variables, InATitleNeedNotBeSet) {
    const auto validated = validate_text(
        "[[step]]\nid = 'one'\ntitle = 'At ${env.NONE}'\n[[step.manual]]\nid = 'm'\nask = 'x'\n");
    EXPECT_TRUE(validated.usable());
    EXPECT_EQ(validated.runbook.steps[0].title, "At ${env.NONE}");
}

TEST(References, AreEscapedWithADollarSign) {
    const auto validated = validate_text(std::string(one_check) +
                                             "title = 'a $${var.x} $ $$ ${env.E} {}'\nwith.url = "
                                             "'http://x'\nwith.json.a = '$${each}'\n",
                                         with_environment({{"E", "${var.no}"}}));
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    EXPECT_EQ(check_of(validated, "api").title, "a ${var.x} $ $$ ${var.no} {}");
    EXPECT_THAT(texts(check_of(validated, "api"), "json"), ElementsAre("a=${each}"));
}

// ---- secrets ------------------------------------------------------------------------------------

TEST(Secrets, AreReadFromTheirFirstSource) {
    const auto validated = validate_text(
        "env-files = { back = 'backend/.env' }\n"
        "[secrets]\na = { from = ['env:A', 'back:A'], send-to = ['https://API.example.com/'] }\n"
        "b = { from = ['env:B'] }\n[[step]]\nid = 's'\n[[step.check]]\nid = 'c'\n"
        "use = 'clerk.pairing'\nwith.secret-key = 'Bearer ${secret.a}'\n",
        with_files({{"backend/.env", "A=from-file"}}));
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    const auto& secrets = validated.runbook.secrets;
    ASSERT_EQ(secrets.size(), 2U);
    EXPECT_EQ(secrets[0].value, "from-file");
    EXPECT_EQ(secrets[0].source, "back:A");
    EXPECT_THAT(secrets[0].send_to, ElementsAre("https://api.example.com"));
    EXPECT_EQ(secrets[1].value, std::nullopt);
    EXPECT_THAT(texts(check_of(validated, "c"), "secret-key"), ElementsAre("Bearer <a>"));
}

TEST(Secrets, InMapsMayStandBesideText) {
    const auto validated =
        validate_text(std::string("[secrets]\nt = { from = ['env:T'] }\n") + one_check +
                          "with = { url = 'http://x', headers = { a = '${secret.t}', b = 'text', c "
                          "= 'x${secret.t}y' } }\n",
                      with_environment({{"T", "12345678"}}));
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    EXPECT_THAT(texts(check_of(validated, "api"), "headers"),
                ElementsAre("a=<t>", "b=text", "c=x<t>y"));
}

TEST(Secrets, LiteralOnesAreNeverShown) {
    const auto validated = validate_text(
        "[secrets]\na = 'hunter2-hunter2'\nb = { from = ['env:B'], default = 'hunter2-hunter2' }\n"
        "[[step]]\nid = 's'\n[[step.check]]\nid = 'c'\nuse = 'clerk.pairing'\n"
        "with.secret-key = 'hunter2-hunter2'\n");
    EXPECT_EQ(validated.diagnostics.size(), 3U);
    for (const auto& found : validated.diagnostics)
        EXPECT_THAT(render(found, false), ::testing::Not(HasSubstr("hunter2")));
}

TEST(Secrets, MayStandWhereTheyMayWhetherTheyAreSetOrNot) {
    const std::string head = "[secrets]\nkey = { from = ['env:KEY'] }\n";
    for (const auto& inputs : {testing::inputs(), with_environment({{"KEY", "12345678"}})}) {
        EXPECT_FALSE(with_url(head, "'http://x/?key=${secret.key}'", inputs).usable());
        EXPECT_FALSE(with_url(head, "'http://x'\nwith.body = '${secret.key}'", inputs).usable());
        EXPECT_TRUE(with_url(head, "'http://x'\nwith.body = '$${secret.key}'", inputs).usable());
        EXPECT_TRUE(
            with_url(head, "'http://x'\nwith.headers.a = '${secret.key}'", inputs).usable());
    }
}

TEST(Secrets, WithAnUnknownDestinationAreNotUsed) {
    const auto validated = validate_text(
        "[secrets]\na = { from = ['env:A'], send-to = ['${env.NONE}'] }\n[[step]]\nid = 's'\n"
        "[[step.check]]\nid = 'c'\nuse = 'clerk.pairing'\nwith.secret-key = '${secret.a}'\n",
        with_environment({{"A", "12345678"}}));
    EXPECT_TRUE(validated.usable());
    EXPECT_EQ(validated.runbook.secrets[0].value, std::nullopt);
    EXPECT_TRUE(check_of(validated, "c").unmet);
}

// ---- checks -------------------------------------------------------------------------------------

TEST(Checks, HaveDefaults) {
    const auto validated = with_url("", "'http://x'");
    const auto& check = check_of(validated, "api");
    EXPECT_EQ(check.base_id, "api");
    EXPECT_EQ(check.plugin, "health");
    EXPECT_EQ(check.check, "endpoint");
    EXPECT_EQ(check.vantage, "host");
    EXPECT_EQ(check.timeout, seconds(5));
    EXPECT_EQ(known_number(check.arguments, "timeout"), 3e6);
    EXPECT_EQ(check.attempts.count, 1U);
    EXPECT_EQ(check.attempts.pass, 1U);
    EXPECT_FALSE(check.on_fail_warn);
    EXPECT_EQ(validated.runbook.deadline, seconds(30));
    EXPECT_EQ(validated.runbook.limits.parallel, 128U);
    // url, method, status, body, slow, timeout, follow: as declared, with the plugin's defaults
    std::vector<std::string> names;
    names.reserve(check.arguments.size());
    for (const auto& argument : check.arguments)
        names.push_back(argument.name);
    EXPECT_THAT(names, ElementsAre("url", "method", "status", "body", "slow", "timeout", "follow"));
    EXPECT_THAT(texts(check, "method"), ElementsAre("GET"));
    EXPECT_THAT(texts(check, "slow"), ElementsAre("1000000"));
}

TEST(Checks, ShareTheirDefaults) {
    const auto validated = validate_text(
        "[[step]]\nid = 's'\n"
        "[[step.check]]\nid = 'a'\nuse = 'health.endpoint'\nwith.url = 'http://x'\n"
        "[[step.check]]\nid = 'b'\nuse = 'health.endpoint'\nwith.url = 'http://x'\n");
    const auto& a = check_of(validated, "a").arguments;
    const auto& b = check_of(validated, "b").arguments;
    EXPECT_NE(&a[0], &b[0]) << "url";
    EXPECT_EQ(&a[1], &b[1]) << "method";
}

TEST(Checks, MayHaveMoreUrlsThanAreRemembered) {
    std::string urls = "'http://x:0'";  // wrong; the others are not
    for (int i = 0; i < 1500; ++i)
        urls += fmt::format(", 'http://x/{}'", i);
    const auto validated = validate_text(
        "vars.urls = [" + urls +
        ", 'http://y:0']\n[[step]]\nid = 's'\n[[step.check]]\nid = 'a'\nuse = 'health.endpoint'\n"
        "for-each = '${var.urls}'\nwith.url = '${each}'\n");
    ASSERT_EQ(validated.diagnostics.size(), 2U);
    EXPECT_THAT(validated.diagnostics[0].message, HasSubstr("x:0"));
    EXPECT_THAT(validated.diagnostics[1].message, HasSubstr("y:0"));
    EXPECT_EQ(validated.runbook.checks.size(), 1502U);
}

TEST(Checks, WithAShortDeadlineHaveAShortTimeout) {
    const auto validated = with_url("deadline = '2s'\n", "'http://x'");
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    EXPECT_EQ(check_of(validated, "api").timeout, seconds(2));
}

TEST(Checks, TakeWhatTheirStepSays) {
    const auto validated = validate_text(
        "[[step]]\nid = 'one'\ntitle = 'One'\ndoc = 'd.md'\nlayer = 'api'\ntags = ['a']\n"
        "[[step.check]]\nid = 'x'\nuse = 'health.pattern'\nwith.base = 'http://x'\ntags = ['b']\n"
        "[[step.check]]\nid = 'y'\nuse = 'health.pattern'\nwith.base = 'http://x'\nlayer = 'db'\n"
        "on-fail = 'warn'\nvantage = 'container:backend'\ntimeout = '250ms'\nattempts = 3\n"
        "[[step.manual]]\nid = 'm'\nask = 'Who?'\ndoc = 'x.md'\n");
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    EXPECT_EQ(validated.runbook.steps[0].doc, "d.md");
    const auto& x = check_of(validated, "x");
    EXPECT_EQ(x.layer, "api");
    EXPECT_THAT(x.tags, ElementsAre("a", "b"));
    const auto& y = check_of(validated, "y");
    EXPECT_EQ(y.layer, "db");
    EXPECT_TRUE(y.on_fail_warn);
    EXPECT_EQ(y.vantage, "container:backend");
    EXPECT_EQ(y.timeout, milliseconds(250));
    EXPECT_EQ(y.attempts.count, 3U);
    ASSERT_EQ(validated.runbook.manuals.size(), 1U);
    EXPECT_EQ(validated.runbook.manuals[0].ask, "Who?");
}

TEST(Checks, AttemptsMayBeATable) {
    const auto validated =
        with_url("", "'http://x'\nattempts = { count = 5, pass = 3, interval = '1s' }");
    const auto& attempts = check_of(validated, "api").attempts;
    EXPECT_EQ(attempts.count, 5U);
    EXPECT_EQ(attempts.pass, 3U);
    EXPECT_EQ(attempts.interval, seconds(1));
}

TEST(Checks, OfMissingPluginsAreErrorsAndNotLookedInto) {
    const auto validated = validate_text(
        "[[step]]\nid = 's'\n[[step.check]]\nid = 'a'\nuse = 'redis.ping'\nwith.no = [1]\n"
        "[[step.check]]\nid = 'b'\nuse = 'logs.tail'\nneeds = ['a']\n"
        "when = { check = 'a', fact = 'anything', is = 1 }\n");
    EXPECT_TRUE(validated.usable());
    EXPECT_EQ(validated.diagnostics.size(), 2U);
    EXPECT_THAT(check_of(validated, "a").unmet->message, HasSubstr("/usr/lib/triage/plugins"));
    EXPECT_THAT(check_of(validated, "b").unmet->message, HasSubstr("another machine"));
    EXPECT_EQ(check_of(validated, "b").unmet->remedy, "Install the one for x86-64.");
}

TEST(Checks, HaveTheirStep) {
    const auto validated = validate_text(
        "[[step]]\nid = 's'\n[[step]]\nid = 't'\n[[step.check]]\nid = 'a'\nuse = 'redis.ping'\n");
    EXPECT_EQ(check_of(validated, "a").step, 1U);
}

TEST(Waivers, HoldToTheEndOfTheirDay) {
    const auto waived = [](const std::string& until) {
        return with_url("", "'http://x'\nwaive = [{ reason = 'known', until = " + until +
                                ", code = 'health.slow' }]");
    };
    const auto holds = waived("'2026-06-15'");
    ASSERT_EQ(check_of(holds, "api").waivers.size(), 1U);
    EXPECT_EQ(check_of(holds, "api").waivers[0].code, "health.slow");
    EXPECT_THAT(holds.runbook.notices, IsEmpty());
    const auto expired = waived("2026-06-14");
    EXPECT_TRUE(expired.usable());
    EXPECT_THAT(check_of(expired, "api").waivers, IsEmpty());
    ASSERT_EQ(expired.runbook.notices.size(), 1U);
    EXPECT_EQ(expired.runbook.notices[0].text, "waiver of api expired on 2026-06-14: known");
    EXPECT_EQ(expired.runbook.notices[0].check, "api");
}

TEST(Allow, IsReadInItsNormalForm) {
    const auto validated = with_url(
        "[secrets]\nk = { from = ['env:K'] }\n[allow]\nhealth = { http = ['https://X.example/', "
        "'${var.o}'], write = ['POST /a/*'], unix = ['/run/d.sock'], net = ['db:5432'], "
        "read = ['/var/log'], reveal = ['k'], exec = true }\n[vars]\no = 'http://h:80'\n",
        "'http://x'");
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    const auto& allow = validated.runbook.allow.at("health");
    EXPECT_THAT(allow.http, ElementsAre("https://x.example", "http://h"));
    EXPECT_THAT(allow.write, ElementsAre("POST /a/*"));
    EXPECT_THAT(allow.unix_sockets, ElementsAre("/run/d.sock"));
    EXPECT_THAT(allow.net, ElementsAre("db:5432"));
    EXPECT_THAT(allow.read, ElementsAre("/var/log"));
    EXPECT_THAT(allow.reveal, ElementsAre("k"));
    EXPECT_TRUE(allow.exec);
}

TEST(Allow, OfAnUnsetVariableIsNotGranted) {
    const auto validated = with_url("[allow]\nhealth = { http = ['${env.NONE}'] }\n", "'http://x'");
    EXPECT_TRUE(validated.usable());
    EXPECT_EQ(validated.diagnostics.size(), 1U);
    EXPECT_THAT(validated.runbook.allow.at("health").http, IsEmpty());
}

}  // namespace
}  // namespace triage::runbook
