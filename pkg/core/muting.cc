// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who is muted now: inhibition, the calendar of the route, silences.

#include <algorithm>

#include "pkg/core/core.h"

namespace watchfire::core {
namespace {

using AlertPtr = std::shared_ptr<const alert::Alert>;

// Of so many silences that change at once each is held against every alert; with more it is cheaper
// to ask the index of all silences for each alert.
constexpr size_t kFewSilences = 16;

}  // namespace

void Core::RefreshMutes() {
  mutes_->Refresh(now_.wall);
  RefreshSilenced();
}

// Keeps the rows of alerts_ true when a command changed a silence, and when time began or ended
// one. A clock that was set back makes any answer possible.
void Core::RefreshSilenced() {
  const bool went_back = now_.wall < silenced_at_;
  std::vector<std::string> changed = std::exchange(silences_changed_, {});
  if (!went_back) {
    for (std::string& id : silences_.Crossed(silenced_at_, now_.wall)) {
      changed.push_back(std::move(id));
    }
  }
  silenced_at_ = now_.wall;
  if (went_back || changed.size() > kFewSilences) {
    alerts_.RefreshSilencedBy([this](const AlertTable::Row& row) {
      return silences_.Silencing(row.alert->labels, now_.wall);
    });
    return;
  }
  std::ranges::sort(changed);
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  for (const std::string& id : changed) {
    const silence::Silence* silence = silences_.Find(id);
    const bool in_force = silence::StateAt(*silence, now_.wall) == silence::State::kActive;
    alerts_.RefreshSilencedBy([&](const AlertTable::Row& row) {
      std::vector<std::string> ids = row.silenced_by;
      const auto place = std::ranges::lower_bound(ids, id);
      const bool known = place != ids.end() && *place == id;
      const bool mutes = in_force && matcher::MatchesAll(silence->matchers, row.alert->labels);
      if (mutes && !known) ids.insert(place, id);
      if (!mutes && known) ids.erase(place);
      return ids;
    });
  }
}

std::vector<AlertPtr> Core::Unmuted(const dispatch::Flush& flush, const dispatch::Group& group,
                                    const config::Receiver& receiver) {
  std::vector<AlertPtr> alerts;
  std::vector<uint64_t> ended;  // While muted: their end goes untold, as with Alertmanager.
  const Mute* calendar = mutes_->Find(*group.route);
  for (const AlertPtr& alert : flush.alerts) {
    const char* reason = nullptr;
    if (inhibit_->Check(alert->labels, flush.at)) {
      reason = "inhibition";
    } else if (calendar != nullptr) {
      reason = calendar->inactive ? "active_time_interval" : "mute_time_interval";
    } else if (!alerts_.Find(alert->fingerprint())->silenced_by.empty()) {
      reason = "silence";
    }
    if (reason == nullptr) {
      alerts.push_back(alert);
      continue;
    }
    ++stats_.suppressed[{reason}];
    if (alert->Resolved(flush.at)) ended.push_back(alert->fingerprint());
  }
  std::ranges::sort(ended);
  for (const config::Integration& integration : receiver.integrations) {
    const nflog::Key key{group.key, receiver.name, integration.kind, integration.index};
    if (auto record = nflog_.Doubt(key, ended)) Store(*std::move(record));
  }
  return alerts;
}

}  // namespace watchfire::core
