// The system's resolver, on threads that nobody waits for.
#include <netdb.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "core/net/descriptors.hpp"
#include "core/net/peer.hpp"
#include "core/net/resolver.hpp"

namespace triage::net {
namespace {

// Where threads leave their answers. The loop may be gone by then: `loop` is null from then on.
struct Mailbox {
    std::mutex mutex;
    loop::Loop* loop = nullptr;

    void post(loop::Task task) {
        const std::lock_guard lock(mutex);
        if (loop) loop->post(std::move(task));
    }
};

std::string error_text(int error) { return std::generic_category().message(error); }

// An address of a family that this machine does not have (IPv6 in most containers) would turn
// "refused" by the other one into "no route": such are left out if there are others.
std::vector<std::string> usable(const addrinfo* list) {
    std::vector<std::string> routed;
    std::vector<std::string> others;
    for (const addrinfo* entry = list; entry; entry = entry->ai_next) {
        const Peer peer(entry->ai_addr, entry->ai_addrlen);
        auto& texts = peer.has_route() ? routed : others;
        std::string text = peer.host();
        if (std::ranges::find(texts, text) == texts.end()) texts.push_back(std::move(text));
    }
    return routed.empty() ? others : routed;
}

// Only these are an answer about the name. EAI_AGAIN is a server's SERVFAIL as well as no server
// that can be reached, and getaddrinfo does not say which of the two: so nothing is known of the
// name.
bool says_no_address(int code) {
    return code == EAI_NONAME || code == EAI_NODATA || code == EAI_ADDRFAMILY;
}

Addresses look_up(const std::string& name, const Place* place) {
    if (place != nullptr) {
        if (const auto* known = place->addresses_of(name))
            return {.texts = *known, .failure = Failure::none, .detail = {}};
        if (const auto entered = place->enter(); !entered) {
            return {.texts = {},
                    .failure = Failure::local,
                    .detail = fmt::format("\"{}\" could not be looked up from {}: {}", name,
                                          place->name(), entered.error().message)};
        }
    }
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    errno = 0;
    const int code = ::getaddrinfo(name.c_str(), nullptr, &hints, &list);
    if (code != 0) return lookup_failed(name, code, errno);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
    return {.texts = usable(list), .failure = Failure::none, .detail = {}};
}

// Signals are for the thread that runs the loop.
class SignalsBlocked {
public:
    SignalsBlocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t before_{};
};

// Closes the mailbox when the last copy of the Lookup is gone.
class Threads {
public:
    Threads(loop::Loop& loop, std::shared_ptr<const Place> place)
        : mailbox_(std::make_shared<Mailbox>()), place_(std::move(place)) {
        mailbox_->loop = &loop;
    }
    ~Threads() {
        const std::lock_guard lock(mailbox_->mutex);
        mailbox_->loop = nullptr;
    }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

    void start(const std::string& name, const std::function<void(Addresses)>& done) {
        loop::Loop& loop = *mailbox_->loop;
        const SignalsBlocked blocked;
        try {
            std::thread([mailbox = mailbox_, place = place_, name, done] {
                Addresses addresses = look_up(name, place.get());
                mailbox->post([done, addresses = std::move(addresses)] { done(addresses); });
            }).detach();
            loop.expect_post();
        } catch (const std::system_error& error) {
            Addresses none{.texts = {},
                           .failure = Failure::local,
                           .detail = fmt::format("\"{}\" could not be looked up: no thread: {}",
                                                 name, error.code().message())};
            loop.defer([done, none = std::move(none)] { done(none); });
        }
    }

private:
    std::shared_ptr<Mailbox> mailbox_;
    std::shared_ptr<const Place> place_;
};

}  // namespace

Addresses lookup_failed(const std::string& name, int code, int system_error) {
    std::string why =
        code == EAI_SYSTEM ? error_text(system_error) : std::string(::gai_strerror(code));
    // A resolver that is out of descriptors says "try again", like one whose server does not
    // answer.
    const bool is_shortage = out_of_descriptors();
    if (says_no_address(code) && !is_shortage) {
        return {.texts = {}, .failure = Failure::resolve, .detail = why};
    }
    if (is_shortage) why = "this machine is out of file descriptors";
    return {.texts = {},
            .failure = Failure::local,
            .detail = fmt::format("\"{}\" could not be looked up: {}", name, why)};
}

Lookup system_lookup(loop::Loop& loop, std::shared_ptr<const Place> place) {
    return [threads = std::make_shared<Threads>(loop, std::move(place))](
               const std::string& name, const auto& done) { threads->start(name, done); };
}

}  // namespace triage::net
