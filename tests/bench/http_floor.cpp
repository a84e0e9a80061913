// The bare program that core/net is measured against.
#include "tests/bench/bare_client.hpp"

int main(int argc, char** argv) {
    const auto options = triage::bench::read_options(argc, argv);
    triage::bench::BareClient client(options);
    const triage::bench::Meter meter;
    const int failed = client.run();
    meter.report(options.count, failed);
    return failed == 0 ? 0 : 1;
}
