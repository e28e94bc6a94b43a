// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reading SLO files in tests, and writing what became of them.

#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {

inline std::vector<std::string> SloProblems(const std::string& text, Config* config) {
  return World::Print(LoadSloFile("shop.slis.yml", text, config));
}

// What the text is read as; it must have no problems.
inline Config Read(const std::string& text) {
  Config config;
  EXPECT_THAT(SloProblems(text, &config), ::testing::IsEmpty()) << text;
  EXPECT_FALSE(config.slos.empty());
  if (config.slos.empty()) config.slos.emplace_back();
  return config;
}

inline std::vector<std::string> Windows(const std::vector<SloWindow>& windows) {
  std::vector<std::string> out;
  for (const SloWindow& window : windows) {
    out.push_back(FormatDuration(window.long_window) + "/" + FormatDuration(window.short_window) +
                  ">" + std::to_string(window.factor).substr(0, 5));
  }
  return out;
}

// "page[critical] 1h/1h>2.000" …: every alert with its label severity and its windows.
inline std::vector<std::string> Alerts(const Slo& slo) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& name, const SloAlert& alert, const auto& windows) {
    if (alert.disabled) return;
    std::string line = name + "[" + std::string(alert.labels.Get("severity")) + "]";
    for (const std::string& window : Windows(windows)) line += " " + window;
    out.push_back(line);
  };
  add("page", slo.page, slo.page_windows);
  add("ticket", slo.ticket, slo.ticket_windows);
  for (const SloSeverity& one : slo.severities) add(one.name, one.alert, one.windows);
  return out;
}

inline std::string Pyrra(const std::string& indicator, const std::string& more = "") {
  return R"(
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: uploads
  namespace: media
  labels: {pyrra.dev/team: film, other: x}
  annotations: {pyrra.dev/runbook: 'https://wiki.example.com/uploads'}
spec:
  target: "99"
  window: 4w
)" + more +
         "  indicator: {" + indicator + "}\n";
}

}  // namespace watchfire::config
