// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What comes in: messages and groups. The verdicts are in verdict.cc.

#include "pkg/shadow/comparison.h"

#include <algorithm>

#include "pkg/base/limits.h"

namespace watchfire::shadow {
namespace {

constexpr Duration kToleranceMin = std::chrono::seconds(30);  // Two polls of the default.
constexpr Duration kPruneEvery = std::chrono::minutes(1);
constexpr int kMemory = 4;   // Tolerances for which what is over is remembered.
constexpr size_t kKept = 4;  // Settled messages of one side: what a repeat is held against.

void AddRoute(const config::Route& route, Terms* terms) {
  const Duration own =
      std::max<Duration>(2 * route.group_interval + route.group_wait, kToleranceMin);
  Duration& tolerance = terms->tolerance[route.receiver];
  tolerance = std::max(tolerance, own);
  terms->longest = std::max(terms->longest, own);
  for (const config::Route& child : route.routes) AddRoute(child, terms);
}

std::vector<Item> ItemsOf(const dispatch::Notification& notification) {
  std::vector<Item> items;
  for (const alert::Alert& alert : notification.alerts) {
    items.push_back({alert.labels, notification.Firing(alert)});
  }
  return Sorted(std::move(items));
}

}  // namespace

Terms MakeTerms(const config::Config& config, Duration tolerance) {
  Terms terms;
  AddRoute(config.route, &terms);
  if (tolerance > Duration::zero()) {
    terms.tolerance.clear();
    terms.longest = tolerance;
  }
  for (const config::Receiver& receiver : config.receivers) {
    if (receiver.integrations.empty()) terms.without_integrations.insert(receiver.name);
  }
  return terms;
}

Duration Comparison::ToleranceOf(const std::string& receiver) const {
  const auto found = terms_.tolerance.find(receiver);
  return found == terms_.tolerance.end() ? terms_.longest : found->second;
}

Comparison::State& Comparison::StateOf(const std::string& receiver, const labels::LabelSet& group,
                                       MonoTime now) {
  State& state = states_[{receiver, group.ToString()}];
  state.labels = group;
  state.touched = now;
  return state;
}

void Comparison::OnOurs(const dispatch::Notification& notification, const Now& now) {
  State& state = StateOf(notification.receiver, notification.group_labels, now.mono);
  const std::string flush =
      notification.group_key.str() + "\n" + std::to_string(ToNanos(notification.at));
  std::vector<Item> items = ItemsOf(notification);
  for (const Item& item : items) {
    if (item.firing) {
      state.told.insert(item.labels.fingerprint());
    } else {
      state.told.erase(item.labels.fingerprint());
    }
  }
  const auto same_flush = std::ranges::find(state.ours, flush, &Entry::flush);
  Entry* entry = nullptr;
  if (same_flush == state.ours.end()) {
    Message message{notification.receiver, notification.group_labels, std::move(items), 0};
    entry = Add(Side::kOurs, state, std::move(message), now);
    if (entry == nullptr) return;
    entry->flush = flush;
  } else {
    entry = &*same_flush;
    if (entry->settled) return;
    // Integrations that are not told of what resolved say less; the receiver hears all of it.
    std::ranges::copy(entry->message.items, std::back_inserter(items));
    entry->message.items = Sorted(std::move(items));
  }
  Pair(Side::kOurs, state, *entry);
}

void Comparison::OnUnmade(const dispatch::Notification& notification, const std::string& why,
                          const Now& now) {
  const Message message{notification.receiver, notification.group_labels, ItemsOf(notification), 0};
  Note(Verdict::kDifferent, now.wall, &message, nullptr,
       "Watchfire: the message to " + notification.integration + "[" +
           std::to_string(notification.index) + "] could not be made: " + why);
}

void Comparison::OnTheirs(Message message, const Now& now) {
  mirrored_.insert(message.receiver);
  State& state = StateOf(message.receiver, message.group, now.mono);
  Entry* entry = Add(Side::kTheirs, state, std::move(message), now);
  if (entry != nullptr) Pair(Side::kTheirs, state, *entry);
}

Comparison::Entry* Comparison::Add(Side side, State& state, Message message, const Now& now) {
  if (waiting_ >= limits::kShadowMessages) {
    ++over_limit_;
    Count(Verdict::kUnjudged);
    return nullptr;
  }
  ++waiting_;
  Entry entry{std::move(message), now, "", "", false, false};
  const std::vector<Item>& items = entry.message.items;
  const auto is_known = [&](const Item& item) {
    const auto seen = state.seen.find(item.labels.fingerprint());
    return !item.firing || (seen != state.seen.end() && seen->second.known);
  };
  entry.known = std::ranges::all_of(items, is_known) &&
                std::ranges::any_of(items, [](const Item& item) { return item.firing; });
  due_.insert({now.mono + 2 * ToleranceOf(entry.message.receiver),
               Key{entry.message.receiver, entry.message.group.ToString()}});
  Entries& entries = side == Side::kOurs ? state.ours : state.theirs;
  entries.push_back(std::move(entry));
  return &entries.back();
}

void Comparison::Settle(Entry& entry) {
  entry.settled = true;
  --waiting_;
}

void Comparison::OnGroups(const std::vector<Group>& theirs, const std::vector<Group>& ours,
                          bool shows_muting, const Now& asked) {
  const bool is_first = !polled_.has_value();
  polled_ = asked;
  shows_muting_ = shows_muting;
  theirs_now_ = Snapshot(theirs);
  ours_now_ = Snapshot(ours);
  for (const Group& group : theirs) {
    State& state = StateOf(group.receiver, group.labels, asked.mono);
    for (const GroupAlert& alert : group.alerts) {
      Seen& seen = state.seen[alert.labels.fingerprint()];
      seen.labels = alert.labels;
      seen.last_seen = asked.mono;
      if (is_first) seen.known = true;
      // Two routes may make a group of the same receiver and labels: active in one is active.
      if (alert.quiet.empty()) seen.last_active = asked.mono;
    }
  }
  for (auto& [key, state] : states_) {
    for (auto& [fingerprint, seen] : state.seen) {
      if (seen.last_active == asked.mono) {
        if (!seen.active_since) seen.active_since = asked.mono;
      } else {
        seen.active_since.reset();
        seen.reported = false;
      }
      seen.known &= seen.last_seen == asked.mono;
      if (IsForgotten(key, seen, asked)) state.told.erase(fingerprint);
    }
    const auto is_forgotten = [&, &stream = key](const auto& item) {
      return IsForgotten(stream, item.second, asked);
    };
    std::erase_if(state.seen, is_forgotten);
    Remember(state, asked);
    FindMissing(key, state, asked);
  }
}

void Comparison::Advance(const Now& now) {
  while (!due_.empty() && due_.begin()->first <= now.mono) {
    const Key key = due_.begin()->second;
    due_.erase(due_.begin());
    const auto found = states_.find(key);
    if (found == states_.end()) continue;
    const Duration patience = 2 * ToleranceOf(key.first);
    for (const Side side : {Side::kOurs, Side::kTheirs}) {
      Entries& entries = side == Side::kOurs ? found->second.ours : found->second.theirs;
      for (size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].settled) continue;
        const MonoTime due = entries[i].at.mono + patience;
        if (due <= now.mono) {
          Judge(side, found->second, i);
        } else {
          due_.insert({due, key});  // A reload may have changed the tolerance.
        }
      }
    }
  }
  if (!pruned_ || now.mono - *pruned_ >= kPruneEvery) Prune(now);
}

