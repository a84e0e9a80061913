/// The codes and facts of ui.build.
#pragma once

#include <triage/plugin.hpp>

namespace ui {

/// Of files that did not come at all: their build says nothing about that.
inline constexpr const char* remedy_of_server =
    "Look at what serves the UI's files, and at its log";

namespace code {
using triage::Code;
using triage::Weight;

inline constexpr Code no_page{"ui.no-page", Weight::fail, "The UI's page does not come",
                              "Look at the UI's server and its log: health.endpoint says more"};
inline constexpr Code file_missing{
    "ui.file-missing", Weight::fail, "Scripts or styles of the page are not there",
    "Deploy the page and its files of one build together; keep the files of the last build for "
    "pages that are open"};
inline constexpr Code file_is_page{
    "ui.file-is-page", Weight::fail, "A page comes in the place of scripts or styles",
    "Let the server answer 404 for files that are not there, and look why they are not: the page "
    "and its files may be of two builds, or a path prefix is lost"};
inline constexpr Code api_invalid{
    "ui.api-url-invalid", Weight::fail, "The UI was built with no address of an API",
    "Set NEXT_PUBLIC_API_URL to http(s)://HOST[:PORT], and build the UI anew"};
inline constexpr Code api_internal{
    "ui.api-url-internal", Weight::fail,
    "The UI was built with a name of the API that browsers cannot resolve",
    "Set NEXT_PUBLIC_API_URL to the address that browsers reach, and build the UI anew"};
inline constexpr Code api_local{
    "ui.api-url-local", Weight::fail,
    "The UI was built to call the API at the machine of whoever looks at it",
    "Set NEXT_PUBLIC_API_URL to the address that browsers reach, and build the UI anew"};
inline constexpr Code api_mixed{
    "ui.api-url-mixed", Weight::fail,
    "The UI is loaded by https and calls the API by http, which browsers block",
    "Serve the API by https too, set NEXT_PUBLIC_API_URL to that, and build the UI anew"};
inline constexpr Code api_other{
    "ui.api-url-other", Weight::fail, "The UI was built to call another address than the API's",
    "Set NEXT_PUBLIC_API_URL to the API's address and build the UI anew: a change of the "
    "environment does not reach scripts that are built"};
inline constexpr Code api_path{
    "ui.api-url-path", Weight::fail, "The UI was built with another path of the API",
    "Set NEXT_PUBLIC_API_URL without the path that the code adds itself (/api/v1), and build the "
    "UI anew"};
inline constexpr Code setting_differs{
    "ui.setting-differs", Weight::fail, "The UI was built with another setting than it should be",
    "Build the UI anew with the setting that the services have: a change of the environment does "
    "not reach scripts that are built"};
}  // namespace code

inline constexpr triage::Fact<std::string> api_url_fact{
    "api_url", "The API's address that the scripts were built with"};
inline constexpr triage::Fact<std::string> setting_fact{
    "setting", "A setting that the scripts were built with"};

}  // namespace ui
