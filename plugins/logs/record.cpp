#include "record.hpp"

#include <algorithm>

#include "byte_set.hpp"
#include "literal.hpp"
#include "places.hpp"

namespace logs {
namespace {

using triage::Json;

constexpr std::string_view time_places[]{"/timestamp", "/time",     "/@timestamp", "/ts",
                                         "/asctime",   "/datetime", "/t",          "/date"};
constexpr std::string_view level_places[]{"/level", "/severity",  "/levelname", "/log_level",
                                          "/lvl",   "/log.level", "/log/level"};
constexpr std::string_view message_places[]{"/message", "/msg",  "/event",        "/log",
                                            "/body",    "/text", "/error/message"};
constexpr std::string_view trace_places[]{
    "/exception",         "/exc_info",         "/traceback", "/stack",
    "/stack_trace",       "/stacktrace",       "/err/stack", "/error/stack",
    "/error.stack_trace", "/error/stack_trace"};

constexpr ByteSet before_message(" \t-|:]");

/// "backend-1  | ": what `docker compose logs` writes before each line.
std::string_view without_compose_prefix(std::string_view line) {
    constexpr std::size_t far = 96;
    const auto start = line.substr(0, far);
    const auto bar = start.find_first_not_of(' ', start.find(' '));
    if (bar == line.npos || bar < 2 || start.substr(bar, 2) != "| ") return line;
    const auto is_name = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    const auto name = line.substr(0, line.find(' '));
    return std::ranges::all_of(name, is_name) ? line.substr(bar + 2) : line;
}

/// "2026-11-23T10:21:05.1Z stdout F …": what Kubernetes keeps.
bool unwrap_cri(std::string_view line, const Reading& reading, Unwrapped& out) {
    constexpr std::size_t shortest = 22;
    // Nearly all lines with a time go here, most have a space in it.
    if (line.size() < shortest || line[4] != '-' || line[10] == ' ') return false;
    const auto space = line.substr(0, 48).find(' ');
    if (space == line.npos) return false;
    auto rest = line.substr(space + 1);
    if (!begins_with(rest, "stdout ") && !begins_with(rest, "stderr ")) return false;
    rest.remove_prefix(7);
    if (!rest.starts_with("F ") && !rest.starts_with("P ")) return false;
    const auto stamp = read_stamp(line, reading.zone, reading.now);
    if (!stamp || !stamp->zoned) return false;
    out.text = rest.substr(2);
    out.at = stamp->at;
    return true;
}

bool unwrap_json_file(std::string_view line, const Reading& reading, Unwrapped& out) {
    if (!begins_with(line, R"({"log":")")) return false;
    const auto json = Json::parse(line);
    if (!json) return false;
    const auto text = json->string("/log");
    const auto time = json->string("/time");
    if (!text || !time) return false;
    out.held = *text;
    while (out.held.ends_with('\n') || out.held.ends_with('\r'))
        out.held.pop_back();
    out.text = out.held;
    if (const auto stamp = read_stamp(*time, reading.zone, reading.now)) out.at = stamp->at;
    return true;
}

Level json_level(const Json& json) {
    if (const auto word = first_string(json, level_places)) {
        if (const auto level = level_of_word(*word); level != Level::none) return level;
    }
    const auto number = first_number(json, level_places);
    return number ? level_of_number(*number) : Level::none;
}

bool read_json(std::string_view text, const Reading& reading, Record& out) {
    const auto json = Json::parse(text);
    if (!json || !json->is_object()) return false;
    out.json = true;
    out.level = json_level(*json);
    out.json_message = first_string(*json, message_places).value_or(text);
    out.trace = first_string(*json, trace_places).value_or("");
    if (out.at) return true;
    if (const auto time = first_string(*json, time_places)) {
        if (const auto stamp = read_stamp(*time, reading.zone, reading.now)) {
            out.at = stamp->at;
            out.zone_assumed = !stamp->zoned;
        }
    }
    if (out.at) return true;
    if (const auto number = first_number(*json, time_places)) out.at = from_epoch(*number);
    return true;
}

/// ECMA-48's control sequences, "ESC [ 31 m": programs colour what they believe a terminal reads.
void take_colors_off(Unwrapped& out) {
    if (!out.text.contains('\x1b')) return;
    std::string plain;
    for (std::size_t at = 0; at < out.text.size(); ++at) {
        if (out.text[at] != '\x1b' || out.text.substr(at + 1, 1) != "[") {
            plain += out.text[at];
            continue;
        }
        at += 2;
        while (at < out.text.size() && (out.text[at] < '@' || out.text[at] > '~'))
            ++at;
    }
    out.held = std::move(plain);
    out.text = out.held;
}

/// "[ERROR] message": what the journal's priority says. What a program wrote has a space before it.
void take_level_off(Unwrapped& out) {
    if (!out.text.starts_with('[')) return;
    const auto end = out.text.find(']');
    if (end == out.text.npos) return;
    out.level = level_of_word(out.text.substr(1, end - 1));
    out.text.remove_prefix(end + 1);
}

}  // namespace

void unwrap(std::string_view line, const Reading& reading, Unwrapped& out, bool may_be_colored) {
    out.at.reset();
    out.level = Level::none;
    out.text = line;
    if (reading.wrapping != Wrapping::any) {
        const auto stamp = read_stamp(line.substr(0, 40), reading.zone, reading.now);
        if (!stamp || !stamp->zoned || stamp->end >= line.size() + 1) return;
        out.at = stamp->at;
        out.text = line.substr(stamp->end);
        if (reading.wrapping == Wrapping::journal) take_level_off(out);
        out.text.remove_prefix(std::min<std::size_t>(1, out.text.size()));
        if (may_be_colored) take_colors_off(out);
        return;
    }
    out.text = without_compose_prefix(line);
    const bool unescaped = unwrap_json_file(out.text, reading, out);
    if (!unescaped) unwrap_cri(out.text, reading, out);
    if (unescaped || may_be_colored) take_colors_off(out);
}

void RecordReader::read(const Unwrapped& inner, const Reading& reading, Record& out) {
    out.at = inner.at;
    out.text = inner.text;
    out.trace.clear();
    out.zone_assumed = out.json = false;
    if (inner.text.starts_with('{') && read_json(inner.text, reading, out)) {
        if (out.level == Level::none) out.level = inner.level;
        return;
    }
    auto rest = inner.text;
    const auto stamp = find_stamp(inner.text, reading.zone, reading.now, minute_);
    if (stamp) {
        rest.remove_prefix(stamp->end);
        if (!out.at) {
            out.at = stamp->at;
            out.zone_assumed = !stamp->zoned;
        }
    }
    out.level = levels_.find(rest, stamp.has_value());
    if (out.level == Level::none && stamp && stamp->end > 3)  // "I1123 10:21:05", "1:M … # text"
        out.level = find_level(inner.text.substr(0, stamp->end), false);
    if (inner.level != Level::none) out.level = inner.level;
    // Between time and message may be: "[12] ERROR:  ", " - ERROR - ", " | ".
    const auto skipped = std::min(before_message.first_not_in(rest), rest.size());
    out.message_begin = inner.text.size() - rest.size() + skipped;
}

std::optional<Stamp> time_of(std::string_view line, const Reading& reading) {
    Unwrapped inner;
    unwrap(line, reading, inner);
    if (inner.at) return Stamp{*inner.at, true, 0};
    if (inner.text.starts_with('{')) {
        Record record;
        if (!read_json(inner.text, reading, record) || !record.at) return std::nullopt;
        return Stamp{*record.at, !record.zone_assumed, 0};
    }
    return find_stamp(inner.text, reading.zone, reading.now);
}

bool begins_entry(std::string_view text, const Reading& reading) {
    if (text.empty() || text[0] == ' ' || text[0] == '\t') return false;
    if (text[0] == '{') return true;
    return find_stamp(text, reading.zone, reading.now).has_value() ||
           find_level(text.substr(0, 48), false) != Level::none;
}

}  // namespace logs
