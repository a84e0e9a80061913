/// Why there is no session, or no answer.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <triage/declare.hpp>

#include "connection.hpp"

namespace db {

/// What is being waited for, in this order.
enum class Phase { name, tcp, reply, tls, login, session, query };

std::string_view phase_name(Phase phase);

/// Why it ended. Without a code it says nothing about the target: the check could not tell.
struct Failure {
    const triage::Code* code = nullptr;
    Phase phase = Phase::name;
    std::string message;
    std::string sqlstate;
    std::string remedy;  ///< "": the code's own

    /// The server has answered, so another address of it would say the same.
    bool is_answer() const { return !sqlstate.empty(); }
};

/// What an ended attempt to connect has left.
struct Remains {
    Phase phase = Phase::tcp;
    std::string text;             ///< libpq's, with verbosity VERBOSE
    bool needs_tls = false;       ///< sslmode is require or stricter
    bool is_foreign = false;      ///< its first bytes are none of PostgreSQL's
    bool peer_closed = false;     ///< it has closed its side
    bool needs_password = false;  ///< it asks for one, and there is none
    bool asks_for_kind = false;   ///< target_session_attrs is not "any"
    std::string where;            ///< "db:5432 (10.0.0.7)"
};

/// Of an attempt that libpq has given up.
Failure judge_remains(const Remains& remains);
/// Of an attempt that `limit` has ended.
Failure judge_silence(Phase phase, const std::string& where, std::chrono::microseconds limit);
/// Of a query; `answer` is not ok().
Failure judge_answer(const Answer& answer, const std::string& where);

/// "28P01" of libpq's verbose text, of its last error; "" if the server has sent none.
std::string sqlstate_in(std::string_view text);

}  // namespace db
