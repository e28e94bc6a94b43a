// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which period, burn-rate windows and policy an SLO gets.

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/config/scalar.h"
#include "pkg/config/slo_lint.h"
#include "pkg/config/slo_query.h"
#include "pkg/config/slo_reader.h"
#include "pkg/promql/parse.h"

namespace watchfire::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Tables = std::vector<SloBatch::Table>;

constexpr Duration kDefaultPeriod = hours(24 * 30);

bool Same(const std::vector<SloBatch::Tier>& a, const std::vector<SloBatch::Tier>& b) {
  const auto same_window = [](const SloWindow& x, const SloWindow& y) {
    return x.long_window == y.long_window && x.short_window == y.short_window &&
           x.factor == y.factor;
  };
  return std::ranges::equal(a, b, [&](const SloBatch::Tier& x, const SloBatch::Tier& y) {
    return x.severity == y.severity && std::ranges::equal(x.windows, y.windows, same_window);
  });
}

// The SRE workbook's windows with the budget they may spend: 14.4, 6, 3 and 1 times over 30 days.
// Another period keeps the windows and scales the factors. Source: reference §1.2, §1.4.
SloBatch::Table Workbook() {
  SloBatch::Table table;
  table.name = "workbook";
  table.is_share = true;
  table.tiers = {{"page", {{hours(1), minutes(5), 2, {}}, {hours(6), minutes(30), 5, {}}}},
                 {"ticket", {{hours(24), hours(2), 10, {}}, {hours(72), hours(6), 10, {}}}}};
  return table;
}

// What guides to paging say: page above 4 times, and call the next level above 8 times.
SloBatch::Table Guide() {
  SloBatch::Table table;
  table.name = "guide";
  table.tiers = {{"page", {{hours(1), minutes(5), 4, {}}}},
                 {"escalate", {{hours(1), minutes(5), 8, {}}}}};
  return table;
}

SloBatch::Table Pyrra(Duration period) {
  const std::vector<SloWindow> windows = PyrraWindows(period);
  SloBatch::Table table;
  table.name = "pyrra";
  table.tiers = {{"page", {windows[0], windows[1]}}, {"ticket", {windows[2], windows[3]}}};
  return table;
}

class Settler {
 public:
  Settler(SloBatch batch, Config* config) : batch_(std::move(batch)), config_(config) {}

  void Settle() {
    CheckTables();
    const Duration period = ChoosePeriod();
    for (const Slo& slo : config_->slos) places_.emplace(slo.id, "the files before");
    for (SloBatch::Item& item : batch_.items) {
      item.slo.period = item.period.value_or(period);
      item.slo.line = item.objective.line;
      item.slo.column = item.objective.column;
      SetWindows(&item);
      SetAlertLabels(&item);
      SetPolicy(&item);
      SetMode(&item);
      item.slo.min_total = Least(item, item.min_total, "min_total");
      item.slo.min_bad = Least(item, item.min_bad, "min_bad");
      SetNoData(&item);
      SetExcluded(&item);
      CheckId(item);
      CheckExpression(item);
      SetScrapeInterval(&item);
      LintSlo(item, *config_);
      if (!item.rules.empty()) {
        RuleGroup& group = config_->rule_groups.emplace_back();
        group.file = item.slo.file;
        group.name = "slo " + item.slo.id;
        group.interval = config_->evaluation.interval;
        group.rules = std::move(item.rules);
      }
      config_->slos.push_back(std::move(item.slo));
    }
    for (const SloBatch::Policy& policy : batch_.policies) {
      if (used_.contains(&policy)) continue;
      policy.source->Warn(policy.mark, "policy " + GoQuote(policy.name) + " is of no SLO",
                          "none has its target and measurement_window, or names it");
    }
  }

 private:
  static bool IsTheSame(const SloBatch::Table& a, const SloBatch::Table& b) {
    return a.name == b.name && a.period == b.period;
  }

