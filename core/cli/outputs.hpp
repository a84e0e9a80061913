// Where reports go: standard output and files, several at once.
#pragma once

#include <cstdio>
#include <memory>
#include <vector>

#include "core/base/error.hpp"
#include "core/cli/arguments.hpp"
#include "core/model/report.hpp"

namespace triage::cli {

// Makes sure, before anything runs, that every file can be written; then writes them all. A regular
// file appears whole or not at all and keeps its mode; devices, pipes and descriptors (/dev/fd/7)
// are written as they are.
class Outputs {
public:
    static base::Result<Outputs> open(const OutputOptions& options);
    Outputs(Outputs&&) noexcept;
    Outputs& operator=(Outputs&&) noexcept;
    ~Outputs();

    // The first error, after all others were tried.
    base::Result<void> write(const model::Report& report);

private:
    struct Sink;
    explicit Outputs(const OutputOptions& options);
    OutputOptions options_;
    std::vector<Sink> sinks_;
};

}  // namespace triage::cli
