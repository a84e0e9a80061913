// What bare programs of the benchmarks share: libcurl's multi_socket_action and epoll, a pool of
// handles, nothing else.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <curl/curl.h>

#include "tests/bench/client_options.hpp"

namespace triage::bench {

// A transfer in flight; `at` is the number of its URL's turn, from 0.
struct Handle {
    CURL* easy = ::curl_easy_init();
    std::string body;
    std::size_t at = 0;
};

class BareClient {
public:
    explicit BareClient(const ClientOptions& options) : options_(options) {
        ::curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
        ::curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
        ::curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, on_timer);
        ::curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
        for (Handle& handle : handles_)
            set_options(handle);
    }
    BareClient(const BareClient&) = delete;
    BareClient& operator=(const BareClient&) = delete;
    virtual ~BareClient() = default;  // the process ends with it

    // Sends all requests and waits for their answers; how many were not as they should be.
    int run() {
        for (Handle& handle : handles_)
            start(handle);
        std::array<epoll_event, 256> events;
        int running = 0;
        while (ended_ < options_.count) {
            const int count = timeout_ms_ == 0 ? 0
                                               : ::epoll_wait(epoll_, events.data(),
                                                              int(events.size()), int(timeout_ms_));
            for (int i = 0; i < count; ++i)
                act(events[std::size_t(i)]);
            if (count <= 0) {
                ::curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
            }
            collect();
        }
        return failed_;
    }

protected:
    // Before a request is sent, and behind its answer.
    virtual void begin(Handle&) {}
    virtual void end(Handle&, long /*status*/) {}

    const std::string& url_of(const Handle& handle) const {
        return options_.urls[handle.at % options_.urls.size()];
    }

private:
    static std::size_t on_body(char* data, std::size_t, std::size_t size, void* handle) {
        static_cast<Handle*>(handle)->body.append(data, size);
        return size;
    }

    static int on_socket(CURL*, curl_socket_t fd, int what, void* user, void* known) {
        const auto& client = *static_cast<BareClient*>(user);
        if (what == CURL_POLL_REMOVE) {
            ::epoll_ctl(client.epoll_, EPOLL_CTL_DEL, fd, nullptr);
            return 0;
        }
        epoll_event event{.events = ((what & CURL_POLL_IN) ? EPOLLIN : 0U) |
                                    ((what & CURL_POLL_OUT) ? EPOLLOUT : 0U),
                          .data = {.fd = fd}};
        ::epoll_ctl(client.epoll_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
        if (!known) ::curl_multi_assign(client.multi_, fd, user);
        return 0;
    }

    static int on_timer(CURLM*, long timeout_ms, void* user) {
        static_cast<BareClient*>(user)->timeout_ms_ = timeout_ms;
        return 0;
    }

    void set_options(Handle& handle) const {
        CURL* const easy = handle.easy;
        ::curl_easy_setopt(easy, CURLOPT_PRIVATE, &handle);
        ::curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        ::curl_easy_setopt(easy, CURLOPT_PROXY, "");
        ::curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 10'000L);
        ::curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
        ::curl_easy_setopt(easy, CURLOPT_WRITEDATA, &handle);
        if (!options_.fresh) return;
        ::curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        ::curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
        ::curl_easy_setopt(easy, CURLOPT_HTTPHEADER, close_header_);
    }

    void start(Handle& handle) {
        if (started_ == options_.count) return;
        handle.at = std::size_t(started_++);
        handle.body.clear();
        begin(handle);
        ::curl_easy_setopt(handle.easy, CURLOPT_URL, url_of(handle).c_str());
        ::curl_multi_add_handle(multi_, handle.easy);
    }

    void act(const epoll_event& event) {
        int running = 0;
        const int ready = ((event.events & EPOLLIN) ? CURL_CSELECT_IN : 0) |
                          ((event.events & EPOLLOUT) ? CURL_CSELECT_OUT : 0) |
                          ((event.events & (EPOLLERR | EPOLLHUP)) ? CURL_CSELECT_ERR : 0);
        ::curl_multi_socket_action(multi_, event.data.fd, ready, &running);
    }

    void collect() {
        int left = 0;
        while (const CURLMsg* const message = ::curl_multi_info_read(multi_, &left)) {
            CURL* const easy = message->easy_handle;
            const bool fine = message->data.result == CURLE_OK;
            char* user = nullptr;
            long status = 0;
            ::curl_easy_getinfo(easy, CURLINFO_PRIVATE, &user);
            ::curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            auto& handle = *reinterpret_cast<Handle*>(user);
            if (!fine || status != 200 || handle.body.size() != 43) ++failed_;
            ++ended_;
            end(handle, status);
            ::curl_multi_remove_handle(multi_, easy);
            start(handle);
        }
    }

    const ClientOptions& options_;
    int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    CURLM* multi_ = ::curl_multi_init();
    curl_slist* close_header_ = ::curl_slist_append(nullptr, "Connection: close");
    std::vector<Handle> handles_ = std::vector<Handle>(std::size_t(options_.in_flight));
    long timeout_ms_ = -1;
    int started_ = 0;
    int ended_ = 0;
    int failed_ = 0;
};

}  // namespace triage::bench