  // Another table of the same name or for the same period is an error, the same again a warning.
  void CheckTables() {
    Tables kept;
    for (SloBatch::Table& table : batch_.tables) {
      const auto first = std::ranges::find_if(
          kept, [&](const SloBatch::Table& other) { return IsTheSame(other, table); });
      if (first == kept.end()) {
        kept.push_back(std::move(table));
        continue;
      }
      const std::string where = first->source->file + ":" + std::to_string(first->mark.line);
      const std::string what = table.name.empty() ? "for " + FormatDuration(table.period)
                                                  : "named " + GoQuote(table.name);
      if (Same(first->tiers, table.tiers)) {
        table.source->Warn(table.mark, "AlertWindows " + what + " are given twice",
                           "first in " + where);
      } else {
        table.source->Error(table.mark, "other AlertWindows " + what + " are given already",
                            "in " + where);
      }
    }
    batch_.tables = std::move(kept);
    for (const SloBatch::Table& table : batch_.tables) {
      if (table.name == "workbook" || table.name == "guide" || table.name == "pyrra") {
        table.source->Error(table.mark, "the name " + GoQuote(table.name) + " is taken",
                            "by a table that is built in");
      }
    }
  }

  Duration ChoosePeriod() const {
    if (config_->evaluation.slo_period) return *config_->evaluation.slo_period;
    std::map<Duration, const SloBatch::Table*> tables;
    for (const SloBatch::Table& table : batch_.tables) {
      if (table.name.empty()) tables.emplace(table.period, &table);
    }
    if (tables.size() == 1) return tables.begin()->first;
    if (tables.size() > 1 && !tables.contains(kDefaultPeriod)) {
      const SloBatch::Table& last = *std::prev(tables.end())->second;
      last.source->Error(last.mark, "AlertWindows for several periods, none of them 30d",
                         "say which with evaluation.slo_period");
    }
    return kDefaultPeriod;
  }

  std::optional<SloBatch::Table> Named(const std::string& name, Duration period) const {
    if (name == "workbook") return Workbook();
    if (name == "guide") return Guide();
    if (name == "pyrra") return Pyrra(period);
    const auto found = std::ranges::find(batch_.tables, name, &SloBatch::Table::name);
    if (name.empty() || found == batch_.tables.end()) return std::nullopt;
    return *found;
  }

  // The table of the item; the workbook's after reporting that there is no such.
  SloBatch::Table TableOf(const SloBatch::Item& item) const {
    const Duration period = item.slo.period;
    const bool has_own = !item.windows.text.empty();
    const std::string& name = has_own ? item.windows.text : config_->evaluation.slo_windows;
    if (name.empty()) {
      const auto found = std::ranges::find_if(batch_.tables, [&](const SloBatch::Table& table) {
        return table.name.empty() && table.period == period;
      });
      return found != batch_.tables.end() ? *found : Workbook();
    }
    if (auto table = Named(name, period)) return *std::move(table);
    std::vector<std::string> known = {"workbook", "guide", "pyrra"};
    for (const SloBatch::Table& table : batch_.tables) {
      if (!table.name.empty()) known.push_back(table.name);
    }
    // What evaluation.slo_windows names is wrong once, whoever needs it.
    const bool is_default = !has_own && batch_.default_source != nullptr;
    const Source& source = is_default ? *batch_.default_source : *item.source;
    source.Error(is_default ? batch_.default_mark
                 : has_own  ? item.windows.mark
                            : item.id,
                 "there is no table of windows " + GoQuote(name) +
                     (has_own || is_default ? "" : ", which evaluation.slo_windows names"),
                 "known: " + Join(known, ", "));
    return Workbook();
  }

  void SetWindows(SloBatch::Item* item) const {
    if (item->has_own_windows) return;
    SloBatch::Table table = TableOf(*item);
    Slo& slo = item->slo;
    const bool is_silent = slo.page.disabled && slo.ticket.disabled;
    slo.page_windows.clear();
    slo.ticket_windows.clear();
    slo.severities.clear();
    for (SloBatch::Tier& tier : table.tiers) {
      for (SloWindow& window : tier.windows) {
        if (!table.is_share || window.long_window <= Duration::zero()) continue;
        window.factor =
            window.factor * ToSeconds(slo.period) / (100 * ToSeconds(window.long_window));
      }
      const SloAlert page = slo.page;
      const AlertSlot slot = SlotOf(&slo, tier.severity);
      const bool is_further = &slot.alert != &slo.page && &slot.alert != &slo.ticket;
      if (is_further) slot.alert = page;  // It is one, to more people.
      if (is_further && tier.severity != "escalate") {
        slot.alert.labels = Over(page.labels, {{"severity", tier.severity}});
      }
      // Page and critical are one.
      slot.windows.insert(slot.windows.end(), tier.windows.begin(), tier.windows.end());
    }
    slo.page.disabled |= slo.page_windows.empty();
    slo.ticket.disabled |= slo.ticket_windows.empty();
    const bool has_more = std::ranges::any_of(
        slo.severities, [](const SloSeverity& severity) { return !severity.alert.disabled; });
    if (is_silent || !slo.page.disabled || !slo.ticket.disabled || has_more) return;
    item->source->Warn(item->objective, "SLO " + GoQuote(slo.id) + " can never alert",
                       "its windows are all of alerts that it disables: choose others, or enable "
                       "one of these alerts");
  }

