// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v1/automation: what rules did about incidents, and a person's word on what waits for one.

#include <simdjson.h>

#include "pkg/alert/json_fault.h"
#include "pkg/api/handlers.h"
#include "pkg/api/respond.h"
#include "pkg/automation/run.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::api {
namespace {

// Reads {"actor": NAME}, and nothing else.
Result<std::string> ReadActor(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (const auto error = parser.parse(body).get(object); error != simdjson::SUCCESS) {
    return InvalidArgument("the body must be a JSON object such as {\"actor\": \"ada\"}: " +
                           alert::DescribeJsonFault(body, simdjson::error_message(error)));
  }
  std::string actor;
  for (const auto& [key, value] : object) {
    std::string_view text;
    if (key != "actor") {
      return InvalidArgument("unknown member " + GoQuote(key) + ": actor is known");
    }
    if (value.get(text) != simdjson::SUCCESS) return InvalidArgument("actor must be a string");
    actor = text;
  }
  return actor;
}

net::Response Decide(const Call& call, bool is_approved) {
  if (const auto fault = MediaTypeFault(call.request)) {
    return Failure(415, "unsupported_media_type", *fault);
  }
  const Result<std::string> actor = ReadActor(call.request.body);
  if (!actor) return Failure(actor.error());
  const Result<core::Reply> reply =
      call.backend.Ask(core::AutomationCommand{{}, call.params[0], is_approved, *actor});
  if (!reply) return Failure(reply.error());
  if (!reply->status) return Failure(reply->status.error());
  JsonWriter json;
  return Success(json.StartObject().Field("id", call.params[0]).EndObject().Take());
}

}  // namespace

net::Response GetAutomation(const Call& call) {
  const auto view = call.backend.Read(core::kViewAutomation);
  if (!view) return Failure(view.error());
  JsonWriter json;
  json.StartObject().Key("rules").StartArray();
  for (const config::AutomationRule& rule : (*view)->config->automation.rules) {
    json.StartObject().Field("name", rule.name);
    json.Field("action", config::AutomationActionName(rule.action));
    json.Field("needsApproval", rule.needs_approval).Field("dryRun", rule.dry_run);
    json.Field("maxPerHour", rule.max_per_hour).EndObject();
  }
  json.EndArray().Key("runs").StartArray();
  for (const automation::Run& run : (*view)->automation) json.Raw(automation::ToJson(run));
  return Success(json.EndArray().EndObject().Take());
}

net::Response ApproveRun(const Call& call) { return Decide(call, /*is_approved=*/true); }

net::Response RefuseRun(const Call& call) { return Decide(call, /*is_approved=*/false); }

}  // namespace watchfire::api
