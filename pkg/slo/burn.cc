// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/burn.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "pkg/base/check.h"
#include "pkg/base/strings.h"
#include "pkg/slo/period.h"
#include "pkg/slo/policy.h"
#include "pkg/templates/template.h"

namespace watchfire::slo {
namespace {

constexpr Duration kLongWindow = std::chrono::hours(24);
constexpr int kAskedPerWindow = 120;          // At rest.
constexpr int kAskedPerWindowBurning = 7200;  // While somebody looks.

constexpr const char* kExported = "exported_";  // As Prometheus has it for what a target says.

// Replaces {{.window}}, with any spaces inside, by `window`. Other text stays as it is.
std::string ReplaceWindow(std::string_view query, std::string_view window) {
  std::string out;
  while (true) {
    const size_t open = query.find("{{");
    const size_t close = open == std::string_view::npos ? open : query.find("}}", open);
    if (close == std::string_view::npos) return out.append(query);
    const bool ours = Trim(query.substr(open + 2, close - open - 2)) == ".window";
    // Of other braces only the first is passed, so that {{{.window}} is still found.
    const size_t end = ours ? close + 2 : open + 1;
    out.append(ours ? query.substr(0, open) : query.substr(0, end));
    if (ours) out.append(window);
    query.remove_prefix(end);
  }
}

bool Holds(config::SloWindow::Compare compare, double ratio, double threshold) {
  switch (compare) {
    case config::SloWindow::Compare::kAbove:
      return ratio > threshold;
    case config::SloWindow::Compare::kAtLeast:
      return ratio >= threshold;
    case config::SloWindow::Compare::kBelow:
      return ratio < threshold;
    case config::SloWindow::Compare::kAtMost:
      return ratio <= threshold;
  }
  return false;
}

Verdict Beyond(const config::Slo& slo, const Reading& reading, Duration window,
               const config::SloWindow& pair, const std::set<Duration>& unknown) {
  if (unknown.contains(window)) return Verdict::kUnknown;
  const auto found = reading.error_ratio.find(window);
  if (found == reading.error_ratio.end()) return Verdict::kQuiet;
  const double threshold = pair.factor * BudgetRatio(slo);
  return Holds(pair.compare, found->second, threshold) ? Verdict::kBurning : Verdict::kQuiet;
}

Verdict And(Verdict a, Verdict b) {
  if (a == Verdict::kQuiet || b == Verdict::kQuiet) return Verdict::kQuiet;
  return a == Verdict::kBurning && b == Verdict::kBurning ? Verdict::kBurning : Verdict::kUnknown;
}

bool HasEnoughEvents(const config::Slo& slo, const Reading& reading, Duration window) {
  const auto found = reading.events.find(window);
  if (found == reading.events.end()) return true;
  return found->second.total >= slo.min_total && found->second.bad >= slo.min_bad;
}

// Four significant digits: what a person reads on a phone.
std::string Short(double value) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.4g", value);
  return buffer.data();
}

std::string ShortOr(std::optional<double> value, double scale, const char* suffix) {
  return value ? Short(*value * scale) + suffix : "unknown";
}

// When the budget is used up if it goes on burning at `rate` from `at` on.
std::string LastsFor(const config::Slo& slo, std::optional<double> remaining,
                     std::optional<double> rate, WallTime at) {
  if (!remaining || !rate) return "unknown";
  const std::optional<Duration> lasts = ExhaustedIn(slo, *remaining, *rate, at);
  return lasts ? FormatDuration(*lasts) : "never";
}

// Whether the alerts of an SLO may each have another value of the label, or only some of them one.
bool VariesBySeverity(const config::Slo& slo, std::string_view name) {
  if (name == "severity" || name == "sloth_severity") return true;
  return slo.page.labels.Has(name) || slo.ticket.labels.Has(name) ||
         std::ranges::any_of(slo.severities, [&](const config::SloSeverity& severity) {
           return severity.alert.labels.Has(name);
         });
}

std::string Tier(size_t pair) {
  if (pair == 0) return "quick";
  return pair == 1 ? "slow" : std::to_string(pair + 1);
}

// A comment at the end of a query ends at the line's end, not at the parenthesis.
std::string Parens(const std::string& text) {
  return "(" + text + (text.find('#') == std::string::npos ? ")" : "\n)");
}

}  // namespace

