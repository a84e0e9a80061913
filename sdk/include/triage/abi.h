/* triage/abi.h: the binary contract between the triage host and a check plugin.
 *
 * C11, no other header of the project needed. C++ authors include <triage/plugin.hpp> instead,
 * which wraps all of this in coroutines.
 *
 * Status: DRAFT. Every service id ends in "/draft-N"; a breaking change raises N and the host says
 * which N it has and which the plugin wants. Nothing here is promised until it is frozen as 1.0.
 *
 * Life of a plugin (one worker process, or the host itself with --in-process):
 *
 *     dlopen, triage_plugin_entry(host), open()
 *         create, step(START), step(…) …, destroy     once for each check; many checks interleave
 *     close()
 *
 * The library is never unloaded; the process ends after close().
 *
 * Rules that hold everywhere
 *  - Structs start with `size`, the sizeof() that their maker was compiled with. New members come
 *    only at the end. A reader looks at a member only if `size` covers it: TRIAGE_HAS().
 *  - Strings are UTF-8, as (data, size), not NUL-terminated, unless they are `const char *`, which
 *    is NUL-terminated and used for names that the plugin declares. A NULL data with size 0 is "".
 *  - What a function or event hands over is borrowed: it lives until that call returns. Whoever
 *    wants it longer copies it. No memory is ever freed across the boundary.
 *  - Descriptors (triage_plugin, triage_check, …) are owned by the plugin, constant, and live as
 *    long as the library.
 *  - No exception, longjmp or signal handler crosses the boundary. Undeclared flags are 0.
 *
 * Threads. Each function says where it may be called:
 *  [loop]  the worker's one event thread: entry, open, close, create, step, destroy.
 *          They must return soon (milliseconds): a callback that blocks is ended with its worker.
 *  [check] the thread in which this check is being called at this moment: the loop thread inside
 *          create/step/destroy, or the pool thread inside run.
 *  [any]   any thread, at any time between create's start and destroy's end.
 */
#ifndef TRIAGE_ABI_H
#define TRIAGE_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The revision of this file. Host and plugin must agree on TRIAGE_ABI_MAJOR while the ABI is a
 * draft (major 0 means draft); a host accepts every minor up to its own. */
#define TRIAGE_ABI_MAJOR 0
#define TRIAGE_ABI_MINOR 1

#define TRIAGE_EXPORT __attribute__((visibility("default")))

/* Does the object that `ptr` points to reach far enough to hold `member`? */
#define TRIAGE_HAS(ptr, member) \
    ((size_t)(ptr)->size >= (size_t)((const char*)(&(ptr)->member + 1) - (const char*)(ptr)))

/* ---- Values ---------------------------------------------------------------------------------- */

typedef struct triage_str {
    const char* data;
    size_t size; /* bytes */
} triage_str;

/* Types of a parameter or fact (triage_value.type). */
#define TRIAGE_TYPE_BOOL 1u     /* i64: 0 or 1 */
#define TRIAGE_TYPE_INT 2u      /* i64 */
#define TRIAGE_TYPE_FLOAT 3u    /* f64 */
#define TRIAGE_TYPE_STRING 4u   /* str */
#define TRIAGE_TYPE_DURATION 5u /* i64: microseconds; "250ms", "3s", "2m" in a runbook */
#define TRIAGE_TYPE_URL 6u      /* str: absolute http/https URL; grants its origin, safe methods */
#define TRIAGE_TYPE_ENDPOINT 7u /* str: "host:port"; grants that connection */
#define TRIAGE_TYPE_PATH 8u     /* str: absolute path of a file or folder; grants reading it */
#define TRIAGE_TYPE_SECRET 9u   /* i64: a handle; the text stays with the host: triage_secret_api */
#define TRIAGE_TYPE_ANY 10u /* any scalar: the value's own type is one of BOOL INT FLOAT STRING */

/* Shapes of a parameter (triage_param.shape). */
#define TRIAGE_SHAPE_ONE 0u  /* one value */
#define TRIAGE_SHAPE_LIST 1u /* an array of values */
#define TRIAGE_SHAPE_MAP 2u  /* a table: key → value, in the runbook's order */

typedef struct triage_value {
    uint32_t size;
    uint32_t type; /* TRIAGE_TYPE_* */
    int64_t i64;
    double f64;
    triage_str str;
    triage_str key; /* the entry's key, for TRIAGE_SHAPE_MAP; else empty */
} triage_value;

/* ---- What a plugin declares ----------------------------------------------------------- */

