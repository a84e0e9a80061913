#include "lookup.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>

namespace db {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds between_looks{50};

/// What getaddrinfo_a() works on, until it has ended.
struct Request {
    std::string name;
    addrinfo hints{};
    gaicb control{};

    explicit Request(std::string host) : name(std::move(host)) {
        hints.ai_socktype = SOCK_STREAM;
        hints.ai_flags = AI_ADDRCONFIG;
        control.ar_name = name.c_str();
        control.ar_request = &hints;
    }
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;
    ~Request() {
        if (control.ar_result != nullptr) ::freeaddrinfo(control.ar_result);
    }
};

std::vector<std::string> numeric(const addrinfo* list) {
    std::vector<std::string> out;
    for (; list != nullptr; list = list->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        if (::getnameinfo(list->ai_addr, list->ai_addrlen, text.data(), text.size(), nullptr, 0,
                          NI_NUMERICHOST) != 0)
            continue;
        std::string address = text.data();
        if (std::ranges::find(out, address) == out.end()) out.push_back(std::move(address));
    }
    return out;
}

Lookup unfinished() {
    Lookup out;
    out.unfinished = true;
    return out;
}

Lookup failed(int error) {
    Lookup out;
    out.error = error;
    return out;
}

}  // namespace

bool Lookup::is_unknown() const {
    return !unfinished && (error == EAI_NONAME || error == EAI_NODATA);
}

std::string Lookup::error_text() const {
    return unfinished ? "the name service did not answer in time" : ::gai_strerror(error);
}

Lookup look_up(const std::string& name, std::chrono::microseconds limit,
               const std::function<bool()>& stop) {
    auto request = std::make_unique<Request>(name);
    gaicb* list[] = {&request->control};
    if (const int error = ::getaddrinfo_a(GAI_NOWAIT, list, 1, nullptr); error != 0)
        return failed(error);
    const auto until = Clock::now() + limit;
    int state = ::gai_error(list[0]);
    while (state == EAI_INPROGRESS && Clock::now() < until && !stop()) {
        const auto wait = std::clamp<std::chrono::nanoseconds>(
            until - Clock::now(), std::chrono::nanoseconds(0), between_looks);
        const timespec pause{.tv_sec = 0, .tv_nsec = static_cast<long>(wait.count())};
        ::gai_suspend(list, 1, &pause);
        state = ::gai_error(list[0]);
    }
    if (state == EAI_INPROGRESS && ::gai_cancel(list[0]) != EAI_CANCELED) {
        state = ::gai_error(list[0]);
        // It cannot be interrupted, and writes into its request when it ends.
        if (state == EAI_INPROGRESS) list[0] = &request.release()->control;
    }
    if (state == EAI_INPROGRESS || state == EAI_CANCELED) return unfinished();
    if (state != 0) return failed(state);
    Lookup found;
    found.addresses = numeric(request->control.ar_result);
    return found;
}

}  // namespace db
