// The keys of a check that are not about its plugin.
#pragma once

#include <chrono>
#include <string>

#include "core/runbook/checks.hpp"
#include "core/runbook/problems.hpp"
#include "core/runbook/reader.hpp"
#include "core/runbook/runbook.hpp"
#include "core/runbook/values.hpp"

namespace triage::runbook {

class CheckFields {
public:
    CheckFields(Values& values, Problems& problems, std::chrono::microseconds deadline)
        : values_(values), problems_(problems), deadline_(deadline) {}

    // layer, tags, needs, when, attempts, on-fail: the same in all instances of a for-each.
    void read_common(const Reader& reader, Check& check, Links& links);
    // title, vantage, timeout: ${each} may be a part of them.
    void read_texts(const Reader& reader, Check& check, Scope scope);

    // A text for people; if a variable in it is unset it stays as it is written.
    std::string text(const Entry& entry);
    // A layer: any word of the form of an id.
    std::string word(const Entry& entry);

private:
    void read_on_fail(const Entry& entry, Check& check);
    void read_attempts(const Entry& entry, Check& check);
    void read_attempts_table(const Reader& reader, Check& check);
    void read_when(const Reader& reader, Check& check, Links& links);
    void read_values(const Entry& entry, std::vector<std::string>& result, Check& check);
    Expected<std::string> to_vantage(const Entry& entry, OriginalText vantage);

    Values& values_;
    Problems& problems_;
    std::chrono::microseconds deadline_;
};

}  // namespace triage::runbook
