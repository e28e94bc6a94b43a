// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/ledger.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace watchfire::slo {
namespace {

constexpr double kRounded = 1e-9;  // So much of a number is no number.

constexpr std::array<size_t, kLevelCount> kOffsets = {
    0, kLevelSlots[0], kLevelSlots[0] + kLevelSlots[1],
    kLevelSlots[0] + kLevelSlots[1] + kLevelSlots[2]};

size_t Index(Level level) { return static_cast<size_t>(level); }

size_t Place(Level level, int64_t slot) {
  const int64_t size = static_cast<int64_t>(kLevelSlots[Index(level)]);
  return static_cast<size_t>(((slot % size) + size) % size);
}

bool Holds(Level level, int64_t slot, int64_t newest) {
  const int64_t last = SlotAt(level, newest);
  return slot <= last && slot > last - static_cast<int64_t>(kLevelSlots[Index(level)]);
}

// By label set, without metric names.
Result<std::map<std::string, Counted>> ByLabels(const promql::Vector& vector) {
  std::map<std::string, Counted> out;
  for (const promql::Sample& sample : vector) {
    if (!std::isfinite(sample.value)) continue;
    Counted counted{sample.labels, {sample.value, sample.value}};
    if (sample.labels.Has("__name__")) counted.labels = sample.labels.With({{"__name__", ""}});
    std::string key = counted.labels.ToString();
    if (!out.emplace(key, std::move(counted)).second) {
      return Fail(Code::kConflict, "two counts with the same labels " + key);
    }
  }
  return out;
}

}  // namespace

labels::LabelSet OtherLabels() { return labels::LabelSet{{"other", "true"}}; }

Result<std::vector<Counted>> Join(const promql::Vector& bad, const promql::Vector& total) {
  Result<std::map<std::string, Counted>> bads = ByLabels(bad);
  if (!bads) return Fail(std::move(bads.error()));
  Result<std::map<std::string, Counted>> totals = ByLabels(total);
  if (!totals) return Fail(std::move(totals.error()));
  std::vector<Counted> out;
  for (auto& [key, counted] : *totals) {
    const auto found = bads->find(key);
    counted.events.bad = found == bads->end() ? 0 : found->second.events.bad;
    out.push_back(std::move(counted));
  }
  // The total of these comes with another minute.
  for (auto& [key, counted] : *bads) {
    if (totals->contains(key) || counted.events.bad == 0) continue;
    counted.events = {counted.events.bad, 0};
    out.push_back(std::move(counted));
  }
  return out;
}

Coverage::Coverage(int64_t newest)
    : newest_(newest),
      fine_(kOffsets[Index(Level::kDay)]),
      days_(kLevelSlots[Index(Level::kDay)]) {}

void Coverage::Advance(int64_t minute) {
  if (minute <= newest_) return;
  for (size_t i = 0; i < kLevelCount; ++i) {
    const Level level = static_cast<Level>(i);
    const int64_t to = SlotAt(level, minute);
    const int64_t size = static_cast<int64_t>(kLevelSlots[i]);
    for (int64_t slot = std::max(SlotAt(level, newest_) + 1, to - size + 1); slot <= to; ++slot) {
      if (level == Level::kDay) {
        days_[Place(level, slot)] = 0;
      } else {
        fine_[kOffsets[i] + Place(level, slot)] = 0;
      }
    }
  }
  newest_ = minute;
}

int64_t Coverage::KnownMinutes(Level level, int64_t slot) const {
  if (!Holds(level, slot, newest_)) return 0;
  if (level == Level::kDay) return days_[Place(level, slot)];
  return fine_[kOffsets[Index(level)] + Place(level, slot)];
}

