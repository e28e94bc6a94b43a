// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The engine against the theory of burn-rate alerting (reference §1.3): second by second through an
// outage, when does it fire and when does it resolve.

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/slo/slo.h"

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr WallTime kStart = WallTime(seconds(1'000'000'020));

config::Slo OnePair() {
  config::Slo slo;
  slo.id = "shop-cart";
  slo.objective = 99.9;
  slo.error_ratio_query = "r[{{.window}}]";
  slo.alert_name = "CartBurns";
  slo.page_windows = {{hours(1), minutes(5), 14.4}};
  return slo;
}

// One request a second, of which the share `share` fails during [from, to) seconds.
class Traffic {
 public:
  Traffic(double share, int from, int to) : share_(share), from_(from), to_(to) {}
  // Of the `window` that ends at second `end`.
  double Bad(int end, Duration window) const {
    const int start = end - static_cast<int>(ToSeconds(window));
    return share_ * std::max(0, std::min(end, to_) - std::max(start, from_));
  }
  double Ratio(int end, Duration window) const { return Bad(end, window) / ToSeconds(window); }

 private:
  double share_;
  int from_;
  int to_;
};

struct Span {
  int fired = -1;     // Seconds after the outage began.
  int resolved = -1;  // Seconds after it ended.
};

Span Play(const config::Slo& slo, double share, int outage) {
  Engine engine({slo}, {seconds(1), minutes(1), "", {}});
  engine.Due(kStart + milliseconds(1));  // Finds the first slot.
  Span span;
  const Traffic traffic(share, 0, outage);
  for (int second = 1; second < outage + 400 && span.resolved < 0; ++second) {
    for (const Query& query : engine.Due(*engine.next_slot())) {
      const double ratio = traffic.Ratio(second, query.window);
      engine.OnResult(query, promql::Vector{{{}, query.slot, ratio}}, query.slot);
    }
    const bool firing = engine.status(0).page_firing;
    if (firing && span.fired < 0) span.fired = second;
    if (!firing && span.fired >= 0) span.resolved = second - outage;
  }
  return span;
}

TEST(DetectionTest, DetectsAndResetsWhenTheTheorySays) {
  // All requests fail for ten minutes: 52 of 3600 are the first to exceed 14.4 · 0.1 %, and the
  // 5-minute window is below it 295.68 s after the end.
  const Span total = Play(OnePair(), 1, 600);
  EXPECT_EQ(total.fired, 52);
  EXPECT_EQ(total.resolved, 296);
  // t_d = L·k·b/e, reset = S·(1 - k·b/e), each rounded up to the second.
  const Span half = Play(OnePair(), 0.5, 600);
  EXPECT_EQ(half.fired, 104);
  EXPECT_EQ(half.resolved, 292);
  const Span tenth = Play(OnePair(), 0.1, 2000);
  EXPECT_EQ(tenth.fired, 519);
  EXPECT_EQ(tenth.resolved, 257);
  const Span twentieth = Play(OnePair(), 0.05, 2000);
  EXPECT_EQ(twentieth.fired, 1037);
  EXPECT_EQ(twentieth.resolved, 214);
  // Shorter than the detection time, and weaker than the threshold: never.
  EXPECT_EQ(Play(OnePair(), 1, 51).fired, -1);
  EXPECT_EQ(Play(OnePair(), 0.01, 4000).fired, -1);
}

}  // namespace
}  // namespace watchfire::slo
