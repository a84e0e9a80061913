// [secrets]: where they come from and where they may go.
#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/runbook/grants.hpp"
#include "core/runbook/misfits.hpp"
#include "core/runbook/reader.hpp"
#include "core/runbook/values.hpp"

namespace triage::runbook {
namespace {

constexpr std::array<std::string_view, 3> secret_keys{"from", "send-to", "doc"};
constexpr const char* where_to_put_it =
    "Put it into the environment or an env file, take it out of this file (and change it, if the "
    "file was ever shared), and write: { from = [\"env:NAME\"] }";

}  // namespace

void Values::declare_secrets(const Merged& merged) {
    for (const auto* entry : merged.secrets)
        declare_secret(*entry);
}

void Values::declare_secret(const Entry& entry) {
    secret_index_.emplace(entry.key, secrets_.size());
    auto& secret = secrets_.emplace_back();
    secret.name = entry.key;
    const auto* table = std::get_if<Table>(&entry.node.value);
    if (table == nullptr) {
        problems_.wrong_hidden(
            Rule::secret_literal, entry.at,
            fmt::format("the secret '{}' stands in the runbook itself", entry.key),
            where_to_put_it);
        return;
    }
    if (const auto* literal = find(*table, "default")) {
        problems_.wrong_hidden(Rule::secret_literal, literal->at,
                               fmt::format("the secret '{}' has a default: it would stand in the "
                                           "runbook itself",
                                           entry.key),
                               where_to_put_it);
        return;
    }
    const Reader reader(*table, entry.at, "a secret", secret_keys, problems_);
    reader.string("doc");
    reader.require("from", "an array such as [\"env:NAME\"]");
    const auto* from = reader.array("from");
    auto found = sources_.read(from == nullptr ? std::vector<SourceRef>() : sources_.parse(*from));
    if (found) {
        secret.value = std::move(found->value);
        secret.source = std::move(found->source);
    } else if (const auto& broken = found.error().broken) {
        unset_secrets_[entry.key] = {
            fmt::format("the secret '{}' cannot be known: {}", entry.key, broken->message),
            "Correct that file."};
    } else {
        unset_secrets_[entry.key] = {fmt::format("the secret '{}' is not set", entry.key),
                                     fmt::format("Set it as {}.", found.error().how_to_set)};
    }
    const auto* send_to = reader.array("send-to");
    if (send_to == nullptr) return;
    read_send_to(*send_to, secret);
    if (!send_to->empty()) return;
    problems_.wrong(
        Rule::bad_grant, reader.get("send-to")->node.at,
        fmt::format("'send-to' of '{}' is empty: the secret could go nowhere", secret.name),
        "Name origins, or leave send-to out: then it may go to the URLs of the checks "
        "that use it.");
}

void Values::read_send_to(const Array& array, Secret& secret) {
    for (const auto* node : only_strings(array, "send-to", problems_)) {
        busy_.emplace_back("send-to");  // what is missing is said where the secret is used
        const auto original = expand_original(*node);
        busy_.pop_back();
        const auto unusable = [&](const Absent& absent) {
            // Without this entry the list would be empty, which means more than the list says.
            secret.value.reset();
            if (absent.why) unset_secrets_[secret.name] = *absent.why;
        };
        if (!original) {
            unusable(original.error());
            continue;
        }
        const auto& [text, from] = *original;
        // A setting that names an API may have a path; what it grants is the origin all the same.
        // Of "http://${var.name}.example.com" a path could hide that the name ends elsewhere.
        if (auto origin = from.outside && !from.joined ? origin_of(text) : to_origin(text)) {
            secret.send_to.push_back(std::move(*origin));
        } else if (from.outside) {
            unusable(report_misfit(
                Rule::bad_grant, node->at, from,
                fmt::format("'send-to' of '{}': {} is not a URL", secret.name, shown(text, from)),
                problems_));
        } else {
            problems_.wrong(Rule::bad_grant, node->at, origin.error().message,
                            origin.error().remedy);
        }
    }
}

std::vector<std::string> Values::secret_names() const {
    std::vector<std::string> names;
    names.reserve(secrets_.size());
    for (const auto& secret : secrets_)
        names.push_back(secret.name);
    return names;
}

const Secret* Values::find_secret(const std::string& name) const {
    const auto found = secret_index_.find(name);
    return found == secret_index_.end() ? nullptr : &secrets_[found->second];
}

}  // namespace triage::runbook
