// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A configuration of one receiver, from YAML to the first request. Included by tests only.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/notify/builtin/builtin.h"
#include "pkg/notify/samples_for_test.h"

namespace watchfire::notify::builtin {

inline config::Loaded Load(const std::string& global, const std::string& receiver) {
  std::string yaml = "global:\n  resolve_timeout: 5m\n" + global;
  yaml += "route:\n  receiver: r\nreceivers:\n- name: r\n" + receiver;
  config::Files files;
  files.read = [yaml](const std::string&) -> Result<std::string> { return yaml; };
  files.glob = [](const std::string& pattern) { return std::vector<std::string>{pattern}; };
  config::LoadOptions options;
  options.path = "am.yml";
  return config::Load(options, files, Kinds());
}

// The errors of a file with this receiver, in file order.
inline std::vector<std::string> Errors(const std::string& receiver,
                                       const std::string& global = "") {
  std::vector<std::string> errors;
  for (const config::Problem& problem : Load(global, receiver).problems) {
    if (problem.level == config::Problem::Level::kError) errors.push_back(problem.ToString());
  }
  return errors;
}

// The request that the first integration of the receiver begins with.
inline net::OutRequest FirstRequest(const config::Loaded& loaded, const std::string& ack_url = "") {
  if (!loaded.config) {
    for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << problem.ToString();
    return {};
  }
  Context context;
  context.user_agent = "Watchfire/test";
  context.read_file = [](const std::string&) -> Result<std::string> { return "from-file"; };
  context.now = [] { return SampleFiring().at; };
  context.ack_url = ack_url;
  context.templates = {loaded.config, &loaded.config->templates};
  const auto exchange = Start(loaded.config->receivers[0].integrations[0], context);
  Step step = exchange->Begin(SampleFiring());
  EXPECT_TRUE(std::holds_alternative<Send>(step));
  return std::get<Send>(step).request;
}

}  // namespace watchfire::notify::builtin
