// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v2/status and /receivers (reference §2.3, §2.8).

#include "pkg/api/handlers.h"
#include "pkg/api/query.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"

namespace watchfire::api {
namespace {

void WriteCluster(JsonWriter& json, const Info& info) {
  json.Key("cluster").StartObject();
  const bool enabled = !info.peer_address.empty();
  if (enabled) json.Field("name", info.peer_name);
  json.Key("peers").StartArray();
  if (enabled) {
    json.StartObject().Field("address", info.peer_address).Field("name", info.peer_name);
    json.EndObject();
  }
  json.EndArray().Field("status", enabled ? "ready" : "disabled").EndObject();
}

}  // namespace

net::Response GetStatus(const Call& call) {
  const Info& info = call.backend.info();
  JsonWriter json;
  json.StartObject();
  WriteCluster(json, info);
  json.Key("config").StartObject();
  json.Field("original", call.backend.config()->original).EndObject();
  json.Field("uptime", FormatRfc3339(info.started_at));
  json.Key("versionInfo").StartObject();
  // Clients demand every member; those that only a Go build can fill stay empty. By the version
  // they judge what the API can do, so it is Alertmanager's and ours has another place.
  json.Field("branch", "watchfire").Field("buildDate", "").Field("buildUser", "");
  json.Field("goVersion", "").Field("revision", info.version);
  json.Field("version", info.alertmanager_version).EndObject();
  return V2Json(json.EndObject().Take());
}

net::Response GetReceivers(const Call& call) {
  const Result<matcher::Matchers> matchers =
      ReadReceiverMatchers(call.request, call.backend.config()->matcher_mode);
  if (!matchers) return V2Failure(matchers.error());
  const auto config = call.backend.config();
  JsonWriter json;
  json.StartArray();
  for (const config::Receiver& receiver : config->receivers) {
    const labels::LabelSet labels = LabelsOf(receiver);
    if (!matcher::MatchesAll(*matchers, labels)) continue;
    json.StartObject().Key("labels");
    WriteLabels(json, labels);
    json.Field("name", receiver.name).EndObject();
  }
  return V2Json(json.EndArray().Take());
}

}  // namespace watchfire::api
