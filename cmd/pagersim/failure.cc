// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/failure.h"

#include <string>

#include "cmd/pagersim/servicenow.h"
#include "cmd/pagersim/twilio.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

constexpr std::string_view kServiceManagement = "/jsm/ops/integration";

// A body for being called too often, and one for everything else.
struct Bodies {
  std::string_view path;  // A prefix; the first that fits counts.
  std::string_view limited;
  std::string_view failed;
};

constexpr Bodies kBodies[] = {
    {"/v2/alert_events/alertmanager/",
     R"({"type":"too_many_requests","status":429,"errors":[{"code":"too_many_requests",)"
     R"("message":"You have exceeded the rate limit"}]})",
     R"({"type":"internal_error","errors":[{"code":"internal_error",)"
     R"("message":"Something went wrong"}]})"},
    {"/v2/enqueue",
     R"({"status":"throttle exceeded",)"
     R"("message":"Requests for this service are arriving too quickly. Please retry later."})",
     R"({"status":"internal error","message":"Internal Server Error"})"},
    {"/generic/2010-04-15/create_event.json",
     R"({"status":"throttle exceeded",)"
     R"("message":"Requests for this service are arriving too quickly. Please retry later."})",
     R"({"status":"internal error","message":"Internal Server Error"})"},
    {"/v2/alerts",
     R"({"message":"You are making too many requests!","took":0.001,"requestId":"pagersim"})",
     R"({"message":"Internal Server Error","took":0.001,"requestId":"pagersim"})"},
    {"/rest/api/", R"({"errorMessages":["Rate limit exceeded."],"errors":{}})",
     R"({"errorMessages":["Internal server error"],"errors":{}})"},
    {"/1/messages.json",
     R"({"errors":["application is over its quota"],"status":0,"request":"pagersim"})",
     R"({"errors":["internal server error"],"status":0,"request":"pagersim"})"},
    {"/cgi-bin/", R"({"errcode":45009,"errmsg":"api freq out of limit"})",
     R"({"errcode":-1,"errmsg":"system busy"})"},
};

}  // namespace

std::optional<Reply> FailureOf(std::string_view path, int status) {
  const bool limited = status == 429;
  if (path.starts_with("/2010-04-01/Accounts/")) {
    return Twilio::Refuse(status, limited ? 20429 : 20500,
                          limited ? "Too Many Requests" : "An internal server error has occurred");
  }
  if (path.starts_with("/api/now/table/incident")) {
    return ServiceNow::Refuse(status, limited ? "Rate limit exceeded" : "Transaction cancelled",
                              limited ? "Rejected by rate limit rule" : "maximum execution time");
  }
  if (path == "/") {
    const std::string error = limited ? "<Type>Sender</Type><Code>Throttling</Code>"
                                        "<Message>Rate exceeded</Message>"
                                      : "<Type>Receiver</Type><Code>InternalFailure</Code>"
                                        "<Message>An internal error occurred</Message>";
    return Reply{status,
                 "<ErrorResponse><Error>" + error +
                     "</Error><RequestId>pagersim</RequestId></ErrorResponse>",
                 {},
                 "text/xml"};
  }
  if (path.starts_with(kServiceManagement)) path.remove_prefix(kServiceManagement.size());
  for (const Bodies& bodies : kBodies) {
    if (!path.starts_with(bodies.path)) continue;
    return Reply{status, std::string(limited ? bodies.limited : bodies.failed)};
  }
  return std::nullopt;
}

}  // namespace watchfire::pagersim