std::optional<MonoTime> Comparison::next_deadline() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

bool Comparison::IsForgotten(const Key& key, const Seen& seen, const Now& now) const {
  return now.mono - seen.last_seen > kMemory * ToleranceOf(key.first);
}

void Comparison::Prune(const Now& now) {
  pruned_ = now.mono;
  for (auto& [key, state] : states_) {
    const MonoTime before = now.mono - kMemory * ToleranceOf(key.first);
    for (Entries* entries : {&state.ours, &state.theirs}) {
      while (entries->size() > kKept && entries->front().settled &&
             entries->front().at.mono < before) {
        entries->pop_front();
      }
    }
  }
  // A group that was not among theirs for long is over: it will not repeat. While they cannot be
  // polled nothing is known to be over, so then only number ends memory.
  const bool is_full = states_.size() > limits::kShadowMessages;
  const MonoTime seen_until = is_full ? now.mono : polled_ ? polled_->mono : MonoTime::min();
  std::erase_if(states_, [&](const auto& item) {
    const auto& [key, state] = item;
    const auto settled = [](const Entry& entry) { return entry.settled; };
    return seen_until > state.touched + kMemory * ToleranceOf(key.first) && state.seen.empty() &&
           std::ranges::all_of(state.ours, settled) && std::ranges::all_of(state.theirs, settled);
  });
}

std::vector<std::shared_ptr<const Difference>> Comparison::TakeNew() {
  return std::exchange(new_, {});
}

void Comparison::Fill(shadow::Report* report) const {
  report->mirrored.assign(mirrored_.begin(), mirrored_.end());
  report->counts = counts_;
  report->over_limit = over_limit_;
  report->waiting = waiting_;
  report->differences.assign(differences_.begin(), differences_.end());
}

}  // namespace watchfire::shadow
