/// The host's function tables, and the plugin-wide state that every check is given.
#pragma once

#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

#include <triage/abi.h>
#include <triage/result.hpp>

namespace triage::detail {

class Definition;

struct Services {
    const triage_check_api* check = nullptr;
    const triage_http_api* http = nullptr;      // null: this host has no HTTP
    const triage_secret_api* secret = nullptr;  // null: this host has no secrets

    explicit Services(const triage_host& host)
        : check(find<triage_check_api>(host, TRIAGE_CHECK_API)),
          http(find<triage_http_api>(host, TRIAGE_HTTP_API)),
          secret(find<triage_secret_api>(host, TRIAGE_SECRET_API)) {}

    template <class Table>
    static const Table* find(const triage_host& host, const char* id) {
        return static_cast<const Table*>(host.service(&host, id));
    }

    /// The table, or an error that names it.
    template <class Table>
    static const Table& need(const Table* table, const char* id) {
        if (table != nullptr) return *table;
        throw CouldNotTell(std::string("this version of triage has no service ") + id +
                           ": use a version that has it, or an older version of the plugin");
    }
};

/// Made by the plugin's open(), handed to each check's create().
struct PluginState {
    Services services;
    const std::vector<std::unique_ptr<Definition>>* definitions;
    std::shared_ptr<void> user;
    const std::type_info* user_type = nullptr;
};

}  // namespace triage::detail
