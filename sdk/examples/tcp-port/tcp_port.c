/* tcp-port: does something listen at host:port? A check plugin in plain C11, on abi.h alone.
 *
 * step() is a state machine: the name is resolved on a pool thread (getaddrinfo blocks), then a
 * non-blocking connect is raced against a timer. One address is tried, the first.
 */
#define _GNU_SOURCE /* SOCK_NONBLOCK, SOCK_CLOEXEC */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <triage/abi.h>

TRIAGE_NOTE(TRIAGE_PLUGIN_ID, TRIAGE_PLUGIN_VERSION, TRIAGE_PLUGIN_CAPABILITIES);

/* ---- What it declares ---- */

static const triage_param param_endpoint = {.size = sizeof(triage_param),
                                            .type = TRIAGE_TYPE_ENDPOINT,
                                            .required = 1,
                                            .name = "endpoint",
                                            .doc = "host:port to connect to",
                                            .example = "\"127.0.0.1:5432\""};
static const triage_param param_timeout = {.size = sizeof(triage_param),
                                           .type = TRIAGE_TYPE_DURATION,
                                           .name = "timeout",
                                           .doc = "No connection within this is a finding",
                                           .fallback = "\"3s\"",
                                           .minimum = "\"1ms\""};
static const triage_param* const params[] = {&param_endpoint, &param_timeout};

static const triage_code code_dns = {sizeof(triage_code), TRIAGE_WEIGHT_FAIL, "tcp-port.dns",
                                     "The host name has no address", "Look at its DNS record"};
static const triage_code code_refused = {sizeof(triage_code), TRIAGE_WEIGHT_FAIL,
                                         "tcp-port.refused", "Nothing listens at the port",
                                         "Start the service"};
static const triage_code code_no_answer = {sizeof(triage_code), TRIAGE_WEIGHT_FAIL,
                                           "tcp-port.no-answer", "The connection is not accepted",
                                           "Look at the host, the route and the firewall"};
static const triage_code* const codes[] = {&code_dns, &code_refused, &code_no_answer};

/* ---- One check ---- */

enum { MAX_ENDPOINT = 300, MAX_TEXT = 600 };

struct lookup { /* shared with the pool thread while the work runs */
    char host[256], port[16];
    int error; /* of getaddrinfo */
    struct addrinfo* found;
};

struct probe {
    const triage_check_api* api;
    struct lookup lookup;
    char endpoint[MAX_ENDPOINT];
    int64_t timeout_us, started_us;
    int fd;
    triage_op connected, timer;
};

static triage_str str(const char* text) { return (triage_str){text, strlen(text)}; }

static void say(const struct probe* p, triage_ctx* ctx, const triage_code* code,
                const char* message) {
    const triage_finding finding = {.size = sizeof finding,
                                    .code = str(code->name),
                                    .subject = str(p->endpoint),
                                    .message = str(message)};
    p->api->finding(ctx, &finding);
    p->api->summary(ctx, str(message));
}

/* Pool thread. */
static void look_up(void* arg) {
    struct lookup* lookup = arg;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    lookup->error = getaddrinfo(lookup->host, lookup->port, &hints, &lookup->found);
}

static int32_t could_not_tell(const struct probe* p, triage_ctx* ctx, const char* what, int error) {
    char text[MAX_TEXT];
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
    snprintf(text, sizeof text, "%s: %s", what, strerror(error));
    p->api->error(ctx, str(text));
    return TRIAGE_DONE;
}

static int32_t on_connect_result(struct probe* p, triage_ctx* ctx, int error) {
    char text[MAX_TEXT];
    if (error != 0 && error != ECONNREFUSED && error != EHOSTUNREACH && error != ENETUNREACH &&
        error != ETIMEDOUT && error != ECONNRESET)
        return could_not_tell(p, ctx, "connect", error);
    const triage_code* found = error == ECONNREFUSED ? &code_refused : &code_no_answer;
    p->api->evaluated(ctx, str(code_refused.name));
    p->api->evaluated(ctx, str(code_no_answer.name));
    const double ms = (double)(p->api->now_us(ctx) - p->started_us) / 1e3;
    if (error == 0) {
        p->api->metric(ctx, "connect", ms, "ms");
        snprintf(text, sizeof text, "connected in %.1f ms", ms);
        p->api->summary(ctx, str(text));
    } else {
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe since 2.32 */
        snprintf(text, sizeof text, "%s: %s", p->endpoint, strerror(error));
        say(p, ctx, found, text);
    }
    return TRIAGE_DONE;
}

static int32_t on_resolved(struct probe* p, triage_ctx* ctx) {
    char text[MAX_TEXT];
    if (p->lookup.error == EAI_SYSTEM || p->lookup.error == EAI_MEMORY) {
        p->api->error(ctx, str(gai_strerror(p->lookup.error)));
        return TRIAGE_DONE;
    }
    p->api->evaluated(ctx, str(code_dns.name));
    if (p->lookup.error != 0) {
        snprintf(text, sizeof text, "no address: %s", gai_strerror(p->lookup.error));
        say(p, ctx, &code_dns, text);
        return TRIAGE_DONE;
    }
    const struct addrinfo* address = p->lookup.found;
    p->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (p->fd < 0) return could_not_tell(p, ctx, "socket", errno);
    p->started_us = p->api->now_us(ctx);
    if (connect(p->fd, address->ai_addr, address->ai_addrlen) == 0)
        return on_connect_result(p, ctx, 0);
    if (errno != EINPROGRESS) return on_connect_result(p, ctx, errno);
    p->connected = p->api->wait_fd(ctx, p->fd, TRIAGE_FD_WRITE);
    p->timer = p->api->sleep(ctx, p->timeout_us);
    return TRIAGE_PENDING;
}

