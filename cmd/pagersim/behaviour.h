// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How the fake misbehaves. Set as a whole: what a request does not mention is normal again.

#pragma once

#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::pagersim {

enum class CallbackMode { kNormal, kDrop, kDuplicate };

struct Behaviour {
  // Vendor endpoints, in the order in which they apply.
  bool hang = false;            // Answer nothing until this is off again; at most ten minutes.
  Duration latency{};           // Wait this long first; at most a minute.
  int status = 0;               // Answer this HTTP status and do nothing; 0: serve normally.
  Duration retry_after{};       // With `status`: the Retry-After header; 0: none. Whole seconds.
  bool result_failure = false;  // VictorOps: answer 200 with {"result":"failure"} and do nothing.
                                // Opsgenie: take every request and carry out none.
  bool cut = false;             // Do the work, then close the connection without an answer.

  // What the vendor does with messages.
  bool paused = false;       // Answer success and ignore them (VictorOps' auto-pause) or let them
                             // wait (Opsgenie).
  bool maintenance = false;  // Incidents that open now page nobody until this is off.

  // Outbound webhooks.
  CallbackMode callback = CallbackMode::kNormal;
  Duration callback_delay{};
};

// Reads a JSON object with any of: latency_ms, status, retry_after_s, hang, cut, result_failure,
// paused, maintenance, callback ("normal", "drop", "duplicate"), callback_delay_ms.
// Errors: kInvalidArgument naming the key.
Result<Behaviour> ParseBehaviour(std::string_view body);

// The same object, complete.
std::string BehaviourJson(const Behaviour& behaviour);

}  // namespace watchfire::pagersim
