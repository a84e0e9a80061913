#include "core/net/testing/certificates.hpp"

#include <cstdio>
#include <stdexcept>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace triage::net::testing {
namespace {

void add_extension(X509* certificate, int nid, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx_nodb(&context);
    ::X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = ::X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    if (!extension) throw std::runtime_error("bad extension: " + value);
    ::X509_add_ext(certificate, extension, -1);
    ::X509_EXTENSION_free(extension);
}

long next_serial() {
    static long serial = 1;
    return serial++;
}

std::unique_ptr<std::FILE, int (*)(std::FILE*)> open(const std::filesystem::path& file) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(file.c_str(), "we"),
                                                           &std::fclose);
    if (!stream) throw std::runtime_error("cannot write " + file.string());
    return stream;
}

}  // namespace

Identity::Identity(const CertificateOptions& options, const Identity* issuer)
    : key_(::EVP_EC_gen("P-256")), certificate_(::X509_new()) {
    X509* const certificate = certificate_.get();
    ::X509_set_version(certificate, X509_VERSION_3);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate), next_serial());
    ::ASN1_TIME_set(X509_getm_notBefore(certificate), options.not_before_s);
    ::ASN1_TIME_set(X509_getm_notAfter(certificate), options.not_after_s);
    ::X509_set_pubkey(certificate, key_.get());
    X509_NAME* const subject = ::X509_get_subject_name(certificate);
    ::X509_NAME_add_entry_by_txt(
        subject, "CN", MBSTRING_UTF8,
        reinterpret_cast<const unsigned char*>(options.common_name.c_str()), -1, -1, 0);
    const X509* const signer = issuer ? issuer->certificate_.get() : certificate;
    ::X509_set_issuer_name(certificate, ::X509_get_subject_name(signer));
    add_extension(certificate, NID_basic_constraints,
                  options.is_ca ? "critical,CA:TRUE" : "CA:FALSE");
    if (!options.names.empty()) add_extension(certificate, NID_subject_alt_name, options.names);
    ::X509_sign(certificate, issuer ? issuer->key_.get() : key_.get(), ::EVP_sha256());
}

void Identity::write(const std::filesystem::path& folder, const std::string& name,
                     const Identity* chain) const {
    const auto certificates = open(folder / (name + ".crt"));
    ::PEM_write_X509(certificates.get(), certificate_.get());
    if (chain) ::PEM_write_X509(certificates.get(), chain->certificate_.get());
    const auto key = open(folder / (name + ".key"));
    ::PEM_write_PrivateKey(key.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

}  // namespace triage::net::testing
