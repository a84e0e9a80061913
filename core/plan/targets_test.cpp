#include "core/plan/targets.hpp"

#include <utility>
#include <vector>

#include <gmock/gmock.h>

namespace triage::plan {
namespace {

using model::ParamType;
using model::Shape;
using testing::ElementsAre;
using testing::IsEmpty;

model::Argument argument(std::string name, ParamType type, Shape shape,
                         std::vector<model::TemplatePart> values) {
    model::Argument made{std::move(name), type, shape, {}};
    for (auto& part : values) {
        model::ArgValue value;
        value.type = type;
        value.value = model::Template{{std::move(part)}};
        made.items.push_back({{}, std::move(value)});
    }
    return made;
}

runbook::Check check(std::vector<model::Argument> arguments) {
    runbook::Check made;
    for (auto& one : arguments)
        made.arguments.push_back(std::move(one));
    return made;
}

TEST(Targets, OfUrlsEndpointsAndPathsAreTheirTexts) {
    EXPECT_THAT(targets(check({argument("url", ParamType::url, Shape::one, {"http://x/"}),
                               argument("at", ParamType::endpoint, Shape::one, {"db:5432"}),
                               argument("files", ParamType::path, Shape::list, {"/var/log/a"})})),
                ElementsAre("/var/log/a", "db:5432", "http://x/"));
}

TEST(Targets, OfASecretUrlShowItsNameOnly) {
    const model::SecretRef secret{.name = "database_url"};
    EXPECT_THAT(targets(check({argument("url", ParamType::secret, Shape::one, {secret})})),
                ElementsAre("the secret 'database_url'"));
    EXPECT_THAT(targets(check({argument("secret-key", ParamType::secret, Shape::one, {secret})})),
                IsEmpty())
        << "a key is nowhere to go to";
}

TEST(Targets, OfContainersNameTheirEngine) {
    const auto engine =
        argument("docker-host", ParamType::string, Shape::one, {"unix:///var/run/docker.sock"});
    EXPECT_THAT(targets(check({argument("docker", ParamType::string, Shape::list,
                                        {"shop/*", "container:proxy"}),
                               engine})),
                ElementsAre("shop/*, container:proxy of unix:///var/run/docker.sock"));
    EXPECT_THAT(targets(check({engine})), IsEmpty()) << "nothing is asked of it";
    EXPECT_THAT(targets(check({argument("docker", ParamType::string, Shape::list, {"shop/*"})})),
                IsEmpty());
    EXPECT_THAT(targets(check({argument("ignore", ParamType::string, Shape::list,
                                        {"GET /healthz", "a/b/c", "/x", "plain"}),
                               engine})),
                IsEmpty());
}

}  // namespace
}  // namespace triage::plan
