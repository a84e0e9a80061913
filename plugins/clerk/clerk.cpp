#include "clerk.hpp"

namespace {

triage::Plugin make_plugin() {
    triage::Plugin plugin("Answers whether sign-in with Clerk can work: keys, tokens, redirects");
    clerk::add_keys(plugin);
    clerk::add_pairing(plugin);
    clerk::add_redirect(plugin);
    clerk::add_api(plugin);
    clerk::add_token(plugin);
    return plugin;
}

}  // namespace

TRIAGE_PLUGIN(make_plugin());
