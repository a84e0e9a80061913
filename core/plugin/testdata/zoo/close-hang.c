/* Does not come back from close(). */
#include <unistd.h>

#include "zoo.h"
static int32_t step(void* check, triage_ctx* ctx, const triage_event* event) {
    (void)check, (void)event;
    api->summary(ctx, text("done"));
    return TRIAGE_DONE;
}
ZOO_CHECK(check_one, "one", create_nothing, step, NULL, destroy_nothing);
static const triage_check* const checks[] = {&check_one};
static void close_plugin(void* state) {
    (void)state;
    for (;;)
        pause();
}
TRIAGE_NOTE("close-hang", "1.0.0", "");
static const triage_plugin plugin = {sizeof(triage_plugin),
                                     TRIAGE_ABI_MAJOR,
                                     TRIAGE_ABI_MINOR,
                                     1,
                                     "close-hang",
                                     "1.0.0",
                                     "Does not come back from close()",
                                     checks,
                                     NULL,
                                     close_plugin};
const triage_plugin* triage_plugin_entry(const triage_host* host) {
    take_services(host);
    return &plugin;
}
