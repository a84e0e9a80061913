/// This machine's place in the network.
#pragma once

#include <string>
#include <vector>

#include "address.hpp"

namespace self {

struct Machine {
    std::string name;
    std::vector<Address> addresses;  ///< its own, but for loopback's
    /// Interfaces but loopback, each as "eth0: up" or "eth0: down" or "eth0: no address"
    std::vector<std::string> interfaces;
    bool has_network = false;  ///< one of them is up, has a carrier and an address

    /// It leads to this machine itself.
    bool is_own(const Address& address) const;
};

/// As it is now. Throws triage::CouldNotTell.
Machine this_machine();

}  // namespace self
