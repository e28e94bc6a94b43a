// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Whether a running server could page somebody tonight: the checklist of production readiness as a
// list of facts. Pure: the answers of the server are arguments.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/config/config.h"

namespace watchfire::wfctl {

struct Finding {
  enum class Verdict { kGood, kBad, kUnknown };  // kUnknown: it is not used, or cannot be known.

  std::string id;  // "storage"; those of docs/doctor.md.
  Verdict verdict = Verdict::kUnknown;
  std::string text;  // What was found.
  std::string hint;  // What to do; "" for kGood.
};

// What the server said; "" where it did not answer. JSON but for `metrics`.
struct Answers {
  bool is_ready = false;
  std::string info;                              // GET /api/v1/info
  std::string metrics;                           // GET /metrics
  std::string rules;                             // GET /api/v1/rules?type=alert
  std::string slos;                              // GET /api/v1/slos
  std::string oncall;                            // GET /api/v1/oncall
  std::string heartbeats;                        // GET /api/v1/heartbeats
  std::string incidents;                         // GET /api/v1/incidents?state=triggered
  std::map<std::string, std::string> schedules;  // GET /api/v1/oncall/schedules/NAME of each.
};

struct Terms {
  WallTime now;
  Duration overdue = std::chrono::minutes(15);  // How long a page may wait for an ack.
  const config::Config* config = nullptr;       // The server's files, if they are at hand.
};

// Returns one finding for each row of docs/doctor.md, in its order.
std::vector<Finding> Examine(const Answers& answers, const Terms& terms);

// The schedules that an answer of GET /api/v1/oncall names.
std::vector<std::string> SchedulesIn(const std::string& oncall);

}  // namespace watchfire::wfctl
