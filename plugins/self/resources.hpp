/// self.resources: what triage itself needs to look, and what it means that it is short.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "words.hpp"

namespace self {

/// A file system, by a path on it.
struct Disk {
    std::string path;
    std::string unreadable;             ///< "": it could be looked at
    double used = 0;                    ///< share of what users may use, as `df` has it
    std::optional<double> inodes_used;  ///< not all file systems count them
    std::uint64_t free_bytes = 0;
};

struct ResourcesView {
    std::uint64_t descriptors = 0;           ///< that a process may have
    std::optional<double> descriptors_used;  ///< share, of the whole machine
    std::vector<Disk> disks;
    std::optional<double> memory_available;  ///< share
    std::optional<double> load_per_core;     ///< of the last minute
};

struct ResourceLimits {
    std::int64_t descriptors;
    double disk_warn, disk_fail, memory_warn, load_warn;  ///< load and memory 0: not looked at
};

/// Codes that self.resources may find.
std::vector<triage::Code> resources_codes();

triage::Judgement judge_resources(const ResourceLimits& limits, const ResourcesView& view);

}  // namespace self
