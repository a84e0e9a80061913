// The URLs in the arguments of a runbook's checks, each read once: validation reads them, the plan
// says where they lead, and requests go there. Many of ten thousand checks look at the same one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/error.hpp"
#include "core/base/url.hpp"

namespace triage::runbook {

// A URL as a parameter says it, and what it means.
struct ReadUrl {
    std::string text;
    base::Url url;
};

class ReadUrls {
public:
    using Shared = std::shared_ptr<const ReadUrl>;

    // Reads `text` if it was not read before; what is wrong with it is not kept.
    base::Result<Shared> read(std::string_view text) {
        if (auto known = find(text)) return known;
        auto url = base::parse_url(text);
        if (!url) return std::unexpected(std::move(url.error()));
        auto made = std::make_shared<const ReadUrl>(std::string(text), *std::move(url));
        known_.emplace(made->text, made);
        return made;
    }

    // Null if it was not read.
    Shared find(std::string_view text) const {
        const auto found = known_.find(text);
        return found == known_.end() ? nullptr : found->second;
    }

private:
    std::unordered_map<std::string_view, Shared> known_;  // the texts are the values' own
};

}  // namespace triage::runbook
