// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who is muted now: inhibition, the calendar of the route, silences.

#include <algorithm>

#include "pkg/core/core.h"

namespace watchfire::core {
namespace {

using AlertPtr = std::shared_ptr<const alert::Alert>;
using Ids = std::vector<std::string>;

// Of so many silences that change at once each is held against every alert; with more it is cheaper
// to ask the index of all silences for each alert.
constexpr size_t kFewSilences = 16;

}  // namespace

void Core::RefreshMutes() {
  if (mutes_->Refresh(now_.wall)) mutes_ended_ = true;
  NoteSilences();
}

// Remembers which silences time began or ended. A clock that was set back makes any answer
// possible.
void Core::NoteSilences() {
  if (now_.wall < silenced_at_) {
    all_silences_changed_ = mutes_ended_ = true;
  } else {
    for (std::string& id : silences_.Crossed(silenced_at_, now_.wall)) {
      silences_changed_.insert(std::move(id));
      mutes_ended_ = true;
    }
  }
  silenced_at_ = now_.wall;
  all_silences_changed_ |= silences_changed_.size() > kFewSilences;
  if (all_silences_changed_) silences_changed_.clear();
}

// Makes the rows of alerts_ true again. Thousands of silences may come one after the other, and
// going through all alerts for each of them would take longer than going once for all of them.
void Core::RefreshSilenced() {
  if (std::exchange(all_silences_changed_, false)) {
    alerts_.RefreshSilencedBy([this](const AlertTable::Row& row) {
      return silences_.Silencing(row.alert->labels, now_.wall);
    });
    return;
  }
  for (const std::string& id : std::exchange(silences_changed_, {})) {
    const silence::Silence* silence = silences_.Find(id);
    const bool in_force =
        silence != nullptr && silence::StateAt(*silence, now_.wall) == silence::State::kActive;
    alerts_.RefreshSilencedBy([&](const AlertTable::Row& row) -> std::optional<Ids> {
      const Ids& ids = row.silenced.list();
      const auto place = std::ranges::lower_bound(ids, id);
      const bool known = place != ids.end() && *place == id;
      const bool mutes = in_force && silence::Matches(*silence, row.alert->labels);
      if (mutes == known) return std::nullopt;
      Ids changed = ids;
      const auto at = changed.begin() + (place - ids.begin());
      if (mutes) {
        changed.insert(at, id);
      } else {
        changed.erase(at);
      }
      return changed;
    });
  }
}

Ids Core::SilencedBy(const alert::Alert& alert) const {
  if (silences_.size() == 0) return {};
  if (silences_changed_.empty() && !all_silences_changed_) {
    return alerts_.Find(alert.fingerprint())->silenced.list();
  }
  return silences_.Silencing(alert.labels, now_.wall);
}

Muted Core::MutedBy(const alert::Alert& alert, const config::Route& route, WallTime at) const {
  if (inhibit_->Check(alert.labels, at)) return Muted::kInhibited;
  if (const Mute* calendar = mutes_->Find(route)) {
    return calendar->inactive ? Muted::kInactive : Muted::kCalendar;
  }
  return SilencedBy(alert).empty() ? Muted::kNo : Muted::kSilenced;
}

std::vector<Muted> Core::WhoIsMuted(const dispatch::Flush& flush, const dispatch::Group& group) {
  std::vector<Muted> muted;
  muted.reserve(flush.alerts.size());
  for (const AlertPtr& alert : flush.alerts) {
    muted.push_back(MutedBy(*alert, *group.route, flush.at));
    NoteDecision(*alert, group, muted.back());
    const bool fires = !alert->Resolved(flush.at);
    const bool is_told = muted.back() == Muted::kNo;
    alerts_.NoteFlushed(alert->fingerprint(), /*is_judged=*/is_told && fires);
    if (is_told) continue;
    // What was told first, and muted later, has kept nobody from hearing of it.
    const bool is_first = fires && alerts_.MarkJudged(alert->fingerprint());
    ++stats_.suppressed[{MutedText(muted.back())}];
    if (is_first && alert->labels.Get(incident::kTestLabel) != "true") {
      ++stats_.alerts_suppressed[{MutedText(muted.back())}];
    }
  }
  return muted;
}

// What ended while muted is not told, as with Alertmanager; its next beginning is news.
void Core::DoubtEndedMuted(const dispatch::Flush& flush, const std::vector<Muted>& muted,
                           const SharedText& group_key, const config::Receiver& receiver) {
  std::vector<uint64_t> ended;
  for (size_t i = 0; i < muted.size(); ++i) {
    const alert::Alert& alert = *flush.alerts[i];
    if (muted[i] != Muted::kNo && alert.Resolved(flush.at)) ended.push_back(alert.fingerprint());
  }
  if (ended.empty()) return;
  std::ranges::sort(ended);
  for (const config::Integration& integration : receiver.integrations) {
    const nflog::Key key{group_key, receiver.name, integration.kind, integration.index};
    if (auto record = nflog_.Doubt(key, ended)) Store(*std::move(record));
  }
}

}  // namespace watchfire::core
