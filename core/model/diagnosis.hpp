// What a run's findings mean together: what is affected, the likely causes with their evidence,
// what could not be seen, what to do next. Plain values; core/diagnose makes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/text.hpp"

namespace triage::model {

// A finding of the run, named so that a reader can look it up there.
struct Reference {
    Text check;  // id of the result; empty: none of this run's checks
    std::string code;
    Text subject;
    Text message;
    friend bool operator==(const Reference&, const Reference&) = default;
};

enum class State : std::uint8_t { up, degraded, down, unknown };
std::string_view name(State state);

// How a part of the system is, as its users meet it.
struct Impact {
    std::string component;  // "ui", "api", "auth", "database", …
    State state = State::unknown;
    Text why;    // one line; empty where all is well
    Text doubt;  // of a part that is up or unknown: the possible cause that would make it worse
};

// Who meets it.
enum class Scope : std::uint8_t { unknown, all, origin, route, client, vantage };
std::string_view name(Scope scope);

enum class Certainty : std::uint8_t {
    confirmed,  // what proves it was found
    likely,     // much speaks for it, and nothing that was expected is missing or unseen
    possible,   // weak evidence
};
std::string_view name(Certainty certainty);

// A cause that fits, best first.
struct Cause {
    std::string id;  // "db.refused"
    Text title;
    Text target;  // which one of several alike: "127.0.0.1:5432"; empty: the cause has no targets
    std::string component;
    Certainty certainty = Certainty::possible;
    int score = 0;
    std::vector<Reference> supporting;       // its own evidence
    std::vector<Reference> following;        // what it explains by what it leads to
    std::vector<std::string> contradicting;  // expected, looked for, and not there
    std::vector<std::string> unseen;         // expected, and not looked for
    std::vector<std::string> alternatives;   // ids of causes that fit the same findings as well
    Text fix;                                // what to do
    Text isolate;                            // how to live without it meanwhile, or empty
    Text doc;                                // where it is explained, or empty
};

// A cause of which there is evidence, and that it cannot be.
struct RuledOut {
    std::string id;
    Text title;
    std::string by;  // the sign that is there or missing: "db.password"
    bool present = false;
};

// What would have to be seen to say more.
struct Unseen {
    Text check;  // id
    Text why;    // its summary
};

// The next step: a check that tells causes apart, or what to do about the first cause.
struct Next {
    enum class Kind : std::uint8_t { check, question, fix, isolate, roll_back };
    Kind kind = Kind::check;
    Text what;
    std::string command;             // exact, for a shell; or empty
    std::vector<std::string> tells;  // ids of the causes that it tells apart
};
std::string_view name(Next::Kind kind);

enum class Answer : std::uint8_t {
    broken,          // causes are named
    no_known_cause,  // something is wrong that no cause explains
    blind,           // nothing was found wrong, and not everything could be seen
    warned,          // nothing failed, and no cause explains the warnings
    healthy,         // everything relevant was seen, and is well
};
std::string_view name(Answer answer);

struct Diagnosis {
    Answer answer = Answer::blind;
    std::vector<Impact> impact;
    Scope scope = Scope::unknown;
    std::vector<Text> affected;  // of a scope that is not all or unknown: the origins, routes, …
    std::vector<Cause> causes;
    std::vector<Reference> unexplained;
    std::vector<RuledOut> ruled_out;
    std::vector<Unseen> unseen;
    std::vector<Next> next;
};

}  // namespace triage::model
