// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/alert_table.h"

#include <algorithm>
#include <functional>

namespace watchfire::core {

namespace {

constexpr auto kLaterFirst = std::greater<std::pair<WallTime, uint64_t>>();  // For heaps.

}  // namespace

AlertTable::Change AlertTable::Apply(alert::Alert incoming, WallTime now) {
  MarkNoted();
  const uint64_t fingerprint = incoming.fingerprint();
  Shard& shard = ShardOf(fingerprint);
  Row* const known = shard.rows.Find(fingerprint);
  if (known == nullptr) {
    if (!HasRoom()) return Change::kRefused;
    ++size_;
    const bool is_over = incoming.Resolved(now);
    ShareTexts(&incoming);
    auto alert = std::make_shared<alert::Alert>(std::move(incoming));
    Row& row = shard.At(fingerprint);
    applied_ = &row;
    row.alert = std::move(alert);
    row.received_at = now;
    Watch(&row, now);
    before_.reset();
    return is_over ? Change::kRefreshed : Change::kNew;
  }

  Row& row = *known;
  applied_ = known;
  if (row.shelved && !incoming.Resolved(now)) {
    if (!HasRoom()) return Change::kRefused;
    row.shelved = false;
    --shelved_;
  }
  // Nobody has been told of its end. (An end that has come since the last Expire() was not told;
  // one that was is not taken back when the clock is.)
  const bool was_firing = !row.over;
  auto merged = std::make_shared<alert::Alert>(alert::Merge(*row.alert, std::move(incoming), now));
  if (merged->active_at == kNoTime && was_firing) merged->active_at = row.alert->active_at;
  KeepTexts(*row.alert, merged.get());
  const WallTime ended = row.alert->ends_at;
  row.alert = std::move(merged);
  Watch(&row, now);
  shard.view = nullptr;
  const bool firing = !row.alert->Resolved(now);
  if (firing && !was_firing) {
    before_ = {row.received_at, std::min(ended, now), row.judged};
    row.received_at = now;
    row.judged = false;
    return Change::kNew;
  }
  return was_firing && !firing ? Change::kResolved : Change::kRefreshed;
}

void AlertTable::Fetch(std::span<const alert::Alert> alerts) {
  std::vector<const alert::Alert*> known;
  known.reserve(alerts.size());
  for (const alert::Alert& alert : alerts) {
    Fetch(alert.fingerprint());
    alert.annotations.Fetch();  // Another thread has written it.
  }
  for (const alert::Alert& alert : alerts) {
    const Row* row = Find(alert.fingerprint());
    if (row == nullptr) continue;
    known.push_back(row->alert.get());
    __builtin_prefetch(known.back());
  }
  for (const alert::Alert* alert : known) {
    alert->labels.Fetch();
    alert->annotations.Fetch();
  }
  most_are_new_ = 4 * known.size() <= alerts.size();
}

std::vector<std::shared_ptr<const alert::Alert>> AlertTable::Expire(WallTime now) {
  std::vector<std::shared_ptr<const alert::Alert>> expired;
  while (!expiry_.empty() && expiry_.front().first <= now) {
    const auto [time, fingerprint] = expiry_.front();
    std::ranges::pop_heap(expiry_, kLaterFirst);
    expiry_.pop_back();
    Shard& shard = ShardOf(fingerprint);
    Row* const known = shard.rows.Find(fingerprint);
    // Another entry may have taken over, or the alert has resolved or gone meanwhile.
    if (known == nullptr || known->over || known->turns_at != time) continue;
    Row& row = *known;
    row.turns_at = kNoTime;
    if (!row.alert->Resolved(now)) {
      Watch(&row, now);
      continue;
    }
    row.over = true;
    row.turns_at = row.alert->ends_at;
    shard.view = nullptr;
    expired.push_back(row.alert);
  }
  std::ranges::sort(expired, [](const auto& a, const auto& b) {
    return std::pair(a->ends_at, a->fingerprint()) < std::pair(b->ends_at, b->fingerprint());
  });
  return expired;
}

std::optional<WallTime> AlertTable::next_expiry() const {
  if (expiry_.empty()) return std::nullopt;
  return expiry_.front().first;
}

const AlertTable::Shard::Ordered& AlertTable::Shard::InOrder() const {
  if (ordered.empty()) {
    ordered.reserve(rows.size());
    rows.ForEach(
        [this](uint64_t fingerprint, const Row& row) { ordered.emplace_back(fingerprint, &row); });
    std::ranges::sort(ordered);
  }
  return ordered;
}

AlertTable::Row& AlertTable::Shard::At(uint64_t fingerprint) {
  Reorder();
  return rows.FindOrAdd(fingerprint);
}

void AlertTable::Shard::Reorder() {
  ordered.clear();
  view = nullptr;
}

std::vector<std::shared_ptr<const alert::Alert>> AlertTable::Collect(
    WallTime before, const std::set<uint64_t>& keep) {
  std::vector<std::shared_ptr<const alert::Alert>> dropped;
  for (Shard& shard : shards_) {
    const size_t first = dropped.size();
    shard.rows.ForEach([&](uint64_t fingerprint, const Row& row) {
      const bool is_kept = !row.alert->Resolved(before) || keep.contains(fingerprint);
      if (!is_kept) dropped.push_back(row.alert);
    });
    for (size_t i = first; i < dropped.size(); ++i) Remove(dropped[i]->fingerprint());
    std::sort(dropped.begin() + static_cast<ptrdiff_t>(first), dropped.end(),
              [](const auto& a, const auto& b) { return a->fingerprint() < b->fingerprint(); });
  }
  last_text_ = {};
  std::erase_if(texts_, [](const auto& entry) { return entry.second.unique(); });
  label_pool_.Sweep();
  annotation_pool_.Sweep();
  return dropped;
}

void AlertTable::Restore(alert::Alert alert, WallTime now) {
  MarkNoted();
  const uint64_t fingerprint = alert.fingerprint();
  Shard& shard = ShardOf(fingerprint);
  if (!shard.rows.contains(fingerprint)) ++size_;
  ShareTexts(&alert);
  Row& row = shard.At(fingerprint);
  if (row.shelved) --shelved_;
  row = Row();
  row.received_at = alert.updated_at;
  row.over = alert.Resolved(now);
  if (row.over) row.turns_at = std::min(alert.updated_at, now);
  row.judged = true;
  row.alert = std::make_shared<const alert::Alert>(std::move(alert));
  Watch(&row, now);
}

const AlertTable::Row* AlertTable::Find(uint64_t fingerprint) const {
  const Shard& shard = ShardOf(fingerprint);
  return shard.rows.Find(fingerprint);
}

std::vector<const AlertTable::Row*> AlertTable::Find(std::span<const uint64_t> fingerprints) const {
  std::vector<const Row*> rows;
  rows.reserve(fingerprints.size());
  constexpr size_t kAhead = 16;
  for (size_t i = 0; i < fingerprints.size(); ++i) {
    if (i + kAhead < fingerprints.size()) Fetch(fingerprints[i + kAhead]);
    rows.push_back(Find(fingerprints[i]));
    __builtin_prefetch(rows.back());
  }
  return rows;
}

void AlertTable::Remove(uint64_t fingerprint) {
  MarkNoted();
  Shard& shard = ShardOf(fingerprint);
  const Row* const known = shard.rows.Find(fingerprint);
  if (known == nullptr) return;
  if (known->shelved) --shelved_;
  shard.rows.Erase(fingerprint);
  shard.Reorder();
  --size_;
}

bool AlertTable::MarkJudged(uint64_t fingerprint) {
  MarkNoted();
  Row* const known = ShardOf(fingerprint).rows.Find(fingerprint);
  if (known == nullptr || known->judged) return false;
  known->judged = true;
  return true;
}

void AlertTable::Shelve(uint64_t fingerprint) {
  Row* const known = ShardOf(fingerprint).rows.Find(fingerprint);
  if (known == nullptr || known->shelved) return;
  known->shelved = true;
  ++shelved_;
}

void AlertTable::NoteFlushed(uint64_t fingerprint, bool is_judged) {
  constexpr size_t kMost = 4096;
  noted_.push_back({fingerprint, is_judged});
  if (noted_.size() >= kMost) MarkNoted();
}

void AlertTable::MarkNoted() {
  constexpr size_t kAhead = 16;
  for (size_t i = 0; i < noted_.size(); ++i) {
    if (i + 2 * kAhead < noted_.size()) Fetch(noted_[i + 2 * kAhead].fingerprint);
    if (i + kAhead < noted_.size()) FetchRow(noted_[i + kAhead].fingerprint);
    const auto [fingerprint, is_judged] = noted_[i];
    Shard& shard = ShardOf(fingerprint);
    Row* const known = shard.rows.Find(fingerprint);
    if (known == nullptr) continue;
    known->judged |= is_judged;
    if (known->flushed) continue;
    known->flushed = true;
    shard.view = nullptr;
  }
  noted_.clear();
}

void AlertTable::SetReceivers(uint64_t fingerprint, SharedTexts receivers) {
  Shard& shard = ShardOf(fingerprint);
  shard.rows.at(fingerprint).receivers = std::move(receivers);
  shard.view = nullptr;
}

void AlertTable::SetSilencedBy(uint64_t fingerprint, std::vector<std::string> ids) {
  Shard& shard = ShardOf(fingerprint);
  Row& row = shard.rows.at(fingerprint);
  if (row.silenced.list() == ids) return;
  row.silenced = std::move(ids);
  shard.view = nullptr;
}

size_t AlertTable::changed_rows() const {
  size_t rows = 0;
  for (const Shard& shard : shards_) {
    if (!shard.view) rows += shard.rows.size();
  }
  return rows;
}

void AlertTable::TouchAll() {
  for (Shard& shard : shards_) shard.view = nullptr;
}

void AlertTable::Watch(Row* row, WallTime now) {
  const WallTime end = row->alert->ends_at;
  if (end <= now) {
    if (!row->over) row->turns_at = now;  // Whatever entry there is does not count any more.
    row->over = true;
    return;
  }
  if (!row->over && row->turns_at != kNoTime && row->turns_at <= end) return;
  row->over = false;
  row->turns_at = end;
  expiry_.emplace_back(end, row->alert->fingerprint());
  std::ranges::push_heap(expiry_, kLaterFirst);
  // An alert that comes and goes leaves an entry behind each time, for as long as its end is away.
  constexpr size_t kDeadAllowed = 4096;
  if (expiry_.size() > 2 * size_ + kDeadAllowed) {
    std::erase_if(expiry_, [this](const auto& entry) {
      const Row* known = Find(entry.second);
      return known == nullptr || known->over || known->turns_at != entry.first;
    });
    std::ranges::sort(expiry_);
    expiry_.erase(std::unique(expiry_.begin(), expiry_.end()), expiry_.end());
    std::ranges::make_heap(expiry_, kLaterFirst);
  }
}

void AlertTable::ShareTexts(alert::Alert* alert) {
  // Where few of those that came together stay, what they share would be kept for these few alone.
  const auto share = [this](labels::SetPool* pool, labels::LabelSet* set) {
    if (!most_are_new_ || !labels::SetPool::IsShared(*set)) *set = pool->Share(*set);
  };
  share(&label_pool_, &alert->labels);
  share(&annotation_pool_, &alert->annotations);
  alert->generator_url = Shared(alert->generator_url);
}

// Gives `alert` the texts of `old` where they are the same, so that its own are freed.
void AlertTable::KeepTexts(const alert::Alert& old, alert::Alert* alert) {
  alert->labels = old.labels;
  alert->annotations = alert->annotations == old.annotations
                           ? old.annotations
                           : annotation_pool_.Share(alert->annotations);
  alert->generator_url =
      alert->generator_url == old.generator_url ? old.generator_url : Shared(alert->generator_url);
}

SharedText AlertTable::Shared(const SharedText& text) {
  if (text.empty()) return text;
  if (text != last_text_) last_text_ = texts_.try_emplace(text.view(), text).first->second;
  return last_text_;
}

}  // namespace watchfire::core
