#include "docker_source.hpp"

#include <set>

#include "docker_frames.hpp"

namespace logs {
namespace {

using namespace std::chrono_literals;
using triage::text;
using triage::docker::complaint;

constexpr auto look_again = 1s;  // for new containers, while following
constexpr auto still_coming = 200ms;
constexpr std::uint64_t max_list = 64UL << 20;

/// One of a container's two streams, as lines.
class StreamLines {
public:
    StreamLines(Intake& intake, SourceReport& report) : intake_(intake), report_(report) {}

    void take(std::string_view piece, const Reading& reading) {
        while (!piece.empty()) {
            std::size_t taken = 0;
            hand_on(lines_.took(piece, taken), reading);
            piece.remove_prefix(taken);
        }
    }
    void finish(const Reading& reading) {
        hand_on(lines_.rest(), reading);
        intake_.gap();
        if (lines_.cut() > 0)
            report_.notes.push_back(text(lines_.cut(), " lines over 1 MiB were cut"));
    }

private:
    void hand_on(std::string_view whole, const Reading& reading) {
        if (whole.empty()) return;
        report_.bytes += whole.size();
        report_.in_window = true;
        intake_.lines(whole);
        const auto before = whole.substr(0, whole.size() - 1).rfind('\n');
        const auto last = whole.substr(before == whole.npos ? 0 : before + 1);
        const auto stamp = time_of(last, reading);
        if (stamp && (!report_.last_line || stamp->at > *report_.last_line))
            report_.last_line = stamp->at;
    }

    Intake& intake_;
    SourceReport& report_;
    Lines lines_;
};

class Reader {
public:
    Reader(Gathering& all, triage::docker::Engine engine) : all_(all), engine_(std::move(engine)) {
        reading_ = all.extent.reading;
        reading_.wrapping = Wrapping::docker;
    }

    triage::Task<Done> run() {
        std::string why;
        auto found = co_await list(why);
        if (!found) {
            for (const auto& wanted : all_.params.docker)
                all_.out.missing.push_back(text("docker ", wanted, ": ", why));
            co_return Done{};
        }
        for (const auto& wanted : all_.params.docker) {
            if (choose(*found, wanted).empty())
                all_.out.missing.push_back(
                    text("docker ", wanted, ": no such container at ", engine_.shown));
        }
        auto work = tasks(*found);
        work.push_back(watch());
        co_await triage::all(std::move(work));
        co_return Done{};
    }

private:
    triage::Task<std::optional<std::vector<triage::docker::Listed>>> list(std::string& why) {
        auto request = engine_.get("/containers/json?all=1");
        request.timeout(all_.time_left()).max_body(max_list);
        const auto response = co_await all_.ctx.http(request);
        if (!response.ok() || response.status() != 200) {
            why = text(complaint(response), " (the engine at ", engine_.shown, ")");
            co_return std::nullopt;
        }
        auto found = triage::docker::read_list(response.body());
        if (!found) why = "the engine's list of containers cannot be read";
        co_return found;
    }

    /// One for each container that is wanted and not read yet.
    std::vector<triage::Task<Done>> tasks(const std::vector<triage::docker::Listed>& found) {
        std::vector<triage::Task<Done>> out;
        for (const auto& wanted : all_.params.docker) {
            for (const auto& one : choose(found, wanted)) {
                if (!known_.insert(one.id).second) continue;
                const auto index = all_.add(text("docker ", one.shown()));
                out.push_back(read(one, index));
            }
        }
        return out;
    }

    /// Looks for containers that come while following: a restart makes none, a deploy does.
    triage::Task<Done> watch() {
        while (all_.follows()) {
            co_await all_.ctx.sleep(std::min<std::chrono::microseconds>(
                look_again, all_.follow_until - all_.ctx.now()));
            if (!all_.follows()) break;
            std::string why;
            const auto found = co_await list(why);
            if (!found) continue;
            auto work = tasks(*found);
            if (work.empty()) continue;
            work.push_back(watch());
            co_await triage::all(std::move(work));
            break;
        }
        co_return Done{};
    }

