// The worker's side of the conversation with the host.
#pragma once

#include <memory>
#include <string>

#include "core/plugin/breadcrumb.hpp"

namespace triage::plugin {

// Loads the plugin, says what it declares or why not, then serves calls until the host closes the
// socket.
void serve(const std::string& plugin_path, const std::shared_ptr<Breadcrumbs>& crumbs);

}  // namespace triage::plugin
