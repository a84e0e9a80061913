/// Definitions of triage/params.hpp.
#pragma once

#include <triage/params.hpp>

namespace triage {

template <class V>
Param& Param::at_least(const V& bound) {
    minimum_ = detail::to_json(bound);
    return *this;
}

template <class V>
Param& Param::at_most(const V& bound) {
    maximum_ = detail::to_json(bound);
    return *this;
}

template <class V>
Param& Param::example(const V& value) {
    example_ = detail::to_json(value);
    if (shape_ == TRIAGE_SHAPE_LIST) example_ = "[" + example_ + "]";
    return *this;
}

inline Param& Param::choices(std::vector<std::string> allowed) {
    choices_ = std::move(allowed);
    return *this;
}

inline Param& Param::pattern(std::string expression) {
    pattern_ = std::move(expression);
    return *this;
}

inline Param& Param::regex() {
    syntax_ = TRIAGE_SYNTAX_RE2;
    return *this;
}

inline Param& Param::regex_with_group() {
    syntax_ = TRIAGE_SYNTAX_RE2_GROUP;
    return *this;
}

inline Param& Param::key_pattern(std::string expression) {
    key_pattern_ = std::move(expression);
    return *this;
}

inline Param& Param::refuse(std::string expression, std::string why) {
    refuse_ = std::move(expression);
    refuse_why_ = std::move(why);
    return *this;
}

inline Param& Param::refuse_keys(std::string expression, std::string why) {
    refuse_key_ = std::move(expression);
    refuse_key_why_ = std::move(why);
    return *this;
}

inline Param& Param::keys_of(std::string other) {
    keys_of_ = std::move(other);
    return *this;
}

inline Param& Param::not_empty() {
    min_items_ = 1;
    return *this;
}

inline Param& Param::at_most_one() {
    flags_ |= TRIAGE_PARAM_AT_MOST_ONE;
    return *this;
}

inline Param& Param::not_with(std::string other, std::string value) {
    not_with_ = std::move(other);
    not_with_value_ = std::move(value);
    return *this;
}

inline Param& Param::not_above(std::string other) {
    not_above_ = std::move(other);
    return *this;
}

inline Param& Param::differs_from(std::vector<std::string> others) {
    differs_from_ = std::move(others);
    return *this;
}

inline Param& Param::within_timeout() {
    flags_ |= TRIAGE_PARAM_WITHIN_TIMEOUT;
    return *this;
}

inline Param& Param::writes(std::string method, std::string base, std::string only_if) {
    write_method_ = std::move(method);
    write_base_ = std::move(base);
    write_if_ = std::move(only_if);
    return *this;
}

template <class P>
template <class M>
Param& Describe<P>::add(const char* name, M P::* member, const char* doc) {
    auto& param = params_.emplace_back();
    param.name_ = name;
    param.doc_ = doc;
    param.type_ = detail::ParamShape<M>::type;
    param.shape_ = detail::ParamShape<M>::shape;
    decoders_.push_back([name, member](P& params, const detail::ParamReader& reader) {
        params.*member = detail::ParamShape<M>::read(reader, name);
    });
    return param;
}

template <class P>
template <class M>
Param& Describe<P>::required(const char* name, M P::* member, const char* doc) {
    auto& param = add(name, member, doc);
    param.required_ = true;
    return param;
}

template <class P>
template <class M>
Param& Describe<P>::optional(const char* name, M P::* member,
                             const std::type_identity_t<M>& fallback, const char* doc) {
    auto& param = add(name, member, doc);
    param.fallback_ = detail::ParamShape<M>::json(fallback);
    return param;
}

template <class P>
template <class M>
Param& Describe<P>::optional(const char* name, M P::* member, const char* doc) {
    return add(name, member, doc);
}

}  // namespace triage

#include <triage/detail/param_table.hpp>
