#include "core/plugin/instance.hpp"

#include <algorithm>
#include <chrono>
#include <exception>

namespace triage::plugin {

Instance::Instance(Surroundings& around, CallId id, const triage_check& check,
                   std::size_t check_index, Call call)
    : around_(around),
      crumbs_(around.crumbs),
      link_(around.link),
      info_(around.info),
      loop_thread_(around.loop_thread),
      id_(id),
      check_(check),
      call_(std::move(call)),
      outcome_(info_->checks[check_index]) {}

// An exception through C is undefined, but where it can be caught it costs one check only.
template <class Function>
auto Instance::call_plugin(Crumb& crumb, Callback callback, Function function)
    -> std::optional<decltype(function())> {
    const auto threw = [&](const std::string& what) {
        report([&](OutcomeBuilder& out) {
            out.violation(std::string(name(callback)) + "() threw an exception: " + what);
        });
    };
    const CrumbScope scope(crumb, callback, id_);
    const bool on_loop = &crumb == &loop_crumb();
    const OutsideHost outside(on_loop ? around_.lock : nullptr, info_->id, crumb);
    try {
        return function();
    } catch (const std::exception& problem) {
        threw(problem.what());
    } catch (...) {
        threw("not a std::exception");
    }
    return std::nullopt;
}

void Instance::start() {
    crumbs_->begun.fetch_add(1, std::memory_order_relaxed);
    if (!create() || cancelled()) {
        finish();
    } else if (check_.run != nullptr) {
        start_run();
    } else {
        stage_ = Stage::waiting;
        deliver(TRIAGE_EVENT_START, OpId{0});
    }
}

bool Instance::create() {
    stage_ = Stage::in_callback;
    const auto result = call_plugin(loop_crumb(), Callback::create, [this] {
        return check_.create(around_.plugin_state, &ctx_, &state_);
    });
    created_ = result == 0;
    if (result && *result != 0) {
        report([&](OutcomeBuilder& out) {
            out.error("create() failed with " + std::to_string(*result) + " and gave no reason",
                      "This is a bug of the plugin: tell its author.");
        });
    }
    return created_;
}

void Instance::deliver(std::uint32_t kind, OpId op, std::uint32_t ready) {
    triage_event event{};
    event.size = sizeof(event);
    event.kind = kind;
    event.op = std::to_underlying(op);
    event.ready = ready;
    deliver(event);
}

void Instance::deliver(const triage_event& event) {
    if (stage_ != Stage::waiting) return;
    stage_ = Stage::in_callback;
    const auto self = shared_from_this();
    after_step(call_plugin(loop_crumb(), Callback::step,
                           [&] { return check_.step(state_, &ctx_, &event); }));
}

void Instance::after_step(std::optional<std::int32_t> result) {
    if (result == TRIAGE_PENDING && !operations_.empty()) {
        stage_ = Stage::waiting;
        if (cancelled()) cancel();
        return;
    }
    report([&](OutcomeBuilder& out) {
        if (result == TRIAGE_PENDING) {
            out.violation(
                "step() returned TRIAGE_PENDING but waits for nothing, so it would "
                "never end");
        } else if (result && result != TRIAGE_DONE) {
            out.violation("step() returned " + std::to_string(*result) +
                          ", expected 0 (TRIAGE_PENDING) or 1 (TRIAGE_DONE)");
        }
    });
    finish();
}

void Instance::cancel() {
    cancelled_.store(true, std::memory_order_relaxed);
    if (stage_ != Stage::waiting) return;  // then what is under way comes to its end first
    const auto self = shared_from_this();
    drop_operations();
    stage_ = Stage::in_callback;
    triage_event event{};
    event.size = sizeof(event);
    event.kind = TRIAGE_EVENT_CANCEL;
    call_plugin(loop_crumb(), Callback::step, [&] { return check_.step(state_, &ctx_, &event); });
    finish();
}

bool Instance::abandon() {
    cancelled_.store(true, std::memory_order_relaxed);
    drop_operations();
    stage_ = Stage::ended;
    if (blocking_ > 0) return false;
    destroy();
    return true;
}

// ---- Blocking callbacks

void Instance::start_run() {
    stage_ = Stage::running;
    ++blocking_;
    around_.loop.expect_post();
    const bool accepted = around_.pool->submit([self = shared_from_this()] {
        if (!self->cancelled()) self->run_on_pool();
        self->link_->post([weak = std::weak_ptr(self)] {
            if (const auto instance = weak.lock()) {
                --instance->blocking_;
                if (instance->stage_ == Stage::running) instance->finish();
            }
        });
    });
    if (accepted) return;
    --blocking_;
    link_->post([] {});  // the one that was announced
    report([](OutcomeBuilder& out) { out.error("no thread could be started to run the check"); });
    finish();
}

void Instance::run_on_pool() {
    auto& crumb = crumbs_->threads[static_cast<std::size_t>(Pool::this_thread()) + 1];
    call_plugin(crumb, Callback::run, [this] {
        check_.run(state_, &ctx_);
        return 0;
    });
}

triage_op Instance::work(void (*fn)(void*), void* arg) {
    if (!may_start("work()")) return 0;
    const OpId op = add_operation(Kind::work);
    ++blocking_;
    around_.loop.expect_post();
    const bool accepted = around_.pool->submit([self = shared_from_this(), op, fn, arg] {
        auto& crumb = self->crumbs_->threads[static_cast<std::size_t>(Pool::this_thread()) + 1];
        self->call_plugin(crumb, Callback::work, [fn, arg] {
            fn(arg);
            return 0;
        });
        self->link_->post([weak = std::weak_ptr(self), op] {
            const auto instance = weak.lock();
            if (!instance) return;
            --instance->blocking_;
            if (instance->take_operation(op)) instance->deliver(TRIAGE_EVENT_WORK, op);
            instance->end_if_idle();
        });
    });
    if (accepted) return std::to_underlying(op);
    --blocking_;
    link_->post([] {});
    take_operation(op);
    report([](OutcomeBuilder& out) { out.error("no thread could be started for blocking work"); });
    return 0;
}

// ---- The end

void Instance::finish() {
    const auto self = shared_from_this();
    stage_ = Stage::finished;
    drop_operations();
    std::unique_lock lock(mutex_);  // work that cannot be interrupted may still log
    auto secrets = std::exchange(secrets_, {});
    auto outcome = outcome_.take();
    lock.unlock();
    for (auto& secret : secrets)
        around_.upstream.secret_learned(id_, std::move(secret));
    if (!cancelled()) around_.upstream.finished(id_, std::move(outcome));
    end_if_idle();
}

// Work that cannot be interrupted may still use the check.
void Instance::end_if_idle() {
    if (stage_ != Stage::finished || blocking_ > 0) return;
    destroy();
    stage_ = Stage::ended;
    around_.upstream.ended(id_);
}

void Instance::destroy() {
    if (!std::exchange(created_, false)) return;
    call_plugin(loop_crumb(), Callback::destroy, [this] {
        check_.destroy(state_);
        return 0;
    });
}

// ---- Operations

bool Instance::may_start(const char* what) {
    const char* problem = nullptr;
    if (!on_loop()) {
        problem = " from a thread that is not the event loop's";
    } else if (operations_.size() >= max_operations) {
        problem = " while 1000 operations are pending";
    }
    if (problem == nullptr) return stage_ == Stage::in_callback;
    report([&](OutcomeBuilder& out) { out.violation(std::string("it called ") + what + problem); });
    return false;
}

OpId Instance::add_operation(Kind kind, std::uint64_t handle) {
    const OpId op{++last_operation_};
    operations_.push_back({op, kind, handle});
    return op;
}

std::optional<Instance::Operation> Instance::take_operation(OpId op) {
    const auto found = std::ranges::find(operations_, op, &Operation::id);
    if (found == operations_.end()) return std::nullopt;
    const Operation operation = *found;
    operations_.erase(found);
    return operation;
}

bool Instance::has_operation(OpId op) const {
    return std::ranges::find(operations_, op, &Operation::id) != operations_.end();
}

void Instance::drop(const Operation& operation) {
    switch (operation.kind) {
        case Kind::timer:
            around_.loop.cancel(loop::TimerId{operation.handle});
            break;
        case Kind::fd:
            around_.fds.cancel(operation.handle);
            break;
        case Kind::http:
            around_.upstream.http_cancel(id_, operation.id);
            break;
        case Kind::work:
            break;  // goes on; its end is not told
    }
}

void Instance::drop_operations() {
    for (const auto& operation : std::exchange(operations_, {}))
        drop(operation);
}

void Instance::cancel_operation(OpId op) {
    if (!on_loop()) return;
    if (const auto operation = take_operation(op)) drop(*operation);
}

triage_op Instance::sleep(std::int64_t duration_us) {
    if (!may_start("sleep()")) return 0;
    const loop::Duration duration(std::clamp<std::int64_t>(duration_us, 0, 86'400'000'000));
    const OpId op{last_operation_ + 1};
    const auto timer = around_.loop.call_after(duration, [this, op] {
        if (take_operation(op)) deliver(TRIAGE_EVENT_TIMER, op);
    });
    return std::to_underlying(add_operation(Kind::timer, std::to_underlying(timer)));
}

triage_op Instance::wait_fd(int fd, std::uint32_t interest) {
    if (!may_start("wait_fd()")) return 0;
    const OpId op{last_operation_ + 1};
    const auto wait = around_.fds.wait(fd, interest, [this, op](std::uint32_t ready) {
        if (take_operation(op)) deliver(TRIAGE_EVENT_FD, op, ready);
    });
    return std::to_underlying(add_operation(Kind::fd, wait));
}

triage_op Instance::http(const triage_http_request* request) {
    if (!may_start("http start()")) return 0;
    const OpId op = add_operation(Kind::http);
    auto copy = copy_request(request);
    if (copy) {
        around_.upstream.http_start(id_, op, std::move(*copy));
        return std::to_underlying(op);
    }
    around_.loop.defer([weak = weak_from_this(), op, reason = std::move(copy.error().message)] {
        net::Response response;
        response.failure = net::Failure::bad_request;
        response.detail = reason;
        if (const auto self = weak.lock()) self->http_done(op, response);
    });
    return std::to_underlying(op);
}

void Instance::http_consumed(OpId op, std::size_t bytes) {
    if (on_loop() && has_operation(op)) around_.upstream.http_consumed(id_, op, bytes);
}

void Instance::http_head(OpId op, const net::Response& head) {
    if (!has_operation(op)) return;
    triage_event event{};
    event.size = sizeof(event);
    event.kind = TRIAGE_EVENT_HTTP_HEAD;
    event.op = std::to_underlying(op);
    event.http = around_.response_view.show(head);
    deliver(event);
}

void Instance::http_data(OpId op, std::string_view chunk) {
    if (!has_operation(op)) return;
    triage_event event{};
    event.size = sizeof(event);
    event.kind = TRIAGE_EVENT_HTTP_DATA;
    event.op = std::to_underlying(op);
    event.data = borrow(chunk);
    deliver(event);
}

void Instance::http_done(OpId op, const net::Response& response) {
    if (!take_operation(op)) return;
    triage_event event{};
    event.size = sizeof(event);
    event.kind = TRIAGE_EVENT_HTTP;
    event.op = std::to_underlying(op);
    event.http = around_.response_view.show(response);
    deliver(event);
}

// ---- Values

const CallArgument* Instance::argument(std::string_view name) const {
    const auto own = std::ranges::find(call_.arguments, name, &CallArgument::name);
    if (own != call_.arguments.end()) return &*own;
    const auto common = std::ranges::find(
        call_.common, name, [](const auto& argument) { return std::string_view(argument->name); });
    return common == call_.common.end() ? nullptr : common->get();
}

const std::string* Instance::revealed(std::int64_t handle) const {
    for (const auto& [known, text] : call_.revealed)
        if (known == handle) return &text;
    return nullptr;
}

void Instance::learn_secret(std::string_view text) {
    const auto kept = text.substr(0, max_string_bytes);
    if (on_loop()) {
        around_.upstream.secret_learned(id_, std::string(kept));
        return;
    }
    const std::scoped_lock lock(mutex_);
    if (secrets_.size() < max_findings) secrets_.emplace_back(kept);
}

}  // namespace triage::plugin
