#include "core/cli/print.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace triage::cli {

void prepare_streams() {
    std::signal(SIGPIPE, SIG_IGN);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(fd, F_GETFD) != -1 || errno != EBADF) continue;
        // The wrong way round, so that using it fails; it gets the lowest free number, which is fd.
        [[maybe_unused]] const int filled =
            ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

base::Result<void> write_all(int fd, std::string_view text, const std::string& name) {
    while (!text.empty()) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EAGAIN) {  // who shares the terminal has made it so
            pollfd item{.fd = fd, .events = POLLOUT, .revents = 0};
            ::poll(&item, 1, -1);
            continue;
        }
        if (written < 0) {
            return base::fail(fmt::format("cannot write to {}: {}", name,
                                          std::generic_category().message(errno)));
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

int print(std::string_view text, int exit_code) {
    const auto written = write_all(STDOUT_FILENO, text, "standard output");
    if (written) return exit_code;
    print_error(written.error());
    return exit_code == model::exit_ok ? model::exit_unknown : exit_code;
}

void print_to_stderr(std::string_view text) {
    [[maybe_unused]] const auto written = write_all(STDERR_FILENO, text, "standard error");
}

void print_error(const base::Error& error) {
    // File names and arguments are not ours, and may hold anything.
    auto text = fmt::format("triage: {}\n", base::printable(error.message));
    if (!error.remedy.empty()) text += fmt::format("  {}\n", base::printable(error.remedy));
    print_to_stderr(text);
}

}  // namespace triage::cli
