#include "journal_source.hpp"

#include <algorithm>

#include "journal.hpp"

namespace logs {
namespace {

constexpr std::size_t block_size = 128UL << 10;

/// What is there of a journal now, handed on in blocks.
void drain(Journal& journal, Intake& intake, SourceReport& report, const Patience& is_over) {
    std::string block;
    const auto hand_on = [&] {
        if (block.empty()) return;
        report.bytes += block.size();
        report.in_window = true;
        intake.lines(block);
        block.clear();
    };
    for (auto line = journal.next(); !line.empty(); line = journal.next()) {
        block += line;
        if (block.size() < block_size) continue;
        hand_on();
        if (!is_over()) continue;
        report.unreadable = "there was no time left to read all of it";
        return;
    }
    hand_on();
    if (!journal.broken().empty()) report.unreadable = journal.broken();
}

triage::Task<Done> read_journal(Gathering& all, std::vector<std::string> paths,
                                std::vector<std::string> units, std::size_t index) {
    auto reading = all.extent.reading;
    reading.wrapping = Wrapping::journal;
    auto& intake = all.make_intake(index, reading);
    const Patience is_over = [&all] { return all.is_over(); };
    SourceReport report;
    report.name = all.report(index).name;
    std::optional<Journal> journal;
    auto first = [&] {
        journal = Journal::open(paths, units, report.unreadable);
        if (!journal) return;
        if (all.extent.tail > 0) {
            journal->seek_tail(all.extent.tail);
        } else {
            journal->seek(all.extent.window.since);
        }
        drain(*journal, intake, report, is_over);
    };
    co_await all.ctx.blocking(first);
    auto more = [&] { drain(*journal, intake, report, is_over); };
    while (journal && report.unreadable.empty() && all.follows()) {
        co_await all.ctx.sleep(all.pause());
        co_await all.ctx.blocking(more);
    }
    auto last = [&] {
        intake.gap();
        if (journal && report.unreadable.empty() && report.bytes == 0 && !journal->has_entries())
            report.unreadable = "there is no entry of this unit: is that its name?";
        journal.reset();
    };
    co_await all.ctx.blocking(last);
    all.report(index) = std::move(report);
    co_return Done{};
}

}  // namespace

void add_journal(Gathering& all, std::vector<triage::Task<Done>>& tasks) {
    std::vector<std::string> paths;
    for (const auto& path : all.params.journal_files)
        paths.push_back(path.str());
    const auto where = paths.empty() ? std::string("journal") : paths.front();
    for (const auto& unit : all.params.journal_units) {
        const auto index = all.add(triage::text(where, " ", unit));
        tasks.push_back(read_journal(all, paths, {unit}, index));
    }
    if (all.params.journal_units.empty() && !paths.empty()) {
        const auto index = all.add(where);
        tasks.push_back(read_journal(all, paths, {}, index));
    }
}

}  // namespace logs
