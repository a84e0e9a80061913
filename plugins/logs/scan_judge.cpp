/// What clusters and signatures of all sources mean.
#include <algorithm>

#include "codes.hpp"
#include "scan.hpp"
#include "signatures.hpp"
#include "silence.hpp"
#include "text.hpp"

namespace logs {
namespace {

using namespace std::chrono_literals;
using triage::text;
using triage::Weight;

/// A migration that has just begun may well be at work.
constexpr auto patience_with_migrations = 30s;

/// Judges one run.
class ScanJudge {
public:
    ScanJudge(const ScanParams& params, const Gathered& gathered, std::span<const Scanned> scanned,
              const Extent& extent, Time now)
        : params_(params), gathered_(gathered), scanned_(scanned), extent_(extent), now_(now) {
        for (const auto& one : scanned_)
            clusters_.merge(one.clusters);
        all_ = clusters_.all();
    }

    ScanJudgement run() {
        signatures_found();
        migrations();
        matches_found();
        errors_found();
        judge_silence(params_, gathered_, now_, out_);
        restarting();
        summarize();
        const auto since = first_of_failures();
        return {std::move(out_), since};
    }

private:
    /// When it was last seen, as far as is known: for what has no time, not after its log was last
    /// written.
    std::optional<Time> last_of(const Cluster& cluster) const {
        auto last = cluster.last;
        if (cluster.undated == 0) return last;
        for (const auto source : cluster.sources) {
            const auto& written = gathered_.reports.at(source).written;
            if (!written) return std::nullopt;
            last = std::max(last.value_or(*written), *written);
        }
        return last;
    }

    bool is_old(const std::optional<Time>& last) const {
        return last && *last + params_.recent < now_;
    }

    std::string when(std::uint64_t count, const std::optional<Time>& last, bool exact) const {
        auto out = count == 1 ? std::string("once") : text(count, " times");
        if (!last) return out + ", no time in the lines";
        if (*last > now_ + 2s)
            return text(out, ", by its time ", age(*last - now_), " ahead of this machine's clock");
        out += exact ? (count == 1 ? ", " : ", last ") : ", the log was written ";
        return out + age(now_ - *last) + " ago";
    }

    std::string rate(const Cluster& cluster) const {
        constexpr std::uint64_t enough = 20;  // of fewer a rate says more than is known
        if (!cluster.first || !cluster.last || cluster.count < enough) return {};
        const auto span = std::chrono::duration<double>(*cluster.last - *cluster.first).count();
        if (span < 0.01) return {};
        const auto per_minute = static_cast<double>(cluster.count - 1) / span * 60;
        if (per_minute > 120) return text(std::llround(per_minute / 60), " a second");
        if (per_minute > 2) return text(std::llround(per_minute), " a minute");
        return text(std::llround(per_minute * 60), " an hour");
    }

    std::string name_of(std::size_t source) const { return gathered_.reports.at(source).name; }

    void describe(triage::Found& found, const Cluster& cluster) {
        const auto add = [&](const char* name, std::string value) {
            if (!value.empty()) found.evidence.emplace_back(name, std::move(value));
        };
        if (cluster.first) firsts_.emplace_back(out_.findings().size() - 1, *cluster.first);
        if (cluster.first && cluster.count > 1) {
            add("first seen", shown(*cluster.first, now_));
            add("last seen", shown(*cluster.last, now_));
            add("rate", rate(cluster));
        } else if (cluster.last) {
            add("seen", shown(*cluster.last, now_));
        }
        if (cluster.sources.size() > 1) {
            std::vector<std::string> names;
            for (const auto source : cluster.sources)
                names.push_back(name_of(source));
            add("in", listed(names));
        }
        add("sample", cluster.sample);
    }

    /// The clusters of one kind as one.
    static Cluster together(const std::vector<const Cluster*>& clusters) {
        Cluster out = *clusters.front();
        for (const auto* one : std::span(clusters).subspan(1)) {
            out.count += one->count;
            out.undated += one->undated;
            if (one->first && (!out.first || *one->first < *out.first)) out.first = one->first;
            if (one->last && (!out.last || *one->last > *out.last)) out.last = one->last;
            for (const auto source : one->sources)
                if (std::ranges::find(out.sources, source) == out.sources.end())
                    out.sources.push_back(source);
        }
        return out;
    }

