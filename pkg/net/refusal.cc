// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/refusal.h"

#include "pkg/base/json.h"
#include "pkg/net/headers.h"

namespace watchfire::net {
namespace {

struct StatusRow {
  int status;
  const char* reason;  // RFC 9110 section 15.
  const char* type;    // Our errorType.
};

StatusRow FindStatus(int status) {
  static constexpr StatusRow kRows[] = {
      {400, "Bad Request", "bad_data"},
      {404, "Not Found", "not_found"},
      {408, "Request Timeout", "timeout"},
      {413, "Content Too Large", "bad_data"},
      {414, "URI Too Long", "bad_data"},
      {417, "Expectation Failed", "bad_data"},
      {431, "Request Header Fields Too Large", "bad_data"},
      {500, "Internal Server Error", "internal"},
      {501, "Not Implemented", "bad_data"},
      {503, "Service Unavailable", "unavailable"},
      {505, "HTTP Version Not Supported", "bad_data"},
  };
  for (const StatusRow& row : kRows) {
    if (row.status == status) return row;
  }
  return {status, "Error", status < 500 ? "bad_data" : "internal"};
}

}  // namespace

std::string ErrorBody(int status, const std::string& message) {
  return JsonError(FindStatus(status).type, message);
}

std::string RefusalBytes(const Refusal& refusal) {
  const std::string body = ErrorBody(refusal.status, refusal.message);
  std::string out = "HTTP/1.1 " + std::to_string(refusal.status) + " ";
  out += FindStatus(refusal.status).reason;
  out += "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size());
  out += "\r\nConnection: close\r\n\r\n" + body;
  return out;
}

std::string BusyBytes(const std::string& body, const Manner& manner) {
  Response response{503, {{"X-Content-Type-Options", "nosniff"}}, ""};
  AddHeaders(manner.headers, &response);
  std::string head =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n";
  for (const Header& header : response.headers) head += header.name + ": " + header.value + "\r\n";
  return head + "Content-Length: " + std::to_string(body.size()) +
         (manner.close ? "\r\nConnection: close" : "") + "\r\n\r\n" + (manner.no_body ? "" : body);
}

}  // namespace watchfire::net
