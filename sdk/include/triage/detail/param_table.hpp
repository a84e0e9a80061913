/// The ABI's view of a parameter declaration, and the decoder of a parameter struct.
#pragma once

#include <memory>

#include <triage/params.hpp>

namespace triage::detail {

/// Owns the declared parameters of a check and the descriptors that point into them.
class ParamTable {
public:
    template <class P>
    explicit ParamTable(Describe<P>& described)
        : params_(std::move(described.params_)), one_of_(std::move(described.one_of_)) {
        for (auto& param : params_) {
            descriptors_.push_back(std::make_unique<triage_param>(descriptor(param)));
            pointers_.push_back(descriptors_.back().get());
        }
        one_of_texts_ = texts(one_of_);
    }

    const triage_param* const* data() const { return pointers_.data(); }
    std::uint32_t size() const { return static_cast<std::uint32_t>(pointers_.size()); }
    /// The names of those of which one must be given.
    const std::vector<const char*>& one_of() const { return one_of_texts_; }

private:
    static const char* or_null(const std::string& value) {
        return value.empty() ? nullptr : value.c_str();
    }

    static std::vector<const char*> texts(const std::vector<std::string>& strings) {
        std::vector<const char*> out;
        out.reserve(strings.size());
        for (const auto& text : strings) {
            out.push_back(text.c_str());
        }
        return out;
    }

    static const char* const* or_null(const std::vector<const char*>& texts) {
        return texts.empty() ? nullptr : texts.data();
    }

    static triage_param descriptor(Param& param) {
        param.choice_texts_ = texts(param.choices_);
        param.differs_from_texts_ = texts(param.differs_from_);
        triage_param out{};
        out.size = sizeof out;
        out.type = param.type_;
        out.shape = param.shape_;
        out.required = param.required_ ? 1 : 0;
        out.name = param.name_.c_str();
        out.doc = param.doc_.c_str();
        out.fallback = or_null(param.fallback_);
        out.minimum = or_null(param.minimum_);
        out.maximum = or_null(param.maximum_);
        out.pattern = or_null(param.pattern_);
        out.choices = or_null(param.choice_texts_);
        out.choice_count = static_cast<std::uint32_t>(param.choice_texts_.size());
        out.example = or_null(param.example_);
        out.key_pattern = or_null(param.key_pattern_);
        out.syntax = param.syntax_;
        out.min_items = param.min_items_;
        out.not_with = or_null(param.not_with_);
        out.not_with_value = or_null(param.not_with_value_);
        out.write_method = or_null(param.write_method_);
        out.write_base = or_null(param.write_base_);
        out.write_if = or_null(param.write_if_);
        out.not_above = or_null(param.not_above_);
        out.keys_of = or_null(param.keys_of_);
        out.refuse = or_null(param.refuse_);
        out.refuse_why = or_null(param.refuse_why_);
        out.refuse_key = or_null(param.refuse_key_);
        out.refuse_key_why = or_null(param.refuse_key_why_);
        out.differs_from = or_null(param.differs_from_texts_);
        out.differs_from_count = static_cast<std::uint32_t>(param.differs_from_texts_.size());
        out.flags = param.flags_;
        return out;
    }

    std::deque<Param> params_;
    std::vector<std::string> one_of_;
    std::vector<const char*> one_of_texts_;
    std::vector<std::unique_ptr<triage_param>> descriptors_;
    std::vector<const triage_param*> pointers_;
};

/// Decodes a P. Made once per kind of check, used for every instance.
template <class P>
class ParamDecoder {
public:
    explicit ParamDecoder(Describe<P>& described) : decoders_(std::move(described.decoders_)) {}

    P decode(const ParamReader& reader) const {
        P params{};
        for (const auto& decode_one : decoders_) {
            decode_one(params, reader);
        }
        return params;
    }

private:
    std::vector<std::function<void(P&, const ParamReader&)>> decoders_;
};

}  // namespace triage::detail
