// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a user does at PagerDuty or Opsgenie, on our page.

#pragma once

#include <cstdint>
#include <string>

namespace watchfire::pagersim {

struct PersonAct {
  enum class Verb { kAcknowledge, kResolve, kNote };

  Verb verb = Verb::kAcknowledge;
  uint64_t number = 0;
  std::string user;
  std::string text = {};  // Of a note.
};

}  // namespace watchfire::pagersim
