/// Words for people.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace logs {

/// "12 s", "5 min", "3 h", "2 days": ages need not be more exact.
std::string age(std::chrono::microseconds duration);
/// "1.5 MiB".
std::string size_text(std::uint64_t bytes);
/// "1 line", "2 lines".
std::string counted(std::uint64_t count, std::string_view noun);
/// What errno says of a file, and what to do about it.
std::string file_error(int number);
/// "a, b and c".
std::string listed(const std::vector<std::string>& words);

}  // namespace logs
