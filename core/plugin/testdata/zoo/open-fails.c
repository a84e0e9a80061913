/* Cannot be opened, and says why. */
#include <stdio.h>

#include "zoo.h"
static int32_t step(void* check, triage_ctx* ctx, const triage_event* event) {
    (void)check, (void)ctx, (void)event;
    return TRIAGE_DONE;
}
ZOO_CHECK(check_one, "one", create_nothing, step, NULL, destroy_nothing);
static const triage_check* const checks[] = {&check_one};
static int32_t open_plugin(const triage_host* host, void** state, char* error, size_t error_size) {
    (void)host, (void)state;
    snprintf(error, error_size, "the cellar is locked");
    return 1;
}
ZOO_PLUGIN("open-fails", open_plugin);
