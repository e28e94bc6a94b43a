// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What is compared: messages of either side, and the groups that each side shows. Plain values.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/labels/labels.h"

namespace watchfire::shadow {

enum class Side { kOurs, kTheirs };

// What a message says of one alert.
struct Item {
  labels::LabelSet labels;
  bool firing = true;
};

// One notification: what a receiver was told, or would have been told, about one group.
struct Message {
  std::string receiver;
  labels::LabelSet group;
  std::vector<Item> items;  // Sorted by fingerprint, each once.
  size_t truncated = 0;     // Alerts that it left out (max_alerts of a webhook).
};

// Brings `items` into the order that Message asks for. Of an alert that comes twice, the last wins.
std::vector<Item> Sorted(std::vector<Item> items);

// Whether both say the same of the same alerts, as far as what was truncated lets one see.
bool SameContent(const Message& a, const Message& b);

// One group as an API shows it.
struct GroupAlert {
  labels::LabelSet labels;
  std::string quiet;      // "": it is to be notified; else "silenced by 5b5a…" and the like.
  bool by_mutes = false;  // `quiet` is the time intervals' doing.
};
struct Group {
  std::string receiver;
  labels::LabelSet labels;
  std::vector<GroupAlert> alerts;
};

}  // namespace watchfire::shadow
