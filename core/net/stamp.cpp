#include <fmt/format.h>

#include "core/net/module.hpp"

namespace triage::net {

std::string interface_stamp() {
    return fmt::format("triage {}, C++ library {}, layout {}/{}/{}/{}/{}/{}", TRIAGE_VERSION,
                       _GLIBCXX_RELEASE, sizeof(Request), sizeof(Response), sizeof(Limits),
                       sizeof(Header), sizeof(Certificate), sizeof(Place));
}

}  // namespace triage::net
