// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /v2/heartbeats: as Opsgenie's Heartbeat API, for those that the configuration has. Source:
// reference paging-backends §2.4.

#include <algorithm>

#include "pkg/api/opsgenie_visit.h"

namespace watchfire::api {
namespace {

// "10", "minutes": the largest unit that it is a whole number of.
void WriteInterval(Duration every, JsonWriter* json) {
  using std::chrono::hours;
  using std::chrono::minutes;
  const bool is_days = every % hours(24) == Duration::zero();
  const bool is_hours = every % hours(1) == Duration::zero();
  const Duration unit = is_days ? Duration(hours(24)) : is_hours ? hours(1) : minutes(1);
  json->Field("interval", static_cast<int64_t>(std::max<Duration::rep>(1, every / unit)));
  json->Field("intervalUnit", is_days ? "days" : is_hours ? "hours" : "minutes");
}

void WriteHeartbeat(const heartbeat::Row& row, JsonWriter* json) {
  json->StartObject().Field("name", row.name).Field("description", "");
  WriteInterval(row.every, json);
  json->Field("enabled", true).Field("expired", row.missing_since != kNoTime);
  WriteTime(*json, "lastPingTime", row.seen);
  json->EndObject();
}

constexpr const char* kNoHeartbeat = "No heartbeat exists with the given name";

}  // namespace

net::Response PingOpsgenieHeartbeat(const Call& call) {
  OpsgenieVisit visit(call);
  if (auto refusal = visit.Refusal()) return *std::move(refusal);
  const Result<core::Reply> reply = call.backend.Ask(core::HeartbeatPing{{}, call.params[0]});
  if (!reply) return visit.Refuse(reply.error());
  if (!reply->status) {
    const bool is_unknown = reply->status.error().code == Code::kNotFound;
    return is_unknown ? visit.Refuse("no_heartbeat", 404, kNoHeartbeat)
                      : visit.Refuse(reply->status.error());
  }
  return visit.Accept({0, 0, kUpdated, call.backend.Now()}, "PONG - Heartbeat received");
}

net::Response GetOpsgenieHeartbeat(const Call& call) {
  OpsgenieVisit visit(call);
  if (auto refusal = visit.Refusal()) return *std::move(refusal);
  const auto view = call.backend.Read(core::kViewHeartbeats);
  if (!view) return visit.Refuse(view.error());
  const auto found = std::ranges::find((*view)->heartbeats, call.params[0], &heartbeat::Row::name);
  if (found == (*view)->heartbeats.end()) return visit.Refuse("no_heartbeat", 404, kNoHeartbeat);
  JsonWriter json;
  json.StartObject().Key("data");
  WriteHeartbeat(*found, &json);
  return visit.Show(json);
}

net::Response GetOpsgenieHeartbeats(const Call& call) {
  OpsgenieVisit visit(call);
  if (auto refusal = visit.Refusal()) return *std::move(refusal);
  const auto view = call.backend.Read(core::kViewHeartbeats);
  if (!view) return visit.Refuse(view.error());
  JsonWriter json;
  json.StartObject().Key("data").StartObject().Key("heartbeats").StartArray();
  for (const heartbeat::Row& row : (*view)->heartbeats) WriteHeartbeat(row, &json);
  json.EndArray().EndObject();
  return visit.Show(json);
}

}  // namespace watchfire::api
