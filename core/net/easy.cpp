#include "core/net/easy.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include <fmt/format.h>

namespace triage::net {
namespace {

constexpr const char* encodings = "gzip";  // what every server knows

bool same_headers(const std::vector<Header>& a, const std::vector<Header>& b) {
    return std::ranges::equal(a, b, [](const Header& x, const Header& y) {
        return x.name == y.name && x.value == y.value;
    });
}

void append(curl_slist*& list, const std::string& line) {
    curl_slist* const longer = ::curl_slist_append(list, line.c_str());
    if (!longer) throw std::bad_alloc();
    list = longer;
}

long to_curl_timeout(microseconds timeout) {
    if (timeout.count() <= 0) return 0;
    const auto whole = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
    return long(std::min<std::int64_t>(whole, 1'000'000'000));
}

bool sends_body(const Request& request) {
    return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
           request.method == "PATCH";
}

}  // namespace

// "This machine", also by the addresses that mean any of its own.
static bool is_loopback(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof(v4));
        const auto host = ntohl(v4.sin_addr.s_addr);
        return host >> 24 == 127 || host == INADDR_ANY;
    }
    if (address.sa_family != AF_INET6) return false;
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof(v6));
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) || IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr) ||
           IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
}

// libcurl calls these from within its C code: nothing may be thrown through it.
struct EasyCallbacks {
    static std::size_t header(char* data, std::size_t, std::size_t size, void* user) noexcept {
        auto& easy = *static_cast<Easy*>(user);
        easy.trace_.waiting_for = Phase::body;
        return easy.reception_->header_line({data, size}) ? size : 0;
    }

    static std::size_t write(char* data, std::size_t, std::size_t size, void* user) noexcept {
        auto& easy = *static_cast<Easy*>(user);
        easy.trace_.waiting_for = Phase::body;
        switch (easy.reception_->body({data, size})) {
            case Reception::Take::all:
                return size;
            case Reception::Take::pause:
                return CURL_WRITEFUNC_PAUSE;
            case Reception::Take::stop:
                break;
        }
        return CURL_WRITEFUNC_ERROR;
    }

    static curl_socket_t open(void* user, curlsocktype, curl_sockaddr* where) noexcept {
        auto& easy = *static_cast<Easy*>(user);
        easy.trace_.waiting_for = Phase::connect;  // again, if a dead connection was tried first
        easy.trace_.tried.emplace_back(&where->addr, where->addrlen);
        if (easy.place_ != nullptr && !easy.place_->is_inside() && is_loopback(where->addr)) {
            easy.trace_.socket_error = EACCES;  // inside it is the container itself, here the host
            return CURL_SOCKET_BAD;
        }
        const int type = where->socktype | SOCK_CLOEXEC;
        const int fd = easy.place_ == nullptr
                           ? ::socket(where->family, type, where->protocol)
                           : easy.place_->socket(where->family, type, where->protocol);
        if (fd < 0) easy.trace_.socket_error = errno;
        return fd < 0 ? CURL_SOCKET_BAD : fd;
    }

    static int connected(void* user, char*, char*, int, int) noexcept {
        static_cast<Easy*>(user)->trace_.waiting_for = Phase::first_byte;
        return CURL_PREREQFUNC_OK;
    }

    static CURLcode tls(CURL*, void* ssl_ctx, void* user) noexcept {
        auto& easy = *static_cast<Easy*>(user);
        easy.trace_.waiting_for = Phase::tls;  // the connection is there: libcurl prepares TLS
        easy.tls_.observe(ssl_ctx);
        return CURLE_OK;
    }
};

Easy::Easy(Closer closer, const Place* place)
    : handle_(::curl_easy_init()), place_(place), closer_(closer) {
    if (!handle_) throw std::bad_alloc();
    told_.method.clear();  // so that the first request sets its own
    set_fixed();
}

Easy::~Easy() {
    ::curl_easy_cleanup(handle_);
    free_lists();
}

void Easy::free_lists() {
    for (curl_slist** const list : {&headers_, &connect_to_, &addresses_})
        ::curl_slist_free_all(std::exchange(*list, nullptr));
}

// A server may close a connection just when it is used again: libcurl then makes a new one. It does
// so five times, and counts them (7.88) for as long as the handle lives: the sixth check that needs
// it would fail for what others have met. Only a reset ends the count. Who retries opens a socket,
// so those are counted: also others', but three are few.
void Easy::forget_retries() {
    constexpr std::size_t many_sockets = 3;
    if (!told_fresh_) opened_ += trace_.tried.size();
    if (opened_ < many_sockets) return;
    opened_ = 0;
    ::curl_easy_reset(handle_);
    free_lists();
    told_ = Request();
    told_.method.clear();
    told_body_ = told_fresh_ = false;
    told_url_.clear();
    told_user_info_.clear();
    told_timeout_ms_ = 0;
    set_fixed();
}

