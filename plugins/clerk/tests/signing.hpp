/// What Clerk does, for tests: real RSA keys, key sets, session tokens, publishable keys.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <triage/testing.hpp>

namespace signing {

/// RFC 4648, 5, without padding.
std::string base64url(const std::string& bytes);

/// A key pair of an instance. Made once in a test program: that takes a tenth of a second.
class Key {
public:
    static const Key& of_instance();  ///< kid "ins_one"
    static const Key& of_another();   ///< kid "ins_two"
    static const Key& weak();         ///< kid "ins_weak", 1024 bits

    /// Its public part; `kid` instead of its own if given, `more` is added: `,"d":"AQAB"`.
    std::string jwk(const std::string& kid = "", const std::string& more = "") const;
    /// The public part with the member `name` replaced, or left out if `value` is empty.
    std::string jwk_with(const std::string& name, const std::string& value) const;
    /// A token with these claims, and this header if one is given.
    std::string token(const std::string& claims, const std::string& header = "") const;
    const std::string& kid() const { return kid_; }

private:
    Key(std::string kid, unsigned bits);

    std::string kid_, n_, e_;
    std::shared_ptr<void> pair_;
};

/// `{"keys":[…]}`
std::string key_set(const std::vector<std::string>& jwks);
/// `pk_test_` and the host, as Clerk writes it.
std::string publishable_key(const std::string& host, const std::string& kind = "test");

/// The answer of a frontend API whose clock is that of the fake host.
triage::testing::Reply jwks_reply(const std::string& body);
/// Its usual answer.
triage::testing::Reply good_jwks();

}  // namespace signing
