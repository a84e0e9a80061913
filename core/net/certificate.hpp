// X.509 certificates as plain values.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <openssl/x509.h>

#include "core/net/http.hpp"

namespace triage::net {

struct FreeX509 {
    void operator()(X509* certificate) const { ::X509_free(certificate); }
};
using X509Ptr = std::unique_ptr<X509, FreeX509>;

X509Ptr share(X509* certificate);  // one more owner; null stays null

Certificate describe(const X509& certificate);

// The host names and addresses it is for, the common name if there are none: "a, b".
std::string host_names(const X509& certificate);

// "2026-11-24 02:00:00 UTC"
std::string utc(std::int64_t seconds);

}  // namespace triage::net
