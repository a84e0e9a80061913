/* Built with an SDK of the future: so says the descriptor and so says the note. */
#include <triage/abi.h>
#undef TRIAGE_ABI_MAJOR
#undef TRIAGE_ABI_MINOR
#define TRIAGE_ABI_MAJOR 1
#define TRIAGE_ABI_MINOR 3
TRIAGE_NOTE("newer-abi", "1.0.0", "");
static const triage_plugin plugin = {sizeof(triage_plugin), 1, 3, 0, "newer-abi", "1.0.0",
                                     "From the future",     0, 0, 0};
const triage_plugin* triage_plugin_entry(const triage_host* host) {
    (void)host;
    return &plugin;
}