double BudgetRatio(const config::Slo& slo) { return (100.0 - slo.objective) / 100.0; }

double BudgetSeconds(const config::Slo& slo, WallTime at) {
  return ToSeconds(PeriodLength(slo, at)) * BudgetRatio(slo);
}

std::optional<double> EventsLeft(const Budget& budget) {
  if (!budget.remaining || !budget.events) return std::nullopt;
  return *budget.remaining * *budget.events + 0.0;  // Adding makes 0 of -0.
}

std::set<Duration> Windows(const config::Slo& slo) {
  std::set<Duration> windows{slo.period};
  const auto add = [&](const std::vector<config::SloWindow>& pairs) {
    for (const config::SloWindow& pair : pairs) {
      windows.insert({pair.long_window, pair.short_window});
    }
  };
  add(slo.page_windows);
  add(slo.ticket_windows);
  for (const config::SloSeverity& severity : slo.severities) add(severity.windows);
  return windows;
}

std::string ErrorRatioExpr(const config::Slo& slo, Duration window) {
  const std::string text = FormatDuration(window);
  if (!slo.error_ratio_query.empty()) return ReplaceWindow(slo.error_ratio_query, text);
  return Parens(ReplaceWindow(slo.error_query, text)) + " / " +
         Parens(ReplaceWindow(slo.total_query, text));
}

const config::BudgetLevel* LevelAt(const config::Slo& slo, double remaining) {
  const config::BudgetLevel* found = nullptr;
  for (const config::BudgetLevel& level : slo.levels) {
    const bool holds = (level.excludes_low ? remaining > level.low : remaining >= level.low) &&
                       (level.excludes_high ? remaining < level.high : remaining <= level.high);
    if (!holds) continue;
    if (level.is_exhausted) return &level;
    const auto narrower = [&level](const config::BudgetLevel& than) {
      if (LowEnd(level) != LowEnd(than)) return LowEnd(level) > LowEnd(than);
      return HighEnd(level) < HighEnd(than);
    };
    if (found == nullptr || narrower(*found)) found = &level;
  }
  return found;
}

Duration Cadence(Duration window, bool burning) {
  if (window < kLongWindow) return Duration::zero();
  return window / (burning ? kAskedPerWindowBurning : kAskedPerWindow);
}

Judgement Judge(const config::Slo& slo, const std::vector<config::SloWindow>& pairs,
                const Reading& reading, const std::set<Duration>& unknown) {
  Judgement judgement;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const config::SloWindow& pair = pairs[i];
    const Verdict both = And(Beyond(slo, reading, pair.long_window, pair, unknown),
                             Beyond(slo, reading, pair.short_window, pair, unknown));
    if (both != Verdict::kQuiet && !HasEnoughEvents(slo, reading, pair.long_window)) continue;
    if (both == Verdict::kBurning) return {both, i};
    if (both == Verdict::kUnknown) judgement.verdict = both;
  }
  return judgement;
}

std::vector<Severity> Severities(const config::Slo& slo) {
  std::vector<Severity> out;
  if (!slo.page.disabled) out.push_back({"page", slo.page, slo.page_windows});
  if (!slo.ticket.disabled) out.push_back({"ticket", slo.ticket, slo.ticket_windows});
  for (const config::SloSeverity& severity : slo.severities) {
    if (severity.alert.disabled) continue;
    out.push_back({severity.name, severity.alert, severity.windows});
  }
  return out;
}

