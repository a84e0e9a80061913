#include "core/plugin/descriptor.hpp"

#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

#include "core/plugin/elf_note.hpp"
#include "core/plugin/names.hpp"

namespace triage::plugin {
namespace {

using base::fail;

static_assert(TRIAGE_TYPE_BOOL == std::to_underlying(model::ParamType::boolean));
static_assert(TRIAGE_TYPE_INT == std::to_underlying(model::ParamType::integer));
static_assert(TRIAGE_TYPE_FLOAT == std::to_underlying(model::ParamType::floating));
static_assert(TRIAGE_TYPE_STRING == std::to_underlying(model::ParamType::string));
static_assert(TRIAGE_TYPE_DURATION == std::to_underlying(model::ParamType::duration));
static_assert(TRIAGE_TYPE_URL == std::to_underlying(model::ParamType::url));
static_assert(TRIAGE_TYPE_ENDPOINT == std::to_underlying(model::ParamType::endpoint));
static_assert(TRIAGE_TYPE_PATH == std::to_underlying(model::ParamType::path));
static_assert(TRIAGE_TYPE_SECRET == std::to_underlying(model::ParamType::secret));
static_assert(TRIAGE_TYPE_ANY == std::to_underlying(model::ParamType::any));
static_assert(TRIAGE_SHAPE_ONE == std::to_underlying(model::Shape::one));
static_assert(TRIAGE_SHAPE_LIST == std::to_underlying(model::Shape::list));
static_assert(TRIAGE_SHAPE_MAP == std::to_underlying(model::Shape::map));
static_assert(TRIAGE_WEIGHT_INFO == std::to_underlying(model::Weight::info));
static_assert(TRIAGE_WEIGHT_WARN == std::to_underlying(model::Weight::warn));
static_assert(TRIAGE_WEIGHT_FAIL == std::to_underlying(model::Weight::fail));

constexpr std::uint32_t max_count = 1000;        // of anything in an array
constexpr std::size_t max_name_bytes = 4096;     // of a text in the descriptor
constexpr std::uint32_t max_struct_size = 4096;  // of a structure of any revision

// Reads members and keeps the first thing that is wrong, with its place.
class Reading {
public:
    explicit Reading(std::string path) : path_(std::move(path)) {}

    std::string where;

