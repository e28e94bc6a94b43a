// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One delivery as the product makes it, from YAML to the far end: the loader, the receiver and the
// HTTP client are the real ones.

#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

#include "pkg/base/promise.h"
#include "pkg/net/client.h"
#include "pkg/notify/builtin/builtin.h"
#include "pkg/notify/samples_for_test.h"

namespace watchfire::e2e {

// A configuration whose only receiver has `integrations`, YAML of two spaces' depth.
inline std::shared_ptr<const config::Config> LoadReceiver(const std::string& global,
                                                          const std::string& integrations) {
  const std::string yaml =
      "global: {" + global + "}\nroute: {receiver: r}\nreceivers:\n- name: r\n" + integrations;
  config::Files files;
  files.read = [yaml](const std::string&) -> Result<std::string> { return yaml; };
  files.glob = [](const std::string& pattern) { return std::vector<std::string>{pattern}; };
  config::LoadOptions options;
  options.path = "am.yml";
  config::Loaded loaded = config::Load(options, files, notify::builtin::Kinds());
  for (const config::Problem& problem : loaded.problems) {
    if (!loaded.config) ADD_FAILURE() << problem.ToString();
  }
  return loaded.config;
}

struct Outcome {
  notify::Step step;  // Its last one: Done, Retry or Fail.
  int requests = 0;
  bool unclear = false;  // A request may have been taken that nobody answered.

  bool done() const { return std::holds_alternative<notify::Done>(step); }
  bool retried() const { return std::holds_alternative<notify::Retry>(step); }
  bool failed() const { return std::holds_alternative<notify::Fail>(step); }
  std::string why() const {
    if (const auto* retry = std::get_if<notify::Retry>(&step)) return retry->why;
    if (const auto* fail = std::get_if<notify::Fail>(&step)) return fail->why;
    return "";
  }
};

inline Outcome Drive(net::Client& client, notify::Exchange& exchange,
                     const dispatch::Notification& what,
                     Duration timeout = std::chrono::seconds(10)) {
  Outcome outcome{exchange.Begin(what)};
  while (auto* send = std::get_if<notify::Send>(&outcome.step)) {
    auto promise = std::make_shared<Promise<Result<net::OutResponse>>>();
    send->request.timeout = timeout;
    client.Send(std::move(send->request), [promise](Result<net::OutResponse> response) {
      promise->Set(std::move(response));
    });
    auto response = promise->Wait(std::chrono::steady_clock::now() + std::chrono::seconds(20));
    if (!response) {
      outcome.step = notify::Fail{"the client never answered"};
      break;
    }
    ++outcome.requests;
    outcome.unclear |= !*response && !response->error().never_sent;
    outcome.step = exchange.OnResponse(*response);
  }
  return outcome;
}

inline notify::Context RealContext(const std::shared_ptr<const config::Config>& config) {
  notify::Context context;
  context.user_agent = "Watchfire/test";
  context.read_file = [](const std::string& path) -> Result<std::string> {
    return Fail(Code::kNotFound, path + ": no such file");
  };
  context.templates = {config, &config->templates};
  context.now = [] { return std::chrono::system_clock::now(); };
  return context;
}

// Delivers by the first integration of the receiver.
inline Outcome Deliver(net::Client& client, const std::shared_ptr<const config::Config>& config,
                       const dispatch::Notification& what = notify::SampleFiring()) {
  if (config == nullptr) return {notify::Fail{"no configuration"}};
  const auto exchange =
      notify::builtin::Start(config->receivers[0].integrations[0], RealContext(config));
  return Drive(client, *exchange, what);
}

}  // namespace watchfire::e2e
