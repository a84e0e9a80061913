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
    // For a URL: its origin stands in the runbook. What a fact says comes from a target, which must
    // not choose where triage goes and takes secrets.
    bool names_origin = true;
};

// RFC 9110, 9.2.1: GET, HEAD, OPTIONS. TRACE is of no use to a check.
bool is_safe(std::string_view method);

struct Grants {
    std::vector<std::string> origins;  // GET, HEAD and OPTIONS may be sent there
    std::vector<std::string> named;    // those of them that the check's own URLs name: secrets that
                                       // have no send-to go there
    std::vector<std::string> write;    // "POST /api/*": on those origins too
    std::vector<std::string> unix_sockets;
    std::vector<std::string> net;                 // "host:port"
    std::vector<std::string> read;                // paths
    std::vector<std::string> reveal;              // secrets the plugin may see
    std::vector<runbook::ReadUrls::Shared> urls;  // the check's own

    bool may_send(std::string_view method, std::string_view origin, std::string_view path) const;
};

// `allow` may be null. A URL grants its origin, an endpoint its connection, a path its reading, as
// far as the runbook itself says it: what comes from facts needs [allow]. `known`: those of its
// URLs that were read before.
Grants grants_for(const std::vector<TypedText>& parameters, const runbook::Allow* allow,
                  const runbook::ReadUrls& known = {});

// Does the runbook itself say where such a URL leads, whatever facts become of its rest?
bool names_origin(const model::Template& text);

// The texts of `check`'s parameters of granting types, as far as they are known before the run: a
// part that is a fact shows as "${fact.CHECK.KEY}".
std::vector<TypedText> granting_parameters(const runbook::Check& check);

// A template as the runbook wrote it: secrets and facts as references.
std::string display(const model::Template& text);

}  // namespace triage::plan
