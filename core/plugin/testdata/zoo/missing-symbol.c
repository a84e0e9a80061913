/* Needs a function that nobody has. */
#include <triage/abi.h>
TRIAGE_NOTE("missing-symbol", "1.0.0", "");
const triage_plugin* function_that_nobody_has(void);
const triage_plugin* triage_plugin_entry(const triage_host* host) {
    (void)host;
    return function_that_nobody_has();
}
