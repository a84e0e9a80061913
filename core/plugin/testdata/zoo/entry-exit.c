/* Ends the process when it is loaded, with a smile. */
#include <stdio.h>
#include <stdlib.h>

#include <triage/abi.h>
TRIAGE_NOTE("entry-exit", "1.0.0", "");
const triage_plugin* triage_plugin_entry(const triage_host* host) {
    (void)host;
    printf("licence expired\n");
    exit(0);  // NOLINT(concurrency-mt-unsafe): this is its fault
}
