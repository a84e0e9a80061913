#include "core/redact/redactor.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"
#include "core/redact/encodings.hpp"
#include "core/redact/known.hpp"
#include "core/redact/shapes.hpp"
#include "core/redact/url_parts.hpp"
#include "core/redact/value.hpp"

namespace triage::redact {
namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(space);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

constexpr std::size_t max_cuts = 64;  // in one text: what has more dots is no shortened text
constexpr std::size_t cut_window = 16 * 1024;  // bytes: what a cut may leave of the longest secrets

std::string token_for(std::string_view name) {
    return name.contains(':') ? fmt::format("<{}>", name) : fmt::format("<secret:{}>", name);
}

}  // namespace

struct Redactor::State {
    struct Secret {
        std::string name;
        std::string value;
    };

    mutable std::shared_mutex mutex;
    std::vector<Secret> secrets;
    std::set<std::string, std::less<>> ordinary;
    KnownSecrets known;
    CredentialTokens tokens;
    // What was learned. These know only that, and whom to ask for the rest.
    const Redactor* host = nullptr;                                            // in these
    std::map<std::string, std::unique_ptr<Redactor>, std::less<>> of_plugins;  // that learned any
    std::unique_ptr<Redactor> of_others;

    // Calls use(plugin, Redactor&) for each of them.
    template <class Use>
    void for_each_learned(Use use) const {
        if (of_others) use(std::string_view(), *of_others);
        for (const auto& [plugin, redactor] : of_plugins)
            use(std::string_view(plugin), *redactor);
    }

    bool is_everywhere(std::string_view value) const {
        return value.size() >= KnownSecrets::shortest && !ordinary.contains(value);
    }

    void add(std::string_view name, std::string_view value) {
        if (value.empty()) return;
        const std::string token = token_for(name);
        if (!tokens.emplace(value, token).second) return;
        secrets.push_back({std::string(name), std::string(value)});
        if (is_everywhere(value)) known.add(value, token);
    }

    void add_ordinary(std::string_view word) {
        if (!ordinary.emplace(word).second || !tokens.contains(std::string(word))) return;
        known = {};
        for (const Secret& secret : secrets) {
            if (is_everywhere(secret.value)) known.add(secret.value, token_for(secret.name));
        }
    }

    // The first `hidden` bytes are to disappear.
    std::vector<Span> spans_of(std::string_view text, std::size_t hidden) const {
        std::vector<Span> spans;
        if (hidden > 0) spans.push_back({0, hidden, ""});
        known.find(text, spans);
        return spans;
    }

    std::string without_known(std::string text) const {
        std::vector<Span> spans;
        known.find(text, spans);
        if (spans.empty()) return text;
        return replace(text, std::move(spans));
    }

    // Texts are shortened before they come here, by servers, plugins and limits: what is left of a
    // secret at such a place is a secret too. Short beginnings are not taken for one, nor words:
    // but of a long one that is cut off before an ellipsis nothing else is likely.
    std::string without_cut_known(std::string text) const {
        if (known.empty()) return text;
        std::vector<Span> spans;
        for (const std::size_t end : cut_ends(text)) {
            const std::size_t from = end - std::min(end, cut_window);
            const auto before = std::string_view(text).substr(from, end - from);
            const std::size_t begin = from + known.unfinished(before);
            const auto rest = std::string_view(text).substr(begin, end - begin);
            constexpr std::size_t long_word = 12;
            const bool is_plain = is_word(rest) && (end == text.size() || rest.size() < long_word);
            // "postgresql://…" is how any of them begins.
            if (rest.size() >= KnownSecrets::shortest && !is_plain && !rest.ends_with("://"))
                spans.push_back({begin, end, "<secret:cut>"});
        }
        if (spans.empty()) return text;
        return replace(text, std::move(spans));
    }

    // The text's end, and wherever an ellipsis says that something was left out.
    static std::vector<std::size_t> cut_ends(std::string_view text) {
        std::vector<std::size_t> ends;
        for (const std::string_view mark : {"\u2026", "..."}) {
            for (auto at = text.find(mark); at != text.npos && ends.size() < max_cuts;
                 at = text.find(mark, at + mark.size()))
                ends.push_back(at);
        }
        ends.push_back(text.size());
        return ends;
    }
};

Redactor::Redactor() : state_(std::make_unique<State>()) {}
Redactor::~Redactor() = default;

void Redactor::add(std::string_view name, std::string_view secret) {
    const std::unique_lock lock(state_->mutex);
    const std::string_view value = trimmed(secret);
    state_->add(name, value);
    const UrlParts url = split_url(value);
    for (const std::string& word : ordinary_words(url))
        state_->add_ordinary(word);
    state_->add(name, url.password);
    state_->add(name, unescape(Escaping::percent, url.password));
}

