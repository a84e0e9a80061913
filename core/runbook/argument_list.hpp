// The arguments of one check.
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "core/model/argument.hpp"

namespace triage::runbook {

// Reads like a vector of arguments, but those that many checks have in common are there only once:
// nearly all of ten thousand checks' arguments are defaults.
class ArgumentList {
    using Shared = std::shared_ptr<const model::Argument>;

public:
    class Iterator {
    public:
        using value_type = model::Argument;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        explicit Iterator(std::vector<Shared>::const_iterator at) : at_(at) {}
        const model::Argument& operator*() const { return **at_; }
        const model::Argument* operator->() const { return at_->get(); }
        Iterator& operator++() {
            ++at_;
            return *this;
        }
        Iterator operator++(int) { return Iterator(at_++); }
        bool operator==(const Iterator&) const = default;

    private:
        std::vector<Shared>::const_iterator at_;
    };

    Iterator begin() const { return Iterator(items_.begin()); }
    Iterator end() const { return Iterator(items_.end()); }
    std::size_t size() const { return items_.size(); }
    bool empty() const { return items_.empty(); }
    const model::Argument& operator[](std::size_t i) const { return *items_[i]; }
    // Do other lists have it too?
    bool is_shared(std::size_t i) const { return items_[i].use_count() > 1; }

    void reserve(std::size_t size) { items_.reserve(size); }
    void push_back(model::Argument argument) { share(make(std::move(argument))); }
    void share(Shared argument) { items_.push_back(std::move(argument)); }
    // Other checks that share the old one keep it.
    void replace(std::size_t i, model::Argument argument) { items_[i] = make(std::move(argument)); }

private:
    static Shared make(model::Argument argument) {
        return std::make_shared<const model::Argument>(std::move(argument));
    }

    std::vector<Shared> items_;
};

}  // namespace triage::runbook
