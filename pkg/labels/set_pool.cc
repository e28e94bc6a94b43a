// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/labels/set_pool.h"

#include <functional>
#include <string_view>

namespace watchfire::labels {

namespace {

// Less in common is not worth a second place to look at.
constexpr size_t kWorth = 24;

// Bytes of the values that both have.
size_t InCommon(const LabelSet& a, const LabelSet& b) {
  size_t bytes = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a.at(i).value == b.at(i).value) bytes += a.at(i).value.size();
  }
  return bytes;
}

}  // namespace

LabelSet SetPool::Share(const LabelSet& set) {
  if (set.empty()) return set;
  if (last_ != nullptr && Compare(set, *last_)) return Keep(set, last_);

  constexpr uint64_t kSpread = 0x9e3779b97f4a7c15ULL;
  uint64_t hash = set.size();
  for (const Label& label : set) {
    hash = (hash ^ std::hash<std::string_view>()(label.name)) * kSpread;
  }
  const auto [place, is_new] = kinds_.try_emplace(hash);
  Kind& kind = place->second;
  if (is_new) {
    kind.names = kind.previous = set.OnlyNames();
    SetBase(kind.names, &kind);
  }
  if (!Compare(set, kind)) return set;  // Other names with the same hash.
  last_ = &kind;
  return Keep(set, last_);
}

void SetPool::SetBase(const LabelSet& base, Kind* kind) {
  kind->base = base;
  kind->of_base.assign(kind->base.begin(), kind->base.end());
}

bool SetPool::Compare(const LabelSet& set, const Kind& kind) {
  if (set.size() != kind.of_base.size()) return false;
  own_.clear();
  common_ = news_ = 0;
  bool fits = true;
  for (size_t i = 0; i < set.size(); ++i) {
    const auto [name, value] = set.at(i);
    const auto& [base_name, base_value] = kind.of_base[i];
    if (name != base_name) return false;
    if (value == base_value) {
      common_ += value.size();
      own_.emplace_back();
      continue;
    }
    own_.push_back(value);
    if (value.empty()) fits = false;
    if (value == kind.previous.at(i).value) news_ += value.size();
  }
  if (!fits) common_ = 0;
  return true;
}

LabelSet SetPool::Keep(const LabelSet& set, Kind* kind) {
  bool is_base = common_ < kWorth;
  // The sets of a new row of neighbours have more in common with each other than with the base of
  // the last one. Its second set shows that, and is the base of those that follow.
  if (news_ >= kWorth) is_base |= InCommon(set, kind->previous) >= common_ + kWorth;
  for (size_t i = 0; is_base && i < set.size(); ++i) own_[i] = set.at(i).value;
  kind->previous = set.Over(is_base ? kind->names : kind->base, own_);
  if (is_base) SetBase(kind->previous, kind);
  return kind->previous;
}

void SetPool::Sweep() {
  last_ = nullptr;
  for (auto& [hash, kind] : kinds_) {
    kind.previous = LabelSet();
    SetBase({}, &kind);
  }
  std::erase_if(kinds_, [](const auto& entry) { return entry.second.names.unique(); });
  for (auto& [hash, kind] : kinds_) {
    kind.previous = kind.names;
    SetBase(kind.names, &kind);
  }
}

}  // namespace watchfire::labels
