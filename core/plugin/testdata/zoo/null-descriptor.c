/* Declines every host. */
#include <triage/abi.h>
TRIAGE_NOTE("null-descriptor", "1.0.0", "");
const triage_plugin* triage_plugin_entry(const triage_host* host) {
    (void)host;
    return 0;
}
