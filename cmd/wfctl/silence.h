// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A silence as the API speaks of it: what query, add, update and import share.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "cmd/wfctl/command.h"
#include "pkg/base/time.h"

namespace watchfire::wfctl {

struct SilenceMatcher {
  std::string name;
  std::string value;
  bool is_regex = false;
  bool is_equal = true;

  std::string ToString() const;  // name=~"value"
};

struct SilenceItem {
  std::string id;
  std::string state;
  std::vector<SilenceMatcher> matchers;
  std::vector<std::vector<SilenceMatcher>> matcher_sets;  // Empty: `matchers` is the only one.
  WallTime starts_at = kNoTime;
  WallTime ends_at = kNoTime;
  WallTime updated_at = kNoTime;
  std::string created_by;
  std::string comment;
  std::vector<std::pair<std::string, std::string>> annotations;
};

// Members that are absent stay at their defaults.
SilenceItem ReadSilence(simdjson::dom::element json);
// The body of POST /api/v2/silences; without `id` when it is empty. Source: reference §2.9.
std::string WriteSilence(const SilenceItem& silence);

// Prints silences by end, or ids alone with --quiet. `jsons`: the same silences as they came, for
// -o json and yaml.
void PrintSilences(std::vector<SilenceItem> silences, const std::vector<std::string>& jsons,
                   const Invocation& invocation, World& world);

// add, update, import.
std::vector<Command> SilenceWritingCommands();

}  // namespace watchfire::wfctl
