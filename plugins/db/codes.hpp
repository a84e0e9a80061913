/// What keeps a session from being opened or a query from being answered; all checks share it.
#pragma once

#include <vector>

#include <triage/declare.hpp>

namespace db::code {

using triage::Code;
using triage::Weight;

inline constexpr Code url{
    "db.url", Weight::fail, "The connection string is none that PostgreSQL's clients understand",
    "Write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE: with / ? # @ % in the password "
    "percent-encoded, options as libpq knows them, and no quotes around it"};
inline constexpr Code other_target{
    "db.other-target", Weight::fail, "The connection string leads elsewhere than intended",
    "Correct DATABASE_URL where it is effective (Compose's environment: goes before env files) and "
    "recreate what uses it"};
inline constexpr Code dns{"db.dns", Weight::fail, "The host's name has no address",
                          "Correct the host in the connection string, or the name's record"};
inline constexpr Code refused{
    "db.refused", Weight::fail, "Nothing listens at the address",
    "Start the server; if it runs, look at its port, at listen_addresses and its last log lines"};
inline constexpr Code unreachable{
    "db.unreachable", Weight::fail, "No TCP connection comes about",
    "Look whether the host is up, at the route, firewalls and security groups, and the address"};
inline constexpr Code no_reply{
    "db.no-reply", Weight::fail, "TCP opens, no start-up reply",
    "The server is frozen or swamped: look at its host (CPU, disk, memory, stopped processes) and "
    "restart it if it stays so; a proxy in between may hang, or another service hold the port"};
inline constexpr Code closed{
    "db.closed", Weight::fail, "The connection is closed without an answer",
    "Look for a crash in the server's log; if a proxy or a published port accepts in its place, "
    "nothing may be running behind it"};
inline constexpr Code not_postgres{"db.not-postgres", Weight::fail,
                                   "What answers at the address is not PostgreSQL",
                                   "Look which process or container holds the port"};
inline constexpr Code tls{
    "db.tls", Weight::fail, "TLS does not come about: not offered, certificate or handshake",
    "Look at the server's certificate (name, date, CA) and its ssl setting, and at sslmode and "
    "sslrootcert in the connection string"};
inline constexpr Code password{
    "db.password", Weight::fail, "The password is wrong, missing or not accepted",
    "Compare the password with the one the role has; a database volume keeps the one it was made "
    "with, whatever the environment says later"};
inline constexpr Code login_refused{
    "db.login-refused", Weight::fail, "The server does not let this role in",
    "Look whether the role exists and may connect to the database, and at pg_hba.conf"};
inline constexpr Code login_hung{
    "db.login-hung", Weight::fail, "The server replies, but the login does not end",
    "Look at the server's load and disk, at what authentication asks (LDAP, RADIUS), and whether a "
    "pooler waits for a free server connection"};
inline constexpr Code no_database{
    "db.no-database", Weight::fail, "The database does not exist on this server",
    "Correct its name; or it is another server or a new volume: then create and migrate, or "
    "restore it"};
inline constexpr Code too_many{
    "db.too-many-connections", Weight::fail, "The server has no free connection",
    "Find who holds them (db.sessions as a role with reserved connections), end what is idle, "
    "lower the pools' sizes or put a pooler in between"};
inline constexpr Code not_ready{
    "db.not-ready", Weight::fail, "The server is starting up, recovering or shutting down",
    "Wait and look at its log: recovery after a crash may take minutes; if it comes back again "
    "and again, look for the crash"};
inline constexpr Code shut_down{"db.shut-down", Weight::fail, "The server ended the session",
                                "Look who stopped or restarted the server, and at its log"};
inline constexpr Code disk_full{"db.disk-full", Weight::fail, "The server's disk is full",
                                "Free space on the server's volumes; look at retained WAL first"};
inline constexpr Code corrupt{
    "db.corrupt", Weight::fail, "The server reports an internal error or damaged data",
    "Stop writing, take a copy of the data folder, look at the server's log, plan a restore"};
inline constexpr Code wrong_server_kind{
    "db.wrong-kind", Weight::fail,
    "No server in the connection string is of the kind it asks for (target_session_attrs)",
    "Look which server is the primary now, and whether a failover went wrong"};
inline constexpr Code pooler{
    "db.pooler", Weight::fail, "A pooler answers, and gives no session",
    "Look at the server behind the pooler, and at the pooler's log; it may refuse what the "
    "connection string asks for (ignore_startup_parameters)"};
inline constexpr Code server_error{"db.server-error", Weight::fail,
                                   "The server answers with an error",
                                   "Look up the SQLSTATE, and at the server's log"};
inline constexpr Code no_answer{
    "db.no-answer", Weight::fail, "A query is not answered in time",
    "Look at the server's load, disk and locks; the login has worked, so the network does"};

}  // namespace db::code

namespace db {

/// All of them but those of the connection string.
std::vector<triage::Code> transport_codes();

}  // namespace db
