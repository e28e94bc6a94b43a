// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <pwd.h>
#include <unistd.h>

#include "cmd/wfctl/command.h"
#include "cmd/wfctl/prometheus.h"
#include "cmd/wfctl/version.h"
#include "pkg/app/core_thread.h"
#include "pkg/app/files.h"
#include "pkg/app/workers.h"
#include "pkg/base/limits.h"
#include "pkg/base/promise.h"
#include "pkg/net/client.h"

namespace {

namespace wfctl = watchfire::wfctl;
using watchfire::MonoTime;
using watchfire::Result;
using watchfire::Status;
using watchfire::net::OutResponse;

constexpr size_t kResponseBytesMax = 256UL * 1024 * 1024;

using Answer = std::shared_ptr<watchfire::Promise<Result<OutResponse>>>;

// Sends requests for as long as the command has left of its time.
class Sender {
 public:
  std::vector<Result<OutResponse>> Send(const wfctl::Target& target,
                                        const std::vector<wfctl::ApiRequest>& requests) {
    const watchfire::Duration left = target.timeout - (watchfire::app::ReadNow().mono - started_);
    std::vector<Answer> answers;
    for (const wfctl::ApiRequest& request : requests) {
      answers.push_back(std::make_shared<Answer::element_type>());
      if (left <= watchfire::Duration::zero()) {
        answers.back()->Set(watchfire::Fail(watchfire::Code::kTimeout,
                                            target.url + ": no answer within --timeout"));
        continue;
      }
      client_.Send(Out(target, request, left),
                   [answer = answers.back()](Result<OutResponse> r) { answer->Set(std::move(r)); });
    }
    std::vector<Result<OutResponse>> responses;
    const MonoTime deadline = watchfire::app::ReadNow().mono + left + std::chrono::seconds(5);
    for (const Answer& answer : answers) {
      auto waited = answer->Wait(deadline);
      if (waited) {
        responses.push_back(*std::move(waited));
      } else {
        responses.emplace_back(
            watchfire::Fail(watchfire::Code::kTimeout, target.url + ": no answer"));
      }
    }
    return responses;
  }

  // Deliveries to vendors. They end by themselves when their time is over.
  std::vector<watchfire::core::Attempted> Attempt(std::vector<watchfire::core::Attempt> attempts,
                                                  const watchfire::app::StartExchange& start) {
    using Outcome = watchfire::Promise<watchfire::core::Attempted>;
    std::vector<std::shared_ptr<Outcome>> promises;
    MonoTime deadline = watchfire::app::ReadNow().mono;
    for (watchfire::core::Attempt& attempt : attempts) {
      const watchfire::Duration left =
          attempt.timeout - (watchfire::app::ReadNow().mono - started_);
      attempt.timeout = std::max<watchfire::Duration>(left, std::chrono::milliseconds(1));
      deadline = std::max(deadline, watchfire::app::ReadNow().mono + attempt.timeout);
      promises.push_back(std::make_shared<Outcome>());
      watchfire::app::DriveAttempt(std::move(attempt), start, pool_, client_,
                                   [promise = promises.back()](watchfire::core::Attempted outcome) {
                                     promise->Set(std::move(outcome));
                                   });
    }
    std::vector<watchfire::core::Attempted> outcomes;
    for (const auto& promise : promises) {
      auto waited = promise->Wait(deadline + std::chrono::seconds(5));
      if (!waited) {
        waited.emplace();
        waited->kind = watchfire::core::Attempted::Kind::kRetry;
        waited->why = "no answer within --timeout";
      }
      outcomes.push_back(*std::move(waited));
    }
    return outcomes;
  }

 private:
  static watchfire::net::OutRequest Out(const wfctl::Target& target,
                                        const wfctl::ApiRequest& request,
                                        watchfire::Duration timeout) {
    watchfire::net::OutRequest out;
    out.method = request.method;
    out.url = watchfire::Secret(target.url + request.path);
    out.shown_url = target.url;
    if (!request.body.empty()) out.headers.push_back({"Content-Type", "application/json"});
    out.body = request.body;
    out.timeout = timeout;
    out.response_bytes_max = kResponseBytesMax;
    const auto http = std::make_shared<const watchfire::config::HttpConfig>(target.http);
    out.http = http.get();
    out.keep_alive = http;
    return out;
  }

  const MonoTime started_ = watchfire::app::ReadNow().mono;
  watchfire::app::RenderPool pool_{2};
  watchfire::net::Client client_{
      {.user_agent = std::string("wfctl/") + wfctl::kVersion, .connections_per_host = 256}};
};

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string UserName() {
  const passwd* entry = ::getpwuid(::getuid());
  return entry == nullptr ? Environment("USER") : entry->pw_name;
}

std::string RealPath(const std::string& path) { return path == "-" ? "/dev/stdin" : path; }

watchfire::config::Files Files() {
  watchfire::config::Files files = watchfire::app::RealFiles();
  files.read = [read = files.read](const std::string& path) { return read(RealPath(path)); };
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  Sender sender;
  const bool is_terminal = ::isatty(STDOUT_FILENO) != 0;
  wfctl::World world{
      .out = std::cout,
      .err = std::cerr,
      .color = is_terminal && Environment("NO_COLOR").empty() && Environment("TERM") != "dumb",
      .now = watchfire::app::ReadNow().wall,
      .user = UserName(),
      .home = Environment("HOME"),
      .environment_url = Environment("WATCHFIRE_URL"),
      .files = Files(),
      .read_data =
          [](const std::string& path) {
            return watchfire::app::ReadFile(RealPath(path), watchfire::limits::kBodyBytes);
          },
      .send =
          [&](const wfctl::Target& target, const std::vector<wfctl::ApiRequest>& requests) {
            return sender.Send(target, requests);
          },
      .attempt =
          [&](std::vector<watchfire::core::Attempt> attempts,
              const watchfire::app::StartExchange& start) {
            return sender.Attempt(std::move(attempts), start);
          },
      .write_file = watchfire::app::WriteFile,
      .start_prometheus = wfctl::StartPrometheus,
      .environment = [](const std::string& name) { return Environment(name.c_str()); }};
  return wfctl::Dispatch({argv + 1, argv + argc}, world);
}
