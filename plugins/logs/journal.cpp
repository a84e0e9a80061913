#include "journal.hpp"

#include <sys/stat.h>
#include <systemd/sd-journal.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include <triage/text.hpp>

namespace logs {

struct Journal::State {
    sd_journal* handle = nullptr;
    std::string broken;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { sd_journal_close(handle); }
};

namespace {

constexpr std::size_t max_message = 1UL << 20;

std::string error_text(int result) { return std::generic_category().message(-result); }

std::string_view field(sd_journal* handle, const char* name) {
    const void* data = nullptr;
    std::size_t size = 0;
    if (sd_journal_get_data(handle, name, &data, &size) < 0) return {};
    std::string_view text(static_cast<const char*>(data), size);
    const auto equals = text.find('=');
    return equals == text.npos ? std::string_view() : text.substr(equals + 1);
}

/// syslog's numbers as words that find_level() knows.
std::string_view level_word(std::string_view priority) {
    constexpr std::array<std::string_view, 6> words{"[EMERG]", "[ALERT]",   "[CRITICAL]",
                                                    "[ERROR]", "[WARNING]", "[NOTICE]"};
    // What a program prints is all "info" to the journal: its own words say more.
    if (priority.size() != 1 || priority[0] < '0' || priority[0] > '5') return "";
    return words.at(static_cast<std::size_t>(priority[0] - '0'));
}

/// "2026-11-26T10:00:00.123456Z"
std::string stamp_of(std::uint64_t realtime_us) {
    constexpr std::uint64_t second = 1000000;
    const auto at = static_cast<std::time_t>(realtime_us / second);
    std::tm parts{};
    gmtime_r(&at, &parts);
    std::array<char, 32> text{};
    const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    auto fraction = std::to_string(second + realtime_us % second).substr(1);
    return triage::text(std::string_view(text.data(), size), ".", fraction, "Z");
}

int open_paths(const std::vector<std::string>& paths, sd_journal** handle) {
    if (paths.empty()) return sd_journal_open(handle, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);
    struct stat status{};
    const bool folder =
        paths.size() == 1 && ::stat(paths[0].c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    if (folder) return sd_journal_open_directory(handle, paths[0].c_str(), 0);
    std::vector<const char*> names;
    for (const auto& path : paths)
        names.push_back(path.c_str());
    names.push_back(nullptr);
    return sd_journal_open_files(handle, names.data(), 0);
}

/// A journal that has no file, or none that may be read, opens all the same and is empty: that is
/// no silence of the unit.
bool has_any_entry(sd_journal* handle) {
    return sd_journal_seek_head(handle) >= 0 && sd_journal_next(handle) > 0;
}

/// What `journalctl -u` shows: what the unit says, and what is said of it by those who may.
void match_unit(sd_journal* handle, const std::string& unit) {
    const auto any_of = [&](const std::vector<std::string>& all_of) {
        sd_journal_add_disjunction(handle);
        for (const auto& match : all_of)
            sd_journal_add_match(handle, match.data(), match.size());
    };
    any_of({"_SYSTEMD_UNIT=" + unit});
    any_of({"_PID=1", "UNIT=" + unit});
    any_of({"_UID=0", "OBJECT_SYSTEMD_UNIT=" + unit});
    any_of({"MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1", "_UID=0", "COREDUMP_UNIT=" + unit});
}

}  // namespace

Journal::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

std::optional<Journal> Journal::open(const std::vector<std::string>& paths,
                                     const std::vector<std::string>& units, std::string& why) {
    auto state = std::make_unique<State>();
    if (const int result = open_paths(paths, &state->handle); result < 0) {
        why = error_text(result);
        return std::nullopt;
    }
    sd_journal_get_fd(state->handle);  // from here on it watches for files that come
    if (!has_any_entry(state->handle)) {
        why = paths.empty() ? "this machine has no journal that may be read here (run triage with "
                              "sudo or as a member of systemd-journal)"
                            : "there is no journal entry in it that could be read";
        return std::nullopt;
    }
    sd_journal_set_data_threshold(state->handle, max_message);
    for (const auto& unit : units)
        match_unit(state->handle, unit.contains('.') ? unit : unit + ".service");
    return Journal(std::move(state));
}

bool Journal::seek(const std::optional<Time>& since) {
    auto* handle = state_->handle;
    if (!since) return sd_journal_seek_head(handle) >= 0;
    const auto at = static_cast<std::uint64_t>(since->time_since_epoch().count());
    return sd_journal_seek_realtime_usec(handle, at) >= 0;
}

bool Journal::seek_tail(std::uint64_t count) {
    auto* handle = state_->handle;
    if (sd_journal_seek_tail(handle) < 0) return false;
    const auto skipped = sd_journal_previous_skip(handle, count + 1);
    // At the first of all, next() must give that one too.
    if (skipped >= 0 && static_cast<std::uint64_t>(skipped) <= count)
        return sd_journal_seek_head(handle) >= 0;
    return skipped >= 0;
}

std::string Journal::next() {
    auto* handle = state_->handle;
    int result = sd_journal_next(handle);
    if (result == 0) {  // perhaps another file has come: journald rotates its own
        sd_journal_process(handle);
        result = sd_journal_next(handle);
    }
    if (result < 0) state_->broken = error_text(result);
    if (result <= 0) return {};
    std::uint64_t realtime = 0;
    if (const int failed = sd_journal_get_realtime_usec(handle, &realtime); failed < 0) {
        state_->broken = error_text(failed);
        return {};
    }
    const auto level = std::string(level_word(field(handle, "PRIORITY")));
    const auto message = field(handle, "MESSAGE");
    auto line = triage::text(stamp_of(realtime), level, " ");
    line.append(message.substr(0, max_message));
    line += '\n';
    return line;
}

bool Journal::has_entries() { return has_any_entry(state_->handle); }

const std::string& Journal::broken() const { return state_->broken; }

}  // namespace logs
