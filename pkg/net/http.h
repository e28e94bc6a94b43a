// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// HTTP as values, for both directions. No sockets here.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/secret.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"

namespace watchfire::net {

struct Header {
  std::string name;
  std::string value;
};

// Returns true when two header names are the same (ASCII case-insensitive, RFC 9110 section 5.1).
bool SameHeaderName(std::string_view a, std::string_view b);
// Returns the value of the first header called `name`, "" if none.
std::string_view FindHeader(const std::vector<Header>& headers, std::string_view name);

// Inbound: what a handler sees.
struct Request {
  std::string method;  // "GET"; "HEAD" arrives as it is, its answer's body is not sent.
  std::string path;    // Decoded, below the route prefix, without query: "/api/v2/alerts"
  std::vector<std::pair<std::string, std::string>> query;  // In order, decoded; names may repeat.
  std::vector<Header> headers;                             // In order, values as sent.
  std::string body;    // Transfer coding removed; at most limits::kBodyBytes.
  std::string remote;  // "127.0.0.1:54321"
  // The path as it was sent where it says %2F, a slash within a segment; else "".
  std::string escaped_path = {};

  // First header of that name (case-insensitive), "" if none.
  std::string_view header(std::string_view name) const;
  // Last value of that query parameter, nullptr if none.
  const std::string* param(std::string_view name) const;
};

// Takes the next bytes of a body.
using BodySink = std::function<void(std::string_view)>;

struct Response {
  int status = 200;
  // Content-Type and extra ones; length and connection are added. One whose name or value could
  // break out of its line (CR, LF) is not sent.
  std::vector<Header> headers;
  std::string body;
  // Instead of `body`, for a large one: gives it away piece by piece, so that what has been sent
  // need not be kept until the last is made. Called once, by the worker that the handler ran on. It
  // must not fail: the status is sent already.
  std::function<void(const BodySink&)> write_body = {};
  size_t body_bytes = 0;  // About how many it writes, rather more than less.
};

// Returns the body, whichever way it is given.
std::string WholeBody(const Response& response);

// A message for an SMTP server. The request's URL is smtp://host:port/NAME, or smtps:// for TLS
// from the first byte, NAME being what we call ourselves; its body is the message (RFC 5322, lines
// ending in CRLF). Of `http` only `tls` counts; method and headers do not. The answer's status is
// the server's last reply code, its body that reply's text, and its header "Command" what it was
// for
// ("RCPT"). Sources: RFC 5321, RFC 4954.
struct Mail {
  std::string from;             // An address without name and brackets.
  std::vector<std::string> to;  // The same; the server must accept all of them.
  bool require_tls = true;      // smtp://: STARTTLS or nothing. Without it, nothing is encrypted.
  // Empty: no authentication. Otherwise, if the server offers any at all, by one of `mechanisms`.
  std::string username;
  Secret password;
  std::string identity;  // On whose behalf; PLAIN only.
  std::vector<std::string> mechanisms;
};

// Outbound: what a receiver or query wants sent. The URL may carry a secret in its path; errors and
// logs show `shown_url` instead.
struct OutRequest {
  std::string method = "POST";
  Secret url;
  std::string shown_url;
  std::vector<Header> headers;
  std::string body;
  Duration timeout = std::chrono::seconds(30);      // The whole exchange, from Send() on.
  Duration delay{};                                 // Leaves no sooner; part of `timeout`.
  Duration idle_timeout{};                          // Without a byte either way; 0: no such limit.
  size_t response_bytes_max = size_t{1024} * 1024;  // After decompression.
  // Auth, TLS, proxy; null: the defaults of HttpConfig. Outlives the exchange.
  const config::HttpConfig* http = nullptr;
  std::shared_ptr<const void> keep_alive;  // Holds whatever `http` points into.
  std::optional<Mail> mail;                // By SMTP.
};

struct OutResponse {
  int status = 0;
  std::vector<Header> headers;  // Of the last hop, in order.
  std::string body;             // Decoded when it came compressed.
  Duration took{};              // From Send() to the last byte, waiting and redirects included.

  std::string_view header(std::string_view name) const;
};

}  // namespace watchfire::net
