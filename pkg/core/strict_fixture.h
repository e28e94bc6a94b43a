// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// For tests of the delivery contract: a strict core, and what it says put into short texts.

#pragma once

#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "pkg/core/core_fixture.h"

namespace watchfire::core {

inline std::shared_ptr<config::Config> StrictConfig() {
  std::shared_ptr<config::Config> config = TestConfig();
  config->route.delivery = config::Delivery::kStrict;
  config->route.exact_repeat = true;
  return config;
}

class StrictTest : public CoreTest {
 protected:
  StrictTest() : CoreTest(StrictConfig()) {}

  std::string Silence(const std::string& name, Duration lasts) {
    silence::Draft draft;
    draft.matchers = {{matcher::Op::kEqual, "alertname", name}};
    draft.starts_at = now_.wall;
    draft.ends_at = now_.wall + lasts;
    draft.created_by = "ada";
    Step({SilenceCommand{RequestId{7}, std::move(draft)}});
    Commit();
    return replies_.back().silence_id;
  }
  void End(const std::string& name, const std::string& severity) {
    Fire(name, severity, Duration::zero());
  }
  // Lets time pass, every message being taken at once, and returns what was said as "+A" (fires)
  // and "-A" (resolved), one text a message.
  std::vector<std::string> Said(Duration span) {
    std::vector<std::string> said;
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      Pass(seconds(1));
      for (const std::string& text : TakeAll()) said.push_back(text);
    }
    return said;
  }
  std::vector<std::string> TakeAll() {
    std::vector<std::string> said;
    while (!attempts_.empty()) {
      const Attempt attempt = attempts_.back();
      attempts_.pop_back();
      said.push_back(Text(attempt));
      AnswerTo(attempt.id, Attempted::Kind::kDone);
    }
    return said;
  }
  static std::string Text(const Attempt& attempt) {
    std::set<std::string> parts;  // "+" sorts before "-".
    for (const alert::Alert& alert : attempt.notification->alerts) {
      parts.insert((attempt.notification->Firing(alert) ? "+" : "-") + std::string(alert.name()));
    }
    return std::accumulate(parts.begin(), parts.end(), std::string());
  }
  // kill -9, and a start with what the disk holds.
  void Restart(Duration down) {
    now_.mono = MonoTime(minutes(5));
    now_.wall += down;
    attempts_.clear();
    batches_.clear();
    Boot(Disk());
  }
};

}  // namespace watchfire::core
