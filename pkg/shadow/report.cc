// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/shadow/report.h"

#include "pkg/base/json.h"

namespace watchfire::shadow {
namespace {

constexpr size_t kAlertsInText = 5;

void WriteTime(JsonWriter* json, const char* name, WallTime time) {
  json->Key(name);
  if (time == kNoTime) {
    json->Null();
  } else {
    json->String(FormatRfc3339(time));
  }
}

void WriteLabels(JsonWriter* json, const char* name, const labels::LabelSet& labels) {
  json->Key(name).StartObject();
  for (const labels::Label& label : labels) json->Field(label.name, label.value);
  json->EndObject();
}

void WriteDifference(JsonWriter* json, const Difference& difference) {
  json->StartObject();
  WriteTime(json, "at", difference.at);
  json->Field("result", VerdictName(difference.verdict)).Field("receiver", difference.receiver);
  WriteLabels(json, "groupLabels", difference.group);
  json->Field("reason", difference.reason);
  json->Field("alertCount", static_cast<int64_t>(difference.alert_count));
  json->Key("alerts").StartArray();
  for (const Told& told : difference.alerts) {
    json->StartObject();
    WriteLabels(json, "labels", told.labels);
    json->Field("status", told.firing ? "firing" : "resolved");
    json->Field("watchfire", told.ours).Field("alertmanager", told.theirs).EndObject();
  }
  json->EndArray().EndObject();
}

}  // namespace

const char* VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSame:
      return "same";
    case Verdict::kExtra:
      return "extra";
    case Verdict::kMissing:
      return "missing";
    case Verdict::kDifferent:
      return "different";
    case Verdict::kUnjudged:
      return "unjudged";
  }
  return "unknown";
}

std::string ToJson(const Report& report) {
  JsonWriter json;
  json.StartObject().Field("alertmanager", report.alertmanager);
  WriteTime(&json, "since", report.since);
  WriteTime(&json, "lastPoll", report.last_poll);
  json.Field("pollFailures", static_cast<int64_t>(report.poll_failures));
  json.Field("pollError", report.poll_error);
  json.Key("mirroredReceivers").StartArray();
  for (const std::string& receiver : report.mirrored) json.String(receiver);
  json.EndArray().Key("counts").StartObject();
  for (const Verdict verdict : kVerdicts) {
    json.Field(VerdictName(verdict), static_cast<int64_t>(report.count(verdict)));
  }
  json.EndObject().Field("waiting", static_cast<int64_t>(report.waiting));
  json.Key("differences").StartArray();
  for (const auto& difference : report.differences) WriteDifference(&json, *difference);
  return json.EndArray().EndObject().Take();
}

std::string AlertsText(const Difference& difference) {
  std::string text;
  size_t shown = 0;
  for (const Told& told : difference.alerts) {
    if (shown == kAlertsInText) break;
    if (shown++ > 0) text += ", ";
    text += std::string(told.labels.Get("alertname")) +
            told.labels.With({{"alertname", ""}}).ToString() +
            (told.firing ? " firing" : " resolved");
  }
  if (difference.alert_count > shown) {
    text += (shown > 0 ? " and " : "") + std::to_string(difference.alert_count - shown) + " more";
  }
  return text;
}

}  // namespace watchfire::shadow
