#include "core/cli/outputs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "core/base/unique_fd.hpp"
#include "core/cli/interrupts.hpp"
#include "core/cli/print.hpp"
#include "core/cli/session.hpp"
#include "core/report/report.hpp"

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

// Writes a report to a descriptor of this name.
using Report = std::function<base::Result<void>(int fd, const std::string& name)>;

base::Result<void> write_report(const model::Report& report, const std::string& format,
                                const report::Style& style, int fd, const std::string& name) {
    base::Result<void> result;
    const auto write_piece = [&](std::string_view text) {
        if (result) result = write_all(fd, text, name);  // after an error nothing more
    };
    if (format == "json") {
        report::json(report, write_piece);
    } else {
        write_piece(report::console(report, style));
    }
    return result;
}

mode_t mode_of_new_files() {
    const mode_t mask = ::umask(077);
    ::umask(mask);
    return 0666 & ~mask;
}

}  // namespace

// How a report gets where it shall go.
enum class Way : unsigned char {
    stream,    // standard output, or what is open already: a device, a pipe, a descriptor
    replace,   // a regular file, or a new one: whole or not at all
    in_place,  // opened when it is written: a pipe that nobody reads yet
};

struct Outputs::Sink {
    Output output;
    Way way = Way::stream;
    base::UniqueFd fd;  // Way::stream, but for standard output

    explicit Sink(Output what) : output(std::move(what)) {}

    int stream() const { return output.file.empty() ? STDOUT_FILENO : fd.get(); }

    base::Result<void> open() {
        if (output.file.empty()) return {};
        if (const auto named = named_descriptor(output.file)) {
            fd.reset(::fcntl(*named, F_DUPFD_CLOEXEC, 0));
            return fd ? base::Result<void>() : refused(errno);
        }
        struct stat info{};
        if (::stat(output.file.c_str(), &info) != 0) {
            if (errno != ENOENT) return refused(errno);
            return is_link() ? open_stream(O_CREAT) : expect_new();
        }
        if (!S_ISREG(info.st_mode)) return open_stream(0);
        way = Way::replace;
        const bool good = ::faccessat(AT_FDCWD, output.file.c_str(), W_OK, AT_EACCESS) == 0;
        return good ? base::Result<void>() : refused(errno);
    }

    base::Result<void> write(const Report& report) const {
        switch (way) {
            case Way::replace:
                return replace(report);
            case Way::in_place:
                return write_in_place(report);
            default:
                return report(stream(), output.file.empty() ? "standard output" : output.file);
        }
    }

private:
    base::Result<void> refused(int reason) const {
        return base::fail(fmt::format("cannot write the report to {}: {}", output.file,
                                      std::generic_category().message(reason)),
                          "Nothing was run. Name a file in a folder that exists and is writable.");
    }

    base::Result<void> not_written(int reason) const {
        return base::fail(fmt::format("the report could not be written to {}: {}", output.file,
                                      std::generic_category().message(reason)));
    }

    bool is_link() const {
        std::error_code error;
        return fs::is_symlink(fs::symlink_status(output.file, error));
    }

    base::Result<void> expect_new() {
        way = Way::replace;
        const auto folder = folder_of(output.file);
        const bool good = ::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
        return good && !output.file.ends_with('/') ? base::Result<void>()
                                                   : refused(good ? EISDIR : errno);
    }

    base::Result<void> open_stream(int flags) {
        fd.reset(::open(output.file.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags,
                        0666));
        const int reason = fd ? 0 : errno;
        struct stat info{};
        if (reason == ENXIO && ::stat(output.file.c_str(), &info) == 0 && S_ISFIFO(info.st_mode)) {
            way = Way::in_place;  // its reader has until the end of the run to come
            return {};
        }
        if (!fd) return refused(reason);
        ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) & ~O_NONBLOCK);
        return {};
    }

    // A temporary beside the file is renamed, so that nobody ever sees a part of a report.
    base::Result<void> replace(const Report& report) const {
        std::error_code error;
        const auto resolved = fs::canonical(output.file, error);  // a link stays a link
        const std::string target = error ? output.file : resolved.string();
        struct stat before{};
        const bool existed = ::stat(target.c_str(), &before) == 0;
        std::string temporary = (folder_of(target) / ".triage-report-XXXXXX").string();
        const base::UniqueFd file(::mkostemp(temporary.data(), O_CLOEXEC));
        if (!file) return existed ? write_in_place(report) : not_written(errno);
        // Only root may give files away; a group of one's own may be kept.
        const bool same_group = !existed ||
                                ::fchown(file.get(), before.st_uid, before.st_gid) == 0 ||
                                ::fchown(file.get(), uid_t(-1), before.st_gid) == 0;
        const mode_t mode = existed ? before.st_mode & 0777 : mode_of_new_files();
        ::fchmod(file.get(), same_group ? mode : mode & 0707);
        auto written = report(file.get(), output.file);
        if (written && ::rename(temporary.c_str(), target.c_str()) == 0) return {};
        const int reason = errno;
        ::unlink(temporary.c_str());
        if (!written) return written;
        // A file that is mounted into a container cannot be replaced.
        return existed && reason == EBUSY ? write_in_place(report) : not_written(reason);
    }

    base::Result<void> write_in_place(const Report& report) const {
        // A pipe keeps us waiting for its reader, perhaps for ever.
        if (way == Way::in_place) Interrupts::end_from_now_on();
        const base::UniqueFd file(
            ::open(output.file.c_str(), O_WRONLY | O_TRUNC | O_NOCTTY | O_CLOEXEC));
        return file ? report(file.get(), output.file) : not_written(errno);
    }
};

Outputs::Outputs(const OutputOptions& options) : options_(options) {}
Outputs::Outputs(Outputs&&) noexcept = default;
Outputs& Outputs::operator=(Outputs&&) noexcept = default;
Outputs::~Outputs() = default;

base::Result<Outputs> Outputs::open(const OutputOptions& options) {
    Outputs outputs(options);
    for (const auto& output : options.outputs) {
        auto& sink = outputs.sinks_.emplace_back(output);
        if (auto opened = sink.open(); !opened) return std::unexpected(opened.error());
    }
    // Those that may keep the others waiting come last.
    std::ranges::stable_partition(outputs.sinks_,
                                  [](const Sink& sink) { return sink.way != Way::in_place; });
    return outputs;
}

base::Result<void> Outputs::write(const model::Report& report) {
    base::Result<void> result;
    for (const auto& sink : sinks_) {
        auto style = report::style_for(sink.way == Way::stream ? sink.stream() : -1);
        style.color =
            options_.color == Color::automatic ? style.color : options_.color == Color::always;
        style.verbose = options_.verbose;
        const auto written = sink.write([&](int fd, const std::string& name) {
            return write_report(report, sink.output.format, style, fd, name);
        });
        if (!written && result) result = written;
    }
    return result;
}

}  // namespace triage::cli
