// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/shadow/follow.h"

#include <set>
#include <unordered_map>

namespace watchfire::shadow {
namespace {

using silence::Silence;
using silence::State;

// Matchers cannot change under the same id, at no server.
bool IsSame(const silence::Draft& there, const Silence& here) {
  return there.starts_at == here.starts_at && there.ends_at == here.ends_at &&
         there.created_by == here.created_by && there.comment == here.comment &&
         there.annotations == here.annotations;
}

}  // namespace

SilenceChanges Follow(const TheirSilences& theirs, const std::vector<Silence>& ours, WallTime now) {
  SilenceChanges changes;
  std::unordered_map<std::string, const Silence*> here;
  for (const Silence& silence : ours) here.emplace(silence.id, &silence);
  std::set<std::string> known;
  for (const TheirSilence& there : theirs.silences) {
    known.insert(there.draft.id);
    const auto found = here.find(there.draft.id);
    if (found == here.end() ? there.expired : IsSame(there.draft, *found->second)) continue;
    changes.adopt.push_back(there.draft);
  }
  for (const Silence& silence : ours) {
    if (known.contains(silence.id)) continue;
    if (silence::StateAt(silence, now) != State::kExpired) changes.expire.push_back(silence.id);
  }
  return changes;
}

}  // namespace watchfire::shadow
