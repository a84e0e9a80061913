#include "../docker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../docker_frames.hpp"

namespace logs {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string frame(char type, std::string_view text) {
    std::string out{type, 0, 0, 0, 0, 0, 0, static_cast<char>(text.size())};
    return out.append(text);
}

/// The text of both streams, fed in pieces of `size` bytes.
std::pair<std::string, std::string> split(std::string_view bytes, std::size_t size) {
    DockerFrames frames(false);
    std::vector<DockerFrames::Piece> pieces;
    std::pair<std::string, std::string> out;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
        EXPECT_TRUE(frames.feed(bytes.substr(at, size), pieces));
        for (const auto& piece : pieces)
            (piece.stream == DockerFrames::Stream::err ? out.second : out.first) += piece.text;
    }
    EXPECT_TRUE(frames.complete());
    return out;
}

TEST(DockerFrames, AreTakenApartHoweverTheyAreCut) {
    const auto bytes = frame(1, "one\ntw") + frame(2, "err\n") + frame(1, "") + frame(1, "o\n");
    for (std::size_t size = 1; size <= bytes.size(); ++size)
        EXPECT_EQ(split(bytes, size), std::pair(std::string("one\ntwo\n"), std::string("err\n")));
}

TEST(DockerFrames, WhatIsNoFrameIsSaid) {
    std::vector<DockerFrames::Piece> pieces;
    for (const auto& bytes :
         {std::string("HTTP/1.1 500 x"), std::string("\x07\0\0\0\0\0\0\1", 8),
          std::string("\1\0\1\0\0\0\0\1", 8), std::string("\1\0\0\0\xff\xff\xff\xff", 8)}) {
        DockerFrames frames(false);
        EXPECT_FALSE(frames.feed(bytes, pieces));
        EXPECT_FALSE(frames.error().empty());
        EXPECT_FALSE(frames.feed(frame(1, "x"), pieces)) << "it stays broken";
    }
    DockerFrames cut(false);
    EXPECT_TRUE(cut.feed(frame(1, "abc").substr(0, 9), pieces));
    EXPECT_FALSE(cut.complete());
    DockerFrames raw(true);
    EXPECT_TRUE(raw.feed("anything", pieces));
    EXPECT_EQ(pieces.at(0).text, "anything");
}

constexpr const char* list = R"([
  {"Id":"aaaaaaaaaaaaaaaa","Names":["/mc-backend-1"],"State":"running",
   "Labels":{"com.docker.compose.project":"mc","com.docker.compose.service":"backend"}},
  {"Id":"bbbbbbbbbbbbbbbb","Names":["/mc-db-1"],"State":"exited",
   "Labels":{"com.docker.compose.project":"mc","com.docker.compose.service":"db"}},
  {"Id":"cccccccccccccccc","Names":["/other"],"State":"running","Labels":{}}
])";

std::vector<std::string> names(const std::string& wanted) {
    std::vector<std::string> out;
    for (const auto& one : choose(*triage::docker::read_list(list), wanted))
        out.push_back(one.shown());
    return out;
}

TEST(Docker, ContainersAreMeantByProjectServiceOrName) {
    EXPECT_THAT(names("mc/backend"), ElementsAre("mc/backend"));
    EXPECT_THAT(names("mc/*"), ElementsAre("mc/backend", "mc/db"));
    EXPECT_THAT(names("container:other"), ElementsAre("other"));
    EXPECT_THAT(names("container:mc-db-1"), ElementsAre("mc/db"));
    EXPECT_THAT(names("mc/x"), IsEmpty());
}

TEST(Docker, BrokenAnswersAreNone) {
    EXPECT_TRUE(read_docker_state(R"({"Config":{"Tty":true}})")->tty);
    for (const auto* broken : {"", "{}", R"({"Config":{"Tty":"x"}})"})
        EXPECT_FALSE(read_docker_state(broken)) << broken;
    const auto state = [](const std::string& text, const std::string& more = "") {
        return *read_docker_state(R"({"Config":{"Tty":false},"State":{)" + text + "}" + more + "}");
    };
    EXPECT_EQ(state(R"("Status":"running","ExitCode":0)").ended, "");
    EXPECT_EQ(state(R"("Status":"exited","ExitCode":0)").ended, "");
    EXPECT_EQ(state(R"("Status":"exited","ExitCode":3)").ended, "it has ended with exit code 3");
    EXPECT_EQ(state(R"("Status":"exited","ExitCode":137,"OOMKilled":true)").ended,
              "it has ended with exit code 137, killed for its memory");
    EXPECT_EQ(state(R"("Status":"paused","ExitCode":0)").ended, "it is paused");
    const auto restarts = state(R"("Status":"restarting","ExitCode":1)", R"(,"RestartCount":7)");
    EXPECT_EQ(restarts.restarting,
              "the container does not stay up: it ended with exit code 1 and "
              "was restarted 7 times");
    EXPECT_EQ(restarts.ended, "");
}

TEST(Docker, ALogIsAskedForWithWhatIsWanted) {
    EXPECT_EQ(docker_log_path("ab", 5, 0, false),
              "/containers/ab/logs?stdout=1&stderr=1&timestamps=1&since=5");
    EXPECT_EQ(docker_log_path("ab", {}, 200, true),
              "/containers/ab/logs?stdout=1&stderr=1&timestamps=1&tail=200&follow=1");
}

}  // namespace
}  // namespace logs
