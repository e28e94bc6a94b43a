// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/slo_native.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::config {
namespace {

constexpr const char* kAlerts = "its alerts";

using Tiers = std::vector<std::pair<std::string, std::vector<SloWindow>>>;

bool SameWindows(const std::vector<SloWindow>& a, const std::vector<SloWindow>& b) {
  return std::ranges::equal(a, b, [](const SloWindow& x, const SloWindow& y) {
    return x.long_window == y.long_window && x.short_window == y.short_window &&
           x.factor == y.factor && x.compare == y.compare;
  });
}

bool SameAlert(const SloAlert& a, const SloAlert& b) {
  if (a.disabled || b.disabled) return a.disabled == b.disabled;
  return a.labels == b.labels && a.annotations == b.annotations && a.hold == b.hold;
}

bool SameSeverity(const SloSeverity& a, const SloSeverity& b) {
  return a.name == b.name && SameAlert(a.alert, b.alert) && SameWindows(a.windows, b.windows);
}

// What of `a` reads otherwise in `b`; "" if nothing does.
std::string Difference(const Slo& a, const Slo& b) {
  if (a.objective != b.objective) return "its objective";
  if (a.period != b.period || a.calendar != b.calendar) return "its period";
  if (a.error_query != b.error_query || a.total_query != b.total_query ||
      a.error_ratio_query != b.error_ratio_query) {
    return "its queries";
  }
  if (a.labels != b.labels) return "its labels";
  if (a.mode != b.mode) return "its mode";
  if (a.min_total != b.min_total || a.min_bad != b.min_bad) return "its least number of events";
  if (a.no_data != b.no_data || a.no_data_for != b.no_data_for) return "its no_data";
  if (a.scrape_interval != b.scrape_interval) return "its scrape_interval";
  if (!std::ranges::equal(a.excluded, b.excluded, {}, &ExcludedTimes::name, &ExcludedTimes::name)) {
    return "what it excludes";
  }
  const bool same_page = a.page.disabled || SameWindows(a.page_windows, b.page_windows);
  const bool same_ticket = a.ticket.disabled || SameWindows(a.ticket_windows, b.ticket_windows);
  if (!same_page || !same_ticket || !SameAlert(a.page, b.page) || !SameAlert(a.ticket, b.ticket) ||
      !std::ranges::equal(a.severities, b.severities, SameSeverity)) {
    return kAlerts;
  }
  const bool has_alerts = !a.page.disabled || !a.ticket.disabled || !a.severities.empty();
  return has_alerts && a.alert_name != b.alert_name ? "the name of its alerts" : "";
}

Tiers TiersOf(const Slo& slo) {
  Tiers tiers;
  if (!slo.page_windows.empty()) tiers.emplace_back("page", slo.page_windows);
  if (!slo.ticket_windows.empty()) tiers.emplace_back("ticket", slo.ticket_windows);
  for (const SloSeverity& severity : slo.severities) {
    tiers.emplace_back(severity.name, severity.windows);
  }
  return tiers;
}

void WriteSet(JsonWriter& json, const char* key, const labels::LabelSet& set) {
  if (set.empty()) return;
  json.Key(key).StartObject();
  for (const labels::Label& label : set) json.Field(label.name, label.value);
  json.EndObject();
}

void WriteAlert(JsonWriter& json, const char* key, const SloAlert& alert) {
  const bool waits = alert.hold > Duration::zero();
  if (!alert.disabled && alert.labels.empty() && alert.annotations.empty() && !waits) return;
  json.Key(key).StartObject();
  if (alert.disabled) json.Field("disable", true);
  if (!alert.disabled) WriteSet(json, "labels", alert.labels);
  if (!alert.disabled) WriteSet(json, "annotations", alert.annotations);
  if (!alert.disabled && waits) json.Field("for", FormatDuration(alert.hold));
  json.EndObject();
}

void WriteCalendar(JsonWriter& json, const CalendarPeriod& calendar) {
  const bool is_month = calendar.unit == CalendarPeriod::Unit::kMonth;
  const char* every = !is_month              ? calendar.count == 7 ? "week" : "day"
                      : calendar.count == 12 ? "year"
                      : calendar.count == 3  ? "quarter"
                                             : "month";
  json.Key("calendar").StartObject().Field("every", every);
  json.Field("time_zone", calendar.location.name).EndObject();
}

// What is to be written of an SLO.
struct Written {
  Slo slo;
  std::string windows = {};    // The name of its table.
  bool tells_windows = false;  // alert_labels: pyrra.
};

// The SLO whose alerts TellWindows() made of them; nullopt if it made none.
std::optional<Slo> Untold(const Slo& told) {
  Slo slo = told;
  bool tells = false;
  const auto take = [&](const std::string& name, SloAlert* alert, std::vector<SloWindow>* windows) {
    if (!alert->labels.Has("long") || windows->size() != 1) return;
    tells = true;
    alert->labels = alert->labels.With({{"short", ""}, {"long", ""}, {"exhaustion", ""}});
    std::erase_if(slo.severities, [&](const SloSeverity& more) {
      const bool is_more = more.name.starts_with(name + "-") && more.alert.labels.Has("long") &&
                           more.alert.labels.Get("sloth_severity") == name;
      if (is_more) windows->insert(windows->end(), more.windows.begin(), more.windows.end());
      return is_more;
    });
  };
  take("page", &slo.page, &slo.page_windows);
  take("ticket", &slo.ticket, &slo.ticket_windows);
  for (size_t i = 0; i < slo.severities.size(); ++i) {
    SloSeverity own = slo.severities[i];
    take(own.name, &own.alert, &own.windows);
    const auto place = std::ranges::find(slo.severities, own.name, &SloSeverity::name);
    i = static_cast<size_t>(place - slo.severities.begin());
    *place = std::move(own);
  }
  return tells ? std::optional(std::move(slo)) : std::nullopt;
}

void WriteSlo(JsonWriter& json, const Written& written, bool has_policy) {
  const Slo& slo = written.slo;
  json.StartObject().Field("name", slo.name).Field("objective", slo.objective);
  if (slo.calendar) {
    WriteCalendar(json, *slo.calendar);
  } else {
    json.Field("period", FormatDuration(slo.period));
  }
  json.Field("windows", written.windows);
  if (written.tells_windows) json.Field("alert_labels", "pyrra");
  if (slo.mode) json.Field("mode", *slo.mode == SloMode::kExact ? "exact" : "incremental");
  if (slo.min_total > 0) json.Field("min_total", slo.min_total);
  if (slo.min_bad > 0) json.Field("min_bad", slo.min_bad);
  if (slo.no_data != NoData::kOk) {
    json.Field("no_data", slo.no_data == NoData::kHold ? "hold" : "alert");
  }
  if (slo.no_data_for > Duration::zero()) {
    json.Field("no_data_for", FormatDuration(slo.no_data_for));
  }
  if (slo.scrape_interval > Duration::zero()) {
    json.Field("scrape_interval", FormatDuration(slo.scrape_interval));
  }
  if (has_policy && !slo.policy.empty()) json.Field("policy", slo.policy);
  if (!slo.excluded.empty()) {
    json.Key("exclude").StartArray();
    for (const ExcludedTimes& times : slo.excluded) json.String(times.name);
    json.EndArray();
  }
  WriteSet(json, "labels", slo.labels);
  json.Key("sli").StartObject();
  if (!slo.error_ratio_query.empty()) {
    json.Key("raw").StartObject().Field("error_ratio_query", slo.error_ratio_query);
  } else {
    json.Key("events").StartObject().Field("error_query", slo.error_query);
    json.Field("total_query", slo.total_query);
  }
  json.EndObject().EndObject().Key("alerting").StartObject();
  if (!slo.alert_name.empty()) json.Field("name", slo.alert_name);
  WriteAlert(json, "page_alert", slo.page);
  WriteAlert(json, "ticket_alert", slo.ticket);
  json.EndObject().EndObject();
}

void WriteTable(JsonWriter& json, const std::string& name, const Tiers& tiers) {
  json.StartObject().Field("name", name).Key("alerts").StartArray();
  for (const auto& [severity, windows] : tiers) {
    for (const SloWindow& window : windows) {
      json.StartObject().Field("severity", severity);
      json.Field("long", FormatDuration(window.long_window));
      json.Field("short", FormatDuration(window.short_window));
      json.Field("factor", window.factor).EndObject();
    }
  }
  json.EndArray().EndObject();
}

std::string Document(const std::vector<Written>& slos, const std::map<std::string, Tiers>& tables,
                     bool has_policy) {
  JsonWriter json;
  json.StartObject().Field("version", "watchfire/v1");
  json.Field("service", slos.front().slo.service);
  if (!tables.empty()) {
    json.Key("tables").StartArray();
    for (const auto& [name, tiers] : tables) WriteTable(json, name, tiers);
    json.EndArray();
  }
  json.Key("slos").StartArray();
  for (const Written& written : slos) WriteSlo(json, written, has_policy);
  return json.EndArray().EndObject().Take();
}

// What of `slo` reads otherwise when it is written like this.
std::string Lost(const Slo& slo, const Written& written,
                 const std::map<std::string, Tiers>& tables) {
  Config config;
  const std::string text = Document({written}, tables, false);
  for (const Problem& problem : LoadSloFile("", text, &config)) {
    if (problem.level == Problem::Level::kError) return "it: " + problem.message;
  }
  if (config.slos.size() != 1) return "it";
  const std::string lost = Difference(slo, config.slos[0]);
  return lost == kAlerts && written.tells_windows ? lost + ", which say their windows" : lost;
}

bool SameTiers(const Tiers& a, const Tiers& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first == y.first && SameWindows(x.second, y.second);
  });
}

