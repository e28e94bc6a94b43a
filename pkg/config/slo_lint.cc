// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/slo_lint.h"

#include <algorithm>
#include <map>
#include <set>

#include "pkg/base/strings.h"
#include "pkg/config/slo_reader.h"

namespace watchfire::config {
namespace {

// Below it an alert fires well before the budget is in danger. The workbook's own lowest factor is
// 0.93, for 28 days.
constexpr double kFactorMin = 0.9;

// So many scrapes should fit into the shortest window.
constexpr int64_t kSamplesMin = 4;

struct Tier {
  std::string name;
  const SloAlert& alert;
  const std::vector<SloWindow>& windows;
};

std::vector<Tier> TiersOf(const Slo& slo) {
  std::vector<Tier> tiers;
  if (!slo.page.disabled) tiers.push_back({"page", slo.page, slo.page_windows});
  if (!slo.ticket.disabled) tiers.push_back({"ticket", slo.ticket, slo.ticket_windows});
  for (const SloSeverity& severity : slo.severities) {
    if (severity.alert.disabled) continue;
    tiers.push_back({severity.name, severity.alert, severity.windows});
  }
  return tiers;
}

class Linter {
 public:
  Linter(const SloBatch::Item& item, const Evaluation& evaluation, Duration scrape_interval)
      : item_(item), slo_(item.slo), evaluation_(evaluation), scrape_interval_(scrape_interval) {}

  void Lint() const {
    CheckSilence();
    CheckLabels();
    CheckLengths();
    CheckFactors();
    CheckReach();
  }

 private:
  void Warn(const std::string& message, const std::string& hint) const {
    item_.source->Warn(item_.objective, message, hint);
  }

  // The names of the windows for which `is_odd` holds.
  template <typename IsOdd>
  std::vector<std::string> Odd(IsOdd is_odd) const {
    std::vector<std::string> odd;
    for (const Tier& tier : TiersOf(slo_)) {
      for (const SloWindow& window : tier.windows) {
        if (!is_odd(window)) continue;
        odd.push_back(tier.name + " " + FormatDuration(window.long_window) + " (factor " +
                      FormatGoFloat(window.factor) + ")");
      }
    }
    return odd;
  }

  static bool IsHigh(const SloWindow& window) {
    return window.compare == SloWindow::Compare::kAbove ||
           window.compare == SloWindow::Compare::kAtLeast;
  }

  // An alert whose threshold is a ratio of 1 or more never fires.
  void CheckSilence() const {
    const double budget = (100 - slo_.objective) / 100;
    const auto silent = Odd([&](const SloWindow& window) {
      const double threshold = window.factor * budget;
      const bool can_be =
          window.compare == SloWindow::Compare::kAtLeast ? threshold <= 1 : threshold < 1;
      return IsHigh(window) && !can_be;
    });
    if (silent.empty()) return;
    Warn("these alerts of " + slo_.id + " can never fire: " + Join(silent, ", "),
         "their factor times the budget is 1 or more: set a higher objective or other windows");
  }

  // What nothing tells apart is one alert: while its ticket fires, nobody hears of the page.
  void CheckLabels() const {
    std::map<std::string, std::string> first;  // The name of it, by all labels.
    for (const Tier& tier : TiersOf(slo_)) {
      const labels::LabelSet usual{{"severity", tier.name == "ticket" ? "warning" : "critical"}};
      const labels::LabelSet own = Over({{"sloth_severity", tier.name}}, tier.alert.labels);
      const auto [other, is_new] =
          first.emplace(Over(Over(usual, slo_.labels), own).ToString(), tier.name);
      if (is_new) continue;
      Warn("the alerts " + other->second + " and " + tier.name + " of " + slo_.id +
               " have the same labels, and so are one",
           "give them a severity or a sloth_severity of their own");
    }
  }

