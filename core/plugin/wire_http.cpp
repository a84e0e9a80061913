#include <limits>
#include <utility>

#include "core/plugin/http_abi.hpp"
#include "core/plugin/wire.hpp"

namespace triage::plugin {
namespace {

using net::microseconds;

// Whatever the network layer lets through can be read.
static_assert(max_headers >= net::max_response_headers);

// name, value, secret, name, value, secret, …: a map for each would cost more than it carries.
void write_headers(Writer::Map& map, unsigned key, const std::vector<net::Header>& headers,
                   bool with_secrets) {
    if (headers.empty()) return;
    Writer& out = map.key(key);
    out.array((with_secrets ? 3 : 2) * headers.size());
    for (const auto& header : headers) {
        out.bytes(header.name);
        out.bytes(header.value);
        if (with_secrets) out.integer(header.secret);
    }
}

void read_headers(Reader& in, std::vector<net::Header>& headers, bool with_secrets) {
    const unsigned parts = with_secrets ? 3 : 2;
    unsigned part = 0;
    in.array(parts * max_headers, [&] {
        if (part == 0) headers.emplace_back().name = in.bytes();
        if (part == 1) headers.back().value = in.bytes();
        if (part == 2) headers.back().secret = in.integer();
        part = (part + 1) % parts;
    });
    if (part != 0) in.fail();
}

constexpr std::uint64_t flag_stream = 1;
constexpr std::uint64_t flag_certificates = 2;
constexpr std::uint64_t flag_insecure = 4;
constexpr std::uint64_t flag_fresh = 8;
constexpr std::uint64_t flag_keep_encoding = 16;

std::uint64_t flags_of(const net::Request& request) {
    return (request.stream ? flag_stream : 0) |
           (request.want_certificates ? flag_certificates : 0) |
           (request.verify_tls ? 0 : flag_insecure) | (request.fresh_connection ? flag_fresh : 0) |
           (request.keep_encoding ? flag_keep_encoding : 0);
}

void set_flags(net::Request& request, std::uint64_t flags) {
    request.stream = (flags & flag_stream) != 0;
    request.want_certificates = (flags & flag_certificates) != 0;
    request.verify_tls = (flags & flag_insecure) == 0;
    request.fresh_connection = (flags & flag_fresh) != 0;
    request.keep_encoding = (flags & flag_keep_encoding) != 0;
}

// What is not a whole number of unsigned int is the largest one.
unsigned to_unsigned(std::uint64_t value) {
    constexpr std::uint64_t largest = std::numeric_limits<unsigned>::max();
    return static_cast<unsigned>(value < largest ? value : largest);
}

void read_request(Reader& in, std::uint64_t key, net::Request& request) {
    switch (key) {
        case 2:
            request.method = in.bytes();
            break;
        case 3:
            request.url = in.bytes();
            break;
        case 4:
            read_headers(in, request.headers, true);
            break;
        case 5:
            request.body = in.bytes();
            break;
        case 6:
            request.timeout = microseconds(in.integer());
            break;
        case 7:
            request.max_body_bytes = in.uinteger();
            break;
        case 8:
            request.max_redirects = to_unsigned(in.uinteger());
            break;
        case 9:
            set_flags(request, in.uinteger());
            break;
        case 10:
            request.unix_socket = in.bytes();
            break;
        case 11:
            request.ca_file = in.bytes();
            break;
        case 12:
            request.client_cert_file = in.bytes();
            break;
        case 13:
            request.client_key_file = in.bytes();
            break;
        case 14:
            request.connect_to = in.bytes();
            break;
        default:
            break;
    }
}

// What copy_request() has made sure in an honest worker.
bool is_within_limits(const net::Request& request) {
    return request.timeout.count() >= 0 && request.body.size() <= max_request_body_bytes &&
           (request.stream || request.max_body_bytes <= max_response_body_bytes);
}

void write_timings(Writer& out, const net::Timings& timings) {
    out.array(6);
    for (const auto duration : {timings.queue, timings.resolve, timings.connect, timings.tls,
                                timings.first_byte, timings.total})
        out.integer(duration.count());
}

void read_timings(Reader& in, net::Timings& timings) {
    microseconds* const durations[] = {&timings.queue, &timings.resolve,    &timings.connect,
                                       &timings.tls,   &timings.first_byte, &timings.total};
    std::size_t index = 0;
    in.array(std::size(durations), [&] { *durations[index++] = microseconds(in.integer()); });
}

void write_certificate(Writer& out, const net::Certificate& certificate) {
    Writer::Map map(out);
    map.optional(0, certificate.subject);
    map.optional(1, certificate.issuer);
    map.optional(2, certificate.names);
    map.key(3).integer(certificate.not_before_s);
    map.key(4).integer(certificate.not_after_s);
    map.optional(5, certificate.pem);
}

net::Certificate read_certificate(Reader& in) {
    net::Certificate certificate;
    in.map([&](std::uint64_t key) {
        switch (key) {
            case 0:
                certificate.subject = in.bytes();
                break;
            case 1:
                certificate.issuer = in.bytes();
                break;
            case 2:
                certificate.names = in.bytes();
                break;
            case 3:
                certificate.not_before_s = in.integer();
                break;
            case 4:
                certificate.not_after_s = in.integer();
                break;
            case 5:
                certificate.pem = in.bytes();
                break;
            default:
                break;
        }
    });
    return certificate;
}

void write_rare(Writer::Map& map, const net::Response& response) {
    if (!response.redirects.empty()) {
        Writer& out = map.key(10);
        out.array(response.redirects.size());
        for (const auto& url : response.redirects)
            out.bytes(url);
    }
    if (!response.certificates.empty()) {
        Writer& out = map.key(11);
        out.array(response.certificates.size());
        for (const auto& certificate : response.certificates)
            write_certificate(out, certificate);
    }
}

void read_response(Reader& in, std::uint64_t key, net::Response& response) {
    switch (key) {
        case 2:
            response.failure = in.enumerator(net::Failure::none, net::Failure::local);
            break;
        case 3:
            response.phase = in.enumerator(net::Phase::queue, net::Phase::done);
            break;
        case 4:
            response.status = static_cast<int>(in.integer());
            break;
        case 5:
            response.detail = in.bytes();
            break;
        case 6:
            response.url = in.bytes();
            break;
        case 7:
            response.http_version = in.bytes();
            break;
        case 8:
            response.address = in.bytes();
            break;
        case 9:
            read_headers(in, response.headers, false);
            break;
        case 10:
            in.array(net::max_redirects, [&] { response.redirects.emplace_back(in.bytes()); });
            break;
        case 11:
            in.array(net::max_certificates,
                     [&] { response.certificates.push_back(read_certificate(in)); });
            break;
        case 12:
            response.body = in.bytes();
            break;
        case 13:
            response.body_bytes = in.uinteger();
            break;
        case 14:
            response.truncated = in.uinteger() != 0;
            break;
        case 15:
            response.reused = in.uinteger() != 0;
            break;
        case 16:
            read_timings(in, response.timings);
            break;
        default:
            break;
    }
}

}  // namespace

void write_request(std::string& out, CallId call, OpId op, const net::Request& request) {
    FrameWriter frame(out, FrameType::http_start);
    Writer::Map map(frame.payload());
    map.key(0).uinteger(std::to_underlying(call));
    map.key(1).uinteger(std::to_underlying(op));
    if (request.method != "GET") map.key(2).bytes(request.method);
    map.optional(3, request.url);
    write_headers(map, 4, request.headers, true);
    map.optional(5, request.body);
    map.optional(6, request.timeout.count());
    map.key(7).uinteger(request.max_body_bytes);
    map.optional(8, request.max_redirects);
    map.optional(9, flags_of(request));
    map.optional(10, request.unix_socket);
    map.optional(11, request.ca_file);
    map.optional(12, request.client_cert_file);
    map.optional(13, request.client_key_file);
    map.optional(14, request.connect_to);
}

bool read(std::string_view payload, RequestMessage& message) {
    Reader in(payload);
    in.map([&](std::uint64_t key) {
        if (key == 0) {
            message.call = CallId{in.uinteger()};
        } else if (key == 1) {
            message.op = OpId{in.uinteger()};
        } else {
            read_request(in, key, message.request);
        }
    });
    return in.at_end() && is_within_limits(message.request);
}

void write_response(std::string& out, FrameType type, CallId call, OpId op,
                    const net::Response& response) {
    FrameWriter frame(out, type);
    Writer::Map map(frame.payload());
    map.key(0).uinteger(std::to_underlying(call));
    map.key(1).uinteger(std::to_underlying(op));
    map.optional(2, std::to_underlying(response.failure));
    map.optional(3, std::to_underlying(response.phase));
    map.optional(4, response.status);
    map.optional(5, response.detail);
    map.optional(6, response.url);
    map.optional(7, response.http_version);
    map.optional(8, response.address);
    write_headers(map, 9, response.headers, false);
    write_rare(map, response);
    map.optional(12, response.body);
    map.optional(13, response.body_bytes);
    map.optional(14, response.truncated ? 1 : 0);
    map.optional(15, response.reused ? 1 : 0);
    write_timings(map.key(16), response.timings);
}

bool read(std::string_view payload, ResponseMessage& message) {
    Reader in(payload);
    in.map([&](std::uint64_t key) {
        if (key == 0) {
            message.call = CallId{in.uinteger()};
        } else if (key == 1) {
            message.op = OpId{in.uinteger()};
        } else {
            read_response(in, key, message.response);
        }
    });
    return in.at_end();
}

}  // namespace triage::plugin
