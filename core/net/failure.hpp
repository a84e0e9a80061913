// What libcurl's result of a transfer means for the target, in this project's terms and in words.
#pragma once

#include <string>

#include <curl/curl.h>

#include "core/net/easy.hpp"
#include "core/net/http.hpp"

namespace triage::net {

struct Outcome {
    Failure failure = Failure::none;
    Phase phase = Phase::done;
    std::string detail;
};

// Of the transfer that `easy` has just ended with `code`.
Outcome judge(CURLcode code, const Easy& easy, const Job& job, const Reception& reception,
              const Response& response);

}  // namespace triage::net