/* triage_param.syntax; 0 is any text */
#define TRIAGE_SYNTAX_RE2 1u           /* a regular expression of RE2's */
#define TRIAGE_SYNTAX_RE2_GROUP 2u     /* the same, with a capturing group in it */
#define TRIAGE_PARAM_WITHIN_TIMEOUT 1u /* flags: a DURATION, shorter than the check's `timeout` */
#define TRIAGE_PARAM_AT_MOST_ONE 2u    /* flags: a LIST, that more than one makes no sense in */
/* A parameter of a check: validation, defaults, `triage plugins` and the JSON Schema come of it. */
typedef struct triage_param {
    uint32_t size;
    uint32_t type;        /* TRIAGE_TYPE_* */
    uint32_t shape;       /* TRIAGE_SHAPE_* */
    uint32_t required;    /* 1: the runbook must give it; then there is no default */
    const char* name;     /* ^[a-z][a-z0-9-]*$ as written in the runbook: with.NAME */
    const char* doc;      /* one line, ends without a full stop; not empty */
    const char* fallback; /* the default as JSON value text ("3s" is written "\"3s\""), or NULL */
    const char* minimum;  /* inclusive bounds as JSON value text (INT, FLOAT, DURATION), or NULL */
    const char* maximum;
    /* An RE2 pattern, or NULL, that the whole string must match: each element, each map's value. */
    const char* pattern;
    const char* const* choices; /* the allowed strings, or NULL */
    uint32_t choice_count;
    const char* example;     /* JSON value text for documentation and templates, or NULL */
    const char* key_pattern; /* MAP: an RE2 pattern that every whole key must match, or NULL */
    uint32_t min_items;      /* LIST, MAP: how many it must have where it is given */
    uint32_t syntax;         /* STRING: of each value, read before the run */
    /* The name of a STRING or BOOL parameter of SHAPE_ONE, and a value of it ("HEAD", "true") with
     * which this one makes no sense. Or NULL. Here as below: what comes from another check's fact
     * is not known before the run, so the check must still look at it. */
    const char* not_with;
    const char* not_with_value;
    /* STRING: a path to which the check sends `write_method` ("POST"), below the URL that the
     * parameter `write_base` says, if the BOOL parameter `write_if` is true (NULL: always). So a
     * grant that is missing is told before the run. Grants nothing. Or all NULL. */
    const char* write_method;
    const char* write_base;
    const char* write_if;
    /* The name of a parameter of the same type, INTEGER, FLOAT or DURATION, and SHAPE_ONE: a value
     * above that one's makes no sense ("warn-over" above "fail-over"). Or NULL. */
    const char* not_above;
    /* MAP: the name of another parameter of SHAPE_MAP: a key that is not one of its keys makes no
     * sense ("expect" by the names of "settings"). Or NULL. */
    const char* keys_of;
    /* An RE2 pattern, or NULL: what it matches as a whole (the string, each element, each map's
     * value) is wrong, and why: one line, shown after "is refused: ". Of a MAP's keys the same. */
    const char* refuse;
    const char* refuse_why;
    const char* refuse_key;
    const char* refuse_key_why;
    /* STRING or URL, SHAPE_ONE: the names of others, no MAPs: a value of theirs is wrong here. Of
     * URLs the origins are compared. Or NULL. */
    const char* const* differs_from;
    uint32_t differs_from_count;
    uint32_t flags; /* TRIAGE_PARAM_* */
} triage_param;

/* How bad it is when a code is found. The check's verdict follows from its findings. */
#define TRIAGE_WEIGHT_INFO 0u /* pass */
#define TRIAGE_WEIGHT_WARN 1u
#define TRIAGE_WEIGHT_FAIL 2u

/* Something a check can find out about the target. */
typedef struct triage_code {
    uint32_t size;
    uint32_t weight;    /* TRIAGE_WEIGHT_*, unless a finding says otherwise */
    const char* name;   /* "PLUGIN.KEBAB-NAME", for example "cors.origin-not-allowed" */
    const char* doc;    /* what it means, one line */
    const char* remedy; /* what to do about it, one line, or NULL */
} triage_code;

/* Something a check can learn (a version, a mode), for "what changed" and for other checks. */
typedef struct triage_fact {
    uint32_t size;
    uint32_t type;    /* BOOL, INT, FLOAT or STRING */
    const char* name; /* ^[a-z][a-z0-9_]*$, so that ${fact.CHECK.NAME} reads well */
    const char* doc;
} triage_fact;

