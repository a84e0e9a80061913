/// What the checks can find beside known signatures (signatures.cpp has those).
#pragma once

#include <triage/declare.hpp>

namespace logs::code {

using triage::Code;
using triage::Weight;

inline constexpr Code errors{"logs.errors", Weight::warn,
                             "Lines of level error and above that no signature explains",
                             "Read the sample: its last line is the root cause"};
inline constexpr Code match{"logs.match", Weight::fail, "Lines match a pattern of the runbook",
                            "See why the runbook looks for it"};
inline constexpr Code migration{"logs.migration-incomplete", Weight::fail,
                                "A migration has begun and is not complete",
                                "Look whether it waits for a lock (db.sessions names the blocker) "
                                "before anything is restarted"};
inline constexpr Code silent{
    "logs.silent", Weight::fail, "A log that should have lines has none",
    "Look whether the program runs, and writes into this file (a rotated file that it still holds "
    "open: ls -l /proc/PID/fd)"};

inline constexpr Code restarting{
    "logs.restarting", Weight::warn, "A container ends again and again",
    "Read its last words: docker logs --tail 50 NAME; the findings of this check beside it"};

inline constexpr Code few_requests{"logs.few-requests", Weight::info,
                                   "Too few requests to say how they end",
                                   "To judge them all the same: a longer `since`, or a lower "
                                   "`min-requests`"};
inline constexpr Code broad_5xx{"logs.broad-5xx", Weight::fail,
                                "Requests fail with 5xx on several routes",
                                "Look at what all of them need: database, pool, a provider"};
inline constexpr Code route_5xx{"logs.route-5xx", Weight::fail,
                                "Requests to one or two routes fail with 5xx",
                                "Look at what only these routes do: their code, their tables"};
inline constexpr Code client_errors{
    "logs.client-errors", Weight::warn, "Requests of one client fail, of the others they do not",
    "Look at what is particular to that client: its version, token, network"};
inline constexpr Code rate_limited{"logs.rate-limited", Weight::warn,
                                   "Requests are refused with 429: too many",
                                   "Look who sends them (evidence), and at the limit"};
inline constexpr Code unauthorized{
    "logs.unauthorized", Weight::warn, "Most requests are refused with 401 or 403",
    "Look at tokens, keys and clocks: check clerk.api, or the login of an affected user"};
inline constexpr Code slow_requests{"logs.slow-requests", Weight::warn, "Requests take long",
                                    "Look at the slowest routes: their queries, locks, providers"};

}  // namespace logs::code
