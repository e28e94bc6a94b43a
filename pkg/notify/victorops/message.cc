// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/victorops/message.h"

#include <algorithm>
#include <map>

#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::notify::victorops {
namespace {

// When the condition began: the earliest start of what still fires, else of all.
WallTime StartOf(const dispatch::Notification& notification) {
  WallTime start = WallTime::max();
  for (const alert::Alert& alert : notification.alerts) {
    if (notification.Firing(alert) == notification.firing()) {
      start = std::min(start, alert.starts_at);
    }
  }
  return start;
}

std::string MessageType(const dispatch::Notification& notification, const std::string& wanted) {
  if (notification.update) {
    switch (notification.update->act) {
      case config::kVendorAcknowledge:
        return "ACKNOWLEDGEMENT";
      case config::kVendorResolve:
        return "RECOVERY";
      default:
        return "INFO";  // On the timeline of the incident, and nobody is paged.
    }
  }
  if (!notification.firing()) return "RECOVERY";
  // The vendor takes an unknown type for INFO, which pages nobody.
  return wanted == "INFO" || wanted == "WARNING" ? wanted : "CRITICAL";
}

// What is said in place of the message about the alerts.
void Tell(const dispatch::VendorUpdate& update, std::map<std::string, std::string>* fields) {
  const std::string said = TruncateRunes(dispatch::Sentence(update), kMessageRunesMax);
  (*fields)["state_message"] = said;
  if (update.act != config::kVendorAcknowledge) return;
  (*fields)["ack_author"] = update.by;
  (*fields)["ack_message"] = TruncateRunes(said, kNameRunesMax);
}

}  // namespace

Result<std::string> MessageJson(const dispatch::Notification& notification, const Options& options,
                                Rendering* message) {
  std::map<std::string, std::string> fields;
  for (const auto& [key, text] : options.custom_fields) fields[key] = message->Text(text);
  fields["message_type"] = MessageType(notification, message->Text(options.message_type));
  fields["entity_id"] = Sha256Hex(notification.group_key);
  fields["entity_display_name"] = message->Text(options.entity_display_name, kNameRunesMax);
  fields["state_message"] = message->Text(options.state_message, kMessageRunesMax);
  fields["monitoring_tool"] = message->Text(options.monitoring_tool);
  if (notification.update) Tell(*notification.update, &fields);
  WF_RETURN_IF_ERROR(message->status());

  JsonWriter json(/*escape_html=*/true);
  json.StartObject();
  for (const auto& [key, value] : fields) json.Field(key, value);
  if (!fields.contains("state_start_time")) {
    const Duration start = StartOf(notification).time_since_epoch();
    json.Field("state_start_time", std::chrono::floor<std::chrono::seconds>(start).count());
  }
  return json.EndObject().Take() + "\n";
}

}  // namespace watchfire::notify::victorops
