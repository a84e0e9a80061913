#include "patterns.hpp"

#include <hs/hs.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include <climits>
#include <triage/text.hpp>

namespace logs {

struct Patterns::Database {
    /// What a hit of the search means: whose it is, if that follows.
    struct Meaning {
        unsigned id;
        std::string rest;
    };

    hs_database_t* handle = nullptr;
    std::vector<Meaning> meanings;  // by index of pattern
    std::vector<Meaning> starts;    // what is also looked for at the start of the first line

    Database() = default;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() { hs_free_database(handle); }
};

struct Searcher::State {
    std::shared_ptr<const Patterns::Database> database;
    hs_scratch_t* scratch = nullptr;
    std::vector<Hit> hits;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { hs_free_scratch(scratch); }
};

namespace {

constexpr std::string_view special = "^$.[]|()?*+{}\\";

/// How common a byte is in logs, roughly: the higher, the more.
constexpr std::array<std::uint8_t, 256> commonness = [] {
    constexpr std::string_view most = " e0tiao1n2rsd3l5c4p7:8.6=m9u-_/ghfy\"vbkw\nIN,FO";
    std::array<std::uint8_t, 256> out{};
    for (std::size_t i = 0; i < most.size(); ++i)
        out.at(static_cast<unsigned char>(most[i])) = static_cast<std::uint8_t>(most.size() - i);
    return out;
}();

/// The text that a pattern stands for; nullopt if it is more than a text.
std::optional<std::string> plain_text(std::string_view pattern) {
    std::string out;
    bool escaped = false;
    for (const char c : pattern) {
        const bool is_special = special.contains(c);
        if (escaped ? !is_special : is_special && c != '\\') return std::nullopt;
        escaped = !escaped && c == '\\';
        if (!escaped) out += c;
    }
    return escaped ? std::nullopt : std::optional(out);
}

std::string as_pattern(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (special.contains(c)) out += '\\';
        out += c;
    }
    return out;
}

/// How much of a text the search looks for. Hyperscan goes by the last bytes of a text: of
/// "exception" by "tion", of which logs are full, where "exce" is hardly in them.
std::size_t searched_part(std::string_view text) {
    constexpr std::size_t window = 4;
    std::size_t best = text.size();
    int least = INT_MAX;
    for (auto end = std::min(text.size(), window); end <= text.size(); ++end) {
        int common = 0;
        for (const char c : text.substr(end - std::min(end, window), window))
            common += commonness[static_cast<unsigned char>(c)];
        if (common > least) continue;
        least = common;
        best = end;
    }
    return best;
}

/// Calls `tell(id, end)` for each hit, as long as it gives true.
template <class Tell>
void scan(const Patterns::Database& database, hs_scratch_t* scratch, std::string_view text,
          Tell tell) {
    struct Context {
        const Patterns::Database& database;
        std::string_view text;
        Tell& tell;
    } context{database, text, tell};
    const auto on_hit = [](unsigned index, unsigned long long, unsigned long long to, unsigned,
                           void* given) {
        const auto& [found_in, whole, next] = *static_cast<const Context*>(given);
        const auto& [id, rest] = found_in.meanings[index];
        if (!whole.substr(to).starts_with(rest)) return 0;
        return next(id, to + rest.size()) ? 0 : 1;
    };
    for (const auto& [id, start] : database.starts)
        if (text.starts_with(start) && !tell(id, start.size())) return;
    const auto size = static_cast<unsigned>(std::min<std::size_t>(text.size(), UINT_MAX));
    // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): the size goes with it
    hs_scan(database.handle, text.data(), size, 0, scratch, on_hit, &context);
}

}  // namespace

triage::Result<Patterns> Patterns::compile(const std::vector<Pattern>& patterns) {
    auto database = std::make_shared<Database>();
    std::vector<std::string> searched;
    std::vector<const char*> texts;
    std::vector<unsigned> flags, ids;
    for (const auto& [pattern, id] : patterns) {
        // "^" makes a search by itself expensive: it stands for a line break, or the first line.
        const bool is_start = pattern.starts_with('^');
        auto text = plain_text(std::string_view(pattern).substr(is_start ? 1 : 0)).value_or("");
        if (is_start && !text.empty()) {
            database->starts.push_back({id, text});
            text.insert(0, 1, '\n');
        }
        const auto part = searched_part(text);
        searched.push_back(text.empty() ? pattern : as_pattern(text.substr(0, part)));
        database->meanings.push_back({id, text.substr(part)});
        ids.push_back(static_cast<unsigned>(ids.size()));
        flags.push_back(HS_FLAG_MULTILINE);
    }
    for (const auto& text : searched)
        texts.push_back(text.c_str());
    hs_compile_error_t* error = nullptr;
    const auto count = static_cast<unsigned>(texts.size());
    if (hs_compile_multi(texts.data(), flags.data(), ids.data(), count, HS_MODE_BLOCK, nullptr,
                         &database->handle, &error) == HS_SUCCESS)
        return Patterns(std::move(database));
    std::string why = error->message;
    if (error->expression >= 0) {
        const auto& pattern = patterns.at(static_cast<std::size_t>(error->expression)).text;
        why = triage::text("the pattern \"", pattern, "\" cannot be used: ", why);
    }
    hs_free_compile_error(error);
    return triage::Failed{std::move(why)};
}

bool Patterns::can_find(const std::string& pattern) {
    hs_expr_info_t* info = nullptr;
    hs_compile_error_t* error = nullptr;
    hs_expression_info(pattern.c_str(), HS_FLAG_MULTILINE, &info, &error);
    const bool can = info != nullptr && info->min_width > 0;
    std::free(info);  // NOLINT(cppcoreguidelines-no-malloc): Hyperscan has allocated it
    hs_free_compile_error(error);
    return can;
}

Searcher::Searcher(const Patterns& patterns) : state_(std::make_unique<State>()) {
    state_->database = patterns.database_;
    if (hs_alloc_scratch(state_->database->handle, &state_->scratch) != HS_SUCCESS)
        throw triage::CouldNotTell("no memory for searching the logs");
}
Searcher::Searcher(Searcher&&) noexcept = default;
Searcher& Searcher::operator=(Searcher&&) noexcept = default;
Searcher::~Searcher() = default;

const std::vector<Hit>& Searcher::search(std::string_view text) {
    auto& hits = state_->hits;
    hits.clear();
    scan(*state_->database, state_->scratch, text, [&](unsigned id, std::size_t end) {
        // A pattern that ends anywhere ("x.*") hits at every byte: its last end in a line is
        // enough.
        if (!hits.empty() && hits.back().id == id && hits.back().end + 1 == end &&
            text[hits.back().end] != '\n')
            hits.back().end = end;
        else
            hits.push_back({end, id});
        return true;
    });
    const auto by_end = [](const Hit& a, const Hit& b) { return a.end < b.end; };
    if (!std::ranges::is_sorted(hits, by_end)) std::ranges::stable_sort(hits, by_end);
    return hits;
}

bool Searcher::matches(std::string_view text) {
    bool found = false;
    scan(*state_->database, state_->scratch, text, [&found](unsigned, std::size_t) {
        found = true;
        return false;
    });
    return found;
}

}  // namespace logs
