// triage replay: everything after the execution, from a saved run.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "core/base/unique_fd.hpp"
#include "core/causes/causes.hpp"
#include "core/cli/commands.hpp"
#include "core/cli/outputs.hpp"
#include "core/cli/past.hpp"
#include "core/cli/print.hpp"
#include "core/redact/redactor.hpp"

namespace triage::cli {
namespace {

constexpr off_t most_bytes = off_t{256} << 20;

base::Result<std::string> read_file(const std::string& path) {
    const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat info{};
    if (!fd || ::fstat(fd.get(), &info) != 0)
        return base::fail(std::generic_category().message(errno));
    if (!S_ISREG(info.st_mode)) return base::fail("it is not a regular file");
    if (info.st_size > most_bytes)
        return base::fail(fmt::format("it is larger than {} MiB", most_bytes >> 20));
    std::string text(static_cast<std::size_t>(info.st_size), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const auto got = ::read(fd.get(), text.data() + done, text.size() - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return base::fail(std::generic_category().message(errno));
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    text.resize(done);
    return text;
}

}  // namespace

int execute(const ReplayCommand& command, run::Start /*started*/) {
    const redact::Redactor redactor;
    const auto text = read_file(command.file);
    auto bundle = text ? bundle::read(*text, redactor)
                       : base::Result<bundle::Bundle>(std::unexpected(text.error()));
    if (!bundle) {
        print_error({fmt::format("{} cannot be replayed: {}", command.file, bundle.error().message),
                     bundle.error().remedy});
        return model::exit_usage;
    }
    auto outputs = Outputs::open(command.output);
    if (!outputs) {
        print_error(outputs.error());
        return model::exit_usage;
    }
    auto files = causes::bundled_files();
    for (auto& file : causes::files_in(command.causes))
        files.push_back(std::move(file));
    const auto known = causes::load(files, redactor);
    print_diagnostics(known.diagnostics, redactor, command.output.color);
    const auto report = answer(*std::move(bundle), known.rules, redactor);
    if (const auto written = outputs->write(report, report::JsonText(report)); !written) {
        print_error(written.error());
        return model::exit_unknown;
    }
    return report.run.exit_code;
}

}  // namespace triage::cli
