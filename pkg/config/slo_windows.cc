// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which period and which burn-rate windows an SLO gets.

#include <algorithm>
#include <map>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Duration kDefaultPeriod = hours(24 * 30);

bool Same(const std::vector<SloWindow>& a, const std::vector<SloWindow>& b) {
  return std::ranges::equal(a, b, [](const SloWindow& x, const SloWindow& y) {
    return x.long_window == y.long_window && x.short_window == y.short_window &&
           x.factor == y.factor;
  });
}

// The SRE workbook's windows with the budget they may spend: 14.4, 6, 3 and 1 times over 30 days.
// Another period keeps the windows and scales the factors. Source: reference §1.2, §1.4.
SloBatch::Table Workbook(Duration period) {
  const auto window = [&](Duration long_window, Duration short_window, double percent) {
    return SloWindow{long_window, short_window,
                     percent * ToSeconds(period) / (100 * ToSeconds(long_window))};
  };
  SloBatch::Table table;
  table.period = period;
  table.page = {window(hours(1), minutes(5), 2), window(hours(6), minutes(30), 5)};
  table.ticket = {window(hours(24), hours(2), 10), window(hours(72), hours(6), 10)};
  return table;
}

// Returns one table per period; another one for the same is an error, the same again a warning.
std::map<Duration, SloBatch::Table> ByPeriod(const std::vector<SloBatch::Table>& tables) {
  std::map<Duration, SloBatch::Table> chosen;
  for (const SloBatch::Table& table : tables) {
    const auto [first, is_new] = chosen.emplace(table.period, table);
    if (is_new) continue;
    const Mark mark = first->second.mark;
    const std::string where = first->second.source->file + ":" + std::to_string(mark.line);
    const std::string period = FormatDuration(table.period);
    if (Same(first->second.page, table.page) && Same(first->second.ticket, table.ticket)) {
      table.source->Warn(table.mark, "AlertWindows for " + period + " are given twice",
                         "first in " + where);
    } else {
      table.source->Error(table.mark, "other AlertWindows for " + period + " are given already",
                          "in " + where);
    }
  }
  return chosen;
}

Duration ChoosePeriod(const std::map<Duration, SloBatch::Table>& tables,
                      const Evaluation& evaluation) {
  if (evaluation.slo_period) return *evaluation.slo_period;
  if (tables.size() == 1) return tables.begin()->first;
  if (tables.size() > 1 && !tables.contains(kDefaultPeriod)) {
    const SloBatch::Table& last = std::prev(tables.end())->second;
    last.source->Error(last.mark, "AlertWindows for several periods, none of them 30d",
                       "say which with evaluation.slo_period");
  }
  return kDefaultPeriod;
}

// An alert whose threshold is a ratio of 1 or more never fires.
void WarnOfSilence(const SloBatch::Item& item) {
  const double budget = (100 - item.slo.objective) / 100;
  std::vector<std::string> silent;
  const auto check = [&](const SloAlert& alert, const std::vector<SloWindow>& windows,
                         const std::string& name) {
    for (const SloWindow& window : windows) {
      if (alert.disabled || window.factor * budget < 1) continue;
      silent.push_back(name + " " + FormatDuration(window.long_window) + " (factor " +
                       FormatGoFloat(window.factor) + ")");
    }
  };
  check(item.slo.page, item.slo.page_windows, "page");
  check(item.slo.ticket, item.slo.ticket_windows, "ticket");
  if (silent.empty()) return;
  item.source->Warn(item.objective,
                    "these alerts of " + item.slo.id + " can never fire: " + Join(silent, ", "),
                    "their factor times the budget is 1 or more: set a higher objective or other "
                    "windows");
}

}  // namespace

void SettleSlos(SloBatch batch, Config* config) {
  const std::map<Duration, SloBatch::Table> tables = ByPeriod(batch.tables);
  const Duration period = ChoosePeriod(tables, config->evaluation);
  const auto found = tables.find(period);
  const SloBatch::Table table = found != tables.end() ? found->second : Workbook(period);
  std::map<std::string, std::string> places;
  for (const Slo& slo : config->slos) places.emplace(slo.id, "the files before");
  for (SloBatch::Item& item : batch.items) {
    item.slo.period = period;
    item.slo.page_windows = table.page;
    item.slo.ticket_windows = table.ticket;
    const std::string place = item.source->file + ":" + std::to_string(item.id.line);
    if (const auto [first, is_new] = places.emplace(item.slo.id, place); !is_new) {
      item.source->Error(item.id, "SLO " + GoQuote(item.slo.id) + " is not unique",
                         "first in " + first->second);
    }
    if (item.slo.objective > 0 && item.slo.objective < 100) WarnOfSilence(item);
    config->slos.push_back(std::move(item.slo));
  }
}

}  // namespace watchfire::config
