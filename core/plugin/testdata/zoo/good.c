/* A well-behaved plugin that uses every service: the others are measured against it. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "zoo.h"

static const triage_secret_api* secret_api;
static int open_count;

static const triage_param url = {.size = sizeof(triage_param),
                                 .type = TRIAGE_TYPE_URL,
                                 .required = 1,
                                 .name = "url",
                                 .doc = "Where to look"};
static const triage_param count = {.size = sizeof(triage_param),
                                   .type = TRIAGE_TYPE_INT,
                                   .name = "count",
                                   .doc = "How many",
                                   .fallback = "1",
                                   .minimum = "1",
                                   .maximum = "100",
                                   .example = "5"};
static const triage_param token = {
    .size = sizeof(triage_param), .type = TRIAGE_TYPE_SECRET, .name = "token", .doc = "A secret"};
static const triage_param labels = {.size = sizeof(triage_param),
                                    .type = TRIAGE_TYPE_STRING,
                                    .shape = TRIAGE_SHAPE_MAP,
                                    .name = "labels",
                                    .doc = "Texts"};
static const triage_param* const params[] = {&url, &count, &token, &labels};

static const triage_code bad = {sizeof(triage_code), TRIAGE_WEIGHT_FAIL, "good.bad",
                                "The answer is bad", "Repair it"};
static const triage_code slow = {sizeof(triage_code), TRIAGE_WEIGHT_WARN, "good.slow",
                                 "The answer is slow", NULL};
static const triage_code* const codes[] = {&slow, &bad};

static const triage_fact status = {sizeof(triage_fact), TRIAGE_TYPE_INT, "status", "The status"};
static const triage_fact server = {sizeof(triage_fact), TRIAGE_TYPE_STRING, "server", "The server"};
static const triage_fact* const facts[] = {&status, &server};

typedef struct state {
    int asked;
    int waiting;
    int pipe[2];
    triage_op op;
} state;

static int32_t create(void* plugin_state, triage_ctx* ctx, void** check) {
    (void)ctx;
    if (plugin_state != &open_count) abort(); /* what open() has set */
    state* made = calloc(1, sizeof(state));
    made->pipe[0] = made->pipe[1] = -1;
    *check = made;
    return 0;
}

static void destroy(void* check) {
    state* made = check;
    if (made->pipe[0] >= 0) {
        close(made->pipe[0]);
        close(made->pipe[1]);
    }
    free(made);
}

/* good.nap: sleeps 10 ms and says so; the quickest check that needs the loop. */
static int32_t nap(void* check, triage_ctx* ctx, const triage_event* event) {
    (void)check;
    if (event->kind == TRIAGE_EVENT_START) {
        api->sleep(ctx, 10000);
        return TRIAGE_PENDING;
    }
    api->summary(ctx, text(event->kind == TRIAGE_EVENT_TIMER ? "slept" : "what was that?"));
    return TRIAGE_DONE;
}

/* good.now: answers at once. */
static int32_t now(void* check, triage_ctx* ctx, const triage_event* event) {
    (void)check;
    (void)event;
    api->summary(ctx, text("now"));
    return TRIAGE_DONE;
}

/* good.long: sleeps for an hour. */
static int32_t sleep_long(void* check, triage_ctx* ctx, const triage_event* event) {
    (void)check;
    if (event->kind != TRIAGE_EVENT_START) return TRIAGE_DONE;
    api->sleep(ctx, (int64_t)3600 * 1000 * 1000);
    return TRIAGE_PENDING;
}

static void ask(state* made, triage_ctx* ctx) {
    triage_value value = {.size = sizeof(value)};
    triage_http_request request = {.size = sizeof(request)};
    triage_http_header header = {.size = sizeof(header), .name = text("x-label")};
    triage_http_header secret = {.size = sizeof(secret), .name = text("authorization")};
    const triage_http_header* headers[] = {&header, &secret};
    api->param(ctx, "url", 0, &value);
    request.url = value.str;
    request.headers = headers;
    if (api->param(ctx, "labels", 0, &value) == 0) {
        header.value = value.str;
        request.header_count = 1;
    }
    if (api->param(ctx, "token", 0, &value) == 0) {
        secret.value = text("Bearer ");
        secret.secret = value.i64;
        request.header_count = 2;
    }
    made->asked++;
    made->op = http_api->start(ctx, &request);
}

/* good.http: asks `count` times, one after the other, then reports everything there is. */
static int32_t http(void* check, triage_ctx* ctx, const triage_event* event) {
    state* made = check;
    triage_value value = {.size = sizeof(value)};
    if (event->kind == TRIAGE_EVENT_CANCEL) return TRIAGE_DONE;
    api->param(ctx, "count", 0, &value);
    const int64_t wanted = value.size != 0 && value.i64 > 0 ? value.i64 : 1;
    if (event->kind == TRIAGE_EVENT_START || made->asked < wanted) {
        ask(made, ctx);
        return TRIAGE_PENDING;
    }
    if (event->kind != TRIAGE_EVENT_HTTP || event->op != made->op) abort();
    api->evaluated(ctx, text("good.slow"));
    triage_value fact = {.size = sizeof(fact), .type = TRIAGE_TYPE_INT, .i64 = event->http->status};
    api->fact(ctx, "status", &fact);
    for (uint32_t i = 0; i < event->http->header_count; ++i) {
        fact.type = TRIAGE_TYPE_STRING;
        fact.str = event->http->headers[i]->value;
        api->fact(ctx, "server", &fact);
    }
    api->metric(ctx, "total", (double)event->http->total_us / 1000.0, "ms");
    if (event->http->status != 200) {
        triage_evidence body = {sizeof(body), 0, text("body"), event->http->body};
        const triage_evidence* evidence[] = {&body};
        triage_finding finding = {.size = sizeof(finding),
                                  .code = text("good.bad"),
                                  .subject = event->http->url,
                                  .message = event->http->detail,
                                  .evidence = evidence,
                                  .evidence_count = 1};
        api->finding(ctx, &finding);
    }
    api->summary(ctx, event->http->body);
    return TRIAGE_DONE;
}

