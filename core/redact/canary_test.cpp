// Random secrets in every encoding and many contexts: none survives.
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/redact/redactor.hpp"

namespace triage::redact {
namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// A plain, slow encoder: not the one under test.
std::string base64(std::string_view bytes) {
    std::string bits;
    for (const char c : bytes)
        bits += fmt::format("{:08b}", static_cast<unsigned char>(c));
    std::string out;
    for (std::size_t i = 0; i < bits.size(); i += 6) {
        std::string six = bits.substr(i, 6);
        six.resize(6, '0');
        out += base64_alphabet[std::stoul(six, nullptr, 2)];
    }
    while (out.size() % 4 != 0)
        out += '=';
    return out;
}

std::string base64url(std::string_view bytes) {
    std::string out;
    for (const char c : base64(bytes)) {
        if (c != '=') out += c == '+' ? '-' : c == '/' ? '_' : c;
    }
    return out;
}

using Encoder = std::function<std::string(std::string_view)>;

std::string escape_each(std::string_view text, std::string_view untouched, const Encoder& escape) {
    std::string out;
    for (const char c : text) {
        const bool keep = std::isalnum(static_cast<unsigned char>(c)) || untouched.contains(c);
        out += keep ? std::string(1, c) : escape(std::string_view(&c, 1));
    }
    return out;
}

unsigned code(std::string_view c) { return static_cast<unsigned char>(c[0]); }

Encoder percent(std::string_view untouched, bool upper) {
    return [=](std::string_view text) {
        return escape_each(text, untouched, [=](std::string_view c) {
            return upper ? fmt::format("%{:02X}", code(c)) : fmt::format("%{:02x}", code(c));
        });
    };
}

std::string form(std::string_view text) {
    return escape_each(text, "*-._", [](std::string_view c) {
        return c == " " ? std::string("+") : fmt::format("%{:02X}", code(c));
    });
}

std::string json(std::string_view text) {
    return escape_each(text, " !#$%&'()*+,-.:;<=>?@[]^_`{|}~", [](std::string_view c) {
        return c == "\n" ? std::string("\\n") : fmt::format("\\{}", c);
    });
}

std::string json_unicode(std::string_view text) {
    return escape_each(text, "",
                       [](std::string_view c) { return fmt::format("\\u{:04x}", code(c)); });
}

Encoder hex(bool upper) {
    return [=](std::string_view text) {
        std::string out;
        for (const char c : text) {
            const unsigned value = static_cast<unsigned char>(c);
            out += upper ? fmt::format("{:02X}", value) : fmt::format("{:02x}", value);
        }
        return out;
    };
}

Encoder shifted(std::string_view before, std::string_view after, const Encoder& encode) {
    return
        [=](std::string_view text) { return encode(fmt::format("{}{}{}", before, text, after)); };
}

Encoder chain(const Encoder& first, const Encoder& second) {
    return [=](std::string_view text) { return second(first(text)); };
}

std::vector<Encoder> encoders() {
    std::vector<Encoder> all = {
        [](std::string_view text) { return std::string(text); },
        percent("-_.~", true),
        percent("-_.~", false),
        percent("/-_.~", true),
        percent("!'()*-_.~", true),
        form,
        json,
        json_unicode,
        hex(true),
        hex(false),
        chain(json, json),
        chain(percent("-_.~", true), json),
        chain(json, percent("-_.~", true)),
        chain(base64, percent("", true)),
        chain(chain(json, json), json),
    };
    for (const std::string_view before : {"", "u", "us", "user:", "app:"}) {
        for (const std::string_view after : {"", "x", "xy"}) {
            all.push_back(shifted(before, after, base64));
            all.push_back(shifted(before, after, base64url));
        }
    }
    return all;
}

std::string random_secret(std::mt19937& random) {
    constexpr std::string_view printable =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "-_.~/+=!@#$%^&*()[]{}|;:'\",<>?` ";
    std::string secret(8 + random() % 60, 'x');
    for (char& c : secret)
        c = printable[random() % printable.size()];
    secret.front() = secret.back() = 'q';  // adding a secret trims it
    return secret;
}

const std::vector<std::string_view> contexts = {
    "{}",
    "before {} after",
    "\"{}\"",
    "{{\"k\": \"{}\"}}",
    "https://example.com/x?y={}&z=1",
    "Authorization: Bearer {}",
    "password={}",
    "2026-11-23 10:21:05,976 ERROR app failed value='{}' request_id=f0c4",
    "[parameters: ('{}', 1)]",
    "input_value='{}', input_type=str",
    "x{}x",
    "0000{}0000",
    "%41\\u0041+{}",
    "{}{}",
    "\x1b[31m{}\x1b[0m",
    "\xff{}\xff",
    "größer {} 日本",
};

// Of base64 the first and last characters may depend on neighbours; the middle may not survive.
std::string core(const std::string& encoded) {
    return encoded.size() < 16 ? encoded : encoded.substr(6, encoded.size() - 12);
}

TEST(Canary, NeverSurvives) {
    std::mt19937 random(20261124);
    const std::vector<Encoder> all = encoders();
    for (int round = 0; round < 60; ++round) {
        const std::string secret = random_secret(random);
        Redactor redactor;
        redactor.add("other", random_secret(random));
        redactor.add("canary", secret);
        for (std::size_t e = 0; e < all.size(); ++e) {
            const std::string encoded = all[e](secret);
            for (const std::string_view context : contexts) {
                const std::string text = fmt::format(fmt::runtime(context), encoded, encoded);
                const std::string shown = redactor.redact(text).str();
                ASSERT_FALSE(shown.contains(secret)) << text << "\n" << shown;
                ASSERT_FALSE(shown.contains(encoded)) << text << "\n" << shown;
                if (e >= 15) {
                    ASSERT_FALSE(shown.contains(core(encoded))) << text << "\n" << shown;
                }
                ASSERT_TRUE(shown.contains('<')) << text << "\n" << shown;
                ASSERT_FALSE(redactor.scrub_known(text).contains(encoded)) << text;
            }
        }
    }
}

// However a text is cut, it is scrubbed as if it had come in one piece.
TEST(Canary, NeverSurvivesInPieces) {
    std::mt19937 random(20261125);
    const std::vector<Encoder> all = encoders();
    for (int round = 0; round < 40; ++round) {
        const std::string secret = random_secret(random);
        Redactor redactor;
        redactor.add("other", random_secret(random));
        redactor.add("canary", secret);
        for (const Encoder& encoder : all) {
            const std::string encoded = encoder(secret);
            const std::string_view context = contexts[random() % contexts.size()];
            const std::string text = fmt::format(fmt::runtime(context), encoded, encoded);
            std::string shown;
            Tail tail;
            for (std::size_t at = 0, size = 0; at < text.size(); at += size) {
                size = 1 + random() % (round % 2 == 0 ? 3 : text.size());
                shown += redactor.scrub_known(std::string_view(text).substr(at, size), tail);
            }
            shown += redactor.scrub_rest(tail);
            ASSERT_EQ(shown, redactor.scrub_known(text)) << text;
        }
    }
}

// Secrets that nobody told of, by their position alone.
TEST(Canary, UnknownOnesDoNotSurviveInCredentialPositions) {
    std::mt19937 random(7);
    const Redactor redactor;
    constexpr std::string_view letters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for (int round = 0; round < 500; ++round) {
        std::string secret(20 + random() % 40, '0');
        for (char& c : secret)
            c = letters[random() % letters.size()];
        for (const std::string_view context : {"postgresql://app:{}@db/x",
                                               "https://{}@example.com",
                                               "wss://gw/?token={}",
                                               "x?a=b&client_secret={}",
                                               "Authorization: Bearer {}",
                                               "authorization={}",
                                               "bearer {}",
                                               "sk_live_{}",
                                               "whsec_{}",
                                               "ghp_{}",
                                               "password={}",
                                               "PGPASSWORD={}",
                                               "\"password\": \"{}\"",
                                               "'api_key': '{}'",
                                               "X-Api-Key: {}",
                                               "input_value='{}'",
                                               "[parameters: {{'x': '{}'}}]",
                                               "-----BEGIN PRIVATE KEY-----\n{}",
                                               "eyJhbGciOi.{}",
                                               "Cookie: session={}",
                                               "--token {}",
                                               "secret: {}"}) {
            const std::string text = fmt::format(fmt::runtime(context), secret);
            const std::string shown = redactor.redact(text).str();
            ASSERT_FALSE(shown.contains(secret.substr(0, 8))) << text << "\n" << shown;
            ASSERT_FALSE(shown.contains(secret.substr(secret.size() - 8))) << text << "\n" << shown;
        }
    }
}

}  // namespace
}  // namespace triage::redact
