/* Crashes when it is loaded. */
#include <triage/abi.h>
TRIAGE_NOTE("entry-crash", "1.0.0", "");
static int* volatile nowhere = (int*)0x10;
const triage_plugin* triage_plugin_entry(const triage_host* host) {
    (void)host;
    *nowhere = 1;
    return 0;
}
