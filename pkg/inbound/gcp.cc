// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Google Cloud Monitoring's webhook channel, versions 1.1 and 1.2. Source: cloud.google.com,
// "Create and manage notification channels: Webhooks".

#include "pkg/base/strings.h"
#include "pkg/inbound/inbound.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::inbound {

Result<Changes> ReadGcp(std::string_view body, WallTime now) {
  const Result<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Fail(json.error());
  const auto incident = ObjectOf(json->root(), "incident");
  if (!incident) return InvalidArgument("incident must be an object");
  Change change;
  change.entity = Cut(TextOf(*incident, "incident_id"), 512);
  // What "Test connection" sends says OPEN, and nothing ever ends it.
  if (ToLower(json->Text("version")) == "test") {
    change.verb = Verb::kNothing;
    return Changes{std::move(change)};
  }
  const std::string state = ToLower(TextOf(*incident, "state"));
  if (state == "closed") {
    change.verb = Verb::kResolve;
  } else if (state != "open") {
    return InvalidArgument("incident.state must be open or closed");
  }
  if (change.entity.empty()) return InvalidArgument("incident.incident_id is missing");
  change.severity = NormalSeverity(TextOf(*incident, "severity"));
  AddText(&change.labels, "alertname", TextOf(*incident, "policy_name"));
  if (const auto own = ObjectOf(*incident, "policy_user_labels")) {
    if (change.severity.empty()) change.severity = NormalSeverity(TextOf(*own, "severity"));
    for (const auto& [name, value] : *own) AddField(&change, name, TextOf(value));
  }
  AddText(&change.labels, "instance", TextOf(*incident, "resource_name"));
  AddText(&change.labels, "project", TextOf(*incident, "scoping_project_id"));
  AddText(&change.annotations, "summary", TextOf(*incident, "summary"));
  AddText(&change.annotations, "condition", TextOf(*incident, "condition_name"));
  AddText(&change.annotations, "value", TextOf(*incident, "observed_value"));
  // An object, or a plain text in test messages.
  const auto documentation = ObjectOf(*incident, "documentation");
  AddText(&change.annotations, "description",
          documentation ? TextOf(*documentation, "content") : TextOf(*incident, "documentation"));
  change.generator_url = TextOf(*incident, "url");
  change.starts_at = TimeOf(*incident, "started_at", now);
  return Changes{std::move(change)};
}

}  // namespace watchfire::inbound
