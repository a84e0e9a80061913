#include "core/cli/sink.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "core/cli/interrupts.hpp"

namespace triage::cli {
namespace {

namespace fs = std::filesystem;

// "/dev/fd/7" → 7. What it leads to can be written, but not always opened a second time, and must
// not be replaced.
std::optional<int> named_descriptor(const std::string& path) {
    if (path == "/dev/stdout") return STDOUT_FILENO;
    if (path == "/dev/stderr") return STDERR_FILENO;
    for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
        if (!path.starts_with(folder)) continue;
        int fd = -1;
        const char* const end = path.data() + path.size();
        const auto [last, error] = std::from_chars(path.data() + folder.size(), end, fd);
        if (error == std::errc() && last == end && fd >= 0) return fd;
    }
    return std::nullopt;
}

fs::path folder_of(const std::string& file) {
    const auto folder = fs::path(file).parent_path();
    return folder.empty() ? fs::path(".") : folder;
}

bool is_link(const std::string& file) {
    std::error_code error;
    return fs::is_symlink(fs::symlink_status(file, error));
}

bool is_something_else(const std::string& file) {
    std::error_code error;
    const auto status = fs::status(file, error);
    return named_descriptor(file) || (fs::exists(status) && !fs::is_regular_file(status));
}

// Where a file is, or would be: a link may lead to one that is not there yet.
fs::path place_of(const std::string& file) {
    std::error_code error;
    auto path = fs::absolute(file, error);
    for (int links = 0; links < 40 && is_link(path); ++links)
        path = path.parent_path() / fs::read_symlink(path, error);
    return fs::weakly_canonical(path, error);
}

mode_t without_umask(mode_t mode) {
    const mode_t mask = ::umask(077);
    ::umask(mask);
    return mode & ~mask;
}

}  // namespace

bool is_same_file(const std::string& a, const std::string& b) {
    if (is_something_else(a) || is_something_else(b)) return false;
    std::error_code error;
    return fs::equivalent(a, b, error) || place_of(a) == place_of(b);
}

base::Result<Sink> Sink::open(Target target) {
    Sink sink(std::move(target));
    if (auto looked = sink.look(); !looked) return std::unexpected(looked.error());
    return sink;
}

int Sink::stream() const {
    if (way_ != Way::stream) return -1;
    return target_.file.empty() ? STDOUT_FILENO : fd_.get();
}

base::Result<void> Sink::write(const Document& document) const {
    switch (way_) {
        case Way::replace:
            return replace(document);
        case Way::in_place:
            return write_in_place(document);
        default:
            return document(stream(), target_.file.empty() ? "standard output" : target_.file);
    }
}

base::Result<void> Sink::look() {
    const auto& file = target_.file;
    if (file.empty()) return {};
    if (const auto named = named_descriptor(file)) {
        fd_.reset(::fcntl(*named, F_DUPFD_CLOEXEC, 0));
        return fd_ ? base::Result<void>() : refused(errno);
    }
    struct stat info{};
    if (::stat(file.c_str(), &info) != 0) {
        if (errno != ENOENT) return refused(errno);
        return is_link(file) ? open_stream(O_CREAT) : expect_new();
    }
    if (!S_ISREG(info.st_mode)) return open_stream(0);
    way_ = Way::replace;
    const bool good = ::faccessat(AT_FDCWD, file.c_str(), W_OK, AT_EACCESS) == 0;
    return good ? base::Result<void>() : refused(errno);
}

base::Result<void> Sink::expect_new() {
    way_ = Way::replace;
    const auto folder = folder_of(target_.file);
    const bool good = ::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
    return good && !target_.file.ends_with('/') ? base::Result<void>()
                                                : refused(good ? EISDIR : errno);
}

base::Result<void> Sink::open_stream(int flags) {
    const auto* const file = target_.file.c_str();
    fd_.reset(::open(file, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags,
                     static_cast<mode_t>(target_.most_mode)));
    const int reason = fd_ ? 0 : errno;
    struct stat info{};
    if (reason == ENXIO && ::stat(file, &info) == 0 && S_ISFIFO(info.st_mode)) {
        way_ = Way::in_place;  // its reader has until the end of the run to come
        return {};
    }
    if (!fd_) return refused(reason);
    ::fcntl(fd_.get(), F_SETFL, ::fcntl(fd_.get(), F_GETFL) & ~O_NONBLOCK);
    return {};
}

// A temporary beside the file is renamed, so that nobody ever sees a part of a document.
base::Result<void> Sink::replace(const Document& document) const {
    std::error_code error;
    const auto resolved = fs::canonical(target_.file, error);  // a link stays a link
    const std::string path = error ? target_.file : resolved.string();
    struct stat before{};
    const bool existed = ::stat(path.c_str(), &before) == 0;
    std::string temporary = (folder_of(path) / ".triage-XXXXXX").string();
    const base::UniqueFd file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!file) return existed ? write_in_place(document) : not_written(errno);
    // Only root may give files away; a group of one's own may be kept.
    const bool same_group = !existed || ::fchown(file.get(), before.st_uid, before.st_gid) == 0 ||
                            ::fchown(file.get(), uid_t(-1), before.st_gid) == 0;
    const mode_t mode = existed ? before.st_mode & 0777 : without_umask(target_.most_mode);
    ::fchmod(file.get(), same_group ? mode : mode & 0707);
    auto written = document(file.get(), target_.file);
    if (written && ::rename(temporary.c_str(), path.c_str()) == 0) return {};
    const int reason = errno;
    ::unlink(temporary.c_str());
    if (!written) return written;
    // A file that is mounted into a container cannot be replaced.
    return existed && reason == EBUSY ? write_in_place(document) : not_written(reason);
}

base::Result<void> Sink::write_in_place(const Document& document) const {
    // A pipe keeps us waiting for its reader, perhaps for ever.
    if (way_ == Way::in_place) Interrupts::end_from_now_on();
    const base::UniqueFd file(
        ::open(target_.file.c_str(), O_WRONLY | O_TRUNC | O_NOCTTY | O_CLOEXEC));
    return file ? document(file.get(), target_.file) : not_written(errno);
}

base::Result<void> Sink::refused(int reason) const {
    return base::fail(fmt::format("cannot write {} to {}: {}", target_.what, target_.file,
                                  std::generic_category().message(reason)),
                      "Nothing was run. Name a file in a folder that exists and is writable.");
}

base::Result<void> Sink::not_written(int reason) const {
    return base::fail(fmt::format("{} could not be written to {}: {}", target_.what, target_.file,
                                  std::generic_category().message(reason)));
}

}  // namespace triage::cli
