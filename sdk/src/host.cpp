#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <triage/testing.hpp>

#include "canned_http.hpp"
#include "declaration.hpp"
#include "run.hpp"

namespace triage::testing {

struct FakeHost::State {
    triage_host host{};  // first: service() gets its address
    std::vector<std::string> withheld;
    const triage_plugin* plugin = nullptr;
    void* plugin_state = nullptr;
    CannedHttp http;
    RunOptions options;
};

namespace {

const void* service(const triage_host* host, const char* id) {
    const auto& state = *reinterpret_cast<const FakeHost::State*>(host);
    const auto& withheld = state.withheld;
    if (std::find(withheld.begin(), withheld.end(), id) != withheld.end()) return nullptr;
    if (std::strcmp(id, TRIAGE_CHECK_API) == 0) return &check_api();
    if (std::strcmp(id, TRIAGE_HTTP_API) == 0) return &http_api();
    if (std::strcmp(id, TRIAGE_SECRET_API) == 0) return &secret_api();
    return nullptr;
}

}  // namespace

Entry load_plugin(const std::string& path) {
    // glibc keeps dlerror's text per thread.
    const auto loader_text = [] { return dlerror(); };
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(loader_text());
    void* symbol = dlsym(library, TRIAGE_ENTRY_SYMBOL);
    if (symbol == nullptr) throw std::runtime_error(loader_text());
    return reinterpret_cast<Entry>(symbol);
}

FakeHost::FakeHost(Entry entry) : FakeHost(entry, {}) {}

FakeHost::FakeHost(Entry entry, std::vector<std::string> withheld_services)
    : state_(std::make_unique<State>()) {
    state_->withheld = std::move(withheld_services);
    state_->host = {sizeof(triage_host), TRIAGE_ABI_MAJOR, TRIAGE_ABI_MINOR, 0,
                    "0.0.0-fake",        service};
    state_->plugin = entry(&state_->host);
    if (state_->plugin == nullptr) {
        throw std::runtime_error("the plugin does not want this host: entry returned NULL");
    }
    const auto& plugin = *state_->plugin;
    char error[256] = "(open said no reason)";
    if (plugin.open != nullptr &&
        plugin.open(&state_->host, &state_->plugin_state, error, sizeof error) != 0) {
        throw std::runtime_error(text("open failed: ", static_cast<const char*>(error)));
    }
}

FakeHost::~FakeHost() {
    if (state_->plugin->close != nullptr) state_->plugin->close(state_->plugin_state);
}

FakeHost& FakeHost::answer(std::string method, std::string url, Reply reply) {
    state_->http.add(std::move(method), std::move(url), std::move(reply));
    return *this;
}

FakeHost& FakeHost::shuffle(std::uint64_t seed) {
    state_->options.seed = seed;
    return *this;
}

FakeHost& FakeHost::deadline(std::chrono::microseconds after_start) {
    state_->options.deadline = after_start;
    return *this;
}

FakeHost& FakeHost::cancel_at(int event) {
    state_->options.cancel_at = event;
    return *this;
}

FakeHost& FakeHost::wall_clock(std::chrono::sys_time<std::chrono::microseconds> at_start) {
    state_->options.wall_clock = at_start;
    return *this;
}

FakeHost& FakeHost::fd_patience(std::chrono::milliseconds real_time) {
    state_->options.fd_patience = real_time;
    return *this;
}

FakeHost& FakeHost::allow_reveal() {
    state_->options.allow_reveal = true;
    return *this;
}

Result FakeHost::run(const std::string& check, const Params& params) {
    const auto& plugin = *state_->plugin;
    for (std::uint32_t i = 0; i < plugin.check_count; ++i) {
        if (check == plugin.checks[i]->name) {
            Run run(*plugin.checks[i], state_->plugin_state, params, state_->http, state_->options);
            return run.go();
        }
    }
    throw std::invalid_argument(text("the plugin ", plugin.id, " has no check ", check));
}

std::vector<std::string> FakeHost::declaration_violations() const {
    return judge_declaration(*state_->plugin);
}

const triage_plugin& FakeHost::plugin() const { return *state_->plugin; }

}  // namespace triage::testing
