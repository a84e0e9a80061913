#include "core/vantage/containers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/vantage/vantage.hpp"

namespace triage::vantage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr const char* list = R"([
  {"Id":"b1","Names":["/mc-backend-1"],"State":"running",
   "Labels":{"com.docker.compose.project":"mc","com.docker.compose.service":"backend"},
   "NetworkSettings":{"Networks":{"mc_default":{"IPAddress":"172.18.0.3"}}}},
  {"Id":"d1","Names":["/mc-db-1"],"State":"running",
   "Labels":{"com.docker.compose.project":"mc","com.docker.compose.service":"db"},
   "NetworkSettings":{"Networks":{"mc_default":{"IPAddress":"172.18.0.2"}}}},
  {"Id":"d2","Names":["/other-db-1"],"State":"running",
   "Labels":{"com.docker.compose.project":"other","com.docker.compose.service":"db"},
   "NetworkSettings":{"Networks":{"other":{"IPAddress":"172.19.0.2"}}}},
  {"Id":"0123456789abcdef","Names":["/mc-worker-1"],"State":"exited",
   "Labels":{"com.docker.compose.project":"mc","com.docker.compose.service":"worker"}},
  {"Id":"","Names":7}, 5
])";

class Containers : public testing::Test {
protected:
    std::vector<Container> all = *read_containers(list);

    std::string error_of(const std::string& vantage) const {
        const auto picked = pick(all, vantage);
        return picked ? "picked " + (*picked)->id
                      : picked.error().message + " | " + picked.error().remedy;
    }
};

TEST_F(Containers, AreFoundByServiceProjectAndName) {
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ((*pick(all, "container:backend"))->id, "b1");
    EXPECT_EQ((*pick(all, "container:mc/db"))->id, "d1");
    EXPECT_EQ((*pick(all, "container:other-db-1"))->id, "d2");
}

TEST_F(Containers, AServiceOfSeveralProjectsIsNotGuessed) {
    EXPECT_EQ(error_of("container:db"),
              "'db' is a service of several projects | Say which: container:mc/db or "
              "container:other/db.");
}

TEST_F(Containers, WhatIsNotThereIsSaid) {
    EXPECT_THAT(error_of("container:backned"), HasSubstr("Did you mean 'backend'?"));
    EXPECT_EQ(error_of("container:worker"),
              "the container is not running, it is exited | Its last words: docker logs "
              "0123456789ab");
    all.clear();
    EXPECT_THAT(error_of("container:db"), HasSubstr("The engine has no containers"));
}

TEST_F(Containers, NamesMeanAddressesOnSharedNetworks) {
    EXPECT_THAT(addresses_around(all, *(*pick(all, "container:backend"))),
                UnorderedElementsAre(Pair("backend", ElementsAre("172.18.0.3")),
                                     Pair("mc-backend-1", ElementsAre("172.18.0.3")),
                                     Pair("db", ElementsAre("172.18.0.2")),
                                     Pair("mc-db-1", ElementsAre("172.18.0.2"))));
}

TEST(DockerAnswers, ThatAreBrokenAreErrors) {
    for (const auto* broken : {"", "{}", "[", "null", "[[[[", "\xff"})
        EXPECT_FALSE(read_containers(broken)) << broken;
    EXPECT_THAT(*read_containers("[]"), IsEmpty());
    EXPECT_EQ(*read_pid(R"({"State":{"Pid":42}})"), 42);
    for (const auto* broken : {"", "{}", R"({"State":{"Pid":"1"}})", R"({"State":{"Pid":0}})",
                               R"({"State":{"Pid":-1}})", R"({"State":{"Pid":99999999999}})"})
        EXPECT_FALSE(read_pid(broken)) << broken;
}

TEST(DockerAnswers, NamesAndAddressesThatAreNoneAreLeftOut) {
    const auto all = *read_containers(
        R"([{"Id":"1","Names":["/a\nb","/good"],"Labels":{"com.docker.compose.service":"x y"},
            "NetworkSettings":{"Networks":{"n":{"IPAddress":"1.2.3"},"m":{"IPAddress":"::1"}}}}])");
    ASSERT_EQ(all.size(), 1U);
    EXPECT_THAT(all[0].names, ElementsAre("good"));
    EXPECT_EQ(all[0].service, "");
    EXPECT_THAT(all[0].networks, UnorderedElementsAre(Pair("n", ""), Pair("m", "::1")));
}

TEST(DockerHost, IsReadAsDockerReadsIt) {
    EXPECT_EQ(read_engine("")->unix_socket, "/var/run/docker.sock");
    EXPECT_EQ(read_engine("unix:///run/user/1000/docker.sock")->unix_socket,
              "/run/user/1000/docker.sock");
    EXPECT_EQ(read_engine("tcp://127.0.0.1:2375")->base, "http://127.0.0.1:2375");
    EXPECT_EQ(read_engine("tcp://engine/")->base, "http://engine:2375");
    EXPECT_EQ(read_engine("tcp://[::1]:80")->base, "http://[::1]:80");
    for (const auto* wrong : {"ssh://host", "unix://", "tcp://", "127.0.0.1:2375", "tcp://h/path",
                              "tcp://h:99999", "tcp://u:p@h"})
        EXPECT_FALSE(read_engine(wrong)) << wrong;
}

}  // namespace
}  // namespace triage::vantage
