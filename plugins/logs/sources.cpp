#include "sources.hpp"

#include <algorithm>
#include <thread>

#include "docker_source.hpp"
#include "gathering.hpp"
#include "journal_source.hpp"
#include "text.hpp"

namespace logs {
namespace {

using namespace std::chrono_literals;

constexpr auto margin = 300ms;  // of the check's time, for what comes after reading
constexpr auto look_again = 200ms;

std::vector<std::string> texts(const std::vector<triage::Path>& paths) {
    std::vector<std::string> out;
    for (const auto& path : paths)
        out.push_back(path.str());
    return out;
}

/// More pieces than two cores are: one of them is often the slower, and then the other helps. Above
/// this memory is what limits.
std::size_t most_pieces() {
    constexpr std::size_t most = 4;
    return std::thread::hardware_concurrency() > 1 ? most : 1;
}

triage::Task<std::uint64_t> read_piece(Gathering& all, const FileSource& source,
                                       FileSource::Piece piece, std::size_t index) {
    auto& intake = all.make_intake(index, all.extent.reading);
    auto work = [&] { return source.read_piece(piece, intake, [&all] { return all.is_over(); }); };
    co_return co_await all.ctx.blocking(work);
}

triage::Task<std::uint64_t> read_last(Gathering& all, FileSource& source, Intake& intake) {
    auto work = [&] { source.read(intake, [&all] { return all.is_over(); }); };
    co_await all.ctx.blocking(work);
    co_return 0;
}

triage::Task<Done> read_file(Gathering& all, FileName file, std::size_t index) {
    FileSource source(std::move(file), all.extent);
    auto open = [&] { source.open_at_start(most_pieces()); };
    co_await all.ctx.blocking(open);
    std::vector<triage::Task<std::uint64_t>> parts;
    for (const auto& piece : source.pieces())
        parts.push_back(read_piece(all, source, piece, index));
    auto& intake = all.make_intake(index, all.extent.reading);
    parts.push_back(read_last(all, source, intake));
    const auto sizes = co_await triage::all(std::move(parts));
    source.add_pieces(sizes);
    const Patience is_over = [&all] { return all.is_over(); };
    auto more = [&] { source.read_more(intake, is_over); };
    while (all.follows()) {
        co_await all.ctx.sleep(all.pause());
        co_await all.ctx.blocking(more);
    }
    auto last = [&] { source.finish(intake); };
    co_await all.ctx.blocking(last);
    all.report(index) = std::move(source.report());
    co_return Done{};
}

}  // namespace

bool Gathering::is_over() const { return ctx.cancelled() || ctx.left() < margin; }

std::chrono::microseconds Gathering::pause() const {
    return std::clamp<std::chrono::microseconds>(follow_until - ctx.now(), 0ms, look_again);
}

std::chrono::microseconds Gathering::time_left() const {
    return std::max<std::chrono::microseconds>(ctx.left() - margin, 1ms);
}

std::string Gathered::unread() const {
    auto why = missing;
    for (const auto& one : reports)
        if (!one.unreadable.empty()) why.push_back(one.name + ": " + one.unreadable);
    if (why.empty()) return {};
    return triage::text(why.size(), " of ", counted(reports.size() + missing.size(), "source"),
                        " could not be read: ", listed(why));
}

std::string Gathered::summary(const Extent& extent, Time now) const {
    std::uint64_t bytes = 0;
    std::vector<std::string> silent;
    for (const auto& one : reports) {
        bytes += one.bytes;
        if (one.unreadable.empty() && !one.in_window) silent.push_back(one.name);
    }
    auto out = triage::text(counted(reports.size(), "source"), ", ", size_text(bytes));
    if (extent.window.since) out += ", since " + shown(*extent.window.since, now);
    if (extent.tail > 0) out += triage::text(", the last ", extent.tail, " lines of each");
    if (followed)
        out += triage::text(", followed for ", *followed, " only: the timeout has no more");
    if (silent.empty()) return out;
    constexpr std::size_t named = 3;
    const auto count = silent.size();
    silent.resize(std::min(count, named));
    out += triage::text("; no line since then in ", listed(silent));
    if (count > named) out += triage::text(" and ", count - named, " more");
    return out;
}

Extent extent_of(const SourceParams& params, Time now) {
    Extent out;
    const auto zone = Zone::parse(params.zone);
    if (!zone) {
        throw triage::CouldNotTell(
            triage::text("zone: \"", params.zone,
                         "\" is none: expected UTC, local or an offset, such as +02:00"));
    }
    out.reading = {.wrapping = Wrapping::any, .zone = *zone, .now = now};
    if (params.since.count() > 0) out.window.since = now - params.since;
    out.tail = static_cast<std::uint64_t>(params.tail);
    out.undated_tail = static_cast<std::uint64_t>(params.undated_lines);
    out.max_expanded = static_cast<std::uint64_t>(params.max_expanded_mib) << 20U;
    return out;
}

triage::Task<Gathered> gather(const SourceParams& params, triage::Context& ctx,
                              const Extent& extent, IntakeFactory make_intake) {
    const auto left = ctx.left();
    if (params.follow > left + margin) {  // an attempt may begin a little late
        throw triage::CouldNotTell(triage::text(
            "follow: ", triage::to_text(params.follow), " is longer than the check may take (",
            triage::to_text(left), "): give it a longer `timeout`"));
    }
    // After following there is one more look, at what has come meanwhile.
    const auto follow = std::min(
        params.follow, std::max<std::chrono::microseconds>(left - margin - look_again, 0ms));
    Gathering all{params, ctx, extent, std::move(make_intake), ctx.now() + follow, {}};
    if (follow < params.follow) all.out.followed = follow;
    std::vector<triage::Task<Done>> tasks;
    const bool rotated = params.rotated && params.tail == 0;
    auto listed_files = list_files(texts(params.files), rotated, extent.window.since);
    all.out.missing = std::move(listed_files.missing);
    for (auto& file : listed_files.files) {
        const auto index = all.add(file.path);
        tasks.push_back(read_file(all, std::move(file), index));
    }
    if (!params.docker.empty()) tasks.push_back(read_docker(all));
    add_journal(all, tasks);
    co_await triage::all(std::move(tasks));
    co_return std::move(all.out);
}

}  // namespace logs
