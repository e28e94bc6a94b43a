// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Splunk's webhook alert action, which knows no end, and the webhook of Splunk Observability Cloud,
// which does. Source: docs.splunk.com, "Use a webhook alert action"; help.splunk.com, "Send alert
// notifications to a webhook".

#include "pkg/base/strings.h"
#include "pkg/inbound/inbound.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::inbound {
namespace {

// A search that finds something says so at every run, and nothing when it finds nothing any more.
constexpr std::chrono::hours kLifetime{1};

Result<Changes> ReadObservability(const JsonIn& json, WallTime now) {
  Change change;
  const std::string status = ToLower(json.Text("status"));
  if (status == "ok" || status == "manually resolved" || status == "stopped") {
    change.verb = Verb::kResolve;
  } else if (status != "anomalous") {
    return InvalidArgument("status must be anomalous, ok, manually resolved or stopped");
  }
  change.entity = Cut(json.Text("incidentId"), 512);
  if (change.entity.empty()) return InvalidArgument("incidentId is empty");
  change.severity = NormalSeverity(json.Text("severity"));
  AddText(&change.labels, "alertname", json.Text("detector"));
  AddText(&change.labels, "alertname", json.Text("rule"));
  AddText(&change.annotations, "summary", json.Text("messageTitle"));
  AddText(&change.annotations, "summary", json.Text("rule"));
  AddText(&change.annotations, "description", json.Text("description"));
  AddText(&change.annotations, "runbook_url", json.Text("runbookUrl"));
  if (const auto dimensions = ObjectOf(json.root(), "dimensions")) {
    for (const auto& [name, value] : *dimensions) {
      AddField(&change, name == "host" ? "instance" : name, TextOf(value));
    }
  }
  change.generator_url = json.Text("detectorUrl");
  change.starts_at = TimeOf(json.root(), "timestamp", now);
  return Changes{std::move(change)};
}

// Of a search that was never saved. The id of a run, scheduler__admin__search__RMD5…_at_1423_132,
// begins with that of the search.
std::string RunOf(const JsonIn& json) {
  const std::string sid = json.Text("sid");
  return sid.substr(0, sid.rfind("_at_"));
}

}  // namespace

Result<Changes> ReadSplunk(std::string_view body, WallTime now) {
  const Result<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Fail(json.error());
  const std::string wrong = json->NoText({"incidentId", "search_name", "sid"});
  if (!wrong.empty()) return InvalidArgument(wrong + " must be a string");
  if (!json->Text("incidentId").empty()) return ReadObservability(*json, now);
  Change change;
  std::string name = json->Text("search_name");
  const std::string title = name.empty() ? "Splunk alert" : name;
  if (name.empty()) name = RunOf(*json);
  if (name.empty()) return InvalidArgument("search_name and sid are missing");
  change.lifetime = kLifetime;
  AddText(&change.labels, "alertname", title);
  AddText(&change.annotations, "summary", title);
  AddText(&change.annotations, "app", json->Text("app"));
  AddText(&change.annotations, "owner", json->Text("owner"));
  std::string host;
  if (const auto row = ObjectOf(json->root(), "result")) {
    host = TextOf(*row, "host");
    change.severity = NormalSeverity(TextOf(*row, "severity"));
    AddText(&change.labels, "instance", host);
    AddText(&change.annotations, "description", TextOf(*row, "_raw"));
    for (const auto& [field, value] : *row) {
      if (!field.starts_with('_') && field != "host" && field != "severity") {
        AddField(&change, field, TextOf(value));
      }
    }
  }
  // The id of the run differs each time.
  change.entity = Cut(host.empty() ? name : name + "/" + host, 512);
  change.generator_url = json->Text("results_link");
  return Changes{std::move(change)};
}

}  // namespace watchfire::inbound
