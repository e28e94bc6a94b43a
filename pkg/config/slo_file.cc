// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// SLO files: Sloth's prometheus/v1, and its AlertWindows for custom window tables (reference
// slo-and-rules §2.1, §2.2). One file may hold several documents.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>

#include "pkg/config/loader.h"
#include "pkg/config/section_impl.h"
#include "pkg/labels/labels.h"

namespace watchfire::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// The SRE workbook's windows, with the share of the budget each catches (reference §1.2).
struct Row {
  double percent;
  Duration long_window;
  Duration short_window;
};
constexpr Row kPageRows[] = {{2, hours(1), minutes(5)}, {5, hours(6), minutes(30)}};
constexpr Row kTicketRows[] = {{10, hours(24), hours(2)}, {10, hours(72), hours(6)}};

double Factor(double percent, Duration period, Duration long_window) {
  return percent / 100.0 * ToSeconds(period) / ToSeconds(long_window);
}

template <size_t N>
std::vector<SloWindow> Scale(const Row (&rows)[N], Duration period) {
  std::vector<SloWindow> windows;
  for (const Row& row : rows) {
    windows.push_back(
        {row.long_window, row.short_window, Factor(row.percent, period, row.long_window)});
  }
  return windows;
}

bool IsServiceName(const std::string& name) {
  const auto alnum = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return name.size() >= 2 && alnum(name.front()) && alnum(name.back()) &&
         std::ranges::all_of(name,
                             [&](char c) { return alnum(c) || c == '-' || c == '_' || c == '.'; });
}

double Real(Section& section, const std::string& key) {
  const std::string text = section.String(key);
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value)) {
    section.Error(key, key + ": want a number, found \"" + text + "\"");
    return 0;
  }
  return value;
}

labels::LabelSet ReadLabels(Section& section, const std::string& key) {
  labels::LabelSet::Pairs pairs;
  for (const auto& [name, value] : section.StringMap(key)) {
    if (!labels::IsClassicLabelName(name)) {
      section.Error(key, key + ": invalid name \"" + name + "\"");
    } else if (value.empty()) {
      section.Error(key, key + "." + name + ": must not be empty");
    } else {
      pairs.emplace_back(name, value);
    }
  }
  return labels::LabelSet(std::move(pairs));
}

bool HasWindow(const std::string& query) {
  const size_t open = query.find("{{");
  const size_t name = query.find(".window", open);
  return open != std::string::npos && name != std::string::npos &&
         query.find("}}", name) != std::string::npos;
}

std::string ReadQuery(Section& section, const std::string& key) {
  std::string query = section.String(key);
  if (query.empty()) {
    section.Error(key, key + " is missing");
  } else if (!HasWindow(query)) {
    section.Error(key, key + " must contain {{.window}}",
                  "for example sum(rate(requests_total[{{.window}}]))");
  }
  return query;
}

void ReadSli(Section& section, Slo* slo) {
  auto events = section.Child("events");
  auto raw = section.Child("raw");
  if (events) {
    slo->error_query = ReadQuery(*events, "error_query");
    slo->total_query = ReadQuery(*events, "total_query");
    if (!slo->error_query.empty() && slo->error_query == slo->total_query) {
      events->Error("total_query", "error_query and total_query must differ");
    }
    events->Finish();
  }
  if (raw) {
    slo->error_ratio_query = ReadQuery(*raw, "error_ratio_query");
    raw->Finish();
  }
  if (events.has_value() == raw.has_value()) {
    section.Error("events", "exactly one of events and raw must be set");
  }
  if (section.Has("plugin")) section.Error("plugin", "SLI plugins are not supported");
  section.Finish();
}

SloAlert ReadAlert(Section& alerting, const std::string& key) {
  SloAlert alert;
  labels::LabelSet::Pairs labels = ReadLabels(alerting, "labels").pairs();
  labels::LabelSet::Pairs annotations = ReadLabels(alerting, "annotations").pairs();
  if (auto section = alerting.Child(key)) {
    alert.disabled = section->Bool("disable", false);
    for (auto& pair : ReadLabels(*section, "labels").pairs()) labels.push_back(std::move(pair));
    for (auto& pair : ReadLabels(*section, "annotations").pairs()) {
      annotations.push_back(std::move(pair));
    }
    section->Finish();
  }
  alert.labels = labels::LabelSet(std::move(labels));
  alert.annotations = labels::LabelSet(std::move(annotations));
  return alert;
}

void ReadAlerting(Section& section, Slo* slo) {
  slo->alert_name = section.String("name");
  slo->page = ReadAlert(section, "page_alert");
  slo->ticket = ReadAlert(section, "ticket_alert");
  if (slo->alert_name.empty() && !(slo->page.disabled && slo->ticket.disabled)) {
    section.Error("name", "alerting.name is missing");
  }
  section.Finish();
}

