// What the tests of this folder share: plugins as a host would know them, and inputs.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/runbook/validate.hpp"

namespace triage::runbook::testing {

// health.endpoint, cors.preflight, clerk.pairing, db.postgres; a broken plugin "logs"; one that
// declares nonsense, "odd".
Catalog catalog();

// Nothing in the environment, no files, 2026-06-15.
Inputs inputs();
Inputs with_environment(std::map<std::string, std::string> environment);

// The same with .env files, by path.
Inputs with_files(const std::map<std::string, std::string>& files,
                  std::map<std::string, std::string> environment = {});

// parse() and validate() of `body` behind "triage = 1" and a name.
Validated validate_text(const std::string& body, const Inputs& outside = inputs());

// One line for each diagnostic: "LINE:COLUMN rule message". Lines count from the body's first.
std::vector<std::string> summary(const Diagnostics& diagnostics);

// The text of an argument's values, as "key=value" for maps; secrets and facts as references.
std::vector<std::string> texts(const Check& check, std::string_view parameter);

const Check& check_of(const Validated& validated, std::string_view id);

// A valid runbook of `checks` checks with references, for-each, needs and facts.
std::string large_runbook(std::size_t checks);

}  // namespace triage::runbook::testing
