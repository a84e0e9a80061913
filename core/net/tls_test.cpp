// TLS against a real nginx: what is wrong with a certificate is said so that one can act on it.
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/net/testing/certificates.hpp"
#include "core/net/testing/client.hpp"
#include "core/net/testing/nginx.hpp"
#include "core/net/testing/raw_server.hpp"

namespace triage::net {
namespace {

using namespace std::chrono_literals;
using namespace triage::net::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

enum Server : std::size_t {
    good,
    expired,
    early,
    self_signed,
    no_intermediate,
    mutual,
    old,
    endless,
    many
};

std::string server_block(const std::string& certificate, const std::string& extra = "") {
    return fmt::format(
        "server {{ listen LISTEN ssl http2; ssl_certificate {0}.crt; "
        "ssl_certificate_key {0}.key; {1} return 200 \"$ssl_protocol\"; }}",
        certificate, extra);
}

class Tls : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        folder = std::make_unique<TemporaryFolder>();
        const Identity root({.common_name = "Test Root", .is_ca = true});
        const Identity intermediate({.common_name = "Test Intermediate", .is_ca = true}, &root);
        root.write(folder->path(), "root");
        const std::string names = "DNS:api.test,DNS:*.wild.test,IP:127.0.0.1";
        const auto leaf = [&](const char* file, CertificateOptions options, const Identity* issuer,
                              const Identity* chain) {
            Identity(options, issuer).write(folder->path(), file, chain);
        };
        leaf("good", {.common_name = "api.test", .names = names}, &intermediate, &intermediate);
        leaf("expired", {.common_name = "api.test", .names = names, .not_after_s = 1'700'000'000},
             &root, nullptr);
        leaf("early", {.common_name = "api.test", .names = names, .not_before_s = 3'900'000'000},
             &root, nullptr);
        leaf("self", {.common_name = "api.test", .names = names}, nullptr, nullptr);
        leaf("alone", {.common_name = "api.test", .names = names}, &intermediate, nullptr);
        leaf("long", {.common_name = "api.test", .names = names}, &root, nullptr);
        for (std::size_t i = 0; i < max_certificates; ++i)
            append("root.crt", "long.crt");
        std::string hosts = "DNS:host-0.test";
        for (int i = 1; i < 60; ++i)
            hosts += fmt::format(",DNS:host-{}.test", i);
        leaf("many", {.common_name = "host-0.test", .names = hosts}, &root, nullptr);
        leaf("client", {.common_name = "triage"}, &root, nullptr);
        nginx = std::make_unique<Nginx>(
            folder->path(), std::vector{server_block("good", "ssl_protocols TLSv1.2 TLSv1.3;"),
                                        server_block("expired"), server_block("early"),
                                        server_block("self"), server_block("alone"),
                                        server_block("good",
                                                     "ssl_client_certificate root.crt; "
                                                     "ssl_verify_client on;"),
                                        server_block("good",
                                                     "ssl_protocols TLSv1.1; "
                                                     "ssl_ciphers DEFAULT@SECLEVEL=0;"),
                                        server_block("long"), server_block("many")});
    }
    static void TearDownTestSuite() {
        nginx.reset();
        folder.reset();
    }

    static void append(const char* from, const char* to) {
        std::ofstream(folder->path() / to, std::ios::app)
            << std::ifstream(folder->path() / from).rdbuf();
    }

    static std::string file(const std::string& name) { return (folder->path() / name).string(); }

    static Request to(Server server, const std::string& host = "api.test") {
        return {.url = fmt::format("https://{}:{}/", host, nginx->port(server)),
                .ca_file = file("root.crt"),
                .connect_to = fmt::format("127.0.0.1:{}", nginx->port(server))};
    }

    std::string tls_problem(Request request) {
        const Response response = client.ask(std::move(request));
        EXPECT_EQ(response.failure, Failure::tls);
        EXPECT_EQ(response.phase, Phase::tls);
        EXPECT_EQ(response.status, 0);
        return response.detail;
    }

    static inline std::unique_ptr<TemporaryFolder> folder;
    static inline std::unique_ptr<Nginx> nginx;
    Client client;
};

TEST_F(Tls, ATrustedServerSpeaksHttp2) {
    const Response first = client.ask(to(good));
    EXPECT_EQ(first.failure, Failure::none) << first.detail;
    EXPECT_EQ(first.body, "TLSv1.3");
    EXPECT_EQ(first.http_version, "2");
    EXPECT_GT(first.timings.tls.count(), 0);
    EXPECT_TRUE(first.certificates.empty());
    const Response second = client.ask(to(good));
    EXPECT_TRUE(second.reused);
    EXPECT_EQ(second.timings.tls.count(), 0);
    EXPECT_EQ(client.ask(to(good, "x.wild.test")).failure, Failure::none);
}

TEST_F(Tls, CertificatesLeafFirst) {
    client.ask(to(good));  // a connection and a session that must not be used
    Request request = to(good);
    request.want_certificates = true;
    for (int i = 0; i < 2; ++i) {
        const Response response = client.ask(request);
        ASSERT_EQ(response.certificates.size(), 2U) << response.detail;
        const Certificate& leaf = response.certificates[0];
        EXPECT_EQ(leaf.subject, "CN=api.test");
        EXPECT_EQ(leaf.issuer, "CN=Test Intermediate");
        EXPECT_EQ(leaf.names, "DNS:api.test\nDNS:*.wild.test\nIP Address:127.0.0.1");
        EXPECT_EQ(leaf.not_before_s, 1'600'000'000);
        EXPECT_EQ(leaf.not_after_s, 4'000'000'000);
        EXPECT_THAT(leaf.pem, StartsWith("-----BEGIN CERTIFICATE-----\n"));
        EXPECT_EQ(response.certificates[1].subject, "CN=Test Intermediate");
    }
}

TEST_F(Tls, MoreCertificatesThanAnyChainHas) {
    EXPECT_EQ(client.ask(to(endless)).failure, Failure::none) << "they were not asked for";
    Request request = to(endless);
    request.want_certificates = true;
    const Response response = client.ask(request);
    EXPECT_EQ(response.failure, Failure::tls);
    EXPECT_THAT(response.detail, HasSubstr("sent 101 certificates, at most 100"));
    EXPECT_EQ(response.certificates.size(), max_certificates);
}

TEST_F(Tls, Expired) {
    Request request = to(expired);
    request.want_certificates = true;
    const Response response = client.ask(request);
    EXPECT_EQ(response.failure, Failure::tls);
    EXPECT_EQ(response.detail, "the certificate of api.test expired on 2023-11-14 22:13:20 UTC");
    ASSERT_EQ(response.certificates.size(), 1U);
    EXPECT_EQ(response.certificates[0].not_after_s, 1'700'000'000);
    EXPECT_EQ(response.address, fmt::format("127.0.0.1:{}", nginx->port(expired)));
}

TEST_F(Tls, NotYetValid) {
    EXPECT_EQ(tls_problem(to(early)),
              "the certificate of api.test is not valid before 2093-08-01 21:20:00 UTC");
}

TEST_F(Tls, SelfSigned) {
    EXPECT_EQ(tls_problem(to(self_signed)),
              "the certificate of api.test is self-signed (CN=api.test) and not trusted here");
}

TEST_F(Tls, UnknownAuthority) {
    Request request = to(good);
    request.ca_file.clear();
    EXPECT_THAT(tls_problem(request),
                HasSubstr("was issued by \"CN=Test Root\", which is not trusted here"));
}

TEST_F(Tls, MissingIntermediate) {
    EXPECT_THAT(tls_problem(to(no_intermediate)),
                HasSubstr("the certificate of api.test was issued by \"CN=Test Intermediate\", "
                          "which is not trusted here and was not sent along"));
}

TEST_F(Tls, WrongHostNamesThoseItHas) {
    for (int i = 0; i < 3; ++i) {  // the session of the first must not hide the names from others
        EXPECT_EQ(tls_problem(to(good, "other.test")),
                  "the certificate is not for other.test, but for api.test, *.wild.test, "
                  "127.0.0.1");
    }
}

TEST_F(Tls, ManyNamesAreCutBetweenThem) {
    EXPECT_THAT(tls_problem(to(many, "other.test")),
                AllOf(StartsWith("the certificate is not for other.test, but for host-0.test, "),
                      ::testing::EndsWith(".test, …")));
}

TEST_F(Tls, UnverifiedOnRequestOnly) {
    for (const Server server : {expired, self_signed}) {
        Request request = to(server, "whatever.test");
        request.verify_tls = false;
        request.want_certificates = true;
        const Response response = client.ask(request);
        EXPECT_EQ(response.failure, Failure::none) << response.detail;
        EXPECT_EQ(response.certificates.size(), 1U);
        // That connection is not for those who want to know.
        EXPECT_EQ(client.ask(to(server, "whatever.test")).failure, Failure::tls);
    }
}

TEST_F(Tls, ClientCertificate) {
    const Response without = client.ask(to(mutual));
    EXPECT_EQ(without.status, 400);
    EXPECT_THAT(without.body, HasSubstr("No required SSL certificate"));
    Request request = to(mutual);
    request.client_cert_file = file("client.crt");
    request.client_key_file = file("client.key");
    const Response with = client.ask(request);
    EXPECT_EQ(with.status, 200) << with.detail;
    EXPECT_FALSE(with.reused);
    EXPECT_EQ(client.ask(to(mutual)).status, 400);  // nor for those without it
}

TEST_F(Tls, TooOldProtocol) {
    EXPECT_THAT(tls_problem(to(old)), AllOf(Not(HasSubstr("127.0.0.1")), HasSubstr("TLS version")));
}

TEST_F(Tls, FilesThatCannotBeReadAreTheCallersFault) {
    Request request = to(good);
    request.ca_file = "/no/such/ca.pem";
    const Response ca = client.ask(request);
    EXPECT_EQ(ca.failure, Failure::bad_request);
    EXPECT_THAT(ca.detail, HasSubstr("/no/such/ca.pem"));
    request = to(good);
    request.client_cert_file = request.client_key_file = "/no/such/client.pem";
    const Response certificate = client.ask(request);
    EXPECT_EQ(certificate.failure, Failure::bad_request);
    EXPECT_THAT(certificate.detail, HasSubstr("/no/such/client.pem"));
}

// OpenSSL skips a HelloRequest in a handshake, and does not return while there are more of them.
TEST_F(Tls, AHandshakeOfMessagesWithoutEndIsEnded) {
    const std::string record = std::string("\x16\x03\x03\x40\x00", 5) + std::string(16384, '\0');
    const RawServer server([&record](Connection& connection) {
        while (connection.send(record)) {
        }
    });
    const auto url = fmt::format("https://127.0.0.1:{}/", server.port());
    const auto start = client.loop.now();
    const Response response = client.ask({.url = url, .timeout = 20s});
    EXPECT_LT(client.loop.now() - start, 10s);
    EXPECT_EQ(response.failure, Failure::tls);
    EXPECT_THAT(response.detail, HasSubstr("sends no end of handshake messages"));
}

}  // namespace
}  // namespace triage::net
