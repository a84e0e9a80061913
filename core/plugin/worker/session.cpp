#include "core/plugin/worker/session.hpp"

#include <chrono>
#include <utility>

#include "core/loop/loop.hpp"
#include "core/plugin/channel.hpp"
#include "core/plugin/runtime.hpp"
#include "core/plugin/spawn.hpp"
#include "core/plugin/worker/last_words.hpp"

namespace triage::plugin {
namespace {

// While so much waits for the host to read, nothing new is taken from it.
constexpr std::size_t max_unsent_bytes = std::size_t{8} << 20;

class Session final : private Upstream, private FrameHandler {
public:
    explicit Session(std::shared_ptr<Breadcrumbs> crumbs)
        : crumbs_(std::move(crumbs)),
          pool_(std::make_shared<Pool>(
              Pool::Options{.limit = max_pool_threads, .on_thread_start = prepare_thread})),
          channel_(loop_, FlushList::make(loop_), base::UniqueFd(worker_socket_fd), *this) {
        send_at_death(&channel_);
        loop_.at_turn_end([this] { channel_.pause(channel_.unsent() > max_unsent_bytes); });
    }

    ~Session() override { send_at_death(nullptr); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void run(const std::string& path) {
        if (auto opened = open(path); !opened) {
            channel_.send([&](std::string& out) { write_failed(out, opened.error()); });
        }
        loop_.run_until([this] { return !channel_.is_open(); });
        runtime_.reset();
    }

private:
    base::Result<void> open(const std::string& path) {
        auto loaded = load_plugin(path, *crumbs_);
        if (!loaded) return std::unexpected(std::move(loaded.error()));
        const auto info = loaded->info;
        Upstream& upstream = *this;
        auto runtime =
            std::make_unique<Runtime>(loop_, upstream, std::move(*loaded), pool_, crumbs_);
        if (auto opened = runtime->open(); !opened) return opened;
        channel_.send([&](std::string& out) { write_described(out, *info); });
        runtime_ = std::move(runtime);
        check_count_ = info->checks.size();
        return {};
    }

    void on_frame(FrameType type, std::string_view payload) override {
        if (!runtime_) return;  // it could not be opened; the host knows soon
        switch (type) {
            case FrameType::start:
                return on_start(payload);
            case FrameType::argument:
                return on_argument(payload);
            case FrameType::cancel:
            case FrameType::http_data:
                return on_call(payload, type);
            case FrameType::http_head:
            case FrameType::http_done:
                return on_response(payload, type);
            default:
                return;  // of a newer host
        }
    }
    void on_closed(const std::string&) override { loop_.stop(); }

    void on_argument(std::string_view payload) {
        auto argument = std::make_shared<CallArgument>();
        if (!read(payload, *argument)) return give_up();
        common_.push_back(std::move(argument));
    }

    bool read_start(std::string_view payload, StartMessage& message) const {
        if (!read(payload, message) || message.check_index >= check_count_) return false;
        for (const auto number : message.common) {
            if (number >= common_.size()) return false;
            message.arguments.common.push_back(common_[number]);
        }
        return true;
    }

    void on_start(std::string_view payload) {
        StartMessage message;
        if (!read_start(payload, message)) {
            if (message.call == CallId{}) return give_up();
            Outcome outcome;
            outcome.error = "the check's worker could not read its parameters";
            finished(message.call, std::move(outcome));
            return send_call(FrameType::ended,
                             {.call = message.call, .op = {}, .count = 0, .data = {}});
        }
        message.arguments.deadline = loop_.now() + std::chrono::microseconds(message.remaining_us);
        runtime_->start(message.call, message.check_index, std::move(message.arguments));
    }
    void on_call(std::string_view payload, FrameType type) {
        CallMessage message;
        if (!read(payload, message)) return give_up();
        if (type == FrameType::cancel) runtime_->cancel(message.call);
        if (type == FrameType::http_data)
            runtime_->http_data(message.call, message.op, message.data);
    }
    void on_response(std::string_view payload, FrameType type) {
        ResponseMessage message;
        if (!read(payload, message)) {
            if (message.op == OpId{}) return give_up();
            if (type == FrameType::http_head) http_cancel(message.call, message.op);
            return fail(message.call, message.op, net::Failure::local,
                        "the plugin's worker could not read the answer");
        }
        if (type == FrameType::http_head) {
            runtime_->http_head(message.call, message.op, message.response);
        } else {
            runtime_->http_done(message.call, message.op, std::move(message.response));
        }
    }

    // Somebody waits for what cannot be read, and it is not known who: the host sees this worker
    // end, and says so for all of its calls.
    void give_up() {
        channel_.close();
        loop_.stop();
    }
    void fail(CallId call, OpId op, net::Failure failure, std::string why) {
        net::Response response;
        response.failure = failure;
        response.detail = std::move(why);
        runtime_->http_done(call, op, std::move(response));
    }

    void http_start(CallId call, OpId op, net::Request request) override {
        const bool sent =
            channel_.send([&](std::string& out) { write_request(out, call, op, request); });
        if (sent || !channel_.is_open()) return;
        loop_.defer([this, call, op] {  // runtime_ lives as long as the loop turns
            fail(call, op, net::Failure::bad_request, "the request is larger than 32 MiB");
        });
    }
    void http_cancel(CallId call, OpId op) override {
        send_call(FrameType::http_cancel, {.call = call, .op = op, .count = 0, .data = {}});
    }
    void http_consumed(CallId call, OpId op, std::size_t bytes) override {
        send_call(FrameType::http_consumed, {.call = call, .op = op, .count = bytes, .data = {}});
    }
    void secret_learned(CallId call, std::string text) override {
        send_call(FrameType::secret, {.call = call, .op = {}, .count = 0, .data = text});
    }
    void finished(CallId call, Outcome outcome) override {
        const auto send = [&](const Outcome& what) {
            return channel_.send([&](std::string& out) { write_outcome(out, call, what); });
        };
        if (send(outcome) || !channel_.is_open()) return;
        Outcome too_large;
        too_large.error = "the check's result is larger than 32 MiB";
        send(too_large);
    }
    void ended(CallId call) override {
        runtime_->forget(call);
        send_call(FrameType::ended, {.call = call, .op = {}, .count = 0, .data = {}});
    }
    void send_call(FrameType type, const CallMessage& message) {
        channel_.send([&](std::string& out) { write_call(out, type, message); });
    }

    loop::Loop loop_;
    std::shared_ptr<Breadcrumbs> crumbs_;
    std::shared_ptr<Pool> pool_;
    Channel channel_;
    std::size_t check_count_ = 0;
    std::vector<std::shared_ptr<const CallArgument>> common_;  // by number
    std::unique_ptr<Runtime> runtime_;
};

}  // namespace

void serve(const std::string& plugin_path, const std::shared_ptr<Breadcrumbs>& crumbs) {
    Session(crumbs).run(plugin_path);
}

}  // namespace triage::plugin
