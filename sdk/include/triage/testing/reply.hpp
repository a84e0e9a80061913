/// triage/testing/reply.hpp: canned answers of the fake host.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <triage/http.hpp>

namespace triage::testing {

/// What a request brings. Redirects are the host's business, so a reply is the last answer.
class Reply {
public:
    /// A complete response that arrives after 1 ms.
    explicit Reply(int status = 200) : status_(status) {}
    /// No complete response, for this reason. `detail` is what the host would say more.
    static Reply failed(Failure why, std::string detail = "");
    /// Nothing ever comes: the request's timeout, or else the check's deadline, ends it. `phase` is
    /// what is being waited for.
    static Reply hang(Phase phase = Phase::first_byte);

    /// How far it came, where that is not what the failure is usually met at. From Phase::body on
    /// there is a status.
    Reply& at(Phase phase);
    /// One more header of the answer.
    Reply& header(std::string name, std::string value);
    /// The whole body.
    Reply& body(std::string content);
    /// When the first byte (or the failure) arrives, on the virtual clock.
    Reply& after(std::chrono::microseconds delay);

    /// For streamed requests: the body in these chunks. In one, if nothing is said; an empty body
    /// has no chunk.
    Reply& chunks(std::vector<std::string> pieces);
    /// For streamed requests: the body that was given, cut after every so many bytes.
    Reply& chunk_size(std::size_t bytes);
    /// Time before each chunk after the first.
    Reply& gap(std::chrono::microseconds between_chunks);
    /// The connection breaks after the body that was given.
    Reply& then_closed();

    /// "127.0.0.1:8000" that was connected to; from the URL if not said.
    Reply& address(std::string host_port);
    /// "1.1" if not said.
    Reply& http_version(std::string version);
    /// URLs asked before this one.
    Reply& redirected_from(std::vector<std::string> urls);
    /// One more certificate of the chain, leaf first.
    Reply& certificate(Certificate certificate);

private:
    friend class CannedHttp;

    int status_;
    Failure failure_ = Failure::none;
    Phase phase_ = Phase::done;
    bool hangs_ = false;
    std::chrono::microseconds delay_{1000}, gap_{0};
    std::string detail_, body_, address_, http_version_ = "1.1";
    std::vector<std::pair<std::string, std::string>> headers_;
    std::vector<std::string> chunks_, redirects_;
    std::vector<Certificate> certificates_;
};

}  // namespace triage::testing
