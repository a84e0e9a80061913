#include "engine.hpp"

#include <algorithm>
#include <utility>

#include <triage/json.hpp>

namespace deploy {
namespace {

using triage::Json;

std::string string_at(const Json& json, std::string_view place) {
    return std::string(json.string(place).value_or(""));
}

std::optional<WallTime> time_at(const Json& json, std::string_view place) {
    return parse_time(json.string(place).value_or(""));
}

}  // namespace

std::optional<Container> read_container(const Listed& listed, std::string_view json) {
    const auto from = Json::parse(json);
    if (!from) return std::nullopt;
    const auto at = [&](std::string_view place) { return string_at(*from, place); };
    const auto number = [&](std::string_view place) { return from->integer(place).value_or(0); };
    Container out{};
    static_cast<Listed&>(out) = listed;
    out.label = listed.shown();
    out.image_id = at("/Image");
    out.image_name = at("/Config/Image");
    out.version = at("/Config/Labels/org.opencontainers.image.version");
    if (out.version.empty()) out.version = at("/Config/Labels/org.opencontainers.image.revision");
    out.status = at("/State/Status");
    out.error = at("/State/Error");
    out.health = at("/State/Health/Status");
    out.health_failures = number("/State/Health/FailingStreak");
    if (const auto said = from->array_size("/State/Health/Log").value_or(0); said > 0)
        out.health_says = at(triage::text("/State/Health/Log/", said - 1, "/Output"));
    out.policy = at("/HostConfig/RestartPolicy/Name");
    out.exit_code = number("/State/ExitCode");
    out.restarts = number("/RestartCount");
    out.out_of_memory = from->boolean("/State/OOMKilled").value_or(false);
    out.created = time_at(*from, "/Created");
    out.started = time_at(*from, "/State/StartedAt");
    out.finished = time_at(*from, "/State/FinishedAt");
    if (out.status.empty() || out.image_id.empty()) return std::nullopt;
    return out;
}

std::optional<Image> read_image(std::string_view json) {
    const auto from = Json::parse(json);
    auto id = from ? string_at(*from, "/Id") : std::string();
    if (id.empty()) return std::nullopt;
    return Image{.id = std::move(id), .created = time_at(*from, "/Created")};
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
