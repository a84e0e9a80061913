/// Name resolution with an end.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace db {

struct Lookup {
    int error = 0;  ///< EAI_*, or 0
    bool unfinished = false;
    std::vector<std::string> addresses;  ///< numeric, in the order to be tried

    bool ok() const { return error == 0 && !unfinished; }
    /// The name service says that the name has no address; anything else says nothing of the name.
    bool is_unknown() const;
    std::string error_text() const;
};

/// Blocks for `limit` at most, or until `stop` says so; it is asked now and then.
Lookup look_up(const std::string& name, std::chrono::microseconds limit,
               const std::function<bool()>& stop);

}  // namespace db
