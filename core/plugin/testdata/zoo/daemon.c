/* Leaves a daemon; its worker lives on, or does not. */
#include "daemon.h"

static int32_t start(void* check, triage_ctx* ctx, const triage_event* event) {
    (void)check, (void)event;
    start_daemon(ctx);
    return TRIAGE_DONE;
}
static int32_t end(void* check, triage_ctx* ctx, const triage_event* event) {
    (void)check, (void)ctx, (void)event;
    abort();
}
ZOO_CHECK(check_start, "start", create_nothing, start, NULL, destroy_nothing);
ZOO_CHECK(check_end, "end", create_nothing, end, NULL, destroy_nothing);
static const triage_check* const checks[] = {&check_start, &check_end};
ZOO_PLUGIN("daemon", NULL);
