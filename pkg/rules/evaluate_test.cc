// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/rules/evaluate.h"

#include <limits>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/rules/state_record.h"

namespace watchfire::rules {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr WallTime kStart = WallTime(seconds(1'000'000'020));

config::Rule MakeRule(Duration hold, Duration keep_firing_for) {
  config::Rule rule;
  rule.alert = "High";
  rule.expr = "x > 0";
  rule.hold = hold;
  rule.keep_firing_for = keep_firing_for;
  return rule;
}

void AddTemplate(std::vector<std::pair<std::string, templates::Template>>* to,
                 const std::string& name, const std::string& text) {
  to->emplace_back(name, templates::Template::Parse(text).value());
}

promql::Vector Samples(const std::vector<labels::LabelSet>& sets) {
  promql::Vector out;
  for (const labels::LabelSet& set : sets) out.push_back({set, kStart, 1});
  return out;
}

const Instance& Only(const Instances& instances) {
  EXPECT_EQ(instances.size(), 1U);
  return instances.begin()->second;
}

TEST(AdvanceTest, FinalLabelsAreSampleThenRuleThenName) {
  config::Rule rule = MakeRule({}, {});
  AddTemplate(&rule.label_templates, "severity", "critical");
  AddTemplate(&rule.label_templates, "who", "{{ $labels.__name__ }}/{{ $labels.provider }}");
  AddTemplate(&rule.label_templates, "alertname", "Forged");
  AddTemplate(&rule.label_templates, "zone", "{{ $labels.nothing }}");  // Empty: removed.
  AddTemplate(&rule.annotation_templates, "text", "{{ $value }} {{ $labels.severity }}.");
  AddTemplate(&rule.annotation_templates, "empty", "{{ $labels.nothing }}");
  Instances active;
  const promql::Vector vector{
      {labels::LabelSet{
           {"__name__", "errors"}, {"provider", "openai"}, {"severity", "low"}, {"zone", "eu"}},
       kStart, 0.25}};
  ASSERT_TRUE(Advance(rule, 0, vector, kStart, &active).value());
  const Instance& instance = Only(active);
  EXPECT_EQ(instance.labels, (labels::LabelSet{{"alertname", "High"},
                                               {"provider", "openai"},
                                               {"severity", "critical"},
                                               {"who", "errors/openai"}}));
  // Templates see the sample's labels, not the rule's.
  EXPECT_EQ(instance.annotations, (labels::LabelSet{{"empty", ""}, {"text", "0.25 low."}}));
  EXPECT_EQ(instance.value, 0.25);
}

TEST(AdvanceTest, TemplatesKnowEveryFunctionAndTheTimeOfTheEvaluation) {
  config::Rule rule = MakeRule({}, {});
  AddTemplate(&rule.annotation_templates, "text",
              "{{ $value | humanizePercentage }}{{ range $k, $v := $labels }} {{ $k }}={{ $v | "
              "toUpper }}{{ end }} at {{ now | humanizeTimestamp }}");
  Instances active;
  const promql::Vector vector{{labels::LabelSet{{"provider", "openai"}}, kStart, 0.25}};
  ASSERT_TRUE(Advance(rule, 0, vector, kStart, &active).value());
  EXPECT_EQ(Only(active).annotations.Get("text"),
            "25% provider=OPENAI at 2001-09-09 01:47:00 +0000 UTC");
}

TEST(AdvanceTest, TextsThatAreKeptAreThoseOfTheSampleAndTheTime) {
  config::Rule rule = MakeRule({}, {});
  AddTemplate(&rule.label_templates, "zone", "{{ $labels.zone | toUpper }}");
  AddTemplate(&rule.annotation_templates, "text", "{{ $value }}");
  config::Rule timed = rule;
  AddTemplate(&timed.annotation_templates, "at", "{{ now | humanizeTimestamp }}");
  const auto at = [](const char* zone, double value) {
    return promql::Sample{labels::LabelSet{{"zone", zone}}, kStart, value};
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<promql::Vector> results = {{at("eu", 1), at("us", 2)},
                                               {at("eu", 1), at("us", 2)},
                                               {at("eu", 1), at("us", 3)},
                                               {at("us", 3), at("eu", 1)},
                                               {at("eu", nan)},
                                               {at("eu", nan)},
                                               {at("eu", 0)},
                                               {at("eu", -0.0)},
                                               {},
                                               {at("eu", 1)}};
  for (const config::Rule& each : {rule, timed}) {
    Instances kept;
    Instances made;
    Texts texts;
    WallTime slot = kStart;
    for (const promql::Vector& result : results) {
      slot += minutes(1);
      ASSERT_TRUE(Advance(each, 0, result, slot, &kept, {}, {}, &texts));
      ASSERT_TRUE(Advance(each, 0, result, slot, &made));
      ASSERT_EQ(kept.size(), made.size());
      for (const auto& [key, instance] : made) {
        EXPECT_EQ(kept.at(key).annotations, instance.annotations);
        EXPECT_EQ(kept.at(key).labels, instance.labels);
        EXPECT_EQ(kept.at(key).state, instance.state);
        EXPECT_EQ(kept.at(key).active_at, instance.active_at);
      }
    }
  }
}

TEST(AdvanceTest, TextsOfTheSameSampleAreNotMadeAgain) {
  config::Rule rule = MakeRule({}, {});
  AddTemplate(&rule.annotation_templates, "text", "{{ $value }}");
  Instances active;
  Texts texts;
  ASSERT_TRUE(Advance(rule, 0, Samples({{}}), kStart, &active, {}, {}, &texts));
  ASSERT_EQ(texts.size(), 1U);
  texts[0].annotations = labels::LabelSet{{"text", "kept"}};
  ASSERT_TRUE(Advance(rule, 0, Samples({{}}), kStart + minutes(1), &active, {}, {}, &texts));
  EXPECT_EQ(Only(active).annotations.Get("text"), "kept");
}

TEST(AdvanceTest, ATemplateThatCannotBeRenderedLeavesAMarkNotAHole) {
  config::Rule rule = MakeRule({}, {});
  AddTemplate(&rule.annotation_templates, "big", "{{ $labels.a }}{{ $labels.a }}");
  const labels::LabelSet big{{"a", std::string(limits::kTemplateOutputBytes, 'x')}};
  Instances active;
  ASSERT_TRUE(Advance(rule, 0, Samples({big}), kStart, &active));
  EXPECT_EQ(Only(active).annotations.Get("big"),
            "<error expanding template: template: rule:1:18: executing \"rule\" at "
            "<{{$labels.a}}>: output is larger than 1048576 bytes>");
  EXPECT_EQ(Only(active).state, State::kFiring);
}

TEST(AdvanceTest, ZeroForFiresInTheSameEvaluation) {
  Instances active;
  ASSERT_TRUE(Advance(MakeRule({}, {}), 0, Samples({{}}), kStart, &active));
  EXPECT_EQ(Only(active).state, State::kFiring);
  EXPECT_EQ(Only(active).fired_at, kStart);
}

TEST(AdvanceTest, PendingThatMissesOneEvaluationStartsOver) {
  const config::Rule rule = MakeRule(minutes(2), {});
  Instances active;
  ASSERT_TRUE(Advance(rule, 0, Samples({{}}), kStart, &active));
  ASSERT_TRUE(Advance(rule, 0, Samples({{}}), kStart + minutes(1), &active));
  EXPECT_TRUE(Advance(rule, 0, {}, kStart + minutes(2), &active).value());
  EXPECT_TRUE(active.empty());
  ASSERT_TRUE(Advance(rule, 0, Samples({{}}), kStart + minutes(3), &active));
  ASSERT_TRUE(Advance(rule, 0, Samples({{}}), kStart + minutes(4), &active));
  EXPECT_EQ(Only(active).state, State::kPending);
  ASSERT_TRUE(Advance(rule, 0, Samples({{}}), kStart + minutes(5), &active));
  EXPECT_EQ(Only(active).state, State::kFiring);
  EXPECT_EQ(Only(active).active_at, kStart + minutes(3));
}

TEST(AdvanceTest, LongerForTakesAFiringAlertBackToPending) {
  Instances active;
  ASSERT_TRUE(Advance(MakeRule(minutes(1), {}), 0, Samples({{}}), kStart, &active));
  ASSERT_TRUE(Advance(MakeRule(minutes(1), {}), 0, Samples({{}}), kStart + minutes(1), &active));
  ASSERT_EQ(TakeDue(minutes(1), kStart + minutes(1), &active).size(), 1U);
  // Reload: `for` is three minutes now.
  const config::Rule longer = MakeRule(minutes(3), {});
  EXPECT_TRUE(Advance(longer, 0, Samples({{}}), kStart + minutes(2), &active).value());
  EXPECT_EQ(Only(active).state, State::kPending);
  EXPECT_EQ(Only(active).fired_at, kNoTime);
  EXPECT_EQ(Only(active).last_sent_at, kNoTime);
  EXPECT_TRUE(Advance(longer, 0, Samples({{}}), kStart + minutes(3), &active).value());
  EXPECT_EQ(Only(active).fired_at, kStart + minutes(3));
  // A longer `for` that has passed already changes nothing.
  EXPECT_FALSE(
      Advance(MakeRule(minutes(4), {}), 0, Samples({{}}), kStart + minutes(4), &active).value());
  EXPECT_EQ(Only(active).fired_at, kStart + minutes(3));
}

TEST(AdvanceTest, AWallClockSetBackSilencesNobody) {
  const config::Rule rule = MakeRule(minutes(2), {});
  Instances active;
  const labels::LabelSet old{{"n", "old"}};
  const labels::LabelSet fresh{{"n", "new"}};
  for (const int minute : {0, 1, 2}) {
    ASSERT_TRUE(Advance(rule, 0, Samples({old}), kStart + minutes(minute), &active));
  }
  ASSERT_TRUE(Advance(rule, 0, Samples({old, fresh}), kStart + minutes(3), &active));
  const WallTime back = kStart - minutes(60);
  ASSERT_TRUE(Advance(rule, 0, Samples({old, fresh}), back, &active));
  ASSERT_TRUE(Advance(rule, 0, Samples({old, fresh}), back + minutes(2), &active));
  for (const auto& [key, instance] : active) EXPECT_EQ(instance.state, State::kFiring) << key;
}

TEST(AdvanceTest, AWallClockSetBackKeepsNothingFiringForLonger) {
  const config::Rule rule = MakeRule({}, minutes(5));
  Instances active;
  ASSERT_TRUE(Advance(rule, 0, Samples({{}}), kStart, &active));
  ASSERT_TRUE(Advance(rule, 0, {}, kStart + minutes(1), &active));
  const WallTime back = kStart - minutes(60);
  for (int minute = 0; minute < 5; ++minute) {
    ASSERT_TRUE(Advance(rule, 0, {}, back + minutes(minute), &active));
    EXPECT_EQ(Only(active).state, State::kFiring) << minute;
  }
  ASSERT_TRUE(Advance(rule, 0, {}, back + minutes(5), &active));
  EXPECT_EQ(Only(active).state, State::kInactive);
}

TEST(AdvanceTest, DuplicateLabelSetsFailTheRuleAndChangeNothing) {
  const config::Rule rule = MakeRule(minutes(1), {});
  Instances active;
  ASSERT_TRUE(Advance(rule, 0, Samples({labels::LabelSet{{"a", "1"}}}), kStart, &active));
  const Instances before = active;
  const auto twice = Samples({labels::LabelSet{{"__name__", "x"}, {"b", "1"}},
                              labels::LabelSet{{"__name__", "y"}, {"b", "1"}}});
  EXPECT_EQ(Advance(rule, 0, twice, kStart + minutes(1), &active).error(),
            (Error{Code::kConflict,
                   "vector contains metrics with the same labelset after applying alert labels"}));
  EXPECT_EQ(active, before);
}

TEST(AdvanceTest, ExceedingTheLimitDropsEveryAlert) {
  const config::Rule rule = MakeRule({}, {});
  const labels::LabelSet a{{"n", "a"}};
  const labels::LabelSet b{{"n", "b"}};
  const labels::LabelSet c{{"n", "c"}};
  Instances active;
  ASSERT_TRUE(Advance(rule, 2, Samples({a, b}), kStart, &active));
  // Resolved instances do not count.
  ASSERT_TRUE(Advance(rule, 2, Samples({b, c}), kStart + minutes(1), &active));
  EXPECT_EQ(active.size(), 3U);
  EXPECT_EQ(Advance(rule, 2, Samples({a, b, c}), kStart + minutes(2), &active).error(),
            (Error{Code::kExhausted, "exceeded limit of 2 with 3 alerts"}));
  EXPECT_TRUE(active.empty());
}

TEST(AdvanceTest, TooManyAlertsOfOneRuleAreAnErrorThatKeepsState) {
  Instances active;
  ASSERT_TRUE(Advance(MakeRule({}, {}), 0, Samples({{}}), kStart, &active));
  const promql::Vector many(limits::kAlertsPerRule + 1);
  EXPECT_EQ(Advance(MakeRule({}, {}), 0, many, kStart + minutes(1), &active).error().code,
            Code::kExhausted);
  EXPECT_EQ(Only(active).state, State::kFiring);
}

TEST(TakeDueTest, ResendsStrictlyAfterTheDelay) {
  const config::Rule rule = MakeRule({}, {});
  Instances active;
  std::vector<int> sent;
  for (int second = 0; second <= 180; second += 30) {
    ASSERT_TRUE(Advance(rule, 0, Samples({{}}), kStart + seconds(second), &active));
    if (!TakeDue(minutes(1), kStart + seconds(second), &active).empty()) sent.push_back(second);
  }
  EXPECT_EQ(sent, (std::vector{0, 90, 180}));
}

TEST(TakeDueTest, AResolvedAlertIsToldAtOnceAndAgainForFifteenMinutes) {
  const config::Rule rule = MakeRule({}, {});
  Instances active;
  ASSERT_TRUE(Advance(rule, 0, Samples({{}}), kStart, &active));
  ASSERT_EQ(TakeDue(minutes(1), kStart, &active).size(), 1U);
  std::vector<int> sent;
  for (int minute = 1; minute <= 30; ++minute) {
    ASSERT_TRUE(Advance(rule, 0, {}, kStart + minutes(minute), &active));
    for (const Instance* due : TakeDue(minutes(1), kStart + minutes(minute), &active)) {
      EXPECT_EQ(due->resolved_at, kStart + minutes(1));
      sent.push_back(minute);
    }
  }
  EXPECT_EQ(sent, (std::vector{1, 3, 5, 7, 9, 11, 13, 15}));
  EXPECT_TRUE(active.empty());
}

// The definition in words, applied to a whole history: an *episode* starts at the first successful
// true evaluation after the one before has ended. While pending it ends at any false one; once it
// fires it ends at the first false one that is at least keep_firing_for after the first of its run
// of false ones. Failed evaluations do not exist.
struct Naive {
  State state = State::kInactive;
  WallTime active_at = kNoTime;
  WallTime fired_at = kNoTime;
  WallTime resolved_at = kNoTime;
};
enum class Answer { kTrue, kFalse, kError };

std::optional<Naive> NaiveState(const std::vector<Answer>& history, const config::Rule& rule) {
  std::optional<Naive> now;
  std::optional<WallTime> silent_since;
  for (size_t i = 0; i < history.size(); ++i) {
    const WallTime t = kStart + minutes(i);
    if (history[i] == Answer::kError) continue;
    const bool on = history[i] == Answer::kTrue;
    const bool open = now && now->state != State::kInactive;
    if (on) {
      silent_since.reset();
      if (!open) now = Naive{State::kPending, t, kNoTime, kNoTime};
    } else if (open) {
      if (!silent_since) silent_since = t;
      const bool fired = now->state == State::kFiring;
      if (!fired) now.reset();
      if (fired && t - *silent_since >= rule.keep_firing_for) {
        now->state = State::kInactive;
        now->resolved_at = t;
      }
    }
    if (now && now->state == State::kPending && t >= now->active_at + rule.hold) {
      now->state = State::kFiring;
      now->fired_at = t;
    }
  }
  return now;
}

// All 3^7 histories of seven answers, for every `for` and keep_firing_for of 0..3 minutes: the
// state, its times, whether it must be sent, and its stored form agree with the definition.
TEST(AdvanceTest, EveryShortHistoryAgreesWithTheDefinition) {
  constexpr int kLength = 7;
  const Duration resend = seconds(90);
  size_t checked = 0;
  for (int settings = 0; settings < 16; ++settings) {
    const config::Rule rule = MakeRule(minutes(settings % 4), minutes(settings / 4));
    for (int code = 0; code < 2187; ++code) {
      Instances active;
      std::vector<Answer> history;
      WallTime naive_sent = kNoTime;
      for (int i = 0, rest = code; i < kLength; ++i, rest /= 3) {
        history.push_back(static_cast<Answer>(rest % 3));
        if (history.back() == Answer::kError) continue;  // The engine does not call Advance then.
        const WallTime t = kStart + minutes(i);
        const Instances before = active;
        const bool on = history.back() == Answer::kTrue;
        const bool changed =
            Advance(rule, 0, on ? Samples({{}}) : promql::Vector{}, t, &active).value();
        const bool sent = !TakeDue(resend, t, &active).empty();
        ASSERT_EQ(changed || sent, active != before) << settings << " " << code;

        const std::optional<Naive> want = NaiveState(history, rule);
        ASSERT_EQ(active.size(), want ? 1U : 0U) << settings << " " << code << " " << i;
        if (!want || want->fired_at == kNoTime) naive_sent = kNoTime;
        if (!want) continue;
        const Instance& got = active.begin()->second;
        ASSERT_EQ(got.state, want->state) << settings << " " << code << " " << i;
        ASSERT_EQ(got.active_at, want->active_at);
        ASSERT_EQ(got.fired_at, want->fired_at);
        ASSERT_EQ(got.resolved_at, want->resolved_at);
        // A new episode knows nothing of what was sent for the one before.
        if (naive_sent != kNoTime && naive_sent < want->active_at) naive_sent = kNoTime;
        const bool must_send =
            want->fired_at != kNoTime &&
            (naive_sent == kNoTime || want->resolved_at > naive_sent || t - naive_sent > resend);
        ASSERT_EQ(sent, must_send) << settings << " " << code << " " << i;
        if (sent) naive_sent = t;
        if (code % 64 == 0) {
          ASSERT_EQ(DecodeInstances(EncodeInstances(active)).value(), active);
        }
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 80'000U);
}

TEST(StateRecordTest, KeepsOddValuesAndRefusesDamage) {
  Instances active;
  ASSERT_TRUE(Advance(MakeRule({}, {}), 0, Samples({{}}), kStart, &active));
  active.begin()->second.value = std::numeric_limits<double>::infinity();
  const std::string json = EncodeInstances(active);
  EXPECT_EQ(json,
            R"({"instances":[{"labels":{"alertname":"High"},"annotations":{},"state":"firing",)"
            R"("value":"+Inf","active_at":"2001-09-09T01:47:00Z",)"
            R"("fired_at":"2001-09-09T01:47:00Z","resolved_at":null,"keep_firing_since":null,)"
            R"("last_sent_at":null}]})");
  EXPECT_EQ(DecodeInstances(json).value(), active);
  for (size_t cut = 0; cut < json.size(); ++cut) {
    ASSERT_EQ(DecodeInstances(json.substr(0, cut)).error().code, Code::kCorrupt) << cut;
  }
  const std::pair<std::string, std::string> damage[] = {
      {"\"firing\"", "\"burning\""},
      {"\"firing\"", "\"pending\""},
      {"\"firing\"", "\"inactive\""},
      {"\"+Inf\"", "\"much\""},
      {"\"+Inf\"", "1"},
      {"2001-09-09", "20x1-09-09"},
      {"\"active_at\"", "\"active_on\""},
      {"\"active_at\":\"2001-09-09T01:47:00Z\"", "\"active_at\":null"}};
  for (const auto& [from, to] : damage) {
    std::string bad = json;
    bad.replace(bad.find(from), from.size(), to);
    EXPECT_EQ(DecodeInstances(bad).error().code, Code::kCorrupt) << to;
  }
}

}  // namespace
}  // namespace watchfire::rules