    template <class Wanted>
    std::vector<const Cluster*> clusters_of(Wanted wanted) const {
        std::vector<const Cluster*> out;
        std::ranges::copy_if(all_, std::back_inserter(out), wanted);
        return out;
    }

    /// Has every log that tells of it told of a start after it?
    bool is_mended(std::size_t signature) const {
        const auto mended = signatures()[signature].mended;
        if (mended == Mended::no) return false;
        const auto slack = mended == Mended::around_start ? 2s : 0s;
        return std::ranges::all_of(scanned_, [&](const Scanned& one) {
            const auto& seen = one.signatures.at(signature);
            return seen.count == 0 || one.started.is_after(seen, slack);
        });
    }

    std::string detail_of(std::size_t signature) const {
        for (const auto& one : scanned_)
            if (!one.detail.at(signature).empty()) return one.detail.at(signature);
        return {};
    }

    void signatures_found() {
        if (!params_.known) return;
        for (std::size_t i = 0; i < signatures().size(); ++i) {
            const auto& signature = signatures()[i];
            out_.evaluated(signature.code);
            const auto mine = clusters_of([&](const Cluster* one) {
                return one->signature == static_cast<int>(i) && one->match == no_index;
            });
            if (mine.empty()) continue;
            const auto all = together(mine);
            const auto last = last_of(all);
            const auto detail = detail_of(i);
            auto& found = out_.found(signature.code, name_of(all.sources.front()),
                                     text(signature.code.doc, detail.empty() ? "" : ": ", detail,
                                          " (", when(all.count, last, all.undated == 0), ")"));
            found.evidence.emplace_back("layer", signature.layer);
            describe(found, all);
            if (is_mended(i)) {
                found.weight = Weight::info;
                found.message += "; the program has started since";
            } else if (is_old(last)) {
                found.weight = std::min(found.weight, Weight::warn);
                found.message += ": evidence about then, not about now";
            }
            named_.push_back(
                text(std::string_view(signature.code.name).substr(5), " ×", all.count));
        }
    }

    void migrations() {
        if (!params_.known) return;
        out_.evaluated(code::migration);
        const auto failed =
            std::ranges::find(signatures(), std::string_view("logs.start-failed"),
                              [](const Signature& one) { return std::string_view(one.code.name); });
        const auto failed_index = static_cast<std::size_t>(failed - signatures().begin());
        for (std::size_t i = 0; i < scanned_.size(); ++i) {
            const auto& one = scanned_[i];
            const auto& begun = one.upgrading;
            if (begun.count == 0 || one.migrated.is_after(begun) || one.started.is_after(begun) ||
                one.signatures.at(failed_index).is_after(begun))
                continue;
            if (begun.last && now_ - *begun.last < patience_with_migrations) {
                out_.say(
                    text("a migration has begun, its end is not logged yet: ", one.last_upgrade));
                continue;
            }
            auto& found = out_.found(
                code::migration, name_of(i),
                text("\"Running upgrade ", one.last_upgrade, "\" without \"complete\" after it",
                     begun.last ? text(" for ", age(now_ - *begun.last)) : std::string()));
            found.evidence.emplace_back("layer", "schema");
        }
    }

    void matches_found() {
        if (params_.match.empty() && params_.match_warn.empty()) return;
        out_.evaluated(code::match);
        for (std::size_t i = 0; i < params_.match.size(); ++i)
            pattern_found(params_.match[i], i, false);
        for (std::size_t i = 0; i < params_.match_warn.size(); ++i)
            pattern_found(params_.match_warn[i], params_.match.size() + i, true);
    }

    void pattern_found(const std::string& pattern, std::size_t index, bool warns) {
        auto mine =
            clusters_of([&](const Cluster* one) { return one->match == static_cast<int>(index); });
        if (mine.empty()) return;
        // What is of now is never hidden by what is more, but old.
        std::ranges::stable_partition(mine,
                                      [&](const auto* one) { return !is_old(last_of(*one)); });
        for (const auto* cluster : std::span(mine).first(shown_of(mine))) {
            const auto last = last_of(*cluster);
            auto& found = out_.found(code::match, name_of(cluster->sources.front()),
                                     text("\"", pattern, "\" matches ",
                                          when(cluster->count, last, cluster->undated == 0)));
            describe(found, *cluster);
            if (warns || is_old(last)) found.weight = Weight::warn;
        }
        named_.push_back(text("\"", triage::excerpt(pattern, 40), "\" ×", count_of(mine),
                              mine.size() == 1 ? std::string() : " of " + kinds(mine)));
    }

