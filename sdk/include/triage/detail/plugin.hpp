/// Descriptors and instances: the C++ side of triage_plugin and triage_check.
#pragma once

#include <array>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

#include <triage/blocking.hpp>
#include <triage/check.hpp>
#include <triage/context.hpp>
#include <triage/declare.hpp>
#include <triage/params.hpp>

namespace triage::detail {

/// Calls `body`; what it throws becomes the check's error. The edge that no exception crosses.
template <class Body>
bool guarded(const Services& services, triage_ctx* ctx, Body body) noexcept {
    try {
        body();
        return true;
    } catch (const std::exception& error) {
        services.check->error(ctx, to_abi(error.what()));
    } catch (...) {
        services.check->error(ctx, to_abi("the check threw something that is no std::exception"));
    }
    return false;
}

/// One running check.
class Instance {
public:
    virtual ~Instance() = default;
    virtual std::int32_t step(const triage_event&) noexcept { return TRIAGE_DONE; }
    virtual void run() noexcept {}
};

template <class P>
class AsyncInstance final : public Instance {
public:
    using Function = Check (*)(const P&, Context&);
    AsyncInstance(const PluginState& plugin, triage_ctx* ctx, P params, Function function)
        : services_(plugin.services),
          ctx_(ctx),
          params_(std::move(params)),
          context_(plugin, ctx),
          function_(function) {}

    std::int32_t step(const triage_event& event) noexcept override {
        if (event.kind == TRIAGE_EVENT_CANCEL) return cancel();
        std::int32_t next = TRIAGE_DONE;
        guarded(services_, ctx_, [&] { next = advance(event); });
        return next;
    }

private:
    std::int32_t advance(const triage_event& event) {
        if (event.kind == TRIAGE_EVENT_START) {
            check_ = function_(params_, context_);
            check_.start();
        } else {
            context_.loop().deliver(event);
        }
        if (!check_.finished()) {
            if (!context_.loop().idle()) return TRIAGE_PENDING;
            throw CouldNotTell("the check waits for something that it has not started");
        }
        const auto& outcome = check_.outcome();
        (outcome.told() ? services_.check->summary : services_.check->error)(
            ctx_, to_abi(outcome.text()));
        return TRIAGE_DONE;
    }

    /// Blocking work in progress refers to the frame; then the frame goes with destroy(), which
    /// comes only when that work has returned.
    std::int32_t cancel() noexcept {
        if (context_.loop().working == 0) check_ = Check();
        return TRIAGE_DONE;
    }

    const Services& services_;
    triage_ctx* ctx_;
    P params_;
    Context context_;
    Function function_;
    Check check_;  // last: its frame refers to all of the above, so it goes first
};

template <class P>
class BlockingInstance final : public Instance {
public:
    using Function = void (*)(const P&, BlockingContext&);
    BlockingInstance(const PluginState& plugin, triage_ctx* ctx, P params, Function function)
        : services_(plugin.services),
          ctx_(ctx),
          params_(std::move(params)),
          context_(plugin, ctx),
          function_(function) {}

    void run() noexcept override {
        guarded(services_, ctx_, [&] { function_(params_, context_); });
    }

private:
    const Services& services_;
    triage_ctx* ctx_;
    P params_;
    BlockingContext context_;
    Function function_;
};

struct CheckTexts {
    const char *name, *doc, *cost;
};

/// One kind of check: its descriptor, and how an instance is made.
class Definition {
public:
    virtual ~Definition() = default;
    virtual std::unique_ptr<Instance> make(const PluginState& plugin, triage_ctx* ctx) const = 0;

    void set_flag(std::uint32_t flag, bool on) {
        abi_.flags = on ? abi_.flags | flag : abi_.flags & ~flag;
    }
    triage_check& abi() noexcept { return abi_; }

protected:
    Definition(CheckTexts texts, ParamTable params, const std::vector<Code>& codes,
               const std::vector<FactInfo>& facts)
        : params_(std::move(params)) {
        for (const auto& code : codes) {
            codes_.push_back(std::make_unique<triage_code>(
                triage_code{sizeof(triage_code), static_cast<std::uint32_t>(code.weight), code.name,
                            code.doc, code.remedy}));
            code_pointers_.push_back(codes_.back().get());
        }
        for (const auto& fact : facts) {
            facts_.push_back(std::make_unique<triage_fact>(
                triage_fact{sizeof(triage_fact), fact.type, fact.name, fact.doc}));
            fact_pointers_.push_back(facts_.back().get());
        }
        describe(texts);
    }

private:
    void describe(CheckTexts texts) {
        abi_.size = sizeof abi_;
        abi_.flags = TRIAGE_CHECK_REPEATABLE;
        abi_.name = texts.name;
        abi_.doc = texts.doc;
        abi_.cost = texts.cost;
        abi_.params = params_.data();
        abi_.param_count = params_.size();
        abi_.codes = code_pointers_.data();
        abi_.code_count = static_cast<std::uint32_t>(code_pointers_.size());
        abi_.facts = fact_pointers_.data();
        abi_.fact_count = static_cast<std::uint32_t>(fact_pointers_.size());
        abi_.one_of = params_.one_of().data();
        abi_.one_of_count = static_cast<std::uint32_t>(params_.one_of().size());
    }

