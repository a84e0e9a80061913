#include "core/cli/outputs.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/cli/print.hpp"
#include "core/cli/session.hpp"
#include "core/report/report.hpp"

namespace triage::cli {

Outputs::Outputs(const OutputOptions& options) : options_(options) {}

base::Result<Outputs> Outputs::open(const OutputOptions& options) {
    Outputs outputs(options);
    for (const auto& output : options.outputs) {
        auto sink = Sink::open({.what = "the report", .file = output.file});
        if (!sink) return std::unexpected(sink.error());
        outputs.to_.push_back({output.format, *std::move(sink)});
    }
    // Those that may keep the others waiting come last.
    std::ranges::stable_partition(outputs.to_, [](const To& to) { return !to.sink.may_wait(); });
    return outputs;
}

base::Result<void> Outputs::write(const model::Report& report, const report::JsonText& json) {
    base::Result<void> result;
    for (const auto& [format, sink] : to_) {
        auto style = report::style_for(sink.stream());
        style.color =
            options_.color == Color::automatic ? style.color : options_.color == Color::always;
        style.verbose = options_.verbose;
        const auto written = sink.write([&](int fd, const std::string& name) {
            if (format == "json") return write_all(fd, json.get(), name);
            return write_all(fd, report::console(report, style), name);
        });
        if (!written && result) result = written;
    }
    return result;
}

}  // namespace triage::cli
