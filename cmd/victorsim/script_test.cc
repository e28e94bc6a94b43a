// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/victorsim/script.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::victorsim {
namespace {

using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

std::string ErrorOf(std::string_view text) {
  const Result<Script> script = ParseScript(text, "s");
  return script ? "" : script.error().message;
}

Model Healthy() { return Model(/*seed=*/1, /*requests_per_second=*/10); }

TEST(ScriptTest, ReadsStepsCommentsAndEnd) {
  const Result<Script> script = ParseScript(
      "# a day\n\n  at 25s  on provider-outage # boom\nat 1m10s off provider-outage\n"
      "at 3m end\n",
      "s");
  ASSERT_TRUE(script) << script.error().message;
  ASSERT_THAT(script->steps, SizeIs(2));
  EXPECT_EQ(script->steps[0].at, seconds(25));
  EXPECT_EQ(script->steps[0].fault, Fault::kProviderOutage);
  EXPECT_TRUE(script->steps[0].on);
  EXPECT_EQ(script->steps[1].at, seconds(70));
  EXPECT_FALSE(script->steps[1].on);
  EXPECT_EQ(script->length, seconds(180));
}

TEST(ScriptTest, WithoutEndARoundLastsAMinuteMore) {
  EXPECT_EQ(ParseScript("at 5s on degraded", "s")->length, seconds(65));
}

TEST(ScriptTest, ErrorsNameTheLineAndTheWord) {
  EXPECT_EQ(ErrorOf("\nat 5s on provider-outge"),
            "s:2: unknown fault \"provider-outge\": did you mean \"provider-outage\"?");
  EXPECT_EQ(ErrorOf("at soon on degraded"),
            "s:1: bad time \"soon\": want something like 25s or 1m10s");
  EXPECT_EQ(ErrorOf("at -5s on degraded"),
            "s:1: bad time \"-5s\": want something like 25s or 1m10s");
  EXPECT_NE(ErrorOf("at 9s on degraded\nat 5s off degraded"), "");
  EXPECT_NE(ErrorOf("at 9s end\nat 10s on degraded"), "");
  EXPECT_NE(ErrorOf("at 0s end"), "");
  EXPECT_NE(ErrorOf("at 5s degraded"), "");
  EXPECT_NE(ErrorOf("at 5s on degraded now"), "");
  EXPECT_NE(ErrorOf("on degraded"), "");
}

TEST(ScriptTest, BuiltInScenariosParse) {
  for (const std::string_view name : {"demo", "healthy"}) {
    ASSERT_TRUE(FindScenario(name));
    EXPECT_TRUE(ParseScript(*FindScenario(name), name));
  }
  EXPECT_FALSE(FindScenario("nightmare"));
}

TEST(PlayerTest, TakesStepsAtTheirTimes) {
  Model model = Healthy();
  Player player(*ParseScript(*FindScenario("demo"), "demo"), /*loop=*/false);
  EXPECT_THAT(player.Advance(seconds(24), model), IsEmpty());
  EXPECT_THAT(player.Advance(seconds(1), model), SizeIs(1));
  EXPECT_TRUE(model.has(Fault::kProviderOutage));
  EXPECT_THAT(player.Advance(seconds(45), model), SizeIs(1));
  EXPECT_FALSE(model.has(Fault::kProviderOutage));
  EXPECT_THAT(player.Advance(seconds(3600), model), IsEmpty());
}

TEST(PlayerTest, OneLongStepIsTheSameAsManyShortOnes) {
  const Script script = *ParseScript("at 2s on tool-errors\nat 4s off tool-errors", "s");
  Model once = Healthy();
  Model often = Healthy();
  Player(script, false).Advance(seconds(10), once);
  Player slow(script, false);
  for (int i = 0; i < 100; ++i) slow.Advance(std::chrono::milliseconds(100), often);
  for (size_t i = 0; i < kTools.size(); ++i) {
    EXPECT_EQ(once.state().tools[i].errors, often.state().tools[i].errors);
  }
}

TEST(PlayerTest, ALoopHealsWhatItBrokeAndStartsAgain) {
  Model model = Healthy();
  Player player(*ParseScript("at 2s on degraded\nat 4s end", "s"), /*loop=*/true);
  EXPECT_THAT(player.Advance(seconds(3), model), SizeIs(1));
  EXPECT_THAT(player.Advance(seconds(1), model), SizeIs(1));
  EXPECT_FALSE(model.has(Fault::kDegraded));
  EXPECT_THAT(player.Advance(seconds(2), model), SizeIs(1));
  EXPECT_TRUE(model.has(Fault::kDegraded));
}

TEST(PlayerTest, AnEmptyScriptDoesNothingForEver) {
  Model model = Healthy();
  Player player(Script{}, /*loop=*/true);
  EXPECT_THAT(player.Advance(seconds(100), model), IsEmpty());
  EXPECT_EQ(model.elapsed(), seconds(100));
}

}  // namespace
}  // namespace watchfire::victorsim
