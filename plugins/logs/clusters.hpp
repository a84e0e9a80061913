/// Events that are alike, counted: so that twelve thousand tracebacks are one line.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "timestamp.hpp"

namespace logs {

/// Of indices: none of them.
inline constexpr int no_index = -1;

/// Something that happened, as one event of a log.
struct Event {
    std::string_view head;   ///< its message
    std::string_view cause;  ///< the root cause of its traceback, or empty
    std::string_view text;   ///< its first line as it stands in the log
    std::string_view more;   ///< lines that belong to it, each behind a line break
    std::optional<Time> at;
    bool at_is_own = false;    ///< its own line says so; else the line before it
    std::uint64_t order = 0;   ///< its place in its source
    int signature = no_index;  ///< index into signatures()
    int match = no_index;      ///< index of the user's own pattern
    bool critical = false;
};

/// Alike events.
struct Cluster {
    int signature = no_index, match = no_index;
    std::uint64_t count = 0, undated = 0;
    std::optional<Time> first, last;
    std::uint64_t first_order = 0, last_order = 0;
    std::uint64_t cause_hash = 0;  ///< 0: no traceback
    bool server_copy = false;      ///< uvicorn's own copy of a traceback
    bool critical = false;
    std::string head, cause, sample;
    std::vector<std::size_t> sources;  ///< indices, in the order seen
};

/// The clusters of one source, or merged ones of several. Bounded: once there are max_clusters,
/// events that are like none of them are only counted; but those of one signature, or of one of the
/// user's patterns, are one more cluster.
class Clusters {
public:
    static constexpr std::size_t max_clusters = 1000;

    void add(const Event& event, std::size_t source);
    void merge(const Clusters& other);

    /// By count, the most first; uvicorn's copies taken out where the application has logged the
    /// same cause.
    std::vector<const Cluster*> all() const;
    std::uint64_t events() const { return events_; }
    std::uint64_t beyond() const { return beyond_; }

private:
    Cluster* place(std::uint64_t key, std::uint64_t kind);

    boost::unordered_flat_map<std::uint64_t, Cluster> clusters_;
    std::uint64_t events_ = 0, beyond_ = 0;
};

}  // namespace logs
