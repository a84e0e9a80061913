/// How long the server's certificate is valid yet.
#pragma once

#include <triage/plugin.hpp>

namespace health {

/// "2026-12-24", in UTC, of seconds since 1970.
std::string date_of(std::int64_t seconds);

/// With how few days left a certificate is a warning, and a failure.
struct CertificateDays {
    std::int64_t warn, fail;

    /// The parameters certificate-warn-days and certificate-fail-days.
    template <class P>
    static void describe(triage::Describe<P>& d, std::int64_t P::* warn, std::int64_t P::* fail) {
        d.optional("certificate-warn-days", warn, 21,
                   "Warn when the certificate ends in fewer days")
            .at_least(0);
        d.optional("certificate-fail-days", fail, 7, "Fail when the certificate ends in fewer days")
            .at_least(0)
            .not_above("certificate-warn-days");
    }
};

namespace code {
inline constexpr triage::Code certificate_ends{
    "health.certificate-ends", triage::Weight::warn, "The certificate is not valid for long",
    "Renew it, and look why that did not happen by itself"};
}  // namespace code

inline constexpr triage::Fact<std::string> certificate_until{
    "certificate_until", "The last day of the server's certificate"};

/// Judges the first certificate of the chain, if the response has one; a fact says its last day.
void judge_certificate(CertificateDays days, triage::Context& ctx, const triage::Url& subject,
                       const triage::Response& response);

}  // namespace health
