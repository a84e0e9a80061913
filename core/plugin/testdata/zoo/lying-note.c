/* Its note says another id than its descriptor. */
#include "zoo.h"
static int32_t step(void* check, triage_ctx* ctx, const triage_event* event) {
    (void)check, (void)ctx, (void)event;
    return TRIAGE_DONE;
}
ZOO_CHECK(check_one, "one", create_nothing, step, NULL, destroy_nothing);
static const triage_check* const checks[] = {&check_one};
#undef TRIAGE_NOTE_TEXT
#define TRIAGE_NOTE_TEXT(id, version, capabilities) \
    "id=lying-note\nversion=1.0.0\nabi=0.1\ncapabilities=\n"
ZOO_PLUGIN("somebody-else", NULL);
