#include "core/cli/places.hpp"

#include <chrono>
#include <cstdlib>
#include <set>

#include "core/vantage/vantage.hpp"

namespace triage::cli {
namespace {

constexpr std::chrono::seconds patience{4};

net::Places refuse(const std::set<std::string>& vantages, const base::Error& error) {
    net::Places places;
    for (const auto& vantage : vantages)
        places.emplace(vantage, std::unexpected(error));
    return places;
}

}  // namespace

net::Places find_places(Session& session, const runbook::Runbook& runbook, const plan::Plan& plan) {
    std::set<std::string> vantages;
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        if (!plan.nodes[i].skipped && runbook.checks[i].vantage != "host")
            vantages.insert(runbook.checks[i].vantage);
    }
    if (vantages.empty()) return {};
    const char* const docker_host = std::getenv("DOCKER_HOST");  // NOLINT(concurrency-mt-unsafe)
    const auto engine = vantage::read_engine(docker_host == nullptr ? "" : docker_host);
    if (!engine) return refuse(vantages, engine.error());
    const auto http = net::load_http(session.loop(), {});
    if (!http) return refuse(vantages, http.error());
    net::Places places;
    bool done = false;
    const auto search = vantage::find_places(**http, *engine, {vantages.begin(), vantages.end()},
                                             patience, [&](net::Places found) {
                                                 places = std::move(found);
                                                 done = true;
                                             });
    session.loop().run_until([&] { return done; });
    return places;
}

}  // namespace triage::cli
