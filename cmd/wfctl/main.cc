// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

#include "cmd/wfctl/command.h"
#include "pkg/app/core_thread.h"
#include "pkg/app/server.h"
#include "pkg/base/promise.h"
#include "pkg/net/client.h"

namespace {

using watchfire::Result;
using watchfire::net::OutResponse;

// Sends one request and waits for its answer.
Result<OutResponse> Call(const std::string& base, const std::string& method,
                         const std::string& path, const std::string& body) {
  watchfire::net::Client client({.user_agent = std::string("wfctl/") + watchfire::app::kVersion});
  watchfire::net::OutRequest request;
  request.method = method;
  request.url = watchfire::Secret(base + path);
  request.shown_url = base + path;
  if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
  request.body = body;
  request.timeout = std::chrono::seconds(30);
  request.response_bytes_max = 256UL * 1024 * 1024;
  auto answer = std::make_shared<watchfire::Promise<Result<OutResponse>>>();
  client.Send(std::move(request), [answer](Result<OutResponse> r) { answer->Set(std::move(r)); });
  auto waited = answer->Wait(watchfire::app::ReadNow().mono + std::chrono::seconds(60));
  if (!waited) return watchfire::Fail(watchfire::Code::kTimeout, base + ": no answer");
  return *std::move(waited);
}

}  // namespace

int main(int argc, char** argv) {
  namespace wfctl = watchfire::wfctl;
  const auto arguments =
      wfctl::ParseArguments({argv + 1, argv + argc}, std::getenv("WATCHFIRE_URL"));
  if (!arguments) {
    std::cerr << "wfctl: " << arguments.error().message << "\n";
    return wfctl::kUsage;
  }
  wfctl::World world{
      std::cout, std::cerr, ::isatty(STDOUT_FILENO) != 0,
      [&](const std::string& method, const std::string& path, const std::string& body) {
        return Call(arguments->url, method, path, body);
      }};
  return wfctl::Dispatch(*arguments, world);
}
