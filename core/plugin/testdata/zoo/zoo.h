/* What the plugins of the zoo have in common: descriptors by macro, and services. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include <triage/abi.h>

static const triage_check_api* api;
static const triage_http_api* http_api;

static inline triage_str text(const char* c_string) {
    triage_str result = {c_string, strlen(c_string)};
    return result;
}

static inline void take_services(const triage_host* host) {
    api = (const triage_check_api*)host->service(host, TRIAGE_CHECK_API);
    http_api = (const triage_http_api*)host->service(host, TRIAGE_HTTP_API);
}

static inline int32_t create_nothing(void* plugin_state, triage_ctx* ctx, void** check) {
    (void)plugin_state;
    (void)ctx;
    *check = NULL;
    return 0;
}

static inline void destroy_nothing(void* check) { (void)check; }

/* A check named NAME_TEXT that is made by CREATE and does STEP or RUN. Repeatable. */
#define ZOO_CHECK(symbol, name_text, create_fn, step_fn, run_fn, destroy_fn) \
    static const triage_check symbol = {sizeof(triage_check),                \
                                        TRIAGE_CHECK_REPEATABLE,             \
                                        name_text,                           \
                                        "A check of the zoo",                \
                                        "nothing",                           \
                                        NULL,                                \
                                        0,                                   \
                                        0,                                   \
                                        NULL,                                \
                                        NULL,                                \
                                        0,                                   \
                                        0,                                   \
                                        create_fn,                           \
                                        step_fn,                             \
                                        run_fn,                              \
                                        destroy_fn,                          \
                                        NULL}

/* The plugin's note, descriptor and entry, with checks in the array `checks`. */
#define ZOO_PLUGIN(id, open_fn)                                              \
    TRIAGE_NOTE(id, "1.0.0", "");                                            \
    static const triage_plugin plugin = {sizeof(triage_plugin),              \
                                         TRIAGE_ABI_MAJOR,                   \
                                         TRIAGE_ABI_MINOR,                   \
                                         sizeof(checks) / sizeof(checks[0]), \
                                         id,                                 \
                                         "1.0.0",                            \
                                         "A plugin of the zoo",              \
                                         checks,                             \
                                         open_fn,                            \
                                         NULL};                              \
    const triage_plugin* triage_plugin_entry(const triage_host* host) {      \
        take_services(host);                                                 \
        return &plugin;                                                      \
    }                                                                        \
    typedef int zoo_plugin_needs_a_semicolon
