/// triage/docker.hpp: where an engine listens, what it lists, what it says instead.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/docker.hpp>

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using triage::docker::complaint;
using triage::docker::Engine;
using triage::docker::Listed;
using triage::docker::read_list;

TEST(Engines, AreReadAsDockerReadsThem) {
    const auto local = Engine::parse("unix:///run/d.sock");
    ASSERT_TRUE(local);
    EXPECT_EQ(local->shown, "unix:///run/d.sock");
    EXPECT_EQ(local->base, "http://docker");
    EXPECT_EQ(local->unix_socket, "/run/d.sock");
    EXPECT_EQ(local->get("/containers/json?all=1").url(), "http://docker/containers/json?all=1");
    const auto remote = Engine::parse("tcp://10.0.0.1:2375/");
    ASSERT_TRUE(remote);
    EXPECT_EQ(remote->shown, "tcp://10.0.0.1:2375/");
    EXPECT_EQ(remote->base, "http://10.0.0.1:2375");
    EXPECT_EQ(remote->unix_socket, "");
    EXPECT_EQ(remote->get("/x").method(), "GET");
    EXPECT_EQ(remote->get("/x").url(), "http://10.0.0.1:2375/x");
    EXPECT_EQ(Engine::parse("tcp://d")->base, "http://d:2375");
    EXPECT_EQ(Engine::parse("tcp://[::1]")->base, "http://[::1]:2375");
    EXPECT_EQ(Engine::parse("tcp://[::1]:99")->base, "http://[::1]:99");
    EXPECT_EQ(Engine::parse("http://d:2375")->base, "http://d:2375");
    EXPECT_EQ(Engine::parse("https://d:2376//")->base, "https://d:2376");
    EXPECT_EQ(Engine::parse("tcp://d/under/")->base, "http://d:2375/under");
    EXPECT_EQ(Engine::parse("tcp://[::1]:99/a/b")->base, "http://[::1]:99/a/b");
    EXPECT_EQ(Engine::parse("http://d/under")->base, "http://d/under");
    for (const auto* wrong :
         {"", "ssh://x", "unix://x", "unix:/x", "tcp://", "http://", "tcp://d?x", "http://d/#x",
          "tcp://d e", "tcp://d:", "https:///", "npipe:////./pipe/docker_engine", "/run/d.sock"})
        EXPECT_FALSE(Engine::parse(wrong)) << wrong;
}

constexpr const char* list = R"([
  {"Id":"aaaaaaaaaaaaaaaa","Names":["/mc-backend-1","/x/alias"],"State":"running",
   "Labels":{"com.docker.compose.project":"mc","com.docker.compose.service":"backend"}},
  {"Id":"bbbbbbbbbbbb","Names":["/mc-db-run-1"],"State":"exited",
   "Labels":{"com.docker.compose.project":"mc","com.docker.compose.service":"db",
             "com.docker.compose.oneoff":"True"}},
  {"Id":"cccccccccccccccc","Names":["/other"],"State":"running","Labels":null},
  {"Id":"dddddddddddddddd","Names":5,"Labels":{"com.docker.compose.project":["mc"]}}
])";

TEST(Listing, SaysWhatIsThere) {
    const auto all = read_list(list);
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 4U);
    EXPECT_EQ(all->at(0).id, "aaaaaaaaaaaaaaaa");
    EXPECT_EQ(all->at(0).name, "mc-backend-1");
    EXPECT_EQ(all->at(0).project, "mc");
    EXPECT_EQ(all->at(0).service, "backend");
    EXPECT_EQ(all->at(0).state, "running");
    EXPECT_FALSE(all->at(0).one_off);
    EXPECT_EQ(all->at(0).shown(), "mc/backend");
    EXPECT_TRUE(all->at(1).one_off);
    EXPECT_EQ(all->at(1).state, "exited");
    EXPECT_EQ(all->at(2).shown(), "other") << "outside of Compose";
    EXPECT_EQ(all->at(3).name + all->at(3).project + all->at(3).state, "");
}

TEST(Listing, AnIdIsHexOrItCouldBeAnyPath) {
    const auto ids = [](const std::string& id) {
        const auto all = read_list(R"([{"Id":)" + id + R"(,"Names":["/n"]}])");
        std::vector<std::string> out;
        for (const auto& one : all.value())
            out.push_back(one.id);
        return out;
    };
    EXPECT_THAT(ids("\"0123456789abcdef\""), ElementsAre("0123456789abcdef"));
    for (const auto* wrong :
         {"\"../../etc/passwd\"", "\"aaaaaaaaaaaa/..\"", "\"aaaaaaaaaaa\"", "\"AAAAAAAAAAAAAAAA\"",
          "\"aaaaaaaaaaaaaaaa\\n\"", "\"aaaaaaaaaaaaaaaa?x=1\"", "\"\"", "5", "null"})
        EXPECT_THAT(ids(wrong), IsEmpty()) << wrong;
}

TEST(Listing, WhatIsNoListIsNone) {
    for (const auto* broken : {"", "{}", "[", "null", "\xff", "7", R"({"message":"x"})"})
        EXPECT_FALSE(read_list(broken)) << broken;
    EXPECT_TRUE(read_list("[]"));
    EXPECT_THAT(*read_list(R"([7, null, [], {"Id":5}, {}])"), IsEmpty());
}

TEST(Listing, ContainersAreMeantByProjectServiceOrName) {
    const Listed one{
        .id = "a", .name = "mc-db-1", .project = "mc", .service = "db", .state = "running"};
    for (const auto* right : {"mc/db", "mc/*", "container:mc-db-1"})
        EXPECT_TRUE(one.is(right)) << right;
    for (const auto* wrong : {"mc/d", "m/*", "container:db", "container:", "mc", "db", "", "/",
                              "/*", "*/*", "mc/", "mc/db/"})
        EXPECT_FALSE(one.is(wrong)) << wrong;
    const Listed alone{.id = "a", .name = "redis", .project = {}, .service = {}, .state = {}};
    EXPECT_TRUE(alone.is("container:redis"));
    for (const auto* wrong : {"/", "/*", "", "redis"})
        EXPECT_FALSE(alone.is(wrong)) << wrong;
}

triage::Response response(std::uint32_t status, std::string_view body,
                          triage::Failure failure = triage::Failure::none) {
    triage_http_response abi{};
    abi.size = sizeof abi;
    abi.failure = static_cast<std::uint32_t>(failure);
    abi.status = status;
    abi.url = triage::to_abi("http://docker/x");
    abi.body = triage::to_abi(body);
    return triage::detail::to_response(abi, 3s);
}

TEST(Complaints, AreTheEnginesOwnWords) {
    EXPECT_EQ(complaint(response(404, R"({"message":"No such container: x"})")),
              "the engine answers HTTP 404: No such container: x");
    EXPECT_EQ(complaint(response(502, "Bad Gateway")), "the engine answers HTTP 502: Bad Gateway");
    EXPECT_EQ(complaint(response(500, R"({"message":""})")),
              R"(the engine answers HTTP 500: {"message":""})");
    EXPECT_EQ(complaint(response(500, "")), "the engine answers HTTP 500: ");
    EXPECT_EQ(complaint(response(500, ""), R"({"message":"streamed"})"),
              "the engine answers HTTP 500: streamed");
    EXPECT_EQ(complaint(response(0, "", triage::Failure::refused)),
              "connection refused by docker:80");
}

}  // namespace
