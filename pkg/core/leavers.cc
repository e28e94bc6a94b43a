// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// After a reload, or a restart with another configuration: who was told of an alert that his routes
// no longer lead to him hears its end all the same (`delivery: strict`), as long as he is
// configured.

#include <algorithm>

#include "pkg/core/core.h"

namespace watchfire::core {
namespace {

// Null when `config` has no such integration, or when it no longer stands in for that receiver.
const config::Integration* StillTold(const config::Config& config, const nflog::Key& key) {
  if (!key.via.empty()) {
    const config::Receiver* owner = FindReceiver(config, key.via);
    if (owner == nullptr) return nullptr;
    if (key.person.empty() && owner->fallback != key.receiver) return nullptr;
  }
  return FindIntegration(FindReceiver(config, key.receiver), key.integration, key.index);
}

}  // namespace

// What held for the group of this entry, and holds still where there is one.
bool Core::IsStrict(const nflog::Key& key) const {
  const auto groups = dispatcher_->FindByKey(key.group_key, key.owner());
  if (groups.empty()) return dispatcher_->Remembers(key.group_key, key.owner());
  return std::ranges::all_of(groups, [this](dispatch::GroupId id) {
    return dispatcher_->Find(id)->route->delivery == config::Delivery::kStrict;
  });
}

// Whether the receiver of another group that messages of the key are about knows this alert.
bool Core::IsToldElsewhere(const nflog::Key& key, uint64_t fingerprint) const {
  for (const auto& [receiver, group_key] : CoveredBy(key)) {
    if (receiver == key.owner() && group_key == key.group_key) continue;
    for (const nflog::Key& other : nflog_.OfGroup(group_key)) {
      if (other.receiver != receiver || !other.via.empty()) continue;
      const nflog::Entry& entry = *nflog_.Find(other);
      if (std::ranges::binary_search(entry.firing, fingerprint) ||
          std::ranges::binary_search(entry.attempted, fingerprint)) {
        return true;
      }
    }
  }
  return false;
}

void Core::KeepLeavers(const dispatch::Dispatcher* old_groups, const config::Config* old_config) {
  using Alerts = std::map<uint64_t, std::shared_ptr<const alert::Alert>>;
  std::map<std::pair<std::string, std::string>, Alerts> left;    // By group key and receiver.
  std::map<std::pair<std::string, std::string>, size_t> untold;  // By receiver and integration.
  nflog_.ForEach([&](const nflog::Key& key, const nflog::Entry& entry) {
    if (!IsStrict(key)) return;
    Alerts told;
    for (const std::vector<uint64_t>* list : {&entry.firing, &entry.attempted}) {
      for (const uint64_t fingerprint : *list) {
        const AlertTable::Row* row = alerts_.Find(fingerprint);
        if (row != nullptr) told.emplace(fingerprint, row->alert);
      }
    }
    const config::Integration* integration = StillTold(*config_, key);
    if (integration == nullptr) {
      const config::Integration* old =
          old_config == nullptr ? nullptr : StillTold(*old_config, key);
      // It is noted once, when it happens; who knows what was before a restart?
      if (old_config == nullptr || (old != nullptr && old->send_resolved)) {
        untold[{key.receiver, key.integration}] += told.size();
      }
      return;
    }
    // Nobody tells a person whom no escalation knows any more: of that a word was said then.
    const bool is_told_by_nobody = !key.person.empty() && RunningUnder(key).empty();
    if (!integration->send_resolved || is_told_by_nobody) return;
    for (const dispatch::GroupId id : GroupsOf(key)) {
      std::erase_if(told, [&](const auto& alert) {
        return dispatcher_->Find(id)->alerts.contains(alert.first);
      });
    }
    // What a person was told of other groups stays in those.
    std::erase_if(told, [&](const auto& alert) { return IsToldElsewhere(key, alert.first); });
    if (!told.empty()) left[{key.group_key, key.owner()}].merge(told);
  });
  for (const auto& [group, told] : left) {
    std::vector<std::shared_ptr<const alert::Alert>> alerts;
    for (const auto& [fingerprint, alert] : told) alerts.push_back(alert);
    if (dispatcher_->Keep(group.first, group.second, alerts, old_groups, now_)) continue;
    untold[{group.second, "unknown"}] += alerts.size();
  }
  for (const auto& [who, alerts] : untold) {
    if (alerts == 0) continue;
    stats_.ends_untold[{who.second}] += alerts;
    Emit(Log{Log::Level::kWarn,
             "notify: told of alerts, but no longer configured: it will not hear that they end",
             {{"receiver", who.first},
              {"integration", who.second},
              {"alerts", std::to_string(alerts)}}});
  }
}

}  // namespace watchfire::core
