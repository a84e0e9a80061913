#include "patterns.hpp"

#include <hs/hs.h>

#include <algorithm>

#include <climits>
#include <triage/text.hpp>

namespace logs {

struct Patterns::Database {
    hs_database_t* handle = nullptr;

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

triage::Result<Patterns> Patterns::compile(const std::vector<Pattern>& patterns) {
    auto database = std::make_shared<Database>();
    std::vector<const char*> texts;
    std::vector<unsigned> flags, ids;
    for (const auto& pattern : patterns) {
        texts.push_back(pattern.text.c_str());
        flags.push_back(HS_FLAG_MULTILINE);
        ids.push_back(pattern.id);
    }
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
    const auto add = [](unsigned id, unsigned long long, unsigned long long to, unsigned,
                        void* context) {
        auto& found = *static_cast<std::vector<Hit>*>(context);
        // A pattern that ends anywhere ("x.*") hits at every byte: its last end is enough.
        if (!found.empty() && found.back().id == id && found.back().end + 1 == to)
            found.back().end = to;
        else
            found.push_back({to, id});
        return 0;
    };
    const auto size = static_cast<unsigned>(std::min<std::size_t>(text.size(), UINT_MAX));
    // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): the size goes with it
    hs_scan(state_->database->handle, text.data(), size, 0, state_->scratch, add, &hits);
    const auto by_end = [](const Hit& a, const Hit& b) { return a.end < b.end; };
    if (!std::ranges::is_sorted(hits, by_end)) std::ranges::stable_sort(hits, by_end);
    return hits;
}

bool Searcher::matches(std::string_view text) {
    bool found = false;
    const auto stop = [](unsigned, unsigned long long, unsigned long long, unsigned,
                         void* context) {
        *static_cast<bool*>(context) = true;
        return 1;
    };
    const auto size = static_cast<unsigned>(std::min<std::size_t>(text.size(), UINT_MAX));
    // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): the size goes with it
    hs_scan(state_->database->handle, text.data(), size, 0, state_->scratch, stop, &found);
    return found;
}

}  // namespace logs
