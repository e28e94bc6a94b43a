// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Error budget policies: what is to be done while so much of the budget is left.
//
//   policy:
//     name: shop
//     slo: {target: 0.999, measurement_window: 30d}
//     actions:
//       - condition: budget_remaining > 0.5
//         actions: [deploy at any time]
//       - condition: budget_remaining between 0.2 and 0.5
//         actions: [deploy at night]
//       - condition: budget_remaining < 0.2
//         actions: [deploy fixes only]
//       - condition: budget_exhausted
//         actions: [tell everybody]

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/scalar.h"
#include "pkg/config/slo_reader.h"

namespace watchfire::config {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr const char* kHint =
    "budget_exhausted, budget_remaining > 0.5 (or >= < <=), or budget_remaining between 0.2 and "
    "0.5";

bool Holds(const BudgetLevel& level, double remaining) {
  if (level.is_exhausted) return remaining <= 0;
  return (level.excludes_low ? remaining > level.low : remaining >= level.low) &&
         (level.excludes_high ? remaining < level.high : remaining <= level.high);
}

std::vector<std::string> Words(const std::string& text) {
  std::vector<std::string> words;
  for (const std::string_view word : Split(text, ' ')) {
    if (!Trim(word).empty()) words.emplace_back(Trim(word));
  }
  return words;
}

// Reads the words of a condition into `level`; false if they are none.
bool Parse(const std::vector<std::string>& words, BudgetLevel* level) {
  level->low = -kInfinity;
  level->high = kInfinity;
  if (words.size() == 1 && words[0] == "budget_exhausted") {
    level->is_exhausted = true;
    level->high = 0;
    return true;
  }
  if (words.size() < 3 || words[0] != "budget_remaining") return false;
  if (words.size() == 5 && words[1] == "between" && words[3] == "and") {
    const auto low = ParseYamlNumber(words[2]);
    const auto high = ParseYamlNumber(words[4]);
    if (!low || !high || *low > *high) return false;
    level->low = *low;
    level->high = *high;
    return true;
  }
  const auto bound = ParseYamlNumber(words[2]);
  static constexpr std::array<std::string_view, 4> kSigns = {">", ">=", "<", "<="};
  if (words.size() != 3 || !bound || std::ranges::count(kSigns, words[1]) == 0) return false;
  const bool is_low = words[1][0] == '>';
  (is_low ? level->low : level->high) = *bound;
  (is_low ? level->excludes_low : level->excludes_high) = words[1].size() == 1;
  return true;
}

BudgetLevel ReadLevel(Section& section) {
  BudgetLevel level;
  level.condition = section.String("condition");
  if (!section.Has("condition")) {
    section.Error("condition", "condition must be set", kHint);
  } else if (!Parse(Words(level.condition), &level)) {
    section.Error("condition", "not a condition: " + GoQuote(level.condition), kHint);
  } else if (!level.is_exhausted && (level.low > 1 || (level.high > 1 && level.high < kInfinity))) {
    section.Error("condition", "a budget is never more than 1", "0.5 is half of it");
  }
  level.actions = section.Strings("actions");
  if (level.actions.empty()) section.Error("actions", "actions must say what is to be done");
  section.Finish();
  return level;
}

// Warns of the first share of the budget that no condition speaks of. It may be below zero: what is
// spent does not end there.
void CheckCoverage(Section& section, const std::vector<BudgetLevel>& levels) {
  std::set<double> points = {0, 1};
  for (const BudgetLevel& level : levels) {
    for (const double bound : {level.low, level.high}) {
      if (bound > -kInfinity && bound < 1) points.insert(bound);
    }
  }
  const auto covered = [&](double remaining) {
    return std::ranges::any_of(levels, [&](const auto& level) { return Holds(level, remaining); });
  };
  double last = *points.begin() - 1;
  if (!covered(last)) {
    section.Warn("actions", "no condition holds once the budget is overspent",
                 "write one for budget_exhausted");
    return;
  }
  for (const double point : points) {
    const double between = (last + point) / 2;
    for (const double at : {between, point}) {
      if (covered(at)) continue;
      section.Warn("actions",
                   "no condition holds while " + FormatGoFloat(at) + " of the budget is left");
      return;
    }
    last = point;
  }
}

void ReadSloOf(Section& section, SloBatch::Policy* policy) {
  policy->objective = std::round(ReadShare(section, "target", "as in 0.999") * 1e11) / 1e9;
  policy->period = ReadPeriod(section, "measurement_window", "as in 30d");
  section.Finish();
}

}  // namespace

void ReadBudgetPolicy(Section& root, SloBatch* batch) {
  std::optional<Section> section = root.Child("policy");
  if (section) {
    SloBatch::Policy policy;
    policy.source = &root.impl().source;
    policy.mark = section->impl().At("name");
    policy.name = section->String("name");
    if (policy.name.empty()) section->Error("name", "name must be set");
    if (auto slo = section->Child("slo")) {
      ReadSloOf(*slo, &policy);
    } else if (!section->Has("slo")) {
      section->Error("slo", "slo must be set", "as in {target: 0.999, measurement_window: 30d}");
    }
    for (Section& level : section->Children("actions")) policy.levels.push_back(ReadLevel(level));
    if (policy.levels.empty())
      section->Error("actions", "actions must hold at least one condition");
    CheckCoverage(*section, policy.levels);
    section->Finish();
    batch->policies.push_back(std::move(policy));
  }
  root.Finish();
}

}  // namespace watchfire::config
