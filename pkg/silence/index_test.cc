// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/silence/index.h"

#include <algorithm>
#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::silence {
namespace {

using matcher::Matcher;
using matcher::Op;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Random silences on few labels and values, so that much matches.
matcher::Matchers RandomMatchers(Rng* rng) {
  static const std::vector<std::string> regexes = {"1|2", "1.*",  ".*1", "(1|2)3", "",
                                                   ".+",  "[12]", "x?",  "(?i)a"};
  matcher::Matchers matchers;
  for (uint64_t i = 1 + rng->Below(3); i > 0; --i) {
    const auto op = static_cast<Op>(rng->Below(4));
    const bool is_regex = op == Op::kRegex || op == Op::kNotRegex;
    const std::string value =
        is_regex ? regexes[rng->Below(regexes.size())] : std::to_string(rng->Below(15));
    matchers.push_back(Matcher::Create(op, std::string(1, static_cast<char>('a' + rng->Below(4))),
                                       value == "0" ? "" : value)
                           .value());
  }
  return matchers;
}

labels::LabelSet RandomLabels(Rng* rng) {
  labels::LabelSet::Pairs pairs;
  for (const char* name : {"a", "b", "c", "d"}) {
    if (rng->Chance(0.7)) pairs.emplace_back(name, std::to_string(rng->Below(25)));
  }
  return labels::LabelSet(std::move(pairs));
}

TEST(IndexTest, FindsWhatATrialOfEachFinds) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed);
    Index index;
    std::deque<Silence> all;
    std::unordered_set<const Silence*> live;
    for (int step = 0; step < 400; ++step) {
      if (rng.Chance(0.3)) {
        for (int burst = rng.Chance(0.02) ? 200 : 1; burst > 0; --burst) {
          Silence& silence = all.emplace_back();
          silence.matcher_sets.resize(1 + (seed % 2) * rng.Below(3));
          for (matcher::Matchers& set : silence.matcher_sets) set = RandomMatchers(&rng);
          live.insert(&silence);
          index.Add(silence);
        }
      } else if (rng.Chance(0.05)) {
        std::unordered_set<const Silence*> gone;
        for (const Silence& silence : all) {
          if (live.contains(&silence) && rng.Chance(0.3)) gone.insert(&silence);
        }
        for (const Silence* silence : gone) live.erase(silence);
        index.Remove(gone);
      }
      const labels::LabelSet labels = RandomLabels(&rng);
      const std::vector<const Silence*> candidates = index.Candidates(labels);
      const std::unordered_set<const Silence*> found(candidates.begin(), candidates.end());
      ASSERT_EQ(found.size(), candidates.size()) << "none twice";
      for (const Silence* silence : found) ASSERT_TRUE(live.contains(silence));
      for (const Silence* silence : live) {
        if (!Matches(*silence, labels)) continue;
        ASSERT_TRUE(found.contains(silence)) << matcher::ToString(silence->matcher_sets[0]);
      }
    }
  }
}

TEST(RegexSetTest, SuitsExpressionsWithABeginning) {
  for (const char* regex : {"web-.*", "(a|b)x", "10.0.0.1:[0-9]+", "[a-c].*", "(?i)abc"}) {
    EXPECT_TRUE(RegexSet::Suits(Matcher::Create(Op::kRegex, "a", regex).value())) << regex;
  }
  for (const char* regex : {".*-prod", ".+", "(a|.*b)", "(web)?.*x"}) {
    EXPECT_FALSE(RegexSet::Suits(Matcher::Create(Op::kRegex, "a", regex).value())) << regex;
  }
}

