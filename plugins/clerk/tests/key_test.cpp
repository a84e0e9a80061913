/// The texts of keys, URLs and dates: each form that is wrong, and what only looks like it.
#include "../key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../clock.hpp"
#include "../crypto.hpp"
#include "../jwks.hpp"
#include "signing.hpp"

using namespace clerk;
using namespace std::chrono_literals;
using testing::HasSubstr;

namespace {

TEST(PublishableKey, IsDecoded) {
    const auto key = parse_publishable_key("pk_test_Y2xlcmsuZXhhbXBsZS5jb20k");
    EXPECT_TRUE(key.ok()) << key.wrong;
    EXPECT_EQ(key.host, "clerk.example.com");
    EXPECT_EQ(key.kind, Kind::test);
    EXPECT_EQ(parse_publishable_key(signing::publishable_key("clerk.x.org", "live")).kind,
              Kind::live);
}

TEST(PublishableKey, PaddingMayBeThereOrNot) {
    for (const auto* host : {"clerk.a.com", "clerk.ab.com", "clerk.abc.com", "127.0.0.1:8443",
                             "prepared-rodent-52.clerk.accounts.dev"}) {
        auto text = signing::publishable_key(host);
        EXPECT_EQ(parse_publishable_key(text).host, host);
        while ((text.size() - 8) % 4 != 0)
            text += '=';
        EXPECT_EQ(parse_publishable_key(text).host, host) << text;
    }
}

struct Malformed {
    const char* text;
    const char* wrong;
};
class MalformedKey : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedKey, IsNamed) {
    const auto key = parse_publishable_key(GetParam().text);
    EXPECT_THAT(key.wrong, HasSubstr(GetParam().wrong));
    EXPECT_FALSE(key.ok());
    EXPECT_EQ(key.host, "");
}

INSTANTIATE_TEST_SUITE_P(
    , MalformedKey,
    testing::Values(
        Malformed{"", "empty"}, Malformed{" pk_test_Y2xlcmsuZXhhbXBsZS5jb20k", "white space"},
        Malformed{"pk_test_Y2xlcmsuZXhhbXBsZS5jb20k\n", "white space"},
        Malformed{"\"pk_test_Y2xlcmsuZXhhbXBsZS5jb20k\"", "quotes"},
        Malformed{"Y2xlcmsuZXhhbXBsZS5jb20k", "neither pk_test_ nor pk_live_"},
        Malformed{"pk_prod_Y2xlcmsuZXhhbXBsZS5jb20k", "neither pk_test_ nor pk_live_"},
        Malformed{"pk_test_Y2xlcmsu_ZXhhbXBsZS5jb20k", "4 parts"},
        Malformed{"pk_test_your_key_here", "placeholder"}, Malformed{"YOUR_KEY", "placeholder"},
        Malformed{"pk_test_xxxx", "placeholder"}, Malformed{"${CLERK_KEY}", "placeholder"},
        Malformed{"pk_test_...", "placeholder"}, Malformed{"pk_test_Y2xl*msu", "not base64"},
        Malformed{"pk_test_Y2xlc", "not base64"}, Malformed{"pk_test_", "no \"$\" at the end"},
        Malformed{"pk_test_Y2xlcmsuZXhhbXBsZS5jb20", "no \"$\" at the end"},
        Malformed{"pk_test_Y2xlcmsuZXhhbXBsZS5jb20kJA", "not a host name"},  // two $
        Malformed{"pk_test_Y2xlcmsk", "not a host name"},                    // clerk$
        Malformed{"pk_test_aHR0cHM6Ly9hLmIk", "not a host name"},            // https://a.b$
        Malformed{"pk_test_JA", "not a host name"}));                        // $

TEST(PublishableKey, ASecretKeyIsKnownAndNotShown) {
    const auto key = parse_publishable_key(" sk_live_abcdefghij0123456789");
    EXPECT_TRUE(key.is_secret_key);
    EXPECT_EQ(key.wrong, "it is a secret key");
}

TEST(SecretKey, Forms) {
    EXPECT_EQ(parse_secret_key("sk_test_abcdefghij0123456789abcdefghij").wrong, "");
    EXPECT_EQ(parse_secret_key("sk_live_abcdefghij0123456789abcdefghij").kind, Kind::live);
    EXPECT_THAT(parse_secret_key("").wrong, HasSubstr("empty"));
    EXPECT_THAT(parse_secret_key("'sk_test_abcdefghij0123456789'").wrong, HasSubstr("quotes"));
    EXPECT_THAT(parse_secret_key("sk_test_abcdefghij0123456789\n").wrong, HasSubstr("white"));
    EXPECT_THAT(parse_secret_key("pk_test_Y2xlcmsuZXhhbXBsZS5jb20k").wrong,
                HasSubstr("publishable"));
    EXPECT_THAT(parse_secret_key("abcdefghij0123456789").wrong, HasSubstr("neither sk_test_"));
    EXPECT_THAT(parse_secret_key("sk_test_abc").wrong, HasSubstr("3 characters"));
    EXPECT_THAT(parse_secret_key("sk_test_abcdefghij 0123456789").wrong, HasSubstr("else"));
    EXPECT_THAT(parse_secret_key("sk_test_xxxxxxxxxxxxxxxxxxxxxxxxx").wrong,
                HasSubstr("placeholder"));
    EXPECT_THAT(parse_secret_key("sk_test_your_secret_key_goes_here").wrong,
                HasSubstr("placeholder"));
}

TEST(Base64, IsStrict) {
    EXPECT_EQ(decode_base64("_-8", Alphabet::url), "\xff\xef");
    EXPECT_EQ(decode_base64("_-8", Alphabet::standard), std::nullopt);
    EXPECT_EQ(decode_base64("/+8=", Alphabet::standard), "\xff\xef");
    EXPECT_EQ(decode_base64("", Alphabet::url), "");
    for (const auto* bad : {"a", "YQ===", "Y Q", "YQ\n", "Y=Q="})
        EXPECT_EQ(decode_base64(bad, Alphabet::url), std::nullopt) << bad;
}

TEST(Rsa, VerifiesWhatItsKeyHasSignedAndNothingElse) {
    const auto& key = signing::Key::of_instance();
    const auto token = key.token("{}");
    const auto dot = token.rfind('.');
    const auto message = token.substr(0, dot);
    const auto signature = *decode_base64(token.substr(dot + 1), Alphabet::url);
    const auto set = parse_key_set(signing::key_set({key.jwk(), signing::Key::of_another().jwk()}));
    const auto &ours = set.keys[0], &other = set.keys[1];
    EXPECT_TRUE(verifies_rs256(ours.n, ours.e, message, signature));
    EXPECT_FALSE(verifies_rs256(other.n, other.e, message, signature));
    EXPECT_FALSE(verifies_rs256(ours.n, ours.e, message + "x", signature));
    EXPECT_FALSE(verifies_rs256(ours.n, ours.e, message, ""));
    EXPECT_FALSE(verifies_rs256("", "", message, signature)) << "no key at all";
    EXPECT_FALSE(verifies_rs256("\x01", "\x01", message, signature));
}

TEST(Hosts, HaveADotOrAreAddresses) {
    for (const auto* good : {"a.b", "clerk.example.com", "127.0.0.1:8443", "[::1]:443"})
        EXPECT_TRUE(is_host(good)) << good;
    for (const auto* bad :
         {"", "clerk", ".a", "a.", "a b.c", "u@a.b", "a.b/x", "https://a.b", "a_b.c"})
        EXPECT_FALSE(is_host(bad)) << bad;
}

}  // namespace
