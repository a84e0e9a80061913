/* Does not come back from its entry. */
#include <unistd.h>

#include <triage/abi.h>
TRIAGE_NOTE("entry-hang", "1.0.0", "");
const triage_plugin* triage_plugin_entry(const triage_host* host) {
    (void)host;
    for (;;)
        pause();
}
