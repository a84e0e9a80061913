/// The rows of health.pattern's table.
#pragma once

#include <triage/declare.hpp>

namespace health::row {

using triage::Code;
using triage::Weight;

inline constexpr Code api_refused{
    "health.api-refused", Weight::fail, "Nothing listens at the API's address",
    "Look at the container's state, exit code and last log lines: 1 is a wrong setting, 3 a failed "
    "start (migration, database), 137 memory or a kill"};
inline constexpr Code api_unreachable{
    "health.api-unreachable", Weight::fail, "The API's address cannot be reached",
    "Look at the name, the route, the firewall and whether the host is up"};
inline constexpr Code api_hung{
    "health.api-hung", Weight::fail, "The API accepts connections and answers nothing",
    "Look at the event loop (CPU of the process, blocking code), the host and the network"};
inline constexpr Code threadpool_starved{
    "health.threadpool-starved", Weight::fail,
    "Handlers in the thread pool hang while the event loop answers",
    "Look at what holds the threads: the auth provider's keys are the usual cause, then the pool"};
inline constexpr Code proxy_error{
    "health.proxy-error", Weight::fail, "A proxy answers in place of the API",
    "Ask the API's direct port; then look at the proxy's upstream address and error log"};
inline constexpr Code api_redirected{
    "health.api-redirected", Weight::fail, "The API's address redirects to another one",
    "Give the address that it leads to, in the UI's settings too; where it leads to itself or "
    "from https to http, look at the proxy's rules and X-Forwarded-Proto"};
inline constexpr Code mark_lost{
    "health.mark-lost", Weight::warn,
    "The answers are right, but without the header that the API puts on them",
    "Look at the proxy's rules for response headers; without it errors cannot be found in the "
    "log. If this API has no such header, set request-id-header"};
inline constexpr Code foreign_service{
    "health.foreign-service", Weight::fail, "Some other service answers at the API's address",
    "Look which process or container holds the port, and where the proxy sends this path"};
inline constexpr Code api_broken{
    "health.api-broken", Weight::fail, "Answers end early or break the rules of HTTP",
    "Look for a crash or restart in the API's log, then ask its direct port: a proxy may be at "
    "fault"};
inline constexpr Code broad_5xx{
    "health.broad-5xx", Weight::fail, "The API answers three paths or more with 5xx",
    "Look at what all of them need, the database first; the API's log has the tracebacks of these "
    "request ids"};
inline constexpr Code api_5xx{
    "health.api-5xx", Weight::fail, "The API answers single paths with 5xx, and others well",
    "Look for the traceback of this request id in the API's log: the fault is in this handler or "
    "in what only it needs"};
inline constexpr Code partly_hung{
    "health.partly-hung", Weight::fail, "Some paths hang while others answer",
    "Look at what these handlers wait for, in the log before the hang"};
inline constexpr Code not_ready{"health.not-ready", Weight::fail, "The API says it is not ready",
                                "Look at what the body of readyz names"};
inline constexpr Code no_such_path{
    "health.no-such-path", Weight::fail, "The API says that it has no such path",
    "Look at the address first: the proxy may cut a part of the path off, or the URL have one too "
    "many; then whether this version of the API has moved the path"};
inline constexpr Code api_unexpected{
    "health.api-unexpected", Weight::warn, "A path answers with an unexpected status",
    "Look whether this version of the API moved the path or changed its authentication"};
inline constexpr Code db_probe_5xx{
    "health.db-probe-5xx", Weight::fail,
    "A request that needs the database fails at once: refused, schema or credentials",
    "Look at the database's state, the revision of its schema and the API's database URL"};
inline constexpr Code db_probe_slow_5xx{
    "health.db-probe-slow-5xx", Weight::fail,
    "A request that needs the database fails after a wait: the pool is exhausted",
    "Look at the sessions idle in transaction and at open streams"};
inline constexpr Code db_probe_hung{
    "health.db-probe-hung", Weight::fail,
    "A request that needs the database hangs while others answer",
    "Look at the database directly: sessions idle in transaction, locks, whether it answers"};
inline constexpr Code db_probe_unexpected{
    "health.db-probe-unexpected", Weight::warn, "The database probe says nothing",
    "Look whether this version of the API still has the probe's path; else set db-probe = false"};

}  // namespace health::row
