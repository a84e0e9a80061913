// The bare libcurl program that triage is measured against: multi_socket_action on epoll, nothing
// else.
//
// usage: http_floor COUNT IN_FLIGHT fresh|reused PORT…
// GETs http://127.0.0.1:PORT/healthz COUNT times, ports in turn; exits 1 unless every answer was a
// 200.
#include <sys/epoll.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <curl/curl.h>

namespace {

struct Bench {
    CURLM* multi = nullptr;
    int epoll = -1;
    long timeout_ms = -1;
    int left = 0;
    int started = 0;
    int good = 0;
    int running = 0;
    bool fresh = false;
    std::vector<std::string> urls;
    curl_slist* close_header = nullptr;
};

int on_socket(CURL*, curl_socket_t fd, int what, void* user, void* known) {
    auto& bench = *static_cast<Bench*>(user);
    if (what == CURL_POLL_REMOVE) {
        ::epoll_ctl(bench.epoll, EPOLL_CTL_DEL, fd, nullptr);
        curl_multi_assign(bench.multi, fd, nullptr);
        return 0;
    }
    epoll_event event{};
    event.data.fd = fd;
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    ::epoll_ctl(bench.epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    curl_multi_assign(bench.multi, fd, user);
    return 0;
}

int on_timer(CURLM*, long timeout_ms, void* user) {
    static_cast<Bench*>(user)->timeout_ms = timeout_ms;
    return 0;
}

std::size_t on_body(char*, std::size_t size, std::size_t count, void* user) {
    *static_cast<std::size_t*>(user) += size * count;
    return size * count;
}

struct Handle {
    CURL* easy = nullptr;
    std::size_t bytes = 0;
};

void start(Bench& bench, Handle& handle) {
    if (bench.left == 0) return;
    --bench.left;
    handle.bytes = 0;
    const auto& url = bench.urls[static_cast<std::size_t>(bench.started++) % bench.urls.size()];
    curl_easy_setopt(handle.easy, CURLOPT_URL, url.c_str());
    curl_multi_add_handle(bench.multi, handle.easy);
}

CURL* make_easy(Bench& bench, Handle& handle) {
    CURL* easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 5000L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &handle.bytes);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &handle);
    if (bench.fresh) {
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, bench.close_header);
    }
    return easy;
}

void collect(Bench& bench) {
    int queued = 0;
    while (CURLMsg* message = curl_multi_info_read(bench.multi, &queued)) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL* easy = message->easy_handle;
        long status = 0;
        Handle* handle = nullptr;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &handle);
        if (message->data.result == CURLE_OK && status == 200 && handle->bytes > 0) ++bench.good;
        curl_multi_remove_handle(bench.multi, easy);
        start(bench, *handle);
    }
}

void run(Bench& bench) {
    epoll_event events[128];
    curl_multi_socket_action(bench.multi, CURL_SOCKET_TIMEOUT, 0, &bench.running);
    while (bench.running > 0 || bench.left > 0) {
        const int ready =
            ::epoll_wait(bench.epoll, events, 128, static_cast<int>(bench.timeout_ms));
        for (int i = 0; i < ready; ++i) {
            int what = 0;
            if (events[i].events & (EPOLLIN | EPOLLHUP)) what |= CURL_CSELECT_IN;
            if (events[i].events & EPOLLOUT) what |= CURL_CSELECT_OUT;
            if (events[i].events & EPOLLERR) what |= CURL_CSELECT_ERR;
            curl_multi_socket_action(bench.multi, events[i].data.fd, what, &bench.running);
        }
        if (ready == 0 || bench.timeout_ms == 0) {
            curl_multi_socket_action(bench.multi, CURL_SOCKET_TIMEOUT, 0, &bench.running);
        }
        collect(bench);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) return 2;
    Bench bench;
    const int count = bench.left = std::atoi(argv[1]);
    std::vector<Handle> handles(static_cast<std::size_t>(std::atoi(argv[2])));
    bench.fresh = std::string_view(argv[3]) == "fresh";
    for (int i = 4; i < argc; ++i) {
        bench.urls.push_back("http://127.0.0.1:" + std::string(argv[i]) + "/healthz");
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    bench.close_header = curl_slist_append(nullptr, "Connection: close");
    bench.epoll = ::epoll_create1(EPOLL_CLOEXEC);
    bench.multi = curl_multi_init();
    curl_multi_setopt(bench.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(bench.multi, CURLMOPT_SOCKETDATA, &bench);
    curl_multi_setopt(bench.multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(bench.multi, CURLMOPT_TIMERDATA, &bench);
    curl_multi_setopt(bench.multi, CURLMOPT_MAXCONNECTS, 256L);
    for (auto& handle : handles) {
        handle.easy = make_easy(bench, handle);
        start(bench, handle);
    }
    run(bench);
    std::fprintf(stderr, "%d of %d good\n", bench.good, count);
    return bench.good == count ? 0 : 1;
}
