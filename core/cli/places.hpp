// From where the checks of a plan look.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "core/cli/session.hpp"
#include "core/net/place.hpp"
#include "core/plan/plan.hpp"
#include "core/runbook/runbook.hpp"

namespace triage::cli {

// Asks the Docker engine ($DOCKER_HOST) for the containers that checks of a plan look from, and
// nobody if they all look from the host. Destroying it ends the search.
class PlaceSearch {
public:
    // `done` is called once, within `limit`, at once or later.
    PlaceSearch(Session& session, const runbook::Runbook& runbook, const plan::Plan& plan,
                std::chrono::microseconds limit, const std::function<void(net::Places)>& done);
    ~PlaceSearch();
    PlaceSearch(const PlaceSearch&) = delete;
    PlaceSearch& operator=(const PlaceSearch&) = delete;

private:
    base::Result<void> begin(Session& session, const std::set<std::string>& vantages,
                             std::chrono::microseconds limit,
                             const std::function<void(net::Places)>& done);

    struct UnderWay;
    std::unique_ptr<UnderWay> under_way_;
};

}  // namespace triage::cli
