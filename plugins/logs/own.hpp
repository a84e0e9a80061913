/// The user's own patterns, in RE2's language and of UTF-8: Hyperscan finds where one may match,
/// and where it knows less than RE2, PCRE2 has the last word about the line.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <triage/result.hpp>

#include "patterns.hpp"

namespace logs {

/// What Hyperscan looks for in place of a pattern: it is in each line that the pattern matches.
struct Stand {
    std::string text;
    bool exact;  ///< and in no other line
};
Stand stand_in(std::string_view pattern);

/// Compiled patterns; may be used by several threads at once, each with an OwnMatcher.
class Own {
public:
    /// Fails with the pattern and what is wrong with it.
    static triage::Result<Own> compile(const std::vector<std::string>& patterns);

    /// What to look for in many lines at once, by index of pattern.
    const std::vector<Stand>& stands() const { return stands_; }
    /// Does it fit the empty text, and so each line ("x*")?
    bool is_everywhere(std::size_t index) const;

private:
    friend class OwnMatcher;
    struct LastWord;
    Own(std::vector<Stand> stands, Patterns patterns);

    std::vector<Stand> stands_;
    Patterns patterns_;
    std::shared_ptr<std::vector<LastWord>> last_words_;  // by index
};

/// What one thread needs to look at lines.
class OwnMatcher {
public:
    explicit OwnMatcher(const Own& own) : own_(own), searcher_(own.patterns_) {}
    /// The index of the first pattern that matches the line; no_index if none does.
    int first_in(std::string_view line);

private:
    const Own& own_;
    Searcher searcher_;
    std::vector<unsigned> found_;
};

}  // namespace logs
