#include "engine.hpp"

#include <algorithm>

#include "json.hpp"

namespace deploy {

using triage::text;

std::optional<Engine> Engine::parse(std::string_view docker_host) {
    Engine out{.shown = std::string(docker_host), .base = {}, .unix_socket = {}};
    if (docker_host.starts_with("unix:///")) {
        out.unix_socket = docker_host.substr(7);
        out.base = "http://docker";
        return out;
    }
    if (docker_host.starts_with("tcp://")) {
        out.base = text("http://", docker_host.substr(6));
    } else if (docker_host.starts_with("http://") || docker_host.starts_with("https://")) {
        out.base = docker_host;
    } else {
        return std::nullopt;
    }
    while (out.base.ends_with('/'))
        out.base.pop_back();
    if (out.base.ends_with(':')) return std::nullopt;
    return out;
}

triage::Request Engine::get(std::string_view path) const {
    triage::Request request("GET", base + std::string(path));
    if (!unix_socket.empty()) request.unix_socket(triage::Path(unix_socket));
    return request;
}

std::string complaint(const triage::Response& response) {
    if (!response.ok()) return response.describe();
    const auto json = Json::parse(response.body());
    const auto message = json ? json->text("/message") : std::string();
    const auto words = message.empty() ? triage::excerpt(response.body()) : message;
    return text("the engine answers HTTP ", response.status(), ": ", words);
}

std::string Listed::service_text() const {
    return project.empty() || service.empty() ? name : text(project, "/", service);
}

std::optional<std::vector<Listed>> read_list(std::string_view json) {
    const auto list = Json::parse(json);
    const auto size = list ? list->array_size("") : std::nullopt;
    if (!size) return std::nullopt;
    std::vector<Listed> out;
    for (std::size_t i = 0; i < *size; ++i) {
        const auto at = [&](std::string_view place) { return list->text(text("/", i, place)); };
        Listed one{.id = at("/Id"),
                   .name = at("/Names/0"),
                   .project = at("/Labels/com.docker.compose.project"),
                   .service = at("/Labels/com.docker.compose.service")};
        if (one.name.starts_with('/')) one.name.erase(0, 1);
        const bool is_id = one.id.size() >= 12 && std::ranges::all_of(one.id, [](char c) {
                               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                           });
        const bool one_off = at("/Labels/com.docker.compose.oneoff") == "True";
        if (is_id && !one_off) out.push_back(std::move(one));
    }
    return out;
}

bool means(std::string_view wanted, const Listed& one) {
    constexpr std::string_view by_name = "container:";
    if (wanted.starts_with(by_name)) return one.name == wanted.substr(by_name.size());
    const auto slash = std::min(wanted.find('/'), wanted.size());
    const auto service = wanted.substr(std::min(slash + 1, wanted.size()));
    return one.project == wanted.substr(0, slash) && (service == "*" || one.service == service);
}

std::optional<Container> read_container(const Listed& listed, std::string_view json) {
    const auto from = Json::parse(json);
    if (!from || from->text("/State/Status").empty() || from->text("/Image").empty())
        return std::nullopt;
    Container out{};
    static_cast<Listed&>(out) = listed;
    out.label = listed.service_text();
    out.image_id = from->text("/Image");
    out.image_name = from->text("/Config/Image");
    out.version = from->text("/Config/Labels/org.opencontainers.image.version");
    if (out.version.empty())
        out.version = from->text("/Config/Labels/org.opencontainers.image.revision");
    out.status = from->text("/State/Status");
    out.error = from->text("/State/Error");
    out.health = from->text("/State/Health/Status");
    out.health_failures = from->number("/State/Health/FailingStreak");
    if (const auto said = from->array_size("/State/Health/Log").value_or(0); said > 0)
        out.health_says = from->text(text("/State/Health/Log/", said - 1, "/Output"));
    out.policy = from->text("/HostConfig/RestartPolicy/Name");
    out.exit_code = from->number("/State/ExitCode");
    out.restarts = from->number("/RestartCount");
    out.out_of_memory = from->flag("/State/OOMKilled");
    out.created = parse_time(from->text("/Created"));
    out.started = parse_time(from->text("/State/StartedAt"));
    out.finished = parse_time(from->text("/State/FinishedAt"));
    return out;
}

std::optional<Image> read_image(std::string_view json) {
    const auto from = Json::parse(json);
    if (!from || from->text("/Id").empty()) return std::nullopt;
    return Image{.id = from->text("/Id"), .created = parse_time(from->text("/Created"))};
}

bool is_tag(std::string_view image_name) {
    const bool is_plain = std::ranges::all_of(image_name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._-/:").find(c) != std::string_view::npos;
    });
    return is_plain && !image_name.empty() && !image_name.starts_with("sha256:") &&
           image_name.find("..") == std::string_view::npos;
}

std::string short_id(std::string_view image_id) {
    constexpr std::size_t digits = 12;
    const auto colon = image_id.find(':');
    const auto start = colon == std::string_view::npos ? 0 : colon + 1;
    return std::string(image_id.substr(start, digits));
}

}  // namespace deploy
