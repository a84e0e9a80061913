/* One bad check for each way to be bad while running; "good" is a sibling that is not. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon.h"
#include "zoo.h"

#define STEP(name) static int32_t name(void* check, triage_ctx* ctx, const triage_event* event)
#define UNUSED (void)check, (void)ctx, (void)event
#define CRASH (*nowhere = 1)

static int* volatile nowhere = (int*)0x10;

static const triage_code declared = {sizeof(triage_code), TRIAGE_WEIGHT_FAIL, "bad.declared",
                                     "A code that is declared", NULL};
static const triage_code* const codes[] = {&declared};
static const triage_fact number = {sizeof(triage_fact), TRIAGE_TYPE_INT, "number", "A number"};
static const triage_fact* const facts[] = {&number};

STEP(good) {
    UNUSED;
    if (event->kind == TRIAGE_EVENT_START) {
        api->sleep(ctx, 20000);
        return TRIAGE_PENDING;
    }
    api->summary(ctx, text("good"));
    return TRIAGE_DONE;
}

/* Never ends by itself. */
STEP(stay) {
    UNUSED;
    if (event->kind == TRIAGE_EVENT_CANCEL) return TRIAGE_DONE;
    api->sleep(ctx, (int64_t)3600 * 1000 * 1000);
    return TRIAGE_PENDING;
}

