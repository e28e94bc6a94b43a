// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/incidentio.h"

#include <algorithm>

#include "cmd/pagersim/json_in.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

Reply Refuse(int status, std::string_view type, std::string_view code, std::string_view message) {
  JsonWriter json;
  json.StartObject().Field("type", type).Field("status", status).Key("errors").StartArray();
  json.StartObject().Field("code", code).Field("message", message).EndObject();
  return {status, json.EndArray().EndObject().Take()};
}

}  // namespace

Reply Incidentio::Take(std::string_view authorization, std::string_view body) {
  constexpr std::string_view kScheme = "Bearer ";
  const bool has_token = authorization.starts_with(kScheme);
  if (!has_token || (!token_.empty() &&
                     !EqualsConstantTime(authorization.substr(kScheme.size()), token_.reveal()))) {
    return Refuse(401, "authentication_error", "invalid_token", "The token is missing or unknown");
  }
  if (body.size() > kBodyBytesMax) {
    return Refuse(429, "too_many_requests", "payload_too_large", "The event is larger than 512 KB");
  }
  const std::optional<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Refuse(400, "bad_request", "invalid_json", "The body is not a JSON object");
  const std::string status = json->Text("/status");
  if (json->Text("/version") != "1" || (status != "firing" && status != "resolved") ||
      json->Text("/groupKey").empty() || json->List("/alerts").empty()) {
    return Refuse(422, "validation_error", "invalid_value",
                  "version, status, groupKey and alerts are required");
  }
  const std::string key = json->Text("/groupKey");
  auto alert = std::ranges::find_if(alerts_, [&](const Alert& known) {
    return known.group_key == key && known.status == "firing";
  });
  if (alert == alerts_.end() && status == "firing") {
    if (alerts_.size() == kAlertsMax) alerts_.erase(alerts_.begin());
    alerts_.push_back({key, status, json->Text("/commonLabels/alertname")});
    alert = std::prev(alerts_.end());
  }
  if (alert != alerts_.end()) {
    alert->status = status;
    ++alert->events;
  }
  JsonWriter out;
  out.StartObject().Field("status", "success");
  out.Field("message", "Event accepted for processing").Field("deduplication_key", key);
  return {202, out.EndObject().Take()};
}

void Incidentio::Write(JsonWriter* json) const {
  json->StartArray();
  for (const Alert& alert : alerts_) {
    json->StartObject().Field("group_key", alert.group_key).Field("status", alert.status);
    json->Field("title", alert.title).Field("events", static_cast<int64_t>(alert.events));
    json->EndObject();
  }
  json->EndArray();
}

}  // namespace watchfire::pagersim
