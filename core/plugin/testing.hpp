// What the tests of this folder share: a host with canned answers, and a fleet to run calls on.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/plugin/elf_note.hpp"
#include "core/plugin/plugins.hpp"

namespace triage::plugin {

// The other side of HostServices: answers every request with `answer`, or keeps it.
class CannedServices final : public HostServices {
public:
    struct Kept {
        CallId call;
        OpId op;
        net::Request request;
        HttpReplies* replies;
    };

    explicit CannedServices(loop::Loop& loop) : loop_(loop) { answer.status = 200; }

    net::Response answer;
    std::vector<std::string> chunks;  // of a streamed answer
    bool keep = false;                // do not answer
    bool remember = true;             // keep what was asked for the test to see
    std::vector<Kept> kept;
    std::vector<std::pair<CallId, OpId>> cancelled;
    std::size_t consumed = 0;
    std::vector<std::string> secrets;

    void http_start(CallId call, OpId op, net::Request request, HttpReplies& replies) override {
        const bool stream = request.stream;
        if (remember) kept.push_back({call, op, std::move(request), &replies});
        if (keep) return;
        loop_.defer([this, call, op, stream, &replies] {
            if (!stream) return replies.http_done(call, op, answer);
            unconsumed_ = 0;
            finish_stream_ = [this, call, op, &replies] { replies.http_done(call, op, answer); };
            replies.http_head(call, op, answer);
            for (const auto& chunk : chunks) {
                unconsumed_ += chunk.size();
                replies.http_data(call, op, chunk);
            }
        });
    }
    void http_cancel(CallId call, OpId op) override { cancelled.emplace_back(call, op); }
    void http_consumed(CallId, OpId, std::size_t bytes) override {
        consumed += bytes;
        unconsumed_ -= bytes;
        if (unconsumed_ == 0) loop_.defer(finish_stream_);
    }
    void secret_learned(CallId, std::string text) override { secrets.push_back(std::move(text)); }

private:
    loop::Loop& loop_;
    std::size_t unconsumed_ = 0;  // of the one stream; when all is, it ends
    std::function<void()> finish_stream_;
};

// Keeps every outcome, and fails the test if one comes twice.
class Outcomes final : public CallSink {
public:
    std::map<CallId, Outcome> by_call;

    void on_outcome(CallId id, Outcome outcome) override {
        EXPECT_TRUE(by_call.emplace(id, std::move(outcome)).second)
            << "a second outcome of call " << std::to_underlying(id);
    }
};

// A fleet of plugins of the zoo on a loop of its own.
class Fleet {
public:
    explicit Fleet(Options options, const std::shared_ptr<loop::TimeSource>& time =
                                        std::make_shared<loop::RealClock>())
        : loop(time),
          services(loop),
          plugins_(std::make_unique<Plugins>(loop, services, options)) {}

    loop::Loop loop;
    CannedServices services;
    Outcomes outcomes;

    Plugins& plugins() { return *plugins_; }
    void end() { plugins_.reset(); }

    void open(const std::vector<std::string>& names) {
        std::vector<Candidate> candidates;
        for (const auto& name : names) {
            const std::string path = std::string(ZOO_DIR) + "/" + name + ".so";
            const auto note = read_note(path);
            Candidate candidate{name, "1.0.0", "0.1", {}, path};
            if (note) candidate = {note->id, note->version, note->abi, note->capabilities, path};
            candidates.push_back(candidate);
        }
        bool opened = false;
        plugins_->open(candidates, [&opened] { opened = true; });
        EXPECT_FALSE(opened) << "open() called back before it returned";
        loop.run_until([&opened] { return opened; });
    }

    Call call(const std::string& use) {
        const auto dot = use.find('.');
        Call call;
        call.plugin = use.substr(0, dot);
        call.check = use.substr(dot + 1);
        call.label = "label-of-" + call.check;
        call.deadline = loop.now() + std::chrono::seconds(100);
        return call;
    }
    CallId start(Call call) {
        const CallId id{++last_};
        plugins_->start(id, std::move(call), outcomes);
        EXPECT_FALSE(outcomes.by_call.contains(id)) << "start() called back before it returned";
        return id;
    }
    CallId start(const std::string& use) { return start(call(use)); }

    const Outcome& wait(CallId id) {
        loop.run_until([&] { return outcomes.by_call.contains(id); });
        return outcomes.by_call.at(id);
    }
    const Outcome& run(const std::string& use) { return wait(start(use)); }
    const Outcome& run(Call call) { return wait(start(std::move(call))); }

    std::string why_broken(const std::string& id) {
        const auto found = plugins_->broken().find(id);
        return found == plugins_->broken().end() ? "(it is not broken)" : found->second.message;
    }

private:
    std::unique_ptr<Plugins> plugins_;
    std::uint64_t last_ = 0;
};

inline CallArgument argument(std::string name, model::ParamType type, std::string text,
                             std::int64_t integer = 0) {
    CallValue value;
    value.type = type;
    value.text = std::move(text);
    value.integer = integer;
    return {std::move(name), {std::move(value)}};
}

}  // namespace triage::plugin
