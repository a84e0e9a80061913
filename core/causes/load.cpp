#include <deque>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "core/causes/causes.hpp"
#include "core/causes/read.hpp"
#include "core/runbook/parse.hpp"
#include "core/runbook/problems.hpp"

namespace triage::causes {
namespace {

using diagnose::Rules;
using runbook::Problems;

// A file, with what was wrong in it by now.
struct File {
    explicit File(runbook::Document read) : document(std::move(read)), problems(document.sources) {}
    runbook::Document document;
    Problems problems;
};

struct Place {
    File* file;
    runbook::Position id;
    std::vector<runbook::Position> leads_to;
};

class Loader {
public:
    explicit Loader(const redact::Redactor& redactor) : redactor_(redactor) {}

    void read(const std::string& path) {
        auto document = runbook::load(path);
        if (!document) {
            unreadable_.insert(unreadable_.end(), document.error().begin(), document.error().end());
            return;
        }
        auto& file = files_.emplace_back(std::move(*document));
        for (auto& read : read_causes(file.document, redactor_, file.problems)) {
            const auto [first, is_new] =
                places_.try_emplace(read.rule.id, Place{&file, read.id, std::move(read.leads_to)});
            if (is_new) {
                rules_.push_back(std::move(read.rule));
            } else {
                file.problems.wrong(
                    runbook::Rule::duplicate_id, read.id,
                    fmt::format("there is another cause '{}': {}", read.rule.id,
                                first->second.file->problems.place(first->second.id)));
            }
        }
    }

    Loaded take() {
        check_links();
        break_cycles();
        Loaded out{.rules = std::move(rules_), .diagnostics = std::move(unreadable_)};
        for (auto& file : files_) {
            auto found = file.problems.take();
            out.diagnostics.insert(out.diagnostics.end(), found.begin(), found.end());
        }
        return out;
    }

private:
    void check_links() {
        for (auto& rule : rules_) {
            auto& place = places_.at(rule.id);
            std::vector<std::string> good;
            for (std::size_t i = 0; i < rule.leads_to.size(); ++i) {
                const auto& id = rule.leads_to[i];
                if (places_.contains(id)) {
                    good.push_back(id);
                    continue;
                }
                place.file->problems.wrong(
                    runbook::Rule::unknown_id, place.leads_to.at(i),
                    fmt::format("there is no cause '{}'.{}", id,
                                place.file->problems.hint(id, [&] { return ids(); })));
            }
            rule.leads_to = std::move(good);
        }
    }

    std::vector<std::string> ids() const {
        std::vector<std::string> out;
        for (const auto& [id, place] : places_)
            out.push_back(id);
        return out;
    }

    // Says each circle, and cuts it where it closes: what is left can be used.
    void break_cycles() {
        std::map<std::string, diagnose::Rule*> by_id;
        for (auto& rule : rules_)
            by_id.emplace(rule.id, &rule);
        std::map<std::string, int> state;  // 1: on the path, 2: done
        std::vector<std::string> path;
        const auto visit = [&](const auto& self, diagnose::Rule& rule) -> void {
            state[rule.id] = 1;
            path.push_back(rule.id);
            std::erase_if(rule.leads_to, [&](const std::string& id) {
                if (state[id] == 0) self(self, *by_id.at(id));
                if (state[id] != 1) return false;
                say_cycle(rule.id, id, path);
                return true;
            });
            path.pop_back();
            state[rule.id] = 2;
        };
        for (auto& [id, rule] : by_id)
            if (state[id] == 0) visit(visit, *rule);
    }

    void say_cycle(const std::string& from, const std::string& to,
                   const std::vector<std::string>& path) {
        std::string circle = to;
        for (auto at = std::ranges::find(path, to) + 1; at != path.end(); ++at)
            circle += " → " + *at;
        const auto& place = places_.at(from);
        place.file->problems.wrong(
            runbook::Rule::cycle, place.id,
            fmt::format("causes lead to each other in a circle: {} → {}", circle, to),
            "What a cause leads to is its consequence: take one 'leads-to' away.");
    }

    const redact::Redactor& redactor_;
    std::deque<File> files_;
    Rules rules_;
    std::map<std::string, Place> places_;
    runbook::Diagnostics unreadable_;
};

}  // namespace

Loaded load(const std::vector<std::string>& files, const redact::Redactor& redactor) {
    Loader loader(redactor);
    for (const auto& file : files)
        loader.read(file);
    return loader.take();
}

}  // namespace triage::causes
