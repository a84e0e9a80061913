// Collects what is wrong with a document.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/base/text.hpp"
#include "core/runbook/diagnostic.hpp"
#include "core/runbook/parse.hpp"

namespace triage::runbook {

class Problems {
public:
    // `sources` must outlive this and may grow.
    explicit Problems(const std::vector<Source>& sources) : sources_(sources) {}

    void wrong(Rule rule, Position at, std::string message, std::string remedy = {});
    void unmet(Rule rule, Position at, std::string message, std::string remedy = {});
    // Without the line itself: a secret stands there.
    void wrong_hidden(Rule rule, Position at, std::string message, std::string remedy = {});
    // For what does not stand in a file: place is "--var api".
    void wrong_at(Rule rule, std::string place, std::string message, std::string remedy = {});
    void unmet_at(Rule rule, std::string place, std::string message, std::string remedy = {});

    // " Did you mean 'x'?" or "". `candidates` makes a std::vector<std::string>. Only for the first
    // hundred words: ten thousand words against ten thousand names would take minutes.
    template <class Candidates>
    std::string hint(std::string_view word, Candidates candidates) {
        if (++hints_ > 100) return {};
        return base::did_you_mean(word, candidates());
    }

    bool any_wrong() const { return counts_[static_cast<std::size_t>(Kind::wrong)] > 0; }

    // Whether lines of the file may be shown. Not of one that is included, but not called .toml: a
    // .env file that stands there by mistake holds secrets.
    bool may_show(std::uint32_t source) const;
    Location locate(Position at) const;
    std::string place(Position at) const;  // "triage.toml:7:3"
    // Where `text` begins in the line of `at`, at or after it; `at` itself if it is not found there
    // as it is. The first `skip` of them are passed over.
    Position find_in_line(Position at, std::string_view text, std::size_t skip = 0) const;

    // Sorted by file, line and column, each once. At most 1,000 of each kind and then how many
    // more there are.
    Diagnostics take();

private:
    struct Found {
        Position at;
        Diagnostic diagnostic;
        std::size_t order = 0;  // in which it was found
    };
    void add(Kind kind, Rule rule, Position at, std::string message, std::string remedy, bool show);
    void add(Found found);
    std::string_view line(Position at) const;

    const std::vector<Source>& sources_;
    mutable std::vector<std::vector<std::size_t>> line_starts_;  // of each source; made when needed
    std::vector<Found> found_;
    // for-each says the same of each instance
    std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::string>> known_;
    std::array<std::size_t, 2> counts_{};
    std::size_t hints_ = 0;
};

}  // namespace triage::runbook