  void CheckLengths() const {
    std::set<Duration> windows;
    for (const Tier& tier : TiersOf(slo_)) {
      for (const SloWindow& window : tier.windows) {
        windows.insert({window.short_window, window.long_window});
      }
    }
    if (windows.empty()) return;
    if (slo_.period <= Duration::zero()) return;  // An error where it stands, by now.
    const Duration shortest = *windows.begin();
    const Duration longest = *windows.rbegin();
    const std::string of_slo = " of " + slo_.id;
    if (shortest <= Duration::zero()) {
      item_.source->Error(item_.objective, "the shortest window" + of_slo + " is empty",
                          "a period of " + FormatDuration(slo_.period) + " is too short for it");
    } else if (shortest < 2 * evaluation_.interval) {
      Warn("the window of " + FormatDuration(shortest) + of_slo +
               " is too short: there is an evaluation every " +
               FormatDuration(evaluation_.interval),
           "evaluation.interval should fit into it twice, and the scrape interval four times");
    }
    CheckScrapes(shortest);
    if (slo_.calendar && windows.contains(slo_.period)) {
      item_.source->Error(item_.objective,
                          "a window as long as the calendar's period of " +
                              FormatDuration(slo_.period) + " is not supported yet",
                          "choose other windows for " + slo_.id);
    }
    if (slo_.slice > Duration::zero() && shortest < slo_.slice) {
      Warn("the window of " + FormatDuration(shortest) + of_slo + " is shorter than a slice of " +
               FormatDuration(slo_.slice),
           "it is empty most of the time, and its alert silent");
    }
    if (longest > slo_.period) {
      Warn("the window of " + FormatDuration(longest) + of_slo + " is longer than the period of " +
               FormatDuration(slo_.period),
           "choose windows for that period");
    }
  }

  // A rate needs two samples, and a scrape may miss.
  void CheckScrapes(Duration shortest) const {
    const Duration apart =
        slo_.scrape_interval > Duration::zero() ? slo_.scrape_interval : scrape_interval_;
    if (apart <= Duration::zero() || shortest / kSamplesMin >= apart) return;
    Warn("the window of " + FormatDuration(shortest) + " of " + slo_.id +
             " is too short: its metrics are scraped every " + FormatDuration(apart),
         "four samples should fit into it: scrape more often, or choose longer windows");
  }

  void CheckFactors() const {
    const auto low =
        Odd([](const SloWindow& window) { return IsHigh(window) && window.factor < kFactorMin; });
    if (low.empty()) return;
    Warn("these alerts of " + slo_.id + " fire while the budget lasts: " + Join(low, ", "),
         "a factor below 1 does not spend it all: choose windows for a period of " +
             FormatDuration(slo_.period));
  }

  // A total outage that spends the budget before anybody looks.
  void CheckReach() const {
    const Duration lasts = FromSeconds(ToSeconds(slo_.period) * (100 - slo_.objective) / 100);
    if (TiersOf(slo_).empty() || lasts >= evaluation_.interval || lasts <= Duration::zero()) return;
    Warn("a total outage spends the budget of " + slo_.id + " in " +
             FormatGoDuration(std::chrono::duration_cast<std::chrono::milliseconds>(lasts)) +
             ", before it is evaluated",
         "no alert can protect an objective this high");
  }

  const SloBatch::Item& item_;
  const Slo& slo_;
  const Evaluation& evaluation_;
  const Duration scrape_interval_;  // Of who does not say it; zero: unknown.
};

}  // namespace

void LintSlo(const SloBatch::Item& item, const Config& config) {
  if (item.slo.objective <= 0 || item.slo.objective >= 100) return;  // It was reported.
  // SLOs are asked of the first.
  const Duration of_datasource =
      config.datasources.empty() ? Duration::zero() : config.datasources.front().scrape_interval;
  const Duration scrape_interval =
      of_datasource > Duration::zero() ? of_datasource : config.evaluation.scrape_interval;
  Linter(item, config.evaluation, scrape_interval).Lint();
}

}  // namespace watchfire::config
