// Connection strings: what in them is a secret, and what is a name.
#include "core/redact/url_parts.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include "core/redact/redactor.hpp"

namespace triage::redact {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

std::vector<std::string> words_of(std::string_view url) {
    auto words = ordinary_words(split_url(url));
    std::ranges::sort(words);
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
}

TEST(SplitUrl, ReadsWhatPeopleWrite) {
    EXPECT_EQ(split_url("postgresql://app:pw@db:5432/prod?x=1").password, "pw");
    EXPECT_EQ(split_url("postgresql://app:p/w@x@db/prod").password, "p/w@x");
    EXPECT_EQ(split_url("postgresql://app:p/w@db/prod").password, "p/w");
    EXPECT_EQ(split_url("postgresql://app:p/w@db/prod").hosts, "db");
    EXPECT_EQ(split_url("redis://:pw@cache").password, "pw");
    EXPECT_EQ(split_url("postgresql://app@db/prod").user, "app");
    EXPECT_EQ(split_url("https://api/users/a@b").user, "");
    EXPECT_EQ(split_url("https://api/users/a@b").hosts, "api");
    EXPECT_EQ(split_url("no url: a@b/c").hosts, "");
}

TEST(OrdinaryWords, AreUsersHostsAndDatabases) {
    EXPECT_THAT(words_of("postgresql://app:pw@db:5432/prod?sslmode=require"),
                UnorderedElementsAre("app", "db", "prod"));
    EXPECT_THAT(words_of("postgresql+asyncpg://my%2Duser:pw@[::1]:5432/prod"),
                UnorderedElementsAre("my%2Duser", "my-user", "::1", "prod"));
    EXPECT_THAT(words_of("mongodb://app:pw@mongo-a:1,mongo-b:2/prod"),
                UnorderedElementsAre("app", "mongo-a", "mongo-b", "prod"));
    EXPECT_THAT(words_of("sk_live_0123456789"), IsEmpty());
}

// What may be a key is none, though it stands where a name may stand.
TEST(OrdinaryWords, AreNoKeys) {
    EXPECT_THAT(words_of("https://hooks.example.com/T0123/secret"),
                UnorderedElementsAre("hooks.example.com"));
    EXPECT_THAT(words_of("https://ghp_0123456789:x-oauth-basic@github.com/a"),
                UnorderedElementsAre("github.com"));
    EXPECT_THAT(words_of("redis://0123456789abcdef@cache"), UnorderedElementsAre("cache"));
}

// postgres://postgres:postgres@…: the report must stay readable.
TEST(Redactor, APasswordThatIsAlsoANameIsHiddenWhereAPasswordIsExpected) {
    for (const bool url_first : {true, false}) {
        Redactor redactor;
        const auto add_url = [&] {
            redactor.add("database_url", "postgresql://postgres:postgres@db:5432/postgres");
        };
        if (url_first) add_url();
        redactor.add("password", "postgres");
        if (!url_first) add_url();
        const auto hidden = [&](std::string_view text) { return redactor.redact(text).str(); };
        EXPECT_EQ(hidden("database postgres of user postgres is up"),
                  "database postgres of user postgres is up");
        EXPECT_THAT(hidden("postgresql://postgres:postgres@db:5432/postgres"),
                    Not(HasSubstr("postgres:postgres")));
        EXPECT_THAT(hidden("failed: postgresql://postgres:postgres@other/postgres"),
                    HasSubstr("//postgres:<"));
        EXPECT_THAT(hidden("PGPASSWORD=postgres"), Not(HasSubstr("=postgres")));
        EXPECT_THAT(redactor.notice(), HasSubstr(url_first ? "database_url" : "password"));
    }
}

TEST(Redactor, ANameDoesNotMakeAnotherSecretReadable) {
    Redactor redactor;
    redactor.add("database_url", "postgresql://postgres:other-secret@db/postgres");
    redactor.add("key", "postgres-key");
    EXPECT_EQ(redactor.redact("other-secret, postgres-key").str(),
              "<secret:database_url>, <secret:key>");
    EXPECT_EQ(redactor.notice(), "");
}

}  // namespace
}  // namespace triage::redact
