/// Many patterns at once, at the speed of memory. The only place that knows Hyperscan.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <triage/result.hpp>

namespace logs {

/// Where a pattern ends in a text.
struct Hit {
    std::size_t end;
    unsigned id;
};

/// Compiled patterns; may be used by several threads at once, each with a Searcher of its own.
class Patterns {
public:
    /// In the syntax of PCRE without what needs backtracking (back references, look-around); `^`
    /// and `$` are those of lines. The id is what hits tell.
    struct Pattern {
        std::string text;
        unsigned id;
    };
    /// Fails with the pattern and what is wrong with it.
    static triage::Result<Patterns> compile(const std::vector<Pattern>& patterns);
    /// Can it be looked for, and does it take a byte at least? What takes none ("^", "a*") has no
    /// end that belongs to a line.
    static bool can_find(const std::string& pattern);

    struct Database;

private:
    friend class Searcher;
    explicit Patterns(std::shared_ptr<const Database> database) : database_(std::move(database)) {}
    std::shared_ptr<const Database> database_;
};

/// What one thread needs to search.
class Searcher {
public:
    explicit Searcher(const Patterns& patterns);
    Searcher(Searcher&&) noexcept;
    Searcher& operator=(Searcher&&) noexcept;
    ~Searcher();

    /// All hits in `text`, in the order of their ends; at most so many that their number stays
    /// below that of the lines times the patterns. Lives until the next search.
    const std::vector<Hit>& search(std::string_view text);
    /// Is there any?
    bool matches(std::string_view text);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace logs
