// Where reports go: standard output and files, several at once.
#pragma once

#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/cli/arguments.hpp"
#include "core/cli/sink.hpp"
#include "core/model/report.hpp"
#include "core/report/report.hpp"

namespace triage::cli {

// Makes sure, before anything runs, that every file can be written; then writes them all.
class Outputs {
public:
    static base::Result<Outputs> open(const OutputOptions& options);

    // The first error, after all others were tried.
    base::Result<void> write(const model::Report& report, const report::JsonText& json);

private:
    struct To {
        std::string format;
        Sink sink;
    };
    explicit Outputs(const OutputOptions& options);
    OutputOptions options_;
    std::vector<To> to_;
};

}  // namespace triage::cli
