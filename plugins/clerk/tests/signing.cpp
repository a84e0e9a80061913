#include "signing.hpp"

#include <stdexcept>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

namespace signing {
namespace {

std::string base64(const std::string& bytes) {
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), from,
                                       static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(length));
    return out.substr(0, out.find_last_not_of('=') + 1);
}

std::string number_of(const EVP_PKEY* pair, const char* name) {
    BIGNUM* number = nullptr;
    EVP_PKEY_get_bn_param(pair, name, &number);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
    BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
    BN_free(number);
    return bytes;
}

}  // namespace

std::string base64url(const std::string& bytes) {
    auto text = base64(bytes);
    for (auto& c : text)
        c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

Key::Key(std::string kid, unsigned bits) : kid_(std::move(kid)) {
    EVP_PKEY* made = EVP_RSA_gen(bits);
    if (made == nullptr) throw std::runtime_error("no RSA key could be made");
    pair_ = std::shared_ptr<void>(made, [](void* p) { EVP_PKEY_free(static_cast<EVP_PKEY*>(p)); });
    n_ = base64url(number_of(made, OSSL_PKEY_PARAM_RSA_N));
    e_ = base64url(number_of(made, OSSL_PKEY_PARAM_RSA_E));
}

const Key& Key::of_instance() {
    static const Key key("ins_one", 2048);
    return key;
}
const Key& Key::of_another() {
    static const Key key("ins_two", 2048);
    return key;
}
const Key& Key::weak() {
    static const Key key("ins_weak", 1024);
    return key;
}

std::string Key::jwk(const std::string& kid, const std::string& more) const {
    return R"({"use":"sig","kty":"RSA","kid":")" + (kid.empty() ? kid_ : kid) +
           R"(","alg":"RS256","n":")" + n_ + R"(","e":")" + e_ + "\"" + more + "}";
}

std::string Key::jwk_with(const std::string& name, const std::string& value) const {
    auto text = jwk();
    const auto start = text.find("\"" + name + "\":\"");
    const auto value_start = start + name.size() + 4;
    const auto value_end = text.find('"', value_start);
    if (!value.empty()) return text.replace(value_start, value_end - value_start, value);
    const bool is_last = text[value_end + 1] == '}';
    return is_last ? text.erase(start - 1, value_end + 2 - start)
                   : text.erase(start, value_end + 2 - start);
}

std::string Key::token(const std::string& claims, const std::string& header) const {
    const auto head =
        header.empty() ? R"({"alg":"RS256","kid":")" + kid_ + R"(","typ":"JWT"})" : header;
    const auto message = base64url(head) + "." + base64url(claims);
    auto* context = EVP_MD_CTX_new();
    std::string signature(512, '\0');
    std::size_t size = signature.size();
    EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr,
                       static_cast<EVP_PKEY*>(pair_.get()));
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                   reinterpret_cast<const unsigned char*>(message.data()), message.size());
    EVP_MD_CTX_free(context);
    signature.resize(size);
    return message + "." + base64url(signature);
}

std::string key_set(const std::vector<std::string>& jwks) {
    std::string list;
    for (const auto& jwk : jwks)
        list += (list.empty() ? "" : ",") + jwk;
    return "{\"keys\":[" + list + "]}";
}

std::string publishable_key(const std::string& host, const std::string& kind) {
    return "pk_" + kind + "_" + base64(host + "$");
}

triage::testing::Reply jwks_reply(const std::string& body) {
    return triage::testing::Reply(200)
        .header("Content-Type", "application/json")
        .header("Date", "Thu, 01 Jan 2026 00:00:00 GMT")
        .body(body);
}

triage::testing::Reply good_jwks() { return jwks_reply(key_set({Key::of_instance().jwk()})); }

}  // namespace signing