  void SetAlertLabels(SloBatch::Item* item) const {
    const std::string& own = item->alert_labels.text;
    if (own.empty() ? batch_.alert_labels == "pyrra" : own == "pyrra") TellWindows(&item->slo);
    if (own.empty() || own == "pyrra" || own == "watchfire") return;
    item->source->Error(item->alert_labels.mark, "unknown alert_labels " + GoQuote(own),
                        "one of pyrra, watchfire");
  }

  static void SetMode(SloBatch::Item* item) {
    const std::string& mode = item->mode.text;
    if (mode == "exact") item->slo.mode = SloMode::kExact;
    if (mode == "incremental") item->slo.mode = SloMode::kIncremental;
    if (mode.empty() || item->slo.mode) return;
    item->source->Error(item->mode.mark, "unknown mode " + GoQuote(mode),
                        "one of exact, incremental");
  }

  // How many events there must be for an alert; 0 if the file says nothing.
  static double Least(const SloBatch::Item& item, const Text& text, const char* key) {
    if (text.text.empty()) return 0;
    const std::optional<double> least = ParseYamlNumber(text.text);
    if (least && std::isfinite(*least) && *least >= 0) return *least;
    item.source->Error(
        text.mark,
        std::string(key) + " must be a number of events, 0 or more, not " + GoQuote(text.text));
    return 0;
  }

  static void SetNoData(SloBatch::Item* item) {
    const std::string& what = item->no_data.text;
    if (what == "hold") item->slo.no_data = NoData::kHold;
    if (what == "alert") item->slo.no_data = NoData::kAlert;
    if (what != "hold" && what != "alert" && what != "ok" && !what.empty()) {
      item->source->Error(item->no_data.mark, "unknown no_data " + GoQuote(what),
                          "ok, hold and alert are known");
    }
    const Text& span = item->no_data_for;
    if (span.text.empty()) return;
    const Result<Duration> parsed = ParseDuration(span.text);
    if (!parsed || *parsed <= Duration::zero()) {
      item->source->Error(span.mark,
                          "no_data_for must be a duration above zero, not " + GoQuote(span.text),
                          "as in 15m");
      return;
    }
    item->slo.no_data_for = std::min<Duration>(*parsed, limits::kConfiguredDuration);
    if (what != "hold" && what != "alert") {
      item->source->Warn(span.mark, "no_data_for changes nothing",
                         "it is for no_data: hold and no_data: alert");
    }
  }

  static void SetScrapeInterval(SloBatch::Item* item) {
    const Text& own = item->scrape_interval;
    if (own.text.empty()) return;
    const Result<Duration> parsed = ParseDuration(own.text);
    if (!parsed || *parsed <= Duration::zero()) {
      item->source->Error(own.mark,
                          "scrape_interval must be a duration above zero, not " + GoQuote(own.text),
                          "as in 30s");
      return;
    }
    item->slo.scrape_interval = std::min<Duration>(*parsed, limits::kConfiguredDuration);
  }

