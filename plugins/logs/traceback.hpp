/// Several lines that are one event: a traceback with what was chained to it, a stack, a message of
/// several lines. Folded to the line that says why.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "record.hpp"

namespace logs {

/// The header of a Python traceback, be it of an exception group, or behind a level.
bool begins_traceback(std::string_view text);

/// Takes the lines that follow the first one of an event, as long as they belong to it.
///
///     Fold fold;
///     fold.open(first_line);
///     while (fold.takes(next_line, reading)) …
///     fold.cause();
class Fold {
public:
    /// The event's first line, without what wraps it.
    void open(std::string_view first);
    /// Does `text` belong to the event? Then it was taken.
    bool takes(std::string_view text, const Reading& reading);

    /// The root cause: the last "module.Error: …" of the last chained block, with the lines that
    /// belong to that message; or the last "Caused by: …"; empty if there was no traceback.
    const std::string& cause() const { return cause_; }
    std::uint32_t lines() const { return lines_; }

private:
    enum class State { plain, frames, message, gap, chained };

    bool continues_plain(std::string_view text);
    bool continues_traceback(std::string_view text, const Reading& reading);
    bool after_message(std::string_view text, const Reading& reading);
    void set_cause(std::string_view text);
    void extend_cause(std::string_view text);

    State state_ = State::plain;
    std::string cause_;
    std::uint32_t lines_ = 0, message_lines_ = 0;
    bool closed_ = false;
};

/// The name of the exception in a cause: "sqlalchemy.exc.OperationalError"; empty if there is none.
std::string_view exception_name(std::string_view cause);

}  // namespace logs
