// The redaction door: the only maker of model::Text.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/model/text.hpp"

namespace triage::redact {

// The end of a body so far, see Redactor::scrub_known().
struct Tail {
    std::string held;
    std::size_t hidden = 0;  // its first bytes, which belong to a secret that was replaced
};

// Replaces secrets in text. Secrets that are known are found as they are and in their usual
// encodings (URL-encoded, base64 and base64url at any alignment, JSON- or HTML-escaped,
// hexadecimal), and also what is left of one, 8 bytes or more, where a text ends or has an
// ellipsis. Unknown ones are found by shape: URL user info and credential-like query parameters,
// Authorization values (Bearer, Basic), JWTs, `sk_…` and similar key prefixes, private key blocks,
// `input_value=` of pydantic, `[parameters: …]` of SQLAlchemy, password=… pairs.
//
// A known secret shorter than 8 bytes, or one that is an ordinary word of the run (a user, host or
// database name in a secret URL), is replaced only in credential positions: else the report could
// not be read.
//
// The result is always valid UTF-8 without terminal control sequences (base::printable).
//
// What plugins call secrets hides what plugins report, and never what the host itself says: a
// plugin could else make a server's answer or the report of others unreadable. All of it is hidden
// in what the same plugin reports; in what others report only what looks made by a machine
// (is_secret_like()), since a word may stand there for something else.
//
// Threads: add() and redact() may be called from any thread.
class Redactor {
public:
    Redactor();
    ~Redactor();
    Redactor(const Redactor&) = delete;
    Redactor& operator=(const Redactor&) = delete;

    // From now on `secret`, without white space around it, is replaced by "<secret:NAME>", or by
    // "<NAME>" if the name says its kind itself ("fact:login.session"). If it is a URL, its
    // password is registered too, and its user, hosts and database as ordinary words. A value keeps
    // its first name.
    void add(std::string_view name, std::string_view secret);

    // `plugin` says that this is a secret. Whatever it is, it uncovers nothing: it is looked for in
    // what is left when all else is hidden, and makes no word an ordinary one.
    void learn(std::string_view plugin, std::string_view secret);

    // Who hides secrets in what `plugin` reports: these, and what was learned. It stays where it
    // is, but another may be the right one after the next learn().
    const Redactor& of(std::string_view plugin) const;

    model::Text redact(std::string_view raw) const;

    // Same, for bytes that go on to a plugin (response bodies): known secrets only, not shapes;
    // binary content stays as it is.
    std::string scrub_known(std::string raw) const;

    // Same, for bytes that come in pieces: what may go on by now. The rest stays in `tail`, as it
    // may be the beginning of a secret.
    std::string scrub_known(std::string_view piece, Tail& tail) const;
    // After the last piece.
    std::string scrub_rest(const Tail& tail) const;

    // Secrets, learned ones too, that are too short or too common to be replaced everywhere, for
    // the report's notices.
    std::string notice() const;

private:
    struct State;

    void add_learned(std::string_view plugin, const std::string& secret, bool is_ordinary);

    std::unique_ptr<State> state_;
};

}  // namespace triage::redact