void ReadSloth(Section& root, Config* config) {
  root.String("version");
  const std::string service = root.String("service");
  if (!IsServiceName(service)) {
    root.Error("service", "service: bad name \"" + service + "\"",
               "letters, digits, - _ . inside; at least two characters");
  }
  const labels::LabelSet common = ReadLabels(root, "labels");
  std::set<std::string> ids;
  for (const Slo& slo : config->slos) ids.insert(slo.id);
  std::vector<Section> entries = root.Children("slos");
  if (entries.empty()) root.Error("slos", "slos: at least one SLO is needed");
  for (Section& section : entries) {
    Slo slo;
    slo.service = service;
    slo.name = section.String("name");
    slo.id = service + "-" + slo.name;
    if (!IsServiceName(slo.name)) section.Error("name", "name: bad name \"" + slo.name + "\"");
    if (!ids.insert(slo.id).second) section.Error("name", "SLO \"" + slo.id + "\" is not unique");
    section.String("description");
    slo.objective = Real(section, "objective");
    if (slo.objective <= 0 || slo.objective >= 100) {
      section.Error("objective", "objective must be above 0 and below 100 percent",
                    "at 100 there is no budget to burn");
    }
    labels::LabelSet::Pairs labels = common.pairs();
    for (auto& pair : ReadLabels(section, "labels").pairs()) labels.push_back(std::move(pair));
    slo.labels = labels::LabelSet(std::move(labels));
    if (auto sli = section.Child("sli")) {
      ReadSli(*sli, &slo);
    } else {
      section.Error("sli", "sli is missing");
    }
    if (auto alerting = section.Child("alerting")) {
      ReadAlerting(*alerting, &slo);
    } else {
      section.Error("alerting", "alerting is missing");
    }
    section.Finish();
    config->slos.push_back(std::move(slo));
  }
  root.Finish();
}

SloWindow ReadWindow(Section& section, Duration period) {
  SloWindow window;
  const double percent = Real(section, "errorBudgetPercent");
  window.short_window = section.PromDuration("shortWindow", {});
  window.long_window = section.PromDuration("longWindow", {});
  if (percent <= 0 || percent > 100) {
    section.Error("errorBudgetPercent", "errorBudgetPercent must be above 0 and at most 100");
  }
  if (window.short_window <= Duration::zero() || window.long_window <= window.short_window) {
    section.Error("longWindow", "longWindow must be longer than shortWindow, both above zero");
    window.long_window = hours(1);
  }
  window.factor = Factor(percent, period, window.long_window);
  section.Finish();
  return window;
}

std::vector<SloWindow> ReadWindows(Section& spec, const std::string& key, Duration period) {
  std::vector<SloWindow> windows;
  auto section = spec.Child(key);
  if (!section) {
    spec.Error(key, key + " is missing");
    return windows;
  }
  for (const char* speed : {"quick", "slow"}) {
    if (auto window = section->Child(speed)) {
      windows.push_back(ReadWindow(*window, period));
    } else {
      section->Error(speed, std::string(speed) + " is missing");
    }
  }
  section->Finish();
  return windows;
}

void ReadAlertWindows(Section& root, std::optional<SloWindows>* windows) {
  root.String("apiVersion");
  root.String("kind");
  auto spec = root.Child("spec");
  if (!spec) {
    root.Error("spec", "spec is missing");
  } else {
    SloWindows table;
    table.period = spec->PromDuration("sloPeriod", hours(24 * 30));
    if (table.period <= Duration::zero()) {
      spec->Error("sloPeriod", "sloPeriod must be greater than zero");
      table.period = hours(24 * 30);
    }
    table.page = ReadWindows(*spec, "page", table.period);
    table.ticket = ReadWindows(*spec, "ticket", table.period);
    if (*windows) root.Error("kind", "a second AlertWindows document: one table serves all SLOs");
    *windows = std::move(table);
    spec->Finish();
  }
  root.Finish();
}

}  // namespace

void ReadSloFile(const std::string& path, const std::string& text, Problems* problems,
                 Config* config, std::optional<SloWindows>* windows) {
  for (const Node& document : ParseYaml(path, text, problems)) {
    if (document.kind == Node::Kind::kNull) continue;
    Section root = MakeSection(path, document, "the SLO file", problems);
    const Node* version = document.Find("version");
    const Node* kind = document.Find("kind");
    if (version != nullptr && version->text == "prometheus/v1") {
      ReadSloth(root, config);
    } else if (kind != nullptr && kind->text == "AlertWindows") {
      ReadAlertWindows(root, windows);
    } else {
      problems->Error(path, document, "not an SLO document that this version reads",
                      "known: version: prometheus/v1 (Sloth), kind: AlertWindows");
    }
  }
}

void FinishSlos(const std::optional<SloWindows>& windows, Problems* problems, Config* config) {
  for (Slo& slo : config->slos) {
    if (!slo.page_windows.empty()) continue;
    if (windows) {
      slo.period = windows->period;
      slo.page_windows = windows->page;
      slo.ticket_windows = windows->ticket;
    } else {
      slo.page_windows = Scale(kPageRows, slo.period);
      slo.ticket_windows = Scale(kTicketRows, slo.period);
    }
    const double budget = (100.0 - slo.objective) / 100.0;
    for (const auto& table : {slo.page_windows, slo.ticket_windows}) {
      for (const SloWindow& window : table) {
        if (window.factor * budget < 1) continue;
        problems->Add({Problem::Level::kWarning, "SLO " + slo.id, 0, 0,
                       "the alert over " + FormatDuration(window.long_window) +
                           " can never fire: it would need an error ratio above 1",
                       "a higher objective or a lower budget percentage"});
      }
    }
  }
}

}  // namespace watchfire::config