/* good.stream: counts the bytes of a streamed answer. */
static int32_t stream(void* check, triage_ctx* ctx, const triage_event* event) {
    state* made = check;
    char line[64];
    if (event->kind == TRIAGE_EVENT_START) {
        triage_value value = {.size = sizeof(value)};
        triage_http_request request = {.size = sizeof(request), .flags = TRIAGE_HTTP_STREAM};
        api->param(ctx, "url", 0, &value);
        request.url = value.str;
        http_api->start(ctx, &request);
    } else if (event->kind == TRIAGE_EVENT_HTTP_HEAD) {
        made->waiting = (int)event->http->status;
    } else if (event->kind == TRIAGE_EVENT_HTTP_DATA) {
        made->asked += (int)event->data.size;
        http_api->consumed(ctx, event->op, event->data.size);
    } else {
        snprintf(line, sizeof(line), "%d: %d bytes", made->waiting, made->asked);
        api->summary(ctx, text(line));
        return TRIAGE_DONE;
    }
    return TRIAGE_PENDING;
}

/* good.pipe: waits for both ends of its own pipe at once, writes, and waits to read. */
static int32_t wait_pipe(void* check, triage_ctx* ctx, const triage_event* event) {
    state* made = check;
    if (event->kind == TRIAGE_EVENT_START) {
        if (pipe(made->pipe) != 0) abort();
        made->op = api->wait_fd(ctx, made->pipe[0], TRIAGE_FD_READ);
        api->wait_fd(ctx, made->pipe[1], TRIAGE_FD_WRITE);
        return TRIAGE_PENDING;
    }
    if (event->kind != TRIAGE_EVENT_FD) return TRIAGE_DONE;
    if (event->op != made->op) {
        if ((event->ready & TRIAGE_FD_WRITE) == 0 || write(made->pipe[1], "x", 1) != 1) abort();
        return TRIAGE_PENDING;
    }
    api->summary(ctx, text((event->ready & TRIAGE_FD_READ) != 0 ? "readable" : "broken"));
    return TRIAGE_DONE;
}

static void blocking(void* arg) { *(int*)arg = 7; }

/* good.work: blocking work on the pool. */
static int32_t work(void* check, triage_ctx* ctx, const triage_event* event) {
    state* made = check;
    if (event->kind == TRIAGE_EVENT_START) {
        api->work(ctx, blocking, &made->asked);
        return TRIAGE_PENDING;
    }
    api->summary(ctx, text(made->asked == 7 ? "worked" : "did not work"));
    return TRIAGE_DONE;
}

/* good.block: a blocking check; says the secret it may read and one it has learned. */
static void block(void* check, triage_ctx* ctx) {
    (void)check;
    triage_value value = {.size = sizeof(value)};
    triage_str secret = {NULL, 0};
    api->log(ctx, TRIAGE_LOG_INFO, text("blocking"));
    secret_api->add(ctx, text("learned-secret"));
    if (api->param(ctx, "token", 0, &value) != 0) {
        api->error(ctx, text("no token was given"));
    } else if (secret_api->reveal(ctx, value.i64, &secret) != 0) {
        api->error(ctx, secret);
    } else {
        api->summary(ctx, secret);
    }
}

/* good.never: blocks until it is cancelled. */
static void never(void* check, triage_ctx* ctx) {
    (void)check;
    while (!api->cancelled(ctx))
        usleep(1000);
}

#define GOOD_CHECK(symbol, name, step, run)                      \
    static const triage_check symbol = {sizeof(triage_check),    \
                                        TRIAGE_CHECK_REPEATABLE, \
                                        name,                    \
                                        "A good check",          \
                                        "1 GET",                 \
                                        params,                  \
                                        4,                       \
                                        2,                       \
                                        codes,                   \
                                        facts,                   \
                                        2,                       \
                                        0,                       \
                                        create,                  \
                                        step,                    \
                                        run,                     \
                                        destroy,                 \
                                        NULL}
GOOD_CHECK(check_nap, "nap", nap, NULL);
GOOD_CHECK(check_now, "now", now, NULL);
GOOD_CHECK(check_long, "long", sleep_long, NULL);
GOOD_CHECK(check_http, "http", http, NULL);
GOOD_CHECK(check_stream, "stream", stream, NULL);
GOOD_CHECK(check_pipe, "pipe", wait_pipe, NULL);
GOOD_CHECK(check_work, "work", work, NULL);
GOOD_CHECK(check_block, "block", NULL, block);
ZOO_CHECK(check_never, "never", create_nothing, NULL, never, destroy_nothing);
static const triage_check* const checks[] = {&check_nap,  &check_now,    &check_long,
                                             &check_http, &check_stream, &check_pipe,
                                             &check_work, &check_block,  &check_never};

static int32_t open_plugin(const triage_host* host, void** made, char* error, size_t error_size) {
    secret_api = (const triage_secret_api*)host->service(host, TRIAGE_SECRET_API);
    if (secret_api == NULL || host->service(host, "triage.unknown/draft-1") != NULL) {
        snprintf(error, error_size, "the services are not as expected");
        return 1;
    }
    open_count++;
    *made = &open_count;
    return 0;
}

ZOO_PLUGIN("good", open_plugin);
