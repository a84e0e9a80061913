// Looks on while OpenSSL verifies a server's certificates, because libcurl tells neither when a
// certificate expired nor which names it has once verification has failed. Ends a handshake in
// which the server never stops talking.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/net/http.hpp"

namespace triage::net {

class TlsObserver {
public:
    TlsObserver();
    ~TlsObserver();
    TlsObserver(const TlsObserver&) = delete;
    TlsObserver& operator=(const TlsObserver&) = delete;

    // Has this told of the handshakes made from `ssl_ctx` (an SSL_CTX*).
    void observe(void* ssl_ctx);
    void clear();  // before another handshake

    // What the server has sent, leaf first; empty if there was no handshake.
    std::vector<Certificate> certificates() const;

    // Why the handshake failed, for a person; empty if it did not, or was never made.
    std::string problem(const std::string& host) const;
    // The server did not stop sending messages of the handshake, which was ended.
    bool was_flooded() const;
    // The names the leaf is for: "a.example, b.example"; empty if unknown.
    std::string leaf_names() const;

private:
    friend struct TlsCallbacks;
    struct Seen;
    std::unique_ptr<Seen> seen_;
};

}  // namespace triage::net
