// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// CloudWatch alarms as SNS carries them. Source: docs.aws.amazon.com, "Amazon SNS notification for
// CloudWatch alarms".

#include "pkg/base/strings.h"
#include "pkg/inbound/inbound.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::inbound {
namespace {

constexpr std::chrono::hours kLifetime{1};  // Of what has no end of its own.
constexpr std::chrono::hours kAhead{1};     // As for the time that is signed.

Change ReadText(std::string_view text, const std::string& subject, const std::string& id) {
  Change change;
  change.entity = Cut(id, 512);
  change.lifetime = kLifetime;
  AddText(&change.labels, "alertname", subject.empty() ? "SNS" : subject);
  AddText(&change.annotations, "summary", subject);
  AddText(&change.annotations, "description", Cut(RepairUtf8(text), 20480));
  return change;
}

}  // namespace

Result<Changes> ReadCloudWatch(std::string_view body, const std::string& subject,
                               const std::string& id, WallTime now) {
  const Result<JsonIn> json = JsonIn::Parse(body);
  if (!json || json->Text("AlarmName").empty()) return Changes{ReadText(body, subject, id)};
  Change change;
  const std::string state = json->Text("NewStateValue");
  if (state == "OK") {
    change.verb = Verb::kResolve;
  } else if (state == "INSUFFICIENT_DATA") {
    change.verb = Verb::kNothing;
  } else if (state != "ALARM") {
    return InvalidArgument("NewStateValue must be OK, ALARM or INSUFFICIENT_DATA");
  }
  const std::string name = json->Text("AlarmName");
  change.entity = json->Text("AlarmArn");
  if (change.entity.empty()) {
    change.entity = json->Text("AWSAccountId") + "/" + json->Text("Region") + "/" + name;
  }
  change.entity = Cut(change.entity, 512);
  AddText(&change.labels, "alertname", name);
  AddText(&change.labels, "region", json->Text("Region"));
  AddText(&change.labels, "account", json->Text("AWSAccountId"));
  AddText(&change.annotations, "summary", subject.empty() ? name : subject);
  AddText(&change.annotations, "description", json->Text("AlarmDescription"));
  AddText(&change.annotations, "reason", json->Text("NewStateReason"));
  if (const auto trigger = ObjectOf(json->root(), "Trigger")) {
    AddText(&change.labels, "namespace", TextOf(*trigger, "Namespace"));
    AddText(&change.annotations, "metric", TextOf(*trigger, "MetricName"));
    AddText(&change.annotations, "threshold", TextOf(*trigger, "Threshold"));
    for (const Element& item : ListOf(*trigger, "Dimensions")) {
      Object dimension;
      if (item.get(dimension) != simdjson::SUCCESS) continue;
      AddText(&change.annotations, "dimension_" + TextOf(dimension, "name"),
              TextOf(dimension, "value"));
    }
  }
  change.starts_at = TimeOf(json->root(), "StateChangeTime", now);
  // SNS keeps no order. Our clock may be behind; what is far ahead would make all others late.
  if (change.verb != Verb::kNothing) {
    change.state_at = TimeOf(json->root(), "StateChangeTime", now + kAhead);
  }
  return Changes{std::move(change)};
}

}  // namespace watchfire::inbound
