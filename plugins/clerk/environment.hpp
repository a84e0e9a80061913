/// Where the keys are used, and whether they are of that kind of instance.
#pragma once

#include <string>

#include <triage/plugin.hpp>

#include "key.hpp"

namespace clerk {

namespace code {
inline constexpr triage::Code test_in_production{
    "clerk.test-key-in-production", triage::Weight::fail,
    "Production uses a key of a development instance",
    "Use the production instance's keys, both of them (Clerk's dashboard: API keys), and rebuild "
    "what has the publishable key built in"};
inline constexpr triage::Code live_in_development{
    "clerk.live-key-in-development", triage::Weight::warn,
    "A key of the production instance is used where no production is",
    "Use the development instance's keys: what is tried out here happens to real users"};
}  // namespace code

/// Declares the parameter `environment` of P.
template <class P>
void describe_environment(triage::Describe<P>& d) {
    d.optional("environment", &P::environment, "unknown",
               "Where the keys are used; says whether live or test keys are right")
        .choices({"unknown", "production", "development"});
}

/// `which` is "publishable key" or "secret key".
inline void judge_environment(triage::Context& ctx, const std::string& environment, Kind kind,
                              std::string_view which) {
    if (environment == "unknown") return;
    ctx.evaluated(code::test_in_production, code::live_in_development);
    if (environment == instance_name(kind)) return;
    ctx.found(kind == Kind::test ? code::test_in_production : code::live_in_development, which,
              triage::text("it is a ", name_of(kind), " key, of a ", instance_name(kind),
                           " instance; this is ", environment));
}

}  // namespace clerk