labels::LabelSet AlertLabels(const config::Slo& slo, const Severity& severity,
                             const Reading& reading) {
  const std::string group(reading.labels.Get("service"));
  labels::LabelSet::Pairs pairs{
      {"slo", slo.name},       {"service", group.empty() ? slo.service : group},
      {"sloth_id", slo.id},    {"sloth_service", slo.service},
      {"sloth_slo", slo.name}, {"severity", severity.name == "ticket" ? "warning" : "critical"},
  };
  const labels::LabelSet named{{"sloth_severity", std::string(severity.name)}};
  for (const labels::LabelSet* set : {&slo.labels, &named, &severity.alert.labels}) {
    for (const labels::Label& label : *set) pairs.emplace_back(label.name, label.value);
  }
  pairs.emplace_back("alertname", slo.alert_name);
  const labels::LabelSet own(std::move(pairs));
  // Two groups of a query must never be one alert: the second would page nobody. And the page of a
  // group and its ticket hide the same of it: else the one would not mute the other.
  labels::LabelSet::Pairs hidden;
  for (const labels::Label& label : reading.labels) {
    const std::string_view ours = own.Get(label.name);
    const bool is_shown = ours.empty() || ours == label.value;
    if (is_shown && !VariesBySeverity(slo, label.name)) continue;
    std::string name = std::string(kExported) + std::string(label.name);
    while (reading.labels.Has(name) || own.Has(name)) name.insert(0, kExported);
    hidden.emplace_back(std::move(name), label.value);
  }
  return reading.labels.With(own.pairs()).With(hidden);
}

labels::LabelSet AlertAnnotations(const config::Slo& slo, const Severity& severity,
                                  const Reading& reading, size_t pair,
                                  const Surroundings& surroundings) {
  WF_CHECK(pair < severity.pairs.size());
  const config::SloWindow& windows = severity.pairs[pair];
  const std::string long_window = FormatDuration(windows.long_window);
  const std::string short_window = FormatDuration(windows.short_window);
  const std::string burn_long = ShortOr(Engine::BurnRate(slo, reading, windows.long_window), 1, "");
  const std::string burn_short =
      ShortOr(Engine::BurnRate(slo, reading, windows.short_window), 1, "");
  const std::optional<double> left = Engine::BudgetRemaining(slo, reading);
  const std::string remaining = ShortOr(left, 100, "%");
  const std::string subject = slo.service + " " + slo.name;
  labels::LabelSet::Pairs pairs{
      {"title", subject + " burns its error budget too fast (" + std::string(severity.name) + ")"},
      {"summary", subject + ": burn rate " + burn_long + " over " + long_window + " and " +
                      burn_short + " over " + short_window + ", above " + Short(windows.factor) +
                      "; error budget left: " + remaining + " of " + FormatDuration(slo.period)},
      {"tier", Tier(pair)},
      {"windows", long_window + "/" + short_window},
      {"burn_rate_long", burn_long},
      {"burn_rate_short", burn_short},
      {"budget_remaining", remaining},
      {"budget_exhausted_in",
       LastsFor(slo, left, Engine::BurnRate(slo, reading, windows.long_window), surroundings.at)},
  };
  if (const config::BudgetLevel* level = left ? LevelAt(slo, *left) : nullptr) {
    pairs.emplace_back("budget_policy", slo.policy + ": " + level->condition);
    pairs.emplace_back("budget_actions", watchfire::Join(level->actions, "; "));
  }
  const labels::LabelSet labels = AlertLabels(slo, severity, reading);
  const auto ratio = reading.error_ratio.find(windows.short_window);
  const double value = ratio == reading.error_ratio.end() ? 0 : ratio->second;
  const templates::RuleData data{labels, value, surroundings.at, surroundings.external_labels,
                                 surroundings.external_url};
  for (const labels::Label& annotation : severity.alert.annotations) {
    const Result<templates::Template> text = templates::Template::Parse(annotation.value);
    const Result<std::string> expanded = text ? text->Execute(data) : Fail(text.error());
    pairs.emplace_back(
        annotation.name,
        expanded ? *expanded : "<error expanding template: " + expanded.error().message + ">");
  }
  return labels::LabelSet(std::move(pairs));
}

}  // namespace watchfire::slo
