/// Logging in: each phase that can fail, and what must not be a finding.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

#include "../failure.hpp"
#include "../lookup.hpp"
#include "fake_server.hpp"

using namespace triage::testing;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace db {
namespace {

Result run(const std::string& url, Params params = {}, const std::string& check = "reachable") {
    FakeHost host;
    host.allow_reveal();
    auto result = host.run(check, params.secret("url", url));
    EXPECT_THAT(result.violations, IsEmpty());
    return result;
}

/// The only finding.
ReportedFinding only(const Result& result) {
    EXPECT_THAT(result.findings, testing::SizeIs(1)) << result.to_string();
    return result.findings.empty() ? ReportedFinding() : result.findings[0];
}

TEST(DbPlugin, DeclaresItselfWithoutFault) {
    EXPECT_THAT(FakeHost().declaration_violations(), IsEmpty());
    EXPECT_THAT(FakeHost(load_plugin(TRIAGE_PLUGIN_FILE)).declaration_violations(), IsEmpty());
}

TEST(DbPlugin, WrongParametersAreCaughtBeforeAnythingRuns) {
    const auto with = [](const std::string& check, const std::string& assignment) {
        return FakeHost().run(check, Params().secret("url", "x").assign(assignment));
    };
    for (const auto* wrong : {"timeout=0s", "slow=0s", "inside=perhaps"})
        EXPECT_THROW(with("reachable", wrong), std::invalid_argument) << wrong;
    for (const auto* wrong : {"connections-warn=1.5", "idle-fail=0", "query-warn=0s"})
        EXPECT_THROW(with("sessions", wrong), std::invalid_argument) << wrong;
    for (const auto* wrong : {"kind=replica", "standbys=-1", "slot-warn-mib=0", "sample=5m"})
        EXPECT_THROW(with("health", wrong), std::invalid_argument) << wrong;
    EXPECT_THROW(FakeHost().run("migrations", Params()), std::invalid_argument) << "no url";
    for (const auto* good :
         {"intended=", "intended=db:5432/x", "intended=/run/postgresql", "intended=[::1]:5432"})
        EXPECT_NO_THROW(with("reachable", good)) << good;
}

TEST(Secret, WithoutConsentItSaysWhatToAllow) {
    for (const auto* check : {"reachable", "sessions", "health", "migrations"}) {
        const auto result =
            FakeHost().run(check, Params().secret("url", "postgresql://u:canary-1@h/x"));
        EXPECT_THAT(result.error.value_or(""), HasSubstr("[allow] db = { reveal = [")) << check;
        EXPECT_THAT(result.findings, IsEmpty());
    }
}

TEST(Secret, AConnectionStringThatMeansNothingIsAFinding) {
    const auto result = run("postgresql://u:canary%zz@h/x");
    EXPECT_EQ(only(result).code, "db.url");
}

TEST(Reachable, NothingListens) {
    const auto url = [] { return FakeServer().url(); }();
    const auto result = run(url);
    EXPECT_EQ(only(result).code, "db.refused");
    EXPECT_THAT(only(result).remedy, HasSubstr("inside a container localhost"));
    EXPECT_THAT(result.evaluated, ElementsAre("db.refused", "db.url"));
}

TEST(Reachable, TcpOpensAndNoReplyComes) {
    const FakeServer silent;
    for (const auto* options : {"sslmode=disable", "sslmode=prefer", "sslmode=require"}) {
        const auto result = run(silent.url(options), Params().set("timeout", 150ms));
        EXPECT_EQ(only(result).code, "db.no-reply") << options;
        EXPECT_THAT(only(result).message, HasSubstr("no start-up reply within 150 ms"));
        EXPECT_FALSE(result.was_evaluated("db.password"));
    }
}

TEST(Reachable, AnotherServiceAnswers) {
    const FakeServer web([](int client) {
        FakeServer::hear(client);
        FakeServer::say(client, "HTTP/1.1 400 Bad Request\r\n\r\n");
        FakeServer::hear(client);
    });
    const FakeServer greets([](int client) {
        FakeServer::say(client, "SSH-2.0-OpenSSH_9.2\r\n");
        FakeServer::hear(client);
    });
    for (const auto* options : {"sslmode=disable", "sslmode=require"}) {
        EXPECT_EQ(only(run(web.url(options))).code, "db.not-postgres") << options;
        EXPECT_EQ(only(run(greets.url(options))).code, "db.not-postgres") << options;
    }
}

TEST(Reachable, GarbageThatBeginsLikePostgresIsNotPostgres) {
    const auto answers = {std::string("R\x7f\xff\xff\xff garbage"), std::string("R\0\0\0\1", 5),
                          FakeServer::message('R', std::string(4, '\0')) + "\x7f\xff\xff\xff\xff"};
    for (const auto& bytes : answers) {
        const FakeServer server([&](int client) {
            FakeServer::hear(client);
            FakeServer::say(client, bytes);
            FakeServer::hear(client);
        });
        const auto found = only(run(server.url()));
        EXPECT_EQ(found.code, "db.not-postgres") << found.message;
        EXPECT_THAT(found.message, HasSubstr("not as PostgreSQL does"));
    }
}

TEST(Reachable, AnOptionThatLibpqRefusesIsNoMatterOfTheNetwork) {
    const FakeServer server;
    for (const auto* options :
         {"sslmode=bogus", "target_session_attrs=bogus", "ssl_min_protocol_version=bogus",
          "sslmode=disable&keepalives=bogus"}) {
        const auto result = run(server.url(options));
        EXPECT_EQ(only(result).code, "db.url") << options << only(result).message;
        EXPECT_FALSE(result.was_evaluated("db.unreachable")) << options;
    }
}

TEST(Reachable, TlsIsOfferedAndDoesNotComeAbout) {
    const FakeServer half([](int client) {
        FakeServer::hear(client);
        FakeServer::say(client, "S");
        FakeServer::hear(client);
    });
    EXPECT_EQ(only(run(half.url("sslmode=require"))).code, "db.tls");
    const FakeServer silent([](int client) {
        FakeServer::hear(client);
        FakeServer::say(client, "S");
        while (!FakeServer::hear(client).empty()) {
        }
    });
    const auto result = run(silent.url("sslmode=require"), Params().set("timeout", 150ms));
    EXPECT_EQ(only(result).code, "db.login-hung");
    EXPECT_EQ(only(result).evidence_of("phase"), "tls");
}

TEST(Reachable, TheConnectionIsClosedAtOnce) {
    const FakeServer proxy([](int client) { FakeServer::hear(client); });
    for (const auto* options : {"sslmode=disable", "sslmode=require"})
        EXPECT_EQ(only(run(proxy.url(options))).code, "db.closed") << options;
}

TEST(Reachable, TheLoginHangs) {
    const FakeServer slow([](int client) {
        FakeServer::hear(client);
        FakeServer::say(client, FakeServer::message('R', std::string("\0\0\0\3", 4)));
        while (!FakeServer::hear(client).empty()) {
        }
    });
    const auto result = run(slow.url(), Params().set("timeout", 150ms));
    EXPECT_EQ(only(result).code, "db.login-hung");
    EXPECT_TRUE(result.was_evaluated("db.no-reply"));
}

TEST(Reachable, NoTlsWhereItIsWanted) {
    const FakeServer plain([](int client) {
        FakeServer::hear(client);
        FakeServer::say(client, "N");
        FakeServer::hear(client);
    });
    EXPECT_EQ(only(run(plain.url("sslmode=require"))).code, "db.tls");
}

/// After it has declined TLS, which sslmode=prefer puts up with.
Result run_without_tls(const std::function<void(int)>& play, const std::string& mode = "prefer") {
    const FakeServer server([&](int client) {
        if (FakeServer::hear(client).size() == 8) {
            FakeServer::say(client, "N");
            FakeServer::hear(client);
        }
        play(client);
    });
    return run(server.url("sslmode=" + mode));
}

std::string wants(int method, const std::string& more = "") {
    return FakeServer::message('R', std::string(3, '\0') + static_cast<char>(method) + more);
}

TEST(WithoutTls, ClosingAndResettingAreNoFaultOfTls) {
    const auto close = [](int) {};
    const auto reset = [](int client) {
        const linger at_once{1, 0};
        ::setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    };
    const auto in_scram = [](int client) {
        FakeServer::say(client, wants(10, std::string("SCRAM-SHA-256\0\0", 15)));
        FakeServer::hear(client);
    };
    for (const std::function<void(int)>& play :
         {std::function<void(int)>(close), {reset}, {in_scram}}) {
        const auto result = run_without_tls(play);
        EXPECT_EQ(only(result).code, "db.closed");
        EXPECT_THAT(only(result).message, HasSubstr("closes the connection before the login"));
    }
    EXPECT_EQ(only(run_without_tls(close, "require")).code, "db.tls") << "wanted, and declined";
    EXPECT_EQ(only(run_without_tls(close, "allow")).code, "db.closed");
}

TEST(WithoutTls, WhatLibpqCannotDoHereIsNotTheServersFault) {
    const auto gss = run_without_tls([](int client) {
        FakeServer::say(client, wants(7));
        FakeServer::hear(client);
    });
    EXPECT_THAT(gss.findings, IsEmpty()) << gss.to_string();
    EXPECT_THAT(gss.error.value_or(""), HasSubstr("wants a Kerberos login (GSSAPI)"));
    const auto unknown = run_without_tls([](int client) {
        FakeServer::say(client, wants(99));
        FakeServer::hear(client);
    });
    EXPECT_THAT(unknown.findings, IsEmpty()) << unknown.to_string();
    EXPECT_THAT(unknown.error.value_or(""), HasSubstr("authentication method 99 not supported"));
}

TEST(WithoutTls, AServerThatDoesNotKnowThePassword) {
    const auto result = run_without_tls([](int client) {
        FakeServer::say(client, wants(10, std::string("SCRAM-SHA-256\0\0", 15)));
        const auto first = FakeServer::hear(client);
        const auto nonce = first.substr(first.find("r=") + 2);
        FakeServer::say(client, wants(11, "r=" + nonce + "abc,s=c2FsdHNhbHQ=,i=4096"));
        FakeServer::hear(client);
        FakeServer::say(client, wants(12, "v=eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="));
        FakeServer::say(client, wants(0));
        FakeServer::hear(client);
    });
    EXPECT_EQ(only(result).code, "db.not-postgres");
    EXPECT_THAT(only(result).message, HasSubstr("does not prove that it knows the password: "));
    EXPECT_THAT(only(result).message, HasSubstr("server signature"));
}

TEST(Failure, AllOfLibpqsWordsOnTheLastAttemptAreSaid) {
    const auto failure = judge_remains(
        {.phase = Phase::login,
         .text = "connection to server at \"a\", port 1 failed: SSL error: no\n"
                 "connection to server at \"a\", port 1 failed: it is not\n\tas it should be.\n",
         .where = "a:1"});
    EXPECT_STREQ(failure.code->name, "db.login-refused");
    EXPECT_EQ(failure.message, "a:1: it is not as it should be.");
}

class SqlState : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(SqlState, HasACode) {
    const auto [state, code] = GetParam();
    const FakeServer server([state = state](int client) {
        FakeServer::hear(client);
        FakeServer::say(client, FakeServer::error(state, "so it is"));
    });
    const auto found = only(run(server.url()));
    EXPECT_EQ(found.code, code);
    EXPECT_THAT(found.message, HasSubstr(triage::text(" says: so it is (", state, ")")));
    EXPECT_EQ(found.evidence_of("sqlstate"), state);
    EXPECT_EQ(found.evidence_of("user"), "app");
    EXPECT_EQ(found.evidence_of("database"), "shop");
}

INSTANTIATE_TEST_SUITE_P(
    , SqlState,
    testing::Values(std::pair{"28P01", "db.password"}, std::pair{"28000", "db.login-refused"},
                    std::pair{"42501", "db.login-refused"}, std::pair{"55000", "db.login-refused"},
                    std::pair{"3D000", "db.no-database"},
                    std::pair{"53300", "db.too-many-connections"},
                    std::pair{"57P03", "db.not-ready"}, std::pair{"57P01", "db.shut-down"},
                    std::pair{"53100", "db.disk-full"}, std::pair{"XX001", "db.corrupt"},
                    std::pair{"08P01", "db.pooler"}, std::pair{"0A000", "db.server-error"}));

TEST(Reachable, AQueryIsNotAnswered) {
    const FakeServer server([](int client) {
        FakeServer::hear(client);
        FakeServer::say(client, FakeServer::welcome());
        while (!FakeServer::hear(client).empty()) {
        }
    });
    const auto result = run(server.url(), Params().set("timeout", 1s));
    EXPECT_EQ(only(result).code, "db.no-answer");
    EXPECT_TRUE(result.was_evaluated("db.password")) << "the login was fine";
}

TEST(Reachable, TheServerStopsInTheMiddleOfAQuery) {
    for (const bool says_so : {true, false}) {
        const FakeServer server([says_so](int client) {
            FakeServer::hear(client);
            FakeServer::say(client, FakeServer::welcome());
            FakeServer::hear(client);
            if (says_so) FakeServer::say(client, FakeServer::error("57P01", "terminated"));
        });
        EXPECT_EQ(only(run(server.url())).code, says_so ? "db.shut-down" : "db.closed");
    }
}

TEST(Reachable, ItIsOldServersThatCannotBeAskedEverything) {
    const FakeServer server([](int client) {
        FakeServer::hear(client);
        auto old = FakeServer::welcome();
        old.replace(old.find("15.4"), 4, "11.9");
        FakeServer::say(client, old);
        FakeServer::hear(client);
    });
    for (const auto* check : {"sessions", "health"})
        EXPECT_THAT(run(server.url(), {}, check).error.value_or(""), HasSubstr("PostgreSQL 12"));
}

TEST(Reachable, CancelledAnywhereItLeavesNothing) {
    const FakeServer silent;
    for (int event = 0; event < 2; ++event) {
        FakeHost host;
        host.allow_reveal().cancel_at(event);
        const auto result =
            host.run("reachable", Params().secret("url", silent.url()).set("timeout", 300ms));
        EXPECT_THAT(result.violations, IsEmpty());
    }
}

TEST(Reachable, TheIntendedTargetIsLookedAtBeforeTheNetwork) {
    const FakeServer silent;
    const auto result =
        run(silent.url(), Params().set("timeout", 100ms).set("intended", "db:5432/shop"));
    EXPECT_TRUE(result.found("db.other-target"));
    EXPECT_TRUE(result.found("db.no-reply"));
    EXPECT_EQ(result.finding("db.other-target").evidence_of("intended"), "db:5432/shop");
}

TEST(Files, OfTheApplicationNeedNotBeHere) {
    const FakeServer silent;
    const auto result = run(silent.url("sslmode=verify-full&sslrootcert=/no/such/ca.pem"));
    EXPECT_THAT(result.error.value_or(""), HasSubstr("name one that can by ca-file"));
    EXPECT_THAT(result.findings, IsEmpty());
}

TEST(Failure, WhatIsThisMachinesOwnHasNoCode) {
    for (const int error : {EMFILE, ENFILE, EADDRNOTAVAIL, ENETUNREACH, EACCES, EPERM}) {
        const auto failure =
            judge_remains({.phase = Phase::tcp, .text = std::strerror(error), .where = "db:5432"});
        EXPECT_EQ(failure.code, nullptr) << std::strerror(error);
    }
    for (const int error : {ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT, ENOENT}) {
        const auto failure =
            judge_remains({.phase = Phase::tcp, .text = std::strerror(error), .where = "db:5432"});
        EXPECT_NE(failure.code, nullptr) << std::strerror(error);
    }
}

TEST(Failure, TheLastSqlstateCounts) {
    EXPECT_EQ(sqlstate_in("connection to server failed: FATAL:  28000: no entry, encryption\n"
                          "connection failed: FATAL:  28P01: password authentication failed\n"
                          "LOCATION:  auth_failed, auth.c:326\n"),
              "28P01");
    EXPECT_EQ(sqlstate_in("connection failed: Connection refused"), "");
    EXPECT_EQ(sqlstate_in("FATAL:  too short"), "");
}

TEST(Lookup, EndsInTime) {
    const auto found = look_up("localhost", 5s, [] { return false; });
    EXPECT_TRUE(found.ok()) << found.error_text();
    EXPECT_THAT(found.addresses, testing::Contains("127.0.0.1"));
    EXPECT_THAT(look_up("127.0.0.1", 5s, [] { return false; }).addresses, ElementsAre("127.0.0.1"));
}

}  // namespace
}  // namespace db
