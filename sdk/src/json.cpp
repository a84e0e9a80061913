#include "json.hpp"

#include <charconv>
#include <stdexcept>

namespace triage::testing {
namespace {

/// The whole of `digits` as a number.
template <class Number, class... Base>
bool read_number(std::string_view digits, Number& out, Base... base) {
    const char* const begin = digits.data();
    const char* const end = begin + digits.size();
    const auto [stop, error] = std::from_chars(begin, end, out, base...);
    return error == std::errc() && stop == end;
}

class Reader {
public:
    explicit Reader(std::string_view json) : json_(json) {}

    ParamInput value() {
        ParamInput out{TRIAGE_SHAPE_ONE, {}, false};
        if (take('[')) {
            out.shape = TRIAGE_SHAPE_LIST;
            while (!take(']')) {
                out.entries.emplace_back("", scalar());
                if (!take(',') && peek() != ']') fail();
            }
        } else if (take('{')) {
            out.shape = TRIAGE_SHAPE_MAP;
            while (!take('}')) {
                auto key = string();
                if (!take(':')) fail();
                out.entries.emplace_back(std::move(key), scalar());
                if (!take(',') && peek() != '}') fail();
            }
        } else {
            out.entries.emplace_back("", scalar());
        }
        if (peek() != '\0') fail();
        return out;
    }

private:
    [[noreturn]] void fail() const {
        throw std::invalid_argument(text("not a JSON value text: ", json_, " (at byte ", at_, ")"));
    }

    char peek() {
        while (at_ < json_.size() && (json_[at_] == ' ' || json_[at_] == '\n'))
            ++at_;
        return at_ < json_.size() ? json_[at_] : '\0';
    }
    bool take(char wanted) {
        if (peek() != wanted) return false;
        ++at_;
        return true;
    }
    bool word(std::string_view wanted) {
        if (!json_.substr(at_).starts_with(wanted)) return false;
        at_ += wanted.size();
        return true;
    }

    Scalar scalar() {
        if (peek() == '"') return string();
        if (word("true")) return true;
        if (word("false")) return false;
        return number();
    }

    Scalar number() {
        const auto rest = json_.substr(at_);
        const auto digits = rest.substr(0, rest.find_first_not_of("+-.eE0123456789"));
        at_ += digits.size();
        std::int64_t integer = 0;
        if (read_number(digits, integer)) return integer;
        double real = 0;
        if (!read_number(digits, real)) fail();
        return real;
    }

    std::string string() {
        if (!take('"')) fail();
        std::string out;
        while (at_ < json_.size() && json_[at_] != '"') {
            out += json_[at_] == '\\' ? escape() : json_[at_];
            ++at_;
        }
        if (at_ == json_.size()) fail();
        ++at_;
        return out;
    }

    /// Leaves at_ at the escape's last character.
    char escape() {
        ++at_;
        switch (at_ < json_.size() ? json_[at_] : '\0') {
            case '"':
                return '"';
            case '\\':
                return '\\';
            case '/':
                return '/';
            case 'n':
                return '\n';
            case 't':
                return '\t';
            case 'r':
                return '\r';
            case 'u':
                return control_character();
            default:
                fail();
        }
    }

    char control_character() {
        unsigned code = 0;
        const auto digits = json_.substr(at_ + 1, 4);
        if (!read_number(digits, code, 16) || digits.size() != 4 || code > 0x7F) fail();
        at_ += 4;
        return static_cast<char>(code);
    }

    std::string_view json_;
    std::size_t at_ = 0;
};

}  // namespace

ParamInput parse_json(std::string_view json) { return Reader(json).value(); }

}  // namespace triage::testing
