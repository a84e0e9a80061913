#include "dns.hpp"

#include <ares.h>
#include <ares_nameser.h>
#include <netdb.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

using namespace std::chrono_literals;

namespace self {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t asked_by_glibc = 3;  // its MAXNS
constexpr int tries = 2;
constexpr int share_of_first_try = 3;  // the second one has twice the first one's time

Reply reply_of(int status) {
    switch (status) {
        case ARES_SUCCESS:
            return Reply::addresses;
        case ARES_ENODATA:
        case ARES_ENOTFOUND:
            return Reply::no_address;
        case ARES_EBADNAME:
            return Reply::not_asked;
        case ARES_ESERVFAIL:
            return Reply::failed;
        case ARES_EREFUSED:
        case ARES_ENOTIMP:
            return Reply::refused;
        case ARES_ECONNREFUSED:
            return Reply::unreachable;
        case ARES_ETIMEOUT:
            return Reply::silent;
        default:
            return Reply::broken;
    }
}

/// The channel's sockets, among those of all channels.
struct Sockets {
    int epoll = -1;
    std::uint32_t channel = 0;
};

extern "C" void socket_changed(void* data, ares_socket_t fd, int read, int write) {
    const auto& sockets = *static_cast<const Sockets*>(data);
    if (read == 0 && write == 0) {
        ::epoll_ctl(sockets.epoll, EPOLL_CTL_DEL, fd, nullptr);
        return;
    }
    epoll_event event{};
    event.events = (read != 0 ? EPOLLIN : 0u) | (write != 0 ? EPOLLOUT : 0u);
    event.data.u64 =
        (static_cast<std::uint64_t>(sockets.channel) << 32) | static_cast<std::uint32_t>(fd);
    if (::epoll_ctl(sockets.epoll, EPOLL_CTL_MOD, fd, &event) != 0)
        ::epoll_ctl(sockets.epoll, EPOLL_CTL_ADD, fd, &event);
}

struct CloseChannel {
    void operator()(ares_channel channel) const { ::ares_destroy(channel); }
};
using Channel = std::unique_ptr<ares_channeldata, CloseChannel>;

/// `lookups`: "f" is the hosts file, "b" name servers.
Channel open_channel(std::string resolv_conf, const char* lookups, microseconds limit,
                     Sockets* sockets) {
    std::string where(lookups);
    ares_options options{};
    options.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOALIASES;  // a refusal is an answer too
    options.timeout = std::max(1, static_cast<int>(limit / share_of_first_try / 1ms));
    options.tries = tries;
    options.lookups = where.data();
    options.resolvconf_path = resolv_conf.data();
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
               ARES_OPT_RESOLVCONF;
    if (sockets != nullptr) {
        options.sock_state_cb = socket_changed;
        options.sock_state_cb_data = sockets;
        mask |= ARES_OPT_SOCK_STATE_CB;
    }
    ares_channel channel = nullptr;
    if (const int status = ::ares_init_options(&channel, &options, mask); status != ARES_SUCCESS)
        throw triage::CouldNotTell(triage::text("c-ares: ", ::ares_strerror(status)));
    return Channel(channel);
}

std::vector<Address> addresses_of(const ares_addrinfo* info) {
    std::vector<Address> out;
    for (const auto* node = info->nodes; node != nullptr; node = node->ai_next) {
        const auto address = Address::of(node->ai_addr);
        if (address && std::ranges::find(out, *address) == out.end()) out.push_back(*address);
    }
    return out;
}

/// A question under way.
struct Asked {
    const triage::Context* ctx;
    Answer* answer;
    std::size_t* open;
    triage::Instant since;

    void ended(int status) const {
        answer->reply = reply_of(status);
        answer->took = ctx->now() - since;
        --*open;
    }
};

extern "C" void name_answered(void* data, int status, int /*timeouts*/, ares_addrinfo* info) {
    if (status == ARES_EDESTRUCTION) return;
    const auto& asked = *static_cast<const Asked*>(data);
    if (info != nullptr) asked.answer->addresses = addresses_of(info);
    ::ares_freeaddrinfo(info);
    asked.ended(status);
}

extern "C" void control_answered(void* data, int status, int /*timeouts*/, unsigned char* /*text*/,
                                 int /*length*/) {
    if (status != ARES_EDESTRUCTION) static_cast<const Asked*>(data)->ended(status);
}

extern "C" void found_in_hosts(void* data, int /*status*/, int /*timeouts*/, ares_addrinfo* info) {
    if (info != nullptr) *static_cast<std::vector<Address>*>(data) = addresses_of(info);
    ::ares_freeaddrinfo(info);
}

/// Each server with a channel of its own; all their sockets in one descriptor.
class Inquiry {
public:
    Inquiry(const triage::Context& ctx, const std::string& resolv_conf,
            const std::vector<std::string>& servers, const std::vector<std::string>& names,
            microseconds limit)
        : ctx_(ctx), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        if (epoll_ < 0) {
            throw triage::CouldNotTell(triage::text("no descriptor to ask name servers with: ",
                                                    std::generic_category().message(errno)));
        }
        servers_.reserve(servers.size());
        for (const auto& address : servers)
            open(address, resolv_conf, names.size(), limit);
        for (std::size_t i = 0; i < servers.size(); ++i)
            put(i, names);
    }
    Inquiry(const Inquiry&) = delete;
    Inquiry& operator=(const Inquiry&) = delete;
    ~Inquiry() {
        channels_.clear();  // they take their sockets out of it
        ::close(epoll_);
    }

    bool is_open() const { return open_ > 0; }
    int fd() const { return epoll_; }
    std::vector<Server> take() { return std::move(servers_); }

