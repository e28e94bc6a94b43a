// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/window.h"

#include <algorithm>

namespace watchfire::oncall {
namespace {

// The occurrence number `k` of a window, counted from kMonday.
Span Occurrence(const Window& window, const cctz::time_zone& zone, int64_t k) {
  const LocalTime start = kMonday + k * window.period() + window.start;
  return {FirstInstant(start, zone), LastInstant(start + window.length, zone)};
}

// The last occurrence that, on the clock on the wall, begins by `at`.
int64_t NumberAt(const Window& window, LocalTime at) {
  return FloorDiv(at - kMonday - window.start, window.period());
}

bool IsOpen(const Window& window, const cctz::time_zone& zone, WallTime at) {
  if (window.length >= window.period()) return true;
  const int64_t number = NumberAt(window, ToLocal(at, zone));
  // Where clocks are set back, the wall shows less than has passed: look at both neighbours.
  for (int64_t k = number - 1; k <= number + 1; ++k) {
    const Span span = Occurrence(window, zone, k);
    if (span.begin <= at && at < span.end) return true;
  }
  return false;
}

}  // namespace

bool IsOpen(const Windows& windows, const cctz::time_zone& zone, WallTime at) {
  return windows.empty() || std::ranges::any_of(windows, [&](const Window& window) {
           return IsOpen(window, zone, at);
         });
}

std::vector<Span> OpenSpans(const Windows& windows, const cctz::time_zone& zone, WallTime from,
                            WallTime to) {
  if (from >= to) return {};
  std::vector<Span> spans;
  for (const Window& window : windows) {
    if (window.length >= window.period()) return {{from, to}};
    for (int64_t k = NumberAt(window, ToLocal(from, zone)) - 1;; ++k) {
      const Span span = Occurrence(window, zone, k);
      if (span.begin >= to) break;
      const Span cut{std::max(span.begin, from), std::min(span.end, to)};
      if (cut.begin < cut.end) spans.push_back(cut);
    }
  }
  if (windows.empty()) return {{from, to}};
  std::ranges::sort(spans, {}, &Span::begin);
  std::vector<Span> joined;
  for (const Span& span : spans) {
    if (!joined.empty() && span.begin <= joined.back().end) {
      joined.back().end = std::max(joined.back().end, span.end);
    } else {
      joined.push_back(span);
    }
  }
  return joined;
}

std::optional<WallTime> NextOpen(const Windows& windows, const cctz::time_zone& zone, WallTime at,
                                 bool open) {
  const WallTime limit = at + std::chrono::hours(24 * 9);
  const std::vector<Span> spans = OpenSpans(windows, zone, at, limit);
  const bool is_open = !spans.empty() && spans.front().begin == at;
  if (is_open == open) return at;
  if (open) return spans.empty() ? std::nullopt : std::optional(spans.front().begin);
  return spans.front().end == limit ? std::nullopt : std::optional(spans.front().end);
}

Window DailyWindow(int64_t start_minute, int64_t end_minute) {
  const int64_t start = FloorMod(start_minute * 60, Window::kDay);
  const int64_t length = FloorMod(end_minute * 60 - start, Window::kDay);
  return {false, start, length == 0 ? Window::kDay : length};
}

Window WeeklyWindow(int64_t start_day, int64_t start_minute, int64_t end_day, int64_t end_minute) {
  const int64_t start = FloorMod(start_day * Window::kDay + start_minute * 60, Window::kWeek);
  const int64_t end = end_day * Window::kDay + end_minute * 60;
  const int64_t length = FloorMod(end - start, Window::kWeek);
  return {true, start, length == 0 ? Window::kWeek : length};
}

}  // namespace watchfire::oncall
