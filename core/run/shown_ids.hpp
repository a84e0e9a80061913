// Ids as a report shows them.
#pragma once

#include <map>
#include <string>

#include <fmt/format.h>

#include "core/model/text.hpp"
#include "core/redact/redactor.hpp"

namespace triage::run {

// Two instances of a for-each may differ in a secret only: "login[<password>]" and
// "login[<password>]#2", so that their results can be told apart. Ask in the runbook's order.
class ShownIds {
public:
    explicit ShownIds(const redact::Redactor& redactor) : redactor_(redactor) {}

    model::Text of(const std::string& id) {
        auto shown = redactor_.redact(id);
        if (shown.str() == id) return shown;
        const unsigned count = ++same_[shown.str()];
        return count == 1 ? shown : redactor_.redact(fmt::format("{}#{}", shown.str(), count));
    }

private:
    const redact::Redactor& redactor_;
    std::map<std::string, unsigned> same_;
};

}  // namespace triage::run
