#include "docker.hpp"

#include <algorithm>
#include <iterator>

#include <triage/json.hpp>

#include "text.hpp"

namespace logs {

using triage::text;

std::vector<triage::docker::Listed> choose(const std::vector<triage::docker::Listed>& all,
                                           const std::string& wanted) {
    std::vector<triage::docker::Listed> out;
    std::ranges::copy_if(all, std::back_inserter(out),
                         [&](const triage::docker::Listed& one) { return one.is(wanted); });
    return out;
}

std::optional<DockerState> read_docker_state(std::string_view json) {
    const auto value = triage::Json::parse(json);
    const auto tty = value ? value->boolean("/Config/Tty") : std::nullopt;
    if (!tty) return std::nullopt;
    const auto number = [&](std::string_view place) { return value->integer(place).value_or(0); };
    DockerState out{.tty = *tty, .ended = {}, .restarting = {}};
    const auto status = value->string("/State/Status").value_or("");
    const auto code = number("/State/ExitCode");
    const bool killed = value->boolean("/State/OOMKilled").value_or(false);
    const auto end = text("ended with exit code ", code, killed ? ", killed for its memory" : "");
    if (status == "restarting") {
        out.restarting = text("the container does not stay up: it ", end, " and was restarted ",
                              counted(static_cast<std::uint64_t>(number("/RestartCount")), "time"));
    } else if ((status == "exited" && (code != 0 || killed)) || status == "dead") {
        out.ended = text("it has ", end);
    } else if (status == "paused") {
        out.ended = "it is paused";
    } else if (status == "created") {
        out.ended = "it has never been started";
    }
    return out;
}

std::string docker_log_path(const std::string& id, std::optional<std::int64_t> since_s,
                            std::uint64_t tail, bool follow) {
    auto path = text("/containers/", id, "/logs?stdout=1&stderr=1&timestamps=1");
    if (since_s) path += text("&since=", *since_s);
    if (tail > 0) path += text("&tail=", tail);
    if (follow) path += "&follow=1";
    return path;
}

}  // namespace logs
