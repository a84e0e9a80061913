/// Opening a session, phase by phase. Blocks: for the pool.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "connection.hpp"
#include "failure.hpp"
#include "target.hpp"

namespace db {

/// How long each phase took that came to its end, of the address that was connected to.
struct Durations {
    std::chrono::microseconds name{0}, tcp{0}, reply{0}, tls{0}, login{0};
    std::chrono::microseconds total() const { return name + tcp + reply + tls + login; }
};

/// How to connect, beside where.
struct Manner {
    std::chrono::microseconds limit;  ///< for all of it
    std::string ca_file;              ///< "": as the connection string says
    bool inside = false;              ///< names mean here what they mean to the application
    std::function<bool()> stop;       ///< asked now and then; any thread
};

/// What came of it: a connection or a failure.
struct Connected {
    Connection connection;
    std::optional<Failure> failure;
    Durations durations;
    std::string where;               ///< "db:5432 (10.0.0.7)", what was connected to or tried last
    std::vector<std::string> tried;  ///< what failed before, one line each
};

/// Tries the target's servers, and all their addresses, in order; each has its share of the time.
Connected connect(const Target& target, const Manner& manner);

}  // namespace db
