#include "core/net/testing/nginx.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "core/base/unique_fd.hpp"

namespace triage::net::testing {
namespace {

int checked(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::system_category(), what);
    return result;
}

// Inherited by nginx: connections that come before it is ready wait in the socket's queue.
base::UniqueFd listen_on_loopback(std::uint16_t& port) {
    base::UniqueFd fd(checked(::socket(AF_INET, SOCK_STREAM, 0), "socket"));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    checked(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), "bind");
    checked(::listen(fd.get(), 128), "listen");
    checked(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
    port = ntohs(address.sin_port);
    return fd;
}

std::string with_address(std::string server, std::uint16_t port) {
    const auto at = server.find("LISTEN");
    return server.replace(at, 6, fmt::format("127.0.0.1:{}", port));
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "triage-net-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::system_error(errno, std::system_category(), name);
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Nginx::Nginx(const std::filesystem::path& folder, const std::vector<std::string>& servers) {
    std::vector<base::UniqueFd> listeners;
    std::string inherited = "NGINX=";
    const auto config_file = folder / "nginx.conf";
    std::ofstream config(config_file);
    config << "daemon off; worker_processes 1; pid nginx.pid; error_log error.log;\n"
              "events {}\nhttp { access_log off;\n";
    for (const char* const kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
        config << kind << "_temp_path " << kind << ";\n";
    }
    for (const std::string& server : servers) {
        std::uint16_t port = 0;
        listeners.push_back(listen_on_loopback(port));
        inherited += fmt::format("{};", listeners.back().get());
        ports_.push_back(port);
        config << with_address(server, port) << "\n";
    }
    config << "}\n";
    config.close();
    const std::string prefix = folder.string() + "/";
    const std::string log = prefix + "error.log";
    pid_ = checked(::fork(), "fork");
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        ::putenv(inherited.data());  // NOLINT(concurrency-mt-unsafe): the child has one thread
        ::execlp("nginx", "nginx", "-p", prefix.c_str(), "-e", log.c_str(), "-c",
                 config_file.c_str(), nullptr);
        ::execl("/usr/sbin/nginx", "nginx", "-p", prefix.c_str(), "-e", log.c_str(), "-c",
                config_file.c_str(), nullptr);
        ::_exit(127);
    }
}

Nginx::~Nginx() {
    ::kill(pid_, SIGTERM);  // it ends its worker, which SIGKILL would not
    ::waitpid(pid_, nullptr, 0);
}

}  // namespace triage::net::testing
