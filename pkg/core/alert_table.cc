// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/alert_table.h"

#include "pkg/base/limits.h"

namespace watchfire::core {

AlertTable::Change AlertTable::Apply(const alert::Alert& incoming, WallTime now) {
  const uint64_t fingerprint = incoming.fingerprint();
  Shard& shard = ShardOf(fingerprint);
  const auto found = shard.rows.find(fingerprint);
  if (found == shard.rows.end()) {
    if (size_ >= limits::kActiveAlerts) return Change::kRefused;
    ++size_;
    shard.rows[fingerprint] = {std::make_shared<const alert::Alert>(incoming), now, {}, {}};
    Schedule(incoming, now);
    shard.view = nullptr;
    return incoming.Resolved(now) ? Change::kRefreshed : Change::kNew;
  }

  Row& row = found->second;
  const bool was_firing = !row.alert->Resolved(now);
  expiry_.erase({row.alert->ends_at, fingerprint});
  auto merged = std::make_shared<alert::Alert>(alert::Merge(*row.alert, incoming, now));
  if (merged->active_at == kNoTime && was_firing) merged->active_at = row.alert->active_at;
  row.alert = merged;
  Schedule(*merged, now);
  shard.view = nullptr;
  const bool firing = !merged->Resolved(now);
  if (firing && !was_firing) {
    row.received_at = now;
    return Change::kNew;
  }
  return was_firing && !firing ? Change::kResolved : Change::kRefreshed;
}

std::vector<std::shared_ptr<const alert::Alert>> AlertTable::Expire(WallTime now) {
  std::vector<std::shared_ptr<const alert::Alert>> expired;
  while (!expiry_.empty() && expiry_.begin()->first <= now) {
    const uint64_t fingerprint = expiry_.begin()->second;
    expiry_.erase(expiry_.begin());
    ShardOf(fingerprint).view = nullptr;
    expired.push_back(ShardOf(fingerprint).rows.at(fingerprint).alert);
  }
  return expired;
}

std::optional<WallTime> AlertTable::next_expiry() const {
  if (expiry_.empty()) return std::nullopt;
  return expiry_.begin()->first;
}

std::vector<std::shared_ptr<const alert::Alert>> AlertTable::Collect(
    WallTime before, const std::set<uint64_t>& keep) {
  std::vector<std::shared_ptr<const alert::Alert>> dropped;
  for (Shard& shard : shards_) {
    for (auto it = shard.rows.begin(); it != shard.rows.end();) {
      if (!it->second.alert->Resolved(before) || keep.contains(it->first)) {
        ++it;
        continue;
      }
      dropped.push_back(it->second.alert);
      shard.view = nullptr;
      --size_;
      it = shard.rows.erase(it);
    }
  }
  return dropped;
}

void AlertTable::Restore(alert::Alert alert, WallTime now) {
  const uint64_t fingerprint = alert.fingerprint();
  Shard& shard = ShardOf(fingerprint);
  if (!shard.rows.contains(fingerprint)) ++size_;
  const WallTime received_at = alert.updated_at;
  Schedule(alert, now);
  shard.rows[fingerprint] = {
      std::make_shared<const alert::Alert>(std::move(alert)), received_at, {}, {}};
}

const AlertTable::Row* AlertTable::Find(uint64_t fingerprint) const {
  const Shard& shard = ShardOf(fingerprint);
  const auto found = shard.rows.find(fingerprint);
  return found == shard.rows.end() ? nullptr : &found->second;
}

void AlertTable::MarkFlushed(uint64_t fingerprint) {
  Shard& shard = ShardOf(fingerprint);
  const auto found = shard.rows.find(fingerprint);
  if (found == shard.rows.end() || found->second.flushed) return;
  found->second.flushed = true;
  shard.view = nullptr;
}

void AlertTable::SetReceivers(uint64_t fingerprint, std::vector<std::string> receivers) {
  Shard& shard = ShardOf(fingerprint);
  shard.rows.at(fingerprint).receivers = std::move(receivers);
  shard.view = nullptr;
}

void AlertTable::SetSilencedBy(uint64_t fingerprint, std::vector<std::string> ids) {
  Shard& shard = ShardOf(fingerprint);
  Row& row = shard.rows.at(fingerprint);
  if (row.silenced_by == ids) return;
  row.silenced_by = std::move(ids);
  shard.view = nullptr;
}

void AlertTable::TouchAll() {
  for (Shard& shard : shards_) shard.view = nullptr;
}

void AlertTable::Schedule(const alert::Alert& alert, WallTime now) {
  if (!alert.Resolved(now)) expiry_.insert({alert.ends_at, alert.fingerprint()});
}

}  // namespace watchfire::core
