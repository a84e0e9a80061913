/// deploy.containers: asks the engine for its list, then for each container and each image's name.
#include "containers.hpp"

#include <algorithm>
#include <ranges>
#include <set>

#include "codes.hpp"
#include "deploy.hpp"

namespace deploy {

using namespace std::chrono_literals;
using triage::text;
using triage::docker::complaint;

void ContainersParams::describe(triage::Describe<ContainersParams>& d) {
    using P = ContainersParams;
    auto& which = d.required("containers", &P::containers,
                             "Which: PROJECT/SERVICE or PROJECT/* of Compose, container:NAME");
    Listed::describe(which);
    which.not_empty().example("mission-control/*");
    triage::docker::Engine::describe(
        d.optional("docker-host", &P::docker_host, "unix:///var/run/docker.sock",
                   "The engine: unix:///PATH, tcp://HOST:PORT or http://HOST:PORT"));
    d.optional("expect", &P::expect,
               "Services (or container names) that must run; none: all that are found")
        .pattern("[^/:*\\s]+")
        .example("backend");
    d.optional("restarts-warn", &P::restarts_warn, 1,
               "So many restarts by the engine, the last within `young`, are a warning")
        .at_least(1)
        .not_above("restarts-fail");
    d.optional("restarts-fail", &P::restarts_fail, 5, "The same, for a failure").at_least(1);
    d.optional("young", &P::young, 30min, "What was started less than this ago is mentioned");
}

namespace {

constexpr triage::Fact<std::string> image{
    "image", "Of each container: the image that it runs, and since when the container exists"};
constexpr triage::Fact<std::string> started_at{"started_at",
                                               "Of each container: when it was started last"};

constexpr auto margin = 300ms;  // of the check's time, for what comes after asking
constexpr std::uint64_t max_answer = 64UL << 20;
constexpr std::size_t max_inspected = 400;  // each is a request, and its image another: 1000 in all

class Asking {
public:
    Asking(const ContainersParams& p, triage::Context& ctx, triage::docker::Engine engine)
        : p_(p), ctx_(ctx), engine_(std::move(engine)) {}

    triage::Task<Seen> run() {
        seen_.listed = co_await list();
        std::vector<triage::Task<int>> asked;
        for (const auto& one : seen_.listed | std::views::take(max_inspected))
            asked.push_back(inspect(one));
        co_await triage::all(std::move(asked));
        note_left_out();
        label(seen_.containers);
        for (const auto& one : seen_.containers) {
            if (one.is_state_known()) continue;
            unread_.push_back(text(one.label, ": its state is \"", triage::excerpt(one.status, 60),
                                   "\", which is none that is known here"));
        }
        std::set<std::string> tags;
        for (const auto& one : seen_.containers)
            if (is_tag(one.image_name)) tags.insert(one.image_name);
        std::vector<triage::Task<int>> looked_up;
        for (const auto& tag : tags)
            looked_up.push_back(look_up(tag));
        co_await triage::all(std::move(looked_up));
        seen_.now = ctx_.wall_clock();
        co_return std::move(seen_);
    }

    /// What could not be read, and why.
    const std::vector<std::string>& unread() const { return unread_; }

private:
    triage::Request request(const std::string& path) const {
        auto out = engine_.get(path);
        out.max_body(max_answer);
        out.timeout(std::max<std::chrono::microseconds>(ctx_.left() - margin, 1ms));
        return out;
    }

    /// Those that are meant. Throws if nothing can be said of what was asked for.
    triage::Task<std::vector<Listed>> list() {
        auto asked = request("/containers/json?all=1");
        const auto response = co_await ctx_.http(std::move(asked));
        auto all = response.ok() && response.status() == 200
                       ? triage::docker::read_list(response.body())
                       : std::nullopt;
        if (!all) {
            const auto why = response.ok() && response.status() == 200
                                 ? std::string("its list of containers cannot be read")
                                 : complaint(response);
            throw triage::CouldNotTell(
                text("the Docker engine at ", engine_.shown, ": ", why, remedy_for(response)));
        }
        std::erase_if(*all, [](const Listed& one) { return one.one_off; });
        std::vector<Listed> out;
        for (const auto& wanted : p_.containers)
            require_known(wanted, *all);
        note_outside(*all);
        std::ranges::copy_if(*all, std::back_inserter(out), [&](const Listed& one) {
            return std::ranges::any_of(p_.containers,
                                       [&](const auto& wanted) { return one.is(wanted); });
        });
        co_return out;
    }

