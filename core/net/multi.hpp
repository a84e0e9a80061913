// libcurl's multi handle on the event loop, and the pool of easy handles that live on it (the CA
// store, connections and TLS sessions are cached there).
#pragma once

#include <poll.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <curl/curl.h>

#include "core/loop/loop.hpp"
#include "core/net/easy.hpp"

namespace triage::net {

class Multi {
public:
    struct Ended {
        Easy* easy;
        CURLcode code;
    };

    // `on_activity` is called when run() or ended() may have something to do.
    Multi(loop::Loop& loop, unsigned connections, std::shared_ptr<const Place> place,
          std::function<void()> on_activity);
    ~Multi();
    Multi(const Multi&) = delete;
    Multi& operator=(const Multi&) = delete;

    Easy& take();  // from the pool; throws std::bad_alloc
    void give_back(Easy& easy);

    bool add(Easy& easy);     // starts it, at the next run()
    void remove(Easy& easy);  // ended or not

    void run();  // what libcurl's own timer asks for; starts those that were added
    std::optional<Ended> ended();

private:
    static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept;
    static int on_timer(CURLM*, long timeout_ms, void* self) noexcept;
    static int on_close(void* self, curl_socket_t fd) noexcept;

    void set_interest(Easy& easy, int fd, int what);
    void keep_in_mind(const Easy& easy);
    void forget_kept(int fd);
    void leave_what_was_said_unasked();
    void act(int fd, int bitmask);
    void set_timer(long timeout_ms);
    void timer_fired();
    void socket_ready(int fd, std::uint32_t ready);

    loop::Loop& loop_;
    std::shared_ptr<const Place> place_;
    std::function<void()> on_activity_;
    CURLM* handle_;
    std::vector<std::unique_ptr<Easy>> pool_;
    std::vector<Easy*> idle_;
    std::vector<Easy*> watched_;  // by descriptor: who used it last; null: not watched
    std::vector<Easy*> stuck_;    // had a socket closed while connecting
    std::vector<pollfd> kept_;    // connections that wait for another request

    bool due_ = false;  // the timer's time has come
    loop::TimerId timer_ = loop::TimerId::none;
    loop::TimePoint timer_set_for_;
    std::optional<loop::TimePoint> deadline_;
};

}  // namespace triage::net
