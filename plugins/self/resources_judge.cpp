#include <cmath>

#include "resources.hpp"

namespace self {
namespace {

using triage::Code;
using triage::text;
using triage::Weight;

constexpr double all_descriptors = 0.95;

constexpr Code few_descriptors{"self.few-descriptors", Weight::warn,
                               "Few file descriptors are left: checks cannot open connections",
                               "Raise the limit (ulimit -n 4096), or find who holds them (lsof)"};
constexpr Code disk_full{
    "self.disk-full", Weight::fail,
    "A disk of this machine is full: triage and what runs here cannot write",
    "Free space (df -h, du -x; docker system df), or name another folder in TMPDIR"};
constexpr Code inodes_full{"self.inodes-full", Weight::fail,
                           "A file system of this machine has no room for more files",
                           "Find the folder with very many small files (df -i; du --inodes -x)"};
constexpr Code memory_low{"self.memory-low", Weight::warn, "This machine has little memory left",
                          "Find what uses it (ps aux --sort=-rss); durations that are measured "
                          "here are not the target's"};
constexpr Code overloaded{
    "self.overloaded", Weight::warn, "This machine is overloaded",
    "Find what keeps it busy (top); durations that are measured here are not the target's"};

std::string percent(double share) { return text(std::lround(share * 100), " %"); }
std::string tenths(double value) { return text(std::round(value * 10) / 10); }

std::string gibibytes(std::uint64_t bytes) {
    return text(tenths(static_cast<double>(bytes) / (1024.0 * 1024 * 1024)), " GiB");
}

void over(triage::Judgement& out, const Code& code, double used, const ResourceLimits& limits,
          const std::string& path, std::string message) {
    out.evaluated(code);
    if (used < limits.disk_warn) return;
    auto& found = out.found(code, path, std::move(message));
    if (used < limits.disk_fail) found.weight = Weight::warn;
}

void judge_disk(triage::Judgement& out, const ResourceLimits& limits, const Disk& disk) {
    if (!disk.unreadable.empty()) {
        out.say(text(disk.path, " cannot be looked at: ", disk.unreadable));
        return;
    }
    const auto left = text(percent(disk.used), " used, ", gibibytes(disk.free_bytes), " free");
    out.say(text(disk.path, " ", left));
    over(out, disk_full, disk.used, limits, disk.path,
         text("the disk of ", disk.path, " on this machine is full: ", left));
    if (!disk.inodes_used) return;
    over(out, inodes_full, *disk.inodes_used, limits, disk.path,
         text("the file system of ", disk.path, " on this machine has no room for more files: ",
              percent(*disk.inodes_used), " of its inodes used"));
}

void judge_descriptors(triage::Judgement& out, const ResourceLimits& limits,
                       const ResourcesView& view) {
    out.evaluated(few_descriptors);
    if (view.descriptors < static_cast<std::uint64_t>(limits.descriptors)) {
        out.found(few_descriptors, "RLIMIT_NOFILE",
                  text("a process may have ", view.descriptors,
                       " open files here, expected at least ", limits.descriptors));
    }
    if (view.descriptors_used.value_or(0) > all_descriptors) {
        out.found(few_descriptors, "/proc/sys/fs/file-max",
                  text(percent(*view.descriptors_used),
                       " of all files that this machine can have "
                       "open are"));
    }
}

}  // namespace

std::vector<triage::Code> resources_codes() {
    return {few_descriptors, disk_full, inodes_full, memory_low, overloaded};
}

triage::Judgement judge_resources(const ResourceLimits& limits, const ResourcesView& view) {
    triage::Judgement out;
    judge_descriptors(out, limits, view);
    for (const auto& disk : view.disks)
        judge_disk(out, limits, disk);
    if (view.memory_available && limits.memory_warn > 0) {
        out.evaluated(memory_low);
        const auto left = text("memory ", percent(*view.memory_available), " available");
        out.say(left);
        if (*view.memory_available < limits.memory_warn) {
            out.found(memory_low, "this machine",
                      text(left, ", expected at least ", percent(limits.memory_warn),
                           ": what is measured here may be slow by itself"));
        }
    }
    if (view.load_per_core && limits.load_warn > 0) {
        out.evaluated(overloaded);
        const auto load = text("load ", tenths(*view.load_per_core), " per core");
        out.say(load);
        if (*view.load_per_core > limits.load_warn) {
            out.found(overloaded, "this machine",
                      text(load, ", expected at most ", tenths(limits.load_warn),
                           ": what is measured here may be slow by itself"));
        }
    }
    return out;
}

}  // namespace self
