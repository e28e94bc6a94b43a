// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/report_targets.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/base/time.h"
#include "pkg/promql/text.h"

namespace watchfire::wfctl {
namespace {

enum class Kind { kSpan, kShare, kNumber };
enum class Sense { kBelow, kAbove, kAtLeast };

struct Target {
  std::string_view name;
  Kind kind;
  Sense sense;
  double value;
};

// Source: reference paging-backends §7.2, §8.6.
constexpr std::array<Target, 9> kTargets = {{
    {"mttd", Kind::kSpan, Sense::kBelow, 300},
    {"mtta", Kind::kSpan, Sense::kBelow, 120},
    {"mttr", Kind::kSpan, Sense::kBelow, 3600},
    {"alerts-per-page", Kind::kNumber, Sense::kAbove, 10},
    {"noise", Kind::kShare, Sense::kBelow, 0.1},
    {"postmortems", Kind::kShare, Sense::kAtLeast, 1},
    {"escalated", Kind::kShare, Sense::kBelow, 0.05},
    {"pages", Kind::kNumber, Sense::kBelow, 10},
    {"automation", Kind::kShare, Sense::kAbove, 0.9},
}};

const Target* Find(std::string_view name) {
  const auto found = std::ranges::find(kTargets, name, &Target::name);
  return found == kTargets.end() ? nullptr : &*found;
}

std::string Plain(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

std::optional<double> ReadValue(Kind kind, std::string_view text) {
  if (kind == Kind::kSpan) {
    const Result<Duration> span = ParseDuration(text);
    return span ? std::optional(ToSeconds(*span)) : std::nullopt;
  }
  const bool is_percent = kind == Kind::kShare && text.ends_with('%');
  if (is_percent) text = Trim(text.substr(0, text.size() - 1));
  const Result<double> number = promql::ParseNumber(text);
  if (!number || !std::isfinite(*number) || *number < 0) return std::nullopt;
  const double value = is_percent ? *number / 100 : *number;
  // noise=5 means 5 %, and would be taken for 500.
  if (kind == Kind::kShare && value > 1) return std::nullopt;
  return value;
}

}  // namespace

std::string Span(std::optional<double> seconds) {
  if (!seconds) return "–";
  const auto total = static_cast<int64_t>(std::llround(*seconds));
  constexpr std::array<std::pair<int64_t, const char*>, 4> kUnits = {
      {{86'400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}}};
  for (size_t i = 0; i + 1 < kUnits.size(); ++i) {
    const auto [size, unit] = kUnits[i];
    if (total < size) continue;
    const auto [next_size, next_unit] = kUnits[i + 1];
    const int64_t rest = total % size / next_size;
    return std::to_string(total / size) + unit +
           (rest == 0 ? "" : " " + std::to_string(rest) + next_unit);
  }
  return std::to_string(total) + "s";
}

Result<ReportTargets> ReportTargets::Read(const std::vector<std::string>& texts) {
  ReportTargets targets;
  for (const std::string& text : texts) {
    const size_t equal = text.find('=');
    const std::string name = text.substr(0, equal);
    const Target* target = equal == std::string::npos ? nullptr : Find(name);
    if (target == nullptr) {
      std::vector<std::string> known;
      for (const Target& one : kTargets) known.emplace_back(one.name);
      return InvalidArgument("--target " + GoQuote(text) + " is not NAME=VALUE with a name of " +
                             Join(known, ", "));
    }
    const auto value = ReadValue(target->kind, std::string_view(text).substr(equal + 1));
    if (!value) {
      constexpr std::array kForms = {"a duration, as 5m", "a share of at most one, as 5% or 0.05",
                                     "a number"};
      return InvalidArgument("--target " + GoQuote(text) + ": " + name + " is " +
                             kForms.at(static_cast<size_t>(target->kind)));
    }
    targets.values_[name] = *value;
  }
  return targets;
}

std::string ReportTargets::Words(const std::string& name) const {
  const Target& target = *Find(name);
  const auto own = values_.find(name);
  const double value = own == values_.end() ? target.value : own->second;
  constexpr std::array kSigns = {"< ", "> ", ""};
  const std::string sign = kSigns.at(static_cast<size_t>(target.sense));
  if (target.kind == Kind::kSpan) return sign + Span(value);
  if (target.kind == Kind::kShare) return sign + Plain(value * 100) + " %";
  return sign + Plain(value);
}

std::string ReportTargets::Verdict(const std::string& name, std::optional<double> value) const {
  if (!value) return "–";
  const Target& target = *Find(name);
  const auto own = values_.find(name);
  const double limit = own == values_.end() ? target.value : own->second;
  const bool is_met = target.sense == Sense::kBelow   ? *value < limit
                      : target.sense == Sense::kAbove ? *value > limit
                                                      : *value >= limit;
  return is_met ? "met" : "missed";
}

}  // namespace watchfire::wfctl
