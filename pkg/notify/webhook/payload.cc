// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a webhook is sent, and the signature of it.

#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/notify/group_json.h"
#include "pkg/notify/webhook/webhook.h"

namespace watchfire::notify::webhook {

std::string Signature(const std::string& secret, const std::string& timestamp,
                      const std::string& body) {
  return "v1=" + Hex(HmacSha256(secret, timestamp + "." + body));
}

std::string Payload(const dispatch::Notification& shown, const labels::LabelSet& route_labels,
                    size_t truncated_alerts) {
  return GroupJson(
      shown, {.version = "4", .route_labels = route_labels, .truncated_alerts = truncated_alerts});
}

// No alerts and no status, so that nobody takes it for a notification.
std::string UpdatePayload(const dispatch::Notification& about) {
  const dispatch::VendorUpdate& update = *about.update;
  JsonWriter json(/*escape_html=*/true);
  json.StartObject().Field("version", "4").Field("receiver", about.receiver);
  json.Field("groupKey", about.group_key).Key("groupLabels").StartObject();
  for (const labels::Label& label : about.group_labels) json.Field(label.name, label.value);
  json.EndObject().Field("externalURL", about.external_url).Key("incident").StartObject();
  json.Field("id", static_cast<int64_t>(update.incident));
  json.Field("action", config::VendorActName(update.act)).Field("by", update.by);
  json.Field("text", update.text).Field("at", FormatRfc3339(update.at));
  return json.EndObject().EndObject().Take() + "\n";
}

}  // namespace watchfire::notify::webhook