/* One check in one run. Opaque; passed to every service function. */
typedef struct triage_ctx triage_ctx;
typedef struct triage_event triage_event;
typedef struct triage_host triage_host;
typedef struct triage_plugin triage_plugin;

/* triage_check.flags */
#define TRIAGE_CHECK_REPEATABLE 1u /* changes nothing at the target: may run once more */
#define TRIAGE_CHECK_DEEP 2u       /* costly: runs only with --deep */

/* What step() returns. */
#define TRIAGE_PENDING 0 /* waiting for at least one operation that was started */
#define TRIAGE_DONE 1    /* finished: nothing more is delivered; destroy() follows */

/* A kind of check. Exactly one of `step` (asynchronous) and `run` (blocking) is set. */
typedef struct triage_check {
    uint32_t size;
    uint32_t flags;
    const char* name; /* ^[a-z][a-z0-9-]*$; a runbook says use = "PLUGIN.NAME" */
    const char* doc;  /* one line */
    const char* cost; /* what one run costs the target: "1 GET", "4 queries" */
    const triage_param* const* params;
    uint32_t param_count;
    uint32_t code_count;
    const triage_code* const* codes;
    const triage_fact* const* facts;
    uint32_t fact_count;
    uint32_t one_of_count;

    /* [loop] Makes one instance. `plugin_state` is what open() set. Parameters can be read here and
     * later. Returns 0; or anything else after triage_check_api.error(), which ends the check. */
    int32_t (*create)(void* plugin_state, triage_ctx* ctx, void** check);
    /* [loop] Called with TRIAGE_EVENT_START first, then once for each event of an operation that
     * the check started. Returns TRIAGE_PENDING or TRIAGE_DONE. */
    int32_t (*step)(void* check, triage_ctx* ctx, const triage_event* event);
    /* A pool thread calls it once; it may block; when it returns the check is done. It should look
     * at triage_check_api.cancelled() between waits. */
    void (*run)(void* check, triage_ctx* ctx);
    /* [loop] Frees the instance. Pending operations were cancelled; none is delivered later. */
    void (*destroy)(void* check);

    const char* const* one_of; /* names of parameters: at least one must be given; or NULL */
} triage_check;

struct triage_plugin {
    uint32_t size;
    uint32_t abi_major; /* TRIAGE_ABI_MAJOR and _MINOR that it was compiled with */
    uint32_t abi_minor;
    uint32_t check_count;
    const char* id;      /* ^[a-z][a-z0-9-]*$, the first part of every use = "ID.CHECK" */
    const char* version; /* semantic version */
    const char* doc;     /* one line */
    const triage_check* const* checks;
    /* [loop] Plugin-wide state, made once before the first check. Either may be NULL. open returns
     * 0, or anything else with a reason in `error` (of `error_size` bytes, NUL-terminated). */
    int32_t (*open)(const triage_host* host, void** state, char* error, size_t error_size);
    void (*close)(void* state);
};

/* ---- What the host offers ------------------------------------------------------------- */

struct triage_host {
    uint32_t size;
    uint32_t abi_major;
    uint32_t abi_minor;
    uint32_t reserved_;
    const char* version; /* of triage, for messages */
    /* [any] A service's function table, or NULL if this host does not have it: the plugin must then
     * do without or report an error that names it. Lives as long as the process. */
    const void* (*service)(const triage_host* host, const char* id);
};

/* The one exported symbol. [loop] Called once. Returns the descriptor, or NULL if the host's ABI is
 * not one it can live with. Does no I/O, starts no thread, changes no process state. */
TRIAGE_EXPORT const triage_plugin* triage_plugin_entry(const triage_host* host);
#define TRIAGE_ENTRY_SYMBOL "triage_plugin_entry"

/* ---- Events --------------------------------------------------------------------------- */

/* Names an operation that a check has started; unique within the check; 0 is none. */
typedef uint64_t triage_op;

#define TRIAGE_EVENT_START 1u     /* the first */
#define TRIAGE_EVENT_TIMER 2u     /* sleep is over */
#define TRIAGE_EVENT_FD 3u        /* `ready` says for what */
#define TRIAGE_EVENT_WORK 4u      /* blocking work has returned */
#define TRIAGE_EVENT_HTTP 5u      /* `http`: the whole response, or the end of a streamed one */
#define TRIAGE_EVENT_HTTP_HEAD 6u /* streamed only: `http` without a body */
#define TRIAGE_EVENT_HTTP_DATA 7u /* streamed only: `data`; give it back with consumed() */
/* The host wants no answer: release what you hold, return TRIAGE_DONE; reports are dropped. */
#define TRIAGE_EVENT_CANCEL 8u

