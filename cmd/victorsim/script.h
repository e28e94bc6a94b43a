// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A script says which faults come and go, and when. One command a line, times counted from the
// start; '#' starts a comment:
//
//   at 25s on provider-outage
//   at 1m10s off provider-outage
//   at 3m end                     # How long one round of --loop is.

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "cmd/victorsim/model.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::victorsim {

struct Step {
  Duration at;  // Since the start of the round.
  Fault fault;
  bool on;
};

struct Script {
  std::vector<Step> steps;  // In order of `at`.
  Duration length{};        // At or after the last step; > 0 when there are steps.
};

// Parses `text`. Without an "end" line a round ends one minute after its last step.
// Errors: kInvalidArgument as "name:line: what is wrong".
Result<Script> ParseScript(std::string_view text, std::string_view name);

// Returns the text of a built-in script ("demo", "healthy"), or nullopt.
std::optional<std::string_view> FindScenario(std::string_view name);

// Plays a script on a model: advances it exactly to each step before switching the fault.
class Player {
 public:
  Player(Script script, bool loop) : script_(std::move(script)), loop_(loop) {}

  // Lets `dt` pass on `model` and returns the steps taken meanwhile, in order. When a round of
  // a looping script ends, everything it switched on is switched off.
  std::vector<Step> Advance(Duration dt, Model& model);

 private:
  std::optional<Duration> NextStop() const;

  const Script script_;
  const bool loop_;
  Duration position_{};  // Within the round.
  size_t next_ = 0;      // Index of the step to take next.
};

}  // namespace watchfire::victorsim
