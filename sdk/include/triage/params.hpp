/// triage/params.hpp: a check's parameters, declared once.
///
///     struct Params {
///         triage::Url url;
///         std::chrono::milliseconds slow;
///         static void describe(triage::Describe<Params>& d) {
///             d.required("url", &Params::url, "Where to look");
///             d.optional("slow", &Params::slow, 500ms, "Warn when slower").at_least(1ms);
///         }
///     };
///
/// Names, types, shapes, defaults, bounds and texts all come from here: the host validates the
/// runbook, fills in defaults, prints `triage plugins NAME` and makes the editors' JSON Schema. The
/// values are decoded once, before the check starts.
///
/// Member types: bool, integers (INT), double, std::string, std::chrono durations, Url, Endpoint,
/// Path, Secret, Any. Shapes: T is one value, std::optional<T> one that may be absent,
/// std::vector<T> a list, Map<T> (in the runbook's order) or std::map<std::string, T> a table.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include <triage/detail/param_types.hpp>

namespace triage {

/// An RE2 pattern of digits that are no port: 0, or above 65535. For Param::refuse().
inline constexpr const char* no_port =
    "(?:0+|0*(?:[1-9][0-9]{5,}|[7-9][0-9]{4}|6[6-9][0-9]{3}|65[6-9][0-9]{2}|655[4-9][0-9]|"
    "6553[6-9]))";

/// One declared parameter: what Describe::required and ::optional return, to say more about it:
///
///     d.optional("mode", &Params::mode, "fast", "How to look").choices({"fast", "thorough"});
///
/// The host checks a runbook against all of this before anything runs, so the check itself needs
/// no code for values that are out of bounds. Defaults must satisfy their own constraints.
class Param {
public:
    /// The least value that is allowed (numbers and durations; of lists, for each element).
    template <class V>
    Param& at_least(const V& bound);
    /// The greatest value that is allowed.
    template <class V>
    Param& at_most(const V& bound);

    /// The strings that are allowed.
    Param& choices(std::vector<std::string> allowed);

    /// An RE2 pattern that the whole string must match: of a list each element, of a table each
    /// value.
    Param& pattern(std::string expression);

    /// The string is a regular expression itself (RE2's syntax; of a list each element, of a table
    /// each value): a runbook with one that cannot be read is wrong.
    Param& regex();
    /// The same, with a group in it: what the check wants is what the group matches.
    Param& regex_with_group();

    /// An RE2 pattern that every whole key of a table must match.
    Param& key_pattern(std::string expression);

    /// An RE2 pattern: a whole string that it matches (of a list each element, of a table each
    /// value) is wrong. `why` is one line, without a full stop, that says so of the value:
    ///
    ///     .refuse("CONNECT|TRACE", "no page can send it")
    Param& refuse(std::string expression, std::string why);
    /// The same of a table's keys.
    Param& refuse_keys(std::string expression, std::string why);

    /// Its keys are keys of the table `other` as well: one that is not there makes no sense.
    Param& keys_of(std::string other);

    /// A list or table that is given must have something in it.
    Param& not_empty();

    /// A list that may be empty, as a variable may be, and has no place for a second one.
    Param& at_most_one();

    /// It makes no sense where the STRING or BOOL parameter `other` is `value` ("HEAD", "true"): a
    /// runbook that says both is wrong. A value that is a fact is not known before the run: the
    /// check itself must look at it.
    Param& not_with(std::string other, std::string value);

    /// It makes no sense above the value of `other`, a parameter of the same type: a number or a
    /// duration.
    Param& not_above(std::string other);

    /// Its value is none of those of `others`, which are strings or URLs, also lists of them. URLs
    /// are the same if their origins are.
    Param& differs_from(std::vector<std::string> others);

    /// A duration that is shorter than the check's own `timeout`, which all of the check has to fit
    /// into. (A duration called `timeout` is held to that without being told.)
    Param& within_timeout();

    /// It is a path, below the URL of the parameter `base`, to which the check sends `method`, if
    /// the BOOL parameter `only_if` is true ("": always). `triage validate` then tells if [allow]
    /// does not grant it. Grants nothing.
    Param& writes(std::string method, std::string base, std::string only_if = "");

    /// A value for documentation and templates; useful where there is no default. Of a list: one
    /// element.
    template <class V>
    Param& example(const V& value);

private:
    template <class P>
    friend class Describe;
    friend class detail::ParamTable;

    std::string name_, doc_, pattern_, key_pattern_, keys_of_;
    std::string refuse_, refuse_why_, refuse_key_, refuse_key_why_;
    std::string not_with_, not_with_value_, not_above_, write_method_, write_base_, write_if_;
    std::string fallback_, minimum_, maximum_, example_;  // JSON value texts, "" is none
    std::vector<std::string> choices_, differs_from_;
    std::vector<const char*> choice_texts_, differs_from_texts_;
    std::uint32_t type_ = 0, shape_ = 0, min_items_ = 0, syntax_ = 0, flags_ = 0;
    bool required_ = false;
};

/// Collects the parameters of the struct P. `doc` is one line, without a full stop at its end.
template <class P>
class Describe {
public:
    /// The runbook must give it.
    template <class M>
    Param& required(const char* name, M P::* member, const char* doc);

    /// The runbook may give it; otherwise it is `fallback`.
    template <class M>
    Param& optional(const char* name, M P::* member, const std::type_identity_t<M>& fallback,
                    const char* doc);

    /// The runbook may give it; otherwise it is empty (nullopt, an empty list or table, a false
    /// Secret).
    template <class M>
    Param& optional(const char* name, M P::* member, const char* doc);

    /// At least one of these optional parameters must be given, and not be empty.
    void one_of(std::vector<std::string> names) { one_of_ = std::move(names); }

private:
    friend class detail::ParamTable;
    template <class>
    friend class detail::ParamDecoder;

    template <class M>
    Param& add(const char* name, M P::* member, const char* doc);

    std::vector<std::string> one_of_;
    std::deque<Param> params_;  // a deque: references that were handed out stay valid
    std::vector<std::function<void(P&, const detail::ParamReader&)>> decoders_;
};

}  // namespace triage

#include <triage/detail/params.hpp>
