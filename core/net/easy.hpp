// One libcurl easy handle of the pool: remembers what it was told, so that the next request sets
// only what differs, and notes what libcurl tells of the transfer.
#pragma once

#include <string>
#include <vector>

#include <curl/curl.h>

#include "core/base/url.hpp"
#include "core/net/http.hpp"
#include "core/net/peer.hpp"
#include "core/net/reception.hpp"
#include "core/net/tls_observer.hpp"

namespace triage::net {

// What libcurl is to be told of one request. All of it must outlive the transfer.
struct Job {
    const Request& request;
    const base::Url& url;
    const std::string& url_text;
    const std::string& addresses;  // "name:port:address,…": what the name stands for; may be empty
    microseconds timeout;          // 0: none
};

// What was seen of a transfer on its way.
struct Trace {
    Phase waiting_for = Phase::connect;  // connect, tls, first_byte or body
    std::vector<Peer> tried;             // in order
    int socket_error = 0;                // errno, if a socket could not be made
};

class Easy {
public:
    // `closer`: gets CURLOPT_CLOSESOCKETFUNCTION calls for connections made with this handle.
    struct Closer {
        curl_closesocket_callback function;
        void* user;
    };
    // `place`: where sockets are made; outlives this; null is the host. Throws std::bad_alloc.
    Easy(Closer closer, const Place* place);
    ~Easy();
    Easy(const Easy&) = delete;
    Easy& operator=(const Easy&) = delete;
    static Easy& of(CURL* handle);

    TransferId user = TransferId::none;  // whose transfer it performs; for the owner's use

    // Ready to be added to a multi handle; what is received goes to `reception`, which must outlive
    // the transfer. Not CURLE_OK: libcurl refused an option.
    CURLcode prepare(const Job& job, Reception& reception);

    // Resumes it if it is paused.
    void resume();
    // Has libcurl look at the transfer again at the next run, though nothing has happened.
    void look_again();

    CURL* handle() const { return handle_; }
    const Trace& trace() const { return trace_; }
    const Place* place() const { return place_; }  // null is the host
    const TlsObserver& tls() const { return tls_; }
    const char* error_text() const { return error_text_; }  // libcurl's words, may be empty
    microseconds time(CURLINFO info) const;
    long number(CURLINFO info) const;
    std::string connected_to() const;  // "127.0.0.1:80", or empty

private:
    friend struct EasyCallbacks;
    template <class Value>
    void set(CURLoption option, Value value);
    void set_fixed();
    void forget_retries();
    void free_lists();
    void set_method(const Request& request);
    void set_headers(const Request& request);
    void set_tls(const Request& request);
    void set_route(const Job& job);
    void set_credentials(const base::Url& url);
    void set_text(CURLoption option, std::string& told, const std::string& text);

    CURL* handle_;
    const Place* place_;
    Closer closer_;
    CURLcode refused_ = CURLE_OK;
    curl_slist* headers_ = nullptr;
    curl_slist* connect_to_ = nullptr;
    curl_slist* addresses_ = nullptr;

    Request told_;  // as libcurl was last told, without the body
    bool told_body_ = false;
    bool told_fresh_ = false;  // to use no connection that is there
    std::size_t opened_ = 0;   // sockets, in transfers that might have used such a one
    std::string told_url_;
    std::string told_user_info_;
    long told_timeout_ms_ = 0;

    Reception* reception_ = nullptr;
    Trace trace_;
    TlsObserver tls_;
    char error_text_[CURL_ERROR_SIZE] = "";
};

}  // namespace triage::net