#define TRIAGE_FD_READ 1u
#define TRIAGE_FD_WRITE 2u
#define TRIAGE_FD_ERROR 4u

typedef struct triage_http_response triage_http_response;

struct triage_event {
    uint32_t size;
    uint32_t kind;                    /* TRIAGE_EVENT_* */
    triage_op op;                     /* which operation, or 0 */
    const triage_http_response* http; /* HTTP, HTTP_HEAD; else NULL */
    triage_str data;                  /* HTTP_DATA */
    uint32_t ready;                   /* FD: TRIAGE_FD_* */
    uint32_t reserved_;
};

/* ---- Service: the check's own life ---------------------------------------------------- */

#define TRIAGE_CHECK_API "triage.check/draft-1"

typedef struct triage_evidence {
    uint32_t size;
    uint32_t reserved_;
    triage_str name; /* "status", "body", "address" */
    triage_str value;
} triage_evidence;

typedef struct triage_finding {
    uint32_t size;
    uint32_t weight_override; /* 0: the code's own weight; else 1 + TRIAGE_WEIGHT_* */
    triage_str code;          /* one of the check's declared codes */
    triage_str subject;       /* what it is about: a URL, host:port, table, container */
    triage_str message;       /* one line for a person; what was found and what was expected */
    triage_str remedy;        /* overrides the code's; may be empty */
    const triage_evidence* const* evidence;
    uint32_t evidence_count;
    uint32_t reserved_;
} triage_finding;

#define TRIAGE_LOG_DEBUG 0u
#define TRIAGE_LOG_INFO 1u
#define TRIAGE_LOG_WARN 2u

typedef struct triage_check_api {
    uint32_t size;
    uint32_t reserved_;

    /* [check] How many values the parameter has: 1 or 0 for SHAPE_ONE (0: not given and no
     * default), the number of elements or entries for the others. An undeclared name has 0. */
    uint32_t (*param_count)(triage_ctx* ctx, const char* name);
    /* [check] Value number `index`. Returns 0 and fills *out (whose size the caller has set), or 1
     * if there is no such value. Strings live as long as the check. */
    int32_t (*param)(triage_ctx* ctx, const char* name, uint32_t index, triage_value* out);

    /* [check] The code was looked for; one that is found, was. A pass means nothing for others. */
    void (*evaluated)(triage_ctx* ctx, triage_str code);
    /* [check] The target is not as it should be (or, weight info, is worth knowing). */
    void (*finding)(triage_ctx* ctx, const triage_finding* finding);
    /* [check] A declared fact; a second one of that name replaces it. Of several things alike
     * `name` is "NAME[KEY]", with a KEY of at most 200 letters, digits and -_.:/@#. */
    void (*fact)(triage_ctx* ctx, const char* name, const triage_value* value);
    /* [check] A measurement; `unit` is UCUM-like: "ms", "By", "1". */
    void (*metric)(triage_ctx* ctx, const char* name, double value, const char* unit);
    /* [check] What was measured, one line, also when all is well. */
    void (*summary)(triage_ctx* ctx, triage_str text);
    /* [check] The check could not tell (not: the target is bad): why, and what to do. */
    void (*error)(triage_ctx* ctx, triage_str reason);
    /* [any] A line for --verbose; redacted, limited in number and length. */
    void (*log)(triage_ctx* ctx, uint32_t level, triage_str text);

    /* [any] Monotonic clock and this attempt's end on it, microseconds (a fake host: virtual). */
    int64_t (*now_us)(triage_ctx* ctx);
    int64_t (*deadline_us)(triage_ctx* ctx);
    /* [any] Wall clock, microseconds since 1970-01-01T00:00:00Z. */
    int64_t (*wall_us)(triage_ctx* ctx);

    /* [loop] Operations, each answered by one event. */
    triage_op (*sleep)(triage_ctx* ctx, int64_t duration_us);
    /* Once, when `fd` (the check's own) is ready for `interest` (TRIAGE_FD_*); no capability. */
    triage_op (*wait_fd)(triage_ctx* ctx, int32_t fd, uint32_t interest);
    /* Calls fn(arg) on a pool thread. Cannot be interrupted; after a cancel the check is destroyed
     * only when fn has returned. */
    triage_op (*work)(triage_ctx* ctx, void (*fn)(void* arg), void* arg);
    /* Forgets an operation: its event will not come. Unknown operations are ignored. */
    void (*cancel)(triage_ctx* ctx, triage_op op);
    /* [any] 1 once the host has given up on this attempt. */
    int32_t (*cancelled)(triage_ctx* ctx);
} triage_check_api;

