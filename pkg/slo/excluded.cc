// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/excluded.h"

#include <algorithm>

namespace watchfire::slo {
namespace {

constexpr double kRounding = 1e-6;

// A slot of which only some minutes are excluded.
struct Part {
  int64_t slot = 0;
  int64_t minutes = 0;
};

double Share(int64_t minutes, int64_t of) {
  return static_cast<double>(minutes) / static_cast<double>(of);
}

// One level's answer for the minutes [begin, end), which are within its reach.
class LevelReader {
 public:
  LevelReader(const History& history, Level level, int64_t begin, int64_t end)
      : history_(history), level_(level), begin_(begin), end_(end) {}

  void Take(const ExcludedSpan& span) {
    const int64_t unit = MinutesOf(level_);
    const int64_t begin = std::max(span.begin, begin_);
    const int64_t end = std::min(span.end, end_);
    if (begin >= end) return;
    if (unit == 1 || (level_ == Level::kDay && span.is_scheduled)) {
      sum_ += history_.Between(begin, end);
      return;
    }
    const int64_t first = CeilDiv(begin, unit);
    const int64_t last = FloorDiv(end, unit);
    if (first > last) {  // Inside of one.
      Add(last, end - begin);
      return;
    }
    if (begin < first * unit) Add(first - 1, first * unit - begin);
    if (first < last) sum_ += history_.Between(first * unit, last * unit);
    if (last * unit < end) Add(last, end - last * unit);
  }

  Events Finish() {
    const int64_t unit = MinutesOf(level_);
    for (const Part& part : parts_) {
      const int64_t begin = std::max(begin_, part.slot * unit);
      const int64_t end = std::min(end_, (part.slot + 1) * unit);
      const Events inside = history_.Between(begin, end);
      if (part.minutes == end - begin) {  // All that the window has of it.
        sum_ += inside;
        continue;
      }
      const double total = inside.total * Share(part.minutes, end - begin);
      sum_ += Events{std::min(inside.bad, total), total};
    }
    return sum_;
  }

 private:
  void Add(int64_t slot, int64_t minutes) {
    if (parts_.empty() || parts_.back().slot != slot) parts_.push_back({slot, 0});
    parts_.back().minutes += minutes;
  }

  const History& history_;
  const Level level_;
  const int64_t begin_;
  const int64_t end_;
  std::vector<Part> parts_;
  Events sum_;
};

// Those of the span's minutes that lie within [begin, end).
int64_t Overlap(const ExcludedSpan& span, int64_t begin, int64_t end) {
  return std::max<int64_t>(0, std::min(span.end, end) - std::max(span.begin, begin));
}

}  // namespace

bool AnyExcluded(const ExcludedSpans& spans, int64_t begin, int64_t end) {
  return std::ranges::any_of(
      spans, [&](const ExcludedSpan& span) { return span.begin < end && span.end > begin; });
}

int64_t MinutesExcluded(const ExcludedSpans& spans, int64_t begin, int64_t end) {
  int64_t minutes = 0;
  for (const ExcludedSpan& span : spans) minutes += Overlap(span, begin, end);
  return minutes;
}

int64_t MinutesScheduled(const ExcludedSpans& spans, int64_t begin, int64_t end) {
  int64_t minutes = 0;
  for (const ExcludedSpan& span : spans) {
    if (span.is_scheduled) minutes += Overlap(span, begin, end);
  }
  return minutes;
}

ExcludedSpans Within(const ExcludedSpans& spans, int64_t begin, int64_t end) {
  ExcludedSpans out;
  for (ExcludedSpan span : spans) {
    span.begin = std::max(span.begin, begin);
    span.end = std::min(span.end, end);
    if (span.begin < span.end) out.push_back(span);
  }
  return out;
}

uint32_t NumberOf(const ExcludedSpans& spans) {
  if (spans.empty()) return 0;
  // FNV-1a: it is stored, so it may not change.
  uint64_t hash = 14695981039346656037U;
  const auto mix = [&hash](int64_t value) {
    for (int shift = 0; shift < 64; shift += 8) {
      hash ^= (static_cast<uint64_t>(value) >> shift) & 0xff;
      hash *= 1099511628211U;
    }
  };
  for (const ExcludedSpan& span : spans) {
    mix(span.begin);
    mix(span.end);
    mix(span.is_scheduled ? 1 : 0);
  }
  const uint32_t number = static_cast<uint32_t>(hash ^ (hash >> 32));
  return number == 0 ? 1 : number;
}

Events ExcludedEvents(const History& history, int64_t begin, int64_t end,
                      const ExcludedSpans& spans) {
  Events sum;
  if (!AnyExcluded(spans, begin, end)) return sum;
  for (size_t i = 0; i < kLevelCount; ++i) {
    const Level level = static_cast<Level>(i);
    const Reach reach = ReachOf(level, history.newest());
    LevelReader reader(history, level, std::max(begin, reach.begin), std::min(end, reach.end));
    for (const ExcludedSpan& span : spans) reader.Take(span);
    sum += reader.Finish();
  }
  return sum;
}

Events EventsWithout(const History& history, int64_t begin, int64_t end,
                     const ExcludedSpans& spans) {
  const Events all = history.Between(begin, end);
  if (!AnyExcluded(spans, begin, end)) return all;
  const Events left = all - ExcludedEvents(history, begin, end, spans);
  return left.total > all.total * kRounding ? left : Events();
}

}  // namespace watchfire::slo
