// The HTTP service as the program gets it: from libtriage-net.so.
#include <dlfcn.h>

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/loop/loop.hpp"
#include "core/net/module.hpp"
#include "core/net/testing/raw_server.hpp"

namespace triage::net {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class OneAnswer final : public Sink {
public:
    void on_done(TransferId, Response response) override {
        answer = std::move(response);
        is_done = true;
    }
    Response answer;
    bool is_done = false;
};

TEST(LoadHttp, PerformsRequestsOnTheProgramsLoop) {
    const testing::RawServer server(testing::RawServer::always(testing::answer("loaded")));
    loop::Loop loop;
    auto http = load_http_from(TRIAGE_NET_LIBRARY, loop, {});
    ASSERT_TRUE(http) << http.error().message;
    OneAnswer sink;
    (*http)->start({.url = server.url(), .timeout = std::chrono::seconds(20)}, sink);
    loop.run_until([&] { return sink.is_done; });
    EXPECT_EQ(sink.answer.body, "loaded") << sink.answer.detail;
    OneAnswer named;
    (*http)->start({.url = "http://localhost:1/"}, named);
    loop.run_until([&] { return named.is_done; });
    EXPECT_EQ(named.answer.failure, Failure::refused) << named.answer.detail;
    http->reset();
}

TEST(LoadHttp, SaysWhatIsMissing) {
    loop::Loop loop;
    const auto missing = load_http_from("/no/such/libtriage-net.so", loop, {});
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message,
                AllOf(HasSubstr("cannot be loaded"), HasSubstr("/no/such/libtriage-net.so")));
    EXPECT_THAT(missing.error().remedy, HasSubstr("one build"));
    const auto other = load_http_from("libm.so.6", loop, {});
    ASSERT_FALSE(other);
    EXPECT_THAT(other.error().message, HasSubstr("libm.so.6 is not triage's HTTP service"));
}

TEST(LoadHttp, LooksBesideTheProgramsFolder) {
    loop::Loop loop;
    const auto http = load_http(loop, {});  // this test is not in bin/
    ASSERT_FALSE(http);
    EXPECT_THAT(http.error().message, HasSubstr("/lib/triage/libtriage-net.so"));
}

TEST(LoadHttp, RefusesAnotherBuild) {
    void* const library = ::dlopen(TRIAGE_NET_LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    ASSERT_NE(library, nullptr) << ::dlerror();
    const auto make = reinterpret_cast<MakeHttp>(::dlsym(library, make_http_symbol));
    ASSERT_NE(make, nullptr);
    loop::Loop loop;
    const Limits limits;
    std::unique_ptr<Http> http;
    std::string problem;
    make("triage 9.9", &loop, &limits, nullptr, &http, &problem);
    EXPECT_EQ(http, nullptr);
    EXPECT_THAT(problem, AllOf(HasSubstr("triage 9.9"), HasSubstr(interface_stamp())));
}

}  // namespace
}  // namespace triage::net
