// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/labels/set_pool.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace watchfire::labels {

namespace {

// Less in common is not worth a second place to look at.
constexpr size_t kWorth = 24;
// So many that share are no worse off than with all there are.
constexpr size_t kMany = 4;

// Bytes of the values that both have.
size_t InCommon(const std::vector<Label>& labels, const LabelSet& set) {
  size_t bytes = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::string_view value = labels[i].value;
    if (value == set.ValueAt(i)) bytes += value.size();
  }
  return bytes;
}

uint64_t HashOfNames(const std::vector<Label>& labels) {
  constexpr uint64_t kSpread = 0x9e3779b97f4a7c15ULL;
  uint64_t hash = labels.size();
  for (const Label& label : labels) {
    hash = (hash ^ std::hash<std::string_view>()(label.name)) * kSpread;
  }
  return hash;
}

LabelSet OnlyNames(std::vector<Label> labels) {
  for (Label& label : labels) label.value = {};
  return LabelSet::FromViews(std::move(labels));
}

}  // namespace

LabelSet SetPool::Share(const LabelSet& set) {
  if (set.empty()) return set;
  labels_.assign(set.begin(), set.end());
  if (!CompareLast(labels_) && !CompareOthers(labels_, HashOfNames(labels_))) return set;
  return Keep(set.Over(ChooseBase(labels_, *last_), own_), last_);
}

bool SetPool::IsShared(const LabelSet& set) {
  return !set.base().empty() && std::max(set.owners(), set.base().owners()) >= kMany;
}

LabelSet SetPool::Make(std::vector<Label>* labels) {
  if (labels->empty()) return {};
  if (!CompareLast(*labels)) {
    PutInOrder(labels);
    const uint64_t hash = HashOfNames(*labels);
    const bool is_first = kinds_.try_emplace(hash).second;
    if (is_first || !CompareOthers(*labels, hash)) return LabelSet::FromViews(*labels);
  }
  return Keep(LabelSet::FromBase(ChooseBase(*labels, *last_), own_), last_);
}

bool SetPool::CompareOthers(const std::vector<Label>& labels, uint64_t hash_of_names) {
  Kind& kind = kinds_[hash_of_names];
  if (kind.names.empty()) {
    kind.names = kind.previous = OnlyNames(labels);
    SetBase(kind.names, &kind);
  }
  if (!Compare(labels, kind)) return false;  // Other names with the same hash.
  last_ = &kind;
  return true;
}

bool SetPool::Compare(const std::vector<Label>& labels, const Kind& kind) {
  if (labels.size() != kind.of_base.size()) return false;
  own_.clear();
  common_ = news_ = 0;
  bool fits = true;
  for (size_t i = 0; i < labels.size(); ++i) {
    const auto& [name, value] = labels[i];
    const auto& [base_name, base_value] = kind.of_base[i];
    if (name != base_name) return false;
    if (value == base_value) {
      common_ += value.size();
      own_.emplace_back();
      continue;
    }
    own_.push_back(value);
    if (value.empty()) fits = false;
    if (value == kind.previous.ValueAt(i)) news_ += value.size();
  }
  if (!fits) common_ = 0;
  return true;
}

const LabelSet& SetPool::ChooseBase(const std::vector<Label>& labels, const Kind& kind) {
  bool is_base = common_ < kWorth;
  // The sets of a new row of neighbours have more in common with each other than with the base of
  // the last one. Its second set shows that, and is the base of those that follow.
  if (news_ >= kWorth) is_base |= InCommon(labels, kind.previous) >= common_ + kWorth;
  if (!is_base) return kind.base;
  for (size_t i = 0; i < labels.size(); ++i) own_[i] = labels[i].value;
  return kind.names;
}

LabelSet SetPool::Keep(LabelSet set, Kind* kind) {
  kind->previous = std::move(set);
  const LabelSet& base = kind->previous.base();
  if (base.base().empty()) SetBase(kind->previous, kind);
  return kind->previous;
}

void SetPool::SetBase(const LabelSet& base, Kind* kind) {
  kind->base = base;
  kind->of_base.assign(kind->base.begin(), kind->base.end());
}

void SetPool::Sweep() {
  last_ = nullptr;
  for (auto& [hash, kind] : kinds_) {
    kind.previous = LabelSet();
    SetBase({}, &kind);
  }
  std::erase_if(kinds_, [](const auto& entry) { return entry.second.names.owners() <= 1; });
  for (auto& [hash, kind] : kinds_) {
    kind.previous = kind.names;
    SetBase(kind.names, &kind);
  }
}

}  // namespace watchfire::labels
