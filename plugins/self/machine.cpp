#include "machine.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <memory>
#include <system_error>

#include <triage/result.hpp>
#include <triage/text.hpp>

namespace self {
namespace {

struct Interface {
    bool up = false;
    bool address = false;  // more than the link's own
};

std::string describe(const std::string& name, const Interface& one) {
    return triage::text(name, !one.up ? ": down" : one.address ? ": up" : ": no address");
}

}  // namespace

bool Machine::is_own(const Address& address) const {
    return address.is_loopback() || std::ranges::find(addresses, address) != addresses.end();
}

Machine this_machine() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) {
        throw triage::CouldNotTell(triage::text("this machine's interfaces cannot be listed: ",
                                                std::generic_category().message(errno)));
    }
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owned(list, &::freeifaddrs);
    Machine out;
    std::map<std::string, Interface> interfaces;
    for (const auto* one = list; one != nullptr; one = one->ifa_next) {
        if ((one->ifa_flags & IFF_LOOPBACK) != 0) continue;
        auto& interface = interfaces[one->ifa_name];
        interface.up = (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_RUNNING) != 0;
        const auto address = Address::of(one->ifa_addr);
        if (!address) continue;
        out.addresses.push_back(*address);
        if (!address->is_link_local()) interface.address = true;
    }
    for (const auto& [name, one] : interfaces) {
        out.interfaces.push_back(describe(name, one));
        out.has_network |= one.up && one.address;
    }
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) == 0) out.name = name.data();
    return out;
}

}  // namespace self