Easy& Easy::of(CURL* handle) {
    char* user = nullptr;
    ::curl_easy_getinfo(handle, CURLINFO_PRIVATE, &user);
    return *reinterpret_cast<Easy*>(user);
}

template <class Value>
void Easy::set(CURLoption option, Value value) {
    const CURLcode code = ::curl_easy_setopt(handle_, option, value);
    if (refused_ == CURLE_OK) refused_ = code;
}

void Easy::set_text(CURLoption option, std::string& told, const std::string& text) {
    if (told == text) return;
    told = text;
    set(option, text.empty() ? nullptr : text.c_str());
}

void Easy::set_fixed() {
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    set(CURLOPT_ERRORBUFFER, error_text_);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, long(CURL_HTTP_VERSION_2TLS));
    set(CURLOPT_SSLVERSION, long(CURL_SSLVERSION_TLSv1_2));  // what is older is not safe
    set(CURLOPT_HTTP09_ALLOWED, 1L);  // what is no HTTP comes as a body: so it can be shown
    set(CURLOPT_PATH_AS_IS, 1L);      // base::Url has normalised it: what was permitted is asked
    set(CURLOPT_QUICK_EXIT, 1L);
    set(CURLOPT_ACCEPT_ENCODING, encodings);
    set(CURLOPT_WRITEFUNCTION, &EasyCallbacks::write);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_HEADERFUNCTION, &EasyCallbacks::header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_OPENSOCKETFUNCTION, &EasyCallbacks::open);
    set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    set(CURLOPT_CLOSESOCKETFUNCTION, closer_.function);
    set(CURLOPT_CLOSESOCKETDATA, closer_.user);
    set(CURLOPT_PREREQFUNCTION, &EasyCallbacks::connected);
    set(CURLOPT_PREREQDATA, static_cast<void*>(this));
    // Not with another TLS library than OpenSSL: then details are missing, nothing else.
    ::curl_easy_setopt(handle_, CURLOPT_SSL_CTX_FUNCTION, &EasyCallbacks::tls);
    ::curl_easy_setopt(handle_, CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
}

CURLcode Easy::prepare(const Job& job, Reception& reception) {
    refused_ = CURLE_OK;
    forget_retries();
    reception_ = &reception;
    trace_.waiting_for = Phase::connect;
    trace_.tried.clear();
    trace_.socket_error = 0;
    tls_.clear();
    error_text_[0] = '\0';

    const Request& request = job.request;
    set_text(CURLOPT_URL, told_url_, job.url_text);
    set_credentials(job.url);
    set_headers(request);  // before set_method(), which notes the method
    set_method(request);
    set_tls(request);
    set_route(job);
    if (told_.keep_encoding != request.keep_encoding) {
        told_.keep_encoding = request.keep_encoding;
        set(CURLOPT_ACCEPT_ENCODING, request.keep_encoding ? nullptr : encodings);
    }
    if (const long timeout = to_curl_timeout(job.timeout); timeout != told_timeout_ms_) {
        told_timeout_ms_ = timeout;
        set(CURLOPT_TIMEOUT_MS, timeout);
    }
    return refused_;
}

void Easy::set_credentials(const base::Url& url) {
    if (url.user_info == told_user_info_) return;
    told_user_info_ = url.user_info;
    if (url.user_info.empty()) {
        set(CURLOPT_USERNAME, static_cast<char*>(nullptr));
        set(CURLOPT_PASSWORD, static_cast<char*>(nullptr));
        return;
    }
    const auto colon = url.user_info.find(':');
    const auto decode = [this](CURLoption option, const std::string& text) {
        char* const decoded =
            ::curl_easy_unescape(handle_, text.c_str(), int(text.size()), nullptr);
        set(option, decoded);
        ::curl_free(decoded);
    };
    decode(CURLOPT_USERNAME, url.user_info.substr(0, colon));
    decode(CURLOPT_PASSWORD, colon == std::string::npos ? "" : url.user_info.substr(colon + 1));
}

void Easy::set_method(const Request& request) {
    const bool body = sends_body(request);
    if (told_.method == request.method && !body && !told_body_) return;
    told_.method = request.method;
    told_body_ = body;
    if (body) {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.size()));
        set(CURLOPT_POSTFIELDS, request.body.data());
    } else if (request.method == "HEAD") {
        set(CURLOPT_NOBODY, 1L);
    } else {
        set(CURLOPT_HTTPGET, 1L);
    }
    const bool as_is = (request.method == "GET" && !body) || request.method == "HEAD";
    set(CURLOPT_CUSTOMREQUEST, as_is ? nullptr : request.method.c_str());
}

