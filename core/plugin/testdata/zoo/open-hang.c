/* Does not come back from open(). */
#include <unistd.h>

#include "zoo.h"
static int32_t step(void* check, triage_ctx* ctx, const triage_event* event) {
    (void)check, (void)ctx, (void)event;
    return TRIAGE_DONE;
}
ZOO_CHECK(check_one, "one", create_nothing, step, NULL, destroy_nothing);
static const triage_check* const checks[] = {&check_one};
static int32_t open_plugin(const triage_host* host, void** state, char* error, size_t error_size) {
    (void)host, (void)state, (void)error, (void)error_size;
    if (write(2, "stuck in open\n", 14) < 0) abort();
    for (;;)
        pause();
}
ZOO_PLUGIN("open-hang", open_plugin);
