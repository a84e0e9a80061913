#include "own.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include <triage/text.hpp>

#include "clusters.hpp"
#include "regex.hpp"

namespace logs {
namespace {

/// In each line that is not empty, once.
constexpr const char* every_line = ".$";

/// One piece of a pattern that means to bytes what it means to letters, or nearly. Groups: what
/// asks for the end, for the start; what stands for any letter but some; flags; a letter beyond
/// ASCII.
constexpr const char* piece = R"re(\A(?:(\$|\\z)|(\\A)|)re"
                              R"re((\.|\\[DSW]|\[\^\]?(?&inside)*\])|)re"
                              R"re(\(\?(?:([is]*(?:-[is]+)?)[:)]|P<\w+>)|)re"
                              R"re(([\xc2-\xf4][\x80-\xbf]+)|)re"
                              R"re(\\Q[\x00-\x7f]*?(?:\\E|\z)|\[\]?(?&inside)*\]|)re"
                              R"re(\\[bB]|(?&escape)|\((?!\?)|[^\\\[(\x80-\xff])|)re"
                              R"re((?!)(?<escape>\\(?:[dswtnrfa[:punct:]]|x[0-7][[:xdigit:]])))re"
                              R"re((?<inside>\[:\w+:\]|\[(?!:)|(?&escape)|[^\\\]\[\x80-\xff]))re";

}  // namespace

Stand stand_in(std::string_view pattern) {
    static const Regex pieces(piece);
    constexpr const char* end_of_line = "(?:\\r?$)";  // lines stand in a longer text
    enum Group : std::uint8_t { whole, end, start, wide, flags, letter };
    Stand out{.text = {}, .exact = true};
    bool ignores_case = false, has_letters = false;
    std::vector<std::string_view> found;
    for (auto rest = pattern; !rest.empty();) {
        if (!pieces.search(rest, found)) return {every_line, false};
        rest.remove_prefix(found[whole].size());
        const char next = rest.empty() ? '\0' : rest[0];
        ignores_case |= found[flags].contains('i');
        has_letters |= !found[letter].empty();
        // One letter may be several bytes: enough for two of these, and \B is between them.
        if ((!found[wide].empty() && next != '*') || found[whole] == "\\B") out.exact = false;
        if (!found[end].empty()) {
            out.text += end_of_line;
        } else if (!found[start].empty()) {
            out.text += '^';
        } else if (found[whole].starts_with("(?P<")) {
            out.text += '(';
        } else if (!found[wide].empty() && next != '*' && next != '+') {
            out.text += triage::text("(?:", found[wide], "[\\x80-\\xbf]*)");
        } else if (!found[letter].empty() && std::string_view("*+?{").contains(next)) {
            out.text += triage::text("(?:", found[letter], ")");
        } else {
            out.text += found[whole];
        }
    }
    if (ignores_case && has_letters) return {every_line, false};
    return out;
}

/// RE2's meaning, as far as a stand-in does not have it already.
struct Own::LastWord {
    std::optional<Regex> letters, otherwise;

    LastWord() = default;
    /// Throws std::invalid_argument.
    explicit LastWord(const std::string& pattern) {
        letters.emplace(pattern.c_str(), Regex::Of::utf8_lines);
        try {
            otherwise.emplace(pattern.c_str(), Regex::Of::lines);
        } catch (const std::invalid_argument&) {  // it has letters that are no byte
            otherwise.emplace(pattern.c_str(), Regex::Of::broken_utf8_lines);
        }
    }

    /// A line that is not UTF-8 is taken for letters of one byte.
    bool allows(std::string_view line) const {
        if (!letters) return true;
        const auto found = letters->find(line);
        return found ? *found : otherwise->find(line).value_or(false);
    }
};

namespace {

triage::Result<Patterns> numbered(const std::vector<Stand>& stands) {
    std::vector<Patterns::Pattern> out;
    for (const auto& stand : stands)
        out.push_back({stand.text, static_cast<unsigned>(out.size())});
    return Patterns::compile(out);
}

/// What Hyperscan cannot find (it fits the empty text, repeats too often) is left to PCRE2.
Patterns compile_stands(std::vector<Stand>& stands) {
    const auto leave = [&stands](auto is_too_much) {
        for (auto& stand : stands)
            if (is_too_much(stand)) stand = {every_line, false};
    };
    leave([](const Stand& one) { return !Patterns::can_find(one.text); });
    if (auto all = numbered(stands)) return all.value();
    leave([](const Stand& one) { return !numbered({one}); });
    if (auto all = numbered(stands)) return all.value();
    leave([](const Stand&) { return true; });  // too much together
    return numbered(stands).value();
}

}  // namespace

Own::Own(std::vector<Stand> stands, Patterns patterns)
    : stands_(std::move(stands)),
      patterns_(std::move(patterns)),
      last_words_(std::make_shared<std::vector<LastWord>>()) {}

triage::Result<Own> Own::compile(const std::vector<std::string>& patterns) {
    std::vector<Stand> stands;
    for (const auto& pattern : patterns) {
        if (pattern.empty()) return triage::Failed{"the pattern \"\" cannot be used: it is empty"};
        stands.push_back(stand_in(pattern));
    }
    auto compiled = compile_stands(stands);
    Own out(std::move(stands), std::move(compiled));
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        try {
            out.last_words_->push_back(out.stands_[i].exact ? LastWord() : LastWord(patterns[i]));
        } catch (const std::invalid_argument& wrong) {
            return triage::Failed{
                triage::text("the pattern \"", patterns[i], "\" cannot be used: ", wrong.what())};
        }
    }
    return out;
}

bool Own::is_everywhere(std::size_t index) const {
    const auto& word = last_words_->at(index);  // "^$" is in the empty text only
    return word.letters && word.allows("") && word.allows("\x01");
}

int OwnMatcher::first_in(std::string_view line) {
    found_.clear();
    for (const auto& hit : searcher_.search(line))
        found_.push_back(hit.id);
    std::ranges::sort(found_);
    found_.erase(std::ranges::unique(found_).begin(), found_.end());
    const auto first = std::ranges::find_if(
        found_, [&](unsigned id) { return own_.last_words_->at(id).allows(line); });
    return first == found_.end() ? no_index : static_cast<int>(*first);
}

}  // namespace logs
