// triage-worker: one plugin in a process of its own. Started by triage, see spawn.hpp:
//
//   triage-worker PROTOCOL PARENT-PID PLUGIN.so [ROOT]
//
// fd 3: the host's socket, fd 4: the breadcrumbs. With ROOT it looks from a place: fd 5 is the
// network, ROOT the root folder whose etc/hosts and etc/resolv.conf count there.
//
// It ends when the host closes the socket.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/plugin/spawn.hpp"
#include "core/plugin/wire.hpp"
#include "core/plugin/worker/last_words.hpp"
#include "core/plugin/worker/session.hpp"

namespace triage::plugin {
namespace {

int refuse(const std::string& reason) {
    std::fprintf(stderr, "triage-worker: %s\n", reason.c_str());
    return 2;
}

// What holds before the first byte of the plugin is run.
bool confine(const std::string& parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (std::to_string(::getppid()) != parent) return false;  // gone before the line above
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);                       // see descendants.hpp
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_DUMPABLE, 0);  // nor may other plugins look into this one
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    return true;
}

int run(int argc, char** argv) {
    int type = 0;
    socklen_t size = sizeof(type);
    if (argc < 4 || argc > 5 ||
        ::getsockopt(worker_socket_fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
        return refuse("this program is started by triage and has no use of its own");
    if (std::string_view(argv[1]) != std::to_string(protocol_version))
        return refuse("triage speaks protocol " + std::string(argv[1]) + ", this worker " +
                      std::to_string(protocol_version) +
                      ": the two are of different installations; install triage again");
    if (!confine(argv[2])) return refuse("the triage that started it has ended");
    // Never unmapped: a dying thread may write there at any time.
    static const auto& crumbs =
        *new std::shared_ptr<Breadcrumbs>(map_breadcrumbs(worker_breadcrumb_fd));
    ::close(worker_breadcrumb_fd);
    if (!crumbs) return refuse("the breadcrumbs cannot be mapped");
    leave_last_words(*crumbs);
    if (argc == 5) {
        if (auto entered = net::enter_place(worker_network_fd, argv[4]); !entered)
            return refuse(entered.error().message);
        ::close(worker_network_fd);
    }
    serve(argv[3], crumbs);
    return 0;
}

}  // namespace
}  // namespace triage::plugin

int main(int argc, char** argv) {
    // Not exit(): that is what plugins are not to call.
    const int status = triage::plugin::run(argc, argv);
    std::fflush(nullptr);
    ::_exit(status);
}