    /// Until the next question is asked again or given up.
    microseconds next() const {
        microseconds out = 1s;
        for (const auto& channel : channels_) {
            timeval longest{.tv_sec = 1, .tv_usec = 0}, room{};
            const auto* next = ::ares_timeout(channel.get(), &longest, &room);
            out = std::min(out, std::chrono::seconds(next->tv_sec) + microseconds(next->tv_usec));
        }
        return std::max<microseconds>(out, 1ms);
    }

    void proceed() {
        std::array<epoll_event, 16> events{};
        const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
        for (int i = 0; i < count; ++i) {
            const auto& event = events[static_cast<std::size_t>(i)];
            const auto fd = static_cast<ares_socket_t>(event.data.u64 & 0xffffffff);
            const bool write = (event.events & EPOLLOUT) != 0;
            const bool read = (event.events & ~EPOLLOUT) != 0;  // an error is met by reading
            ::ares_process_fd(channels_[event.data.u64 >> 32].get(), read ? fd : ARES_SOCKET_BAD,
                              write ? fd : ARES_SOCKET_BAD);
        }
        for (const auto& channel : channels_)
            ::ares_process_fd(channel.get(), ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }

private:
    void open(const std::string& address, const std::string& resolv_conf, std::size_t names,
              microseconds limit) {
        auto& sockets = sockets_.emplace_back(std::make_unique<Sockets>());
        *sockets = {epoll_, static_cast<std::uint32_t>(channels_.size())};
        auto& channel =
            channels_.emplace_back(open_channel(resolv_conf, "b", limit, sockets.get()));
        if (const int status = ::ares_set_servers_ports_csv(channel.get(), address.c_str());
            status != ARES_SUCCESS) {
            throw triage::CouldNotTell(
                triage::text("name server ", address, ": ", ::ares_strerror(status)));
        }
        auto& server = servers_.emplace_back();
        server.address = address;
        server.answers.resize(names);
    }

    void put(std::size_t at, const std::vector<std::string>& names) {
        auto& server = servers_[at];
        const ares_addrinfo_hints hints{
            .ai_flags = 0, .ai_family = AF_UNSPEC, .ai_socktype = 0, .ai_protocol = 0};
        for (std::size_t i = 0; i < names.size(); ++i) {
            server.answers[i].name = names[i];
            ::ares_getaddrinfo(channels_[at].get(), names[i].c_str(), nullptr, &hints,
                               name_answered, begun(server.answers[i]));
        }
        server.control.name = ".";
        ::ares_query(channels_[at].get(), ".", C_IN, T_SOA, control_answered,
                     begun(server.control));
    }

    Asked* begun(Answer& answer) {
        ++open_;
        asked_.push_back(std::make_unique<Asked>(Asked{&ctx_, &answer, &open_, ctx_.now()}));
        return asked_.back().get();
    }

    const triage::Context& ctx_;
    int epoll_;
    std::size_t open_ = 0;
    std::vector<Server> servers_;
    std::vector<std::unique_ptr<Asked>> asked_;
    std::vector<std::unique_ptr<Sockets>> sockets_;
    std::vector<Channel> channels_;  // last: closing them calls back
};

}  // namespace

std::string describe(Reply reply) {
    switch (reply) {
        case Reply::addresses:
        case Reply::no_address:
            return "answers";
        case Reply::failed:
            return "answers SERVFAIL";
        case Reply::refused:
            return "answers REFUSED";
        case Reply::broken:
            return "answers what cannot be read";
        case Reply::unreachable:
            return "cannot be contacted";
        case Reply::not_asked:
            return "was not asked";
        case Reply::silent:
            break;
    }
    return "is silent";
}

std::vector<Address> look_in_hosts(const std::string& name) {
    const auto channel = open_channel("/dev/null", "f", 1s, nullptr);
    const ares_addrinfo_hints hints{
        .ai_flags = 0, .ai_family = AF_UNSPEC, .ai_socktype = 0, .ai_protocol = 0};
    std::vector<Address> out;  // called back before it returns: nothing is sent
    ::ares_getaddrinfo(channel.get(), name.c_str(), nullptr, &hints, found_in_hosts, &out);
    return out;
}

std::vector<std::string> name_servers(const std::string& resolv_conf) {
    if (::access(resolv_conf.c_str(), R_OK) != 0 && errno != ENOENT) {
        throw triage::CouldNotTell(
            triage::text(resolv_conf, ": ", std::generic_category().message(errno)));
    }
    const auto channel = open_channel(resolv_conf, "b", 1s, nullptr);
    ares_addr_node* list = nullptr;
    if (const int status = ::ares_get_servers(channel.get(), &list); status != ARES_SUCCESS)
        throw triage::CouldNotTell(triage::text(resolv_conf, ": ", ::ares_strerror(status)));
    std::vector<std::string> out;
    for (const auto* one = list; one != nullptr && out.size() < asked_by_glibc; one = one->next) {
        std::array<char, INET6_ADDRSTRLEN> text{};
        if (::ares_inet_ntop(one->family, &one->addr, text.data(),
                             static_cast<ares_socklen_t>(text.size())) != nullptr) {
            out.emplace_back(text.data());
        }
    }
    ::ares_free_data(list);
    return out;
}

triage::Task<std::vector<Server>> ask(triage::Context& ctx, std::string resolv_conf,
                                      std::vector<std::string> servers,
                                      std::vector<std::string> names, microseconds limit) {
    Inquiry inquiry(ctx, resolv_conf, servers, names, limit);
    while (inquiry.is_open()) {
        const auto next = inquiry.next();
        co_await ctx.wait_fd(inquiry.fd(), triage::Interest::read, next);
        inquiry.proceed();
    }
    co_return inquiry.take();
}

}  // namespace self
