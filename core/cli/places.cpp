#include "core/cli/places.hpp"

#include <cstdlib>
#include <set>
#include <utility>

#include "core/vantage/vantage.hpp"

namespace triage::cli {
namespace {

std::set<std::string> vantages_of(const runbook::Runbook& runbook, const plan::Plan& plan) {
    std::set<std::string> vantages;
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        if (!plan.nodes[i].skipped && runbook.checks[i].vantage != "host")
            vantages.insert(runbook.checks[i].vantage);
    }
    return vantages;
}

}  // namespace

struct PlaceSearch::UnderWay {
    std::unique_ptr<net::Http> http;
    std::unique_ptr<vantage::Search> search;
};

PlaceSearch::PlaceSearch(Session& session, const runbook::Runbook& runbook, const plan::Plan& plan,
                         std::chrono::microseconds limit,
                         const std::function<void(net::Places)>& done) {
    const auto vantages = vantages_of(runbook, plan);
    net::Places known;
    if (!vantages.empty()) {
        auto begun = begin(session, vantages, limit, done);
        if (begun) return;
        for (const auto& vantage : vantages)
            known.emplace(vantage, std::unexpected(begun.error()));
    }
    done(std::move(known));
}

base::Result<void> PlaceSearch::begin(Session& session, const std::set<std::string>& vantages,
                                      std::chrono::microseconds limit,
                                      const std::function<void(net::Places)>& done) {
    const char* const docker_host = std::getenv("DOCKER_HOST");  // NOLINT(concurrency-mt-unsafe)
    const auto engine = vantage::read_engine(docker_host == nullptr ? "" : docker_host);
    if (!engine) return std::unexpected(engine.error());
    auto http = net::load_http(session.loop(), {});
    if (!http) return std::unexpected(http.error());
    under_way_ = std::make_unique<UnderWay>(UnderWay{std::move(*http), nullptr});
    under_way_->search = vantage::find_places(*under_way_->http, *engine,
                                              {vantages.begin(), vantages.end()}, limit, done);
    return {};
}

PlaceSearch::~PlaceSearch() = default;

}  // namespace triage::cli
