/// What a program's exit code says.
#pragma once

#include <cstdint>
#include <string>

namespace deploy {

/// "137 (killed: memory ran out, docker kill, or it did not stop in time)"; of codes without a
/// custom, the number alone.
std::string exit_code_text(std::int64_t code);

}  // namespace deploy
