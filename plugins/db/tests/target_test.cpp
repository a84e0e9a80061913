/// Connection strings, as drivers write them and libpq reads them.
#include "../target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

namespace db {
namespace {

Target parsed(std::string_view text) { return parse_target(text).value(); }

TEST(Target, AnyDriversPrefixMeansTheSame) {
    for (const auto* scheme : {"postgresql", "postgres", "postgresql+psycopg", "postgres+asyncpg",
                               "PostgreSQL+psycopg2", "jdbc:postgresql"}) {
        const auto target = parsed(std::string(scheme) + "://app:s%2Fcret@db:6432/shop");
        EXPECT_EQ(target.text(), "db:6432/shop") << scheme;
        EXPECT_EQ(target.user, "app");
        EXPECT_EQ(target.password, "s/cret");
        EXPECT_EQ(target.raw_password, "s%2Fcret");
    }
    const auto target = parsed(" host=db port=6432 user=app password='s/cret' dbname=shop\n");
    EXPECT_EQ(target.text(), "db:6432/shop");
    EXPECT_EQ(target.password, "s/cret");
}

TEST(Target, DefaultsAreLibpqs) {
    EXPECT_EQ(parsed("postgresql://app@db").text(), "db:5432");
    EXPECT_EQ(parsed("postgresql:///shop").text(), "/var/run/postgresql (5432)/shop");
    EXPECT_EQ(parsed("postgresql:///shop?host=/run/pg&port=6000").text(), "/run/pg (6000)/shop");
    EXPECT_EQ(parsed("postgresql://[::1]/shop").text(), "[::1]:5432/shop");
    EXPECT_TRUE(parsed("postgresql:///shop").hosts[0].is_socket());
}

TEST(Target, SeveralServersKeepTheirOrder) {
    const auto target = parsed("postgresql://a:1,b:2,[::1]:3/x?target_session_attrs=primary");
    EXPECT_EQ(target.text(), "a:1,b:2,[::1]:3/x");
    EXPECT_EQ(parsed("host=a,b dbname=x port=7").text(), "a:7,b:7/x");
    const auto addressed = parsed("host=name hostaddr=10.0.0.1 dbname=x");
    EXPECT_EQ(addressed.hosts[0].address, "10.0.0.1");
    EXPECT_FALSE(parse_target("host=a,b hostaddr=10.0.0.1"));
}

TEST(Target, DriversOptionsAreNotLibpqs) {
    const auto target = parsed("postgresql+asyncpg://h/x?ssl=require&pool_size=5&sslrootcert=/ca");
    EXPECT_EQ(target.sslmode, "require");
    EXPECT_THAT(target.ignored, ElementsAre("pool_size"));
    EXPECT_EQ(parsed("jdbc:postgresql://h/x?user=u&password=p4ss&ssl=true").sslmode, "require");
    EXPECT_EQ(parsed("jdbc:postgresql://h/x?user=u&password=p4ss").password, "p4ss");
    EXPECT_EQ(parsed("postgresql://h/x?ssl=false").sslmode, "");
}

TEST(Target, WhatTheChecksSetThemselvesIsLeftOut) {
    const auto target = parsed(
        "postgresql://h/"
        "x?connect_timeout=60&application_name=web&replication=database&options=-cx");
    EXPECT_THAT(target.options, Not(testing::Contains(testing::Key("connect_timeout"))));
    EXPECT_THAT(target.options, Not(testing::Contains(testing::Key("application_name"))));
    EXPECT_THAT(target.options, Not(testing::Contains(testing::Key("replication"))));
    EXPECT_THAT(target.options, testing::Contains(testing::Pair("options", "-cx")));
}

TEST(Target, SqlAlchemyNeedsLessEncoding) {
    EXPECT_EQ(parsed("postgresql+psycopg://app:a/b?c%d@db/shop").password, "a/b?c%d");
    EXPECT_EQ(parsed("postgresql+psycopg://app:a/b@db/shop").text(), "db:5432/shop");
    EXPECT_EQ(parsed("postgresql+psycopg://app@db/shop").user, "app");
}

TEST(Target, WhatIsBrokenIsSaidWithoutQuotingIt) {
    for (const auto* text :
         {"mysql://u:hidden@h/x", "", "nonsense-hidden", "postgresql://u:hid/den@h/x",
          "postgresql://u:hidden%zz@h/x", "postgresql://h:hidden/x", "postgresql://h:99999/x",
          "host=hidden 'x", "service=hidden", "postgresql://u:x@hidden@db/x"}) {
        const auto target = parse_target(text);
        EXPECT_FALSE(target.ok()) << text;
        EXPECT_THAT(target.reason(), Not(HasSubstr("hid"))) << text;
    }
}

TEST(Target, ThePartsOfAPasswordThatIsNotEncodedAreNotTakenForNames) {
    for (const auto* text : {"postgresql://bob:p@S3cretTail/w?x@127.0.0.1:7974/app",
                             "postgresql://bob:hunter2@S3cretTail?x@db/app",
                             "postgresql://bob:hunter2@S3cretTail?x=1@db/app",
                             "postgresql+psycopg://bob:p@S3cretTail?sslmode=require&x@db/app"}) {
        const auto target = parse_target(text);
        EXPECT_THAT(target.reason(), HasSubstr("is not percent-encoded")) << text;
    }
    EXPECT_TRUE(parse_target("postgresql://bob@db/app?application_name=a@b&driver=x").ok());
}

TEST(Target, QuotesAroundItAreNamed) {
    for (const auto* text : {"\"postgresql://u:x@h/x\"", "'postgresql://u:x@h/x'", "\"host=h\""})
        EXPECT_THAT(parse_target(text).reason(), HasSubstr("leave the quotes out")) << text;
}

TEST(Target, OptionsThatLibpqWouldRefuseAreNamedWithTheirValues) {
    for (const auto& [option, words] : std::vector<std::pair<std::string, std::string>>{
             {"sslmode=hidden",
              "its sslmode has a value that is not known, expected one of "
              "disable, allow, prefer, require, verify-ca, verify-full"},
             {"sslmode=", "its sslmode is empty"},
             {"ssl=hidden", "its sslmode has a value that is not known"},
             {"gssencmode=hidden", "expected one of disable, prefer, require"},
             {"channel_binding=hidden", "its channel_binding has"},
             {"target_session_attrs=hidden", "primary, standby, prefer-standby"}}) {
        const auto target = parse_target("postgresql://u@h/x?" + option);
        EXPECT_THAT(target.reason(), HasSubstr(words)) << option;
        EXPECT_THAT(target.reason(), Not(HasSubstr("hid"))) << option;
    }
    for (const auto* good : {"sslmode=verify-ca", "target_session_attrs=prefer-standby",
                             "gssencmode=disable&channel_binding=require"})
        EXPECT_TRUE(parse_target(std::string("postgresql://u@h/x?") + good).ok()) << good;
}

TEST(Target, IntendedIsComparedByItsParts) {
    const auto target = parsed("postgresql://app:secret@DB.example:6432/shop");
    for (const auto* same :
         {"", "db.example", "db.example:6432", "db.example/shop", "db.example:6432/shop"})
        EXPECT_EQ(difference(target, same), std::nullopt) << same;
    EXPECT_EQ(difference(target, "db"), "it leads to DB.example:6432/shop, intended is db");
    for (const auto* other : {"db.example:5432", "db.example/other", "[::1]"})
        EXPECT_NE(difference(target, other), std::nullopt) << other;
    EXPECT_EQ(difference(parsed("postgresql://[::1]:7/x"), "[::1]:7/x"), std::nullopt);
    EXPECT_EQ(difference(parsed("postgresql:///x?host=/run"), "/run"), std::nullopt);
    EXPECT_EQ(difference(parsed("postgresql://a,b/x"), "b"), std::nullopt) << "one of them";
    EXPECT_EQ(difference(parsed("postgresql://app@a"), "a/app"), std::nullopt) << "called so too";
}

TEST(Target, NamesThatOnlyContainersKnow) {
    EXPECT_TRUE(is_bare_name("db"));
    for (const auto* other : {"db.internal", "localhost", "127.0.0.1", "::1", "/run/postgresql"})
        EXPECT_FALSE(is_bare_name(other)) << other;
    EXPECT_TRUE(is_numeric("10.0.0.1"));
    EXPECT_FALSE(is_numeric("db1"));
}

}  // namespace
}  // namespace db