    triage_check abi_{};
    ParamTable params_;
    std::vector<std::unique_ptr<triage_code>> codes_;
    std::vector<const triage_code*> code_pointers_;
    std::vector<std::unique_ptr<triage_fact>> facts_;
    std::vector<const triage_fact*> fact_pointers_;
};

inline std::int32_t step_instance(void* check, triage_ctx*, const triage_event* event) noexcept {
    return static_cast<Instance*>(check)->step(*event);
}
inline void run_instance(void* check, triage_ctx*) noexcept {
    static_cast<Instance*>(check)->run();
}
inline void destroy_instance(void* check) noexcept { delete static_cast<Instance*>(check); }

template <class P>
Describe<P> described() {
    Describe<P> out;
    P::describe(out);
    return out;
}

template <class P, class MadeInstance>
class TypedDefinition : public Definition {
public:
    using Function = typename MadeInstance::Function;
    TypedDefinition(CheckTexts texts, Function function, const std::vector<Code>& codes,
                    const std::vector<FactInfo>& facts, Describe<P> description = described<P>())
        : Definition(texts, ParamTable(description), codes, facts),
          decoder_(description),
          function_(function) {
        abi().destroy = destroy_instance;
    }
    std::unique_ptr<Instance> make(const PluginState& plugin, triage_ctx* ctx) const override {
        auto params = decoder_.decode(ParamReader(*plugin.services.check, ctx));
        return std::make_unique<MadeInstance>(plugin, ctx, std::move(params), function_);
    }

private:
    ParamDecoder<P> decoder_;
    Function function_;
};

template <class P>
class AsyncDefinition final : public TypedDefinition<P, AsyncInstance<P>> {
public:
    template <class... Arguments>
    explicit AsyncDefinition(Arguments&&... arguments)
        : TypedDefinition<P, AsyncInstance<P>>(std::forward<Arguments>(arguments)...) {
        this->abi().step = step_instance;
    }
};

template <class P>
class BlockingDefinition final : public TypedDefinition<P, BlockingInstance<P>> {
public:
    template <class... Arguments>
    explicit BlockingDefinition(Arguments&&... arguments)
        : TypedDefinition<P, BlockingInstance<P>>(std::forward<Arguments>(arguments)...) {
        this->abi().run = run_instance;
    }
};

/// triage_check.create is not told which check it is for: one function for each number.
template <std::size_t Number>
std::int32_t create_instance(void* plugin_state, triage_ctx* ctx, void** out) noexcept {
    const auto& plugin = *static_cast<const PluginState*>(plugin_state);
    const bool made = guarded(plugin.services, ctx, [&] {
        *out = (*plugin.definitions)[Number]->make(plugin, ctx).release();
    });
    return made ? 0 : 1;
}

template <std::size_t... Number>
constexpr auto create_functions(std::index_sequence<Number...>) {
    return std::array<decltype(triage_check::create), sizeof...(Number)>{
        create_instance<Number>...};
}

/// What a plugin is made of, and its descriptor.
class PluginParts {
public:
    static constexpr std::size_t most_checks = 64;
    using MakeState = std::function<std::shared_ptr<void>()>;

    explicit PluginParts(const char* doc) : doc_(doc) {}

    void add(std::unique_ptr<Definition> definition) {
        static constexpr auto create = create_functions(std::make_index_sequence<most_checks>());
        if (definitions_.size() == most_checks) throw std::length_error("more than 64 checks");
        definition->abi().create = create[definitions_.size()];
        pointers_.push_back(&definition->abi());
        definitions_.push_back(std::move(definition));
    }
    Definition& last() { return *definitions_.back(); }
    void set_state(MakeState make, const std::type_info& type) {
        make_state_ = std::move(make);
        state_type_ = &type;
    }

    const triage_plugin* descriptor(const triage_host* host, const char* id, const char* version) {
        if (host->abi_major != TRIAGE_ABI_MAJOR) return nullptr;
        abi_ = {sizeof abi_,
                TRIAGE_ABI_MAJOR,
                TRIAGE_ABI_MINOR,
                static_cast<std::uint32_t>(pointers_.size()),
                id,
                version,
                doc_,
                pointers_.data(),
                &PluginParts::open,
                &PluginParts::close};
        current() = this;
        return &abi_;
    }

private:
    /// open() is not told which plugin it is for; a library holds one.
    static PluginParts*& current() {
        static PluginParts* parts = nullptr;
        return parts;
    }

    static std::int32_t open(const triage_host* host, void** state, char* error,
                             std::size_t error_size) noexcept {
        const auto fail = [&](const char* reason) {
            std::snprintf(error, error_size, "%s", reason);
            return 1;
        };
        try {
            *state = current()->make_state(*host).release();
            return 0;
        } catch (const std::exception& thrown) {
            return fail(thrown.what());
        } catch (...) {
            return fail("open threw something that is no std::exception");
        }
    }
    static void close(void* state) noexcept { delete static_cast<PluginState*>(state); }

    std::unique_ptr<PluginState> make_state(const triage_host& host) const {
        auto state = std::make_unique<PluginState>(
            PluginState{Services(host), &definitions_, nullptr, nullptr});
        Services::need(state->services.check, TRIAGE_CHECK_API);
        if (make_state_) state->user = make_state_();
        state->user_type = state_type_;
        return state;
    }

    const char* doc_;
    triage_plugin abi_{};
    std::vector<std::unique_ptr<Definition>> definitions_;
    std::vector<const triage_check*> pointers_;
    MakeState make_state_;
    const std::type_info* state_type_ = nullptr;
};

/// Whatever goes wrong while the plugin is being declared is said where the host captures it.
template <class Body>
const triage_plugin* guarded_entry(Body body) noexcept {
    try {
        return body();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "the plugin's declaration is wrong: %s\n", error.what());
    } catch (...) {
        std::fputs("the plugin's declaration threw something\n", stderr);
    }
    return nullptr;
}

/// The plugin that an expression gives: a new one, or one that its setters refer to.
template <class T>
std::remove_reference_t<T> moved(T&& value) {
    return std::move(static_cast<std::remove_reference_t<T>&>(value));
}

}  // namespace triage::detail
