// Who may start next: first in, first out for each target, the targets in turn, so that a thousand
// requests to one server do not delay the only one to another.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/net/http.hpp"

namespace triage::net {

class FairQueue {
public:
    using Target = std::size_t;  // index

    FairQueue(unsigned total, unsigned per_target);

    Target target(std::string_view key);  // the same for the same key
    void push(Target target, TransferId id);
    void push_front(Target target, TransferId id);

    // Says of the first in a target's line whether it may start now, must stay, or is gone.
    enum class Answer { start, stay, gone };
    using Ask = std::function<Answer(TransferId)>;

    // The next one that may start, now counted as running. A target that has to stay is not asked
    // about again until unblock().
    std::optional<TransferId> next(const Ask& ask);
    void finished(Target target);  // one of its running ones
    void unblock();

private:
    struct Line {
        std::deque<TransferId> waiting;
        unsigned running = 0;
        bool in_turn = false;  // listed in turns_
        bool blocked = false;  // listed in blocked_
    };
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    void list(Target target);

    unsigned total_;
    unsigned per_target_;
    unsigned running_ = 0;
    std::vector<Line> lines_;
    std::unordered_map<std::string, Target, Hash, std::equal_to<>> index_;
    std::deque<Target> turns_;  // those that have someone waiting and room
    std::vector<Target> blocked_;
};

}  // namespace triage::net
