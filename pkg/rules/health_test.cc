// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// When it is told that a rule fails, and that it works again; and how a person asks the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/rules/repeat.h"
#include "pkg/rules/rules.h"

namespace watchfire::rules {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr WallTime kStart = WallTime(seconds(1'000'000'020));

config::RuleGroup Group(const std::string& expr, bool records = false) {
  config::RuleGroup group;
  group.file = "rules.yml";
  group.name = "main";
  config::Rule& rule = group.rules.emplace_back();
  (records ? rule.record : rule.alert) = "A";
  rule.expr = expr;
  return group;
}

Result<promql::Vector> Wrong() { return Fail(Code::kInvalidArgument, "bad_data: no such thing"); }

class HealthTest : public ::testing::Test {
 protected:
  void Start(config::RuleGroup group, bool writes = false) {
    std::optional<Engine> old = std::move(engine_);
    engine_.emplace(std::vector{std::move(group)},
                    EngineOptions{minutes(1), "http://wf", {}, writes});
    if (old) engine_->AdoptState(*old);
    engine_->Due(now_);
  }
  Engine::Outcome Answer(const Result<promql::Vector>& result) {
    now_ = *engine_->next_slot();
    const std::vector<Query> due = engine_->Due(now_);
    return due.empty() ? Engine::Outcome() : engine_->OnResult(due[0], result, now_, Duration(1));
  }

  std::optional<Engine> engine_;
  WallTime now_ = kStart;
};

TEST_F(HealthTest, ABeginningAndAnEndAreToldAndNothingBetween) {
  Start(Group("up > 0"));
  EXPECT_EQ(Answer(promql::Vector()).health, std::nullopt) << "that it works is no news";
  const std::optional<HealthChange> began = Answer(Wrong()).health;
  ASSERT_TRUE(began);
  EXPECT_EQ(*began, (HealthChange{0, 0, "bad_data: no such thing", now_}));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Answer(Wrong()).health, std::nullopt);
  const std::optional<HealthChange> ended = Answer(promql::Vector()).health;
  ASSERT_TRUE(ended);
  EXPECT_EQ(*ended, (HealthChange{0, 0, "", now_}));
  EXPECT_EQ(Answer(promql::Vector()).health, std::nullopt);
}

TEST_F(HealthTest, AResultThatIsNotTakenIsAFailureUntilOneIs) {
  Start(Group("sum(up)", /*records=*/true), /*writes=*/true);
  const Status refused = Fail(Code::kInvalidArgument, "out of order");
  for (int i = 0; i < 3; ++i) {
    const Engine::Outcome answered = Answer(promql::Vector{{{}, kStart, 1}});
    EXPECT_EQ(answered.health, std::nullopt) << "it is not written yet";
    ASSERT_TRUE(answered.write.is_awaited);
    const auto health = engine_->OnWritten(answered.write, refused, now_).health;
    ASSERT_EQ(health.has_value(), i == 0);
    if (health) EXPECT_EQ(health->error, "writing the result: out of order");
  }
  const Engine::Outcome answered = Answer(promql::Vector{{{}, kStart, 1}});
  const auto health = engine_->OnWritten(answered.write, {}, now_).health;
  ASSERT_TRUE(health);
  EXPECT_EQ(health->error, "");
}

TEST_F(HealthTest, AReloadTellsOfAnotherExpressionAnew) {
  Start(Group("up > 0"));
  ASSERT_TRUE(Answer(Wrong()).health);
  Start(Group("up > 0"));
  EXPECT_EQ(Answer(Wrong()).health, std::nullopt) << "it is known";
  Start(Group("up > 1"));
  EXPECT_TRUE(Answer(Wrong()).health);
}

TEST(CurlLineTest, IsWhatAShellTakesAndTellsNoPassword) {
  config::Datasource datasource;
  datasource.url = "http://me:secret@prometheus:9090/p";
  EXPECT_EQ(CurlLine(datasource, "a{b='c'}", WallTime(seconds(1'000'000'000))),
            "curl -s 'http://prometheus:9090/p/api/v1/query' --data-urlencode "
            "'query=a{b='\\''c'\\''}' --data-urlencode 'time=2001-09-09T01:46:40.000Z'");
}

TEST(CurlLineTest, NamesTheTenantAndNoOtherHeader) {
  config::Datasource datasource;
  datasource.url = "http://mimir:8080/prometheus";
  datasource.headers = {{"Authorization", "Bearer secret"}, {"x-scope-orgid", "o'neil"}};
  EXPECT_EQ(CurlLine(datasource, "a", WallTime(seconds(1'000'000'000))),
            "curl -s -H 'x-scope-orgid: o'\\''neil' 'http://mimir:8080/prometheus/api/v1/query' "
            "--data-urlencode 'query=a' --data-urlencode 'time=2001-09-09T01:46:40.000Z'")
      << "Mimir answers 401 to who names none";
}

}  // namespace
}  // namespace watchfire::rules
