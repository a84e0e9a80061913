#include "core/net/tls_observer.hpp"

#include <ctime>

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "core/net/certificate.hpp"

namespace triage::net {

struct TlsObserver::Seen {
    std::vector<X509Ptr> chain;  // as sent
    X509Ptr culprit;             // the certificate that the first error was found in
    int error = X509_V_OK;
};

struct TlsCallbacks {
    // Where an SSL_CTX keeps its observer.
    static int slot() {
        static const int index = ::SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
        return index;
    }

    static int verify(int ok, X509_STORE_CTX* context) {
        const auto* const ssl = static_cast<const SSL*>(
            ::X509_STORE_CTX_get_ex_data(context, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
        auto* const observer =
            static_cast<TlsObserver*>(::SSL_CTX_get_ex_data(::SSL_get_SSL_CTX(ssl), slot()));
        if (observer) note(*observer->seen_, ok, context);
        return ok;
    }

    static void note(TlsObserver::Seen& seen, int ok, X509_STORE_CTX* context) {
        if (seen.chain.empty()) {
            const STACK_OF(X509)* const sent = ::X509_STORE_CTX_get0_untrusted(context);
            for (int i = 0; i < sk_X509_num(sent); ++i)
                seen.chain.push_back(share(sk_X509_value(sent, i)));
        }
        if (ok || seen.error != X509_V_OK) return;
        seen.error = ::X509_STORE_CTX_get_error(context);
        seen.culprit = share(::X509_STORE_CTX_get_current_cert(context));
    }
};

TlsObserver::TlsObserver() : seen_(std::make_unique<Seen>()) {}
TlsObserver::~TlsObserver() = default;

void TlsObserver::observe(void* ssl_ctx) {
    auto* const context = static_cast<SSL_CTX*>(ssl_ctx);
    ::SSL_CTX_set_ex_data(context, TlsCallbacks::slot(), this);
    ::SSL_CTX_set_verify(context, ::SSL_CTX_get_verify_mode(context), &TlsCallbacks::verify);
}

void TlsObserver::clear() {
    if (!seen_->chain.empty() || seen_->error != X509_V_OK) *seen_ = Seen{};
}

std::vector<Certificate> TlsObserver::certificates() const {
    std::vector<Certificate> result;
    for (const X509Ptr& certificate : seen_->chain)
        result.push_back(describe(*certificate));
    return result;
}

std::string TlsObserver::leaf_names() const {
    return seen_->chain.empty() ? std::string() : host_names(*seen_->chain.front());
}

std::string TlsObserver::problem(const std::string& host) const {
    if (seen_->error == X509_V_OK) return {};
    const Certificate culprit = seen_->culprit ? describe(*seen_->culprit) : Certificate{};
    const bool is_leaf = !seen_->chain.empty() && seen_->culprit &&
                         ::X509_cmp(seen_->chain.front().get(), seen_->culprit.get()) == 0;
    const std::string whose = is_leaf ? fmt::format("the certificate of {}", host)
                                      : fmt::format("the CA certificate \"{}\" in the chain of {}",
                                                    culprit.subject, host);
    switch (seen_->error) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return fmt::format("{} expired on {}", whose, utc(culprit.not_after_s));
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return fmt::format("{} is not valid before {}", whose, utc(culprit.not_before_s));
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return fmt::format("the certificate of {} is self-signed ({}) and not trusted here",
                               host, culprit.subject);
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
            return fmt::format("the chain of {} ends in a CA that is not trusted here: \"{}\"",
                               host, culprit.subject);
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return fmt::format(
                "{} was issued by \"{}\", which is not trusted here and was not "
                "sent along: an intermediate is missing or the CA is unknown",
                whose, culprit.issuer);
        default:
            return fmt::format("{} was not accepted: {}", whose,
                               ::X509_verify_cert_error_string(seen_->error));
    }
}

}  // namespace triage::net
