#include "core/bundle/bundle.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "core/bundle/read_run.hpp"
#include "core/report/report.hpp"

namespace triage::bundle {
namespace {

namespace json = boost::json;

constexpr int version = 1;

json::value usual_of(const compare::Usual& usual) {
    json::array out;
    for (const auto& [key, spread] : usual) {
        out.push_back(json::object{{"check", key.first},
                                   {"metric", key.second},
                                   {"runs", spread.runs},
                                   {"median", spread.median},
                                   {"deviation", spread.deviation}});
    }
    return out;
}

json::value declared_of(const diagnose::Declared& declared) {
    json::object out;
    for (const auto& [use, codes] : declared)
        out[use] = json::array(codes.begin(), codes.end());
    return out;
}

std::optional<model::Onset> read_onset(const Fields& fields) {
    if (!fields.has("onset")) return std::nullopt;
    const Fields onset(*fields.get("onset"), "onset", fields.reading());
    return model::Onset{onset.integer("good_us"), onset.integer("bad_us")};
}

void read_usual(const Fields& fields, compare::Usual& usual) {
    fields.each("usual", [&](const json::value& value, std::string where) {
        const Fields one(value, std::move(where), fields.reading());
        usual[{one.string("check"), one.string("metric")}] = {
            static_cast<std::size_t>(std::max<std::int64_t>(one.integer("runs"), 0)),
            one.number("median"), one.number("deviation")};
    });
}

void read_declared(const Fields& fields, diagnose::Declared& declared) {
    fields.members("declared",
                   [&](std::string_view use, const json::value& value, const std::string& where) {
                       const auto* codes = value.if_array();
                       if (codes == nullptr) return fields.reading().wrong(where, "arrays");
                       for (const auto& code : *codes) {
                           const auto* text = code.if_string();
                           if (text == nullptr)
                               return fields.reading().wrong(where, "arrays of strings");
                           declared[std::string(use)].emplace_back(*text);
                       }
                   });
}

}  // namespace

void write(const Bundle& bundle, const std::function<void(std::string_view)>& sink) {
    const auto run = [&](std::string_view key, const model::Run& one) {
        sink(key);
        report::json(one, sink);
    };
    sink("{\"bundle_version\":1,\n");
    run("\"run\":", bundle.run);
    if (bundle.baseline) run(",\"baseline\":", *bundle.baseline);
    json::object rest{{"not_compared", bundle.not_compared},
                      {"usual", usual_of(bundle.usual)},
                      {"declared", declared_of(bundle.declared)}};
    if (bundle.onset)
        rest["onset"] =
            json::object{{"good_us", bundle.onset->good_us}, {"bad_us", bundle.onset->bad_us}};
    const auto text = json::serialize(rest);
    sink(",");
    sink(std::string_view(text).substr(1));  // goes on in the object that was begun
    sink("\n");
}

base::Result<Bundle> read(std::string_view text, const redact::Redactor& redactor) {
    const auto parsed = parse(text);
    if (!parsed) return std::unexpected(parsed.error());
    Reading reading{redactor, std::nullopt};
    const Fields fields(*parsed, "", reading);
    if (fields.integer("bundle_version") != version || !fields.has("run")) {
        return base::fail("it is no saved run of this triage: there is no \"bundle_version\": 1",
                          "Save one with `triage run RUNBOOK --save FILE`.");
    }
    Bundle out{};
    out.run = run_of(Fields(*fields.get("run"), "run", reading));
    if (fields.has("baseline"))
        out.baseline = run_of(Fields(*fields.get("baseline"), "baseline", reading));
    out.not_compared = fields.string("not_compared");
    read_usual(fields, out.usual);
    read_declared(fields, out.declared);
    out.onset = read_onset(fields);
    if (reading.error) return std::unexpected(*reading.error);
    return out;
}

}  // namespace triage::bundle
