#include "exit_code.hpp"

#include <array>
#include <string_view>
#include <utility>

#include <triage/text.hpp>

namespace deploy {
namespace {

/// 1 and 3 as uvicorn's applications use them; from 126 on as shells and Docker do.
constexpr std::array<std::pair<std::int64_t, std::string_view>, 13> meanings{
    {{0, "it ended by itself, or was stopped"},
     {1, "an error of its own: often settings that it refuses"},
     {2, "it does not understand how it was called"},
     {3, "uvicorn: it failed while starting"},
     {126, "its command cannot be executed"},
     {127, "its command is not in the image"},
     {128, "it could not be started"},
     {130, "interrupted (SIGINT)"},
     {132, "crashed: an instruction that this processor lacks (SIGILL)"},
     {134, "it gave up (SIGABRT)"},
     {137, "killed (SIGKILL): memory ran out, docker kill, or it did not stop in time"},
     {139, "crashed (SIGSEGV)"},
     {143, "stopped (SIGTERM)"}}};

}  // namespace

std::string exit_code_text(std::int64_t code) {
    for (const auto& [number, meaning] : meanings)
        if (number == code) return triage::text(code, " (", meaning, ")");
    if (code > 128 && code < 160) return triage::text(code, " (ended by signal ", code - 128, ")");
    return triage::text(code);
}

}  // namespace deploy
