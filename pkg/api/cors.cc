// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Source: rs/cors with the options of Alertmanager's api.NewCORSHandler, but for the headers of
// gRPC that it exposes.

#include "pkg/api/cors.h"

#include <string>
#include <string_view>
#include <vector>

namespace watchfire::api {
namespace {

// For how many seconds a browser need not ask again.
constexpr const char* kMaxAge = "600";

bool AllowsMethod(std::string_view method) {
  return method == "GET" || method == "POST" || method == "DELETE" || method == "OPTIONS";
}

}  // namespace

std::optional<net::Response> AnswerPreflight(const net::Request& request,
                                             const std::optional<matcher::Matcher>& origins) {
  const std::string method(request.header("Access-Control-Request-Method"));
  if (!origins || request.method != "OPTIONS" || method.empty()) return std::nullopt;
  net::Response response{204, {}, ""};
  std::vector<net::Header>& headers = response.headers;
  headers.push_back(
      {"Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"});
  const std::string origin(request.header("Origin"));
  if (origin.empty() || !origins->MatchesValue(origin) || !AllowsMethod(method)) return response;
  headers.push_back({"Access-Control-Allow-Origin", origin});
  headers.push_back({"Access-Control-Allow-Methods", method});
  const std::string names(request.header("Access-Control-Request-Headers"));
  if (!names.empty()) headers.push_back({"Access-Control-Allow-Headers", names});
  headers.push_back({"Access-Control-Max-Age", kMaxAge});
  return response;
}

void AddCorsHeaders(const net::Request& request, const std::optional<matcher::Matcher>& origins,
                    net::Response* response) {
  if (!origins) return;
  response->headers.push_back({"Vary", "Origin"});
  const std::string origin(request.header("Origin"));
  if (origin.empty() || !origins->MatchesValue(origin) || !AllowsMethod(request.method)) return;
  response->headers.push_back({"Access-Control-Allow-Origin", origin});
}

}  // namespace watchfire::api