void Coverage::Cover(Level level, int64_t slot, int64_t minutes) {
  const int64_t more = minutes - KnownMinutes(level, slot);
  if (more <= 0 || !Holds(level, slot, newest_)) return;
  const int64_t minute = slot * MinutesOf(level);
  for (size_t i = Index(level); i < kLevelCount; ++i) {
    const Level each = static_cast<Level>(i);
    const int64_t at = SlotAt(each, minute);
    if (!Holds(each, at, newest_)) continue;
    const int64_t known = std::min(KnownMinutes(each, at) + more, MinutesOf(each));
    if (each == Level::kDay) {
      days_[Place(each, at)] = static_cast<uint16_t>(known);
    } else {
      fine_[kOffsets[i] + Place(each, at)] = static_cast<uint8_t>(known);
    }
  }
}

void Coverage::Forget(int64_t minute) {
  if (!Known(Level::kMinute, minute)) return;
  for (size_t i = 0; i < kLevelCount; ++i) {
    const Level level = static_cast<Level>(i);
    const int64_t slot = SlotAt(level, minute);
    if (!Holds(level, slot, newest_) || KnownMinutes(level, slot) == 0) continue;
    if (level == Level::kDay) {
      --days_[Place(level, slot)];
    } else {
      --fine_[kOffsets[i] + Place(level, slot)];
    }
  }
}

double Coverage::Between(int64_t from, int64_t to) const {
  double known = 0;
  for (size_t i = 0; i < kLevelCount; ++i) {
    const Level level = static_cast<Level>(i);
    const Reach reach = ReachOf(level, newest_);
    const int64_t begin = std::max(from, reach.begin);
    const int64_t end = std::min(to, reach.end);
    const int64_t unit = MinutesOf(level);
    for (int64_t slot = SlotAt(level, begin); begin < end && slot * unit < end; ++slot) {
      const int64_t inside = std::min(end, (slot + 1) * unit) - std::max(begin, slot * unit);
      known += static_cast<double>(KnownMinutes(level, slot) * inside) / static_cast<double>(unit);
    }
  }
  return known;
}

size_t Coverage::Bytes() {
  return sizeof(Coverage) + kOffsets[Index(Level::kDay)] +
         kLevelSlots[Index(Level::kDay)] * sizeof(uint16_t);
}

Ledger::Ledger(int64_t newest, LedgerOptions options)
    : options_(options), coverage_(newest), first_minute_(newest + 1) {}

void Ledger::Advance(int64_t minute) {
  if (minute <= newest()) return;
  const bool nothing_yet = first_minute_ > newest();
  const bool new_hour = SlotAt(Level::kHour, minute) != SlotAt(Level::kHour, newest());
  coverage_.Advance(minute);
  if (nothing_yet) first_minute_ = minute + 1;
  for (Series& series : series_) series.history.Advance(minute);
  if (!new_hour) return;
  const int64_t since =
      minute - FloorDiv(options_.retention.count(), Duration(StepOf(Level::kMinute)).count());
  std::erase_if(series_, [&](const Series& series) { return series.history.SilentSince(since); });
}

Ledger::Series* Ledger::Find(const labels::LabelSet& labels) {
  const auto found =
      std::ranges::lower_bound(series_, labels, &labels::LabelSet::Before, &Series::labels);
  return found != series_.end() && found->labels == labels ? &*found : nullptr;
}

void Ledger::Enter(const Counted& counted, Level level, int64_t slot, Events* other) {
  Series* series = Find(counted.labels);
  if (series == nullptr && counted.events == Events()) return;
  if (series == nullptr) {
    const bool is_other = counted.labels == OtherLabels();
    overflowing_ |= is_other;
    if (series_.size() >= options_.series_max && !is_other) {
      *other += counted.events;
      return;
    }
    const auto before = std::ranges::lower_bound(series_, counted.labels, &labels::LabelSet::Before,
                                                 &Series::labels);
    series = &*series_.insert(before, Series{counted.labels, History(newest()), 0});
  }
  series->round = round_;
  series->history.Set(level, slot, counted.events);
}

void Ledger::Write(Level level, int64_t slot, std::vector<Counted> counted) {
  WritePart(level, slot, MinutesOf(level), std::move(counted));
}

