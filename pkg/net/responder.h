// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One worker's side of the front: a framed request in, the bytes of its answer out. httplib reads
// the request line and writes the answer; the pre-routing hook hands everything to our handler, so
// that none of httplib's own opinions (regex routes, ranges, form bodies, compression) take part.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "pkg/net/framer.h"
#include "pkg/net/front.h"
#include "pkg/net/http.h"

namespace watchfire::net {

// The bytes of an answer: `body` follows `head`. Bodies that are not large are in `head`, for each
// piece is a system call; large ones are not, for copying is as much work as making them.
struct AnswerBytes {
  std::string head;
  std::string body;
  // Instead of `body`: the pieces of a chunked one (Response::write_body).
  std::function<void(const BodySink&)> write_body = {};
  size_t body_bytes = 0;  // Response::body_bytes
};

class Responder {
 public:
  // `prefix` is "" or "/foo"; `access` may be null.
  // `open_path` as in Front::Options, with the prefix.
  Responder(Front::Handler handler, std::string prefix, Front::AccessSource access = nullptr,
            std::string open_path = "");
  ~Responder();

  // Never fails: a malformed request line answers 400, a throwing handler 500.
  AnswerBytes Answer(Framed framed, const std::string& remote);

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

// Splits a request target (RFC 9112 section 3.2, origin or absolute form) into `request`'s path
// and query. Source of the query's rules: Go's net/url, except that malformed escapes stay.
void ParseTarget(std::string_view target, Request* request);

}  // namespace watchfire::net
