// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// incident.io's alert source of kind Alertmanager: takes groups in the webhook's form and keeps one
// alert for each group key. No sockets and no clock; owned by one thread.
// Source: reference alertmanager-compat §4.17.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cmd/pagersim/reply.h"
#include "pkg/base/json.h"
#include "pkg/base/secret.h"

namespace watchfire::pagersim {

class Incidentio {
 public:
  static constexpr size_t kBodyBytesMax = 512 * 1024;
  static constexpr size_t kAlertsMax = 1000;  // The oldest make room.

  // Another token is refused; empty: any.
  explicit Incidentio(Secret token) : token_(std::move(token)) {}

  // POST /v2/alert_events/alertmanager/{source}, with the header Authorization.
  Reply Take(std::string_view authorization, std::string_view body);

  // All alerts as a JSON array, oldest first.
  void Write(JsonWriter* json) const;

 private:
  struct Alert {
    std::string group_key, status, title;
    uint64_t events = 0;
  };

  const Secret token_;
  std::vector<Alert> alerts_;
};

}  // namespace watchfire::pagersim
