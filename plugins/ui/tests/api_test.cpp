/// Where scripts call the API: each way to be wrong, told from the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../judge.hpp"

namespace ui {
namespace {

struct Case {
    const char *page, *built_with, *api, *code;
};

std::string code_of(const Case& one, std::int64_t auto_port = 8000) {
    triage::Judgement out;
    judge_api(out, one.page, one.built_with, one.api, auto_port);
    EXPECT_LE(out.findings().size(), 1U) << one.built_with;
    return out.findings().empty() ? "" : out.findings().front().code->name;
}

class JudgeApi : public testing::TestWithParam<Case> {};

TEST_P(JudgeApi, SaysWhatIsWrong) { EXPECT_EQ(code_of(GetParam()), GetParam().code); }

constexpr const char *app = "https://app.example.com/", *api = "https://api.example.com";
constexpr const char *local = "http://localhost:3000/", *local_api = "http://127.0.0.1:8000";

INSTANTIATE_TEST_SUITE_P(
    All, JudgeApi,
    testing::Values(
        Case{app, api, api, ""}, Case{app, "https://API.example.com:443/", api, ""},
        Case{app, " https://api.example.com// ", api, ""},
        Case{local, "http://localhost:8000", local_api, ""}, Case{local, "auto", local_api, ""},
        Case{local, "AUTO", local_api, ""}, Case{local, "", local_api, ""},
        Case{local, "auto", "http://127.0.0.1:8001", "ui.api-url-other"},
        Case{app, "auto", api, "ui.api-url-other"},
        Case{app, "api.example.com", api, "ui.api-url-invalid"},
        Case{app, "undefined", api, "ui.api-url-invalid"},
        Case{app, "http://backend:8000", api, "ui.api-url-internal"},
        Case{app, "http://host.docker.internal:8000", api, "ui.api-url-internal"},
        Case{"http://mc:3000/", "http://mc:8000", "http://mc:8000", ""},
        Case{app, "http://localhost:8000", api, "ui.api-url-local"},
        Case{"https://localhost/", "http://localhost:8000", local_api, ""},
        Case{app, "http://api.example.com", api, "ui.api-url-mixed"},
        Case{app, "http://api.example.com", "http://api.example.com", "ui.api-url-mixed"},
        Case{app, "https://api2.example.com", api, "ui.api-url-other"},
        Case{local, "http://127.0.0.1:9000", local_api, "ui.api-url-other"},
        Case{app, "https://api.example.com/api/v1", api, "ui.api-url-path"},
        Case{app, "https://me:secret@api.example.com", api, "ui.api-url-invalid"},
        Case{app, "https://@api.example.com", api, "ui.api-url-invalid"},
        Case{app, "https://api.example.com?v=1", api, "ui.api-url-path"},
        Case{app, "https://api.example.com/?", api, "ui.api-url-path"},
        Case{app, "https://api.example.com/#", api, "ui.api-url-path"},
        Case{local, "http://127.0.0.1.evil.com:8000", local_api, "ui.api-url-other"},
        Case{app, "https://example.com/backend/", "https://example.com/backend", ""},
        Case{app, "https://example.com", "https://example.com/backend", "ui.api-url-path"}));

TEST(JudgeApi, SaysBothAddresses) {
    triage::Judgement out;
    judge_api(out, app, "https://api.example.com:8443", api, 8000);
    ASSERT_EQ(out.findings().size(), 1U);
    const auto& one = out.findings().front();
    EXPECT_EQ(one.subject, app);
    EXPECT_EQ(one.message,
              "calls https://api.example.com:8443; the API is "
              "https://api.example.com (only the port differs)");
}

}  // namespace
}  // namespace ui
