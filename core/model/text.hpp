// Text that is fit to be shown: no secret is in it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace triage::redact {
class Redactor;
}

namespace triage::model {

// A string that went through the redaction door. Only redact::Redactor makes one from run-time
// strings; text that stands in the program's own source may be used as it is. So whatever is built
// of Text (results, reports, history) cannot leak, and the compiler checks it.
class Text {
public:
    Text() = default;

    // Text from the program's own source: "blocked by …" and the like.
    struct Literal {
        consteval Literal(const char* text) : view(text) {}  // NOLINT(google-explicit-constructor)
        std::string_view view;
    };
    Text(Literal literal) : value_(literal.view) {}  // NOLINT(google-explicit-constructor)

    const std::string& str() const { return value_; }
    bool empty() const { return value_.empty(); }
    friend bool operator==(const Text&, const Text&) = default;
    friend auto operator<=>(const Text&, const Text&) = default;
    friend Text operator+(Text a, const Text& b) {
        a.value_ += b.value_;
        return a;
    }

    // Line breaks as a visible "⏎", and none at the end: for what is one line by contract. A line
    // of its own could pass for one of ours.
    Text on_one_line() &&;

private:
    friend class redact::Redactor;
    explicit Text(std::string redacted, int) : value_(std::move(redacted)) {}
    std::string value_;
};

}  // namespace triage::model
