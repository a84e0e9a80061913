#include "docker.hpp"

#include <algorithm>

#include "json.hpp"
#include "text.hpp"

namespace logs {

using triage::text;

std::optional<DockerEngine> DockerEngine::parse(std::string_view docker_host) {
    DockerEngine out{.shown = std::string(docker_host), .base = {}, .unix_socket = {}};
    auto rest = docker_host;
    if (rest.starts_with("unix:///")) {
        out.unix_socket = rest.substr(7);
        out.base = "http://docker";
        return out;
    }
    if (rest.starts_with("tcp://")) {
        out.base = text("http://", rest.substr(6));
    } else if (rest.starts_with("http://") || rest.starts_with("https://")) {
        out.base = rest;
    } else {
        return std::nullopt;
    }
    while (out.base.ends_with('/'))
        out.base.pop_back();
    if (out.base.ends_with(':')) return std::nullopt;
    return out;
}

triage::Request DockerEngine::get(std::string_view path) const {
    triage::Request request("GET", base + std::string(path));
    if (!unix_socket.empty()) request.unix_socket(triage::Path(unix_socket));
    return request;
}

std::string DockerContainer::shown() const {
    return project.empty() || service.empty() ? name : text(project, "/", service);
}

std::optional<std::vector<DockerContainer>> read_docker_list(std::string_view json) {
    const auto list = Json::parse(json);
    const auto size = list ? list->array_size("") : std::nullopt;
    if (!size) return std::nullopt;
    std::vector<DockerContainer> out;
    for (std::size_t i = 0; i < *size; ++i) {
        const auto at = [&](std::string_view place) {
            return std::string(list->string(text("/", i, place)).value_or(""));
        };
        DockerContainer one{.id = at("/Id"),
                            .name = at("/Names/0"),
                            .project = at("/Labels/com.docker.compose.project"),
                            .service = at("/Labels/com.docker.compose.service"),
                            .state = at("/State")};
        if (one.name.starts_with('/')) one.name.erase(0, 1);
        const bool is_id = one.id.size() >= 12 && std::ranges::all_of(one.id, [](char c) {
                               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                           });
        if (is_id) out.push_back(std::move(one));
    }
    return out;
}

std::vector<DockerContainer> choose(const std::vector<DockerContainer>& all,
                                    const std::string& wanted) {
    std::vector<DockerContainer> out;
    std::ranges::copy_if(all, std::back_inserter(out), [&](const DockerContainer& one) {
        constexpr std::string_view by_name = "container:";
        if (wanted.starts_with(by_name)) return one.name == wanted.substr(by_name.size());
        const auto slash = wanted.find('/');
        const auto service = wanted.substr(slash + 1);
        return one.project == wanted.substr(0, slash) && (service == "*" || one.service == service);
    });
    return out;
}

std::optional<DockerState> read_docker_state(std::string_view json) {
    const auto value = Json::parse(json);
    const auto tty = value ? value->boolean("/Config/Tty") : std::nullopt;
    if (!tty) return std::nullopt;
    const auto number = [&](std::string_view place) {
        return static_cast<std::int64_t>(value->number(std::span(&place, 1)).value_or(0));
    };
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
