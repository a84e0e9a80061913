/// A plugin that uses everything the wrapper offers, one check for each. Its tests are
/// wrapper_*.cpp.
#include "workbench.hpp"

#include <unistd.h>

#include <stdexcept>

#include <triage/plugin.hpp>

using namespace std::chrono_literals;

namespace workbench {

std::atomic<int> frames_alive = 0;

namespace {

constexpr triage::Code odd{"workbench.odd", triage::Weight::warn, "Something is odd", "Look"};
constexpr triage::Code other{"workbench.other", triage::Weight::fail, "Something else"};
constexpr triage::Fact<std::string> server{"server", "The Server header"};
constexpr triage::Fact<std::int64_t> count{"count", "How many"};
constexpr triage::Fact<bool> truth{"truth", "Whether"};
constexpr triage::Fact<double> ratio{"ratio", "How much"};

/// Lives in a coroutine's frame: shows that frames are destroyed.
struct Guard {
    Guard() { ++frames_alive; }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard() { --frames_alive; }
};

struct Get {
    triage::Url url;
    triage::Secret token;
    static void describe(triage::Describe<Get>& d) {
        d.required("url", &Get::url, "Where to look");
        d.optional("token", &Get::token, "Sent as bearer token");
    }
};

triage::Check get(const Get& p, triage::Context& ctx) {
    auto response = co_await ctx.http(triage::Request("GET", p.url)
                                          .header("Accept", "application/json; charset=utf-8")
                                          .header("Authorization", "Bearer ", p.token)
                                          .timeout(3s));
    if (response.could_not_ask()) co_return triage::could_not_tell(response.describe());
    ctx.evaluated(odd, other);
    if (!response.ok() || response.status() != 200) {
        ctx.found(odd, p.url, response.describe())
            .evidence("phase", response.phase_name())
            .evidence("took", response.total())
            .remedy("Start it")
            .weight(triage::Weight::fail);
    }
    if (const auto value = response.header("SERVER")) ctx.fact(server, std::string(*value));
    ctx.metric("total", response.total());
    ctx.log("asked " + p.url.str());
    co_return triage::done(triage::text(response.describe(), " in ", response.total()));
}

struct Many {
    triage::Url base;
    std::int64_t count;
    static void describe(triage::Describe<Many>& d) {
        d.required("base", &Many::base, "Where to look");
        d.optional("count", &Many::count, 5, "How many at once").at_least(0).at_most(100);
    }
};

triage::Task<std::string> body_of(triage::Context& ctx, triage::Url url) {
    const Guard guard;
    auto response = co_await ctx.http(triage::Request("GET", url).timeout(3s));
    if (!response.ok()) throw std::runtime_error(response.describe());
    ctx.log(response.body());
    co_return response.body();
}

triage::Task<int> status_of(triage::Context& ctx, triage::Url url) {
    const Guard guard;
    const auto response = co_await ctx.http(triage::Request("GET", url).timeout(3s));
    co_return response.status();
}

triage::Task<> pause(triage::Context& ctx) { co_await ctx.sleep(1ms); }

triage::Check many(const Many& p, triage::Context& ctx) {
    std::vector<triage::Task<std::string>> tasks;
    tasks.reserve(static_cast<std::size_t>(p.count));
    for (std::int64_t i = 0; i < p.count; ++i) {
        tasks.push_back(body_of(ctx, p.base.join(std::to_string(i))));
    }
    const auto bodies = co_await triage::all(std::move(tasks));
    std::string joined;
    for (const auto& body : bodies) {
        joined += body;
    }
    co_await pause(ctx);
    co_return triage::done(joined);
}

triage::Check pair(const Many& p, triage::Context& ctx) {
    auto [body, status] = co_await triage::all(body_of(ctx, p.base.join("body")),
                                               status_of(ctx, p.base.join("status")));
    co_return triage::done(triage::text(body, " ", status, " at ", ctx.deadline() - ctx.now()));
}

triage::Check stream(const Get& p, triage::Context& ctx) {
    const Guard guard;
    auto body = ctx.http_stream(triage::Request("GET", p.url).timeout(3s));
    const auto status = (co_await body.head()).status();
    std::string all;
    while (auto chunk = co_await body.next()) {
        all += *chunk;
        if (all == "stop") co_return triage::done("stopped");
    }
    const auto& end = body.end();
    co_return triage::done(triage::text(status, " ", triage::excerpt(all, 40), " ",
                                        end.body_bytes(), " ", end.describe()));
}

struct Fd {
    int fd;
    std::chrono::milliseconds limit;
    static void describe(triage::Describe<Fd>& d) {
        d.required("fd", &Fd::fd, "Descriptor to read from");
        d.optional("limit", &Fd::limit, -1ms, "How long");
    }
};

triage::Check fd(const Fd& p, triage::Context& ctx) {
    const auto ready = p.limit < 0ms ? co_await ctx.wait_fd(p.fd, triage::Interest::read)
                                     : co_await ctx.wait_fd(p.fd, triage::Interest::read, p.limit);
    if (ready.timed_out) co_return triage::done("timed out");
    char byte = 0;
    const auto got = ready.read ? ::read(p.fd, &byte, 1) : 0;
    co_return triage::done(
        triage::text(got == 1 ? std::string(1, byte) : "nothing", " error=", ready.error));
}

struct Text {
    std::string text;
    static void describe(triage::Describe<Text>& d) {
        d.optional("text", &Text::text, "", "What to do");
    }
};

triage::Check work(const Text& p, triage::Context& ctx) {
    const Guard guard;
    std::string seen;
    auto size = co_await ctx.blocking([&seen, &p, &ctx] {
        if (p.text == "throw") throw std::runtime_error("the library said no");
        ctx.log("from the pool");
        seen = p.text;
        return std::make_unique<std::size_t>(p.text.size());  // move-only results work as well
    });
    const auto append = [&seen, suffix = std::string("!")] { seen += suffix; };
    co_await ctx.blocking(append);
    co_return triage::done(triage::text(seen, " ", *size));
}

triage::Check throws(const Text& p, triage::Context& ctx) {
    const Guard guard;
    if (p.text == "early") throw std::runtime_error("before the first wait");
    co_await ctx.sleep(1s);
    if (p.text == "number") throw 42;
    if (p.text == "state") ctx.state<std::string>();
    throw triage::CouldNotTell("after a wait");
}

triage::Check sleeps(const Text&, triage::Context& ctx) {
    const auto before = ctx.now();
    co_await ctx.sleep(250ms);
    co_await ctx.sleep(0ms);
    co_return triage::done(triage::text(ctx.now() - before, ", ", ctx.left(), " left"));
}

triage::Check stuck(const Text&, triage::Context&) {
    co_await std::suspend_always();
    co_return triage::done("never");
}

triage::Check secret(const Get& p, triage::Context& ctx) {
    const auto text = ctx.reveal(p.token);
    if (!text) co_return triage::could_not_tell(text.reason());
    ctx.add_secret("learned-token");
    ctx.log("learned-token");
    co_return triage::done(triage::text(text.value().size(), " bytes"));
}

triage::Check state(const Text&, triage::Context& ctx) {
    co_return triage::done(std::to_string(++ctx.state<int>()));
}

void blocking(const Text& p, triage::BlockingContext& ctx) {
    if (p.text == "throw") throw std::runtime_error("the library said no");
    if (p.text == "unknown") return ctx.could_not_tell("no idea");
    int rounds = 0;
    while (p.text == "loop" && !ctx.cancelled())
        ++rounds;
    ctx.found(other, "loop", triage::text(rounds, " rounds"));
    ctx.fact(count, 3);
    ctx.fact(count, "shop/web 1", 4);
    ctx.fact(truth, true);
    ctx.fact(ratio, 0.5);
    ctx.metric("size", 12, "By");
    ctx.summary("ran");
}

}  // namespace

void add_params_check(triage::Plugin& plugin);

triage::Plugin make_plugin() {
    triage::Plugin plugin("Uses everything that the wrapper offers");
    plugin.check<Get>("get", "One GET", "1 GET", get, {odd, other}, {server})
        .check<Many>("many", "Several GETs at once", "5 GET", many, {})
        .check<Many>("pair", "Two tasks of different types", "2 GET", pair, {})
        .check<Get>("stream", "A body in chunks", "1 GET", stream, {})
        .check<Fd>("fd", "A descriptor", "nothing", fd, {})
        .check<Text>("work", "Blocking work", "nothing", work, {})
        .check<Text>("throws", "Exceptions", "nothing", throws, {})
        .check<Text>("sleeps", "Timers", "nothing", sleeps, {})
        .check<Text>("stuck", "Waits for nothing", "nothing", stuck, {})
        .check<Get>("secret", "Reveals", "nothing", secret, {})
        .check<Text>("state", "Counts", "nothing", state, {})
        .check<Text>("blocking", "A blocking check", "nothing", blocking, {other},
                     {count, truth, ratio})
        .deep()
        .not_repeatable()
        .state<int>([] { return std::make_unique<int>(0); });
    add_params_check(plugin);
    return plugin;
}

}  // namespace workbench

TRIAGE_PLUGIN(workbench::make_plugin());
