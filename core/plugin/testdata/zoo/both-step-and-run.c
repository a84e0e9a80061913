/* A check that is asynchronous and blocking. */
#include "zoo.h"
static int32_t step(void* check, triage_ctx* ctx, const triage_event* event) {
    (void)check, (void)ctx, (void)event;
    return TRIAGE_DONE;
}
static void run(void* check, triage_ctx* ctx) { (void)check, (void)ctx; }
ZOO_CHECK(check_one, "one", create_nothing, step, run, destroy_nothing);
static const triage_check* const checks[] = {&check_one};
ZOO_PLUGIN("both-step-and-run", NULL);
