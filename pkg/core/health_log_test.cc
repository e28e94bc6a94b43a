// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What fails is in the log once, and the log stays short.

#include "pkg/core/health_log.h"

#include "pkg/base/limits.h"
#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

TEST(HealthLogTest, SaysWhichOneAndHowToAskAgain) {
  HealthLog log;
  const std::vector<Log> began =
      log.Add({"rule", {{"rule", "A"}}, std::string(1000, 'x'), "curl"}, MonoTime());
  ASSERT_THAT(began, SizeIs(1));
  EXPECT_EQ(began[0].level, Log::Level::kWarn);
  EXPECT_EQ(began[0].message, "rule: healthy → failing");
  const std::string cut = std::string(HealthLog::kErrorRunes - 1, 'x') + "…";
  EXPECT_THAT(began[0].fields,
              ElementsAre(Pair("rule", "A"), Pair("error", cut), Pair("again", "curl")));
  const std::string vast(HealthLog::kAgainBytes + 1, 'c');
  EXPECT_THAT(log.Add({"rule", {{"rule", "A"}}, "no", vast}, MonoTime())[0].fields,
              ElementsAre(Pair("rule", "A"), Pair("error", "no")));
  const std::vector<Log> ended = log.Add({"slo", {{"slo", "a"}}, "", "curl"}, MonoTime());
  ASSERT_THAT(ended, SizeIs(1));
  EXPECT_EQ(ended[0].level, Log::Level::kInfo);
  EXPECT_EQ(ended[0].message, "slo: failing → healthy");
  EXPECT_THAT(ended[0].fields, ElementsAre(Pair("slo", "a")));
}

TEST(HealthLogTest, IsBoundedAndSaysSo) {
  HealthLog log;
  size_t lines = 0;
  for (size_t i = 0; i < 2 * limits::kHealthLines; ++i) {
    lines += log.Add({"rule", {}, "no"}, MonoTime() + minutes(9)).size();
  }
  EXPECT_EQ(lines, limits::kHealthLines + 1);
  const std::vector<Log> later = log.Add({"rule", {}, "no"}, MonoTime() + minutes(19));
  ASSERT_THAT(later, SizeIs(2));
  EXPECT_THAT(later[0].fields, ElementsAre(Pair("left_out", std::to_string(limits::kHealthLines))));
  EXPECT_EQ(later[1].message, "rule: healthy → failing");
}

class FailingTest : public CoreTest {
 protected:
  // Lets `span` pass; everything that is asked fails, or nothing does. Returns the lines of health.
  std::vector<Log> Live(Duration span, bool fails) {
    std::vector<Log> lines;
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      now_.mono += seconds(1);
      now_.wall += seconds(1);
      std::vector<Event> events;
      do {
        const Effects effects = Step(std::exchange(events, {}));
        for (const Effect& effect : effects) {
          if (const auto* query = std::get_if<RunQuery>(&effect)) {
            Result<promql::Vector> answer = promql::Vector();
            if (value_) answer->push_back({{}, query->at, *value_});
            if (fails) answer = Fail(Code::kInvalidArgument, "bad_data: unknown function");
            events.push_back(QueryDone{query->id, std::move(answer), Duration::zero()});
          }
          const auto* log = std::get_if<Log>(&effect);
          if (log != nullptr && log->message.find("failing") != std::string::npos) {
            lines.push_back(*log);
          }
        }
      } while (!events.empty());
      Commit();
    }
    return lines;
  }

  std::optional<double> value_;  // Of what does not fail; unset: it answers nothing.
};

TEST_F(FailingTest, AThousandWrongRulesAreALineEach) {
  config::RuleGroup group;
  group.file = "r.yml";
  group.name = "wrong";
  for (int i = 0; i < 1000; ++i) {
    config::Rule& rule = group.rules.emplace_back();
    rule.alert = "A" + std::to_string(i);
    rule.expr = "nonsense(" + std::to_string(i) + ")";
  }
  config_->rule_groups = {group};
  Boot({});
  const std::vector<Log> lines = Live(minutes(5), true);
  ASSERT_THAT(lines, SizeIs(1000));
  const auto& fields = lines[0].fields;
  ASSERT_THAT(fields, SizeIs(5));
  EXPECT_THAT(fields[0], Pair("file", "r.yml"));
  EXPECT_THAT(fields[1], Pair("group", "wrong"));
  EXPECT_EQ(fields[2].first, "rule");
  EXPECT_THAT(fields[3], Pair("error", "bad_data: unknown function"));
  EXPECT_THAT(fields[4], Pair("again", HasSubstr("query=nonsense(")));
  EXPECT_THAT(Live(minutes(10), true), IsEmpty());
  EXPECT_THAT(Live(minutes(2), false), SizeIs(1000));
}

config::Slo CartSlo() {
  config::Slo slo;
  slo.id = "shop-cart";
  slo.file = "slo.yml";
  slo.objective = 99.9;
  slo.error_ratio_query = "e{{.window}}";
  slo.alert_name = "CartBurns";
  slo.page_windows = {{std::chrono::hours(1), minutes(5), 14.4}};
  return slo;
}

TEST_F(FailingTest, AnSloThatFailsSaysSoOnce) {
  config_->slos = {CartSlo()};
  Boot({});
  const std::vector<Log> lines = Live(minutes(5), true);
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].message, "slo: healthy → failing");
  EXPECT_THAT(lines[0].fields, ElementsAre(Pair("file", "slo.yml"), Pair("slo", "shop-cart"),
                                           Pair("error", "5m window: bad_data: unknown function"),
                                           Pair("again", HasSubstr("query=e5m"))));
  EXPECT_THAT(Live(minutes(2), false), SizeIs(1));
}

TEST_F(FailingTest, AnSloWhoseEventsCannotBeSaysSoOnce) {
  config_->slos = {CartSlo()};
  Boot({});
  value_ = -0.5;
  const std::vector<Log> lines = Live(minutes(5), false);
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].message, "slo: events: healthy → failing");
  EXPECT_THAT(lines[0].fields,
              ElementsAre(Pair("file", "slo.yml"), Pair("slo", "shop-cart"),
                          Pair("error", "1h window: more good events than events: 150%")));
}

}  // namespace
}  // namespace watchfire::core
