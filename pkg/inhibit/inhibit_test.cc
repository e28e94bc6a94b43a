// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inhibit/inhibit.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pkg/base/rng.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::inhibit {
namespace {

WallTime At(int second) { return WallTime(std::chrono::seconds(1'700'000'000 + second)); }

config::InhibitRule Rule(const std::string& source, const std::string& target,
                         std::vector<std::string> equal = {}) {
  config::InhibitRule rule;
  rule.source = matcher::Parse(source).value();
  rule.target = matcher::Parse(target).value();
  rule.equal = std::move(equal);
  return rule;
}

alert::Alert Firing(labels::LabelSet labels, int ends = 100, int updated = 0) {
  alert::Alert alert;
  alert.labels = std::move(labels);
  alert.starts_at = At(-10);
  alert.ends_at = At(ends);
  alert.updated_at = At(updated);
  return alert;
}

const labels::LabelSet kCritical = {{"severity", "critical"}, {"service", "api"}};
const labels::LabelSet kWarning = {{"severity", "warning"}, {"service", "api"}};
const labels::LabelSet kOtherWarning = {{"severity", "warning"}, {"service", "db"}};

std::vector<config::InhibitRule> CriticalOverWarning() {
  return {Rule("severity=\"critical\"", "severity=\"warning\"", {"service"})};
}

TEST(InhibitTest, ASourceMutesTargetsWithEqualLabelsOnly) {
  Index index(CriticalOverWarning());
  EXPECT_EQ(index.Check(kWarning, At(0)), std::nullopt);
  index.Update(Firing(kCritical));
  EXPECT_EQ(index.Check(kWarning, At(0)), (Verdict{kCritical.fingerprint(), 0}));
  EXPECT_EQ(index.Check(kOtherWarning, At(0)), std::nullopt);
  EXPECT_EQ(index.Check(kCritical, At(0)), std::nullopt);
}

TEST(InhibitTest, AllLabelsButThoseNamedAreToBeEqual) {
  config::InhibitRule rule = Rule("severity=\"critical\"", "severity=\"warning\"");
  rule.equal_but = {"severity", "runbook"};
  Index index({rule});
  const labels::LabelSet page = {{"severity", "critical"}, {"region", "eu"}, {"runbook", "a"}};
  index.Update(Firing(page));
  const auto is_muted = [&](labels::LabelSet::Pairs pairs) {
    pairs.emplace_back("severity", "warning");
    return index.Check(labels::LabelSet(std::move(pairs)), At(0)).has_value();
  };
  EXPECT_TRUE(is_muted({{"region", "eu"}}));
  EXPECT_TRUE(is_muted({{"region", "eu"}, {"runbook", "b"}}));
  EXPECT_FALSE(is_muted({{"region", "us"}}));
  EXPECT_FALSE(is_muted({{"region", "eu"}, {"team", "core"}}));
  EXPECT_FALSE(is_muted({{"regioneu", ""}}));
  index.Remove(Firing(page));
  EXPECT_FALSE(is_muted({{"region", "eu"}}));
}

TEST(InhibitTest, SaysWhenVerdictsAboutOthersMayChange) {
  Index index(CriticalOverWarning());
  EXPECT_FALSE(index.Update(Firing(kWarning)));
  EXPECT_TRUE(index.Update(Firing(kCritical, 100)));
  EXPECT_FALSE(index.Update(Firing(kCritical, 160, 60))) << "it merely goes on";
  EXPECT_TRUE(index.Update(Firing(kCritical, 160, 60), At(160))) << "it ran out";
  EXPECT_TRUE(index.Update(Firing(kCritical, 400, 200))) << "it is back";
  EXPECT_TRUE(index.Update(Firing(kCritical, 250, 250))) << "it resolved";
  EXPECT_FALSE(index.Update(Firing(kCritical, 250, 250))) << "it had resolved";
  EXPECT_FALSE(index.Remove(Firing(kCritical)));
}

TEST(InhibitTest, OfAllRulesThatHoldTheFirstSpeaks) {
  // The first and the last have one target side, the one between has another.
  Index index({Rule("job=\"c\"", "severity=\"warning\"", {"service"}),
               Rule("job=\"b\"", "severity=~\"warn.*\"", {"service"}),
               Rule("job=\"a\"", "severity=\"warning\"", {"service"})});
  const auto source = [](const char* job) {
    return labels::LabelSet{{"job", job}, {"service", "api"}};
  };
  std::vector<std::pair<std::string, size_t>> seen;
  for (const char* job : {"a", "b", "c"}) {
    index.Update(Firing(source(job)));
    const std::optional<Verdict> verdict = index.Check(kWarning, At(0));
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->source, source(job).fingerprint());
    seen.emplace_back(job, verdict->rule);
  }
  EXPECT_EQ(seen, (std::vector<std::pair<std::string, size_t>>{{"a", 2}, {"b", 1}, {"c", 0}}));
}

TEST(InhibitTest, AnExpiredOrResolvedOrRemovedSourceDoesNotInhibit) {
  Index index(CriticalOverWarning());
  index.Update(Firing(kCritical, 100));
  EXPECT_TRUE(index.Check(kWarning, At(99)));
  EXPECT_FALSE(index.Check(kWarning, At(100)));
  index.Update(Firing(kCritical, 200, 90));
  EXPECT_TRUE(index.Check(kWarning, At(100)));
  index.Update(Firing(kCritical, 110, 110));
  EXPECT_FALSE(index.Check(kWarning, At(110)));
  EXPECT_EQ(index.size(), 0U) << "a resolved source is not kept";
  index.Update(Firing(kCritical, 300, 120));
  index.Remove(Firing(kCritical));
  EXPECT_FALSE(index.Check(kWarning, At(120)));
}

// The alerts may be kept, to be looked up: nobody is to walk past them at every check.
TEST(InhibitTest, SourcesThatRanOutLongAgoAreForgotten) {
  Index index(CriticalOverWarning());
  const labels::LabelSet other = {{"severity", "critical"}, {"service", "db"}};
  index.Update(Firing(kCritical, 100));
  index.Update(Firing(other, 200));
  index.DropEnded(At(99));
  EXPECT_EQ(index.size(), 2U);
  index.DropEnded(At(100));
  EXPECT_EQ(index.size(), 1U);
  EXPECT_FALSE(index.Check(kWarning, At(100)));
  EXPECT_TRUE(index.Check(kOtherWarning, At(100)));
  EXPECT_TRUE(index.Update(Firing(kCritical, 300, 150))) << "it is back";
  EXPECT_TRUE(index.Check(kWarning, At(150)));
}

TEST(InhibitTest, WhenOneSourceEndsAnotherStillMutes) {
  Index index(CriticalOverWarning());
  const labels::LabelSet a = kCritical.With({{"instance", "a"}});
  const labels::LabelSet b = kCritical.With({{"instance", "b"}});
  const auto [low, high] = std::minmax({a.fingerprint(), b.fingerprint()});
  index.Update(Firing(a));
  index.Update(Firing(b));
  EXPECT_EQ(index.Check(kWarning, At(0))->source, low);
  index.Update(Firing(low == a.fingerprint() ? a : b, 5, 5));
  EXPECT_EQ(index.Check(kWarning, At(5))->source, high);
}

TEST(InhibitTest, AMissingEqualLabelIsAnEmptyOne) {
  Index index({Rule("severity=\"critical\"", "severity=\"warning\"", {"service", "zone"})});
  index.Update(Firing({{"severity", "critical"}}));
  EXPECT_TRUE(index.Check({{"severity", "warning"}}, At(0)));
  EXPECT_FALSE(index.Check({{"severity", "warning"}, {"zone", "z"}}, At(0)));
  // The values do not run into each other.
  index.Update(Firing({{"severity", "critical"}, {"service", "ab"}, {"zone", "c"}}));
  EXPECT_FALSE(index.Check({{"severity", "warning"}, {"service", "a"}, {"zone", "bc"}}, At(0)));
}

TEST(InhibitTest, NothingInhibitsItselfOrItsTwin) {
  Index index({Rule("team=\"a\"", "severity=\"warning\"")});
  const labels::LabelSet both = {{"team", "a"}, {"severity", "warning"}, {"n", "1"}};
  index.Update(Firing(both));
  EXPECT_FALSE(index.Check(both, At(0)));
  EXPECT_FALSE(index.Check(both.With({{"n", "2"}}), At(0)));
  EXPECT_TRUE(index.Check({{"severity", "warning"}}, At(0))) << "a one-sided target is muted";
  index.Update(Firing({{"team", "a"}}));
  EXPECT_TRUE(index.Check(both, At(0))) << "a one-sided source counts against both";
}

TEST(InhibitTest, AnEmptyRuleMutesNothing) {
  Index index({Rule("", "")});
  index.Update(Firing(kCritical));
  EXPECT_FALSE(index.Check(kWarning, At(0)));
}

TEST(InhibitTest, TheFirstMutingRuleWins) {
  Index index({Rule("severity=\"none\"", ""), Rule("severity=\"critical\"", "service=\"api\""),
               Rule("severity=\"critical\"", "severity=\"warning\"")});
  index.Update(Firing(kCritical));
  EXPECT_EQ(index.Check(kWarning, At(0))->rule, 1U);
  EXPECT_EQ(index.Check(kOtherWarning, At(0))->rule, 2U);
}

// Inhibition as the reference says it: all alerts, all rules, no index.
class NaiveInhibitor {
 public:
  explicit NaiveInhibitor(std::vector<config::InhibitRule> rules) : rules_(std::move(rules)) {}

  void Update(const alert::Alert& alert) { alerts_[alert.fingerprint()] = alert; }
  void Remove(const alert::Alert& alert) { alerts_.erase(alert.fingerprint()); }

  std::optional<Verdict> Check(const labels::LabelSet& target, WallTime at) const {
    for (size_t i = 0; i < rules_.size(); ++i) {
      for (const auto& [fingerprint, source] : alerts_) {
        if (Mutes(rules_[i], source, target, at)) return Verdict{fingerprint, i};
      }
    }
    return std::nullopt;
  }

 private:
  static bool Mutes(const config::InhibitRule& rule, const alert::Alert& source,
                    const labels::LabelSet& target, WallTime at) {
    using matcher::MatchesAll;
    if (!MatchesAll(rule.target, target) || !MatchesAll(rule.source, source.labels)) return false;
    if (source.ends_at <= at) return false;
    for (const std::string& name : rule.equal) {
      if (source.labels.Get(name) != target.Get(name)) return false;
    }
    const bool target_is_source_too = MatchesAll(rule.source, target);
    const bool source_is_target_too = MatchesAll(rule.target, source.labels);
    return !(target_is_source_too && source_is_target_too);
  }

  std::vector<config::InhibitRule> rules_;
  std::map<uint64_t, alert::Alert> alerts_;
};

// All label sets over two names with values absent, 1 and 2.
std::vector<labels::LabelSet> SmallLabelSets() {
  std::vector<labels::LabelSet> sets;
  for (const char* a : {"", "1", "2"}) {
    for (const char* b : {"", "1", "2"})
      sets.push_back(labels::LabelSet().With({{"a", a}, {"b", b}}));
  }
  return sets;
}

std::vector<config::InhibitRule> SmallRules() {
  const std::vector<std::string> sides = {"", "a=\"1\"", "b!=\"1\"", "a=~\"1|2\", b=\"\""};
  const std::vector<std::vector<std::string>> equals = {{}, {"a"}, {"b", "c"}, {"a", "b"}};
  std::vector<config::InhibitRule> rules;
  for (const std::string& source : sides) {
    for (const std::string& target : sides) {
      for (const auto& equal : equals) rules.push_back(Rule(source, target, equal));
    }
  }
  return rules;
}

// Checks all targets after both sources arrived; returns how many were muted.
size_t ExpectAgreement(const config::InhibitRule& rule, const alert::Alert& first,
                       const alert::Alert& second) {
  Index index({rule});
  NaiveInhibitor naive({rule});
  for (const alert::Alert& alert : {first, second}) {
    index.Update(alert);
    naive.Update(alert);
  }
  size_t muted = 0;
  for (const labels::LabelSet& target : SmallLabelSets()) {
    const auto verdict = index.Check(target, At(2));
    EXPECT_EQ(verdict, naive.Check(target, At(2)))
        << first.labels.ToString() << second.labels.ToString() << target.ToString();
    muted += verdict ? 1 : 0;
  }
  return muted;
}

// Each pair of alerts, each in each phase of its life, under each rule, against each target.
TEST(InhibitExhaustiveTest, AgreesWithTheNaiveRulesOnASmallWorld) {
  std::vector<alert::Alert> alerts;
  for (const labels::LabelSet& set : SmallLabelSets()) {
    alerts.push_back(Firing(set, 1, 0));  // Ran out unnoticed.
    alerts.push_back(Firing(set, 2, 2));  // Resolved.
    alerts.push_back(Firing(set, 3, 2));  // Firing.
  }
  size_t muted = 0;
  for (const config::InhibitRule& rule : SmallRules()) {
    for (const alert::Alert& first : alerts) {
      for (const alert::Alert& second : alerts) muted += ExpectAgreement(rule, first, second);
    }
  }
  EXPECT_GT(muted, 5000U);
}

// Long lives: random updates, refreshes, resolutions and removals under several rules at once, time
// moving on.
TEST(InhibitPropertyTest, AgreesWithTheNaiveRulesOverTime) {
  const std::vector<labels::LabelSet> sets = SmallLabelSets();
  const std::vector<config::InhibitRule> all = SmallRules();
  Rng rng(4);
  for (int round = 0; round < 200; ++round) {
    std::vector<config::InhibitRule> rules(3);
    for (config::InhibitRule& rule : rules) rule = all[rng.Below(all.size())];
    Index index(rules);
    NaiveInhibitor naive(rules);
    for (int now = 0; now < 60; ++now) {
      const int life = static_cast<int>(rng.Below(12)) - 3;
      const alert::Alert alert = Firing(sets[rng.Below(sets.size())], now + life, now);
      if (rng.Chance(0.1)) {
        index.Remove(alert);
        naive.Remove(alert);
      } else {
        index.Update(alert);
        naive.Update(alert);
      }
      for (const labels::LabelSet& target : sets) {
        ASSERT_EQ(index.Check(target, At(now)), naive.Check(target, At(now))) << target.ToString();
      }
    }
  }
}

}  // namespace
}  // namespace watchfire::inhibit
