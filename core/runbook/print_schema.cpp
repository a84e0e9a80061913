// Prints the JSON Schema of the tests' plugins, for json_schema_test.py.
#include <fmt/format.h>

#include "core/runbook/testing.hpp"

int main() { fmt::print("{}", triage::runbook::json_schema(triage::runbook::testing::catalog())); }
