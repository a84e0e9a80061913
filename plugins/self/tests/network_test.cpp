/// self.network: what interfaces, routes and name servers mean.
#include "../network.hpp"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using triage::Weight;

namespace self {
namespace {

using Evidence = std::pair<std::string, std::string>;

constexpr const char* unreachable = "Network is unreachable";

Machine connected() { return {"here", {*Address::parse("10.0.0.9")}, {"eth0: up"}, true}; }

Way way(const char* address, bool own = false) {
    return {*Address::parse(address), own, std::nullopt};
}
Way no_way(const char* address) { return {*Address::parse(address), false, unreachable}; }

Host known(const char* address) { return {address, {way(address)}, false}; }
Host looked_up(const std::string& name, std::vector<Way> ways) {
    return {name, std::move(ways), true};
}

Server server(const std::string& address, Reply names, Reply control) {
    Server out{address, {{"api.test", names, {}, 3ms}}, {".", control, {}, 2ms}};
    return out;
}

std::vector<std::string> codes(const triage::Judgement& judgement) {
    std::vector<std::string> out;
    for (const auto& one : judgement.findings())
        out.emplace_back(one.code->name);
    return out;
}

/// A name that one server was asked for.
NetworkView asked(std::vector<Way> ways, std::vector<Server> servers) {
    NetworkView out{connected(), {looked_up("api.test", std::move(ways))}, std::move(servers), {}};
    for (const auto& one : out.servers)
        out.to_servers.push_back(way(one.address.c_str()));
    return out;
}

TEST(Addresses, AreReadAndPlaced) {
    EXPECT_EQ(Address::parse("[2001:db8::1]")->text(), "2001:db8::1");
    for (const auto* none : {"", "api.test", "10.0.0", "1.2.3.4:80", "[::1", "::1%lo"})
        EXPECT_EQ(Address::parse(none), std::nullopt) << none;
    for (const auto* loopback : {"127.0.0.1", "127.8.0.1", "::1", "0.0.0.0", "::ffff:127.0.0.1"})
        EXPECT_TRUE(Address::parse(loopback)->is_loopback()) << loopback;
    for (const auto* other : {"128.0.0.1", "10.127.0.1", "2001:db8::1", "::ffff:10.0.0.1"})
        EXPECT_FALSE(Address::parse(other)->is_loopback()) << other;
    EXPECT_TRUE(Address::parse("fe80::1")->is_link_local());
    EXPECT_TRUE(Address::parse("169.254.9.9")->is_link_local());
    EXPECT_FALSE(Address::parse("10.0.0.1")->is_link_local());
    EXPECT_EQ(no_way_to(*Address::parse("127.0.0.1")), std::nullopt);
}

TEST(Network, WhatIsOnThisMachineNeedsNone) {
    NetworkView view{
        {"here", {}, {}, false}, {{"localhost", {way("127.0.0.1", true)}, false}}, {}, {}, false};
    const auto judgement = judge_network(view);
    EXPECT_THAT(codes(judgement), IsEmpty());
    EXPECT_TRUE(judgement.was_evaluated("self.no-route"));
    EXPECT_FALSE(judgement.was_evaluated("self.no-network")) << "it was not needed";
    EXPECT_FALSE(judgement.was_evaluated("self.no-resolver"));
    EXPECT_EQ(judgement.summary(),
              "all that is looked at is on this machine: no network is needed");
}

TEST(Network, LoopbackThatIsDownIsARouteThatIsMissing) {
    NetworkView view{connected(), {{"127.0.0.1", {no_way("127.0.0.1")}, false}}, {}, {}};
    view.hosts[0].ways[0].own = true;
    const auto judgement = judge_network(view);
    ASSERT_THAT(codes(judgement), ElementsAre("self.no-route"));
    EXPECT_THAT(judgement.findings()[0].remedy, HasSubstr("ip link set lo up"));
}

TEST(Network, WithoutAnyRouteOutItIsThisMachineAndNothingElse) {
    NetworkView view{{"here", {}, {"eth0: down"}, false},
                     {{"192.0.2.1", {no_way("192.0.2.1")}, false}, looked_up("api.test", {})},
                     {server("10.0.0.2", Reply::unreachable, Reply::unreachable)},
                     {no_way("10.0.0.2")},
                     false};
    const auto judgement = judge_network(view);
    ASSERT_THAT(codes(judgement), ElementsAre("self.no-network"));
    const auto& found = judgement.findings()[0];
    EXPECT_EQ(found.message,
              "it is this machine: no interface but loopback is up, so nothing can be told of "
              "192.0.2.1 and api.test");
    EXPECT_EQ(found.evidence[0], Evidence("interfaces", "eth0: down"));
    EXPECT_FALSE(judgement.was_evaluated("self.no-route"));
    view.machine.has_network = true;
    EXPECT_THAT(judge_network(view).findings()[0].message, HasSubstr("no route leads out of it"));
}

TEST(Network, WhateverLeadsOutIsANetwork) {
    NetworkView view{connected(),
                     {{"192.0.2.1", {no_way("192.0.2.1")}, false}, known("198.51.100.1")},
                     {},
                     {},
                     false};
    auto judgement = judge_network(view);
    ASSERT_THAT(codes(judgement), ElementsAre("self.no-route"));
    EXPECT_EQ(judgement.findings()[0].subject, "192.0.2.1");
    EXPECT_EQ(judgement.findings()[0].evidence[0], Evidence("192.0.2.1", unreachable));
    EXPECT_TRUE(judgement.was_evaluated("self.no-network"));

    view.hosts.pop_back();
    view.has_default_route = true;
    EXPECT_THAT(codes(judge_network(view)), ElementsAre("self.no-route"));
}

TEST(Network, OneWayOfSeveralIsEnough) {
    const NetworkView view{connected(),
                           {looked_up("api.test", {no_way("2001:db8::1"), way("192.0.2.1")})},
                           {server("10.0.0.2", Reply::addresses, Reply::addresses)},
                           {way("10.0.0.2")}};
    const auto judgement = judge_network(view);
    EXPECT_THAT(codes(judgement), IsEmpty());
    for (const auto* code :
         {"self.no-network", "self.no-route", "self.no-resolver", "self.resolver-slow"})
        EXPECT_TRUE(judgement.was_evaluated(code)) << code;
    EXPECT_EQ(judgement.summary(), "there is a route to api.test; 1 name looked up");
}

class NoAnswer : public testing::TestWithParam<std::pair<Reply, const char*>> {};

TEST_P(NoAnswer, OfAllServersIsNoResolver) {
    const auto [reply, words] = GetParam();
    const auto judgement = judge_network(asked({}, {server("10.0.0.2", reply, reply)}));
    ASSERT_THAT(codes(judgement), ElementsAre("self.no-resolver"));
    EXPECT_THAT(judgement.findings()[0].message, HasSubstr(std::string("10.0.0.2 ") + words));
    EXPECT_FALSE(judgement.was_evaluated("self.resolver-slow"));
}

INSTANTIATE_TEST_SUITE_P(, NoAnswer,
                         testing::Values(std::pair(Reply::silent, "is silent"),
                                         std::pair(Reply::failed, "answers SERVFAIL"),
                                         std::pair(Reply::refused, "answers REFUSED"),
                                         std::pair(Reply::unreachable, "cannot be contacted"),
                                         std::pair(Reply::broken, "answers what cannot be read")));

TEST(Network, AServerThatKnowsOthersIsNotToBlameForOneName) {
    const auto judgement =
        judge_network(asked({}, {server("10.0.0.2", Reply::failed, Reply::addresses)}));
    EXPECT_THAT(codes(judgement), IsEmpty());
    EXPECT_FALSE(judgement.was_evaluated("self.no-resolver")) << "no name was told either";
    EXPECT_THAT(judgement.summary(), HasSubstr("but not for this name"));
}

TEST(Network, ANameWithoutAnAddressIsTheTargetsTrouble) {
    const auto judgement =
        judge_network(asked({}, {server("10.0.0.2", Reply::no_address, Reply::refused)}));
    EXPECT_THAT(codes(judgement), IsEmpty());
    EXPECT_TRUE(judgement.was_evaluated("self.no-resolver"));
    EXPECT_THAT(judgement.summary(), HasSubstr("api.test has no address, says the name service"));
}

TEST(Network, WhatCanBeNoNameSaysNothingOfAServer) {
    const auto dead = server("10.0.0.2", Reply::not_asked, Reply::silent);
    EXPECT_THAT(judge_network(asked({}, {dead})).summary(), HasSubstr("10.0.0.2 is silent"));
    const auto good = server("10.0.0.2", Reply::not_asked, Reply::addresses);
    EXPECT_THAT(codes(judge_network(asked({}, {good}))), IsEmpty());
}

TEST(Network, ASilentServerBeforeAGoodOneKeepsLookupsWaiting) {
    const auto dead = server("10.0.0.2", Reply::silent, Reply::silent);
    const auto good = server("10.0.0.3", Reply::addresses, Reply::addresses);
    auto judgement = judge_network(asked({way("192.0.2.1")}, {dead, good}));
    ASSERT_THAT(codes(judgement), ElementsAre("self.resolver-slow"));
    EXPECT_EQ(judgement.findings()[0].weight, Weight::warn);
    EXPECT_EQ(judgement.findings()[0].subject, "10.0.0.2");
    EXPECT_TRUE(judgement.was_evaluated("self.no-resolver"));

    judgement = judge_network(asked({way("192.0.2.1")}, {good, dead}));
    EXPECT_EQ(judgement.findings()[0].weight, Weight::info) << "nobody waits for the second one";
    const auto refusing = server("10.0.0.2", Reply::refused, Reply::refused);
    judgement = judge_network(asked({way("192.0.2.1")}, {refusing, good}));
    EXPECT_EQ(judgement.findings()[0].weight, Weight::info) << "it says so at once";
}

/// Under the fake host, with this machine's own network: loopback alone is asked.
TEST(Network, TellsFactsAndNeedsNobodyForLoopback) {
    triage::testing::FakeHost host;
    const auto result =
        host.run("network",
                 triage::testing::Params().list(
                     "targets", {"http://127.0.0.1:8000/x", "http://[::1]/", "http://localhost"}));
    EXPECT_THAT(result.violations, IsEmpty());
    EXPECT_THAT(result.requests, IsEmpty());
    EXPECT_TRUE(result.was_evaluated("self.no-route"));
    for (const auto* fact : {"resolvers", "addresses", "hostname"})
        EXPECT_TRUE(result.facts.contains(fact)) << fact;
}

TEST(Network, TooManyHostsAreNotAsked) {
    triage::testing::Params::List targets;
    for (int i = 0; i < 33; ++i)
        targets.emplace_back(triage::text("http://h", i, ".test/"));
    triage::testing::FakeHost host;
    const auto result = host.run("network", triage::testing::Params().list("targets", targets));
    EXPECT_THAT(result.error.value_or(""), HasSubstr("33 different hosts, at most 32"));
}

TEST(SelfPlugin, DeclaresItselfWithoutFault) {
    using triage::testing::FakeHost;
    EXPECT_THAT(FakeHost().declaration_violations(), IsEmpty());
    const auto built = triage::testing::load_plugin(TRIAGE_PLUGIN_FILE);
    EXPECT_THAT(FakeHost(built).declaration_violations(), IsEmpty());
}

}  // namespace
}  // namespace self
