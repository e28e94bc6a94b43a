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
  if (mutes_->Refresh(now_.wall)) mutes_ended_ = true;
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
  if (went_back || !changed.empty()) mutes_ended_ = true;
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
      const bool mutes = in_force && silence::Matches(*silence, row.alert->labels);
      if (mutes && !known) ids.insert(place, id);
      if (!mutes && known) ids.erase(place);
      return ids;
    });
  }
}

Muted Core::MutedBy(const alert::Alert& alert, const config::Route& route, WallTime at) const {
  if (inhibit_->Check(alert.labels, at)) return Muted::kInhibited;
  if (const Mute* calendar = mutes_->Find(route)) {
    return calendar->inactive ? Muted::kInactive : Muted::kCalendar;
  }
  const bool is_silenced = !alerts_.Find(alert.fingerprint())->silenced_by.empty();
  return is_silenced ? Muted::kSilenced : Muted::kNo;
}

std::vector<Muted> Core::WhoIsMuted(const dispatch::Flush& flush, const dispatch::Group& group) {
  std::vector<Muted> muted;
  for (const AlertPtr& alert : flush.alerts) {
    muted.push_back(MutedBy(*alert, *group.route, flush.at));
    NoteDecision(*alert, group, muted.back());
    if (muted.back() != Muted::kNo) ++stats_.suppressed[{MutedText(muted.back())}];
  }
  return muted;
}

// What ended while muted is not told, as with Alertmanager; its next beginning is news.
void Core::DoubtEndedMuted(const dispatch::Flush& flush, const std::vector<Muted>& muted,
                           const std::string& group_key, const config::Receiver& receiver) {
  std::vector<uint64_t> ended;
  for (size_t i = 0; i < muted.size(); ++i) {
    const alert::Alert& alert = *flush.alerts[i];
    if (muted[i] != Muted::kNo && alert.Resolved(flush.at)) ended.push_back(alert.fingerprint());
  }
  std::ranges::sort(ended);
  for (const config::Integration& integration : receiver.integrations) {
    const nflog::Key key{group_key, receiver.name, integration.kind, integration.index};
    if (auto record = nflog_.Doubt(key, ended)) Store(*std::move(record));
  }
}

}  // namespace watchfire::core
