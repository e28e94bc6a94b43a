// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/pagerduty/event.h"

#include <string_view>
#include <utility>

#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/notify/json_post.h"

namespace watchfire::notify::pagerduty {
namespace {

// What stands for details that do not fit.
constexpr std::string_view kDetailsRemoved =
    R"({"error":"Custom details have been removed because the original event exceeds the maximum )"
    R"(size of 512KB"})";

class Writer {
 public:
  Writer(const dispatch::Notification& notification, const Options& options, const std::string& key,
         Rendering* message)
      : notification_(notification), options_(options), key_(key), message_(*message) {}

  // What people did is an event that names the alert and says nothing else: the API has no place
  // for their words.
  std::string Telling() const {
    const bool resolves = notification_.update->act == config::kVendorResolve;
    const char* const action = resolves ? "resolve" : "acknowledge";
    const std::string id = Sha256Hex(notification_.group_key);
    JsonWriter json(/*escape_html=*/true);
    json.StartObject();
    if (options_.is_v1()) {
      json.Field("service_key", key_).Field("incident_key", id).Field("event_type", action);
      const std::string said = dispatch::Sentence(*notification_.update);
      json.Field("description", TruncateRunes(said, kSummaryRunesMax));
      return json.EndObject().Take() + "\n";
    }
    json.Field("routing_key", key_).Field("dedup_key", id).Field("event_action", action);
    WriteClient(&json);
    return json.EndObject().Take() + "\n";
  }

  // The event with kDetailsRemoved for details.
  std::string Body() const {
    const char* const action = notification_.firing() ? "trigger" : "resolve";
    const std::string id = Sha256Hex(notification_.group_key);
    const std::string summary = message_.Text(options_.description, kSummaryRunesMax);
    JsonWriter json(/*escape_html=*/true);
    json.StartObject();
    if (options_.is_v1()) {
      json.Field("service_key", key_).Field("incident_key", id).Field("event_type", action);
      WriteUnlessEmpty(&json, "description", summary);
      json.Field("event_action", "").Key("payload").Null();
      if (notification_.firing()) WriteClient(&json);
      return json.Key("details").Raw(kDetailsRemoved).EndObject().Take() + "\n";
    }
    json.Field("routing_key", key_).Field("dedup_key", id).Field("event_action", action);
    const std::string severity = message_.Text(options_.severity);
    json.Key("payload").StartObject().Field("summary", summary);
    json.Field("source", message_.Text(options_.source));
    json.Field("severity", severity.empty() ? "error" : severity);
    WriteUnlessEmpty(&json, "class", message_.Text(options_.event_class));
    WriteUnlessEmpty(&json, "component", message_.Text(options_.component));
    WriteUnlessEmpty(&json, "group", message_.Text(options_.group));
    json.Key("custom_details").Raw(kDetailsRemoved).EndObject();
    WriteClient(&json);
    WriteImages(&json);
    WriteLinks(&json);
    return json.EndObject().Take() + "\n";
  }

 private:
  void WriteClient(JsonWriter* json) const {
    WriteUnlessEmpty(json, "client", message_.Text(options_.client));
    WriteUnlessEmpty(json, "client_url", message_.Text(options_.client_url));
  }

  void WriteImages(JsonWriter* json) const {
    bool any = false;
    for (const Image& image : options_.images) {
      const std::string src = message_.Text(image.src);
      if (src.empty()) continue;
      if (!std::exchange(any, true)) json->Key("images").StartArray();
      json->StartObject().Field("src", src).Field("alt", message_.Text(image.alt));
      json->Field("href", message_.Text(image.href)).EndObject();
    }
    if (any) json->EndArray();
  }

  void WriteLinks(JsonWriter* json) const {
    bool any = false;
    for (const Link& link : options_.links) {
      const std::string href = message_.Text(link.href);
      if (href.empty()) continue;
      if (!std::exchange(any, true)) json->Key("links").StartArray();
      json->StartObject().Field("href", href).Field("text", message_.Text(link.text)).EndObject();
    }
    if (any) json->EndArray();
  }

  const dispatch::Notification& notification_;
  const Options& options_;
  const std::string& key_;
  Rendering& message_;
};

}  // namespace

std::string Event(const dispatch::Notification& notification, const Options& options,
                  const std::string& key, const std::string& details, Rendering* message) {
  const Writer writer(notification, options, key, message);
  if (notification.update) return writer.Telling();
  std::string event = writer.Body();
  if (!details.empty() &&
      event.size() + details.size() <= kEventBytesMax + kDetailsRemoved.size()) {
    // Within a text its quotes would be escaped, so this is the place.
    event.replace(event.find(kDetailsRemoved), kDetailsRemoved.size(), details);
  }
  return event;
}

}  // namespace watchfire::notify::pagerduty
