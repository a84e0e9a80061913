/// The workbench's check with a parameter of every type and shape.
#include <triage/plugin.hpp>

using namespace std::chrono_literals;

namespace workbench {
namespace {

struct All {
    bool flag;
    int small;
    std::int64_t big;
    double real;
    std::string word;
    std::chrono::milliseconds duration;
    triage::Url url;
    triage::Endpoint endpoint;
    triage::Path path;
    triage::Secret secret;
    triage::Any any;
    std::optional<std::string> maybe;
    std::vector<std::int64_t> list;
    triage::Map<std::string> table;
    std::map<std::string, triage::Any> sorted;
    triage::Map<triage::Secret> secrets;
    std::vector<triage::Path> paths;

    static void describe(triage::Describe<All>& d) {
        d.optional("flag", &All::flag, true, "A bool");
        d.optional("small", &All::small, 7, "An int").at_least(1).at_most(1000);
        d.optional("big", &All::big, -5'000'000'000, "An int of 64 bits");
        d.optional("real", &All::real, 0.25, "A float").at_least(0.0);
        d.optional("word", &All::word, "a \"b\"\n\\", "A string").choices({"a \"b\"\n\\", "other"});
        d.optional("duration", &All::duration, 1500ms, "A duration").at_most(1min).within_timeout();
        d.required("url", &All::url, "A URL").example("http://127.0.0.1:8000/");
        d.optional("endpoint", &All::endpoint, triage::Endpoint("[::1]:5432"), "An endpoint");
        d.optional("path", &All::path, triage::Path("/etc"), "A path");
        d.optional("secret", &All::secret, "A secret");
        d.optional("any", &All::any, triage::Any(std::string("x")), "A scalar");
        d.optional("maybe", &All::maybe, "May be absent")
            .pattern("[a-z]+")
            .regex()
            .not_with("flag", "false")
            .writes("POST", "url", "flag")
            .refuse("none|nil", "it names nothing")
            .differs_from({"word", "url"});
        d.optional("list", &All::list, {200, 204}, "A list").example(200);
        d.optional("table", &All::table, {{"b", "1"}, {"a", "2"}}, "A table").not_empty();
        d.optional("sorted", &All::sorted, "A table of scalars")
            .key_pattern("[a-z]+")
            .keys_of("table")
            .refuse_keys("x.*", "they are reserved");
        d.optional("secrets", &All::secrets, "A table of secrets");
        d.optional("paths", &All::paths, "A list of one").at_most_one();
        d.one_of({"maybe", "list"});
    }
};

triage::Check show(const All& p, triage::Context& ctx) {
    std::string out = triage::text(p.flag, "|", p.small, "|", p.big, "|", p.real, "|", p.word, "|",
                                   p.duration, "|", p.url.str(), "|", p.endpoint.host(), "|",
                                   p.endpoint.port(), "|", p.path.str(), "|", p.any, "|",
                                   p.maybe.value_or("(none)"), "|", static_cast<bool>(p.secret));
    for (const auto value : p.list) {
        out += triage::text("|", value);
    }
    for (const auto& [key, value] : p.table) {
        out += triage::text("|", key, "=", value);
    }
    for (const auto& [key, value] : p.sorted) {
        out += triage::text("|", key, "=", value, "#", value.index());
    }
    for (const auto& [key, value] : p.secrets) {
        out += triage::text("|", key, "=", static_cast<bool>(value));
    }
    ctx.log(out);
    co_return triage::done(out);
}

}  // namespace

void add_params_check(triage::Plugin& plugin) {
    plugin.check<All>("params", "Every type and shape", "nothing", show, {});
}

}  // namespace workbench
