/// Who takes the lines that sources give.
#pragma once

#include <optional>
#include <string_view>

#include "timestamp.hpp"

namespace logs {

/// Which lines count.
struct Window {
    std::optional<Time> since;  ///< nullopt: all
};

/// Called by one thread at a time.
class Intake {
public:
    Intake() = default;
    Intake(const Intake&) = delete;
    Intake& operator=(const Intake&) = delete;
    virtual ~Intake() = default;

    /// Whole lines, with their line breaks (but perhaps the last one).
    virtual void lines(std::string_view whole) = 0;
    /// What comes next does not follow what came: another file, or the end.
    virtual void gap() = 0;
};

}  // namespace logs
