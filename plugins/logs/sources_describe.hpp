/// The declaration of the parameters that both checks share.
#pragma once

#include <triage/docker.hpp>

#include "sources.hpp"

namespace logs {

/// A member of the shared part as a member of P: what Describe<P> wants.
template <class P, class M>
constexpr M P::* member(M SourceParams::* of_base) {
    return of_base;
}

template <class P>
void describe_sources(triage::Describe<P>& d) {
    using namespace std::chrono_literals;
    d.optional("files", member<P>(&SourceParams::files),
               "Log files; a name may be a glob: /var/log/app/*.log")
        .example("/var/log/app.log");
    d.optional(
        "rotated", member<P>(&SourceParams::rotated), true,
        "Also read rotated siblings (app.log.1, app.log.2.gz) that were written in the window");
    triage::docker::Listed::describe(
        d.optional("docker", member<P>(&SourceParams::docker),
                   "Containers: PROJECT/SERVICE or PROJECT/* of Compose, or container:NAME"));
    triage::docker::Engine::describe(d.optional(
        "docker-host", member<P>(&SourceParams::docker_host), "unix:///var/run/docker.sock",
        "The Docker engine: unix:///PATH, tcp://HOST:PORT or http://HOST:PORT"));
    d.optional("journal-units", member<P>(&SourceParams::journal_units),
               "systemd units in this machine's journal")
        .pattern(R"([^*?\[\s]+)")
        .refuse(R"(.*[*?\[].*)", "units are named one by one, without * and ?")
        .example("docker.service");
    d.optional("journal-files", member<P>(&SourceParams::journal_files),
               "Journal files or folders of them, instead of this machine's journal");
    d.optional("since", member<P>(&SourceParams::since), 15min,
               "Only lines that are not older; 0s: all")
        .at_least(0s);
    d.optional("tail", member<P>(&SourceParams::tail), 0,
               "Only so many last lines of each source; 0: all in the window")
        .at_least(0)
        .at_most(100000000);
    d.optional("follow", member<P>(&SourceParams::follow), 0s,
               "Go on reading for so long what is written meanwhile")
        .at_least(0s)
        .within_timeout();
    d.optional("zone", member<P>(&SourceParams::zone), "UTC",
               "What times without a zone are in: UTC, local (this machine's), +HH:MM or +HH")
        .pattern("UTC|utc|GMT|gmt|Z|local|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?")
        .refuse(".*/.*|[A-FH-Z][A-Z]{1,3}T",
                "zones have no names here: write the offset, such as +02:00, UTC or local")
        .example("+02:00");
    d.optional("undated-lines", member<P>(&SourceParams::undated_lines), 2000,
               "How many last lines are looked at where lines have no times")
        .at_least(1)
        .at_most(100000000);
    d.optional("expect-lines", member<P>(&SourceParams::expect_lines), false,
               "It is a failure if a source has no line");
    d.optional("max-expanded-mib", member<P>(&SourceParams::max_expanded_mib), 4096,
               "How much of a compressed file is read, after expanding")
        .at_least(1)
        .at_most(1048576);
    d.one_of({"files", "docker", "journal-units", "journal-files"});
}

}  // namespace logs
