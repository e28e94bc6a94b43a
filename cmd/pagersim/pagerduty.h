// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// PagerDuty's Events API, v2 and v1, the alerts that come of it, and their log. An alert is known
// by its routing key and dedup key together; what has no open alert to act on is dropped, and
// answered as if it were not. No sockets and no clock; owned by one thread. Sources:
// https://developer.pagerduty.com/docs/events-api-v2/trigger-events/, …/events-api-v1/.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/pagersim/pagerduty_log.h"
#include "cmd/pagersim/person.h"
#include "cmd/pagersim/reply.h"
#include "pkg/base/json.h"
#include "pkg/base/secret.h"
#include "pkg/base/time.h"

namespace watchfire::pagersim {

class PagerDuty {
 public:
  static constexpr size_t kEventBytesMax = 512'000;
  static constexpr size_t kEventsPerMinute = 120;  // For each key.
  static constexpr size_t kAlertsMax = 1000;       // The oldest make room.

  // Events with another key are refused; empty: any key of 32 characters. The same of `token`, of
  // the REST API.
  explicit PagerDuty(Secret key, Secret token = Secret())
      : key_(std::move(key)), token_(std::move(token)) {}

  // POST /v2/enqueue and POST /generic/2010-04-15/create_event.json.
  Reply Enqueue(std::string_view body, WallTime now);
  Reply CreateEvent(std::string_view body, WallTime now);

  // GET /log_entries, with that header Authorization.
  Reply LogEntries(std::string_view authorization, const PagerDutyLog::Parameter& parameter) const;

  // A user presses a button. Errors as a Reply: 404, 409 when it is resolved.
  Reply Do(const PersonAct& act, WallTime now);

  // "" when there is no such alert.
  std::string DedupKey(uint64_t number) const;

  // All alerts as a JSON array, oldest first.
  void Write(JsonWriter* json) const;

 private:
  enum class Action { kTrigger, kAcknowledge, kResolve };
  struct Event {
    std::string key;
    std::string dedup_key;
    std::string summary;
    std::string severity;
    Action action = Action::kTrigger;
  };
  struct Alert {
    uint64_t number = 0;
    Event latest;
    std::string status = "triggered";
    uint64_t triggers = 1;
  };

  bool IsLimited(const std::string& key, WallTime now);
  void Apply(Event event, WallTime now);
  void Note(const char* type, const Alert& alert, WallTime now, const PersonAct* by = nullptr);

  const Secret key_;
  const Secret token_;
  PagerDutyLog log_;
  std::vector<Alert> alerts_;
  std::map<std::string, std::deque<WallTime>> arrivals_;  // Of the last minute, by key.
  uint64_t last_number_ = 0;
};

}  // namespace watchfire::pagersim