static int32_t segfault_in_create(void* plugin_state, triage_ctx* ctx, void** check) {
    CRASH;
    return create_nothing(plugin_state, ctx, check);
}
STEP(segfault) {
    UNUSED;
    CRASH;
    return TRIAGE_DONE;
}
static void segfault_in_destroy(void* check) {
    (void)check;
    CRASH;
}
STEP(say_done) {
    UNUSED;
    return TRIAGE_DONE;
}
STEP(call_abort) {
    UNUSED;
    fprintf(stderr, "something is very wrong here\n");
    abort();
}
STEP(call_exit) {
    UNUSED;
    exit(0);  // NOLINT(concurrency-mt-unsafe): this is its fault
}
STEP(call_quick_exit) {
    UNUSED;
    _exit(3);
}
STEP(kill_itself) {
    UNUSED;
    kill(getpid(), SIGKILL);
    return TRIAGE_DONE;
}
STEP(loop) {
    UNUSED;
    for (volatile int forever = 1; forever != 0;) {
    }
    return TRIAGE_DONE;
}
static volatile int depth;
static int overflow_more(volatile char* below) {
    volatile char frame[4096];
    frame[0] = below[0];
    if (depth++ < 0) return 0;
    return overflow_more(frame) + frame[0];
}
STEP(overflow) {
    UNUSED;
    volatile char start[1] = {1};
    return overflow_more(start) == 0;
}
STEP(print_junk) {
    UNUSED;
    if (event->kind != TRIAGE_EVENT_START) return good(check, ctx, event);
    printf("junk on stdout\n");
    fflush(stdout);
    fprintf(stderr, "junk on stderr\n");
    return good(check, ctx, event);
}
STEP(flood_output) {
    UNUSED;
    static char line[65536];
    memset(line, 'x', sizeof(line));
    for (int i = 0; i < 1000; ++i)
        if (write(1, line, sizeof(line)) < 0) break;
    return TRIAGE_DONE;
}
STEP(flood_log) {
    UNUSED;
    static char line[100000];
    memset(line, 'x', sizeof(line) - 1);
    for (int i = 0; i < 1000; ++i)
        api->log(ctx, TRIAGE_LOG_WARN, text(line));
    return TRIAGE_DONE;
}
STEP(flood_findings) {
    UNUSED;
    for (int i = 0; i < 5000; ++i) {
        triage_finding finding = {.size = sizeof(finding), .code = text("bad.declared")};
        api->finding(ctx, &finding);
    }
    return TRIAGE_DONE;
}
STEP(report_too_much) {
    UNUSED;
    static char page[65000];
    memset(page, 'x', sizeof(page) - 1);
    for (int i = 0; i < 200; ++i) {
        triage_finding finding = {
            .size = sizeof(finding), .code = text("bad.declared"), .message = text(page)};
        api->finding(ctx, &finding);
    }
    return TRIAGE_DONE;
}
STEP(undeclared_code) {
    UNUSED;
    triage_finding finding = {.size = sizeof(finding), .code = text("bad.undeclared")};
    api->finding(ctx, &finding);
    return TRIAGE_DONE;
}
STEP(undeclared_fact) {
    UNUSED;
    triage_value value = {.size = sizeof(value), .type = TRIAGE_TYPE_INT};
    api->fact(ctx, "colour", &value);
    return TRIAGE_DONE;
}
STEP(bad_fact_key) {
    UNUSED;
    const triage_value value = {.size = sizeof(value), .type = TRIAGE_TYPE_INT, .i64 = 1};
    api->fact(ctx, "number[good/key:1]", &value);
    api->fact(ctx, "number[bad key]", &value);
    return TRIAGE_DONE;
}
STEP(wrong_fact) {
    UNUSED;
    triage_value value = {.size = sizeof(value), .type = TRIAGE_TYPE_STRING, .str = text("7")};
    api->fact(ctx, "number", &value);
    return TRIAGE_DONE;
}
STEP(nonsense) {
    UNUSED;
    return 42;
}
STEP(wait_for_nothing) {
    UNUSED;
    return TRIAGE_PENDING;
}
STEP(bad_request) {
    UNUSED;
    if (event->kind == TRIAGE_EVENT_START) {
        triage_http_request request = {.size = 8};
        http_api->start(ctx, &request);
        return TRIAGE_PENDING;
    }
    api->summary(ctx, event->http->detail);
    return event->http->failure == TRIAGE_HTTP_BAD_REQUEST ? TRIAGE_DONE : 7;
}
STEP(too_many_operations) {
    UNUSED;
    for (int i = 0; i < 2000; ++i)
        api->sleep(ctx, 1000000);
    return TRIAGE_DONE;
}
STEP(close_socket) {
    UNUSED;
    close(3);
    for (volatile int forever = 1; forever != 0;)
        pause();
    return TRIAGE_DONE;
}
STEP(write_garbage) {
    UNUSED;
    static char garbage[4096];
    memset(garbage, 0xff, sizeof(garbage));
    if (write(3, garbage, sizeof(garbage)) < 0) abort();
    return stay(check, ctx, event);
}
/* A frame of a type that the host does not know: length 1, type 99. */
STEP(write_unknown_frame) {
    UNUSED;
    static const char frame[] = {1, 0, 0, 0, 99};
    if (write(3, frame, sizeof(frame)) < 0) abort();
    return stay(check, ctx, event);
}
/* "ended" of a call that does not exist, {0: 77}, again and again. */
STEP(flood_frames) {
    UNUSED;
    static char frames[9 * 4096];
    static const char frame[] = {5, 0, 0, 0, 6, (char)0xa1, 0, 0x18, 77};
    for (size_t i = 0; i < sizeof(frames); i += sizeof(frame))
        memcpy(frames + i, frame, sizeof(frame));
    for (int i = 0; i < 100; ++i)
        if (write(3, frames, sizeof(frames)) < 0) break;
    return stay(check, ctx, event);
}
static void* crash_thread(void* unused) {
    CRASH;
    return unused;
}
STEP(crash_in_thread) {
    UNUSED;
    pthread_t thread;
    pthread_create(&thread, NULL, crash_thread, NULL);
    return stay(check, ctx, event);
}
/* Leaves a child that holds on to everything; its process group is the worker's. */
STEP(fork_child) {
    UNUSED;
    const pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    char line[32];
    snprintf(line, sizeof(line), "%d", (int)child);
    api->summary(ctx, text(line));
    return TRIAGE_DONE;
}
/* Leaves a grandchild in a session of its own, whose parent is gone. */
STEP(daemonize) {
    UNUSED;
    start_daemon(ctx);
    return TRIAGE_DONE;
}
STEP(fork_and_crash) {
    UNUSED;
    const pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    fprintf(stderr, "child %d\n", (int)child);
    CRASH;
    return TRIAGE_DONE;
}

static void run_for_ever(void* check, triage_ctx* ctx) {
    (void)check;
    (void)ctx;
    for (;;)
        pause();
}
static void crash_in_run(void* check, triage_ctx* ctx) {
    (void)check;
    (void)ctx;
    CRASH;
}
static void exit_in_run(void* check, triage_ctx* ctx) {
    (void)check;
    (void)ctx;
    exit(7);  // NOLINT(concurrency-mt-unsafe): this is its fault
}
static void overflow_in_run(void* check, triage_ctx* ctx) {
    (void)check;
    (void)ctx;
    volatile char start[1] = {1};
    overflow_more(start);
}
static void sleep_in_run(void* check, triage_ctx* ctx) {
    (void)check;
    api->sleep(ctx, 1000);
}

static int32_t fail_to_create(void* plugin_state, triage_ctx* ctx, void** check) {
    (void)plugin_state;
    (void)check;
    api->error(ctx, text("the moon is full"));
    return 1;
}
static int32_t fail_silently(void* plugin_state, triage_ctx* ctx, void** check) {
    (void)plugin_state;
    (void)ctx;
    (void)check;
    return 5;
}

