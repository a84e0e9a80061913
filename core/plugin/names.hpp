// What names look like that plugins declare, and how to quote what does not.
#pragma once

#include <string>
#include <string_view>

namespace triage::plugin {

bool is_kebab(std::string_view name);  // ^[a-z][a-z0-9-]*$, at most 64 bytes
bool is_snake(std::string_view name);  // ^[a-z][a-z0-9_]*$, at most 64 bytes
// "PLUGIN.kebab-name".
bool is_code(std::string_view name, std::string_view plugin_id);
// "image" of "image[backend]", whose key is as abi.h says; else the whole.
std::string_view unkeyed(std::string_view fact);
bool is_capability(std::string_view word);  // net, fs.read, exec, secret.reveal

// Fit for a message: printable ASCII, other bytes as "?", cut after 80.
std::string quotable(std::string_view text);

}  // namespace triage::plugin