static int32_t on_ready(struct probe* p, triage_ctx* ctx) {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    p->api->cancel(ctx, p->timer);
    return on_connect_result(p, ctx, error);
}

static int32_t on_timeout(struct probe* p, triage_ctx* ctx) {
    char text[MAX_TEXT];
    p->api->cancel(ctx, p->connected);
    snprintf(text, sizeof text, "no connection within %.1f s", (double)p->timeout_us / 1e6);
    say(p, ctx, &code_no_answer, text);
    return TRIAGE_DONE;
}

static int32_t step(void* check, triage_ctx* ctx, const triage_event* event) {
    struct probe* p = check;
    switch (event->kind) {
        case TRIAGE_EVENT_START:
            p->api->work(ctx, look_up, &p->lookup);
            return TRIAGE_PENDING;
        case TRIAGE_EVENT_WORK:
            return on_resolved(p, ctx);
        case TRIAGE_EVENT_FD:
            return on_ready(p, ctx);
        case TRIAGE_EVENT_TIMER:
            return on_timeout(p, ctx);
        default:
            return TRIAGE_DONE; /* CANCEL: destroy() releases everything */
    }
}

static int split_endpoint(struct probe* p) {
    const char* colon = strrchr(p->endpoint, ':');
    if (colon == NULL) return 1;
    const char* host = p->endpoint;
    size_t length = (size_t)(colon - host);
    if (length > 1 && host[0] == '[' && host[length - 1] == ']') { /* [::1]:5432 */
        host += 1;
        length -= 2;
    }
    if (length >= sizeof p->lookup.host || strlen(colon + 1) >= sizeof p->lookup.port) return 1;
    memcpy(p->lookup.host, host, length);
    memcpy(p->lookup.port, colon + 1, strlen(colon + 1) + 1);
    return 0;
}

static int32_t create(void* plugin_state, triage_ctx* ctx, void** check) {
    const triage_check_api* api = plugin_state;
    triage_value endpoint = {.size = sizeof endpoint};
    triage_value timeout = {.size = sizeof timeout};
    struct probe* p = calloc(1, sizeof *p);
    if (p == NULL || api->param(ctx, "endpoint", 0, &endpoint) != 0 ||
        api->param(ctx, "timeout", 0, &timeout) != 0 || endpoint.str.size >= sizeof p->endpoint) {
        api->error(ctx, str("no memory, or an endpoint that is too long"));
        free(p);
        return 1;
    }
    p->api = api;
    p->fd = -1;
    p->timeout_us = timeout.i64;
    memcpy(p->endpoint, endpoint.str.data, endpoint.str.size);
    if (split_endpoint(p) != 0) {
        api->error(ctx, str("parameter endpoint: expected host:port"));
        free(p);
        return 1;
    }
    *check = p;
    return 0;
}

static void destroy(void* check) {
    struct probe* p = check;
    if (p->fd >= 0) close(p->fd);
    if (p->lookup.found != NULL) freeaddrinfo(p->lookup.found);
    free(p);
}

/* ---- The plugin ---- */

static const triage_check check_connect = {.size = sizeof(triage_check),
                                           .flags = TRIAGE_CHECK_REPEATABLE,
                                           .name = "connect",
                                           .doc = "Connects to a TCP port and hangs up",
                                           .cost = "1 connection",
                                           .params = params,
                                           .param_count = 2,
                                           .codes = codes,
                                           .code_count = 3,
                                           .create = create,
                                           .step = step,
                                           .destroy = destroy};
static const triage_check* const checks[] = {&check_connect};

/* The state of this plugin is the host's function table: all that its checks need. */
static int32_t open_plugin(const triage_host* host, void** state, char* error, size_t error_size) {
    const triage_check_api* api = host->service(host, TRIAGE_CHECK_API);
    if (api == NULL || !TRIAGE_HAS(api, cancel)) {
        snprintf(error, error_size, "this triage (%s) lacks %s", host->version, TRIAGE_CHECK_API);
        return 1;
    }
    *state = (void*)api; /* read only, here as there */
    return 0;
}

static const triage_plugin plugin = {.size = sizeof(triage_plugin),
                                     .abi_major = TRIAGE_ABI_MAJOR,
                                     .abi_minor = TRIAGE_ABI_MINOR,
                                     .check_count = 1,
                                     .id = TRIAGE_PLUGIN_ID,
                                     .version = TRIAGE_PLUGIN_VERSION,
                                     .doc = "Answers whether something listens at a TCP port",
                                     .checks = checks,
                                     .open = open_plugin};

TRIAGE_EXPORT const triage_plugin* triage_plugin_entry(const triage_host* host) {
    return host->abi_major == TRIAGE_ABI_MAJOR ? &plugin : NULL;
}
