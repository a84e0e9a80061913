#include <algorithm>

#include "network.hpp"

namespace self {
namespace {

using triage::Code;
using triage::text;
using triage::Weight;

constexpr Code no_network{"self.no-network", Weight::fail,
                          "It is this machine: nothing beyond it can be reached from here",
                          "Connect this machine: cable, Wi-Fi, VPN; look at `ip address` and `ip "
                          "route`; or run triage from a machine that has a network"};
constexpr Code no_route{"self.no-route", Weight::fail,
                        "It is this machine: it has no route to what is to be looked at",
                        "Look at `ip route get ADDRESS`: a VPN or a default route may be missing"};
constexpr Code no_resolver{
    "self.no-resolver", Weight::fail,
    "It is this machine: none of its name servers answers, so no name can be looked up here",
    "Look at /etc/resolv.conf (`resolvectl status` where systemd-resolved writes it), at the VPN "
    "that brought its servers, and at firewalls for port 53"};
constexpr Code resolver_slow{
    "self.resolver-slow", Weight::warn,
    "One of this machine's name servers does not answer, so lookups wait for it",
    "Take it out of /etc/resolv.conf, or put one that answers before it"};

bool is_reachable(const Host& host) {
    return std::ranges::any_of(host.ways, [](const Way& way) { return !way.no_way; });
}

/// It does what a name server is for.
bool is_useful(const Server& server) {
    return server.control.is_useful() || std::ranges::any_of(server.answers, &Answer::is_useful);
}

/// What is said of it: that it answers, if it ever did; else silence is said last.
Reply reply_of(const Server& server) {
    Reply out = server.control.reply;
    for (const auto& answer : server.answers) {
        const bool told = answer.reply != Reply::not_asked;
        if (answer.is_useful() || (told && out == Reply::silent)) out = answer.reply;
    }
    return out;
}

class NetworkJudge {
public:
    explicit NetworkJudge(const NetworkView& view) : view_(view) {
        for (const auto& host : view.hosts) {
            if (host.is_own()) {
                own_.push_back(&host);
            } else if (!is_denied(host)) {
                outside_.push_back(&host);
            }
        }
    }

    triage::Judgement all() && {
        for (const auto* host : own_)
            route_to(*host);
        if (outside_.empty()) {
            if (!own_.empty() && out_.findings().empty())
                out_.say(text(own_.size() == view_.hosts.size() ? "all that is looked at"
                                                                : "what has an address",
                              " is on this machine: no network is needed"));
        } else if (is_cut_off()) {
            cut_off();
            return std::move(out_);
        } else {
            out_.evaluated(no_network);
            for (const auto* host : outside_)
                route_to(*host);
            if (!routed_.empty()) out_.say(text("there is a route to ", listed(routed_)));
        }
        resolvers();
        return std::move(out_);
    }

private:
    /// The name service says that it has no address: the target's trouble, not this machine's.
    bool is_denied(const Host& host) const {
        const auto denies = [&](const Answer& one) {
            return one.name == host.name && one.reply == Reply::no_address;
        };
        return host.ways.empty() && std::ranges::any_of(view_.servers, [&](const Server& server) {
                   return std::ranges::any_of(server.answers, denies);
               });
    }

    /// Nothing beyond this machine has a route.
    bool is_cut_off() const {
        const auto leads_out = [](const Way& way) { return !way.own && !way.no_way; };
        return !view_.has_default_route && std::ranges::none_of(view_.to_servers, leads_out) &&
               std::ranges::none_of(outside_, [](const Host* host) { return is_reachable(*host); });
    }

    void cut_off() {
        std::vector<std::string> names;
        for (const auto* host : outside_)
            names.push_back(host->name);
        const auto* why = view_.machine.has_network ? "no route leads out of it"
                                                    : "no interface but loopback is up";
        auto& found = out_.found(
            no_network, view_.machine.name,
            text("it is this machine: ", why, ", so nothing can be told of ", listed(names)));
        found.evidence.emplace_back("interfaces", view_.machine.interfaces.empty()
                                                      ? "loopback alone"
                                                      : listed(view_.machine.interfaces));
        add_servers(found);
        out_.say(found.message);
    }

