// What a worker writes to stdout and stderr: kept as lines, within limits.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace triage::plugin {

inline constexpr std::size_t max_output_bytes = std::size_t{16} << 20;  // more is a flood
inline constexpr std::size_t max_output_lines = 100;                    // kept until taken

class Output {
public:
    // Reads what is there from `fd` without waiting, at most 64 KiB. False at its end.
    bool read(int fd);
    std::size_t size() const { return bytes_; }  // read so far
    bool is_flood() const { return bytes_ > max_output_bytes; }

    // The lines since the last call, complete or not.
    std::vector<std::string> take();
    // The last lines, for a message about the worker's end: "a; b", or empty.
    std::string last_words() const;

private:
    void add(std::string_view text);
    void end_line();

    std::size_t bytes_ = 0;
    std::string partial_;
    std::vector<std::string> lines_;
    std::vector<std::string> last_;
    std::size_t lost_ = 0;
};

}  // namespace triage::plugin
