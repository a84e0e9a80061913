/// The lines of one source, searched: events of level error and above, known signatures, the
/// user's own patterns.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clusters.hpp"
#include "intake.hpp"
#include "line_clock.hpp"
#include "own.hpp"
#include "record.hpp"
#include "traceback.hpp"

namespace logs {

/// What all scanners of a check share.
struct Search {
    std::optional<Patterns> patterns;  ///< of everything, for the search
    std::optional<Own> matches;        ///< the user's alone
    std::optional<Own> ignored;        ///< the user's, for events that do not count
    bool known = true;                 ///< look for signatures
    bool errors = true;                ///< look for lines of level error and above
};

/// Compiles them. `match` are the user's patterns.
triage::Result<std::shared_ptr<const Search>> make_search(const std::vector<std::string>& match,
                                                          const std::vector<std::string>& ignore,
                                                          bool known, bool errors);

/// When something was seen in one source.
struct Seen {
    std::uint64_t count = 0;
    std::optional<Time> first, last;
    std::uint64_t last_order = 0;

    void add(std::optional<Time> at, std::uint64_t order);
    /// What another part of the same source has seen.
    void merge(const Seen& other);
    /// Is this later than `other`, of the same source? By time, or else by place.
    /// With `slack` also if it was that much before.
    bool is_after(const Seen& other, std::chrono::microseconds slack = {}) const;
};

/// What one source has told.
struct Scanned {
    Scanned();
    /// What another part of the same source has told: its other stream, a later piece of a file.
    void merge(const Scanned& later);

    Clusters clusters;
    std::vector<Seen> signatures;     ///< by index
    std::vector<std::string> detail;  ///< what the last one of each named
    Seen started;                     ///< the application, or the database server
    Seen upgrading, migrated;         ///< a migration's steps, and its end
    std::string last_upgrade;         ///< "4d0f -> 5e1a"
    std::uint64_t ignored = 0, before = 0;
    std::uint64_t jumps = 0;    ///< of the times, back
    bool zone_assumed = false;  ///< times without a zone were seen
};

class Scanner final : public Intake {
public:
    Scanner(std::shared_ptr<const Search> search, Reading reading, Window window,
            std::size_t source);

    void lines(std::string_view whole) override;
    void gap() override;

    /// After the last line: what was found.
    const Scanned& result() const { return result_; }

private:
    /// Offsets of a line in its block, and of its hits.
    struct Span {
        std::size_t begin, end, first_hit, last_hit;
        bool is_own;  // nothing but the user's patterns speaks for it
        bool is_hit() const { return first_hit < last_hit; }
    };

    std::span<const Hit> hits_of(const Span& span) const {
        return std::span(*hits_).subspan(span.first_hit, span.last_hit - span.first_hit);
    }
    Span line_of_hit(std::string_view block, std::size_t at, std::size_t hit) const;
    void candidate(std::string_view block, const Span& span);
    bool matched(std::string_view line, const Span& span);
    void note_signatures(std::string_view text, const Span& span, bool quiet);
    void note_states(const Record& record, const Span& span, std::uint64_t order);
    void hold_head();
    void open_event(std::uint64_t order, std::string_view line);
    std::size_t body(std::string_view block, std::size_t at, std::size_t& hit);
    void close_event();
    const Unwrapped& unwrapped(std::string_view line);
    bool is_ignored(std::string_view line, std::string_view inner);

    std::shared_ptr<const Search> search_;
    Searcher searcher_;
    std::optional<OwnMatcher> matcher_, ignorer_;
    Reading reading_;
    Window window_;
    std::size_t source_;
    Scanned result_;

    const std::vector<Hit>* hits_ = nullptr;
    LineClock clock_;
    std::uint64_t order_ = 0;  // bytes before this block

    // The event that is open, if any.
    bool open_ = false, ignored_ = false;
    Fold fold_;
    Event event_;
    Record head_;       // of the line that is looked at, too
    std::string held_;  // its text, if it has to be kept
    RecordReader reader_;
    Unwrapped inner_;
    bool may_be_colored_ = true;       // the block: one look for all of its lines
    const char* unwrapped_ = nullptr;  // the line that inner_ is of
    std::size_t next_end_ = 0;         // in the block: where the line behind the last event ends
    std::string named_, more_;
};

}  // namespace logs
