// Text that is put together of pieces.
#pragma once

#include <string>
#include <vector>

#include "core/model/argument.hpp"
#include "core/runbook/values.hpp"

namespace triage::runbook {

class Joiner {
public:
    // False: an array cannot be a part of a text.
    bool add(Value value);
    void add_part(model::TemplatePart part);

    // A string, or a template if a reference is still open.
    Value take();

private:
    std::vector<model::TemplatePart> parts_;
    bool open_ = false;
    Origin origin_;
};

}  // namespace triage::runbook