  void SetExcluded(SloBatch::Item* item) const {
    std::set<std::string> seen;
    const SloMode mode = item->slo.mode.value_or(config_->evaluation.slo_mode);
    if (!item->excluded.empty() && mode == SloMode::kExact) {
      // No alert begins in this time all the same, and an error would take all its alerts away.
      item->source->Warn(item->excluded[0].mark,
                         "the budget of " + GoQuote(item->slo.id) +
                             " has the time that it excludes: it is asked exactly, and PromQL "
                             "leaves out no minutes",
                         item->slo.mode ? "take its mode out" : "mode: incremental for this SLO");
    }
    for (const Text& name : item->excluded) {
      if (!seen.insert(name.text).second) continue;
      const auto found = config_->time_intervals.find(name.text);
      if (found != config_->time_intervals.end()) {
        item->slo.excluded.push_back({found->first, found->second});
      } else if (batch_.is_alone) {
        item->slo.excluded.push_back({name.text, {}});
      } else {
        ReportInterval(*item->source, name);
      }
    }
  }

  void ReportInterval(const Source& source, const Text& name) const {
    std::vector<std::string> known;
    for (const auto& [each, calendars] : config_->time_intervals) known.push_back(each);
    const std::string nearest = Nearest(name.text, known);
    source.Error(name.mark, "there is no time interval " + GoQuote(name.text) + " to exclude",
                 !nearest.empty() ? "did you mean " + GoQuote(nearest) + "?"
                 : known.empty()  ? "time_intervals of the main file has none"
                                  : "time_intervals of the main file has " + Join(known, ", "));
  }

  void SetPolicy(SloBatch::Item* item) {
    const SloBatch::Policy* found = nullptr;
    for (const SloBatch::Policy& policy : batch_.policies) {
      if (!IsFor(policy, *item)) continue;
      if (found != nullptr) {
        policy.source->Error(policy.mark, "two policies are for " + GoQuote(item->slo.id) +
                                              ": this and " + GoQuote(found->name));
        continue;
      }
      found = &policy;
    }
    if (found == nullptr) {
      if (item->policy.text.empty()) return;
      std::vector<std::string> known;
      for (const SloBatch::Policy& policy : batch_.policies) known.push_back(policy.name);
      const std::string nearest = Nearest(item->policy.text, known);
      item->source->Error(item->policy.mark, "there is no policy " + GoQuote(item->policy.text),
                          nearest.empty() ? "" : "did you mean " + GoQuote(nearest) + "?");
      return;
    }
    used_.insert(found);
    item->slo.policy = found->name;
    item->slo.levels = found->levels;
  }

  // One that stands beside SLOs is for these alone.
  bool IsFor(const SloBatch::Policy& policy, const SloBatch::Item& item) const {
    if (!item.policy.text.empty()) return item.policy.text == policy.name;
    const bool fits =
        std::abs(policy.objective - item.slo.objective) < 1e-9 && policy.period == item.slo.period;
    const bool is_of_file = std::ranges::any_of(
        batch_.items, [&](const auto& other) { return other.source == policy.source; });
    return fits && (!is_of_file || item.source == policy.source);
  }

  void CheckId(const SloBatch::Item& item) {
    const std::string place = item.source->file + ":" + std::to_string(item.id.line);
    const auto [first, is_new] = places_.emplace(item.slo.id, place);
    if (is_new) return;
    item.source->Error(item.id, "SLO " + GoQuote(item.slo.id) + " is not unique",
                       "first in " + first->second);
  }

  // Each query is right by itself; here they come together.
  void CheckExpression(const SloBatch::Item& item) const {
    const Slo& slo = item.slo;
    const bool is_ratio = !slo.error_ratio_query.empty();
    if (batch_.speaks_metricsql ||
        (!is_ratio && (slo.error_query.empty() || slo.total_query.empty()))) {
      return;
    }
    const std::string ratio =
        is_ratio ? slo.error_ratio_query : Quotient(slo.error_query, slo.total_query);
    const auto parsed = promql::TryParse(AtWindow(ratio, minutes(5)));
    if (parsed) return;
    item.source->Error(item.id,
                       "no error ratio can be made of its queries: " + parsed.error().message);
  }

  SloBatch batch_;
  Config* const config_;
  std::map<std::string, std::string> places_;  // SLO id -> where it stands.
  std::set<const SloBatch::Policy*> used_;
};

}  // namespace

void SettleSlos(SloBatch batch, Config* config) {
  ReadOpenSlo(&batch);
  Settler(std::move(batch), config).Settle();
}

}  // namespace watchfire::config
