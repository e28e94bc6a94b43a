// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What lists of alerts say of the incidents that the alerts belong to: who acknowledged, since when
// and until when. An addition to API v2 that its clients overlook. Private to pkg/api.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/json.h"
#include "pkg/base/result.h"
#include "pkg/config/config.h"
#include "pkg/core/view.h"
#include "pkg/net/http.h"
#include "pkg/oncall/person.h"

namespace watchfire::api {

// Which alerts a reader wants to see, by their acks. Without the parameters: all.
struct AckQuery {
  std::optional<bool> acked;  // `acked=true`: those with an incident that is acknowledged.
  // `acked_by=ada`: by her, under whatever name the on-call files have for her.
  std::optional<oncall::SamePerson> by;

  bool is_any() const { return !acked && !by; }
  bool Wants(const incident::Incident& incident) const;
};
// `config`: whose on-call files say who is who. Errors: kInvalidArgument, if `acked` is neither
// true nor false.
Result<AckQuery> ReadAckQuery(const net::Request& request, const config::Config& config);

class AlertIncidents {
 public:
  // Of the view's open incidents, which it must outlive.
  explicit AlertIncidents(const core::View& view);

  using Entry = std::pair<uint64_t, const incident::Incident*>;  // By fingerprint, then id.
  std::span<const Entry> Find(uint64_t fingerprint) const;
  bool IsWanted(const AckQuery& query, uint64_t fingerprint) const;
  // Writes the member `incidents` of an alert that has some.
  void Write(uint64_t fingerprint, JsonWriter* json) const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace watchfire::api
