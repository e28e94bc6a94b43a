// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// OpenSLO's alert policies, conditions and durations.

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/slo_openslo.h"

namespace watchfire::config::openslo {
namespace {

constexpr double kDaysMax = 20 * 366;

// The longest that a unit may be.
double DaysOf(char unit) {
  switch (unit) {
    case 'm':
      return 1.0 / 24 / 60;
    case 'h':
      return 1.0 / 24;
    case 'w':
      return 7;
    case 'M':
      return 31;
    case 'Q':
      return 92;
    case 'Y':
      return 366;
    default:
      return 1;
  }
}

template <typename T>
std::optional<T> Find(const Source& source, Mark mark, const std::string& kind,
                      const std::string& name, const std::map<std::string, std::optional<T>>& map) {
  const auto found = map.find(name);
  if (found != map.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [each, value] : map) known.push_back(each);
  const std::string nearest = Nearest(name, known);
  source.Error(mark, "there is no " + kind + " " + GoQuote(name),
               nearest.empty() ? "" : "did you mean " + GoQuote(nearest) + "?");
  return std::nullopt;
}

template <typename T>
std::optional<T> Find(Section& at, const std::string& key, const std::string& kind,
                      const std::string& name, const std::map<std::string, std::optional<T>>& map) {
  return Find(at.impl().source, at.impl().At(key), kind, name, map);
}

SloWindow::Compare ReadCompare(Section& section) {
  using Compare = SloWindow::Compare;
  const std::string op = section.String("op", "gt");
  section.OneOf("op", op, {"lte", "gte", "lt", "gt"}, "unknown op " + GoQuote(op));
  if (op == "lt" || op == "lte") {
    section.Warn("op", "op: " + op + " alerts while the burn rate is low",
                 "gt and gte alert while it is high");
    return op == "lt" ? Compare::kBelow : Compare::kAtMost;
  }
  return op == "gte" ? Compare::kAtLeast : Compare::kAbove;
}

}  // namespace

std::optional<Shorthand> ReadShorthand(Section& section, const std::string& key) {
  const std::string text = section.String(key);
  if (!section.Has(key)) {
    section.Error(key, key + " must be set", "as in 5m, 1h, 28d or 1M");
    return std::nullopt;
  }
  Shorthand length;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, length.count);
  const bool has_unit =
      rest + 1 == end && std::string_view("mhdwMQY").find(*rest) != std::string::npos;
  if (error == std::errc() && has_unit && length.count > 0) {
    length.unit = *rest;
    if (length.count * DaysOf(length.unit) <= kDaysMax) return length;
    section.Error(key, key + " must be at most 20 years, found " + GoQuote(text));
    return std::nullopt;
  }
  section.Error(key, key + ": not a valid duration: " + GoQuote(text),
                "one number and one of m h d w M Q Y, as in 28d");
  return std::nullopt;
}

std::optional<Duration> ReadLength(Section& section, const std::string& key) {
  const std::optional<Shorthand> length = ReadShorthand(section, key);
  if (!length) return std::nullopt;
  switch (length->unit) {
    case 'm':
      return std::chrono::minutes(length->count);
    case 'h':
      return std::chrono::hours(length->count);
    case 'd':
      return std::chrono::hours(24 * length->count);
    case 'w':
      return std::chrono::hours(24 * 7 * length->count);
    default:
      section.Error(key, key + ": months, quarters and years have no fixed length",
                    "write it in days, or have a calendar");
      return std::nullopt;
  }
}

std::optional<Duration> ReadRolling(Section& section, const std::string& key) {
  const std::optional<Shorthand> length = ReadShorthand(section, key);
  if (!length) return std::nullopt;
  const int unit = length->unit == 'M' ? 30 : length->unit == 'Q' ? 90 : 365;
  if (length->unit != 'M' && length->unit != 'Q' && length->unit != 'Y') {
    return ReadLength(section, key);
  }
  const int days = length->count * unit;
  section.Warn(key,
               key + ": what rolls has a fixed length: taken as " + std::to_string(days) + "d");
  return std::chrono::hours(24 * days);
}

