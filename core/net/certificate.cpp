#include "core/net/certificate.hpp"

#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "core/base/text.hpp"

namespace triage::net {
namespace {

// Collects what OpenSSL prints.
class Printed {
public:
    Printed() : bio_(::BIO_new(::BIO_s_mem())) {}
    ~Printed() { ::BIO_free(bio_); }
    Printed(const Printed&) = delete;
    Printed& operator=(const Printed&) = delete;

    BIO* bio() { return bio_; }
    std::string text() const {
        char* data = nullptr;
        const long size = BIO_get_mem_data(bio_, &data);
        return size > 0 ? std::string(data, std::size_t(size)) : std::string();
    }

private:
    BIO* bio_;
};

// RFC 4514, in UTF-8.
std::string name_text(const X509_NAME* name) {
    Printed out;
    ::X509_NAME_print_ex(out.bio(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return base::printable(out.text());
}

std::int64_t seconds(const ASN1_TIME* time) {
    std::tm parts{};
    if (!time || ::ASN1_TIME_to_tm(time, &parts) != 1) return INT64_MIN;
    return ::timegm(&parts);
}

std::string one_line(std::string text) {
    for (char& c : text) {
        if (c == '\n') c = ' ';
    }
    return text;
}

// Entries as "DNS:example.com", "IP Address:10.0.0.1", one a line.
std::string alternative_names(const X509& certificate) {
    auto* const names = static_cast<GENERAL_NAMES*>(
        ::X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
    std::string result;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
        Printed out;
        ::GENERAL_NAME_print(out.bio(), sk_GENERAL_NAME_value(names, i));
        if (i > 0) result += '\n';
        result += one_line(base::printable(out.text()));
    }
    ::GENERAL_NAMES_free(names);
    return result;
}

std::string common_name(const X509& certificate) {
    const auto* const subject = ::X509_get_subject_name(&certificate);
    const int at = ::X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0) return {};
    Printed out;  // whole, whatever its length
    ::ASN1_STRING_print_ex(out.bio(),
                           ::X509_NAME_ENTRY_get_data(::X509_NAME_get_entry(subject, at)),
                           ASN1_STRFLGS_UTF8_CONVERT);
    return one_line(base::printable(out.text()));
}

std::string pem(const X509& certificate) {
    Printed out;
    ::PEM_write_bio_X509(out.bio(), &certificate);
    return out.text();
}

}  // namespace

X509Ptr share(X509* certificate) {
    if (certificate) ::X509_up_ref(certificate);
    return X509Ptr(certificate);
}

Certificate describe(const X509& certificate) {
    return {.subject = name_text(::X509_get_subject_name(&certificate)),
            .issuer = name_text(::X509_get_issuer_name(&certificate)),
            .names = alternative_names(certificate),
            .not_before_s = seconds(::X509_get0_notBefore(&certificate)),
            .not_after_s = seconds(::X509_get0_notAfter(&certificate)),
            .pem = pem(certificate)};
}

std::string host_names(const X509& certificate) {
    std::string result;
    const std::string names = alternative_names(certificate);
    for (std::size_t begin = 0; begin < names.size();) {
        const std::size_t end = std::min(names.find('\n', begin), names.size());
        const std::string entry = names.substr(begin, end - begin);
        if (!result.empty()) result += ", ";
        result += entry.substr(entry.find(':') + 1);
        begin = end + 1;
    }
    return result.empty() ? common_name(certificate) : result;
}

std::string utc(std::int64_t seconds_since_1970) {
    if (seconds_since_1970 == INT64_MIN) return "an unreadable date";
    return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(std::time_t(seconds_since_1970)));
}

}  // namespace triage::net
