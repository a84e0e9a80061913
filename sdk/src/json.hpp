/// A reader of JSON value texts, as far as defaults and bounds of parameters need it.
#pragma once

#include <string_view>

#include <triage/testing/params.hpp>

namespace triage::testing {

/// A scalar, a flat array or a flat object. Throws std::invalid_argument that quotes the text.
ParamInput parse_json(std::string_view json);

}  // namespace triage::testing
