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
    std::size_t received = 0;  // bytes of the handshake
    bool flooded = false;      // there was no end of them
};

namespace {

// Certificates may be 100 KiB (SSL_CTX_set_max_cert_list), the rest of a handshake is short.
constexpr std::size_t max_handshake_bytes = 256UL << 10;

}  // namespace

struct TlsCallbacks {
    // Where an SSL_CTX keeps its observer.
    static int slot() {
        static const int index = ::SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
        return index;
    }

    // And a BIO.
    static int bio_slot() {
        static const int index = ::BIO_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
        return index;
    }

    static TlsObserver* observer(const SSL* ssl) {
        return static_cast<TlsObserver*>(::SSL_CTX_get_ex_data(::SSL_get_SSL_CTX(ssl), slot()));
    }

    static void keep(TlsObserver::Seen& seen, const STACK_OF(X509) * chain) {
        if (!seen.chain.empty()) return;
        for (int i = 0; i < sk_X509_num(chain); ++i) {
            seen.chain.push_back(share(sk_X509_value(chain, i)));
        }
    }

    // Called for every certificate of the chain.
    static int verify(int ok, X509_STORE_CTX* context) {
        const auto* const ssl = static_cast<const SSL*>(
            ::X509_STORE_CTX_get_ex_data(context, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
        TlsObserver* const self = observer(ssl);
        if (!self) return ok;
        keep(*self->seen_, ::X509_STORE_CTX_get0_untrusted(context));
        if (!ok && self->seen_->error == X509_V_OK) {
            self->seen_->error = ::X509_STORE_CTX_get_error(context);
            self->seen_->culprit = share(::X509_STORE_CTX_get_current_cert(context));
        }
        return ok;
    }

    // Before and after each read. OpenSSL skips some messages (HelloRequest) for as long as there
    // are any: a server that sends nothing else would have the loop for itself.
    static long limit(BIO* bio, int operation, const char*, std::size_t, int, long, int result,
                      std::size_t* read) {
        auto& seen = *static_cast<TlsObserver*>(::BIO_get_ex_data(bio, bio_slot()))->seen_;
        if (operation == (BIO_CB_READ | BIO_CB_RETURN) && read != nullptr) seen.received += *read;
        if (operation != BIO_CB_READ) return result;
        seen.flooded = seen.received > max_handshake_bytes;
        return seen.flooded ? -1 : 1;
    }

    static void watch(const SSL* ssl, TlsObserver* self) {
        BIO* const bio = ::SSL_get_rbio(ssl);
        ::BIO_set_ex_data(bio, bio_slot(), self);
        ::BIO_set_callback_ex(bio, self == nullptr ? nullptr : &limit);
    }

    // A resumed session is not verified again, but still has the certificates.
    static void progress(const SSL* ssl, int where, int) {
        TlsObserver* const self = observer(ssl);
        if (!self) return;
        if (where & SSL_CB_HANDSHAKE_START) watch(ssl, self);
        if (!(where & SSL_CB_HANDSHAKE_DONE)) return;
        watch(ssl, nullptr);
        keep(*self->seen_, ::SSL_get_peer_cert_chain(ssl));
        // The connection may outlive the transfer: what comes later is not this one's.
        ::SSL_CTX_set_ex_data(::SSL_get_SSL_CTX(ssl), slot(), nullptr);
    }
};

TlsObserver::TlsObserver() : seen_(std::make_unique<Seen>()) {}
TlsObserver::~TlsObserver() = default;

void TlsObserver::observe(void* ssl_ctx) {
    auto* const context = static_cast<SSL_CTX*>(ssl_ctx);
    ::SSL_CTX_set_ex_data(context, TlsCallbacks::slot(), this);
    ::SSL_CTX_set_verify(context, ::SSL_CTX_get_verify_mode(context), &TlsCallbacks::verify);
    ::SSL_CTX_set_info_callback(context, &TlsCallbacks::progress);
}

void TlsObserver::clear() {
    if (!seen_->chain.empty() || seen_->error != X509_V_OK || seen_->received > 0) *seen_ = Seen{};
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

bool TlsObserver::was_flooded() const { return seen_->flooded; }

std::string TlsObserver::problem(const std::string& host) const {
    if (seen_->flooded) {
        return fmt::format(
            "{} sends no end of handshake messages: {} KiB, and the handshake is not done", host,
            seen_->received >> 10U);
    }
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
