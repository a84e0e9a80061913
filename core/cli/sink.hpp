// Where one document goes: standard output, a file, or what else a path names.
#pragma once

#include <functional>
#include <string>

#include "core/base/error.hpp"
#include "core/base/unique_fd.hpp"

namespace triage::cli {

// Opened before anything runs, so that a file that cannot be written is told then, and written once
// at the end. A regular file appears whole or not at all and keeps its mode; devices, pipes and
// descriptors (/dev/fd/7) are written as they are.
class Sink {
public:
    struct Target {
        std::string what;           // for messages: "the report"
        std::string file;           // "": standard output
        unsigned most_mode = 0666;  // of a new file, less the umask
    };

    // Writes the document to a descriptor of this name.
    using Document = std::function<base::Result<void>(int fd, const std::string& name)>;

    static base::Result<Sink> open(Target target);

    base::Result<void> write(const Document& document) const;

    // What is written to as it is, or -1: a file that is made when it is written.
    int stream() const;
    // Writing may wait for somebody who reads.
    bool may_wait() const { return way_ == Way::in_place; }

private:
    enum class Way : unsigned char {
        stream,    // standard output, or what is open already: a device, a pipe, a descriptor
        replace,   // a regular file, or a new one: whole or not at all
        in_place,  // opened when it is written: a pipe that nobody reads yet
    };

    explicit Sink(Target target) : target_(std::move(target)) {}

    base::Result<void> look();
    base::Result<void> expect_new();
    base::Result<void> open_stream(int flags);
    base::Result<void> replace(const Document& document) const;
    base::Result<void> write_in_place(const Document& document) const;
    base::Result<void> refused(int reason) const;
    base::Result<void> not_written(int reason) const;

    Target target_;
    Way way_ = Way::stream;
    base::UniqueFd fd_;  // Way::stream, but for standard output
};

// Two names of one regular file, be it there or not: what is written last would replace the rest.
// Of a device, a pipe or a descriptor any number of documents may be written.
bool is_same_file(const std::string& a, const std::string& b);

}  // namespace triage::cli
