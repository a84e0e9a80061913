#include "core/model/diagnosis.hpp"

#include <array>

namespace triage::model {
namespace {

template <std::size_t N, class Enum>
std::string_view pick(const std::array<std::string_view, N>& names, Enum value) {
    return names[static_cast<std::size_t>(value)];
}

}  // namespace

std::string_view name(State state) {
    return pick(std::array<std::string_view, 4>{"up", "degraded", "down", "unknown"}, state);
}

std::string_view name(Scope scope) {
    return pick(
        std::array<std::string_view, 6>{"unknown", "all", "origin", "route", "client", "vantage"},
        scope);
}

std::string_view name(Certainty certainty) {
    return pick(std::array<std::string_view, 3>{"confirmed", "likely", "possible"}, certainty);
}

std::string_view name(Next::Kind kind) {
    return pick(std::array<std::string_view, 5>{"check", "question", "fix", "isolate", "roll-back"},
                kind);
}

std::string_view name(Answer answer) {
    return pick(
        std::array<std::string_view, 5>{"broken", "no-known-cause", "blind", "warned", "healthy"},
        answer);
}

}  // namespace triage::model
