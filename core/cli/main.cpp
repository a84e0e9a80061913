// triage: works an on-call checklist in seconds.
#include <malloc.h>

#include <chrono>
#include <exception>
#include <string>
#include <variant>

#include "core/cli/arguments.hpp"
#include "core/cli/commands.hpp"
#include "core/cli/interrupts.hpp"
#include "core/cli/print.hpp"
#include "core/model/verdict.hpp"

namespace {

triage::run::Start now() {
    using std::chrono::duration_cast, std::chrono::microseconds;
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return {.at = triage::loop::Clock::now(), .wall_us = duration_cast<microseconds>(wall).count()};
}

// A run makes and frees many small things beside libcurl's large buffers, and each free of a large
// one makes glibc walk through its list of small ones and give memory back that is wanted at once:
// a fifth of the program's own time in a run of 10,000 checks.
void set_up_allocator() {
    // NOLINTBEGIN(concurrency-mt-unsafe): there is one thread yet
    ::mallopt(M_MXFAST, 0);
    ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
    ::mallopt(M_TOP_PAD, 1 << 20);
    // NOLINTEND(concurrency-mt-unsafe)
}

}  // namespace

int main(int argc, char** argv) {
    set_up_allocator();
    const auto started = now();
    triage::cli::prepare_streams();
    triage::cli::end_at_interrupts();
    try {
        const auto parsed = triage::cli::parse_arguments(argc, argv);
        if (const auto* exit_code = std::get_if<int>(&parsed)) return *exit_code;
        return std::visit(
            [&](const auto& command) { return triage::cli::execute(command, started); },
            std::get<triage::cli::Command>(parsed));
    } catch (const std::exception& error) {
        // Nothing was told, so nothing may look like a pass.
        triage::cli::print_error({std::string("cannot go on: ") + error.what(), ""});
        return triage::model::exit_unknown;
    }
}
