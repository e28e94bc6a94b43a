// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/callback.h"

#include <chrono>
#include <utility>

#include <httplib.h>

#include "cmd/victorsim/host.h"

namespace watchfire::pagersim {
namespace {

constexpr size_t kQueueLength = 1000;
constexpr std::chrono::seconds kTimeout(5);
constexpr std::string_view kScheme = "http://";

}  // namespace

Result<std::unique_ptr<CallbackSender>> CallbackSender::Start(const std::string& url,
                                                              Report report) {
  const size_t slash = url.find('/', kScheme.size());
  if (!url.starts_with(kScheme) || url.size() == kScheme.size() || slash == kScheme.size()) {
    return InvalidArgument("callback URL: want http://host:port/path");
  }
  const std::string path = slash == std::string::npos ? "/" : url.substr(slash);
  return std::unique_ptr<CallbackSender>(
      new CallbackSender(url.substr(0, slash), path, std::move(report)));
}

CallbackSender::CallbackSender(std::string origin, std::string path, Report report)
    : origin_(std::move(origin)),
      path_(std::move(path)),
      report_(std::move(report)),
      queue_(kQueueLength),
      thread_([this] { Run(); }) {}

CallbackSender::~CallbackSender() {
  queue_.Close();
  thread_.join();
}

void CallbackSender::Send(Callback callback) {
  const std::string incident = std::to_string(callback.incident);
  if (queue_.TryPush(std::move(callback))) return;
  victorsim::Log("warn", "Callback dropped: queue full", {{"incident", incident}});
}

void CallbackSender::Run() {
  httplib::Client client(origin_);
  client.set_connection_timeout(kTimeout);
  client.set_read_timeout(kTimeout);
  client.set_write_timeout(kTimeout);
  while (true) {
    const std::vector<Callback> callbacks = queue_.PopAll(std::nullopt);
    if (callbacks.empty()) return;
    for (const Callback& callback : callbacks) {
      std::this_thread::sleep_until(callback.not_before);
      const httplib::Result result = client.Post(path_, callback.body, "application/json");
      const std::string outcome =
          result ? std::to_string(result->status) : httplib::to_string(result.error());
      victorsim::Log(result && result->status < 300 ? "info" : "warn", "Callback",
                     {{"incident", std::to_string(callback.incident)},
                      {"phase", callback.phase},
                      {"outcome", outcome}});
      report_(callback.incident, outcome);
    }
  }
}

}  // namespace watchfire::pagersim
