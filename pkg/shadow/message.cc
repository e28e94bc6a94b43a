// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/shadow/message.h"

#include <algorithm>
#include <iterator>

namespace watchfire::shadow {

std::vector<Item> Sorted(std::vector<Item> items) {
  const auto fingerprint = [](const Item& item) { return item.labels.fingerprint(); };
  std::ranges::stable_sort(items, {}, fingerprint);
  std::vector<Item> out;
  for (Item& item : items) {
    if (!out.empty() && fingerprint(out.back()) == fingerprint(item)) out.pop_back();
    out.push_back(std::move(item));
  }
  return out;
}

bool SameContent(const Message& a, const Message& b) {
  if (a.items.size() + a.truncated != b.items.size() + b.truncated) return false;
  const auto key = [](const Item& item) {
    return std::pair(item.labels.fingerprint(), item.firing);
  };
  if (a.truncated > 0 && b.truncated > 0) return true;  // Neither shows all.
  const Message& part = a.items.size() < b.items.size() ? a : b;
  const Message& whole = &part == &a ? b : a;
  return std::ranges::includes(whole.items, part.items, {}, key, key);
}

}  // namespace watchfire::shadow
