/// self.resources: has this machine what triage needs to look?
#include "resources.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <system_error>

#include "self.hpp"

namespace self {
namespace {

struct ResourcesParams {
    std::vector<triage::Path> paths;
    double disk_warn, disk_fail, memory_warn, load_warn;
    std::int64_t descriptors;

    static void describe(triage::Describe<ResourcesParams>& d) {
        using P = ResourcesParams;
        d.optional("paths", &P::paths, {triage::Path("/tmp")},
                   "Folders whose disks must have room: those that triage writes to")
            .not_empty();
        d.optional("disk-warn", &P::disk_warn, 0.90, "Share of a disk, or of its inodes, in use")
            .at_least(0.0)
            .at_most(1.0)
            .not_above("disk-fail");
        d.optional("disk-fail", &P::disk_fail, 0.98, "The same, for a failure")
            .at_least(0.0)
            .at_most(1.0);
        d.optional("memory-warn", &P::memory_warn, 0.05,
                   "Share of the memory that must be available; 0: not looked at")
            .at_least(0.0)
            .at_most(1.0);
        d.optional("load-warn", &P::load_warn, 4.0,
                   "Load of the last minute per core; 0: not looked at")
            .at_least(0.0);
        d.optional("descriptors-warn", &P::descriptors, 256,
                   "Files that a process must be allowed to have open")
            .at_least(0);
    }
};

Disk disk_of(const triage::Path& path) {
    Disk out;
    out.path = path.str();
    struct statvfs at{};
    if (::statvfs(path.str().c_str(), &at) != 0) {
        out.unreadable = std::generic_category().message(errno);
        return out;
    }
    const auto used = static_cast<double>(at.f_blocks - at.f_bfree);
    const auto usable = used + static_cast<double>(at.f_bavail);
    out.used = usable > 0 ? used / usable : 0;
    out.free_bytes = at.f_bavail * at.f_frsize;
    if (at.f_files > 0) {
        const auto files = static_cast<double>(at.f_files);
        out.inodes_used = (files - static_cast<double>(at.f_favail)) / files;
    }
    return out;
}

std::optional<double> memory_available() {
    std::ifstream in("/proc/meminfo");
    std::string name, rest;
    double value = 0, total = 0, available = -1;
    while (in >> name >> value && std::getline(in, rest)) {
        if (name == "MemTotal:") total = value;
        if (name == "MemAvailable:") available = value;
    }
    if (total <= 0 || available < 0) return std::nullopt;
    return available / total;
}

std::optional<double> load_per_core() {
    double load = 0;
    cpu_set_t cores;
    CPU_ZERO(&cores);
    if (::getloadavg(&load, 1) != 1 || ::sched_getaffinity(0, sizeof cores, &cores) != 0)
        return std::nullopt;
    const int count = CPU_COUNT(&cores);
    return count > 0 ? std::optional(load / count) : std::nullopt;
}

std::optional<double> descriptors_used() {
    std::ifstream in("/proc/sys/fs/file-nr");
    double open = 0, unused = 0, most = 0;
    if (!(in >> open >> unused >> most) || most <= 0) return std::nullopt;
    return open / most;
}

ResourcesView look(const std::vector<triage::Path>& paths) {
    ResourcesView out;
    rlimit files{};
    out.descriptors = ::getrlimit(RLIMIT_NOFILE, &files) == 0
                          ? files.rlim_cur
                          : std::numeric_limits<std::uint64_t>::max();
    out.descriptors_used = descriptors_used();
    for (const auto& path : paths)
        out.disks.push_back(disk_of(path));
    out.memory_available = memory_available();
    out.load_per_core = load_per_core();
    return out;
}

triage::Check resources(const ResourcesParams& p, triage::Context& ctx) {
    // A network file system that is gone blocks whoever looks at it.
    const auto view = co_await ctx.blocking([&] { return look(p.paths); });
    const ResourceLimits limits{p.descriptors, p.disk_warn, p.disk_fail, p.memory_warn,
                                p.load_warn};
    const auto judgement = judge_resources(limits, view);
    judgement.report(ctx);
    std::optional<std::uint64_t> least;
    for (const auto& disk : view.disks) {
        if (disk.unreadable.empty())
            least = std::min(least.value_or(disk.free_bytes), disk.free_bytes);
    }
    if (least) ctx.metric("disk-free", static_cast<double>(*least), "By");
    co_return outcome_of(judgement);
}

}  // namespace

void add_resources(triage::Plugin& plugin) {
    plugin.check<ResourcesParams>(
        "resources", "Has this machine files, disk, memory and time left for triage to look",
        "none: it looks at this machine only", resources, resources_codes());
}

}  // namespace self
