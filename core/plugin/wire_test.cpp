// The wire: what is written is read again, and hostile bytes are a clean error.
#include "core/plugin/wire.hpp"

#include <sys/socket.h>

#include <functional>
#include <limits>
#include <random>

#include <gmock/gmock.h>

#include "core/plugin/channel.hpp"

namespace triage::plugin {
namespace {

std::string payload(const std::string& frame) { return frame.substr(frame_head_bytes); }

Call make_call() {
    Call call;
    CallValue text;
    text.text = "http://x/";
    text.key = "key";
    CallValue number;
    number.type = model::ParamType::floating;
    number.integer = std::numeric_limits<std::int64_t>::min();
    number.floating = -0.5;
    call.arguments = {{"url", {text, number}}, {"none", {}}};
    call.revealed = {{-3, "secret"}, {7, ""}};
    return call;
}

Outcome make_outcome() {
    Outcome outcome;
    outcome.error = "error";
    outcome.error_remedy = "remedy";
    outcome.summary = std::string("sum\0mary", 8);
    outcome.findings = {{"a.b", model::Weight::warn, "subject", "message", "remedy", {{"n", "v"}}},
                        {"a.c", model::Weight::info, "", "", "", {}}};
    outcome.evaluated = {1, 3};
    outcome.facts = {{"b", true}, {"d", 1.5}, {"i", std::int64_t{-7}}, {"s", std::string("x")}};
    outcome.metrics = {{"latency", 1.25, "ms"}};
    outcome.log = {{2, "line"}, {0, ""}};
    return outcome;
}

net::Response make_response() {
    net::Response response;
    response.failure = net::Failure::tls;
    response.phase = net::Phase::first_byte;
    response.status = 204;
    response.detail = "detail";
    response.url = "url";
    response.http_version = "1.1";
    response.address = "[::1]:443";
    response.headers = {{"a", "b", 0, false}, {"", std::string(300, 'x'), 0, false}};
    response.redirects = {"one", "two"};
    response.body = std::string("\0\xff", 2);
    response.body_bytes = 1U << 31U;
    response.truncated = true;
    response.timings.tls = net::microseconds(17);
    response.certificates = {{"s", "i", "DNS:x", -5, 1'700'000'000, "pem"}};
    return response;
}

TEST(Wire, Start) {
    std::string frame;
    write_start(frame, CallId{1ULL << 40U}, 3, -9, make_call());
    StartMessage read_back;
    ASSERT_TRUE(read(payload(frame), read_back));
    EXPECT_EQ(read_back.call, CallId{1ULL << 40U});
    EXPECT_EQ(read_back.check_index, 3U);
    EXPECT_EQ(read_back.remaining_us, -9);
    std::string again;
    write_start(again, read_back.call, 3, -9, read_back.arguments);
    EXPECT_EQ(again, frame);
    EXPECT_EQ(read_back.arguments.arguments[0].values[1].floating, -0.5);
    EXPECT_EQ(read_back.arguments.revealed, make_call().revealed);
}

TEST(Wire, ArgumentsThatManyCallsHave) {
    std::string frame;
    write_argument(frame, make_call().arguments[0]);
    CallArgument read_back;
    ASSERT_TRUE(read(payload(frame), read_back));
    EXPECT_EQ(read_back.name, "url");
    EXPECT_EQ(read_back.values[0].text, "http://x/");
    EXPECT_EQ(read_back.values[1].floating, -0.5);

    std::string start;
    write_start(start, CallId{1}, 3, -9, make_call(), {0, 70'000, 2});
    StartMessage message;
    ASSERT_TRUE(read(payload(start), message));
    EXPECT_THAT(message.common, testing::ElementsAre(0, 70'000, 2));
    EXPECT_EQ(message.arguments.arguments.size(), 2U);
}

TEST(Wire, Outcome) {
    std::string frame;
    write_outcome(frame, CallId{5}, make_outcome());
    OutcomeMessage read_back;
    ASSERT_TRUE(read(payload(frame), read_back));
    std::string again;
    write_outcome(again, read_back.call, read_back.outcome);
    EXPECT_EQ(again, frame);
    EXPECT_EQ(read_back.outcome.facts[2].value, make_outcome().facts[2].value);
    EXPECT_EQ(read_back.outcome.findings[0].evidence, make_outcome().findings[0].evidence);
    EXPECT_EQ(read_back.outcome.summary.size(), 8U);
}

TEST(Wire, RequestAndResponse) {
    net::Request request;
    request.method = "POST";
    request.url = "http://x/";
    request.headers = {{"authorization", "Bearer ", 9, false}};
    request.body = "body";
    request.timeout = net::microseconds(1500);
    request.max_redirects = 5;
    request.stream = request.verify_tls = true;
    request.fresh_connection = true;
    request.connect_to = "y:1";
    std::string frame;
    write_request(frame, CallId{5}, OpId{6}, request);
    RequestMessage asked;
    ASSERT_TRUE(read(payload(frame), asked));
    std::string again;
    write_request(again, asked.call, asked.op, asked.request);
    EXPECT_EQ(again, frame);
    EXPECT_EQ(asked.request.headers[0].secret, 9);
    EXPECT_TRUE(asked.request.fresh_connection);

    frame.clear();
    write_response(frame, FrameType::http_done, CallId{5}, OpId{6}, make_response());
    ResponseMessage answered;
    ASSERT_TRUE(read(payload(frame), answered));
    again.clear();
    write_response(again, FrameType::http_done, answered.call, answered.op, answered.response);
    EXPECT_EQ(again, frame);
    EXPECT_EQ(answered.response.certificates[0].not_before_s, -5);
    EXPECT_EQ(answered.response.timings.tls.count(), 17);
}

TEST(Wire, WhatAPluginDeclares) {
    model::PluginInfo info;
    auto& param = info.checks.emplace_back().params.emplace_back();
    param.shape = model::Shape::map;
    param.pattern = "a+";
    param.key_pattern = "b+";
    param.min_items = 3;
    param.syntax = model::Syntax::regex_with_group;
    param.not_with = "c";
    param.not_with_value = "d";
    param.write_method = "e";
    param.write_base = "f";
    param.write_if = "g";
    param.not_above = "h";
    param.keys_of = "i";
    param.refuse = "j";
    param.refuse_why = "k";
    param.refuse_key = "l";
    param.refuse_key_why = "m";
    param.differs_from = {"n", "o"};
    param.within_timeout = true;
    param.at_most_one = true;
    info.checks[0].one_of = {"p", "q"};
    std::string frame;
    write_described(frame, info);
    DescribedMessage described;
    ASSERT_TRUE(read(payload(frame), described));
    const auto& again = described.info.checks.at(0).params.at(0);
    EXPECT_EQ(again.pattern, "a+");
    EXPECT_EQ(again.key_pattern, "b+");
    EXPECT_EQ(again.min_items, 3U);
    EXPECT_EQ(again.syntax, model::Syntax::regex_with_group);
    EXPECT_EQ(again.not_with + again.not_with_value, "cd");
    EXPECT_EQ(again.write_method + again.write_base + again.write_if, "efg");
    EXPECT_EQ(again.not_above + again.keys_of, "hi");
    EXPECT_EQ(again.refuse, "j");
    EXPECT_EQ(again.refuse_key, "l");
    EXPECT_EQ(again.refuse_why + again.refuse_key_why, "km");
    EXPECT_EQ(again.differs_from, param.differs_from);
    EXPECT_TRUE(again.within_timeout);
    EXPECT_TRUE(again.at_most_one);
    EXPECT_EQ(described.info.checks[0].one_of, info.checks[0].one_of);
}

TEST(Wire, UnknownKeysAreSkippedAndMissingOnesAreEmpty) {
    std::string bytes;
    {
        Writer out(bytes);
        Writer::Map map(out);
        Writer& nested = map.key(20);
        nested.array(2);
        nested.bytes("x");
        {
            Writer::Map inner(nested);
            inner.key(1).floating(2);
        }
        map.key(0).uinteger(7);
    }
    CallMessage message;
    ASSERT_TRUE(read(bytes, message));
    EXPECT_EQ(message.call, CallId{7});
    EXPECT_EQ(message.op, OpId{});
}

TEST(Wire, LimitsAndWrongTypes) {
    const auto reads = [](const std::function<void(Writer&)>& write) {
        std::string bytes;
        Writer out(bytes);
        write(out);
        OutcomeMessage message;
        return read(bytes, message);
    };
    EXPECT_FALSE(reads([](Writer&) {})) << "nothing";
    EXPECT_FALSE(reads([](Writer& out) { out.uinteger(1); })) << "no map";
    EXPECT_FALSE(reads([](Writer& out) {
        Writer::Map map(out);
        map.key(0).bytes("x");
    }));
    EXPECT_FALSE(reads([](Writer& out) {
        Writer::Map map(out);
        map.key(4).array(1U << 30U);
    }));
    EXPECT_FALSE(reads([](Writer& out) {
        Writer::Map map(out);
        Writer& lines = map.key(8);
        lines.array(max_log_lines + 1);
        for (std::size_t i = 0; i <= max_log_lines; ++i)
            Writer::Map(lines).key(0).uinteger(1);
    })) << "more log lines than allowed";
    RequestMessage request;
    std::string frame;
    net::Request large;
    large.max_body_bytes = std::size_t{1} << 40U;
    write_request(frame, CallId{1}, OpId{1}, large);
    EXPECT_FALSE(read(payload(frame), request));
    EXPECT_FALSE(read_head(std::string(5, '\0')));
    EXPECT_FALSE(read_head("\xff\xff\xff\x7f\x01"));
}

TEST(Wire, DeepNestingCostsNothing) {
    std::string bytes("\xa1\x14", 2);  // {20: [[[[…
    bytes.append(1'000'000, '\x81');
    CallMessage message;
    EXPECT_FALSE(read(bytes, message));
}

// Every message, cut and flipped: a clean yes or no, whatever comes.
TEST(Wire, HostileBytes) {
    std::vector<std::string> payloads(7);
    write_start(payloads[0], CallId{1}, 1, 1, make_call(), {1, 2});
    write_argument(payloads[6], make_call().arguments[0]);
    write_outcome(payloads[1], CallId{1}, make_outcome());
    write_response(payloads[2], FrameType::http_done, CallId{1}, OpId{1}, make_response());
    write_request(payloads[3], CallId{1}, OpId{1}, net::Request{});
    model::PluginInfo info;
    info.checks.resize(2);
    info.checks[0].params.resize(2);
    info.checks[0].params[0].choices = {"a", "b"};
    info.checks[1].codes.resize(2);
    write_described(payloads[4], info);
    write_failed(payloads[5], {"message", "remedy"});
    const auto read_all = [](std::string_view bytes) {
        StartMessage start;
        CallArgument argument;
        OutcomeMessage outcome;
        ResponseMessage response;
        RequestMessage request;
        DescribedMessage described;
        CallMessage call;
        base::Error error;
        return int{read(bytes, start)} + int{read(bytes, argument)} + int{read(bytes, outcome)} +
               int{read(bytes, response)} + int{read(bytes, request)} +
               int{read(bytes, described)} + int{read(bytes, call)} + int{read(bytes, error)};
    };
    std::mt19937 random(11);
    for (auto& frame : payloads) {
        const std::string bytes = payload(frame);
        EXPECT_GT(read_all(bytes), 0);
        for (std::size_t size = 0; size < bytes.size(); ++size)
            EXPECT_EQ(read_all(std::string_view(bytes).substr(0, size)), 0) << size;
        for (int round = 0; round < 3000; ++round) {
            std::string flipped = bytes;
            for (int i = 0; i < 3; ++i)
                flipped[random() % flipped.size()] = static_cast<char>(random());
            read_all(flipped);
        }
    }
    for (int round = 0; round < 20'000; ++round) {
        std::string junk(random() % 64, '\0');
        for (char& byte : junk)
            byte = static_cast<char>(random());
        read_all(junk);
    }
}

// ---- Channel

class Frames final : public FrameHandler {
public:
    std::vector<std::string> payloads;
    bool closed = false;
    std::string problem;

    void on_frame(FrameType, std::string_view payload) override { payloads.emplace_back(payload); }
    void on_closed(const std::string& why) override {
        closed = true;
        problem = why;
    }
};

class ChannelTest : public ::testing::Test {
protected:
    ChannelTest() {
        int pair[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
        a.emplace(loop, flushes, base::UniqueFd(pair[0]), at_a);
        peer.reset(pair[1]);
    }
    void connect() { b.emplace(loop, flushes, std::move(peer), at_b); }
    static void write_text(std::string& out, const std::string& text) {
        FrameWriter frame(out, FrameType::failed);
        out += text;
    }

    loop::Loop loop;
    std::shared_ptr<FlushList> flushes = FlushList::make(loop);
    Frames at_a, at_b;
    base::UniqueFd peer;
    std::optional<Channel> a, b;
};

TEST_F(ChannelTest, FramesOfAllSizesInOrder) {
    connect();
    std::vector<std::string> sent;
    for (std::size_t size = 0; size < 3'000'000; size = 3 * size + 1) {
        sent.push_back(std::string(size, static_cast<char>('a' + sent.size())));
        EXPECT_TRUE(a->send([&](std::string& out) { write_text(out, sent.back()); }));
    }
    loop.run_until([&] { return at_b.payloads.size() == sent.size(); });
    EXPECT_EQ(at_b.payloads, sent);
    EXPECT_EQ(a->unsent(), 0U);
    a->close();
    loop.run_until([&] { return at_b.closed; });
    EXPECT_EQ(at_b.problem, "");
}

TEST_F(ChannelTest, BackPressure) {
    connect();
    b->pause(true);
    for (int i = 0; i < 100; ++i)
        a->send([&](std::string& out) { write_text(out, std::string(100'000, 'x')); });
    loop.call_after(std::chrono::milliseconds(20), [&] { loop.stop(); });
    loop.run_until([] { return false; });
    EXPECT_TRUE(at_b.payloads.empty());
    EXPECT_GT(a->unsent(), 9'000'000U) << "only what the kernel takes has gone";
    b->pause(false);
    loop.run_until([&] { return at_b.payloads.size() == 100; });
    EXPECT_EQ(a->unsent(), 0U);
}

TEST_F(ChannelTest, TooLargeIsTakenBack) {
    connect();
    const std::string large(max_frame_bytes, 'x');
    EXPECT_FALSE(a->send([&](std::string& out) { write_text(out, large); }));
    EXPECT_TRUE(a->send([&](std::string& out) { write_text(out, "small"); }));
    loop.run_until([&] { return !at_b.payloads.empty(); });
    EXPECT_EQ(at_b.payloads[0], "small");
}

TEST_F(ChannelTest, ABadLengthCloses) {
    const std::string bad("\xff\xff\xff\xff\x01", 5);
    ASSERT_EQ(::send(peer.get(), bad.data(), bad.size(), 0), 5);
    loop.run_until([&] { return at_a.closed; });
    EXPECT_EQ(at_a.problem, "a frame of 4294967295 bytes");
    EXPECT_FALSE(a->send([&](std::string& out) { write_text(out, "late"); }));
}

}  // namespace
}  // namespace triage::plugin