void Ledger::WritePart(Level level, int64_t slot, int64_t minutes, std::vector<Counted> counted) {
  if (!Holds(level, slot, newest())) return;
  // The largest come first, so that they are kept when there are too many.
  std::ranges::stable_sort(counted, std::greater<>(),
                           [](const Counted& c) { return c.events.total; });
  ++round_;
  Events other;
  bool anything = false;
  for (const Counted& each : counted) {
    Enter(each, level, slot, &other);
    anything |= each.events.total != 0;
    const double rounded = each.events.total * kRounded;
    const bool is_odd = each.events.bad > each.events.total + rounded || each.events.bad < -rounded;
    if (each.events.total > 0 && is_odd) ++anomalies_;
  }
  if (other != Events()) {
    Events none;
    Enter({OtherLabels(), other}, level, slot, &none);
  }
  for (Series& series : series_) {
    if (series.round != round_) series.history.Set(level, slot, {});
  }
  coverage_.Cover(level, slot, minutes);
  const int64_t minute = slot * MinutesOf(level);
  if (anything) first_minute_ = std::min(first_minute_, minute);
  dirty_hours_.insert(SlotAt(Level::kHour, minute));
}

void Ledger::WriteMinutesOf(int64_t hour, const std::vector<std::vector<Counted>>& counted) {
  std::map<Series*, History::Minutes> minutes;
  for (size_t i = 0; i < std::min(counted.size(), History::Minutes().size()); ++i) {
    for (const Counted& each : counted[i]) {
      // Of label sets that are lumped together, or that have ended, nobody asks.
      if (Series* series = Find(each.labels)) minutes[series][i] += each.events;
    }
  }
  for (auto& [series, each] : minutes) series->history.Tell(hour, each);
  told_.insert(hour);
}

void Ledger::KeepMinutesOf(const std::set<int64_t>& hours) {
  if (std::erase_if(told_, [&](int64_t hour) { return !hours.contains(hour); }) == 0) return;
  for (Series& series : series_) series.history.KeepTold(hours);
}

void Ledger::Doubt(int64_t from, int64_t to) {
  const int64_t begin = std::max(from, ReachOf(Level::kMinute, newest()).begin);
  for (int64_t minute = begin; minute < std::min(to, newest() + 1); ++minute) {
    coverage_.Forget(minute);
  }
}

Ledger Ledger::Rewound(int64_t minute) const {
  Ledger out(minute, options_);
  for (size_t i = 0; i < kLevelCount; ++i) {
    const Level level = static_cast<Level>(i);
    const Reach reach = ReachOf(level, minute);
    const int64_t unit = MinutesOf(level);
    for (int64_t slot = CeilDiv(reach.begin, unit); (slot + 1) * unit <= reach.end; ++slot) {
      const int64_t known = coverage_.KnownMinutes(level, slot);
      if (known == 0) continue;
      std::vector<Counted> counted;
      for (const Series& series : series_) {
        const Events events = series.history.At(level, slot);
        if (events != Events()) counted.push_back({series.labels, events});
      }
      out.WritePart(level, slot, known, std::move(counted));
    }
  }
  return out;
}

Events Ledger::Between(int64_t from, int64_t to) const {
  Events sum;
  for (const Series& series : series_) sum += series.history.Between(from, to);
  return sum;
}

double Ledger::CoverageOf(int64_t from, int64_t to) const {
  if (to <= from) return 0;
  const int64_t begin = std::max(from, first_minute_);
  return begin < to ? coverage_.Between(begin, to) / static_cast<double>(to - from) : 0;
}

std::vector<int64_t> Ledger::TakeDirtyHours() {
  std::vector<int64_t> hours(dirty_hours_.begin(), dirty_hours_.end());
  dirty_hours_.clear();
  return hours;
}

size_t Ledger::Bytes() const {
  size_t bytes = sizeof(Ledger) - sizeof(Coverage) + Coverage::Bytes();
  for (const Series& series : series_) {
    bytes += sizeof(Series) - sizeof(History) + series.history.bytes() + series.labels.bytes();
  }
  return bytes;
}

}  // namespace watchfire::slo
