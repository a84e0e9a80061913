#include "core/cli/past.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "core/base/fingerprint.hpp"
#include "core/base/unique_fd.hpp"
#include "core/cli/diagnosis.hpp"
#include "core/cli/print.hpp"
#include "core/compare/compare.hpp"
#include "core/report/report.hpp"

namespace triage::cli {
namespace {

// A list of a thousand URLs is no help to read; that it is another one, its fingerprint says.
constexpr std::size_t longest_shown = 200;

constexpr int runs_of_usual = 20;
constexpr std::size_t key_bytes = 32;

std::string read_all(int fd, std::size_t most) {
    std::string text(most, '\0');
    const auto got = ::read(fd, text.data(), text.size());
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
}

// This machine's key for fingerprints, made when it is first wanted. Empty if it cannot be kept:
// then secrets have no fingerprint.
std::string fingerprint_key() {
    const auto folder = history::state_folder();
    if (folder.empty()) return {};
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(folder).parent_path(), error);
    ::mkdir(folder.c_str(), 0700);
    const auto path = folder + "/fingerprint.key";
    if (const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); fd) {
        auto key = read_all(fd.get(), key_bytes);
        if (key.size() == key_bytes) return key;
    }
    std::string key(key_bytes, '\0');
    if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size())) return {};
    // Whole or not at all, and the first one stays: two may come at the same time.
    auto temporary = folder + "/key-XXXXXX";
    const base::UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd) return {};
    const bool written =
        ::write(fd.get(), key.data(), key.size()) == static_cast<ssize_t>(key_bytes);
    const bool first = written && ::link(temporary.c_str(), path.c_str()) == 0;
    ::unlink(temporary.c_str());
    if (first) return key;
    const base::UniqueFd kept(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return kept ? read_all(kept.get(), key_bytes) : std::string();
}

compare::Usual spreads_of(const std::vector<history::Measured>& measured) {
    std::map<std::pair<std::string, std::string>, std::vector<double>> values;
    for (const auto& one : measured)
        values[{one.check, one.metric}].push_back(one.value);
    compare::Usual out;
    for (auto& [key, some] : values)
        out.emplace(key, compare::spread_of(std::move(some)));
    return out;
}

}  // namespace

history::Series series_of(const RunbookOptions& options, const std::string& name) {
    std::error_code error;
    const auto path = std::filesystem::weakly_canonical(options.path, error);
    std::string key = error ? options.path : path.string();
    key.append(1, '\0').append(options.profile.value_or(""));
    auto variables = options.vars;
    std::ranges::stable_sort(variables, {}, [](const auto& one) { return one.first; });
    for (const auto& [variable, value] : variables)
        key.append(1, '\0').append(variable).append("=").append(value);
    return {base::fingerprint(fingerprint_key(), key), name};
}

std::vector<model::Fact> settings_of(const Session& session, const runbook::Runbook& runbook) {
    const auto& redactor = session.redactor();
    const auto key = fingerprint_key();
    std::vector<model::Fact> out;
    const auto add = [&](std::string name, const std::string& value) {
        out.push_back({std::move(name), redactor.redact(value)});
    };
    add("triage", TRIAGE_VERSION);
    add("runbook", runbook.fingerprint);
    for (const auto& [id, plugin] : session.catalog().plugins) {
        const auto found = session.found().usable.find(id);
        const auto build = found == session.found().usable.end() ? "" : found->second.build_id;
        add("plugin " + id, fmt::format("{} {:.12}", plugin.version, build));
    }
    for (const auto& setting : runbook.settings) {
        if (!setting.secret && setting.value.size() <= longest_shown) {
            add(setting.name, setting.value);
        } else if (!key.empty()) {
            add(setting.name, "#" + base::fingerprint(key, setting.value).substr(0, 8));
        }
    }
    std::ranges::sort(out, {}, &model::Fact::key);
    return out;
}

base::Result<compare::Usual> usual_of(history::Store& store, const history::Series& series) {
    const auto measured = store.measured(series, runs_of_usual);
    if (!measured) return std::unexpected(measured.error());
    return spreads_of(*measured);
}