TEST(RegexSetTest, FindsWhatATrialOfEachFindsHoweverManyComeAndGo) {
  Rng rng(5);
  RegexSet set;
  std::deque<Silence> all;
  std::unordered_set<const Silence*> live;
  // Odd ones among them: a quote that an alternative must not end, one that takes a whole class.
  const auto regex = [&rng] {
    const std::string n = std::to_string(rng.Below(300));
    const std::vector<std::string> forms = {
        n + ".*",    "(" + n + "|x" + n + ")y?", n + "[0-9]",        "\\Q" + n + "|\\E|z",
        "[0-2]" + n, n + "|" + n + "0",          "(?<n>" + n + ")z?"};
    return forms[rng.Below(forms.size())];
  };
  const auto expect_all_found = [&] {
    for (int i = 0; i < 40; ++i) {
      const std::string value = std::to_string(rng.Below(3000)) + (rng.Chance(0.2) ? "y" : "");
      std::vector<const Silence*> found;
      set.AppendMatching(value, &found);
      const std::unordered_set<const Silence*> unique(found.begin(), found.end());
      ASSERT_EQ(unique.size(), found.size());
      for (const Silence& silence : all) {
        const bool matches =
            live.contains(&silence) && silence.matcher_sets[0][0].MatchesValue(value);
        ASSERT_EQ(unique.contains(&silence), matches)
            << value << " " << silence.matcher_sets[0][0].value();
      }
    }
  };
  for (int round = 0; round < 12; ++round) {
    for (int i = 0; i < 220; ++i) {
      Silence& silence = all.emplace_back();
      silence.matcher_sets = {{Matcher::Create(Op::kRegex, "a", regex()).value()}};
      live.insert(&silence);
      set.Add(silence.matcher_sets[0][0], silence);
    }
    expect_all_found();
    std::unordered_set<const Silence*> gone;
    for (const Silence* silence : live) {
      if (rng.Chance(round % 3 == 2 ? 0.6 : 0.1)) gone.insert(silence);
    }
    for (const Silence* silence : gone) live.erase(silence);
    set.Remove(gone);
    expect_all_found();
    if (HasFatalFailure()) return;
  }
  set.Remove(live);
  EXPECT_TRUE(set.empty());
}

TEST(IndexTest, AnAlertLooksAtFewOfManySilences) {
  Index index;
  std::deque<Silence> all;
  for (int i = 0; i < 3000; ++i) {
    const std::string n = std::to_string(i);
    Silence& silence = all.emplace_back();
    const Op op = i % 3 == 0 ? Op::kEqual : Op::kRegex;
    const std::string value = i % 3 == 0   ? "host-" + n
                              : i % 3 == 1 ? "(host-" + n + "|other-" + n + ")(:[0-9]+)?"
                                           : ".*-" + n + "-.*";
    silence.matcher_sets = {{Matcher::Create(op, "instance", value).value()}};
    index.Add(silence);
  }
  EXPECT_THAT(index.Candidates({{"instance", "host-3"}}), ElementsAre(&all[3]));
  EXPECT_THAT(index.Candidates({{"instance", "host-4:9100"}}), ElementsAre(&all[4]));
  EXPECT_THAT(index.Candidates({{"instance", "x-5-y"}}), ElementsAre(&all[5]));
  EXPECT_THAT(index.Candidates({{"instance", "x-5-y"}}), ElementsAre(&all[5])) << "from memory";
  EXPECT_THAT(index.Candidates({{"pod", "host-3"}}), IsEmpty());
  index.Remove({&all[5]});
  EXPECT_THAT(index.Candidates({{"instance", "x-5-y"}}), IsEmpty());
}

TEST(IndexTest, ASilenceIsLookedForByWhatFewOthersDemand) {
  Index index;
  std::deque<Silence> all;
  for (int i = 0; i < 100; ++i) {
    Silence& silence = all.emplace_back();
    silence.matcher_sets = {
        {Matcher::Create(Op::kRegex, "cluster", "production-[0-9]").value(),
         Matcher::Create(Op::kRegex, "pod", "w" + std::to_string(i) + "-.*").value()}};
    index.Add(silence);
  }
  const labels::LabelSet alert{{"cluster", "production-1"}, {"pod", "w7-x"}};
  EXPECT_THAT(index.Candidates(alert), testing::UnorderedElementsAre(&all[0], &all[7]))
      << "only the first could not know";
  for (size_t i = 0; i < all.size(); ++i) index.Remove({&all[i]});
  EXPECT_THAT(index.Candidates(alert), IsEmpty());
}

}  // namespace
}  // namespace watchfire::silence
