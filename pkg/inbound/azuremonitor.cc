// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Azure Monitor's common alert schema. Source: learn.microsoft.com, "Common alert schema".

#include "pkg/base/strings.h"
#include "pkg/inbound/inbound.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::inbound {
namespace {

constexpr std::chrono::hours kLifetime{1};

}  // namespace

Result<Changes> ReadAzureMonitor(std::string_view body, WallTime now) {
  const Result<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Fail(json.error());
  if (json->Text("schemaId") != "azureMonitorCommonAlertSchema") {
    return InvalidArgument(
        "schemaId must be azureMonitorCommonAlertSchema: enable the common alert schema in the "
        "action group");
  }
  const auto data = ObjectOf(json->root(), "data");
  const auto essentials = data ? ObjectOf(*data, "essentials") : std::nullopt;
  if (!essentials) return InvalidArgument("data.essentials must be an object");
  Change change;
  const std::string condition = ToLower(TextOf(*essentials, "monitorCondition"));
  if (condition == "resolved") {
    change.verb = Verb::kResolve;
  } else if (condition != "fired") {
    return InvalidArgument("data.essentials.monitorCondition must be Fired or Resolved");
  }
  change.entity = Cut(TextOf(*essentials, "alertId"), 512);
  if (change.entity.empty()) return InvalidArgument("data.essentials.alertId is missing");
  // "All activity log alerts are stateless": an event, of which no end is ever told.
  if (ToLower(TextOf(*essentials, "signalType")) == "activity log") change.lifetime = kLifetime;
  const std::string rule = TextOf(*essentials, "alertRule");
  change.severity = NormalSeverity(TextOf(*essentials, "severity"));
  AddText(&change.labels, "alertname", rule);
  const std::vector<Element> items = ListOf(*essentials, "configurationItems");
  if (!items.empty()) AddText(&change.labels, "instance", TextOf(items.front()));
  AddText(&change.annotations, "summary", rule);
  for (const char* name : {"description", "monitoringService", "signalType"}) {
    AddText(&change.annotations, name, TextOf(*essentials, name));
  }
  if (const auto own = ObjectOf(*data, "customProperties")) {
    for (const auto& [name, value] : *own) AddField(&change, name, TextOf(value));
  }
  const std::vector<Element> targets = ListOf(*essentials, "alertTargetIDs");
  if (!targets.empty()) AddText(&change.annotations, "target", TextOf(targets.front()));
  change.generator_url = TextOf(*essentials, "investigationLink");
  change.starts_at = TimeOf(*essentials, "firedDateTime", now);
  return Changes{std::move(change)};
}

}  // namespace watchfire::inbound
