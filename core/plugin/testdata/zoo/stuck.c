/* Does not return from one of its callbacks, and says so on its standard error before. */
#include <unistd.h>

#include "zoo.h"

static void get_stuck(const char* where) {
    if (write(2, where, strlen(where)) < 0) abort();
    for (;;)
        pause();
}

static int32_t stuck_create(void* plugin_state, triage_ctx* ctx, void** check) {
    get_stuck("stuck in create\n");
    return create_nothing(plugin_state, ctx, check);
}
static int32_t stuck_step(void* check, triage_ctx* ctx, const triage_event* event) {
    (void)check, (void)ctx, (void)event;
    get_stuck("stuck in step\n");
    return TRIAGE_DONE;
}
static int32_t stuck_cancel(void* check, triage_ctx* ctx, const triage_event* event) {
    (void)check;
    if (event->kind == TRIAGE_EVENT_CANCEL) get_stuck("stuck in cancel\n");
    if (write(2, "waiting\n", 8) < 0) abort();
    api->sleep(ctx, (int64_t)3600 * 1000 * 1000);
    return TRIAGE_PENDING;
}
/* Every callback returns, but together they leave no time for anything else. */
static int32_t busy_step(void* check, triage_ctx* ctx, const triage_event* event) {
    (void)check, (void)event;
    if (write(2, "busy\n", 5) < 0) abort();
    const int64_t until = api->now_us(ctx) + 30 * 1000;
    while (api->now_us(ctx) < until) {
    }
    return TRIAGE_DONE;
}
static int32_t done_step(void* check, triage_ctx* ctx, const triage_event* event) {
    (void)check, (void)event;
    api->summary(ctx, text("done"));
    return TRIAGE_DONE;
}
static void stuck_destroy(void* check) {
    (void)check;
    get_stuck("stuck in destroy\n");
}

ZOO_CHECK(check_create, "create", stuck_create, done_step, NULL, destroy_nothing);
ZOO_CHECK(check_step, "step", create_nothing, stuck_step, NULL, destroy_nothing);
ZOO_CHECK(check_cancel, "cancel", create_nothing, stuck_cancel, NULL, destroy_nothing);
ZOO_CHECK(check_destroy, "destroy", create_nothing, done_step, NULL, stuck_destroy);
ZOO_CHECK(check_busy, "busy", create_nothing, busy_step, NULL, destroy_nothing);
static const triage_check* const checks[] = {&check_create, &check_step, &check_cancel,
                                             &check_destroy, &check_busy};
ZOO_PLUGIN("stuck", NULL);
