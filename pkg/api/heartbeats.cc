// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v1/heartbeats: who is expected to be heard from, and their pings.

#include "pkg/api/handlers.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::api {
net::Response GetHeartbeats(const Call& call) {
  const auto view = call.backend.Read(core::kViewHeartbeats);
  if (!view) return Failure(view.error());
  JsonWriter json;
  json.StartObject().Key("heartbeats").StartArray();
  for (const heartbeat::Row& row : (*view)->heartbeats) {
    json.StartObject().Field("name", row.name).Field("every", FormatDuration(row.every));
    json.Field("grace", FormatDuration(row.grace));
    json.Field("missing", row.missing_since != kNoTime);
    WriteTime(json, "missingSince", row.missing_since);
    WriteTime(json, "lastSeen", row.seen);
    json.EndObject();
  }
  return Success(json.EndArray().EndObject().Take());
}

net::Response PingHeartbeat(const Call& call) {
  const Result<core::Reply> reply = call.backend.Ask(core::HeartbeatPing{{}, call.params[0]});
  if (!reply) return Failure(reply.error());
  if (!reply->status) return Failure(reply->status.error());
  JsonWriter json;
  return Success(json.StartObject().Field("name", call.params[0]).EndObject().Take());
}

}  // namespace watchfire::api
