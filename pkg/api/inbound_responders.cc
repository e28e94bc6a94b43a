// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What responders do at PagerDuty and Opsgenie comes back to our incidents. Whatever is theirs but
// of no use is answered with 2xx and counted: three refusals in a row, and PagerDuty stops sending
// for a day.

#include <algorithm>

#include "pkg/api/handlers.h"
#include "pkg/api/inbound_changes.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/responder.h"

namespace watchfire::api {
namespace {

using inbound::ResponderAct;
using Kind = inbound::ResponderAct::Kind;

// So long does PagerDuty try to deliver; what is further from now is a recording.
constexpr std::chrono::hours kAge{48};
constexpr size_t kBytesPerRune = 4;
constexpr std::string_view kBeforeMark = " · ";

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
  net::Response Apply(const ResponderAct& act);

 private:
  // What is known of what the act is about.
  struct Known {
    bool any = false;
    bool is_replay = false;      // It was told before.
    bool acked_by_actor = true;  // All open ones.
    std::vector<uint64_t> open;
    WallTime cycle_at = kNoTime;  // The newest of the open ones'.
    std::string entity_id;
  };

  bool IsMeant(const incident::Incident& incident, const ResponderAct& act) const;
  Known LookUp(const core::View& view, const ResponderAct& act, const std::string& actor) const;
  incident::Ack ToAck(const ResponderAct& act) const;

  Backend& backend_;
  const char* vendor_;  // The kind of its keys.
  const char* name_;
};

bool Webhook::IsMeant(const incident::Incident& incident, const ResponderAct& act) const {
  if (act.entity_id.empty()) {
    // By what it was called when we heard of it before.
    const std::string called = std::string(name_) + " " + act.page + ", ";
    return !act.page.empty() &&
           std::ranges::any_of(incident.timeline, [&](const incident::Event& event) {
             return event.channel == vendor_ && event.text.find(called) != std::string::npos;
           });
  }
  return IsAbout(incident, act.entity_id);
}

Webhook::Known Webhook::LookUp(const core::View& view, const ResponderAct& act,
                               const std::string& actor) const {
  Known known;
  known.entity_id = act.entity_id;
  for (const auto& [id, incident] : view.incidents) {
    if (!IsMeant(*incident, act)) continue;
    known.any = true;
    known.is_replay |= std::ranges::any_of(incident->timeline, [&](const incident::Event& event) {
      return event.channel == vendor_ && event.text.ends_with(act.mark);
    });
    if (!IsOpen(incident->state)) continue;
    known.open.push_back(id);
    known.cycle_at = std::max(known.cycle_at, incident->cycle_at);
    known.acked_by_actor &= incident->ack && incident->ack->by == actor;
    if (known.entity_id.empty()) known.entity_id = incident->entity_id;
  }
  return known;
}

// The vendor's texts are ours to shorten; the mark stays whole, or a replay would go unseen.
incident::Ack Webhook::ToAck(const ResponderAct& act) const {
  const auto cut = [](std::string_view text, size_t bytes) {
    return TruncateRunes(RepairUtf8(text), bytes / kBytesPerRune);
  };
  incident::Ack ack;
  ack.actor = cut(act.actor, limits::kIncidentNameBytes);
  ack.actor_type = act.is_person ? incident::ActorType::kHuman : incident::ActorType::kAutomation;
  ack.channel = vendor_;
  if (!act.text.empty()) {
    ack.note = cut(act.text, limits::kNoteBytes - act.mark.size() - kBeforeMark.size());
    ack.note += kBeforeMark;
  }
  ack.note += act.mark;
  return ack;
}

net::Response Webhook::Apply(const ResponderAct& act) {
  if (act.kind == Kind::kNothing) return Taken("ignored");
  // The echo of our own recovery message names nobody; late, it would close the next incident.
  if (act.kind == Kind::kResolve && !act.is_person) return Taken("ignored");
  if (act.at < backend_.Now() - kAge || act.at > backend_.Now() + kAge) return Taken("stale");
  const auto view = backend_.Read(core::kViewIncidents);
  if (!view) return Refused("error", view.error());
  core::IncidentCommand command;
  command.ack = ToAck(act);
  const Known known = LookUp(**view, act, command.ack.actor);
  if (!known.any) return Taken("unknown_entity");
  if (known.is_replay) return Taken("duplicate");
  if (known.open.empty()) return Taken("already_resolved");
  // Done to what broke before, or before it came back to those on call.
  if (act.at < known.cycle_at) return Taken("stale");
  command.entity_id = known.entity_id;
  if (act.kind == Kind::kResolve) command.act = incident::Resolve{};
  if (act.kind == Kind::kNote) command.act = incident::AddNote{};
  const Result<core::Reply> reply = backend_.Ask(std::move(command));
  if (!reply) return Refused("error", reply.error());
  const bool is_repeated = act.kind == Kind::kAcknowledge && known.acked_by_actor;
  if (reply->status) return Taken(is_repeated ? "duplicate" : "ok");
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
