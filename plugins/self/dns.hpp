/// What each name server of this machine answers. The only user of c-ares.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <triage/plugin.hpp>

#include "address.hpp"

namespace self {

/// What became of a question.
enum class Reply {
    addresses,    ///< the name has some
    no_address,   ///< the server says that it has none: an answer too
    failed,       ///< SERVFAIL: the server could not find out
    refused,      ///< REFUSED, or not implemented: it does not want to
    broken,       ///< what came is no answer
    unreachable,  ///< nothing listens there, or there is no way to it
    not_asked,    ///< it can be no name of a host
    silent,       ///< nothing came
};

struct Answer {
    std::string name;
    Reply reply = Reply::silent;
    std::vector<Address> addresses;
    std::chrono::microseconds took{0};

    /// The server did what it is for.
    bool is_useful() const { return reply == Reply::addresses || reply == Reply::no_address; }
};

/// One name server.
struct Server {
    std::string address;          ///< "10.0.0.2"
    std::vector<Answer> answers;  ///< to the names, in their order
    Answer control;               ///< whether it knows the root: "." is nobody's own trouble
};

/// "is silent", "answers SERVFAIL", …
std::string describe(Reply reply);

/// What the hosts file says of the name: nothing if it does not have it. Names of loopback are
/// always known. Throws triage::CouldNotTell.
std::vector<Address> look_in_hosts(const std::string& name);

/// The first three that the file names, as the system's resolver asks no more; without any it is
/// 127.0.0.1. Throws triage::CouldNotTell if the file cannot be read.
std::vector<std::string> name_servers(const std::string& resolv_conf);

/// Asks each of them all the names and the control question, all at once, twice if nothing comes.
/// Search domains are resolv.conf's.
triage::Task<std::vector<Server>> ask(triage::Context& ctx, std::string resolv_conf,
                                      std::vector<std::string> servers,
                                      std::vector<std::string> names,
                                      std::chrono::microseconds limit);

}  // namespace self