/* ---- Service: HTTP, performed by the host --------------------------------------------- */

#define TRIAGE_HTTP_API "triage.http/draft-1"

typedef struct triage_http_header {
    uint32_t size;
    uint32_t reserved_;
    triage_str name;
    triage_str value;
    int64_t secret; /* 0, or a handle from a SECRET parameter: its text is appended to `value` by
                       the host, only towards origins the secret may go to */
} triage_http_header;

/* triage_http_request.flags */
#define TRIAGE_HTTP_STREAM 1u         /* HTTP_HEAD, HTTP_DATA…, HTTP instead of one HTTP event */
#define TRIAGE_HTTP_CERTIFICATES 2u   /* fill `certificates` (costs a little per TLS handshake) */
#define TRIAGE_HTTP_INSECURE 4u       /* do not verify; the report says so */
#define TRIAGE_HTTP_FRESH 8u          /* a connection of its own, so that connect is really tried */
#define TRIAGE_HTTP_KEEP_ENCODING 16u /* no Accept-Encoding, body as sent */

typedef struct triage_http_request {
    uint32_t size;
    uint32_t flags;
    triage_str method; /* "GET" when empty */
    triage_str url;
    const triage_http_header* const* headers;
    uint32_t header_count;
    uint32_t max_redirects; /* 0: a redirect is the answer */
    triage_str body;
    int64_t timeout_us; /* from the moment the request leaves the host's queue; 0: what is left */
    /* Decompressed; what is more is cut: `truncated`. 0: the host's limit; of a stream: all. */
    uint64_t max_body_bytes;
    triage_str unix_socket; /* path; needs a grant */
    triage_str ca_file;     /* PEM; replaces the system's */
    triage_str client_cert_file;
    triage_str client_key_file;
    triage_str connect_to; /* "host:port" to connect to instead of the URL's (SNI and Host stay) */
} triage_http_request;

/* triage_http_response.failure: why there is no complete response. */
#define TRIAGE_HTTP_OK 0u
#define TRIAGE_HTTP_RESOLVE 1u     /* the name has no address: says the resolver */
#define TRIAGE_HTTP_REFUSED 2u     /* connection refused */
#define TRIAGE_HTTP_UNREACHABLE 3u /* no way from this machine's network on, or the like */
#define TRIAGE_HTTP_TIMEOUT 4u     /* `phase` says what was being waited for */
#define TRIAGE_HTTP_TLS 5u         /* handshake or certificate; `detail` names it */
#define TRIAGE_HTTP_CLOSED 6u      /* reset, or closed before the response was complete */
#define TRIAGE_HTTP_PROTOCOL 7u    /* not HTTP, or (status is set) against its rules or limits */
#define TRIAGE_HTTP_REDIRECTS 8u   /* more than max_redirects, or a loop */
#define TRIAGE_HTTP_BAD_REQUEST 9u /* the request itself is malformed: the caller's fault */
#define TRIAGE_HTTP_DENIED 10u     /* no permission; `detail` says which grant is missing */
#define TRIAGE_HTTP_CANCELLED 11u
#define TRIAGE_HTTP_LOCAL 12u /* this machine could not: no route, name service, files, ports */

/* triage_http_response.phase: how far it came. */
#define TRIAGE_PHASE_QUEUE 0u
#define TRIAGE_PHASE_RESOLVE 1u
#define TRIAGE_PHASE_CONNECT 2u
#define TRIAGE_PHASE_TLS 3u
#define TRIAGE_PHASE_FIRST_BYTE 4u
#define TRIAGE_PHASE_BODY 5u
#define TRIAGE_PHASE_DONE 6u

typedef struct triage_http_certificate {
    uint32_t size;
    uint32_t reserved_;
    triage_str subject; /* RFC 4514 text */
    triage_str issuer;
    triage_str names;     /* subjectAltName entries, one a line: "DNS:example.com" */
    int64_t not_before_s; /* seconds since 1970 UTC; INT64_MIN if unreadable */
    int64_t not_after_s;
    triage_str pem;
} triage_http_certificate;

