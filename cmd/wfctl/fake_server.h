// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A server without socket for the tests of this folder: answers by method and path, and remembers
// what it was asked.

#pragma once

#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cmd/wfctl/command.h"

namespace watchfire::wfctl {

struct FakeServer {
  // By "GET /api/v2/alerts", without query. The first of several answers is used up.
  std::map<std::string, std::vector<std::pair<int, std::string>>> answers;
  bool is_down = false;
  std::map<std::string, std::string> files;
  WallTime now = ParseTime("2026-01-31T12:00:00Z").value();
  std::string environment_url;

  // What vendors answer to deliveries.
  std::function<Result<net::OutResponse>(const net::OutRequest& request)> vendor =
      [](const net::OutRequest&) {
        net::OutResponse response;
        response.status = 200;
        return response;
      };

  // What queries of the Prometheus that is started give.
  std::function<Result<promql::Vector>(const std::string& expr, WallTime at)> prometheus =
      [](const std::string&, WallTime) { return promql::Vector(); };
  std::map<std::string, std::string> written;

  // What the last Run() did.
  int code = 0;
  std::string out;
  std::string err;
  std::vector<ApiRequest> requests;
  std::vector<size_t> waves;  // Requests sent at once.
  Target target;
  std::vector<net::OutRequest> deliveries;

  core::Attempted Deliver(const core::Attempt& attempt, const app::StartExchange& start) {
    const auto exchange = start(attempt);
    notify::Step step = exchange->Begin(*attempt.notification);
    while (auto* send = std::get_if<notify::Send>(&step)) {
      deliveries.push_back(std::move(send->request));
      step = exchange->OnResponse(vendor(deliveries.back()));
    }
    core::Attempted outcome;
    if (auto* retry = std::get_if<notify::Retry>(&step)) {
      outcome.kind = core::Attempted::Kind::kRetry;
      outcome.why = retry->why;
      outcome.failure = notify::FailureName(retry->failure);
    } else if (auto* fail = std::get_if<notify::Fail>(&step)) {
      outcome.kind = core::Attempted::Kind::kFail;
      outcome.why = fail->why;
      outcome.failure = notify::FailureName(fail->failure);
    } else {
      outcome.data = std::get<notify::Done>(step).data;
    }
    return outcome;
  }

  Result<net::OutResponse> Answer(const ApiRequest& request) {
    if (is_down) return Fail(Code::kUnavailable, "connection refused");
    auto& queue = answers[request.method + " " + request.path.substr(0, request.path.find('?'))];
    net::OutResponse response;
    response.status = queue.empty() ? 404 : queue.front().first;
    response.body = queue.empty() ? "" : queue.front().second;
    if (queue.size() > 1) queue.erase(queue.begin());
    return response;
  }

  int Run(const std::vector<std::string>& words) {
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    requests.clear();
    waves.clear();
    deliveries.clear();
    World world{.out = out_stream,
                .err = err_stream,
                .color = false,
                .now = now,
                .user = "ada",
                .home = "/h",
                .environment_url = environment_url,
                .files = {},
                .read_data = {},
                .send = {}};
    world.files.read = [this](const std::string& path) -> Result<std::string> {
      const auto found = files.find(path);
      if (found == files.end()) return Fail(Code::kNotFound, path + ": No such file or directory");
      return found->second;
    };
    world.read_data = world.files.read;
    world.files.glob = [](const std::string& pattern) { return std::vector{pattern}; };
    world.send = [this](const Target& to, const std::vector<ApiRequest>& wave) {
      target = to;
      waves.push_back(wave.size());
      std::vector<Result<net::OutResponse>> responses;
      for (const ApiRequest& request : wave) {
        requests.push_back(request);
        responses.push_back(Answer(request));
      }
      return responses;
    };
    world.attempt = [this](const std::vector<core::Attempt>& attempts,
                           const app::StartExchange& start) {
      std::vector<core::Attempted> outcomes;
      for (const core::Attempt& attempt : attempts) outcomes.push_back(Deliver(attempt, start));
      return outcomes;
    };
    struct Backend : ruletest::Backend {
      explicit Backend(FakeServer& of) : server(of) {}
      Status Write(const promql::Vector&) override { return {}; }
      Result<promql::Vector> Query(const std::string& expr, WallTime at) override {
        return server.prometheus(expr, at);
      }
      FakeServer& server;
    };
    world.start_prometheus =
        [this](const std::string& program) -> Result<std::unique_ptr<ruletest::Backend>> {
      if (program == "gone") return Fail(Code::kNotFound, "no gone to answer the expressions");
      return std::make_unique<Backend>(*this);
    };
    world.write_file = [this](const std::string& path, const std::string& text) -> Status {
      written[path] = text;
      return {};
    };
    code = Dispatch(words, world);
    out = out_stream.str();
    err = err_stream.str();
    return code;
  }

  // The same without the version check before.
  int Ask(std::vector<std::string> words) {
    words.emplace_back("--no-version-check");
    return Run(words);
  }
};

}  // namespace watchfire::wfctl
