// Throws C++ exceptions through the C boundary.
#include <stdexcept>

#include <triage/abi.h>

namespace {

std::int32_t create(void*, triage_ctx*, void** check) {
    *check = nullptr;
    return 0;
}
std::int32_t create_throws(void*, triage_ctx*, void**) { throw std::runtime_error("in create"); }
std::int32_t step(void*, triage_ctx*, const triage_event*) { throw std::runtime_error("in step"); }
std::int32_t step_odd(void*, triage_ctx*, const triage_event*) { throw 42; }
void run(void*, triage_ctx*) { throw std::runtime_error("in run"); }
std::int32_t done(void*, triage_ctx*, const triage_event*) { return TRIAGE_DONE; }
void destroy(void*) {}

using Create = decltype(triage_check::create);
using Step = decltype(triage_check::step);
using Run = decltype(triage_check::run);

constexpr triage_check make(const char* name, Create create_fn, Step step_fn, Run run_fn) {
    return {sizeof(triage_check),
            TRIAGE_CHECK_REPEATABLE,
            name,
            "Throws",
            "nothing",
            nullptr,
            0,
            0,
            nullptr,
            nullptr,
            0,
            0,
            create_fn,
            step_fn,
            run_fn,
            destroy,
            nullptr};
}
constexpr triage_check in_create = make("create", create_throws, done, nullptr);
constexpr triage_check in_step = make("step", create, step, nullptr);
constexpr triage_check odd = make("odd", create, step_odd, nullptr);
constexpr triage_check in_run = make("run", create, nullptr, run);
constexpr triage_check good = make("good", create, done, nullptr);
constexpr const triage_check* checks[] = {&in_create, &in_step, &odd, &in_run, &good};

constexpr triage_plugin plugin{
    sizeof(triage_plugin), TRIAGE_ABI_MAJOR, TRIAGE_ABI_MINOR, 5,      "throws", "1.0.0",
    "Throws through C",    checks,           nullptr,          nullptr};

TRIAGE_NOTE("throws", "1.0.0", "");

}  // namespace

extern "C" const triage_plugin* triage_plugin_entry(const triage_host*) { return &plugin; }
