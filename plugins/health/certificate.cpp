#include "certificate.hpp"

namespace health {
namespace {

constexpr std::int64_t seconds_of_day = 24L * 60 * 60;

std::string two_digits(unsigned number) { return triage::text(number < 10 ? "0" : "", number); }

}  // namespace

std::string date_of(std::int64_t seconds) {
    const std::chrono::sys_seconds moment{std::chrono::seconds(seconds)};
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(moment));
    return triage::text(int(date.year()), "-", two_digits(unsigned(date.month())), "-",
                        two_digits(unsigned(date.day())));
}

void judge_certificate(CertificateDays limits, triage::Context& ctx, const triage::Url& subject,
                       const triage::Response& response) {
    if (response.certificates().empty()) return;
    const auto& leaf = response.certificates().front();
    if (leaf.not_after_s == INT64_MIN) return;  // nobody can tell when it ends
    ctx.evaluated(code::certificate_ends);
    ctx.fact(certificate_until, date_of(leaf.not_after_s));
    const auto now =
        std::chrono::floor<std::chrono::seconds>(ctx.wall_clock()).time_since_epoch().count();
    const auto days = (leaf.not_after_s - now) / seconds_of_day;
    ctx.metric("certificate-days", static_cast<double>(days), "d");
    if (days >= limits.warn) return;
    ctx.found(code::certificate_ends, subject,
              triage::text("the certificate ends on ", date_of(leaf.not_after_s), ", in ", days,
                           " days"))
        .weight(days < limits.fail ? triage::Weight::fail : triage::Weight::warn)
        .evidence("certificate", leaf.subject)
        .evidence("issued-by", leaf.issuer);
}

}  // namespace health
