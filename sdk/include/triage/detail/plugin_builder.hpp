/// Definitions of triage/plugin.hpp.
#pragma once

#include <triage/plugin.hpp>

namespace triage {

template <class P>
Plugin& Plugin::check(const char* name, const char* doc, const char* cost,
                      std::type_identity_t<AsyncCheck<P>> function, const std::vector<Code>& codes,
                      const std::vector<FactInfo>& facts) {
    parts_->add(std::make_unique<detail::AsyncDefinition<P>>(detail::CheckTexts{name, doc, cost},
                                                             function, codes, facts));
    return *this;
}

template <class P>
Plugin& Plugin::check(const char* name, const char* doc, const char* cost,
                      std::type_identity_t<BlockingCheck<P>> function,
                      const std::vector<Code>& codes, const std::vector<FactInfo>& facts) {
    parts_->add(std::make_unique<detail::BlockingDefinition<P>>(detail::CheckTexts{name, doc, cost},
                                                                function, codes, facts));
    return *this;
}

inline Plugin& Plugin::deep() {
    parts_->last().set_flag(TRIAGE_CHECK_DEEP, true);
    return *this;
}

inline Plugin& Plugin::not_repeatable() {
    parts_->last().set_flag(TRIAGE_CHECK_REPEATABLE, false);
    return *this;
}

template <class T>
Plugin& Plugin::state(std::function<std::unique_ptr<T>()> make) {
    parts_->set_state([make = std::move(make)] { return std::shared_ptr<void>(make()); },
                      typeid(T));
    return *this;
}

}  // namespace triage
