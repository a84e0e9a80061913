#include "core/cli/outputs.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "core/base/unique_fd.hpp"
#include "core/cli/session.hpp"
#include "core/report/report.hpp"

namespace triage::cli {
namespace {

base::Result<void> write_all(int fd, std::string_view text, const std::string& name) {
    while (!text.empty()) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            return base::fail(fmt::format("the report could not be written to {}: {}", name,
                                          std::strerror(errno)));
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

struct Outputs::Sink {
    Output output;
    base::UniqueFd fd;  // of the temporary; none for standard output and devices
    std::string temporary;

    Sink(Output what) : output(std::move(what)) {}
    Sink(Sink&& other) noexcept
        : output(std::move(other.output)),
          fd(std::move(other.fd)),
          temporary(std::exchange(other.temporary, {})) {}
    Sink& operator=(Sink&&) = delete;
    ~Sink() {
        if (!temporary.empty()) ::unlink(temporary.c_str());
    }

    base::Result<void> open() {
        if (output.file.empty()) return {};
        temporary = fmt::format("{}.{}.tmp", output.file, ::getpid());
        fd.reset(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
        if (fd) return {};
        const int reason = errno;
        temporary.clear();
        return base::fail(
            fmt::format("cannot write the report to {}: {}", output.file, std::strerror(reason)),
            "Nothing was run. Name a file in a folder that exists and is writable.");
    }

    base::Result<void> write(const model::Run& run, const report::Style& style) {
        const bool to_file = !output.file.empty();
        base::Result<void> result;
        const auto write_piece = [&](std::string_view text) {
            if (!result) return;  // after an error nothing more
            result = write_all(to_file ? fd.get() : STDOUT_FILENO, text,
                               to_file ? output.file : "standard output");
        };
        if (output.format == "json") {
            report::json(run, write_piece);
        } else {
            write_piece(report::console(run, style));
        }
        if (!result || !to_file) return result;
        if (::rename(temporary.c_str(), output.file.c_str()) != 0) {
            return base::fail(fmt::format("the report could not be written to {}: {}", output.file,
                                          std::strerror(errno)));
        }
        temporary.clear();
        return {};
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
    return outputs;
}

base::Result<void> Outputs::write(const model::Run& run) {
    base::Result<void> result;
    for (auto& sink : sinks_) {
        auto style = report::style_for(sink.output.file.empty() ? STDOUT_FILENO : sink.fd.get());
        style.color =
            options_.color == Color::automatic ? style.color : options_.color == Color::always;
        style.verbose = options_.verbose;
        if (auto written = sink.write(run, style); !written && result) result = written;
    }
    return result;
}

}  // namespace triage::cli
