// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Grafana's webhook contact point (unified alerting), and the webhook of its alerting before
// version 9. Source: grafana.com/docs, "Configure webhook notifications".

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/inbound.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::inbound {
namespace {

// A severity that has another name here, else as it is.
std::string SeverityOr(const std::string& word) {
  const std::string normal = NormalSeverity(word);
  return normal.empty() ? word : normal;
}

void AddLabels(const Object& labels, Change* change) {
  for (const auto& [name, value] : labels) {
    // What says which alert is meant is ours to say.
    if (name != kEntityLabel && name != kSourceLabel) {
      AddText(&change->labels, name, TextOf(value));
    }
  }
}

Result<Change> ReadAlert(const Element& item, const std::string& org, size_t index, WallTime now) {
  const std::string place = "alerts." + std::to_string(index);
  Object alert;
  if (item.get(alert) != simdjson::SUCCESS) {
    return InvalidArgument(place + " must be an object");
  }
  const auto labels = ObjectOf(alert, "labels");
  if (!labels) return InvalidArgument(place + ".labels must be an object");
  Change change;
  const std::string status = TextOf(alert, "status");
  if (status == "resolved") {
    change.verb = Verb::kResolve;
  } else if (status != "firing") {
    return InvalidArgument(place + ".status must be firing or resolved");
  }
  AddLabels(*labels, &change);
  change.severity = SeverityOr(TextOf(*labels, "severity"));
  std::string id = TextOf(alert, "fingerprint");
  if (id.empty()) id = Hex64(labels::LabelSet(change.labels).fingerprint());
  change.entity = Cut(org.empty() ? id : org + ":" + id, 512);
  if (const auto annotations = ObjectOf(alert, "annotations")) {
    for (const auto& [name, value] : *annotations) {
      AddText(&change.annotations, name, TextOf(value));
    }
  }
  struct Link {
    const char* member;
    const char* name;
  };
  for (const Link& link : std::initializer_list<Link>{{"dashboardURL", "dashboard_url"},
                                                      {"panelURL", "panel_url"},
                                                      {"silenceURL", "silence_url"},
                                                      {"imageURL", "image_url"},
                                                      {"valueString", "value"}}) {
    AddText(&change.annotations, link.name, TextOf(alert, link.member));
  }
  change.generator_url = TextOf(alert, "generatorURL");
  change.starts_at = TimeOf(alert, "startsAt", now);
  return change;
}

Result<Changes> ReadLegacy(const JsonIn& json) {
  Change change;
  const std::string state = json.Text("state");
  if (state == "ok") {
    change.verb = Verb::kResolve;
  } else if (state == "paused" || state == "pending") {
    change.verb = Verb::kNothing;
  } else if (state != "alerting" && state != "no_data") {
    return InvalidArgument("state must be alerting, ok, no_data, paused or pending");
  }
  const std::string rule = json.Text("ruleId");
  const std::string name = json.Text("ruleName");
  change.entity = Cut(json.Text("orgId") + ":rule:" + (rule.empty() ? name : rule), 512);
  if (rule.empty() && name.empty()) return InvalidArgument("ruleId is missing");
  AddText(&change.labels, "alertname", name);
  if (const auto tags = ObjectOf(json.root(), "tags")) {
    AddLabels(*tags, &change);
    change.severity = SeverityOr(TextOf(*tags, "severity"));
  }
  AddText(&change.annotations, "summary", json.Text("title"));
  AddText(&change.annotations, "description", json.Text("message"));
  AddText(&change.annotations, "image_url", json.Text("imageUrl"));
  change.generator_url = json.Text("ruleUrl");
  return Changes{std::move(change)};
}

}  // namespace

Result<Changes> ReadGrafana(std::string_view body, WallTime now) {
  const Result<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Fail(json.error());
  Element alerts;
  if (json->root()["alerts"].get(alerts) != simdjson::SUCCESS) return ReadLegacy(*json);
  if (!alerts.is_array()) return InvalidArgument("alerts must be a list");
  const std::vector<Element> items = ListOf(json->root(), "alerts");
  if (items.size() > limits::kInboundAlerts) {
    // Not "try again": the sender would, for ever.
    return InvalidArgument("more than " + std::to_string(limits::kInboundAlerts) +
                           " alerts in one message");
  }
  Changes changes;
  for (size_t i = 0; i < items.size(); ++i) {
    Result<Change> change = ReadAlert(items[i], json->Text("orgId"), i, now);
    if (!change) return Fail(std::move(change.error()));
    changes.push_back(*std::move(change));
  }
  return changes;
}

}  // namespace watchfire::inbound
