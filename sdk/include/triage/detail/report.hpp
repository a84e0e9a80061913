/// Definitions of triage/report.hpp.
#pragma once

#include <algorithm>

#include <triage/report.hpp>

namespace triage {

namespace detail {
/// "image[backend]", with a key as abi.h wants it.
inline std::string keyed(const char* name, std::string_view key) {
    std::string kept(key.substr(0, 200));
    std::ranges::replace_if(
        kept,
        [](char c) {
            return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     std::string_view("-_.:/@#").find(c) != std::string_view::npos);
        },
        '_');
    if (kept.empty()) kept = "_";
    return std::string(name) + "[" + kept + "]";
}
}  // namespace detail

inline Finding::Finding(const detail::Services& services, triage_ctx* ctx, const Code& code,
                        std::string_view subject, std::string message)
    : services_(services),
      ctx_(ctx),
      code_(code.name),
      subject_(subject),
      message_(std::move(message)) {}

inline Finding::~Finding() {
    std::vector<triage_evidence> values;
    std::vector<const triage_evidence*> pointers;
    values.reserve(evidence_.size());
    for (const auto& [name, value] : evidence_) {
        values.push_back({sizeof(triage_evidence), 0, to_abi(name), to_abi(value)});
        pointers.push_back(&values.back());
    }
    triage_finding finding{};
    finding.size = sizeof finding;
    finding.weight_override = weight_override_;
    finding.code = to_abi(code_);
    finding.subject = to_abi(subject_);
    finding.message = to_abi(message_);
    finding.remedy = to_abi(remedy_);
    finding.evidence = pointers.data();
    finding.evidence_count = static_cast<std::uint32_t>(pointers.size());
    services_.check->finding(ctx_, &finding);
}

template <class V>
Finding& Finding::evidence(std::string_view name, const V& value) {
    evidence_.emplace_back(name, text(value));
    return *this;
}

inline Finding& Finding::remedy(std::string_view what_to_do) {
    remedy_ = what_to_do;
    return *this;
}

inline Finding& Finding::weight(Weight how_bad) noexcept {
    weight_override_ = 1 + static_cast<std::uint32_t>(how_bad);
    return *this;
}

template <class... Codes>
void Reporter::evaluated(const Code& code, const Codes&... more) {
    api().evaluated(ctx_, to_abi(code.name));
    (api().evaluated(ctx_, to_abi(more.name)), ...);
}

inline Finding Reporter::found(const Code& code, std::string_view subject, std::string message) {
    return Finding(services(), ctx_, code, subject, std::move(message));
}

template <class T>
void Reporter::fact(const Fact<T>& fact, const std::type_identity_t<T>& value) {
    fact_called<T>(fact.name, value);
}

template <class T>
void Reporter::fact(const Fact<T>& fact, std::string_view key,
                    const std::type_identity_t<T>& value) {
    fact_called<T>(detail::keyed(fact.name, key).c_str(), value);
}

template <class T>
void Reporter::fact_called(const char* name, const T& value) {
    triage_value abi{};
    abi.size = sizeof abi;
    abi.type = detail::fact_type<T>;
    if constexpr (std::is_same_v<T, std::string>) {
        abi.str = to_abi(value);
    } else if constexpr (std::is_same_v<T, double>) {
        abi.f64 = value;
    } else {
        abi.i64 = value;
    }
    api().fact(ctx_, name, &abi);
}

inline void Reporter::metric(const char* name, double value, const char* unit) {
    api().metric(ctx_, name, value, unit);
}

inline void Reporter::metric(const char* name, std::chrono::microseconds value) {
    metric(name, static_cast<double>(value.count()) / 1e3, "ms");
}

inline void Reporter::log(std::string_view line, Level level) const {
    api().log(ctx_, static_cast<std::uint32_t>(level), to_abi(line));
}

inline Instant Reporter::now() const { return Instant(Clock::duration(api().now_us(ctx_))); }

inline Instant Reporter::deadline() const {
    return Instant(Clock::duration(api().deadline_us(ctx_)));
}

inline std::chrono::microseconds Reporter::left() const {
    return std::max(deadline() - now(), std::chrono::microseconds(0));
}

inline WallTime Reporter::wall_clock() const {
    return WallTime(std::chrono::microseconds(api().wall_us(ctx_)));
}

inline bool Reporter::cancelled() const { return api().cancelled(ctx_) != 0; }

inline Result<std::string_view> Reporter::reveal(const Secret& secret) const {
    const auto& table = detail::Services::need(services().secret, TRIAGE_SECRET_API);
    triage_str out{};
    if (table.reveal(ctx_, secret.handle(), &out) == 0) return to_view(out);
    return Failed{std::string(to_view(out))};
}

inline void Reporter::add_secret(std::string_view secret_text) const {
    detail::Services::need(services().secret, TRIAGE_SECRET_API).add(ctx_, to_abi(secret_text));
}

template <class T>
T& Reporter::state() const {
    if (plugin_.user_type == nullptr || *plugin_.user_type != typeid(T)) {
        throw CouldNotTell("the plugin has no state of the type its check asks for");
    }
    return *static_cast<T*>(plugin_.user.get());
}

}  // namespace triage