    void route_to(const Host& host) {
        if (host.ways.empty()) return;
        out_.evaluated(no_route);
        if (is_reachable(host)) {
            if (!host.is_own()) routed_.push_back(host.name);
            return;
        }
        const auto* what =
            host.is_own() ? "its loopback interface is down: no way to " : "it has no route to ";
        auto& found =
            out_.found(no_route, host.name, text("it is this machine: ", what, host.name));
        if (host.is_own()) found.remedy = "Bring loopback up: ip link set lo up";
        for (const auto& way : host.ways)
            found.evidence.emplace_back(way.address.text(), way.no_way.value_or(""));
        out_.say(found.message);
    }

    void add_servers(triage::Found& found) const {
        for (const auto& server : view_.servers)
            found.evidence.emplace_back("name server " + server.address,
                                        describe(reply_of(server)));
    }

    void resolvers() {
        if (view_.servers.empty()) return;
        if (std::ranges::none_of(view_.servers, is_useful)) return no_server_answers();
        out_.evaluated(resolver_slow);
        dead_ones();
        const auto told_a_name = [](const Server& server) {
            return std::ranges::any_of(server.answers, &Answer::is_useful);
        };
        if (std::ranges::any_of(view_.servers, told_a_name)) out_.evaluated(no_resolver);
        say_names();
    }

    void no_server_answers() {
        std::vector<std::string> names, states;
        for (const auto& server : view_.servers) {
            names.push_back(server.address);
            states.push_back(text(server.address, " ", describe(reply_of(server))));
        }
        auto& found =
            out_.found(no_resolver, listed(names),
                       text("it is this machine: no name can be looked up here, as its name server",
                            names.size() == 1 ? " " : "s do not help: ", listed(states)));
        if (!view_.has_default_route) found.evidence.emplace_back("default route", "none");
        out_.say(found.message);
    }

    /// Some answer. One that is silent keeps lookups waiting only if it is asked before those.
    void dead_ones() {
        const auto first = std::ranges::find_if(view_.servers, is_useful);
        for (auto at = view_.servers.begin(); at != view_.servers.end(); ++at) {
            if (is_useful(*at)) continue;
            const bool waits = at < first && reply_of(*at) == Reply::silent;
            auto& found =
                out_.found(resolver_slow, at->address,
                           text("name server ", at->address, " ", describe(reply_of(*at)),
                                waits ? ", and every lookup here waits for it before it asks "
                                      : "; names are looked up all the same, by ",
                                first->address));
            if (!waits) found.weight = Weight::info;
            out_.say(found.message);
        }
    }

    void say_names() {
        std::size_t told = 0;
        for (const auto& host : view_.hosts) {
            if (!host.asked) continue;
            if (!host.ways.empty()) {
                ++told;
            } else {
                out_.say(text(host.name, is_denied(host)
                                             ? " has no address, says the name service"
                                             : ": name servers answer, but not for this name"));
            }
        }
        if (told > 0) out_.say(text(told, told == 1 ? " name" : " names", " looked up"));
    }

    const NetworkView& view_;
    std::vector<const Host*> own_, outside_;
    std::vector<std::string> routed_;
    triage::Judgement out_;
};

}  // namespace

bool Host::is_own() const { return !ways.empty() && std::ranges::all_of(ways, &Way::own); }

Way way_to(const Address& address, const Machine& machine) {
    return {address, machine.is_own(address), no_way_to(address)};
}

std::vector<triage::Code> network_codes() {
    return {no_network, no_route, no_resolver, resolver_slow};
}

triage::Judgement judge_network(const NetworkView& view) { return NetworkJudge(view).all(); }

}  // namespace self
