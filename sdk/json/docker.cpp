#include <algorithm>
#include <utility>

#include <triage/docker.hpp>
#include <triage/json.hpp>

namespace triage::docker {
namespace {

/// "host:2375/path" of "host/path", as Docker's own tools.
std::string with_port(std::string_view address) {
    const auto end = std::min(address.find('/'), address.size());
    const auto host = address.substr(0, end);
    const auto bracket = host.rfind(']');
    const bool has_port = host.find(':', bracket == host.npos ? 0 : bracket) != host.npos;
    const auto* port = host.empty() || has_port ? "" : ":2375";
    return text(host, port, address.substr(end));
}

}  // namespace

void Engine::describe(Param& docker_host) {
    // What no path of an API can follow; and a port that is none.
    const auto no_engine =
        text(R"((?:tcp|https?)://(?:.*[\s?#].*|(?:[^/@]*@)?(?:[^/@\[\]:]*|\[[^/@\]]*\]):)",
             "(?:[^/@]*[^/@0-9][^/@]*||", no_port, ")(?:/.*)?)");
    docker_host
        .pattern(R"(unix:///.+|(tcp|https?)://([^\s/@]*@)?([^\s/@:\[\]]+|\[[0-9A-Fa-f:.]+\]))"
                 R"((:[0-9]+)?(/\S*)?)")
        .refuse(no_engine, "expected a port from 1 to 65535 after the host, then nothing or a path")
        .example("tcp://127.0.0.1:2375");
}

std::optional<Engine> Engine::parse(std::string_view docker_host) {
    Engine out{.shown = std::string(docker_host), .base = {}, .unix_socket = {}};
    if (docker_host.starts_with("unix:///")) {
        out.unix_socket = docker_host.substr(7);
        out.base = "http://docker";
        return out;
    }
    if (docker_host.starts_with("tcp://")) {
        out.base = text("http://", with_port(docker_host.substr(6)));
    } else if (docker_host.starts_with("http://") || docker_host.starts_with("https://")) {
        out.base = docker_host;
    } else {
        return std::nullopt;
    }
    while (out.base.ends_with('/'))
        out.base.pop_back();
    if (out.base.ends_with(':') || out.base.find_first_of(" ?#") != std::string::npos)
        return std::nullopt;
    return out;
}

Request Engine::get(std::string_view path) const {
    Request request("GET", base + std::string(path));
    if (!unix_socket.empty()) request.unix_socket(Path(unix_socket));
    return request;
}

std::string complaint(const Response& response) { return complaint(response, response.body()); }

std::string complaint(const Response& response, std::string_view body) {
    if (!response.ok()) return response.describe();
    const auto json = Json::parse(body);
    const auto message = json ? json->string("/message").value_or("") : std::string_view();
    return text("the engine answers HTTP ", response.status(), ": ",
                message.empty() ? excerpt(body) : std::string(message));
}

std::string Listed::shown() const {
    return project.empty() || service.empty() ? name : text(project, "/", service);
}

bool Listed::is(std::string_view wanted) const {
    constexpr std::string_view by_name = "container:";
    if (wanted.starts_with(by_name)) return !name.empty() && name == wanted.substr(by_name.size());
    const auto slash = wanted.find('/');
    if (slash == wanted.npos || project.empty() || project != wanted.substr(0, slash)) return false;
    return wanted.substr(slash + 1) == "*" || wanted.substr(slash + 1) == service;
}

void Listed::describe(Param& wanted) {
    wanted.pattern("container:.+|[^/:]+/[^/:]+")
        .refuse("container:.*[*].*|[^/]*[*].*|[^/]*/(.+[*].*|[*].+)",
                "* means all services of one project, PROJECT/*, and stands for nothing else")
        .example("mission-control/backend");
}

std::optional<std::vector<Listed>> read_list(std::string_view json) {
    const auto list = Json::parse(json);
    const auto size = list ? list->array_size("") : std::nullopt;
    if (!size) return std::nullopt;
    std::vector<Listed> out;
    for (std::size_t i = 0; i < *size; ++i) {
        const auto at = [&](std::string_view place) {
            return std::string(list->string(text("/", i, place)).value_or(""));
        };
        Listed one{.id = at("/Id"),
                   .name = at("/Names/0"),
                   .project = at("/Labels/com.docker.compose.project"),
                   .service = at("/Labels/com.docker.compose.service"),
                   .state = at("/State"),
                   .one_off = at("/Labels/com.docker.compose.oneoff") == "True"};
        if (one.name.starts_with('/')) one.name.erase(0, 1);
        const bool is_id = one.id.size() >= 12 && std::ranges::all_of(one.id, [](char c) {
                               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                           });
        if (is_id) out.push_back(std::move(one));
    }
    return out;
}

}  // namespace triage::docker
