// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// For this folder's tests: a front on loopback, a handler for it, and requests to send.

#pragma once

#include <memory>
#include <string>
#include <utility>

#include "pkg/net/front.h"
#include "pkg/net/loopback_for_test.h"

namespace watchfire::net {

// Says back what it got: "METHOD path|name=value|…|body".
inline Response Echo(const Request& request) {
  std::string text = request.method + " " + request.path;
  for (const auto& [name, value] : request.query) text += "|" + name + "=" + value;
  return {200, {{"Content-Type", "text/plain"}}, text + "|" + request.body};
}

struct Served {
  explicit Served(Front::Handler handler, Front::Options options = {}) {
    options.listen_addresses = {"127.0.0.1:0"};
    front = std::move(*Front::Listen(options, std::move(handler)));
    front->Start();
  }
  std::string address() const { return front->addresses()[0]; }
  RawClient Connect() const { return RawClient(address()); }

  std::unique_ptr<Front> front;
};

inline std::string Get(const std::string& target, const std::string& headers = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
}

inline std::string Post(const std::string& target, const std::string& body) {
  return "POST " + target +
         " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

}  // namespace watchfire::net
