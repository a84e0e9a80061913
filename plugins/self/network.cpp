/// self.network: can this machine get to what the run will look at?
#include "network.hpp"

#include <algorithm>
#include <array>

#include "self.hpp"

using namespace std::chrono_literals;

namespace self {
namespace {

constexpr std::size_t most_names = 32;
// The root servers a and j: of addresses that are far away for everybody. Nothing is sent there.
constexpr std::array far_away{"198.41.0.4", "2001:503:c27::2:30"};

constexpr triage::Fact<std::string> resolvers{"resolvers", "This machine's name servers, sorted"};
constexpr triage::Fact<std::string> addresses{"addresses",
                                              "This machine's addresses but loopback's, sorted"};
constexpr triage::Fact<std::string> hostname{"hostname", "This machine's own name"};
constexpr std::array lookup_metrics{"lookup-1", "lookup-2", "lookup-3"};

struct NetworkParams {
    std::vector<triage::Url> targets;
    std::vector<std::string> names;
    triage::Path resolv_conf;
    std::chrono::microseconds timeout;

    static void describe(triage::Describe<NetworkParams>& d) {
        using P = NetworkParams;
        d.required("targets", &P::targets, "URLs that the run will look at; they are not asked")
            .not_empty()
            .example("https://api.example.com");
        d.optional("names", &P::names, "More host names that must be looked up: a database's")
            .pattern("[A-Za-z0-9._-]+")
            .example("db.example.com");
        d.optional("resolv-conf", &P::resolv_conf, triage::Path("/etc/resolv.conf"),
                   "Which name servers this machine has");
        d.optional("timeout", &P::timeout, 2s,
                   "A name server without an answer within this is "
                   "silent")
            .at_least(10ms);
    }
};

std::vector<std::string> names_of(const NetworkParams& p) {
    std::vector<std::string> out;
    const auto add = [&](std::string name) {
        if (std::ranges::find(out, name) == out.end()) out.push_back(std::move(name));
    };
    for (const auto& url : p.targets)
        add(triage::Endpoint(url.host_port()).host());
    for (const auto& name : p.names)
        add(name);
    return out;
}

/// What is known without asking anybody.
Host host_of(const std::string& name, const Machine& machine) {
    Host out{name, {}, false};
    if (const auto address = Address::parse(name)) {
        out.ways.push_back(way_to(*address, machine));
        return out;
    }
    for (const auto& address : look_in_hosts(name))
        out.ways.push_back(way_to(address, machine));
    out.asked = out.ways.empty();
    return out;
}

/// The addresses that the first server gave that has some.
void take_answers(Host& host, const std::vector<Server>& servers, const Machine& machine) {
    for (const auto& server : servers) {
        for (const auto& answer : server.answers) {
            if (answer.name != host.name || answer.addresses.empty()) continue;
            for (const auto& address : answer.addresses)
                host.ways.push_back(way_to(address, machine));
            return;
        }
    }
}

std::string sorted(std::vector<std::string> words) {
    std::ranges::sort(words);
    std::string out;
    for (const auto& word : words)
        out += (out.empty() ? "" : ", ") + word;
    return out.empty() ? "none" : out;
}

void tell_facts(triage::Context& ctx, const Machine& machine,
                const std::vector<std::string>& servers) {
    std::vector<std::string> own;
    for (const auto& address : machine.addresses) {
        if (!address.is_link_local()) own.push_back(address.text());
    }
    ctx.fact(addresses, sorted(std::move(own)));
    ctx.fact(resolvers, sorted(servers));
    ctx.fact(hostname, machine.name);
}

/// The quickest useful answer of each.
void tell_metrics(triage::Context& ctx, const std::vector<Server>& servers) {
    for (std::size_t i = 0; i < servers.size() && i < lookup_metrics.size(); ++i) {
        std::optional<std::chrono::microseconds> best;
        for (const auto& answer : servers[i].answers) {
            if (answer.is_useful()) best = std::min(best.value_or(answer.took), answer.took);
        }
        if (best) ctx.metric(lookup_metrics.at(i), *best);
    }
}

triage::Check network(const NetworkParams& p, triage::Context& ctx) {
    const auto names = names_of(p);
    if (names.size() > most_names) {
        co_return triage::could_not_tell(triage::text(names.size(), " different hosts, at most ",
                                                      most_names, ": name fewer in targets"));
    }
    NetworkView view;
    view.machine = this_machine();
    std::vector<std::string> asked;
    for (const auto& name : names) {
        view.hosts.push_back(host_of(name, view.machine));
        if (view.hosts.back().asked) asked.push_back(name);
    }
    const auto servers = name_servers(p.resolv_conf.str());
    tell_facts(ctx, view.machine, servers);
    if (!asked.empty()) {
        view.servers = co_await ask(ctx, p.resolv_conf.str(), servers, asked, p.timeout);
        tell_metrics(ctx, view.servers);
        for (const auto& server : servers) {
            const auto address = Address::parse(server);
            if (address) view.to_servers.push_back(way_to(*address, view.machine));
        }
        for (auto& host : view.hosts) {
            if (host.asked) take_answers(host, view.servers, view.machine);
        }
    }
    view.has_default_route = std::ranges::any_of(far_away, [](const char* address) {
        const auto far = Address::parse(address);
        return far && !no_way_to(*far);
    });
    const auto judgement = judge_network(view);
    judgement.report(ctx);
    co_return outcome_of(judgement);
}

}  // namespace

void add_network(triage::Plugin& plugin) {
    plugin.check<NetworkParams>(
        "network", "Has this machine a network, routes and name servers for what the run looks at",
        "no request; name servers are asked for each name that is not known here", network,
        network_codes(), {resolvers, addresses, hostname});
}

}  // namespace self
