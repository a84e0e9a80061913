/// Where lines come from: parameters that both checks share, and reading all sources at once.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <triage/plugin.hpp>

#include "file_source.hpp"

namespace logs {

struct SourceParams {
    std::vector<triage::Path> files, journal_files;
    std::vector<std::string> docker, journal_units;
    std::string docker_host, zone;
    bool rotated, expect_lines;
    std::chrono::microseconds since, follow;
    std::int64_t tail, undated_lines, max_expanded_mib;
};

/// Declares them.
template <class P>
void describe_sources(triage::Describe<P>& d);

/// What was read.
struct Gathered {
    std::vector<SourceReport> reports;  ///< by index of source
    std::vector<std::string> missing;  ///< what names no source at all: "/x/*.log: no file matches"
    std::optional<std::chrono::microseconds> followed;  ///< for shorter than was wanted

    /// "1 of 2 sources could not be read: …", with the reasons; empty if all could.
    std::string unread() const;
    /// "3 sources, 1.2 MiB, since 10:09:00Z", and what a person should know about them.
    std::string summary(const Extent& extent, Time now) const;
};

/// Gives whoever takes the lines of source number `source`. Called in the loop's thread.
using IntakeFactory = std::function<Intake&(std::size_t source, const Reading& reading)>;

/// What to read, from the parameters. Throws CouldNotTell if they make no sense.
Extent extent_of(const SourceParams& params, Time now);

/// Reads all sources, at the same time, and follows them as long as is wanted.
triage::Task<Gathered> gather(const SourceParams& params, triage::Context& ctx,
                              const Extent& extent, IntakeFactory make_intake);

}  // namespace logs

#include "sources_describe.hpp"
