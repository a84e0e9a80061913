/// The checks of the plugin `clerk`. README.md is their manual page.
#pragma once

#include <triage/plugin.hpp>

namespace clerk {

/// Adds `clerk.keys`: the publishable key, the frontend API that it names, and its key set.
void add_keys(triage::Plugin& plugin);

/// Adds `clerk.pairing`: whether the secret key works, and is of the same instance.
void add_pairing(triage::Plugin& plugin);

/// Adds `clerk.redirect`: where the UI sends a browser that is not signed in.
void add_redirect(triage::Plugin& plugin);

/// Adds `clerk.api`: what a protected API does without a token, and with one that is made up.
void add_api(triage::Plugin& plugin);

/// Adds `clerk.token`: a session token that was supplied, and what the API says to it.
void add_token(triage::Plugin& plugin);

}  // namespace clerk
