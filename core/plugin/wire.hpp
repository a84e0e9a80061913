// The messages between host and worker.
//
// A frame is a length (u32, of what follows it), a type (u8) and a payload in CBOR: a map whose
// keys are small integers. A reader skips keys that it does not know and takes missing ones as
// empty, so that additions need no new protocol number. Integers are in the machine's byte order:
// both ends are the same installation on the same machine.
//
// Decoding checks every limit; it returns false for a payload that is not what its type says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/model/schema.hpp"
#include "core/plugin/call.hpp"
#include "core/plugin/cbor.hpp"

namespace triage::plugin {

inline constexpr unsigned protocol_version = 1;
inline constexpr std::size_t max_frame_bytes = std::size_t{32} << 20;  // type and payload
inline constexpr std::size_t frame_head_bytes = 5;

enum class FrameType : std::uint8_t {
    described = 1,  // worker: what the plugin declares, once, first
    failed,         // worker: instead of described: why not
    start,          // host
    cancel,         // host
    outcome,        // worker
    ended,          // worker: nothing of the call is left
    http_start,     // worker
    http_cancel,    // worker
    http_consumed,  // worker
    http_head,      // host
    http_data,      // host
    http_done,      // host
    secret,         // worker: learned, to be redacted
    argument,       // host: one that starts to come refer to by its number, counted from 0
};

// Writes one frame at the end of a buffer; the length is filled in when it goes.
class FrameWriter {
public:
    FrameWriter(std::string& out, FrameType type);
    ~FrameWriter();
    FrameWriter(const FrameWriter&) = delete;
    FrameWriter& operator=(const FrameWriter&) = delete;

    Writer& payload() { return writer_; }

private:
    std::string& out_;
    std::size_t begin_;
    Writer writer_;
};

// The head of the next frame: its type, and how many bytes of payload follow the head.
struct FrameHead {
    FrameType type;
    std::size_t payload_bytes;
};
// `bytes` are at least frame_head_bytes. Fails on a length of 0 or above the limit.
base::Result<FrameHead> read_head(std::string_view bytes);

struct StartMessage {
    CallId call{};
    std::uint64_t check_index = 0;
    std::int64_t remaining_us = 0;      // until the deadline: the two clocks may differ
    Call arguments;                     // only arguments and revealed
    std::vector<std::uint64_t> common;  // numbers of arguments that were told before
};
// `common` are the numbers of arguments.common.
void write_start(std::string& out, CallId call, std::size_t check_index, std::int64_t remaining_us,
                 const Call& arguments, const std::vector<std::uint64_t>& common = {});
bool read(std::string_view payload, StartMessage& message);

void write_argument(std::string& out, const CallArgument& argument);
bool read(std::string_view payload, CallArgument& argument);

struct OutcomeMessage {
    CallId call{};
    Outcome outcome;  // as said: not yet held to what the check declares
};
void write_outcome(std::string& out, CallId call, const Outcome& outcome);
bool read(std::string_view payload, OutcomeMessage& message);

// cancel, ended, http_cancel, http_consumed, secret, http_data.
struct CallMessage {
    CallId call{};
    OpId op{};
    std::uint64_t count = 0;  // bytes consumed
    std::string_view data;    // points into the payload
};
void write_call(std::string& out, FrameType type, const CallMessage& message);
bool read(std::string_view payload, CallMessage& message);

struct RequestMessage {
    CallId call{};
    OpId op{};
    net::Request request;
};
void write_request(std::string& out, CallId call, OpId op, const net::Request& request);
bool read(std::string_view payload, RequestMessage& message);

struct ResponseMessage {
    CallId call{};
    OpId op{};
    net::Response response;
};
void write_response(std::string& out, FrameType type, CallId call, OpId op,
                    const net::Response& response);
bool read(std::string_view payload, ResponseMessage& message);

struct DescribedMessage {
    std::uint64_t protocol = 0;
    model::PluginInfo info;
};
void write_described(std::string& out, const model::PluginInfo& info);
bool read(std::string_view payload, DescribedMessage& message);

void write_failed(std::string& out, const base::Error& error);
bool read(std::string_view payload, base::Error& error);

}  // namespace triage::plugin
