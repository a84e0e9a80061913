#include "core/plugin/spawn.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "core/plugin/wire.hpp"

extern "C" {
#include <sys/pidfd.h>  // glibc 2.36's says nothing of C++
}

namespace triage::plugin {
namespace {

using base::UniqueFd;

// File descriptors are passed from above those that they become, so that no dup2 hits one that is
// still needed.
constexpr int lowest_source_fd = 10;

std::unexpected<base::Error> failed(const std::string& what, int error) {
    return base::fail("a worker process cannot be started: " + what + ": " +
                      std::generic_category().message(error));
}

UniqueFd raise_fd(int fd) {
    const UniqueFd low(fd);
    return fd < 0 ? UniqueFd() : UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, lowest_source_fd));
}

// Sealed: a worker that cut the file short would crash the host when it looks.
UniqueFd make_breadcrumb_file() {
    UniqueFd file = raise_fd(::memfd_create("triage-breadcrumbs", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (file && (::ftruncate(file.get(), sizeof(Breadcrumbs)) != 0 ||
                 ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0))
        file.reset();
    return file;
}

struct Ends {
    UniqueFd host_socket, worker_socket, output_read, output_write, crumbs, network;
};

base::Result<Ends> make_ends(const net::Place* place) {
    Ends ends;
    int pair[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return failed("socketpair", errno);
    ends.host_socket.reset(pair[0]);
    ends.worker_socket = raise_fd(pair[1]);
    if (::pipe2(pair, O_CLOEXEC) != 0) return failed("pipe", errno);
    ends.output_read.reset(pair[0]);
    ends.output_write = raise_fd(pair[1]);
    ends.crumbs = make_breadcrumb_file();
    if (!ends.worker_socket || !ends.output_write || !ends.crumbs)
        return failed("file descriptors", errno);
    if (place != nullptr) {
        ends.network.reset(::fcntl(place->network_fd(), F_DUPFD_CLOEXEC, lowest_source_fd));
        if (!ends.network) return failed("file descriptors", errno);
    }
    ::fcntl(ends.output_read.get(), F_SETFL, O_NONBLOCK);
    return ends;
}

bool is_passed_on(std::string_view variable) {
    constexpr std::string_view names[] = {"PATH=",
                                          "HOME=",
                                          "LANG=",
                                          "LC_",
                                          "TZ=",
                                          "TMPDIR=",
                                          "ASAN_OPTIONS=",
                                          "LSAN_OPTIONS=",
                                          "TSAN_OPTIONS=",
                                          "UBSAN_OPTIONS=",
                                          "ASAN_SYMBOLIZER_PATH="};
    for (const auto name : names)
        if (variable.starts_with(name)) return true;
    return false;
}

std::vector<char*> make_environment() {
    std::vector<char*> environment;
    for (char** variable = environ; *variable != nullptr; ++variable)
        if (is_passed_on(*variable)) environment.push_back(*variable);
    environment.push_back(nullptr);
    return environment;
}

// Workers are of the same user: without this they could read this process's memory and environment,
// all secrets in them, in /proc or as a debugger does. Root can all the same. Not before there are
// workers: where plugins are in this process nothing is kept from them, and a debugger is wanted.
void hide_from_workers() { ::prctl(PR_SET_DUMPABLE, 0); }

// What posix_spawn is told; frees it again.
class SpawnSettings {
public:
    SpawnSettings() {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
    }
    ~SpawnSettings() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;

    void pass(const Ends& ends) {
        ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, ends.output_write.get(), 1);
        ::posix_spawn_file_actions_adddup2(&actions, ends.output_write.get(), 2);
        ::posix_spawn_file_actions_adddup2(&actions, ends.worker_socket.get(), worker_socket_fd);
        ::posix_spawn_file_actions_adddup2(&actions, ends.crumbs.get(), worker_breadcrumb_fd);
        if (ends.network)
            ::posix_spawn_file_actions_adddup2(&actions, ends.network.get(), worker_network_fd);
        ::posix_spawn_file_actions_addclosefrom_np(
            &actions, (ends.network ? worker_network_fd : worker_breadcrumb_fd) + 1);
    }
    void reset_signals() {
        sigset_t all;
        sigset_t none;
        sigfillset(&all);
        sigemptyset(&none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setpgroup(&attributes, 0);
        ::posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    }

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

}  // namespace

Process::~Process() {
    if (pid_ == 0) return;
    const pid_t pid = pid_;
    kill();
    reap();
    forget_worker(pid);
}

void Process::kill() {
    if (pid_ == 0) return;
    // As long as it lives its descendants can be told from others, and stopped it makes no more.
    ::pidfd_send_signal(pidfd_.get(), SIGSTOP, nullptr, 0);
    kill_descendants(pid_, pidfd_.get());
    ::pidfd_send_signal(pidfd_.get(), SIGKILL, nullptr, 0);
    // Until it is reaped, the number of its group cannot be another's.
    ::kill(-pid_, SIGKILL);
}

std::optional<ExitStatus> Process::reap() {
    if (pid_ == 0) return std::nullopt;
    siginfo_t info{};
    const auto id = static_cast<id_t>(pidfd_.get());
    if (::waitid(P_PIDFD, id, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
        forget_worker(std::exchange(pid_, 0));  // somebody else has reaped it
        return ExitStatus{true, SIGKILL};
    }
    if (info.si_pid == 0) return std::nullopt;
    ::kill(-pid_, SIGKILL);  // children that it has left behind
    ::waitid(P_PIDFD, id, &info, WEXITED | WNOHANG);
    forget_worker(std::exchange(pid_, 0));
    kill_orphans();
    return ExitStatus{info.si_code != CLD_EXITED, info.si_status};
}

void Process::wait(int milliseconds) const {
    pollfd item{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
    if (pid_ != 0) ::poll(&item, 1, milliseconds);
}

base::Result<Spawned> spawn_worker(const std::string& worker_path, const std::string& plugin_path,
                                   const net::Place* place) {
    auto ends = make_ends(place);
    if (!ends) return std::unexpected(std::move(ends.error()));
    auto crumbs = map_breadcrumbs(ends->crumbs.get());
    if (!crumbs) return failed("mmap", errno);
    adopt_orphans();
    hide_from_workers();
    SpawnSettings settings;
    settings.pass(*ends);
    settings.reset_signals();
    std::vector<std::string> words{worker_path, std::to_string(protocol_version),
                                   std::to_string(::getpid()), plugin_path};
    if (place != nullptr) words.push_back(place->root());
    std::vector<char*> arguments;
    for (auto& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t pid = 0;
    const int error =
        ::posix_spawn(&pid, worker_path.c_str(), &settings.actions, &settings.attributes,
                      arguments.data(), make_environment().data());
    if (error != 0) return failed(worker_path, error);
    UniqueFd pidfd(::pidfd_open(pid, 0));
    if (!pidfd) {
        const int reason = errno;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        return failed("pidfd_open", reason);
    }
    return Spawned{Process(pid, std::move(pidfd)), std::move(ends->host_socket),
                   std::move(ends->output_read), std::move(crumbs)};
}

}  // namespace triage::plugin
