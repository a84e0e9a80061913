// The function tables that plugins call: triage.check, triage.http, triage.secret.
#pragma once

#include <triage/abi.h>

namespace triage::plugin {

// The host that is given to plugins: one for the process, without state of its own.
const triage_host& host();

}  // namespace triage::plugin
