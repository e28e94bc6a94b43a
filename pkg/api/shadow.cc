// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Shadow mode: the report, and the webhooks that the live Alertmanager mirrors to us.

#include "pkg/api/handlers.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/shadow/report.h"
#include "pkg/shadow/wire.h"

namespace watchfire::api {
namespace {

constexpr const char* kAlertmanager = "alertmanager";

net::Response NoShadow() {
  return Failure(404, "not_found", "not in shadow mode: start with --shadow=URL");
}

}  // namespace

net::Response GetShadow(const Call& call) {
  if (call.backend.info().shadow.empty()) return NoShadow();
  return Success(shadow::ToJson(call.backend.Shadow()));
}

net::Response PostAlertmanager(const Call& call) {
  Backend& backend = call.backend;
  if (backend.info().shadow.empty()) {
    backend.Count({kAlertmanager, "ignored"});
    return NoShadow();
  }
  Result<shadow::Message> message = shadow::DecodeWebhook(call.params[0], call.request.body);
  if (!message) {
    backend.Count({kAlertmanager, "bad_body"});
    return Failure(message.error());
  }
  const Status taken = backend.Mirror(*std::move(message));
  backend.Count({kAlertmanager, taken ? "ok" : "error"});
  if (!taken) return Failure(taken.error());
  JsonWriter json;
  return Success(json.StartObject().Field("result", "ok").EndObject().Take());
}

}  // namespace watchfire::api