void Easy::set_headers(const Request& request) {
    const bool body = sends_body(request);
    const bool fresh = request.fresh_connection;
    if (!told_.method.empty() && body == told_body_ && fresh == told_.fresh_connection &&
        same_headers(told_.headers, request.headers)) {
        return;
    }
    told_.headers = request.headers;
    curl_slist* list = nullptr;
    for (const Header& header : request.headers) {
        append(list, header.value.empty() ? header.name + ";"
                                          : fmt::format("{}: {}", header.name, header.value));
    }
    const auto default_header = [&](const char* name, const char* line) {
        if (!find_header(request.headers, name)) append(list, line);
    };
    default_header("user-agent", "User-Agent: triage/" TRIAGE_VERSION);
    if (body) {
        default_header("expect", "Expect:");  // or libcurl waits a second for "100 Continue"
        default_header("content-type", "Content-Type:");
    }
    // Tells the server to close: it gets the TIME_WAIT, not this machine's scarce ports.
    if (fresh) default_header("connection", "Connection: close");
    set(CURLOPT_HTTPHEADER, list);
    ::curl_slist_free_all(std::exchange(headers_, list));
}

void Easy::set_tls(const Request& request) {
    if (told_.verify_tls != request.verify_tls) {
        told_.verify_tls = request.verify_tls;
        set(CURLOPT_SSL_VERIFYPEER, request.verify_tls ? 1L : 0L);
        set(CURLOPT_SSL_VERIFYHOST, request.verify_tls ? 2L : 0L);
    }
    if (told_.want_certificates != request.want_certificates) {
        told_.want_certificates = request.want_certificates;
        // A resumed session shows no certificates.
        set(CURLOPT_SSL_SESSIONID_CACHE, request.want_certificates ? 0L : 1L);
    }
    if (told_.ca_file != request.ca_file) {
        told_.ca_file = request.ca_file;
        static const std::string system_file = ::curl_version_info(CURLVERSION_NOW)->cainfo
                                                   ? ::curl_version_info(CURLVERSION_NOW)->cainfo
                                                   : "";
        const std::string& file = request.ca_file.empty() ? system_file : request.ca_file;
        set(CURLOPT_CAINFO, file.empty() ? nullptr : file.c_str());
    }
    set_text(CURLOPT_SSLCERT, told_.client_cert_file, request.client_cert_file);
    set_text(CURLOPT_SSLKEY, told_.client_key_file, request.client_key_file);
}

void Easy::set_route(const Job& job) {
    const Request& request = job.request;
    // A connection that is there already shows no certificates either.
    told_fresh_ = request.fresh_connection || request.want_certificates;
    set(CURLOPT_FRESH_CONNECT, told_fresh_ ? 1L : 0L);
    if (told_.fresh_connection != request.fresh_connection) {
        told_.fresh_connection = request.fresh_connection;
        set(CURLOPT_FORBID_REUSE, request.fresh_connection ? 1L : 0L);
    }
    set_text(CURLOPT_UNIX_SOCKET_PATH, told_.unix_socket, request.unix_socket);
    if (told_.connect_to != request.connect_to) {
        told_.connect_to = request.connect_to;
        curl_slist* list = nullptr;
        if (!request.connect_to.empty()) append(list, "::" + request.connect_to);
        set(CURLOPT_CONNECT_TO, list);
        ::curl_slist_free_all(std::exchange(connect_to_, list));
    }
    if (job.addresses.empty() && !addresses_) return;
    curl_slist* list = nullptr;
    if (!job.addresses.empty()) append(list, job.addresses);
    set(CURLOPT_RESOLVE, list);
    ::curl_slist_free_all(std::exchange(addresses_, list));
}

void Easy::resume() { ::curl_easy_pause(handle_, CURLPAUSE_CONT); }

void Easy::look_again() {
    ::curl_easy_pause(handle_, CURLPAUSE_RECV);
    ::curl_easy_pause(handle_, CURLPAUSE_CONT);
}

microseconds Easy::time(CURLINFO info) const {
    curl_off_t value = 0;
    ::curl_easy_getinfo(handle_, info, &value);
    return microseconds(value);
}

long Easy::number(CURLINFO info) const {
    long value = 0;
    ::curl_easy_getinfo(handle_, info, &value);
    return value;
}

std::string Easy::connected_to() const {
    if (!told_.unix_socket.empty()) return "unix:" + told_.unix_socket;
    const char* address = nullptr;
    ::curl_easy_getinfo(handle_, CURLINFO_PRIMARY_IP, &address);
    if (!address || !*address) return {};
    const std::string_view text(address);
    const long port = number(CURLINFO_PRIMARY_PORT);
    const bool is_v6 = text.find(':') != text.npos;
    return is_v6 ? fmt::format("[{}]:{}", text, port) : fmt::format("{}:{}", text, port);
}

}  // namespace triage::net
