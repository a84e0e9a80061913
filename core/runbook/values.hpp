// Variables, secrets and the environment: puts what is known now into strings of the runbook.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "core/base/error.hpp"
#include "core/model/argument.hpp"
#include "core/runbook/merge.hpp"
#include "core/runbook/problems.hpp"
#include "core/runbook/reference.hpp"
#include "core/runbook/runbook.hpp"
#include "core/runbook/sources.hpp"

namespace triage::runbook {

using Scalar = std::variant<bool, std::int64_t, double, std::string>;

// Where a value came from; empty: it stands where it is used.
struct Origin {
    std::string name;      // "the variable 'api', from env:API_URL"
    std::string argument;  // "--var api", if it came from there
    bool outside = false;  // text that has no type of its own: converted to what is wanted
    bool untyped = false;  // outside, whole, and no default in the runbook says which type it has
    bool joined = false;   // put together of several parts
    bool hidden = false;   // outside, and perhaps a secret: no message shows it
};

// A value with its references put in, but those that are open until the run.
struct Value {
    std::variant<bool, std::int64_t, double, std::string, std::vector<Scalar>, model::Template>
        value;
    Origin origin;
};

// A value that is text, wherever its parts came from.
struct OriginalText {
    std::string text;
    Origin origin;
};

// Why there is no value; has been reported. `why` is set if something is missing here; otherwise
// the runbook is wrong.
struct Absent {
    std::optional<base::Error> why;
};

template <class T>
using Expected = std::expected<T, Absent>;

// What may stand where a string stands.
struct Scope {
    const Scalar* each = nullptr;  // of the for-each
    const Origin* each_origin = nullptr;
    // There is a for-each, but what it lists cannot be known; why has been reported.
    bool each_unknown = false;
    bool open = false;     // a parameter: facts may stand here
    bool secrets = false;  // of type secret
};

class Values {
public:
    // Everything must outlive this. Reports what is wrong with [vars], [secrets] and --var.
    Values(const Merged& merged, const Inputs& inputs, Problems& problems);

    // Node: a scalar. What cannot be had is reported at its place.
    Expected<Value> expand(const Node& node, Scope scope);
    // The same for text alone.
    Expected<std::string> expand_text(const Node& node, Scope scope = {});
    Expected<OriginalText> expand_original(const Node& node, Scope scope = {});
    // The same for an array of scalars, or a reference to one; the result holds scalars. `what` is
    // for messages.
    Expected<Value> expand_list(const Node& node, std::string_view what);

    const std::vector<Secret>& secrets() const { return secrets_; }
    const Secret* find_secret(const std::string& name) const;
    std::vector<std::string> secret_names() const;

    // Variables, secrets and all of the env files that were read, sorted by name.
    std::vector<Setting> settings() const;

    // What a reader must know: that a file is not there, and defaults are used instead.
    std::vector<std::string> notices() const;

private:
    enum class State : std::uint8_t { fresh, busy, done };
    struct Variable {
        const Entry* declared = nullptr;  // in [vars]
        const Entry* profiled = nullptr;  // in the chosen profile
        std::optional<std::string> argument;
        State state = State::fresh;
        Expected<Value> value = std::unexpected(Absent{});
        std::string how_to_set;  // if it is not set
        // Why it has its default: files that are not there.
        std::vector<std::string> absent_files;
    };

    void declare_variables(const Merged& merged, const Inputs& inputs);
    void choose_profile(const Merged& merged, const std::string& name);
    void check_profiles(const Merged& merged);
    void declare_secrets(const Merged& merged);
    void declare_secret(const Entry& entry);
    void read_send_to(const Array& array, Secret& secret);

    std::vector<std::string> variable_names() const;
    const Expected<Value>& resolve(const std::string& name, Variable& variable);
    Expected<Value> evaluate(const std::string& name, Variable& variable);
    Expected<Value> from_entry(const std::string& name, Variable& variable, const Entry& entry);
    Expected<Value> instead_of(const std::string& name, Variable& variable, NotFound missing,
                               Expected<Value> fallback);
    Expected<Value> from_argument(const std::string& name, Variable& variable);
    std::optional<Value> typed_like(const std::string& text, const Node* pattern) const;
    const Node* default_of(const Variable& variable) const;

    Expected<Value> literal(const Node& node);
    Expected<Value> put_in(const std::vector<Piece>& pieces, const Node& node, Scope scope);
    Expected<Value> look_up(const Piece& piece, const Node& node, Scope scope);
    Expected<Value> variable(const Piece& piece, const Node& node);
    Expected<Value> environment(const Piece& piece, const Node& node);
    Expected<Value> secret(const Piece& piece, const Node& node, Scope scope);
    Expected<Value> counted(Expected<Value> value, const Node& node);
    Absent wrong(Rule rule, const Node& node, const Piece& piece, std::string message,
                 std::string remedy = {});
    Absent unmet(Rule rule, const Node& node, const Piece& piece, base::Error why);

    Problems& problems_;
    const std::set<std::string, std::less<>>& unread_;
    std::string vars_option_;
    bool vars_hidden_;
    Sources sources_;
    std::map<std::string, Variable> variables_;
    std::map<std::string, std::set<std::string>> defaults_used_;  // by file that is not there
    std::vector<std::string> busy_;  // what is being evaluated, outermost first
    std::size_t expanded_ = 0;       // bytes of text that references were put into
    std::vector<Secret> secrets_;
    std::unordered_map<std::string, std::size_t> secret_index_;
    std::map<std::string, base::Error> unset_secrets_;  // by name: why it cannot be used
};

std::string to_text(const Scalar& value);

// "a,b, c"
std::vector<Scalar> split_at_commas(const std::string& text);

}  // namespace triage::runbook
