// From where something looks at the network: from the host, or from inside a container's.
//
// A socket belongs to the network namespace in which it was made, for good; names are looked up as
// /etc/hosts and /etc/resolv.conf say. So inside of a container is where both are the container's.
// The file system stays the host's: paths in a runbook mean the same everywhere.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/unique_fd.hpp"

namespace triage::net {

// A null pointer to one is the host. Immutable; any thread.
class Place {
public:
    // Inside the network of the container whose first process is `pid`. Fails if this process may
    // not enter there, which takes root (CAP_SYS_ADMIN).
    static base::Result<std::shared_ptr<const Place>> inside(std::string name, pid_t pid);
    // Where it cannot be entered: on the host, with what names mean in there. Other names are
    // looked up as on the host.
    static std::shared_ptr<const Place> by_address(
        std::string name, std::map<std::string, std::vector<std::string>> addresses);

    const std::string& name() const { return name_; }  // "container:backend", for people
    bool is_inside() const { return bool(network_); }
    // What a name means here, if that is known without asking; else null.
    const std::vector<std::string>* addresses_of(const std::string& host) const;

    // The calling thread, or a process that has only one, is there from now on and cannot come
    // back. Nothing to do unless is_inside().
    base::Result<void> enter() const;
    // As socket(2), made there; the calling thread stays where it is. -1 and errno.
    int socket(int family, int type, int protocol) const;

    // For a process that is started to be there: what enter_place() takes.
    int network_fd() const { return network_.get(); }
    const std::string& root() const { return root_; }

private:
    std::string name_;
    base::UniqueFd network_;  // the namespace; none: the host's
    base::UniqueFd home_;     // the host's
    std::string root_;        // "/proc/1234/root"
    std::map<std::string, std::vector<std::string>> addresses_;
};

// By their vantage, "container:backend"; those that cannot be had say why.
using Places = std::map<std::string, base::Result<std::shared_ptr<const Place>>>;

// What Place::enter() does: `network` is the namespace, `root` where its etc/hosts and
// etc/resolv.conf are.
base::Result<void> enter_place(int network, const std::string& root);

}  // namespace triage::net
