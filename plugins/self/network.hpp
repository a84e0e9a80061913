/// self.network: what was seen of this machine's network, and what it means.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dns.hpp"
#include "machine.hpp"
#include "words.hpp"

namespace self {

/// An address that the run will look at, and whether there is a way to it.
struct Way {
    Address address;
    bool own = false;                   ///< this machine's
    std::optional<std::string> no_way;  ///< why not
};

/// A host that the run will look at, with all its addresses that are known.
struct Host {
    std::string name;
    std::vector<Way> ways;
    bool asked = false;  ///< of name servers: it is neither an address nor in the hosts file

    /// It is this machine itself.
    bool is_own() const;
};

/// Asks the kernel for a way. Sends nothing.
Way way_to(const Address& address, const Machine& machine);

/// All that self.network has seen.
struct NetworkView {
    Machine machine;
    std::vector<Host> hosts;
    std::vector<Server> servers;  ///< empty: no name had to be looked up
    std::vector<Way> to_servers;  ///< in the same order
    bool has_default_route = true;
};

/// Codes that self.network may find.
std::vector<triage::Code> network_codes();

triage::Judgement judge_network(const NetworkView& view);

}  // namespace self
