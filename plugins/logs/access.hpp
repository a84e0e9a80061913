/// Lines that say how a request ended, in the forms that servers write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "record.hpp"

namespace logs {

/// Who writes such a line. One request may have a line of several forms in one log.
enum class AccessForm : std::uint8_t { server, proxy, application, json };

/// One request.
struct Access {
    AccessForm form;
    std::string method, path, client;
    int status = 0;
    std::optional<double> ms;  ///< how long it took, if the line says it
};

/// uvicorn's ("1.2.3.4:5 - "GET / HTTP/1.1" 200 OK"), nginx' and Apache's ("… [time] "GET …" 200"),
/// the application's ("method=GET path=/ status_code=200 duration_ms=3"), and JSON with such
/// members.
std::optional<Access> read_access(const Record& record);

/// The path without its query, what identifies one thing replaced: "/boards/{id}/tasks".
std::string route_of(std::string_view path);

}  // namespace logs