    /// What is expected and there, and yet none of `containers`, was not asked about.
    void note_outside(const std::vector<Listed>& all) {
        const auto is_meant = [&](const Listed& one) {
            return std::ranges::any_of(p_.containers,
                                       [&](const auto& wanted) { return one.is(wanted); });
        };
        const bool is_whole = std::ranges::any_of(
            p_.containers, [](const auto& wanted) { return wanted.ends_with("/*"); });
        for (const auto& name : p_.expect) {
            const Listed* found = nullptr;
            bool is_asked = false;
            for (const auto& one : all) {
                // A whole project's service of that name is looked for there, not in another.
                if (one.name != name && one.service != name) continue;
                is_asked = is_asked || is_meant(one);
                if (one.name == name || !is_whole) found = &one;
            }
            if (is_asked || found == nullptr) continue;
            seen_.outside.insert(name);
            unread_.push_back(text("`expect` names ", name, ", and the engine has ", found->shown(),
                                   ", which is none of `containers`: add it there"));
        }
    }

    void note_left_out() {
        if (seen_.listed.size() <= max_inspected) return;
        unread_.push_back(text(seen_.listed.size() - max_inspected, " containers, as ",
                               seen_.listed.size(), " are meant and no more than ", max_inspected,
                               " are inspected: name fewer in `containers`"));
    }

    static std::string remedy_for(const triage::Response& response) {
        if (response.ok() || response.failure() == triage::Failure::denied) return {};
        return ". Does it run, and is this user in the group docker?";
    }

    /// A project without any container was taken down, or has another name: nobody can tell which.
    static void require_known(const std::string& wanted, const std::vector<Listed>& all) {
        const auto project = wanted.substr(0, wanted.find('/'));
        if (wanted.starts_with("container:")) return;
        std::set<std::string> projects;
        for (const auto& one : all)
            if (!one.project.empty()) projects.insert(one.project);
        if (projects.contains(project)) return;
        std::string there;
        for (const auto& one : projects)
            there += text(there.empty() ? "" : ", ", one);
        throw triage::CouldNotTell(
            text("the engine has no container of the Compose project \"", project,
                 "\": is it taken down, or called otherwise (COMPOSE_PROJECT_NAME)? There ",
                 there.empty() ? "is no project at all" : "are: ", there));
    }

    triage::Task<int> inspect(Listed one) {
        auto asked = request(text("/containers/", one.id, "/json"));
        const auto response = co_await ctx_.http(std::move(asked));
        const bool answered = response.ok() && response.status() == 200;
        auto container = answered ? read_container(one, response.body()) : std::nullopt;
        if (container) {
            seen_.containers.push_back(std::move(*container));
        } else {
            const auto why =
                answered ? std::string("the engine's answer cannot be read") : complaint(response);
            unread_.push_back(text(one.shown(), ": ", why));
        }
        co_return 0;
    }

    /// A name that means nothing any more (404) is none to be compared with.
    triage::Task<int> look_up(std::string name) {
        auto asked = request(text("/images/", name, "/json"));
        const auto response = co_await ctx_.http(std::move(asked));
        if (response.ok() && response.status() == 404) co_return 0;
        const bool answered = response.ok() && response.status() == 200;
        const auto found = answered ? read_image(response.body()) : std::nullopt;
        if (found) {
            seen_.tags.emplace(name, *found);
        } else {
            unread_.push_back(text("image ", name, ": ", complaint(response)));
        }
        co_return 0;
    }

    const ContainersParams& p_;
    triage::Context& ctx_;
    triage::docker::Engine engine_;
    Seen seen_;
    std::vector<std::string> unread_;
};

void learn(const Seen& seen, triage::Context& ctx) {
    for (const auto& one : seen.containers) {
        auto what = text(short_id(one.image_id), " (", one.image_name);
        const bool is_told = one.image_name.find(one.version) != std::string::npos;
        if (!is_told) what += text(", labelled ", triage::excerpt(one.version, 60));
        what += ")";
        if (one.created) what += text(", made ", shown_minutes(*one.created));
        ctx.fact(image, one.label, what);
        if (one.started) ctx.fact(started_at, one.label, shown(*one.started));
    }
    const auto running = std::ranges::count_if(seen.containers, &Container::runs);
    ctx.metric("running", static_cast<double>(running), "{container}");
}

triage::Check containers(const ContainersParams& p, triage::Context& ctx) {
    const auto engine = triage::docker::Engine::parse(p.docker_host);
    if (!engine) {
        co_return triage::could_not_tell(text("docker-host: \"", p.docker_host,
                                              "\" is none: expected unix:///PATH or "
                                              "tcp://HOST:PORT"));
    }
    Asking asking(p, ctx, *engine);
    const auto seen = co_await asking.run();
    judge(p, seen, ctx);
    learn(seen, ctx);
    if (!asking.unread().empty()) {
        auto reason = summary(p, seen);
        for (const auto& one : asking.unread())
            reason += text("; not read: ", one);
        co_return triage::could_not_tell(reason);
    }
    co_return triage::done(summary(p, seen));
}

}  // namespace

void add_containers(triage::Plugin& plugin) {
    plugin.check<ContainersParams>(
        "containers", "Docker containers: do they run, since when, of which image?",
        "1 GET of the Docker engine, 1 for each container, 1 for each image's name", containers,
        containers_codes(), {image, started_at});
}

}  // namespace deploy