struct triage_http_response {
    uint32_t size;
    uint32_t failure;                         /* TRIAGE_HTTP_* */
    uint32_t phase;                           /* TRIAGE_PHASE_* */
    uint32_t status;                          /* 0 if no status line came */
    triage_str detail;                        /* for a person: what exactly went wrong */
    triage_str url;                           /* the last one asked, after redirects */
    triage_str http_version;                  /* "1.1", "2" */
    triage_str address;                       /* "127.0.0.1:8000" that was connected to, or empty */
    const triage_http_header* const* headers; /* as received, of the last response */
    uint32_t header_count;
    uint32_t redirect_count;
    const triage_str* const* redirects; /* URLs asked before the last one, in order */
    triage_str body;                    /* empty when streamed; the start of what is not HTTP */
    uint64_t body_bytes; /* received after decompression, also when streamed or cut */
    uint32_t truncated;  /* 1: max_body_bytes was reached, the rest not read */
    uint32_t reused;     /* 1: an existing connection was used */
    /* Microseconds, 0 if it did not happen: of the last request; `total` of all redirects too. */
    int64_t queue_us, resolve_us, connect_us, tls_us, first_byte_us, total_us;
    const triage_http_certificate* const* certificates; /* leaf first */
    uint32_t certificate_count;
    uint32_t reserved_;
};

typedef struct triage_http_api {
    uint32_t size;
    uint32_t reserved_;
    /* [loop] Starts a request (everything is copied). Always answered by TRIAGE_EVENT_HTTP, also
     * when it is denied or malformed. */
    triage_op (*start)(triage_ctx* ctx, const triage_http_request* request);
    /* [loop] Streamed responses: `bytes` of delivered data are dealt with. The host stops reading
     * from the server while more than 256 KiB wait. */
    void (*consumed)(triage_ctx* ctx, triage_op op, uint64_t bytes);
    /* Forget a request with triage_check_api.cancel(). */
} triage_http_api;

/* ---- Service: secrets ----------------------------------------------------------------- */

#define TRIAGE_SECRET_API "triage.secret/draft-1"

typedef struct triage_secret_api {
    uint32_t size;
    uint32_t reserved_;
    /* [check] The text behind a SECRET parameter. Needs the capability "secret.reveal" and the
     * runbook's [allow]. Returns 0; or 1, and *out is the reason. Lives as long as the check. */
    int32_t (*reveal)(triage_ctx* ctx, int64_t handle, triage_str* out);
    /* [check] A secret that the check has learned: from now on it is hidden in all that this
     * plugin's checks report; in what other plugins report too if it looks like one (16 bytes or
     * more of letters and digits mixed, base64 and "-._~" at most, ten different ones). What the
     * host itself says and what servers answer stays as it is. Less than 8 bytes, or a name of the
     * runbook's own connection strings, is hidden only where a password or key is expected. */
    void (*add)(triage_ctx* ctx, triage_str text);
} triage_secret_api;

/* ---- The ELF note --------------------------------------------------------------------- */

/* Readable without running any code of the plugin (`readelf -n`). Name "triage", type 1; the
 * descriptor is text, lines of "key=value", NUL-terminated. triage_add_plugin() in CMake defines
 * the macros below; a hand-made build passes them with -D. capabilities: words out of net, fs.read,
 * exec, secret.reveal, separated by commas; "" is HTTP only. */
#define TRIAGE_NOTE_TYPE 1u
#define TRIAGE_STRINGIZE_(x) #x
#define TRIAGE_STRINGIZE(x) TRIAGE_STRINGIZE_(x)
#define TRIAGE_NOTE_TEXT(id, version, capabilities)                                             \
    "id=" id "\nversion=" version "\nabi=" TRIAGE_STRINGIZE(                                    \
        TRIAGE_ABI_MAJOR) "." TRIAGE_STRINGIZE(TRIAGE_ABI_MINOR) "\ncapabilities=" capabilities \
                                                                 "\n"
#define TRIAGE_NOTE(id, version, capabilities)                                                  \
    __attribute__((section(".note.triage"), used, aligned(4))) static const struct {            \
        uint32_t name_size, text_size, type;                                                    \
        char name[8];                                                                           \
        char text[sizeof(TRIAGE_NOTE_TEXT(id, version, capabilities))];                         \
    } triage_note_ = {7, sizeof(TRIAGE_NOTE_TEXT(id, version, capabilities)), TRIAGE_NOTE_TYPE, \
                      "triage", TRIAGE_NOTE_TEXT(id, version, capabilities)}

#ifdef __cplusplus
}
#endif
#endif
