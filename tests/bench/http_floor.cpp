// The bare program that core/net is measured against: libcurl's multi_socket_action and epoll, a
// pool of handles, nothing else.
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <curl/curl.h>

#include "tests/bench/client_options.hpp"

namespace {

using triage::bench::ClientOptions;

struct Program {
    ClientOptions options;
    int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    CURLM* multi = ::curl_multi_init();
    long timeout_ms = -1;
    int started = 0;
    int ended = 0;
    int failed = 0;
    curl_slist* close_header = ::curl_slist_append(nullptr, "Connection: close");
};

struct Handle {
    CURL* easy = ::curl_easy_init();
    std::string body;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* handle) {
    static_cast<Handle*>(handle)->body.append(data, size);
    return size;
}

int on_socket(CURL*, curl_socket_t fd, int what, void* user, void* known) {
    const auto& program = *static_cast<Program*>(user);
    if (what == CURL_POLL_REMOVE) {
        ::epoll_ctl(program.epoll, EPOLL_CTL_DEL, fd, nullptr);
        return 0;
    }
    epoll_event event{
        .events = ((what & CURL_POLL_IN) ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) ? EPOLLOUT : 0U),
        .data = {.fd = fd}};
    ::epoll_ctl(program.epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    if (!known) ::curl_multi_assign(program.multi, fd, user);
    return 0;
}

int on_timer(CURLM*, long timeout_ms, void* user) {
    static_cast<Program*>(user)->timeout_ms = timeout_ms;
    return 0;
}

void set_options(const Program& program, Handle& handle) {
    CURL* const easy = handle.easy;
    ::curl_easy_setopt(easy, CURLOPT_PRIVATE, &handle);
    ::curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    ::curl_easy_setopt(easy, CURLOPT_PROXY, "");
    ::curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 10'000L);
    ::curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    ::curl_easy_setopt(easy, CURLOPT_WRITEDATA, &handle);
    if (!program.options.fresh) return;
    ::curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    ::curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    ::curl_easy_setopt(easy, CURLOPT_HTTPHEADER, program.close_header);
}

void start(Program& program, Handle& handle) {
    if (program.started == program.options.count) return;
    const auto& urls = program.options.urls;
    const std::string& url = urls[std::size_t(program.started++) % urls.size()];
    handle.body.clear();
    ::curl_easy_setopt(handle.easy, CURLOPT_URL, url.c_str());
    ::curl_multi_add_handle(program.multi, handle.easy);
}

void collect(Program& program) {
    int left = 0;
    while (const CURLMsg* const message = ::curl_multi_info_read(program.multi, &left)) {
        CURL* const easy = message->easy_handle;
        const bool fine = message->data.result == CURLE_OK;
        char* user = nullptr;
        long status = 0;
        ::curl_easy_getinfo(easy, CURLINFO_PRIVATE, &user);
        ::curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        auto& handle = *reinterpret_cast<Handle*>(user);
        if (!fine || status != 200 || handle.body.size() != 43) ++program.failed;
        ++program.ended;
        ::curl_multi_remove_handle(program.multi, easy);
        start(program, handle);
    }
}

void run(Program& program) {
    std::array<epoll_event, 256> events;
    int running = 0;
    while (program.ended < program.options.count) {
        const int count = program.timeout_ms == 0
                              ? 0
                              : ::epoll_wait(program.epoll, events.data(), int(events.size()),
                                             int(program.timeout_ms));
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[std::size_t(i)];
            const int ready = ((event.events & EPOLLIN) ? CURL_CSELECT_IN : 0) |
                              ((event.events & EPOLLOUT) ? CURL_CSELECT_OUT : 0) |
                              ((event.events & (EPOLLERR | EPOLLHUP)) ? CURL_CSELECT_ERR : 0);
            ::curl_multi_socket_action(program.multi, event.data.fd, ready, &running);
        }
        if (count <= 0) {
            ::curl_multi_socket_action(program.multi, CURL_SOCKET_TIMEOUT, 0, &running);
        }
        collect(program);
    }
}

}  // namespace

int main(int argc, char** argv) {
    Program program{.options = triage::bench::read_options(argc, argv)};
    ::curl_multi_setopt(program.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    ::curl_multi_setopt(program.multi, CURLMOPT_SOCKETDATA, &program);
    ::curl_multi_setopt(program.multi, CURLMOPT_TIMERFUNCTION, on_timer);
    ::curl_multi_setopt(program.multi, CURLMOPT_TIMERDATA, &program);
    std::vector<Handle> handles(std::size_t(program.options.in_flight));
    for (Handle& handle : handles)
        set_options(program, handle);

    const triage::bench::Meter meter;
    for (Handle& handle : handles)
        start(program, handle);
    run(program);
    meter.report(program.options.count, program.failed);
    return program.failed == 0 ? 0 : 1;
}
