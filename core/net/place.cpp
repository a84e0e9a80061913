#include "core/net/place.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <thread>
#include <utility>

namespace triage::net {
namespace {

std::unexpected<base::Error> failed(const std::string& what) {
    const int error = errno;
    std::string remedy;
    if (error == EPERM || error == EACCES)
        remedy = "Entering a container's network takes root: run triage with sudo.";
    if (error == ENOENT) remedy = "The container has ended meanwhile: look at its state.";
    return base::fail(what + ": " + std::generic_category().message(error), std::move(remedy));
}

constexpr std::array names_files{"resolv.conf", "hosts"};
constexpr std::size_t max_file_bytes = 1 << 20;

// A file of the container. Its links lead to where they lead inside: it may be hostile, and who
// asks is root.
base::Result<std::string> read_file(const std::string& root, const std::string& path) {
    const base::UniqueFd folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder) return failed(root);
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const base::UniqueFd fd(
        static_cast<int>(::syscall(SYS_openat2, folder.get(), path.c_str(), &how, sizeof how)));
    const auto what = "the container's " + path;
    struct stat about{};
    if (!fd || ::fstat(fd.get(), &about) != 0) return failed(what);
    if (!S_ISREG(about.st_mode)) return base::fail(what + " is no regular file");
    std::string text(max_file_bytes, '\0');
    std::size_t size = 0;
    for (ssize_t got = 1; got > 0 && size < text.size(); size += static_cast<std::size_t>(got)) {
        got = ::read(fd.get(), text.data() + size, text.size() - size);
        if (got < 0) return failed(what);
    }
    text.resize(size);
    return text;
}

base::Result<void> write_file(const std::string& path, const std::string& text) {
    const base::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0444));
    if (!fd || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return failed(path);
    return {};
}

// Puts copies of the files over the host's. (Files of another mount namespace cannot be mounted
// themselves.) They are made on a file system in memory, at the one folder that is there on every
// machine and is not needed meanwhile.
base::Result<void> cover_names_files(const std::string& root) {
    std::array<std::string, names_files.size()> texts;
    for (std::size_t i = 0; i < names_files.size(); ++i) {
        auto text = read_file(root, std::string("/etc/") + names_files[i]);
        if (!text) return std::unexpected(std::move(text.error()));
        texts[i] = std::move(*text);
    }
    const std::string workshop = "/proc/";
    if (::mount("none", workshop.c_str(), "tmpfs", 0, "mode=755") != 0)
        return failed("a file system in memory cannot be mounted");
    for (std::size_t i = 0; i < names_files.size(); ++i) {
        const auto made = workshop + names_files[i];
        if (auto written = write_file(made, texts[i]); !written) return written;
        const auto covered = std::string("/etc/") + names_files[i];
        if (::mount(made.c_str(), covered.c_str(), nullptr, MS_BIND, nullptr) != 0)
            return failed("the container's " + covered + " cannot be used");
    }
    if (::umount2(workshop.c_str(), MNT_DETACH) != 0) return failed("umount");
    return {};
}

// A process of its own would be the only other way to find out.
base::Result<void> try_to_enter(int network, const std::string& root) {
    base::Result<void> result;
    std::thread([&] { result = enter_place(network, root); }).join();
    return result;
}

}  // namespace

base::Result<void> enter_place(int network, const std::string& root) {
    // A mount namespace of its own, so that nobody else sees the files that are put over others.
    if (::unshare(CLONE_NEWNS) != 0) return failed("a mount namespace cannot be made");
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return failed("mounts cannot be made private");
    if (auto covered = cover_names_files(root); !covered) return covered;
    if (::setns(network, CLONE_NEWNET) != 0) return failed("its network cannot be entered");
    return {};
}

base::Result<std::shared_ptr<const Place>> Place::inside(std::string name, pid_t pid) {
    const auto process = "/proc/" + std::to_string(pid);
    auto place = std::make_shared<Place>();
    place->name_ = std::move(name);
    place->root_ = process + "/root";
    place->network_.reset(::open((process + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
    if (!place->network_) return failed(process + "/ns/net");
    place->home_.reset(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!place->home_) return failed("/proc/self/ns/net");
    if (auto entered = try_to_enter(place->network_.get(), place->root_); !entered)
        return std::unexpected(std::move(entered.error()));
    return place;
}

std::shared_ptr<const Place> Place::by_address(
    std::string name, std::map<std::string, std::vector<std::string>> addresses) {
    auto place = std::make_shared<Place>();
    place->name_ = std::move(name);
    place->addresses_ = std::move(addresses);
    return place;
}

const std::vector<std::string>* Place::addresses_of(const std::string& host) const {
    const auto found = addresses_.find(host);
    return found == addresses_.end() ? nullptr : &found->second;
}

base::Result<void> Place::enter() const {
    return is_inside() ? enter_place(network_.get(), root_) : base::Result<void>();
}

int Place::socket(int family, int type, int protocol) const {
    // A unix socket is found by its path, wherever it was made.
    if (!is_inside() || family == AF_UNIX) return ::socket(family, type, protocol);
    if (::setns(network_.get(), CLONE_NEWNET) != 0) return -1;
    const int fd = ::socket(family, type, protocol);
    const int error = errno;
    // To go on in there would be to ask others than the runbook says.
    if (::setns(home_.get(), CLONE_NEWNET) != 0) std::abort();
    errno = error;
    return fd;
}

}  // namespace triage::net