std::optional<Condition> Resources::ReadConditionSpec(Section& spec, const std::string& name) {
  Condition read;
  read.name = name;
  spec.String("description");
  read.severity = spec.String("severity");
  if (read.severity.empty()) spec.Error("severity", "severity must be set", "as in page or ticket");
  std::optional<Duration> window;
  if (auto condition = spec.Child("condition")) {
    const std::string kind = condition->String("kind", "burnrate");
    condition->OneOf("kind", kind, {"burnrate"}, "unknown kind " + GoQuote(kind));
    read.window.compare = ReadCompare(*condition);
    read.window.factor = condition->Double("threshold", 0);
    if (!condition->Has("threshold")) condition->Error("threshold", "threshold must be set");
    window = ReadLength(*condition, "lookbackWindow");
    if (condition->Has("alertAfter") && condition->String("alertAfter") != "0m") {
      read.hold = ReadLength(*condition, "alertAfter").value_or(Duration::zero());
    }
    condition->Finish();
  } else if (!spec.Has("condition")) {
    spec.Error("condition", "condition must be set");
  }
  spec.Finish();
  if (!window) return std::nullopt;
  read.window.long_window = read.window.short_window = *window;
  return read;
}

std::optional<Condition> Resources::ReadCondition(Section& entry) {
  const std::string ref = entry.String("conditionRef");
  if (!ref.empty()) {
    entry.Finish();
    return Find(entry, "conditionRef", "AlertCondition", ref, conditions_);
  }
  for (const char* key : {"apiVersion", "kind"}) entry.String(key);
  const std::string name = ReadMetadata(entry, true).name;
  std::optional<Condition> condition;
  if (auto spec = entry.Child("spec")) {
    condition = ReadConditionSpec(*spec, name);
  } else if (!entry.Has("spec")) {
    entry.Error("spec", "spec must be set");
  }
  entry.Finish();
  return condition;
}

std::optional<Policy> Resources::ReadPolicySpec(Section& spec, const std::string& name) {
  Policy policy;
  policy.name = name;
  spec.String("description");
  policy.when_breaching = spec.Bool("alertWhenBreaching", false);
  policy.when_no_data = spec.Bool("alertWhenNoData", false);
  const std::optional<bool> when_resolved = spec.MaybeBool("alertWhenResolved");
  if (when_resolved && !*when_resolved) {
    spec.Warn("alertWhenResolved", "whether the end is told is up to each receiver",
              "see send_resolved");
  }
  if (!policy.when_breaching && !policy.when_no_data) {
    spec.Warn("", "this policy never alerts", "set alertWhenBreaching: true");
  }
  std::vector<Section> conditions = spec.Children("conditions");
  if (conditions.size() != 1) {
    spec.Error("conditions", "conditions must hold exactly one condition");
  }
  for (Section& condition : conditions) policy.condition = ReadCondition(condition);
  for (Section& entry : spec.Children("notificationTargets")) {
    const std::string ref = entry.String("targetRef");
    if (!ref.empty()) {
      if (!targets_.contains(ref)) {
        entry.Error("targetRef", "there is no AlertNotificationTarget " + GoQuote(ref));
      }
      policy.targets.push_back(ref);
      entry.Finish();
      continue;
    }
    for (const char* key : {"apiVersion", "kind"}) entry.String(key);
    policy.targets.push_back(ReadMetadata(entry, true).name);
    if (auto target = entry.Child("spec")) {
      target->String("description");
      if (target->String("target").empty()) target->Error("target", "target must be set");
      target->Finish();
    }
    entry.Finish();
  }
  spec.Finish();
  if (!policy.condition) return std::nullopt;
  return policy;
}

std::optional<Policy> Resources::ReadPolicy(Section& entry) {
  const std::string ref = entry.String("alertPolicyRef");
  if (!ref.empty()) {
    entry.Finish();
    return Find(entry, "alertPolicyRef", "AlertPolicy", ref, policies_);
  }
  for (const char* key : {"apiVersion", "kind"}) entry.String(key);
  const std::string name = ReadMetadata(entry, true).name;
  std::optional<Policy> policy;
  if (auto spec = entry.Child("spec")) {
    policy = ReadPolicySpec(*spec, name);
  } else if (!entry.Has("spec")) {
    entry.Error("spec", "spec must be set");
  }
  entry.Finish();
  return policy;
}

std::optional<Policy> Resources::NamedPolicy(const std::string& name, Mark mark,
                                             const Source& source) {
  return Find(source, mark, "AlertPolicy", name, policies_);
}

}  // namespace watchfire::config::openslo
