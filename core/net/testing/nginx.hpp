// A real nginx in a folder of its own, on loopback ports that are bound before it starts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace triage::net::testing {

// A folder that goes when this does.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

class Nginx {
public:
    // One `server` block each, in which LISTEN stands for "127.0.0.1:<port>".
    Nginx(const std::filesystem::path& folder, const std::vector<std::string>& servers);
    ~Nginx();
    Nginx(const Nginx&) = delete;
    Nginx& operator=(const Nginx&) = delete;

    std::uint16_t port(std::size_t server) const { return ports_.at(server); }

private:
    std::vector<std::uint16_t> ports_;
    pid_t pid_ = -1;
};

}  // namespace triage::net::testing
