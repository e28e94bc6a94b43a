// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The verdicts of shadow mode: what is the same, and why not.

#include <algorithm>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/shadow/comparison.h"

namespace watchfire::shadow {
namespace {

constexpr const char* kOurName = "Watchfire";
constexpr const char* kTheirName = "Alertmanager";

const char* NameOf(Side side) { return side == Side::kOurs ? kOurName : kTheirName; }
Side OtherOf(Side side) { return side == Side::kOurs ? Side::kTheirs : Side::kOurs; }

Duration Distance(MonoTime a, MonoTime b) { return a < b ? b - a : a - b; }

std::string Seconds(Duration duration) {
  return FormatGoDuration(std::chrono::round<std::chrono::milliseconds>(duration));
}

// "Alertmanager 12s later than Watchfire"
std::string Order(MonoTime ours, MonoTime theirs) {
  const Side first = ours < theirs ? Side::kOurs : Side::kTheirs;
  return std::string(NameOf(OtherOf(first))) + " " + Seconds(Distance(ours, theirs)) +
         " later than " + NameOf(first);
}

std::pair<uint64_t, bool> KeyOf(const Item& item) {
  return {item.labels.fingerprint(), item.firing};
}

bool Covers(const Message& whole, const Message& part) {
  return std::ranges::includes(whole.items, part.items, {}, KeyOf, KeyOf);
}

bool Overlaps(const Message& a, const Message& b) {
  return std::ranges::any_of(a.items, [&](const Item& item) {
    return std::ranges::binary_search(b.items, item.labels.fingerprint(), {},
                                      [](const Item& other) { return other.labels.fingerprint(); });
  });
}

// What the two say, merged; only what one of them says alone, unless they say the same.
std::vector<Told> Merge(const Message* ours, const Message* theirs) {
  std::map<std::pair<uint64_t, bool>, Told> all;
  for (const Message* message : {ours, theirs}) {
    if (message == nullptr) continue;
    for (const Item& item : message->items) {
      Told& told = all[KeyOf(item)];
      told.labels = item.labels;
      told.firing = item.firing;
      (message == ours ? told.ours : told.theirs) = true;
    }
  }
  std::vector<Told> merged;
  for (auto& [key, told] : all) merged.push_back(std::move(told));
  std::vector<Told> alone = merged;
  std::erase_if(alone, [](const Told& told) { return told.ours && told.theirs; });
  return alone.empty() ? merged : alone;
}

}  // namespace

void Comparison::Pair(Side side, State& state, Entry& entry) {
  const Duration tolerance = ToleranceOf(entry.message.receiver);
  Entry* best = nullptr;
  for (Entry& other : side == Side::kOurs ? state.theirs : state.ours) {
    if (other.settled || Distance(other.at.mono, entry.at.mono) > 2 * tolerance) continue;
    if (!SameContent(other.message, entry.message)) continue;
    const bool is_nearer = best == nullptr || Distance(other.at.mono, entry.at.mono) <
                                                  Distance(best->at.mono, entry.at.mono);
    if (is_nearer) best = &other;
  }
  if (best == nullptr) return;
  Settle(entry);
  Settle(*best);
  if (Distance(best->at.mono, entry.at.mono) <= tolerance) return Count(Verdict::kSame);
  const Entry& ours = side == Side::kOurs ? entry : *best;
  const Entry& theirs = side == Side::kOurs ? *best : entry;
  Note(Verdict::kDifferent, ours.at.wall, &ours.message, &theirs.message,
       "late: " + Order(ours.at.mono, theirs.at.mono) + ", the tolerance is " + Seconds(tolerance));
}

void Comparison::Judge(Side side, State& state, size_t index) {
  Entry& entry = (side == Side::kOurs ? state.ours : state.theirs)[index];
  if (side == Side::kOurs && !mirrored_.contains(entry.message.receiver)) {
    Settle(entry);
    return JudgeByGroups(state, entry);
  }
  if (IsRepeat(side, state, index)) {
    Settle(entry);
    return Count(Verdict::kSame);
  }
  if (index == 0 && entry.known) {
    // They told it before we looked, and we had to tell it once to know; or the other way round.
    Settle(entry);
    return Count(Verdict::kUnjudged);
  }
  JudgeAlone(side, state, entry);
}

// Repeats of one side lie as far apart as those of the other, but not at the same times when one of
// them came later. So between each two of one side there must be one of the other.
bool Comparison::IsRepeat(Side side, const State& state, size_t index) const {
  const Entries& entries = side == Side::kOurs ? state.ours : state.theirs;
  const Entry& entry = entries[index];
  if (index == 0 || !SameContent(entries[index - 1].message, entry.message)) return false;
  const Duration tolerance = ToleranceOf(entry.message.receiver);
  const MonoTime from = entries[index - 1].at.mono - tolerance;
  const MonoTime to = entry.at.mono + tolerance;
  return std::ranges::any_of(side == Side::kOurs ? state.theirs : state.ours,
                             [&](const Entry& other) {
                               return from <= other.at.mono && other.at.mono <= to &&
                                      SameContent(other.message, entry.message);
                             });
}

// The nearest message about some of the same alerts; rather one that waits for a verdict as well,
// else one that says all of it and more.
Comparison::Entry* Comparison::Nearest(Entries& entries, const Entry& entry) const {
  const Duration tolerance = ToleranceOf(entry.message.receiver);
  Entry* best = nullptr;
  const auto rank = [&](const Entry& other) {
    return std::pair(other.settled, Distance(other.at.mono, entry.at.mono));
  };
  for (Entry& other : entries) {
    if (Distance(other.at.mono, entry.at.mono) > tolerance) continue;
    const bool counts = other.settled ? Covers(other.message, entry.message)
                                      : Overlaps(other.message, entry.message);
    if (counts && (best == nullptr || rank(other) < rank(*best))) best = &other;
  }
  return best;
}

void Comparison::JudgeAlone(Side side, State& state, Entry& entry) {
  Settle(entry);
  Entry* other = Nearest(side == Side::kOurs ? state.theirs : state.ours, entry);
  const bool is_ours = side == Side::kOurs;
  if (other != nullptr) {
    const Entry& ours = is_ours ? entry : *other;
    const Entry& theirs = is_ours ? *other : entry;
    std::string reason =
        other->settled ? std::string(NameOf(OtherOf(side))) + " told them in another message; "
                       : "not the same alerts; ";
    reason += Order(ours.at.mono, theirs.at.mono);
    if (!other->settled) Settle(*other);
    return Note(Verdict::kDifferent, ours.at.wall, &ours.message, &theirs.message,
                std::move(reason));
  }
  const Message* message = &entry.message;
  Note(is_ours ? Verdict::kExtra : Verdict::kMissing, entry.at.wall, is_ours ? message : nullptr,
       is_ours ? nullptr : message,
       entry.why.empty()
           ? WhyUntold(OtherOf(side), message->receiver, message->group, message->items)
           : entry.why);
}

// Their groups say what they must have told, or cannot have told; nothing of repeats and of what
// resolved.
void Comparison::JudgeByGroups(const State& state, Entry& entry) {
  const Message& message = entry.message;
  const MonoTime from = entry.at.mono - ToleranceOf(message.receiver);
  Message firing = message;
  std::erase_if(firing.items, [](const Item& item) { return !item.firing; });
  if (firing.items.empty() || !polled_ || polled_->mono < entry.at.mono) {
    return Count(Verdict::kUnjudged);
  }
  Message active = firing;
  std::erase_if(active.items, [&](const Item& item) {
    const auto seen = state.seen.find(item.labels.fingerprint());
    return seen == state.seen.end() || seen->second.last_active < from;
  });
  if (active.items.size() == firing.items.size()) return Count(Verdict::kSame);
  std::vector<Item> untold;
  std::ranges::set_difference(firing.items, active.items, std::back_inserter(untold), {}, KeyOf,
                              KeyOf);
  if (active.items.empty()) {
    return Note(Verdict::kExtra, entry.at.wall, &firing, nullptr, entry.why);
  }
  std::string reason = WhyUntold(Side::kTheirs, message.receiver, message.group, untold);
  Note(Verdict::kDifferent, entry.at.wall, &firing, &active, std::move(reason));
}

void Comparison::FindMissing(const Key& key, State& state, const Now& now) {
  const auto& [receiver, group] = key;
  if (mirrored_.contains(receiver) || terms_.without_integrations.contains(receiver)) return;
  const Duration tolerance = ToleranceOf(receiver);
  Message message{receiver, state.labels, {}, 0};
  for (auto& [fingerprint, seen] : state.seen) {
    if (!seen.active_since || now.mono - *seen.active_since < tolerance || seen.reported) continue;
    if (state.told.contains(fingerprint)) continue;
    const Snapshot::Place* place = ours_now_.Find(receiver, group, fingerprint);
    // What was told before we looked may have been told by us as well, in an earlier life.
    if (seen.known && place != nullptr && place->quiet.empty()) continue;
    // They may have it muted too, and not show it.
    if (place != nullptr && place->by_mutes && !shows_muting_) continue;
    seen.reported = true;
    message.items.push_back({seen.labels, true});
  }
  if (message.items.empty()) return;
  Note(Verdict::kMissing, now.wall, nullptr, &message,
       WhyUntold(Side::kOurs, receiver, state.labels, message.items));
}

// By the time of the verdict the silence that explains it may be over.
void Comparison::Remember(State& state, const Now& asked) {
  for (const Side side : {Side::kOurs, Side::kTheirs}) {
    for (Entry& entry : side == Side::kOurs ? state.ours : state.theirs) {
      if (entry.settled || !entry.why.empty() || asked.mono < entry.at.mono) continue;
      const Message& message = entry.message;
      entry.why = WhyUntold(OtherOf(side), message.receiver, message.group, message.items);
    }
  }
}

std::string Comparison::WhyUntold(Side untold, const std::string& receiver,
                                  const labels::LabelSet& group,
                                  const std::vector<Item>& items) const {
  const auto firing = std::ranges::find(items, true, &Item::firing);
  const std::string name = NameOf(untold);
  if (firing == items.end()) return name + ": not told that these alerts are resolved";
  if (!polled_) return name + ": not told, and its groups were not seen yet";
  const Snapshot& snapshot = untold == Side::kOurs ? ours_now_ : theirs_now_;
  return snapshot.Explain(name, receiver, group.ToString(), firing->labels.fingerprint());
}

void Comparison::Note(Verdict verdict, WallTime at, const Message* ours, const Message* theirs,
                      std::string reason) {
  Count(verdict);
  const Message& message = ours == nullptr ? *theirs : *ours;
  auto difference = std::make_shared<Difference>();
  difference->at = at;
  difference->verdict = verdict;
  difference->receiver = message.receiver;
  difference->group = message.group;
  difference->alerts = Merge(ours, theirs);
  difference->alert_count = difference->alerts.size();
  if (difference->alerts.size() > limits::kShadowAlertsShown) {
    difference->alerts.resize(limits::kShadowAlertsShown);
  }
  difference->reason = std::move(reason);
  differences_.push_front(difference);
  if (differences_.size() > limits::kShadowDifferences) differences_.pop_back();
  new_.push_back(std::move(difference));
}

}  // namespace watchfire::shadow
