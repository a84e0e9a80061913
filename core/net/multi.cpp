#include "core/net/multi.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <new>
#include <utility>

namespace triage::net {
namespace {

std::uint32_t to_interest(int what) {
    switch (what) {
        case CURL_POLL_IN:
            return loop::ready_read;
        case CURL_POLL_OUT:
            return loop::ready_write;
        case CURL_POLL_INOUT:
            return loop::ready_read | loop::ready_write;
        default:
            return loop::ready_none;
    }
}

int to_bitmask(std::uint32_t ready) {
    return ((ready & loop::ready_read) ? CURL_CSELECT_IN : 0) |
           ((ready & loop::ready_write) ? CURL_CSELECT_OUT : 0) |
           ((ready & loop::ready_error) ? CURL_CSELECT_ERR : 0);
}

}  // namespace

Multi::Multi(loop::Loop& loop, unsigned connections, std::shared_ptr<const Place> place,
             std::function<void()> on_activity)
    : loop_(loop),
      place_(std::move(place)),
      on_activity_(std::move(on_activity)),
      handle_(::curl_multi_init()) {
    if (!handle_) throw std::bad_alloc();
    ::curl_multi_setopt(handle_, CURLMOPT_SOCKETFUNCTION, &Multi::on_socket);
    ::curl_multi_setopt(handle_, CURLMOPT_SOCKETDATA, this);
    ::curl_multi_setopt(handle_, CURLMOPT_TIMERFUNCTION, &Multi::on_timer);
    ::curl_multi_setopt(handle_, CURLMOPT_TIMERDATA, this);
    ::curl_multi_setopt(handle_, CURLMOPT_MAXCONNECTS, long(connections));
}

Multi::~Multi() {
    ::curl_multi_setopt(handle_, CURLMOPT_TIMERFUNCTION, nullptr);
    ::curl_multi_setopt(handle_, CURLMOPT_SOCKETFUNCTION, nullptr);
    for (const auto& easy : pool_)
        ::curl_multi_remove_handle(handle_, easy->handle());
    ::curl_multi_cleanup(handle_);  // closes what is left, by on_close
    loop_.cancel(timer_);
}

Easy& Multi::take() {
    if (idle_.empty()) {
        pool_.push_back(std::make_unique<Easy>(Easy::Closer{&Multi::on_close, this}, place_.get()));
        return *pool_.back();
    }
    Easy& easy = *idle_.back();
    idle_.pop_back();
    return easy;
}

void Multi::give_back(Easy& easy) { idle_.push_back(&easy); }

bool Multi::add(Easy& easy) {
    leave_what_was_said_unasked();
    return ::curl_multi_add_handle(handle_, easy.handle()) == CURLM_OK;
}

void Multi::remove(Easy& easy) { ::curl_multi_remove_handle(handle_, easy.handle()); }

std::optional<Multi::Ended> Multi::ended() {
    int left = 0;
    while (const CURLMsg* const message = ::curl_multi_info_read(handle_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        keep_in_mind(Easy::of(message->easy_handle));
        return Ended{.easy = &Easy::of(message->easy_handle), .code = message->data.result};
    }
    return std::nullopt;
}

// Its connection, if that waits for another request. What HTTP/2 says between them is its own
// matter.
void Multi::keep_in_mind(const Easy& easy) {
    const long version = easy.number(CURLINFO_HTTP_VERSION);
    if (version != CURL_HTTP_VERSION_1_0 && version != CURL_HTTP_VERSION_1_1) return;
    curl_socket_t fd = CURL_SOCKET_BAD;
    ::curl_easy_getinfo(easy.handle(), CURLINFO_ACTIVESOCKET, &fd);
    // Another transfer may have it already.
    if (fd < 0 || std::size_t(fd) >= watched_.size() || watched_[std::size_t(fd)] != &easy) return;
    forget_kept(fd);
    kept_.push_back({.fd = fd, .events = POLLIN, .revents = 0});
}

void Multi::forget_kept(int fd) {
    std::erase_if(kept_, [fd](const pollfd& one) { return one.fd == fd; });
}

// What lies in a connection that was asked nothing would pass for the answer to the next request: a
// body that a 204 must not have, a 408 of a server that is tired of waiting. libcurl 7.88 takes
// such a connection for alive; where it is shut down it cannot send, and connects anew.
void Multi::leave_what_was_said_unasked() {
    if (kept_.empty() || ::poll(kept_.data(), kept_.size(), 0) <= 0) return;
    std::erase_if(kept_, [](const pollfd& one) {
        if (one.revents != 0) ::shutdown(one.fd, SHUT_RDWR);
        return one.revents != 0;
    });
}

void Multi::run() {
    if (std::exchange(due_, false)) act(CURL_SOCKET_TIMEOUT, 0);
}

void Multi::socket_ready(int fd, std::uint32_t ready) {
    act(fd, to_bitmask(ready));
    on_activity_();
}

void Multi::act(int fd, int bitmask) {
    int running = 0;
    ::curl_multi_socket_action(handle_, fd, bitmask, &running);
    // When an address refuses, libcurl 7.88 closes its socket and turns to the next address only
    // when it looks at the transfer again, which nothing makes it do before the time is over.
    for (Easy* const easy : std::exchange(stuck_, {}))
        easy->look_again();
}

int Multi::on_socket(CURL* handle, curl_socket_t fd, int what, void* self, void*) noexcept {
    static_cast<Multi*>(self)->set_interest(Easy::of(handle), fd, what);
    return 0;
}

// libcurl removes a descriptor when a transfer ends and adds it again when the next one uses the
// connection: the watch stays, so that the kernel need not be told either time.
void Multi::set_interest(Easy& easy, int fd, int what) {
    if (what != CURL_POLL_REMOVE) forget_kept(fd);
    const auto index = std::size_t(fd);
    if (index >= watched_.size()) watched_.resize(index + 1);
    if (watched_[index]) {
        watched_[index] = &easy;
        loop_.set_interest(fd, to_interest(what));
    } else if (what != CURL_POLL_REMOVE) {
        watched_[index] = &easy;
        loop_.watch(fd, to_interest(what),
                    [this, fd](std::uint32_t ready) { socket_ready(fd, ready); });
    }
}

int Multi::on_close(void* self, curl_socket_t fd) noexcept {
    auto& multi = *static_cast<Multi*>(self);
    multi.forget_kept(fd);
    const auto index = std::size_t(fd);
    if (index < multi.watched_.size() && multi.watched_[index]) {
        Easy* const easy = std::exchange(multi.watched_[index], nullptr);
        if (easy->trace().waiting_for == Phase::connect) multi.stuck_.push_back(easy);
        multi.loop_.unwatch_and_close(fd);
        return 0;
    }
    return ::close(fd);
}

int Multi::on_timer(CURLM*, long timeout_ms, void* self) noexcept {
    static_cast<Multi*>(self)->set_timer(timeout_ms);
    return 0;
}

void Multi::set_timer(long timeout_ms) {
    deadline_.reset();
    if (timeout_ms < 0) return;
    if (timeout_ms == 0) {
        due_ = true;
        on_activity_();
        return;
    }
    deadline_ = loop_.now() + std::chrono::milliseconds(timeout_ms);
    // libcurl moves its timer with every transfer, mostly to later: one that fires too early is
    // cheaper than one that is made anew each time.
    if (timer_ != loop::TimerId::none && timer_set_for_ <= *deadline_) return;
    loop_.cancel(timer_);
    timer_set_for_ = *deadline_;
    timer_ = loop_.call_at(timer_set_for_, [this] { timer_fired(); });
}

void Multi::timer_fired() {
    timer_ = loop::TimerId::none;
    if (!deadline_) return;
    if (loop_.now() < *deadline_) {
        timer_set_for_ = *deadline_;
        timer_ = loop_.call_at(timer_set_for_, [this] { timer_fired(); });
        return;
    }
    deadline_.reset();
    due_ = true;
    on_activity_();
}

}  // namespace triage::net
