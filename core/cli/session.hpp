// What every command that needs plugins has: the loop, the plugins on it, and who stands between.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/broker/broker.hpp"
#include "core/cli/arguments.hpp"
#include "core/cli/interrupts.hpp"
#include "core/cli/watchdog.hpp"
#include "core/loop/loop.hpp"
#include "core/net/http.hpp"
#include "core/plugin/plugins.hpp"
#include "core/redact/redactor.hpp"
#include "core/runbook/validate.hpp"

namespace triage::cli {

class Session {
public:
    explicit Session(const PluginOptions& options);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Loads the plugins with these ids, all at once; all that are found, if `ids` is empty. Returns
    // when each has answered or failed. Ids that are not found are simply not in the catalog.
    void open(const std::vector<std::string>& ids);

    // What is known of plugins by now, as validation wants it.
    const runbook::Catalog& catalog() const { return catalog_; }
    const plugin::Found& found() const { return found_; }

    // Of plugins that are in use: files before them that should have been and cannot be read.
    std::vector<std::string> passed_over() const;

    loop::Loop& loop() { return loop_; }
    redact::Redactor& redactor() { return redactor_; }
    const redact::Redactor& redactor() const { return redactor_; }
    broker::Broker& broker() { return broker_; }
    plugin::Plugins& plugins() { return plugins_; }
    // What Ctrl-C does from now on; at first it ends the process.
    void on_interrupt(std::function<void()> action) { on_interrupt_ = std::move(action); }
    // Only in-process, else NULL.
    Watchdog* watchdog() { return watchdog_.get(); }
    net::Limits& net_limits() { return net_limits_; }  // take effect with the first request

private:
    loop::Loop loop_;
    std::function<void()> on_interrupt_;
    Interrupts interrupts_;  // before anything that starts threads
    std::unique_ptr<Watchdog> watchdog_;
    net::Limits net_limits_;
    redact::Redactor redactor_;
    broker::Broker broker_;
    plugin::Plugins plugins_;
    plugin::Found found_;
    runbook::Catalog catalog_;
};

// Whether no runbook was named and none is here; says so in the words of `triage COMMAND`.
bool missing_default(const RunbookOptions& options, const char* command);

// The process's environment, files and date, for validation.
runbook::Inputs process_inputs(const RunbookOptions& options);

// From now on the runbook's secrets are hidden in what is printed.
void hand_secrets_to(redact::Redactor& redactor, const runbook::Runbook& runbook);

// How many things were said. What is missing here in several places is one.
struct Said {
    std::size_t wrong = 0;
    std::size_t missing = 0;
};

// Prints diagnostics to stderr.
Said print_diagnostics(const runbook::Diagnostics& diagnostics, const redact::Redactor& redactor,
                       Color color);

// Whether `stream` (a descriptor) gets colour.
bool use_color(Color color, int fd);

}  // namespace triage::cli
