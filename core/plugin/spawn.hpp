// Starts a worker process, and reaps it.
//
// The worker gets nothing of the host but: an empty stdin, one pipe for stdout and stderr, the
// socket, the breadcrumbs, a short list of environment variables. Default signal handling, a
// process group of its own (so that Ctrl-C does not reach it). What it has started ends with it
// (descendants.hpp). It is a pidfd that stands for it, never a bare pid.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "core/base/error.hpp"
#include "core/base/unique_fd.hpp"
#include "core/net/place.hpp"
#include "core/plugin/breadcrumb.hpp"
#include "core/plugin/descendants.hpp"

namespace triage::plugin {

inline constexpr int worker_socket_fd = 3;
inline constexpr int worker_breadcrumb_fd = 4;
inline constexpr int worker_network_fd = 5;  // if it is to look from a place

// How a process has ended.
struct ExitStatus {
    bool by_signal = false;
    int number = 0;  // the signal, or the exit status
};

// A worker. Ends it and its descendants, and reaps it, at the latest when it goes.
class Process {
public:
    Process(pid_t pid, base::UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {
        add_worker(pid_);
    }
    Process(Process&& other) noexcept
        : pid_(std::exchange(other.pid_, 0)), pidfd_(std::move(other.pidfd_)) {}
    Process& operator=(Process&&) = delete;
    // Never waits: one that the kernel has not ended yet is left to init when this program ends.
    ~Process();

    int pidfd() const { return pidfd_.get(); }  // readable when it has ended
    pid_t pid() const { return pid_; }          // for messages
    // SIGKILL for it and its descendants. Does nothing once it was reaped.
    void kill();
    // Its status, if it has ended: then it is reaped and its descendants are killed.
    std::optional<ExitStatus> reap();
    // Waits for its end, so long and no longer.
    void wait(int milliseconds) const;

private:
    pid_t pid_;  // 0: reaped
    base::UniqueFd pidfd_;
};

struct Spawned {
    Process process;
    base::UniqueFd socket;  // to the worker's fd 3
    base::UniqueFd output;  // what it writes to stdout and stderr; non-blocking
    std::shared_ptr<Breadcrumbs> crumbs;
};

// `place`: where it enters before it loads the plugin; null: it stays on the host.
base::Result<Spawned> spawn_worker(const std::string& worker_path, const std::string& plugin_path,
                                   const net::Place* place);

}  // namespace triage::plugin
