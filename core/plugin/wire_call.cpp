#include <limits>
#include <utility>

#include "core/plugin/outcome.hpp"
#include "core/plugin/wire.hpp"

namespace triage::plugin {
namespace {

constexpr std::size_t max_arguments = 1000;
constexpr std::size_t max_values = 1'000'000;  // of one argument

void write_value(Writer& out, const CallValue& value) {
    Writer::Map map(out);
    map.key(0).uinteger(std::to_underlying(value.type));
    map.optional(1, value.integer);
    if (value.floating != 0) map.key(2).floating(value.floating);
    map.optional(3, value.text);
    map.optional(4, value.key);
}

CallValue read_value(Reader& in) {
    CallValue value;
    in.map([&](std::uint64_t key) {
        switch (key) {
            case 0:
                value.type = in.enumerator(model::ParamType::boolean, model::ParamType::any);
                break;
            case 1:
                value.integer = in.integer();
                break;
            case 2:
                value.floating = in.floating();
                break;
            case 3:
                value.text = in.bytes();
                break;
            case 4:
                value.key = in.bytes();
                break;
            default:
                break;
        }
    });
    return value;
}

void write_one_argument(Writer& out, const CallArgument& argument) {
    Writer::Map map(out);
    map.key(0).bytes(argument.name);
    map.key(1).array(argument.values.size());
    for (const auto& value : argument.values)
        write_value(out, value);
}

CallArgument read_one_argument(Reader& in) {
    CallArgument argument;
    in.map([&](std::uint64_t key) {
        if (key == 0) argument.name = in.bytes();
        if (key == 1) in.array(max_values, [&] { argument.values.push_back(read_value(in)); });
    });
    return argument;
}

void write_finding(Writer& out, const RawFinding& finding) {
    Writer::Map map(out);
    map.key(0).bytes(finding.code);
    map.key(1).uinteger(std::to_underlying(finding.weight));
    map.optional(2, finding.subject);
    map.optional(3, finding.message);
    map.optional(4, finding.remedy);
    if (finding.evidence.empty()) return;
    map.key(5).array(2 * finding.evidence.size());
    for (const auto& [name, value] : finding.evidence) {
        out.bytes(name);
        out.bytes(value);
    }
}

// A flat array of names and values: an odd number of elements is an error.
void read_evidence(Reader& in, RawFinding& finding) {
    bool is_name = true;
    in.array(2 * max_evidence, [&] {
        if (is_name) {
            finding.evidence.emplace_back(in.bytes(), "");
        } else {
            finding.evidence.back().second = in.bytes();
        }
        is_name = !is_name;
    });
    if (!is_name) in.fail();
}

RawFinding read_finding(Reader& in) {
    RawFinding finding;
    in.map([&](std::uint64_t key) {
        switch (key) {
            case 0:
                finding.code = in.bytes();
                break;
            case 1:
                finding.weight = in.enumerator(model::Weight::info, model::Weight::fail);
                break;
            case 2:
                finding.subject = in.bytes();
                break;
            case 3:
                finding.message = in.bytes();
                break;
            case 4:
                finding.remedy = in.bytes();
                break;
            case 5:
                read_evidence(in, finding);
                break;
            default:
                break;
        }
    });
    return finding;
}

// The key says the type.
void write_fact(Writer& out, const RawFact& fact) {
    Writer::Map map(out);
    map.key(0).bytes(fact.key);
    auto& value = map.key(1 + static_cast<unsigned>(fact.value.index()));
    switch (fact.value.index()) {
        case 0:
            value.boolean(std::get<bool>(fact.value));
            break;
        case 1:
            value.integer(std::get<std::int64_t>(fact.value));
            break;
        case 2:
            value.floating(std::get<double>(fact.value));
            break;
        default:
            value.bytes(std::get<std::string>(fact.value));
    }
}

RawFact read_fact(Reader& in) {
    RawFact fact;
    in.map([&](std::uint64_t key) {
        switch (key) {
            case 0:
                fact.key = in.bytes();
                break;
            case 1:
                fact.value = in.boolean();
                break;
            case 2:
                fact.value = in.integer();
                break;
            case 3:
                fact.value = in.floating();
                break;
            case 4:
                fact.value = std::string(in.bytes());
                break;
            default:
                break;
        }
    });
    return fact;
}

void write_metric(Writer& out, const RawMetric& metric) {
    Writer::Map map(out);
    map.key(0).bytes(metric.name);
    map.key(1).floating(metric.value);
    map.optional(2, metric.unit);
}

RawMetric read_metric(Reader& in) {
    RawMetric metric;
    in.map([&](std::uint64_t key) {
        if (key == 0) metric.name = in.bytes();
        if (key == 1) metric.value = in.floating();
        if (key == 2) metric.unit = in.bytes();
    });
    return metric;
}

void write_log(Writer& out, const RawLog& line) {
    Writer::Map map(out);
    map.optional(0, line.level);
    map.optional(1, line.text);
}

RawLog read_log(Reader& in) {
    RawLog line;
    in.map([&](std::uint64_t key) {
        if (key == 0) line.level = static_cast<std::uint8_t>(in.uinteger());
        if (key == 1) line.text = in.bytes();
    });
    return line;
}

template <class Element>
void write_array(Writer::Map& map, unsigned key, const std::vector<Element>& elements,
                 void (*write_one)(Writer&, const Element&)) {
    if (elements.empty()) return;
    Writer& out = map.key(key);
    out.array(elements.size());
    for (const auto& element : elements)
        write_one(out, element);
}

template <class Element>
void read_array(Reader& in, std::size_t limit, std::vector<Element>& elements,
                Element (*read_one)(Reader&)) {
    in.array(limit, [&] { elements.push_back(read_one(in)); });
}

std::uint32_t read_index(Reader& in) {
    const auto value = in.uinteger();
    if (value > std::numeric_limits<std::uint32_t>::max()) in.fail();
    return static_cast<std::uint32_t>(value);
}

void read_outcome(Reader& in, std::uint64_t key, Outcome& outcome) {
    switch (key) {
        case 1:
            outcome.error = in.bytes();
            break;
        case 2:
            outcome.error_remedy = in.bytes();
            break;
        case 3:
            outcome.summary = in.bytes();
            break;
        case 4:
            read_array(in, max_findings, outcome.findings, read_finding);
            break;
        case 5:
            in.array(max_findings, [&] { outcome.evaluated.push_back(read_index(in)); });
            break;
        case 6:
            read_array(in, max_findings, outcome.facts, read_fact);
            break;
        case 7:
            read_array(in, max_metrics, outcome.metrics, read_metric);
            break;
        case 8:
            read_array(in, max_log_lines, outcome.log, read_log);
            break;
        default:
            break;
    }
}

}  // namespace

void write_start(std::string& out, CallId call, std::size_t check_index, std::int64_t remaining_us,
                 const Call& arguments, const std::vector<std::uint64_t>& common) {
    FrameWriter frame(out, FrameType::start);
    Writer::Map map(frame.payload());
    map.key(0).uinteger(std::to_underlying(call));
    map.optional(1, check_index);
    map.optional(2, remaining_us);
    write_array(map, 3, arguments.arguments, write_one_argument);
    write_array<std::uint64_t>(map, 5, common, [](Writer& to, const auto& n) { to.uinteger(n); });
    if (arguments.revealed.empty()) return;
    Writer& revealed = map.key(4);
    revealed.array(2 * arguments.revealed.size());
    for (const auto& [handle, text] : arguments.revealed) {
        revealed.integer(handle);
        revealed.bytes(text);
    }
}

bool read(std::string_view payload, StartMessage& message) {
    Reader in(payload);
    auto& revealed = message.arguments.revealed;
    in.map([&](std::uint64_t key) {
        bool is_handle = true;
        switch (key) {
            case 0:
                message.call = CallId{in.uinteger()};
                break;
            case 1:
                message.check_index = in.uinteger();
                break;
            case 2:
                message.remaining_us = in.integer();
                break;
            case 3:
                read_array(in, max_arguments, message.arguments.arguments, read_one_argument);
                break;
            case 4:
                in.array(2 * max_arguments, [&] {
                    if (is_handle) {
                        revealed.emplace_back(in.integer(), "");
                    } else {
                        revealed.back().second = in.bytes();
                    }
                    is_handle = !is_handle;
                });
                break;
            case 5:
                in.array(max_arguments, [&] { message.common.push_back(in.uinteger()); });
                break;
            default:
                break;
        }
    });
    return in.at_end();
}

void write_argument(std::string& out, const CallArgument& argument) {
    FrameWriter frame(out, FrameType::argument);
    write_one_argument(frame.payload(), argument);
}

bool read(std::string_view payload, CallArgument& argument) {
    Reader in(payload);
    argument = read_one_argument(in);
    return in.at_end();
}

void write_outcome(std::string& out, CallId call, const Outcome& outcome) {
    FrameWriter frame(out, FrameType::outcome);
    Writer::Map map(frame.payload());
    map.key(0).uinteger(std::to_underlying(call));
    map.optional(1, outcome.error);
    map.optional(2, outcome.error_remedy);
    map.optional(3, outcome.summary);
    write_array(map, 4, outcome.findings, write_finding);
    if (!outcome.evaluated.empty()) {
        map.key(5).array(outcome.evaluated.size());
        for (const auto code : outcome.evaluated)
            frame.payload().uinteger(code);
    }
    write_array(map, 6, outcome.facts, write_fact);
    write_array(map, 7, outcome.metrics, write_metric);
    write_array(map, 8, outcome.log, write_log);
}

bool read(std::string_view payload, OutcomeMessage& message) {
    Reader in(payload);
    in.map([&](std::uint64_t key) {
        if (key == 0) {
            message.call = CallId{in.uinteger()};
        } else {
            read_outcome(in, key, message.outcome);
        }
    });
    return in.at_end();
}

}  // namespace triage::plugin