Past::Past(const HistoryOptions& options, history::Series series) : series_(std::move(series)) {
    if (!options.none) path_ = options.file.empty() ? history::default_path() : options.file;
}

base::Result<history::Store*> Past::store() {
    if (!store_) {
        auto opened = history::Store::open(path_);
        if (!opened) return std::unexpected(opened.error());
        store_ = *std::move(opened);
    }
    return &*store_;
}

base::Result<void> Past::look_back(bundle::Bundle& out, const Session& session, bool whole) {
    const auto store = this->store();
    if (!store) return std::unexpected(store.error());
    const auto good = (*store)->last_good(series_);
    if (!good) return std::unexpected(good.error());
    const auto onset = (*store)->onset(series_);
    if (!onset) return std::unexpected(onset.error());
    out.onset = *onset;
    if (!*good) {
        out.not_compared = "no good run of this runbook is kept yet";
        return {};
    }
    auto usual = usual_of(**store, series_);
    if (!usual) return std::unexpected(usual.error());
    out.usual = *std::move(usual);
    if (!whole) fingerprint_ = compare::fingerprint(out.run);
    if (!whole && (*good)->fingerprint == fingerprint_) {
        out.same_since_us = (*good)->started_at_us;
    } else {
        auto document = (*store)->document((*good)->id);
        if (!document) return std::unexpected(document.error());
        auto baseline = bundle::read_run(std::move(*document).value_or(""), session.redactor());
        if (!baseline) {
            return base::fail("the last good run that is kept cannot be read: " +
                              baseline.error().message);
        }
        out.baseline = *std::move(baseline);
    }
    if (out.run.exit_code == model::exit_ok) {
        out.onset = {};  // it is well again
    } else if (!out.onset) {
        out.onset = model::Onset{(*good)->started_at_us, out.run.started_at_us};
    }
    return {};
}

bundle::Bundle Past::with(const Session& session, model::Run run, bool whole) {
    bundle::Bundle out{.run = std::move(run),
                       .baseline = {},
                       .same_since_us = {},
                       .not_compared = {},
                       .usual = {},
                       .onset = {},
                       .declared = declared_codes(session)};
    if (path_.empty()) {
        out.not_compared = "no history is kept";
    } else if (const auto looked = look_back(out, session, whole); !looked) {
        out.not_compared = looked.error().message;
    }
    return out;
}

void Past::keep(const model::Report& report, const report::JsonText& json) {
    if (path_.empty() || report.run.interrupted) return;
    const auto store = this->store();
    const auto headline = report::headline(report);
    if (fingerprint_.empty()) fingerprint_ = compare::fingerprint(report.run);
    const auto kept =
        store ? (*store)->record(series_, report.run, {headline, json.get(), fingerprint_})
              : base::Result<void>(std::unexpected(store.error()));
    if (!kept) print_error({"this run is not kept: " + kept.error().message, kept.error().remedy});
}

model::Report answer(bundle::Bundle bundle, const diagnose::Rules& rules,
                     const redact::Redactor& redactor) {
    model::Report out{.run = std::move(bundle.run), .diagnosis = {}, .changes = model::Changes()};
    if (bundle.baseline) {
        out.changes->baseline_at_us = bundle.baseline->started_at_us;
        out.changes->list = compare::compare(out.run, *bundle.baseline, bundle.usual, redactor);
    } else if (bundle.same_since_us) {
        out.changes->baseline_at_us = *bundle.same_since_us;
        out.changes->list = compare::compare_durations(out.run, bundle.usual, redactor);
    } else {
        out.changes->not_compared = redactor.redact(bundle.not_compared);
    }
    out.changes->onset = bundle.onset;
    out.changes->first_sign_us = compare::first_sign(out.run);
    compare::set_against_onset(*out.changes);
    out.diagnosis = diagnose::diagnose(out.run, *out.changes, rules, bundle.declared);
    return out;
}

base::Result<void> save(const bundle::Bundle& bundle, const Sink& to) {
    return to.write([&](int fd, const std::string& name) {
        base::Result<void> result;
        bundle::write(bundle, [&](std::string_view text) {
            if (result) result = write_all(fd, text, name);
        });
        return result;
    });
}

}  // namespace triage::cli
