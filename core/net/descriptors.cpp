#include "core/net/descriptors.hpp"

#include <fcntl.h>
#include <sys/resource.h>

#include <cerrno>

#include "core/base/unique_fd.hpp"

namespace triage::net {

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);  // if refused, we live with what there is
}

bool out_of_descriptors() {
    const base::UniqueFd probe(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    return !probe && (errno == EMFILE || errno == ENFILE);
}

}  // namespace triage::net
