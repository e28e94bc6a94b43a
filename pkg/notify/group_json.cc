// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/group_json.h"

#include <algorithm>

#include "pkg/base/json.h"
#include "pkg/base/regex.h"
#include "pkg/base/strings.h"

namespace watchfire::notify {
namespace {

void WriteMap(JsonWriter* json, std::string_view key, const labels::LabelSet& pairs) {
  json->Key(key).StartObject();
  for (const labels::Label& pair : pairs) json->Field(pair.name, pair.value);
  json->EndObject();
}

void WriteAlert(JsonWriter* json, const alert::Alert& alert, bool firing) {
  json->StartObject().Field("status", firing ? "firing" : "resolved");
  WriteMap(json, "labels", alert.labels);
  WriteMap(json, "annotations", alert.annotations);
  json->Field("startsAt", alert::FormatStart(alert, 9, true));
  json->Field("endsAt",
              firing ? FormatRfc3339(kNoTime, 9, true) : alert::FormatEnd(alert, 9, true));
  json->Field("generatorURL", alert.generator_url);
  json->Field("fingerprint", Hex64(alert.fingerprint())).EndObject();
}

// About what WriteAlert() writes, rather more than less.
size_t BytesOf(const alert::Alert& alert) {
  constexpr size_t kFixed = 230;      // Names of members, times.
  constexpr size_t kPunctuation = 6;  // "":"",
  return kFixed + alert.labels.bytes() + alert.annotations.bytes() + alert.generator_url.size() +
         kPunctuation * (alert.labels.size() + alert.annotations.size());
}

}  // namespace

std::string GroupJson(const dispatch::Notification& shown, const GroupJsonOptions& options) {
  constexpr size_t kFrame = 1024;  // Mostly labels of the group.
  const size_t listed = std::min(shown.alerts.size(), options.listed_max);
  size_t bytes = kFrame;
  for (size_t i = 0; i < listed; ++i) bytes += BytesOf(shown.alerts[i]);
  JsonWriter json(/*escape_html=*/true);
  json.Reserve(bytes);
  json.StartObject().Field("receiver", QuoteRegex(shown.receiver));
  json.Field("status", shown.firing() ? "firing" : "resolved");
  json.Key("alerts").StartArray();
  for (size_t i = 0; i < listed; ++i) {
    WriteAlert(&json, shown.alerts[i], shown.Firing(shown.alerts[i]));
  }
  json.EndArray().Field("notification_reason", dispatch::ReasonText(shown.reason));
  WriteMap(&json, "groupLabels", shown.group_labels);
  WriteMap(&json, "commonLabels", shown.common_labels());
  WriteMap(&json, "commonAnnotations", shown.common_annotations());
  WriteMap(&json, "routeLabels", options.route_labels);
  json.Field("externalURL", shown.external_url).Field("version", options.version);
  json.Field("groupKey", shown.group_key);
  json.Field("truncatedAlerts", static_cast<int64_t>(options.truncated_alerts));
  if (!options.metadata.empty()) {
    json.Key("metadata").StartObject();
    for (const auto& [key, value] : options.metadata) json.Field(key, value);
    json.EndObject();
  }
  return json.EndObject().Take() + "\n";
}

}  // namespace watchfire::notify