    triage::Task<Done> read(triage::docker::Listed container, std::size_t index) {
        auto inspect = engine_.get(text("/containers/", container.id, "/json"));
        inspect.timeout(all_.time_left());
        const auto inspected = co_await all_.ctx.http(inspect);
        const auto state = inspected.ok() && inspected.status() == 200
                               ? read_docker_state(inspected.body())
                               : std::nullopt;
        if (!state) {
            all_.report(index).unreadable = complaint(inspected);
            co_return Done{};
        }
        auto& intake = all_.make_intake(index, reading_);
        auto& errors = all_.make_intake(index, reading_);
        SourceReport report;
        report.name = all_.report(index).name;
        report.restarting = state->restarting;
        if (!state->ended.empty()) report.notes.push_back(state->ended);
        StreamLines out(intake, report), err(errors, report);
        DockerFrames frames(state->tty);
        co_await read_log(container.id, frames, report, out, err);
        out.finish(reading_);
        err.finish(reading_);
        all_.report(index) = std::move(report);
        co_return Done{};
    }

    triage::Task<Done> read_log(const std::string& id, DockerFrames& frames, SourceReport& report,
                                StreamLines& out, StreamLines& err) {
        const bool follow = all_.follows();
        const auto& since = all_.extent.window.since;
        std::optional<std::int64_t> since_s;
        if (since) {
            since_s = std::chrono::floor<std::chrono::seconds>(since->time_since_epoch()).count();
        }
        auto request = engine_.get(docker_log_path(id, since_s, all_.extent.tail, follow));
        request.timeout(follow ? all_.follow_until - all_.ctx.now() : all_.time_left());
        auto stream = all_.ctx.http_stream(request);
        const auto& head = co_await stream.head();
        if (!head.ok() || head.status() != 200) {
            const auto body = co_await stream.next();
            report.unreadable = complaint(head, body.value_or(""));
            co_return Done{};
        }
        std::vector<DockerFrames::Piece> pieces;
        const auto begin = all_.ctx.wall_clock();
        auto last_came = all_.ctx.now();
        while (const auto chunk = co_await stream.next()) {
            last_came = all_.ctx.now();
            const bool good = frames.feed(*chunk, pieces);
            for (const auto& piece : pieces)
                (piece.stream == DockerFrames::Stream::err ? err : out).take(piece.text, reading_);
            if (!good) {
                report.unreadable = frames.error();
                co_return Done{};
            }
        }
        const auto& end = stream.end();
        const bool at_limit = follow && end.failure() == triage::Failure::timeout;
        if (at_limit) {
            // Lines from before the following that still came at its end: more of them are left.
            const bool is_behind = report.last_line && *report.last_line < begin &&
                                   all_.ctx.now() - last_came < still_coming;
            if (is_behind)
                report.unreadable = "it was not read to its end: a longer `follow` reads more";
            co_return Done{};
        }
        if (!end.ok()) {
            report.unreadable = text("its log broke off: ", end.describe());
        } else if (!frames.complete()) {
            report.unreadable = "its log broke off within a frame";
        }
        co_return Done{};
    }

    Gathering& all_;
    triage::docker::Engine engine_;
    Reading reading_;
    std::set<std::string> known_;
};

}  // namespace

triage::Task<Done> read_docker(Gathering& all) {
    const auto engine = triage::docker::Engine::parse(all.params.docker_host);
    if (!engine) {
        throw triage::CouldNotTell(text("docker-host: \"", all.params.docker_host,
                                        "\" is none: expected unix:///PATH or tcp://HOST:PORT"));
    }
    Reader reader(all, *engine);
    co_await reader.run();
    co_return Done{};
}

}  // namespace logs
