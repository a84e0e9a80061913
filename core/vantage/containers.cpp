#include "core/vantage/containers.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"

namespace triage::vantage {
namespace {

namespace json = boost::json;

constexpr std::string_view prefix = "container:";

std::string text_at(const json::value& value, std::string_view key) {
    const auto* object = value.if_object();
    const auto* found = object == nullptr ? nullptr : object->if_contains(key);
    const auto* text = found == nullptr ? nullptr : found->if_string();
    return text == nullptr ? std::string() : std::string(*text);
}

const json::value* member(const json::value& value, std::string_view key) {
    const auto* object = value.if_object();
    return object == nullptr ? nullptr : object->if_contains(key);
}

// Of names the engine takes only these (its RestrictedNamePattern); others would go into messages.
bool is_name(std::string_view text) {
    constexpr std::string_view others = "_.-";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.contains(c);
    });
}

std::string name_at(const json::value& labels, std::string_view key) {
    auto text = text_at(labels, key);
    return is_name(text) ? text : std::string();
}

// An address, or empty.
std::string address_at(const json::value& network, std::string_view key) {
    auto text = text_at(network, key);
    in_addr v4{};
    in6_addr v6{};
    const bool good = ::inet_pton(AF_INET, text.c_str(), &v4) == 1 ||
                      ::inet_pton(AF_INET6, text.c_str(), &v6) == 1;
    return good ? text : std::string();
}

Container read_container(const json::value& value) {
    Container out{.id = text_at(value, "Id"),
                  .names = {},
                  .project = {},
                  .service = {},
                  .state = text_at(value, "State"),
                  .networks = {}};
    if (const auto* names = member(value, "Names"); names != nullptr && names->is_array()) {
        for (const auto& name : names->get_array()) {
            const auto text = name.is_string() ? std::string_view(name.get_string()) : "";
            if (text.starts_with('/') && is_name(text.substr(1)))
                out.names.emplace_back(text.substr(1));
        }
    }
    if (const auto* labels = member(value, "Labels")) {
        out.project = name_at(*labels, "com.docker.compose.project");
        out.service = name_at(*labels, "com.docker.compose.service");
    }
    const auto* settings = member(value, "NetworkSettings");
    const auto* networks = settings == nullptr ? nullptr : member(*settings, "Networks");
    if (networks != nullptr && networks->is_object()) {
        for (const auto& [name, network] : networks->get_object())
            out.networks.emplace(name, address_at(network, "IPAddress"));
    }
    return out;
}

bool is_meant(const Container& container, std::string_view name) {
    if (const auto slash = name.find('/'); slash != name.npos) {
        return slash > 0 && container.project == name.substr(0, slash) &&
               !container.service.empty() && container.service == name.substr(slash + 1);
    }
    return container.service == name ||
           std::ranges::find(container.names, name) != container.names.end();
}

std::unexpected<base::Error> none_is_called(const std::vector<Container>& containers,
                                            const std::string& name) {
    std::set<std::string> known;
    for (const auto& container : containers) {
        if (!container.service.empty()) known.insert(container.service);
        known.insert(container.names.begin(), container.names.end());
    }
    const std::vector<std::string> names(known.begin(), known.end());
    return base::fail(
        fmt::format("no container and no Compose service is called '{}'.{}", name,
                    base::did_you_mean(name, names)),
        names.empty() ? "The engine has no containers: start the system, or say with DOCKER_HOST "
                        "which engine is meant."
                      : fmt::format("There are: {}.", fmt::join(names, ", ")));
}

}  // namespace

base::Result<std::vector<Container>> read_containers(std::string_view text) {
    boost::system::error_code error;
    const auto value = json::parse({text.data(), text.size()}, error);
    if (error || !value.is_array())
        return base::fail("the Docker engine's list of containers cannot be read: not a JSON list",
                          "Does DOCKER_HOST lead to an engine? See whether `docker ps` works.");
    std::vector<Container> out;
    for (const auto& container : value.get_array()) {
        if (auto read = read_container(container); !read.id.empty()) out.push_back(std::move(read));
    }
    return out;
}

base::Result<const Container*> pick(const std::vector<Container>& containers,
                                    const std::string& vantage) {
    const auto name = vantage.substr(std::min(prefix.size(), vantage.size()));
    std::vector<const Container*> running;
    std::set<std::string> projects;
    const Container* ended = nullptr;
    for (const auto& container : containers) {
        if (!is_meant(container, name)) continue;
        if (container.state != "running") {
            ended = &container;
            continue;
        }
        running.push_back(&container);
        projects.insert(container.service.empty() ? name
                                                  : container.project + "/" + container.service);
    }
    if (projects.size() > 1) {
        return base::fail(
            fmt::format("'{}' is a service of several projects", name),
            fmt::format("Say which: container:{}.", fmt::join(projects, " or container:")));
    }
    if (!running.empty()) return running.front();
    if (ended != nullptr) {
        return base::fail(fmt::format("the container is not running, it is {}", ended->state),
                          fmt::format("Its last words: docker logs {}", ended->id.substr(0, 12)));
    }
    return none_is_called(containers, name);
}

base::Result<pid_t> read_pid(std::string_view text) {
    boost::system::error_code error;
    const auto value = json::parse({text.data(), text.size()}, error);
    const auto* state = error ? nullptr : member(value, "State");
    const auto* pid = state == nullptr ? nullptr : member(*state, "Pid");
    if (pid == nullptr || !pid->is_int64())
        return base::fail("the Docker engine does not say which process the container is",
                          "triage reads State.Pid of the Engine API; see `docker inspect`.");
    if (pid->get_int64() <= 0 || pid->get_int64() > INT32_MAX)
        return base::fail("the container has ended meanwhile", "Run triage again.");
    return static_cast<pid_t>(pid->get_int64());
}

std::map<std::string, std::vector<std::string>> addresses_around(
    const std::vector<Container>& containers, const Container& from) {
    std::map<std::string, std::vector<std::string>> out;
    const auto add = [&](const std::string& name, const std::string& address) {
        auto& known = out[name];
        if (std::ranges::find(known, address) == known.end()) known.push_back(address);
    };
    for (const auto& container : containers) {
        for (const auto& [network, address] : container.networks) {
            if (address.empty() || !from.networks.contains(network)) continue;
            for (const auto& name : container.names)
                add(name, address);
            if (!container.service.empty()) add(container.service, address);
        }
    }
    return out;
}

}  // namespace triage::vantage
