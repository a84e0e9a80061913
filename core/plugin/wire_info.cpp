#include <utility>

#include "core/plugin/wire.hpp"

namespace triage::plugin {
namespace {

using model::CheckInfo;
using model::CodeInfo;
using model::FactInfo;
using model::ParamInfo;
using model::ParamType;

constexpr std::size_t max_elements = 1000;  // of anything declared

void write_optional(Writer::Map& map, unsigned key, const std::optional<std::string>& text) {
    if (text) map.key(key).bytes(*text);
}

template <class Info>
void write_all(Writer& out, const std::vector<Info>& infos,
               void (*write_one)(Writer&, const Info&)) {
    out.array(infos.size());
    for (const auto& info : infos)
        write_one(out, info);
}

template <class Info>
std::vector<Info> read_all(Reader& in, Info (*read_one)(Reader&)) {
    std::vector<Info> infos;
    in.array(max_elements, [&] { infos.push_back(read_one(in)); });
    return infos;
}

void write_texts(Writer& out, const std::vector<std::string>& texts) {
    out.array(texts.size());
    for (const auto& text : texts)
        out.bytes(text);
}

void read_texts(Reader& in, std::vector<std::string>& texts) {
    in.array(max_elements, [&] { texts.emplace_back(in.bytes()); });
}

ParamType read_type(Reader& in) { return in.enumerator(ParamType::boolean, ParamType::any); }

model::Shape read_shape(Reader& in) { return in.enumerator(model::Shape::one, model::Shape::map); }

void write_param(Writer& out, const ParamInfo& param) {
    Writer::Map map(out);
    map.key(0).bytes(param.name);
    map.key(1).uinteger(std::to_underlying(param.type));
    map.key(2).uinteger(std::to_underlying(param.shape));
    map.key(3).boolean(param.required);
    map.optional(4, param.doc);
    write_optional(map, 5, param.fallback);
    write_optional(map, 6, param.minimum);
    write_optional(map, 7, param.maximum);
    write_optional(map, 8, param.pattern);
    write_texts(map.key(9), param.choices);
    write_optional(map, 10, param.example);
    write_optional(map, 11, param.key_pattern);
    map.optional(12, param.min_items);
    map.optional(13, param.not_with);
    map.optional(14, param.not_with_value);
    map.optional(15, param.write_method);
    map.optional(16, param.write_base);
    map.optional(17, param.write_if);
    map.optional(18, param.not_above);
    map.optional(19, static_cast<std::uint64_t>(param.syntax));
    map.optional(20, param.keys_of);
    write_optional(map, 21, param.refuse);
    map.optional(22, param.refuse_why);
    write_optional(map, 23, param.refuse_key);
    map.optional(24, param.refuse_key_why);
    if (!param.differs_from.empty()) write_texts(map.key(25), param.differs_from);
    if (param.within_timeout) map.key(26).boolean(true);
    if (param.at_most_one) map.key(27).boolean(true);
}

// A text that may be absent, by its key; null: none of these.
std::optional<std::string>* optional_text(ParamInfo& param, std::uint64_t key) {
    switch (key) {
        case 5:
            return &param.fallback;
        case 6:
            return &param.minimum;
        case 7:
            return &param.maximum;
        case 8:
            return &param.pattern;
        case 10:
            return &param.example;
        case 11:
            return &param.key_pattern;
        case 21:
            return &param.refuse;
        case 23:
            return &param.refuse_key;
        default:
            return nullptr;
    }
}

// The same of texts that are empty where nothing is said.
std::string* text(ParamInfo& param, std::uint64_t key) {
    switch (key) {
        case 0:
            return &param.name;
        case 4:
            return &param.doc;
        case 13:
            return &param.not_with;
        case 14:
            return &param.not_with_value;
        case 15:
            return &param.write_method;
        case 16:
            return &param.write_base;
        case 17:
            return &param.write_if;
        case 18:
            return &param.not_above;
        case 20:
            return &param.keys_of;
        case 22:
            return &param.refuse_why;
        case 24:
            return &param.refuse_key_why;
        default:
            return nullptr;
    }
}

ParamInfo read_param(Reader& in) {
    ParamInfo param;
    in.map([&](std::uint64_t key) {
        if (auto* optional = optional_text(param, key)) *optional = in.bytes();
        if (auto* always = text(param, key)) *always = in.bytes();
        switch (key) {
            case 1:
                param.type = read_type(in);
                break;
            case 2:
                param.shape = read_shape(in);
                break;
            case 3:
                param.required = in.boolean();
                break;
            case 9:
                read_texts(in, param.choices);
                break;
            case 12:
                param.min_items = static_cast<std::uint32_t>(in.uinteger());
                break;
            case 19:
                param.syntax = in.enumerator(model::Syntax::any, model::Syntax::regex_with_group);
                break;
            case 25:
                read_texts(in, param.differs_from);
                break;
            case 26:
                param.within_timeout = in.boolean();
                break;
            case 27:
                param.at_most_one = in.boolean();
                break;
            default:
                break;
        }
    });
    return param;
}

void write_code(Writer& out, const CodeInfo& code) {
    Writer::Map map(out);
    map.key(0).bytes(code.name);
    map.key(1).uinteger(std::to_underlying(code.weight));
    map.optional(2, code.doc);
    map.optional(3, code.remedy);
}

CodeInfo read_code(Reader& in) {
    CodeInfo code;
    in.map([&](std::uint64_t key) {
        if (key == 0) code.name = in.bytes();
        if (key == 1) code.weight = in.enumerator(model::Weight::info, model::Weight::fail);
        if (key == 2) code.doc = in.bytes();
        if (key == 3) code.remedy = in.bytes();
    });
    return code;
}

void write_fact_info(Writer& out, const FactInfo& fact) {
    Writer::Map map(out);
    map.key(0).bytes(fact.name);
    map.key(1).uinteger(std::to_underlying(fact.type));
    map.optional(2, fact.doc);
}

FactInfo read_fact_info(Reader& in) {
    FactInfo fact;
    in.map([&](std::uint64_t key) {
        if (key == 0) fact.name = in.bytes();
        if (key == 1) fact.type = read_type(in);
        if (key == 2) fact.doc = in.bytes();
    });
    return fact;
}

void write_check(Writer& out, const CheckInfo& check) {
    Writer::Map map(out);
    map.key(0).bytes(check.name);
    map.optional(1, check.doc);
    map.optional(2, check.cost);
    map.key(3).boolean(check.repeatable);
    map.key(4).boolean(check.deep);
    map.key(5).boolean(check.blocking);
    write_all(map.key(6), check.params, write_param);
    write_all(map.key(7), check.codes, write_code);
    write_all(map.key(8), check.facts, write_fact_info);
    if (!check.one_of.empty()) write_texts(map.key(9), check.one_of);
}

CheckInfo read_check(Reader& in) {
    CheckInfo check;
    in.map([&](std::uint64_t key) {
        switch (key) {
            case 0:
                check.name = in.bytes();
                break;
            case 1:
                check.doc = in.bytes();
                break;
            case 2:
                check.cost = in.bytes();
                break;
            case 3:
                check.repeatable = in.boolean();
                break;
            case 4:
                check.deep = in.boolean();
                break;
            case 5:
                check.blocking = in.boolean();
                break;
            case 6:
                check.params = read_all(in, read_param);
                break;
            case 7:
                check.codes = read_all(in, read_code);
                break;
            case 8:
                check.facts = read_all(in, read_fact_info);
                break;
            case 9:
                read_texts(in, check.one_of);
                break;
            default:
                break;
        }
    });
    return check;
}

}  // namespace

void write_described(std::string& out, const model::PluginInfo& info) {
    FrameWriter frame(out, FrameType::described);
    Writer::Map map(frame.payload());
    map.key(0).uinteger(protocol_version);
    map.key(1).bytes(info.id);
    map.key(2).bytes(info.version);
    map.key(3).bytes(info.doc);
    map.key(4).bytes(info.abi);
    map.key(5).bytes(info.path);
    write_all(map.key(6), info.checks, write_check);
}

bool read(std::string_view payload, DescribedMessage& message) {
    Reader in(payload);
    in.map([&](std::uint64_t key) {
        switch (key) {
            case 0:
                message.protocol = in.uinteger();
                break;
            case 1:
                message.info.id = in.bytes();
                break;
            case 2:
                message.info.version = in.bytes();
                break;
            case 3:
                message.info.doc = in.bytes();
                break;
            case 4:
                message.info.abi = in.bytes();
                break;
            case 5:
                message.info.path = in.bytes();
                break;
            case 6:
                message.info.checks = read_all(in, read_check);
                break;
            default:
                break;
        }
    });
    return in.at_end();
}

}  // namespace triage::plugin
