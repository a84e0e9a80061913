// The parts of reading that runs and bundles share.
#pragma once

#include <chrono>
#include <string_view>

#include "core/base/error.hpp"
#include "core/bundle/fields.hpp"
#include "core/model/result.hpp"

namespace triage::bundle {

base::Result<boost::json::value> parse(std::string_view json);

// What is wrong goes to the fields' Reading.
model::Run run_of(const Fields& fields);

}  // namespace triage::bundle
