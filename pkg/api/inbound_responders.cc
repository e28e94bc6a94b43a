// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What responders do at PagerDuty and Opsgenie comes back to our incidents. Whatever is theirs but
// of no use is answered with 2xx and counted: three refusals in a row, and PagerDuty stops sending
// for a day.

#include <utility>

#include "pkg/api/handlers.h"
#include "pkg/api/inbound_changes.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/responder.h"
#include "pkg/oncall/person.h"
#include "pkg/responder/judge.h"

namespace watchfire::api {
namespace {

using inbound::ResponderAct;
using Kind = inbound::ResponderAct::Kind;

// One request of one vendor.
class Webhook {
 public:
  Webhook(const Call& call, const char* vendor, const char* name)
      : backend_(call.backend), vendor_(vendor), name_(name) {}

  net::Response Taken(const char* result) {
    backend_.Count({vendor_, result});
    JsonWriter json;
    return Success(json.StartObject().Field("result", result).EndObject().Take());
  }
  net::Response Refused(const char* result, const Error& error) {
    backend_.Count({vendor_, result});
    return Failure(error);
  }
  net::Response TooLarge() {
    backend_.Count({vendor_, "bad_body"});
    return Failure(413, "exhausted", "the body is larger than 1 MiB");
  }
  net::Response Apply(ResponderAct act);

 private:
  Backend& backend_;
  const char* vendor_;  // The kind of its keys.
  const char* name_;
};

net::Response Webhook::Apply(ResponderAct act) {
  if (act.kind == Kind::kNothing) return Taken("ignored");  // Most are: core is not asked for them.
  const auto view = backend_.Read(core::kViewIncidents);
  if (!view) return Refused("error", view.error());
  act.actor = oncall::PersonById((*view)->roster.get(), vendor_, act.actor_id, act.actor);
  const responder::Index index((*view)->incidents);
  responder::Verdict verdict =
      responder::Judge({vendor_, name_}, act, index, responder::Heard::kPushed, backend_.Now());
  if (!verdict.is_to_do) return Taken(verdict.word);
  core::IncidentCommand command;
  command.entity_id = std::move(verdict.entity_id);
  command.ack = std::move(verdict.ack);
  command.act = std::move(verdict.act);
  command.done_at = verdict.at;
  const Result<core::Reply> reply = backend_.Ask(std::move(command));
  if (!reply) return Refused("error", reply.error());
  if (reply->status) return Taken(verdict.word);
  const Code code = reply->status.error().code;
  // It was resolved between our look and our word.
  if (code == Code::kNotFound) return Taken("already_resolved");
  if (code == Code::kConflict) {
    // Of a note: the timeline is full, and stays so.
    return Taken(act.kind == Kind::kNote ? "ignored" : "already_resolved");
  }
  return Refused("error", reply->status.error());
}

}  // namespace

net::Response PostPagerDutyWebhook(const Call& call) {
  Webhook webhook(call, "pagerduty", "PagerDuty");
  const auto config = call.backend.config();
  const config::InboundKey* key = FindKey(*config, "pagerduty", call.params[0]);
  if (key == nullptr) {
    return webhook.Refused("bad_key",
                           {Code::kPermission, "the key in the path is none of inbound.pagerduty"});
  }
  if (const auto error = TooMany(call.backend, "pagerduty", *key)) {
    return webhook.Refused("rate_limited", *error);  // It sends again what got a 503.
  }
  if (key->signing_secret.empty()) {
    return webhook.Refused("bad_signature",
                           {Code::kPermission,
                            "this key of inbound.pagerduty has no signing_secret: set the one that "
                            "PagerDuty showed when the webhook was created"});
  }
  const std::string& body = call.request.body;
  if (body.size() > limits::kInboundBytes) return webhook.TooLarge();
  const std::string_view signatures = call.request.header("X-PagerDuty-Signature");
  if (!inbound::IsSignedByPagerDuty(body, key->signing_secret, signatures)) {
    return webhook.Refused(
        "bad_signature",
        {Code::kPermission, "X-PagerDuty-Signature does not fit: check signing_secret"});
  }
  const Result<ResponderAct> act = inbound::ReadPagerDutyWebhook(body);
  if (!act) return webhook.Taken("bad_body");
  return webhook.Apply(*act);
}

net::Response PostOpsgenieWebhook(const Call& call) {
  Webhook webhook(call, "opsgenie", "Opsgenie");
  const auto config = call.backend.config();
  const config::InboundKey* key = FindKey(*config, "opsgenie", call.params[0]);
  if (key == nullptr) {
    return webhook.Refused("bad_key",
                           {Code::kPermission, "the key in the path is none of inbound.opsgenie"});
  }
  if (const auto error = TooMany(call.backend, "opsgenie", *key)) {
    return webhook.Refused("rate_limited", *error);
  }
  if (call.request.body.size() > limits::kInboundBytes) return webhook.TooLarge();
  const Result<ResponderAct> act = inbound::ReadOpsgenieWebhook(call.request.body);
  if (!act) return webhook.Refused("bad_body", act.error());
  return webhook.Apply(*act);
}

}  // namespace watchfire::api