    bool ok() const { return !problem_; }
    void wrong(const std::string& what) {
        if (!problem_) problem_ = (where.empty() ? "" : where + ": ") + what;
    }
    template <class T>
    bool has_size(const T* object, std::size_t needed) {
        if (object == nullptr) {
            wrong("the descriptor is NULL");
        } else if (object->size < needed || object->size > max_struct_size) {
            wrong("size is " + std::to_string(object->size) + ", expected at least " +
                  std::to_string(needed));
        }
        return ok();
    }
    std::string text(const char* member, const char* value) {
        if (value == nullptr) {
            wrong(std::string(member) + " is NULL");
            return {};
        }
        return optional_text(member, value).value_or("");
    }
    std::optional<std::string> optional_text(const char* member, const char* value) {
        if (value == nullptr) return std::nullopt;
        const std::size_t size = ::strnlen(value, max_name_bytes + 1);
        if (size > max_name_bytes) wrong(std::string(member) + " is longer than 4096 bytes");
        return std::string(value, std::min(size, max_name_bytes));
    }
    template <class T>
    bool has_array(const char* member, const T* const* elements, std::uint32_t count) {
        if (count > max_count)
            wrong(std::string(member) + " has " + std::to_string(count) +
                  " elements, expected at most 1000");
        if (count > 0 && elements == nullptr) wrong(std::string(member) + " is NULL");
        return ok();
    }
    base::Error error() const {
        return {path_ + " declares something that triage cannot read: " + *problem_,
                "This is a bug of the plugin: tell its author."};
    }

private:
    std::string path_;
    std::optional<std::string> problem_;
};

std::vector<std::string> read_texts(Reading& in, const char* member, const char* const* texts,
                                    std::uint32_t count) {
    std::vector<std::string> result;
    if (!in.has_array(member, texts, count)) return result;
    const auto one = std::string("a text of ") + member;
    for (std::uint32_t i = 0; i < count; ++i)
        result.push_back(in.text(one.c_str(), texts[i]));
    return result;
}

// What came to the ABI last: nothing of it, if the plugin's is older.
void read_refusals(Reading& in, const triage_param* param, model::ParamInfo& info) {
    if (!TRIAGE_HAS(param, flags)) return;
    info.refuse = in.optional_text("refuse", param->refuse);
    info.refuse_why = in.optional_text("refuse_why", param->refuse_why).value_or("");
    info.refuse_key = in.optional_text("refuse_key", param->refuse_key);
    info.refuse_key_why = in.optional_text("refuse_key_why", param->refuse_key_why).value_or("");
    info.differs_from =
        read_texts(in, "differs_from", param->differs_from, param->differs_from_count);
    info.at_most_one = (param->flags & TRIAGE_PARAM_AT_MOST_ONE) != 0;
    info.within_timeout = (param->flags & TRIAGE_PARAM_WITHIN_TIMEOUT) != 0;
}

model::ParamInfo read_param(Reading& in, const triage_param* param) {
    model::ParamInfo info;
    if (!in.has_size(param, offsetof(triage_param, key_pattern))) return info;
    if (param->type < TRIAGE_TYPE_BOOL || param->type > TRIAGE_TYPE_ANY)
        in.wrong("type is " + std::to_string(param->type) + ", expected 1 to 10");
    if (param->shape > TRIAGE_SHAPE_MAP)
        in.wrong("shape is " + std::to_string(param->shape) + ", expected 0 to 2");
    info.choices = read_texts(in, "choices", param->choices, param->choice_count);
    if (!in.ok()) return info;
    info.name = in.text("name", param->name);
    info.type = static_cast<model::ParamType>(param->type);
    info.shape = static_cast<model::Shape>(param->shape);
    info.required = param->required != 0;
    info.doc = in.text("doc", param->doc);
    info.fallback = in.optional_text("fallback", param->fallback);
    info.minimum = in.optional_text("minimum", param->minimum);
    info.maximum = in.optional_text("maximum", param->maximum);
    info.pattern = in.optional_text("pattern", param->pattern);
    info.example = in.optional_text("example", param->example);
    if (!TRIAGE_HAS(param, min_items)) return info;
    info.key_pattern = in.optional_text("key_pattern", param->key_pattern);
    info.min_items = param->min_items;
    if (!TRIAGE_HAS(param, write_if)) return info;
    if (param->syntax > TRIAGE_SYNTAX_RE2_GROUP)
        in.wrong("syntax is " + std::to_string(param->syntax) + ", expected 0 to 2");
    else
        info.syntax = static_cast<model::Syntax>(param->syntax);
    const auto text_or_empty = [&in](const char* member, const char* value) {
        return in.optional_text(member, value).value_or("");
    };
    info.not_with = text_or_empty("not_with", param->not_with);
    info.not_with_value = text_or_empty("not_with_value", param->not_with_value);
    info.write_method = text_or_empty("write_method", param->write_method);
    info.write_base = text_or_empty("write_base", param->write_base);
    info.write_if = text_or_empty("write_if", param->write_if);
    if (!TRIAGE_HAS(param, not_above)) return info;
    info.not_above = text_or_empty("not_above", param->not_above);
    if (!TRIAGE_HAS(param, keys_of)) return info;
    info.keys_of = text_or_empty("keys_of", param->keys_of);
    read_refusals(in, param, info);
    return info;
}

model::CodeInfo read_code(Reading& in, const triage_code* code) {
    model::CodeInfo info;
    if (!in.has_size(code, sizeof(triage_code))) return info;
    if (code->weight > TRIAGE_WEIGHT_FAIL)
        in.wrong("weight is " + std::to_string(code->weight) + ", expected 0 to 2");
    else
        info.weight = static_cast<model::Weight>(code->weight);
    info.name = in.text("name", code->name);
    info.doc = in.text("doc", code->doc);
    info.remedy = in.optional_text("remedy", code->remedy).value_or("");
    return info;
}

model::FactInfo read_fact(Reading& in, const triage_fact* fact) {
    model::FactInfo info;
    if (!in.has_size(fact, sizeof(triage_fact))) return info;
    if (fact->type < TRIAGE_TYPE_BOOL || fact->type > TRIAGE_TYPE_STRING)
        in.wrong("type is " + std::to_string(fact->type) + ", expected 1 to 4");
    else
        info.type = static_cast<model::ParamType>(fact->type);
    info.name = in.text("name", fact->name);
    info.doc = in.text("doc", fact->doc);
    return info;
}

template <class Info, class T>
std::vector<Info> read_array(Reading& in, const char* what, const T* const* elements,
                             std::uint32_t count, Info (*read_one)(Reading&, const T*)) {
    std::vector<Info> infos;
    if (!in.has_array(what, elements, count)) return infos;
    const std::string outer = in.where;
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        in.where = (outer.empty() ? "" : outer + ", ") + what + " " + std::to_string(i + 1);
        infos.push_back(read_one(in, elements[i]));
    }
    in.where = outer;
    return infos;
}

model::CheckInfo read_check(Reading& in, const triage_check* check) {
    model::CheckInfo info;
    if (!in.has_size(check, offsetof(triage_check, one_of))) return info;
    info.name = in.text("name", check->name);
    if (in.ok()) in.where = "check '" + quotable(info.name) + "'";
    info.doc = in.text("doc", check->doc);
    info.cost = in.text("cost", check->cost);
    info.repeatable = (check->flags & TRIAGE_CHECK_REPEATABLE) != 0;
    info.deep = (check->flags & TRIAGE_CHECK_DEEP) != 0;
    info.blocking = check->run != nullptr;
    if (check->create == nullptr || check->destroy == nullptr)
        in.wrong("create and destroy must both be set");
    if ((check->step != nullptr) == (check->run != nullptr))
        in.wrong(std::string("exactly one of step and run must be set, ") +
                 (check->step != nullptr ? "both are" : "none is"));
    info.params = read_array(in, "parameter", check->params, check->param_count, read_param);
    info.codes = read_array(in, "code", check->codes, check->code_count, read_code);
    info.facts = read_array(in, "fact", check->facts, check->fact_count, read_fact);
    if (TRIAGE_HAS(check, one_of))
        info.one_of = read_texts(in, "one_of", check->one_of, check->one_of_count);
    return info;
}

}  // namespace

