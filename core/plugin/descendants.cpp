#include "core/plugin/descendants.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "core/base/unique_fd.hpp"

extern "C" {
#include <sys/pidfd.h>  // glibc 2.36's says nothing of C++
}

namespace triage::plugin {
namespace {

using base::UniqueFd;

// Processes that start others while they are being killed cannot hold the host for ever.
constexpr int max_rounds = 20;
constexpr int max_depth = 100;  // what is deeper rises when those above it are gone

bool is_adopting = false;
std::set<pid_t> workers;

std::string folder_of(pid_t pid) { return "/proc/" + std::to_string(pid); }

std::vector<pid_t> children_of(pid_t pid) {
    std::vector<pid_t> children;
    std::error_code error;
    for (std::filesystem::directory_iterator thread(folder_of(pid) + "/task", error), end;
         !error && thread != end; thread.increment(error)) {
        std::ifstream list(thread->path() / "children");
        for (pid_t child = 0; list >> child;)
            children.push_back(child);
    }
    return children;
}

// 0 if there is no such process.
pid_t parent_of(pid_t pid) {
    std::ifstream file(folder_of(pid) + "/stat");
    std::string stat;
    std::getline(file, stat);
    const std::size_t name_end = stat.rfind(") ");  // the name may hold anything
    if (name_end == std::string::npos || stat.size() < name_end + 4) return 0;
    return static_cast<pid_t>(std::strtol(stat.c_str() + name_end + 4, nullptr, 10));
}

bool send(int pidfd, int signal) { return ::pidfd_send_signal(pidfd, signal, nullptr, 0) == 0; }

// One walk through the tree below `pid`, from its leaves up.
void kill_below(pid_t pid, int pidfd, int depth, std::set<pid_t>& killed) {
    for (const pid_t child : children_of(pid)) {
        const UniqueFd child_fd(::pidfd_open(child, 0));
        // Numbers are given out anew. After this it is certain that the number was that of a child
        // when its descriptor was made, as the parent's was the parent's all the time.
        if (!child_fd || parent_of(child) != pid || !send(pidfd, 0)) continue;
        if (depth < max_depth) kill_below(child, child_fd.get(), depth + 1, killed);
        if (killed.insert(child).second) send(child_fd.get(), SIGKILL);
    }
}

}  // namespace

void adopt_orphans() {
    if (is_adopting || !children_of(::getpid()).empty()) return;
    is_adopting = ::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
}

void add_worker(pid_t pid) { workers.insert(pid); }

void forget_worker(pid_t pid) { workers.erase(pid); }

void kill_descendants(pid_t pid, int pidfd) {
    std::set<pid_t> killed;
    for (int round = 0; round < max_rounds; ++round) {
        const auto before = killed.size();
        kill_below(pid, pidfd, 0, killed);
        if (killed.size() == before) return;
    }
}

void kill_orphans() {
    if (!is_adopting) return;
    for (const pid_t child : children_of(::getpid())) {
        if (workers.contains(child)) continue;
        // Until it is reaped its number is its own, and only this thread reaps.
        siginfo_t info{};
        const auto id = static_cast<id_t>(child);
        if (::waitid(P_PID, id, &info, WEXITED | WNOHANG) != 0 || info.si_pid == child) continue;
        const UniqueFd pidfd(::pidfd_open(child, 0));
        if (!pidfd) continue;
        send(pidfd.get(), SIGSTOP);
        kill_descendants(child, pidfd.get());
        send(pidfd.get(), SIGKILL);
    }
}

}  // namespace triage::plugin