    /// How many kinds of events stand in the report.
    std::size_t shown_of(const std::vector<const Cluster*>& clusters) const {
        return std::min(clusters.size(), static_cast<std::size_t>(params_.show));
    }

    static std::uint64_t count_of(const std::vector<const Cluster*>& clusters) {
        std::uint64_t events = 0;
        for (const auto* one : clusters)
            events += one->count;
        return events;
    }

    /// "12 kinds, 10 shown".
    std::string kinds(const std::vector<const Cluster*>& clusters) const {
        const auto shown_kinds = shown_of(clusters);
        return text(counted(clusters.size(), "kind"),
                    clusters.size() > shown_kinds ? text(", ", shown_kinds, " shown") : "");
    }

    void errors_found() {
        if (!params_.errors) return;
        out_.evaluated(code::errors);
        const auto others = clusters_of([](const Cluster* one) {
            return one->signature == no_index && one->match == no_index;
        });
        const auto events = count_of(others);
        if (events == 0) return;
        const auto over = static_cast<std::uint64_t>(params_.fail_over);
        for (const auto* one : std::span(others).first(shown_of(others))) {
            auto cause =
                one->cause.empty() ? one->head : one->cause.substr(0, one->cause.find('\n'));
            auto& found = out_.found(code::errors, name_of(one->sources.front()),
                                     text(triage::excerpt(cause), " (",
                                          when(one->count, last_of(*one), one->undated == 0), ")"));
            describe(found, *one);
            if (over > 0 && events > over) found.weight = Weight::fail;
        }
        named_.push_back(text(counted(events, "other error"), " of ", kinds(others)));
    }

    std::optional<Time> first_of_failures() const {
        std::optional<Time> first;
        for (const auto& [index, at] : firsts_)
            if (out_.findings()[index].weight == Weight::fail && (!first || at < *first))
                first = at;
        return first;
    }

    void restarting() {
        if (params_.docker.empty()) return;
        out_.evaluated(code::restarting);
        for (const auto& one : gathered_.reports)
            if (!one.restarting.empty()) out_.found(code::restarting, one.name, one.restarting);
    }

    void summarize() {
        out_.say(gathered_.summary(extent_, now_));
        if (named_.empty()) {
            out_.say(params_.known && params_.errors ? "no error and nothing known"
                                                     : "nothing of what was looked for");
        } else {
            out_.say(listed(named_));
        }
        std::uint64_t ignored = 0, jumps = 0;
        bool assumed = false;
        for (const auto& one : scanned_) {
            ignored += one.ignored;
            jumps += one.jumps;
            assumed |= one.zone_assumed;
        }
        if (ignored > 0) out_.say(counted(ignored, "event") + " ignored");
        if (clusters_.beyond() > 0)
            out_.say(
                text(clusters_.beyond(), " more of other kinds, beyond ", Clusters::max_clusters));
        if (jumps > 0) out_.say(text("times jump back ", jumps, " times"));
        if (assumed) out_.say(text("times without a zone taken as ", params_.zone));
        for (const auto& one : gathered_.reports)
            for (const auto& note : one.notes)
                out_.say(text(one.name, ": ", note));
    }

    const ScanParams& params_;
    const Gathered& gathered_;
    std::span<const Scanned> scanned_;
    const Extent& extent_;
    Time now_;
    Clusters clusters_;
    std::vector<const Cluster*> all_;
    triage::Judgement out_;
    std::vector<std::string> named_;                    // what was found, for the summary
    std::vector<std::pair<std::size_t, Time>> firsts_;  // by finding
};

}  // namespace

std::vector<triage::Code> scan_codes() {
    std::vector<triage::Code> out;
    for (const auto& one : signatures())
        out.push_back(one.code);
    out.insert(out.end(),
               {code::migration, code::match, code::errors, code::silent, code::restarting});
    return out;
}

ScanJudgement judge_scan(const ScanParams& params, const Gathered& gathered,
                         std::span<const Scanned> scanned, const Extent& extent, Time now) {
    return ScanJudge(params, gathered, scanned, extent, now).run();
}

}  // namespace logs
