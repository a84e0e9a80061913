// What a check may touch: what its runbook's parameters name, and what [allow] adds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model/schema.hpp"
#include "core/runbook/runbook.hpp"

namespace triage::plan {

// A parameter's text whose type makes it a grant.
struct TypedText {
    model::ParamType type = model::ParamType::string;
    std::string text;
    std::string param;     // for explanations: "url"
    bool is_fixed = true;  // not if a fact or secret is a part of it
};

struct Grants {
    std::vector<std::string> origins;  // GET, HEAD and OPTIONS may be sent there
    std::vector<std::string> write;    // "POST /api/*": on those origins too
    std::vector<std::string> unix_sockets;
    std::vector<std::string> net;     // "host:port"
    std::vector<std::string> read;    // paths
    std::vector<std::string> reveal;  // secrets the plugin may see

    bool may_send(std::string_view method, std::string_view origin, std::string_view path) const;
};

// `allow` may be null. A URL grants its origin, an endpoint its connection, a path its reading.
Grants grants_for(const std::vector<TypedText>& parameters, const runbook::Allow* allow);

// The texts of `check`'s parameters of granting types, as far as they are known before the run: a
// part that is a fact shows as "${fact.CHECK.KEY}".
std::vector<TypedText> granting_parameters(const runbook::Check& check);

// A template as the runbook wrote it: secrets and facts as references.
std::string display(const model::Template& text);

}  // namespace triage::plan
