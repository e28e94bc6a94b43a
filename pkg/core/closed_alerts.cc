// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What came through Opsgenie's API and is over. Its clients look it up for as long as incidents are
// kept, and nobody else has any use for it: it is shelved, so that it takes no room of what fires,
// and a reload or restart makes no groups of it.

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/limits.h"
#include "pkg/core/core.h"

namespace watchfire::core {

// Those that have been over for a while, with their ends.
std::vector<std::pair<WallTime, uint64_t>> Core::ClosedAlerts() const {
  std::vector<std::pair<WallTime, uint64_t>> closed;
  const auto keys = config_->inbound.Of("opsgenie");
  if (keys.empty()) return closed;
  const WallTime since = now_.wall - IncidentRetention();
  alerts_.ForEach([&](const AlertTable::Row& row) {
    const alert::Alert& alert = *row.alert;
    const bool is_over = alert.Resolved(now_.wall - options_.gc_interval);
    if (!is_over || alert.ends_at <= since || alert.labels.Get("entity_id").empty()) return;
    const bool is_theirs = std::ranges::any_of(keys, [&](const config::InboundKey& key) {
      // What the labels of the key say wins, the source among them.
      const std::string_view source = key.labels.Has("source") ? key.labels.Get("source") : "";
      return alert.labels.Get("source") == (source.empty() ? "opsgenie" : source) &&
             std::ranges::all_of(key.labels, [&](const labels::Label& label) {
               return label.name == "entity_id" || alert.labels.Get(label.name) == label.value;
             });
    });
    if (is_theirs) closed.emplace_back(alert.ends_at, alert.fingerprint());
  });
  return closed;
}

// Adds them to `keep`, in which are those that groups still have something to tell of.
void Core::KeepClosed(std::set<uint64_t>* keep) {
  std::vector<std::pair<WallTime, uint64_t>> closed = ClosedAlerts();
  if (closed.size() > limits::kClosedAlerts) {
    ++stats_.limit_exceeded[{"closed_alerts"}];
    std::ranges::sort(closed, std::greater<>());
    closed.resize(limits::kClosedAlerts);
  }
  for (const auto& [ended, fingerprint] : closed) {
    if (keep->insert(fingerprint).second) alerts_.Shelve(fingerprint);
  }
}

// After a restart: those whose end nobody can be waiting for.
void Core::ShelveRestored() {
  // What a receiver believes is not known, then: the groups find it out.
  if (nflog_.has_foreign() || doubt_before_ != kNoTime) return;
  const std::vector<std::pair<WallTime, uint64_t>> closed = ClosedAlerts();
  if (closed.empty()) return;
  std::set<uint64_t> told;
  nflog_.ForEach([&](const nflog::Key&, const nflog::Entry& entry) {
    told.insert(entry.firing.begin(), entry.firing.end());
    told.insert(entry.attempted.begin(), entry.attempted.end());
  });
  for (const auto& [ended, fingerprint] : closed) {
    if (!told.contains(fingerprint)) alerts_.Shelve(fingerprint);
  }
}

}  // namespace watchfire::core
