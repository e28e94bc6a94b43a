// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/alert_record.h"

#include <utility>

#include <simdjson.h>

#include "pkg/base/json.h"

namespace watchfire::slo {

std::string EncodeAlerts(const std::map<std::string, BurnAlert>& alerts) {
  JsonWriter json;
  json.StartObject().Key("alerts").StartArray();
  for (const auto& [key, burn] : alerts) {
    json.StartObject().Field("severity", burn.severity).Field("resolved", burn.resolved);
    if (burn.pending) json.Field("pending", true);
    if (burn.no_data) json.Field("no_data", true);
    if (burn.held_since != kNoTime) {
      json.Field("held_since", FormatRfc3339(burn.held_since, 9, true));
    }
    json.Field("last_sent_at", FormatRfc3339(burn.last_sent_at, 9, true));
    json.Key("alert").Raw(alert::Encode(burn.alert)).EndObject();
  }
  return json.EndArray().EndObject().Take();
}

Result<std::map<std::string, BurnAlert>> DecodeAlerts(std::string_view text) {
  const auto corrupt = [](const std::string& why) {
    return Fail(Code::kCorrupt, "slo state: " + why);
  };
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(text);
    const simdjson::dom::element root = parser.parse(padded);
    std::map<std::string, BurnAlert> out;
    for (const simdjson::dom::element item : simdjson::dom::array(root["alerts"])) {
      BurnAlert burn;
      burn.severity = std::string_view(item["severity"]);
      burn.resolved = bool(item["resolved"]);
      if (item["pending"].get(burn.pending) != simdjson::SUCCESS) burn.pending = false;
      if (item["no_data"].get(burn.no_data) != simdjson::SUCCESS) burn.no_data = false;
      std::string_view held;
      if (item["held_since"].get(held) == simdjson::SUCCESS) {
        const Result<WallTime> since = ParseTime(held);
        if (!since) return corrupt(since.error().message);
        burn.held_since = *since;
      }
      const Result<WallTime> sent = ParseTime(std::string_view(item["last_sent_at"]));
      if (!sent) return corrupt(sent.error().message);
      burn.last_sent_at = *sent;
      const simdjson::dom::element stored = item["alert"];
      Result<alert::Alert> alert = alert::Decode(simdjson::minify(stored));
      if (!alert) return corrupt(alert.error().message);
      burn.alert = *std::move(alert);
      std::string key = burn.alert.labels.ToString();
      out.insert_or_assign(std::move(key), std::move(burn));
    }
    return out;
  } catch (const simdjson::simdjson_error& error) {
    return corrupt(error.what());
  }
}

}  // namespace watchfire::slo
