// Certificates made for a test.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace triage::net::testing {

struct FreeKey {
    void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
};
struct FreeCertificate {
    void operator()(X509* certificate) const { ::X509_free(certificate); }
};

struct CertificateOptions {
    std::string common_name;
    std::string names;  // "DNS:a.test,IP:127.0.0.1", or empty
    bool is_ca = false;
    long long not_before_s = 1'600'000'000;  // 2020-09-13 12:26:40 UTC
    long long not_after_s = 4'000'000'000;   // 2096-10-02 07:06:40 UTC
};

// A key with its certificate.
class Identity {
public:
    // Signed by `issuer`, or by itself.
    explicit Identity(const CertificateOptions& options, const Identity* issuer = nullptr);

    // Writes NAME.crt (and those of the issuers in `chain`) and NAME.key into `folder`.
    void write(const std::filesystem::path& folder, const std::string& name,
               const Identity* chain = nullptr) const;

private:
    std::unique_ptr<EVP_PKEY, FreeKey> key_;
    std::unique_ptr<X509, FreeCertificate> certificate_;
};

}  // namespace triage::net::testing