base::Result<model::PluginInfo> describe(const triage_plugin* plugin, const std::string& path) {
    if (plugin == nullptr)
        return fail(path + " declined to be loaded: " TRIAGE_ENTRY_SYMBOL "() returned NULL",
                    "It wants another ABI than " + std::to_string(TRIAGE_ABI_MAJOR) + "." +
                        std::to_string(TRIAGE_ABI_MINOR) + ": rebuild it, or upgrade triage.");
    Reading in(path);
    if (!TRIAGE_HAS(plugin, abi_minor)) {
        in.has_size(plugin, sizeof(triage_plugin));
        return std::unexpected(in.error());
    }
    if (auto fits = check_abi(plugin->abi_major, plugin->abi_minor, path); !fits)
        return std::unexpected(std::move(fits.error()));
    if (!in.has_size(plugin, sizeof(triage_plugin))) return std::unexpected(in.error());
    model::PluginInfo info;
    info.id = in.text("id", plugin->id);
    info.version = in.text("version", plugin->version);
    info.doc = in.text("doc", plugin->doc);
    info.abi = std::to_string(plugin->abi_major) + "." + std::to_string(plugin->abi_minor);
    info.path = path;
    info.checks = read_array(in, "check", plugin->checks, plugin->check_count, read_check);
    if (!in.ok()) return std::unexpected(in.error());
    return info;
}

}  // namespace triage::plugin
