#include "crypto.hpp"

#include <algorithm>
#include <memory>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

namespace clerk {
namespace {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* owned) const {
        release(owned);
    }
};

using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Number to_number(const std::string& big_endian) {
    return Number(BN_bin2bn(bytes(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

Key make_key(const std::string& n, const std::string& e) {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);  // this machine's has no say here
    const auto modulus = to_number(n), exponent = to_number(e);
    const std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>> builder(
        OSSL_PARAM_BLD_new());
    if (!modulus || !exponent || !builder ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
        return nullptr;
    }
    const std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>> params(
        OSSL_PARAM_BLD_to_param(builder.get()));
    const std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>> maker(
        EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* made = nullptr;
    if (!params || !maker || EVP_PKEY_fromdata_init(maker.get()) != 1) return nullptr;
    EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get());
    return Key(made);
}

bool is_of(Alphabet alphabet, char c) {
    const bool common = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (alphabet == Alphabet::url) return common || c == '-' || c == '_';
    return common || c == '+' || c == '/';
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text, Alphabet alphabet) {
    std::string padded(text.substr(0, text.find_last_not_of('=') + 1));
    if (text.size() - padded.size() > 2 || padded.size() % 4 == 1) return std::nullopt;
    if (!std::ranges::all_of(padded, [&](char c) { return is_of(alphabet, c); })) {
        return std::nullopt;
    }
    std::ranges::replace(padded, '-', '+');
    std::ranges::replace(padded, '_', '/');
    const auto missing = (4 - padded.size() % 4) % 4;
    padded.append(missing, '=');
    std::string decoded(padded.size() / 4 * 3, '\0');
    const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                       bytes(padded), static_cast<int>(padded.size()));
    if (length < 0) return std::nullopt;
    decoded.resize(static_cast<std::size_t>(length) - missing);
    return decoded;
}

int bits_of(const std::string& number) {
    const auto parsed = to_number(number);
    return parsed ? BN_num_bits(parsed.get()) : 0;
}

bool is_rsa_exponent(const std::string& exponent) {
    const auto parsed = to_number(exponent);
    return parsed && BN_is_odd(parsed.get()) != 0 && BN_is_one(parsed.get()) == 0;
}

bool verifies_rs256(const std::string& n, const std::string& e, std::string_view message,
                    const std::string& signature) {
    const auto key = make_key(n, e);
    const std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
    return key && context &&
           EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message),
                            message.size()) == 1;
}

}  // namespace clerk
