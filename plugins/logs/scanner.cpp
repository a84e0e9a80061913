#include "scanner.hpp"

#include <algorithm>
#include <cstring>

#include <triage/text.hpp>

#include "lines.hpp"
#include "signatures.hpp"

namespace logs {
namespace {

// Ids of patterns: those of signatures are their indices.
enum Id : unsigned { level = 1000, traceback, started, upgrading, migrated, first_match = 2000 };

constexpr std::size_t max_more = 512;

/// What a line of level error or above may contain. find_level() then looks whether it is one.
constexpr const char* level_hints[] = {
    "ERROR", "CRITICAL", "FATAL", "PANIC", "EMERG", "SEVERE", "ALERT", "\"error\"", "\"fatal\"",
    "\"critical\"", "\"err\"", "\"Error\"", "\"panic\"", "=error", "=fatal", "=critical",
    "=\"error\"", "\\[error\\]", "\\[crit\\]", "\\[alert\\]", "\\[emerg\\]", "\\[Error\\]",
    "\"level\":50", "\"level\":60", "\"level\": 50", "\"level\": 60", " ERR ", " CRIT ",
    "\\[fatal\\]", "\\[critical\\]", "\\[panic\\]", "\"Fatal\"", "\"Critical\"", "\"severe\"",
    "\"Panic\"", "\"crit\"", "\"alert\"", "\"emerg", "=panic", "=crit", "=alert", "=emerg",
    "lvl=err", "ERR\\]", "FTL", "^ERR ", "mERR",
    // JSON with blanks of its own: expressions that find the number behind them are twice as slow
    "\"level\" ", "\"level\"\t", "\"level\":  ", "\"level\":\t", "\"level\": \t",
    // coloured, lower case, glog's (also behind what Kubernetes, Docker and Compose write), and
    // what programs say when they end
    "merror", "mfatal", "mcritical",
    "error: ", "fatal: ", "^Error: ", " Error: ", "Fatal: ", "Critical: ", "Panic: ", "^E0", "^E1",
    "^F0", "^F1", " F E0", " F E1", " F F0", " F F1", "\\| E0", "\\| E1", "\\| F0", "\\| F1",
    "Z E0", "Z E1", "Z F0", "Z F1", "\"log\":\"E", "\"log\":\"F0", "\"log\":\"F1",
    "panic: ", "fatal error: ", "PHP Fatal error: ", "Uncaught ", "Exception in thread ",
    "Unhandled exception", "' panicked at ", "npm ERR! "};

bool is_request(std::string_view message) {
    constexpr std::string_view name = "http.request.complete";
    constexpr std::size_t far = 160;  // behind a logger's name at most
    return message.substr(0, far).contains(name);
}

/// memrchr() is much faster than what std::string_view has.
std::size_t begin_of_line(std::string_view block, std::size_t inside) {
    const auto* before = ::memrchr(block.data(), '\n', inside);
    return before == nullptr
               ? 0
               : static_cast<std::size_t>(static_cast<const char*>(before) - block.data()) + 1;
}

/// Compiles what is the user's. Gives what is wrong with it.
std::string read_own(const std::vector<std::string>& match, const std::vector<std::string>& ignore,
                     Search& out) {
    for (const auto& [patterns, into] :
         {std::pair(&match, &out.matches), std::pair(&ignore, &out.ignored)}) {
        if (patterns->empty()) continue;
        auto compiled = Own::compile(*patterns);
        if (!compiled) return compiled.reason();
        *into = compiled.value();
    }
    for (std::size_t i = 0; i < ignore.size(); ++i)
        if (out.ignored->is_everywhere(i))
            return triage::text(
                "ignore: the pattern \"", ignore[i],
                "\" fits a text without a letter, so that every event would be ignored: let it ask "
                "for at least one (\"x+\" instead of \"x*\")");
    return {};
}

}  // namespace

triage::Result<std::shared_ptr<const Search>> make_search(const std::vector<std::string>& match,
                                                          const std::vector<std::string>& ignore,
                                                          bool known, bool errors) {
    auto out = std::make_shared<Search>();
    out->known = known;
    out->errors = errors;
    if (auto why = read_own(match, ignore, *out); !why.empty())
        return triage::Failed{std::move(why)};
    std::vector<Patterns::Pattern> all;
    if (known || errors) all.push_back({R"(Traceback \(most recent call last\):)", traceback});
    if (errors)
        for (const auto* hint : level_hints)
            all.push_back({hint, level});
    if (known) {
        all.push_back({"Application startup complete", started});
        all.push_back({"database system is ready to accept connections", started});
        all.push_back({"Running upgrade ", upgrading});
        all.push_back({"Database migrations complete", migrated});
        for (std::size_t i = 0; i < signatures().size(); ++i)
            for (const auto* find : signatures()[i].find)
                if (find != nullptr) all.push_back({find, static_cast<unsigned>(i)});
    }
    for (std::size_t i = 0; i < match.size(); ++i)
        all.push_back({out->matches->stands()[i].text, first_match + static_cast<unsigned>(i)});
    if (all.empty()) {
        return triage::Failed{
            "there is nothing to look for: `known` and `errors` are false, and there is no pattern "
            "in `match` or `match-warn`: give one, or leave `known` or `errors` true"};
    }
    auto compiled = Patterns::compile(all);
    if (!compiled) return triage::Failed{compiled.reason()};
    out->patterns = compiled.value();
    return std::shared_ptr<const Search>(std::move(out));
}

void Seen::add(std::optional<Time> at, std::uint64_t order) {
    ++count;
    last_order = order;
    if (!at) return;
    if (!first || *at < *first) first = at;
    if (!last || *at > *last) last = at;
}

void Seen::merge(const Seen& other) {
    count += other.count;
    last_order = std::max(last_order, other.last_order);
    if (other.first && (!first || *other.first < *first)) first = other.first;
    if (other.last && (!last || *other.last > *last)) last = other.last;
}

Scanned::Scanned() : signatures(logs::signatures().size()), detail(logs::signatures().size()) {}

void Scanned::merge(const Scanned& later) {
    clusters.merge(later.clusters);
    for (std::size_t i = 0; i < signatures.size(); ++i) {
        signatures[i].merge(later.signatures[i]);
        if (!later.detail[i].empty()) detail[i] = later.detail[i];
    }
    started.merge(later.started);
    upgrading.merge(later.upgrading);
    migrated.merge(later.migrated);
    if (!later.last_upgrade.empty()) last_upgrade = later.last_upgrade;
    ignored += later.ignored;
    before += later.before;
    jumps += later.jumps;
    zone_assumed |= later.zone_assumed;
}

bool Seen::is_after(const Seen& other, std::chrono::microseconds slack) const {
    if (count == 0) return false;
    if (last && other.last && *last + slack != *other.last) return *last + slack > *other.last;
    return last_order > other.last_order;
}

Scanner::Scanner(std::shared_ptr<const Search> search, Reading reading, Window window,
                 std::size_t source)
    : search_(std::move(search)),
      searcher_(*search_->patterns),
      reading_(std::move(reading)),
      window_(window),
      source_(source) {
    if (search_->matches) matcher_.emplace(*search_->matches);
    if (search_->ignored) ignorer_.emplace(*search_->ignored);
}

Scanner::Span Scanner::line_of_hit(std::string_view block, std::size_t at, std::size_t hit) const {
    const auto inside = std::max((*hits_)[hit].end, at + 1) - 1;
    const bool known = inside < next_end_;  // the line behind an event, as is usual in a flood
    Span span{.begin = known ? at : std::max(begin_of_line(block, inside), at),
              .end = known ? next_end_ : std::min(block.find('\n', inside), block.size()),
              .first_hit = hit,
              .last_hit = hit,
              .is_own = false};
    while (span.last_hit < hits_->size() && (*hits_)[span.last_hit].end <= span.end + 1)
        ++span.last_hit;
    // What hints at a level has done its work: the line is looked at. Mostly there is nothing else.
    while (span.is_hit() && (*hits_)[span.first_hit].id == level)
        ++span.first_hit;
    span.is_own = span.first_hit == hit && std::ranges::all_of(hits_of(span), [](const Hit& one) {
                      return one.id >= first_match;
                  });
    return span;
}

void Scanner::lines(std::string_view whole) {
    hits_ = &searcher_.search(whole);
    clock_.begin_block();
    unwrapped_ = nullptr;
    next_end_ = 0;
    may_be_colored_ = whole.contains('\x1b');
    std::size_t at = 0, hit = 0;
    for (;;) {
        if (open_) at = body(whole, at, hit);
        while (hit < hits_->size() && (*hits_)[hit].end <= at)
            ++hit;
        if (open_ || hit == hits_->size()) break;
        const auto span = line_of_hit(whole, at, hit);
        candidate(whole, span);
        hit = span.last_hit;
        at = std::min(span.end + 1, whole.size());
    }
    if (open_) hold_head();
    clock_.end_block(whole, reading_);
    order_ += whole.size();
}

void Scanner::gap() {
    if (open_) close_event();
    clock_.gap();
    result_.jumps = clock_.jumps();
    result_.zone_assumed = clock_.zone_assumed();
}

/// The user's own patterns see a line as it stands in the log.
bool Scanner::matched(std::string_view line, const Span& span) {
    const auto is_own = [](const Hit& hit) { return hit.id >= first_match; };
    if (!matcher_ || std::ranges::none_of(hits_of(span), is_own)) return false;
    const auto index = matcher_->first_in(line);
    if (index != no_index && (event_.match == no_index || index < event_.match))
        event_.match = index;
    return event_.match != no_index;
}

void Scanner::note_signatures(std::string_view text, const Span& span, bool quiet) {
    for (const auto& [end, id] : hits_of(span)) {
        if (id >= signatures().size()) continue;
        const auto index = static_cast<int>(id);
        if (event_.signature != no_index && event_.signature <= index) continue;
        if (quiet && !signatures()[id].any_level) continue;
        auto names = confirm(id, text);
        if (!names) continue;
        event_.signature = index;
        named_ = std::move(*names);
    }
}

void Scanner::note_states(const Record& record, const Span& span, std::uint64_t order) {
    for (const auto& [end, id] : hits_of(span)) {
        if (id == started) result_.started.add(record.at, order);
        if (id == migrated) result_.migrated.add(record.at, order);
        if (id != upgrading || (window_.since && record.at && *record.at < *window_.since))
            continue;
        result_.upgrading.add(record.at, order);
        const auto begin = record.text.find("Running upgrade ");
        if (begin != std::string::npos) result_.last_upgrade = record.text.substr(begin + 16, 80);
    }
}

void Scanner::candidate(std::string_view block, const Span& span) {
    auto line = block.substr(span.begin, span.end - span.begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    event_.signature = event_.match = no_index;
    const bool own = matched(line, span);
    if (span.is_own && !own) return;
    auto& record = head_;  // no event is open: its head is free
    reader_.read(unwrapped(line), reading_, record);
    const auto order = order_ + span.begin;
    event_.at_is_own = record.at.has_value();
    named_.clear();
    const bool quiet = record.level == Level::info || record.level == Level::debug;
    if (record.json && span.is_hit())
        note_signatures(record.json_message + '\n' + record.trace, span, quiet);
    else if (span.is_hit())
        note_signatures(record.text, span, quiet);
    // The application's line about a request is logs.requests' business: it says no cause.
    const bool bad = (record.level >= Level::error && !is_request(record.message())) ||
                     (!quiet && begins_traceback(record.message()));
    const bool counts = bad || own || event_.signature != no_index;
    if (!counts && !search_->known) return;
    record.at = clock_.time_of_line(record, block, span.begin, reading_);
    if (span.is_hit()) note_states(record, span, order);
    if (counts) open_event(order, line);
}

void Scanner::open_event(std::uint64_t order, std::string_view line) {
    open_ = true;
    ignored_ = is_ignored(line, head_.text);
    if (head_.text.data() == inner_.held.data()) hold_head();
    fold_.open(head_.message());
    more_.clear();
    event_.at = head_.at;
    event_.order = order;
    event_.critical = head_.level == Level::critical;
    if (head_.trace.empty()) return;
    auto rest = std::string_view(head_.trace);
    while (const auto line = next_line(rest))
        if (!fold_.takes(line.text, reading_)) fold_.open(line.text);
}

/// The head of an event may be needed for longer than its block, or what it was unwrapped into.
void Scanner::hold_head() {
    if (head_.text.data() != held_.data()) held_ = head_.text;
    head_.text = held_;
}

std::size_t Scanner::body(std::string_view block, std::size_t at, std::size_t& hit) {
    while (at < block.size()) {
        const auto end = std::min(block.find('\n', at), block.size());
        auto line = block.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        const auto& inner = unwrapped(line);
        if (!fold_.takes(inner.text, reading_)) {
            close_event();
            next_end_ = end;
            return at;
        }
        while (hit < hits_->size() && (*hits_)[hit].end <= at)
            ++hit;
        Span span{.begin = at, .end = end, .first_hit = hit, .last_hit = hit, .is_own = false};
        while (span.last_hit < hits_->size() && (*hits_)[span.last_hit].end <= end + 1)
            ++span.last_hit;
        if (span.is_hit()) {
            note_signatures(inner.text, span, false);
            matched(line, span);
        }
        hit = span.last_hit;
        ignored_ = ignored_ || is_ignored(line, inner.text);
        if (fold_.cause().empty() && more_.size() < max_more)
            more_.append("\n").append(inner.text.substr(0, max_more));
        at = std::min(end + 1, block.size());
        clock_.looked_at(at);
    }
    return at;
}

/// The first line behind an event is looked at twice: whether it belongs to it, and what it is.
const Unwrapped& Scanner::unwrapped(std::string_view line) {
    if (unwrapped_ != line.data()) unwrap(line, reading_, inner_, may_be_colored_);
    unwrapped_ = line.data();
    return inner_;
}

/// As `match` sees it, and without what wraps it.
bool Scanner::is_ignored(std::string_view line, std::string_view inner) {
    if (!ignorer_) return false;
    return ignorer_->first_in(inner) != no_index ||
           (inner.size() != line.size() && ignorer_->first_in(line) != no_index);
}

void Scanner::close_event() {
    open_ = false;
    const bool wanted = search_->errors || event_.signature != no_index || event_.match != no_index;
    if (!wanted) return;
    const auto& cause = fold_.cause();
    if (window_.since && event_.at && *event_.at < *window_.since) {
        ++result_.before;
        return;
    }
    if (ignored_ || is_ignored(cause, cause)) {
        ++result_.ignored;
        return;
    }
    event_.head = head_.message();
    event_.cause = cause;
    event_.text = head_.text;
    event_.more = more_;
    result_.clusters.add(event_, source_);
    if (event_.signature == no_index) return;
    const auto index = static_cast<std::size_t>(event_.signature);
    result_.signatures.at(index).add(event_.at, event_.order);
    auto setting = setting_of(cause);
    result_.detail.at(index) = setting.empty() ? named_ : std::move(setting);
}

}  // namespace logs
