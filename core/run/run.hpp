// Executes a plan: as wide as the graph and the limits allow, never past its deadline.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/broker/broker.hpp"
#include "core/loop/loop.hpp"
#include "core/model/result.hpp"
#include "core/model/schema.hpp"
#include "core/net/place.hpp"
#include "core/plan/plan.hpp"
#include "core/plugin/call.hpp"
#include "core/redact/redactor.hpp"
#include "core/run/observer.hpp"
#include "core/runbook/runbook.hpp"

namespace triage::run {

// Who does the work. All must outlive the Execution.
struct World {
    loop::Loop& loop;
    plugin::Executor& executor;
    broker::Broker& broker;
    redact::Redactor& redactor;
    Observer& observer;
    const std::map<std::string, model::PluginInfo>& plugins;  // what is loaded
};

struct Start {
    loop::TimePoint at;        // deadlines count from here: the program's start
    std::int64_t wall_us = 0;  // the same moment, since 1970 UTC
};

// A callback of a plugin that does not return.
struct Stuck {
    plugin::CallId call{};
    std::string what;  // "plugin 'health': step() has not returned for 3 s"
};

// One run of a plan. Call start() once; `done` is called once, also after interrupt(), and then
// take() gives the run. Every check of the runbook has a result in it, whatever happened.
class Execution {
public:
    Execution(World world, const runbook::Runbook& runbook, const plan::Plan& plan, Start started);
    ~Execution();

    void start();
    // Checks that look from elsewhere than the host begin once it is known from where: `places` has
    // every vantage of the plan but "host". On the loop's thread, once, before or after start().
    void places_known(net::Places places);
    bool finished() const;
    // What is not done becomes an error that says so; finished() is true afterwards.
    void interrupt();
    // The same at the deadline or for an interrupt, from another thread, when a plugin keeps the
    // loop's (see plugin::HostLock): nothing is told to plugins and targets, and afterwards the
    // Execution may only be asked for its run.
    void abandon(const Stuck& stuck, bool interrupted);
    model::Run take();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace triage::run
