/// systemd's journal as lines. The only place that knows libsystemd.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "timestamp.hpp"

namespace logs {

/// A journal that is read forwards. All functions block; one thread at a time.
class Journal {
public:
    /// `paths` are journal files and folders of them; none: this machine's journal. `units` are
    /// systemd units; none: everything. Nullopt with the reason in `why`.
    static std::optional<Journal> open(const std::vector<std::string>& paths,
                                       const std::vector<std::string>& units, std::string& why);
    Journal(Journal&&) noexcept;
    Journal& operator=(Journal&&) noexcept;
    ~Journal();

    /// To the first entry that is not older; nullopt: to the first of all.
    bool seek(const std::optional<Time>& since);
    /// Before the last `count` entries.
    bool seek_tail(std::uint64_t count);

    /// The next entry as a line: "2026-11-26T10:00:00.123456Z[ERROR] message" (its level
    /// only if the priority says more than that it is a line). Empty at the end; ask
    /// again later for what comes. A message of several lines is several lines.
    std::string next();

    /// Is there any entry of the units, whenever? Moves to the first.
    bool has_entries();

    /// Why reading has ended, if it was not the end: a file that is damaged.
    const std::string& broken() const;

private:
    struct State;
    explicit Journal(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace logs
