#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "core/base/url.hpp"
#include "core/vantage/containers.hpp"
#include "core/vantage/vantage.hpp"

namespace triage::vantage {
namespace {

constexpr const char* default_engine = "unix:///var/run/docker.sock";
constexpr const char* docker_port = ":2375";  // where DOCKER_HOST says none
constexpr std::size_t max_answer_bytes = 16UL << 20;

// The process that the engine speaks of is on this machine, and not another of that number on the
// engine's: its control group is named after the container.
bool is_here(pid_t pid, const std::string& id) {
    constexpr std::size_t id_length = 64;
    if (id.size() != id_length || id.find_first_not_of("0123456789abcdef") != id.npos) return false;
    std::ifstream file(fmt::format("/proc/{}/cgroup", pid));
    const std::string text(std::istreambuf_iterator<char>(file), {});
    return text.contains(id);
}

class Finder final : public Search, private net::Sink {
public:
    Finder(net::Http& http, Engine engine, std::vector<std::string> vantages,
           std::chrono::microseconds limit, std::function<void(net::Places)> done)
        : http_(http),
          engine_(std::move(engine)),
          vantages_(std::move(vantages)),
          limit_(limit / 2),  // two questions, one after the other
          done_(std::move(done)) {
        list_ = ask("/containers/json?all=1");
    }
    ~Finder() override {
        http_.cancel(list_);
        for (const auto& [id, vantage] : inspections_)
            http_.cancel(net::TransferId{id});
    }
    Finder(const Finder&) = delete;
    Finder& operator=(const Finder&) = delete;

private:
    net::TransferId ask(const std::string& path) {
        net::Request request;
        request.url = engine_.base + path;
        request.unix_socket = engine_.unix_socket;
        request.timeout = limit_;
        request.max_body_bytes = max_answer_bytes;
        return http_.start(std::move(request), *this);
    }

    void on_done(net::TransferId id, net::Response response) override {
        if (id == list_) {
            list_ = net::TransferId::none;
            listed(response);
        } else if (const auto found = inspections_.extract(std::to_underlying(id))) {
            places_.emplace(found.mapped().first,
                            inspected(found.mapped().first, *found.mapped().second, response));
        }
        if (list_ == net::TransferId::none && inspections_.empty() && done_)
            std::exchange(done_, {})(std::move(places_));
    }

    base::Result<void> check_answer(const net::Response& response) const {
        if (response.failure != net::Failure::none) {
            return base::fail(
                fmt::format("the Docker engine at {} does not answer: {}", engine_.shown,
                            response.detail.empty() ? "no answer in time" : response.detail),
                "Start it, say where it is with DOCKER_HOST, or run triage as a user who may ask "
                "it.");
        }
        if (response.status == 200 && !response.truncated) return {};
        return base::fail(
            fmt::format("the Docker engine at {} answers HTTP {}{}", engine_.shown, response.status,
                        response.truncated ? ", too much to read" : ""),
            response.status == 401 || response.status == 403
                ? "What stands before it must allow GET /containers/json and /containers/ID/json."
                : "See whether `docker ps` works, and the engine's own log.");
    }

    void listed(const net::Response& response) {
        const auto refuse_all = [&](const base::Error& error) {
            for (const auto& vantage : vantages_)
                places_.emplace(vantage, std::unexpected(error));
        };
        if (const auto good = check_answer(response); !good) return refuse_all(good.error());
        auto containers = read_containers(response.body);
        if (!containers) return refuse_all(containers.error());
        containers_ = std::move(*containers);
        for (const auto& vantage : std::set(vantages_.begin(), vantages_.end())) {
            const auto container = pick(containers_, vantage);
            if (!container) {
                places_.emplace(vantage, std::unexpected(container.error()));
                continue;
            }
            const auto id = ask("/containers/" + (*container)->id + "/json");
            inspections_.emplace(std::to_underlying(id), std::pair(vantage, *container));
        }
    }

    // What results say: which one, where a service has several.
    std::string name_of(const std::string& vantage, const Container& container) const {
        const bool several = 1 < std::ranges::count_if(containers_, [&](const Container& other) {
                                 return other.state == "running" && !other.service.empty() &&
                                        other.service == container.service &&
                                        other.project == container.project;
                             });
        return several && !container.names.empty() ? "container:" + container.names.front()
                                                   : vantage;
    }

    base::Result<std::shared_ptr<const net::Place>> inspected(const std::string& vantage,
                                                              const Container& container,
                                                              const net::Response& response) const {
        if (auto good = check_answer(response); !good)
            return std::unexpected(std::move(good.error()));
        const auto pid = read_pid(response.body);
        if (!pid) return std::unexpected(pid.error());
        const auto name = name_of(vantage, container);
        if (!is_here(*pid, container.id)) {
            return base::fail(
                fmt::format("the engine says that it is process {}, and here that is no process "
                            "of this container",
                            *pid),
                "Run triage on the engine's own machine (see DOCKER_HOST), outside of containers.");
        }
        auto place = net::Place::inside(name, *pid);
        // Only who may not enter looks by address: whatever else is in the way, the container's own
        // view is not to be had.
        if (place || ::geteuid() == 0) return place;
        auto addresses = addresses_around(containers_, container);
        if (addresses.empty()) return place;
        return net::Place::by_address(name, std::move(addresses));
    }

    net::Http& http_;
    Engine engine_;
    std::vector<std::string> vantages_;
    std::chrono::microseconds limit_;
    std::function<void(net::Places)> done_;
    net::TransferId list_{};
    std::vector<Container> containers_;
    std::map<std::uint64_t, std::pair<std::string, const Container*>> inspections_;
    net::Places places_;
};

}  // namespace

base::Result<Engine> read_engine(const std::string& docker_host) {
    const auto& text = docker_host.empty() ? default_engine : docker_host;
    constexpr std::string_view unix_scheme = "unix://";
    constexpr std::string_view tcp_scheme = "tcp://";
    if (text.starts_with(unix_scheme) && text.size() > unix_scheme.size())
        return Engine{text, "http://docker", text.substr(unix_scheme.size())};
    if (text.starts_with(tcp_scheme)) {
        auto rest = text.substr(tcp_scheme.size());
        if (rest.ends_with('/')) rest.pop_back();
        auto where = base::parse_endpoint(rest);
        if (!where) where = base::parse_endpoint(rest + docker_port);
        if (where) {
            const bool is_v6 = where->host.contains(':');
            return Engine{text,
                          fmt::format("http://{}{}{}:{}", is_v6 ? "[" : "", where->host,
                                      is_v6 ? "]" : "", where->port),
                          {}};
        }
    }
    return base::fail(
        fmt::format("DOCKER_HOST is '{}'; expected unix:///PATH, or tcp:// with host and port",
                    text),
        "Run triage on the machine that DOCKER_HOST names.");
}

std::unique_ptr<Search> find_places(net::Http& http, const Engine& engine,
                                    std::vector<std::string> vantages,
                                    std::chrono::microseconds limit,
                                    std::function<void(net::Places)> done) {
    return std::make_unique<Finder>(http, engine, std::move(vantages), limit, std::move(done));
}

}  // namespace triage::vantage