struct Service {
  std::vector<Written> slos;
  std::map<std::string, Tiers> tables;
};

// Adds `slo`, written like this with the first windows that keep it as it is. Returns what is lost
// with all of them.
std::string AddAs(Written written, const Slo& slo, Service* service) {
  std::string lost;
  for (const char* table : {"workbook", "pyrra", "guide"}) {
    written.windows = table;
    lost = Lost(slo, written, {});
    if (lost.empty()) {
      service->slos.push_back(std::move(written));
      return "";
    }
  }
  const Tiers tiers = TiersOf(written.slo);
  if (tiers.empty()) return lost;
  const std::string own = slo.id + "-windows";
  written.windows = own;
  lost = Lost(slo, written, {{own, tiers}});
  if (!lost.empty()) return lost;
  const auto same = std::ranges::find_if(
      service->tables, [&](const auto& table) { return SameTiers(table.second, tiers); });
  if (same != service->tables.end()) written.windows = same->first;
  service->tables.emplace(written.windows, tiers);
  service->slos.push_back(std::move(written));
  return "";
}

std::string Add(const Slo& slo, Service* service) {
  std::string lost = AddAs({slo}, slo, service);
  if (lost.empty()) return lost;
  if (std::optional<Slo> untold = Untold(slo)) {
    return AddAs({*std::move(untold), "", /*tells_windows=*/true}, slo, service);
  }
  return lost;
}

}  // namespace

NativeSlos ToNative(const std::vector<Slo>& slos) {
  NativeSlos native;
  std::vector<std::string> order;
  std::map<std::string, Service> services;
  for (const Slo& slo : slos) {
    const std::string lost = Add(slo, &services[slo.service]);
    if (!lost.empty()) {
      native.left_out.push_back(slo.id + ": watchfire/v1 cannot say " + lost);
    } else if (services[slo.service].slos.size() == 1) {
      order.push_back(slo.service);
    }
  }
  for (const std::string& name : order) {
    const Service& service = services[name];
    native.documents.push_back(Document(service.slos, service.tables, true));
  }
  return native;
}

}  // namespace watchfire::config