void Redactor::add_learned(std::string_view plugin, const std::string& secret, bool is_ordinary) {
    const std::unique_lock lock(state_->mutex);
    if (is_ordinary) state_->add_ordinary(secret);
    state_->add(plugin, secret);
}

void Redactor::learn(std::string_view plugin, std::string_view secret) {
    const std::unique_lock lock(state_->mutex);
    const auto make = [this](std::unique_ptr<Redactor>& made) {
        if (made) return;
        made = std::make_unique<Redactor>();
        made->state_->host = this;
    };
    make(state_->of_others);
    const auto found = state_->of_plugins.find(plugin);
    if (found == state_->of_plugins.end()) {
        auto& own = state_->of_plugins[std::string(plugin)];
        make(own);
        for (const State::Secret& known : state_->of_others->state_->secrets)
            own->add_learned(known.name, known.value, state_->ordinary.contains(known.value));
    }
    const std::string_view value = trimmed(secret);
    const std::string_view password = split_url(value).password;
    for (const auto& part :
         {std::string(value), std::string(password), unescape(Escaping::percent, password)}) {
        const bool is_ordinary = state_->ordinary.contains(part);
        state_->for_each_learned([&](std::string_view reader, Redactor& learned) {
            if (reader == plugin || is_secret_like(part))
                learned.add_learned(plugin, part, is_ordinary);
        });
    }
}

const Redactor& Redactor::of(std::string_view plugin) const {
    const std::shared_lock lock(state_->mutex);
    if (!state_->of_others) return *this;
    const auto own = state_->of_plugins.find(plugin);
    return own == state_->of_plugins.end() ? *state_->of_others : *own->second;
}

model::Text Redactor::redact(std::string_view raw) const {
    if (raw.empty()) return {};
    if (state_->host != nullptr) {
        std::string rest = state_->host->redact(raw).str();
        const std::shared_lock lock(state_->mutex);
        return model::Text(state_->without_cut_known(state_->without_known(std::move(rest))), 0);
    }
    const std::shared_lock lock(state_->mutex);
    std::string text = state_->without_known(std::string(raw));
    std::string shown = base::printable(text);
    // Control sequences that were taken out may have been in the middle of a secret.
    if (shown != text) shown = state_->without_known(std::move(shown));
    shown = state_->without_cut_known(std::move(shown));
    return model::Text(hide_shapes(std::move(shown), state_->tokens), 0);
}

std::string Redactor::scrub_known(std::string raw) const {
    const std::shared_lock lock(state_->mutex);
    return state_->without_known(std::move(raw));
}

std::string Redactor::scrub_known(std::string_view piece, Tail& tail) const {
    const std::shared_lock lock(state_->mutex);
    const std::string text = std::exchange(tail.held, {}).append(piece);
    const std::size_t end = state_->known.unfinished(text);
    std::vector<Span> spans = state_->spans_of(text, tail.hidden);
    tail = {.held = text.substr(end), .hidden = std::max(tail.hidden, end) - end};
    std::erase_if(spans, [end](const Span& span) { return span.begin >= end; });
    for (Span& span : spans) {
        if (span.end <= end) continue;
        tail.hidden = std::max(tail.hidden, span.end - end);
        span.end = end;
    }
    return replace(std::string_view(text).substr(0, end), std::move(spans));
}

std::string Redactor::scrub_rest(const Tail& tail) const {
    const std::shared_lock lock(state_->mutex);
    return replace(tail.held, state_->spans_of(tail.held, tail.hidden));
}

std::string Redactor::notice() const {
    const std::shared_lock lock(state_->mutex);
    std::set<std::string> names;
    const auto add_names = [&names](const State& state) {
        for (const State::Secret& secret : state.secrets) {
            if (!state.is_everywhere(secret.value)) names.insert(secret.name);
        }
    };
    add_names(*state_);
    state_->for_each_learned([&](std::string_view, const Redactor& learned) {
        const std::shared_lock learned_lock(learned.state_->mutex);
        add_names(*learned.state_);
    });
    if (names.empty()) return {};
    return fmt::format(
        "{} {} {} shorter than {} bytes or an ordinary word of this run: hidden only where a "
        "password, key or token is expected",
        names.size() == 1 ? "the secret" : "the secrets", fmt::join(names, ", "),
        names.size() == 1 ? "is" : "are", KnownSecrets::shortest);
}

}  // namespace triage::redact