#define BAD(symbol, flags, name, create, step, run, destroy)  \
    static const triage_check symbol = {sizeof(triage_check), \
                                        flags,                \
                                        name,                 \
                                        "A bad check",        \
                                        "nothing",            \
                                        NULL,                 \
                                        0,                    \
                                        1,                    \
                                        codes,                \
                                        facts,                \
                                        1,                    \
                                        0,                    \
                                        create,               \
                                        step,                 \
                                        run,                  \
                                        destroy,              \
                                        NULL}
#define BAD_STEP(step, name) \
    BAD(check_##step, TRIAGE_CHECK_REPEATABLE, name, create_nothing, step, NULL, destroy_nothing)
#define BAD_RUN(run, name) \
    BAD(check_##run, TRIAGE_CHECK_REPEATABLE, name, create_nothing, NULL, run, destroy_nothing)
#define BAD_CREATE(create, name) \
    BAD(check_##create, TRIAGE_CHECK_REPEATABLE, name, create, good, NULL, destroy_nothing)

BAD_STEP(good, "good");
BAD(check_once, 0, "once", create_nothing, stay, NULL, destroy_nothing);
BAD_STEP(stay, "stay");
BAD_CREATE(segfault_in_create, "segfault-in-create");
BAD_STEP(segfault, "segfault");
BAD(check_segfault_in_destroy, 0, "segfault-in-destroy", create_nothing, say_done, NULL,
    segfault_in_destroy);
BAD_STEP(call_abort, "abort");
BAD_STEP(call_exit, "exit");
BAD_STEP(call_quick_exit, "quick-exit");
BAD_STEP(kill_itself, "kill");
BAD_STEP(loop, "loop");
BAD_STEP(overflow, "overflow");
BAD_STEP(print_junk, "print-junk");
BAD_STEP(flood_output, "flood-output");
BAD_STEP(flood_log, "flood-log");
BAD_STEP(flood_findings, "flood-findings");
BAD_STEP(report_too_much, "report-too-much");
BAD_STEP(undeclared_code, "undeclared-code");
BAD_STEP(undeclared_fact, "undeclared-fact");
BAD_STEP(bad_fact_key, "bad-fact-key");
BAD_STEP(wrong_fact, "wrong-fact");
BAD_STEP(nonsense, "nonsense");
BAD_STEP(wait_for_nothing, "wait-for-nothing");
BAD_STEP(bad_request, "bad-request");
BAD_STEP(too_many_operations, "too-many-operations");
BAD_STEP(close_socket, "close-socket");
BAD_STEP(write_garbage, "write-garbage");
BAD_STEP(write_unknown_frame, "write-unknown-frame");
BAD_STEP(flood_frames, "flood-frames");
BAD_STEP(crash_in_thread, "crash-in-thread");
BAD_STEP(fork_child, "fork");
BAD_STEP(daemonize, "daemonize");
BAD_STEP(fork_and_crash, "fork-and-crash");
BAD_RUN(run_for_ever, "run-for-ever");
BAD_RUN(crash_in_run, "crash-in-run");
BAD_RUN(exit_in_run, "exit-in-run");
BAD_RUN(overflow_in_run, "overflow-in-run");
BAD_RUN(sleep_in_run, "sleep-in-run");
BAD_CREATE(fail_to_create, "fail-to-create");
BAD_CREATE(fail_silently, "fail-silently");

static const triage_check* const checks[] = {&check_good,
                                             &check_once,
                                             &check_stay,
                                             &check_segfault_in_create,
                                             &check_segfault,
                                             &check_segfault_in_destroy,
                                             &check_call_abort,
                                             &check_call_exit,
                                             &check_call_quick_exit,
                                             &check_kill_itself,
                                             &check_loop,
                                             &check_overflow,
                                             &check_print_junk,
                                             &check_flood_output,
                                             &check_flood_log,
                                             &check_flood_findings,
                                             &check_report_too_much,
                                             &check_undeclared_code,
                                             &check_undeclared_fact,
                                             &check_bad_fact_key,
                                             &check_wrong_fact,
                                             &check_nonsense,
                                             &check_wait_for_nothing,
                                             &check_bad_request,
                                             &check_too_many_operations,
                                             &check_close_socket,
                                             &check_write_garbage,
                                             &check_write_unknown_frame,
                                             &check_flood_frames,
                                             &check_crash_in_thread,
                                             &check_fork_child,
                                             &check_daemonize,
                                             &check_fork_and_crash,
                                             &check_run_for_ever,
                                             &check_crash_in_run,
                                             &check_exit_in_run,
                                             &check_overflow_in_run,
                                             &check_sleep_in_run,
                                             &check_fail_to_create,
                                             &check_fail_silently};

ZOO_PLUGIN("bad", NULL);
