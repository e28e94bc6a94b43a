// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /inbound: webhooks of vendors. The key in the path is the only proof of origin they offer. What
// we cannot use is answered with 200 and counted, because sending it again would not help.

#include <algorithm>

#include "pkg/api/handlers.h"
#include "pkg/api/inbound_changes.h"
#include "pkg/api/respond.h"
#include "pkg/api/victorops.h"
#include "pkg/base/json.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::api {
namespace {

using incident::ActorType;

constexpr const char* kVictorOps = "victorops";
constexpr const char* kNobody = "SYSTEM";  // How VictorOps calls itself.

net::Response Taken(Backend& backend, const char* result) {
  backend.Count({kVictorOps, result});
  JsonWriter json;
  return Success(json.StartObject().Field("result", result).EndObject().Take());
}

net::Response Refused(Backend& backend, const char* result, const Error& error) {
  backend.Count({kVictorOps, result});
  return Failure(error);
}

incident::Ack ToAck(const VictorOpsNews& news) {
  // The vendor's texts are ours to shorten: refusing an ack for its length would lose it.
  const auto cut = [](std::string_view text, size_t bytes) {
    return TruncateRunes(RepairUtf8(text), bytes / 4);
  };
  incident::Ack ack;
  const bool person = !news.user.empty() && news.user != kNobody;
  ack.actor = person ? cut(news.user, limits::kIncidentNameBytes) : kNobody;
  ack.actor_type = person ? ActorType::kHuman : ActorType::kAutomation;
  ack.channel = kVictorOps;
  ack.note = cut(news.note, limits::kNoteBytes);
  return ack;
}

struct Known {
  bool any = false;
  bool open = false;
  bool acked_by_user = true;    // All open ones, by the same user.
  bool snoozed = true;          // All open ones, since it was done.
  bool paged_since = false;     // Any open one, since it was done.
  WallTime cycle_at = kNoTime;  // The newest of the open ones'.
};

Known LookUp(const core::View& view, const VictorOpsNews& news, const std::string& actor) {
  Known known;
  known.any = std::ranges::any_of(
      view.incidents, [&](const auto& entry) { return IsAbout(*entry.second, news.entity_id); });
  for (const incident::Incident* incident : responder::OpenOf(view.incidents, news.entity_id)) {
    known.open = true;
    known.cycle_at = std::max(known.cycle_at, incident->cycle_at);
    known.paged_since |= responder::WasPagedSince(*incident, kVictorOps, news.at);
    known.acked_by_user &= incident->ack && incident->ack->by == actor;
    known.snoozed &= incident->snooze && news.at <= incident->snooze->since;
  }
  return known;
}

net::Response Apply(Backend& backend, const VictorOpsNews& news) {
  const bool acked = news.phase == "ACKED";
  core::IncidentCommand command;
  if (!acked) command.act = incident::Resolve{};
  command.entity_id = news.entity_id;
  command.ack = ToAck(news);
  command.done_at = news.at;
  const auto view = backend.Read(core::kViewIncidents);
  if (!view) return Refused(backend, "error", view.error());
  const Known known = LookUp(**view, news, command.ack.actor);
  if (!known.any) return Taken(backend, "unknown_entity");
  if (!known.open) return Taken(backend, "already_resolved");
  // A recording, of what broke before, or before it came back to those on call.
  if (news.at != kNoTime && news.at < known.cycle_at) return Taken(backend, "stale");
  // What was ended there is open there once more.
  if (!acked && news.at != kNoTime && known.paged_since) return Taken(backend, "stale");
  // Whoever snoozed it since knows better: an ack would keep it from coming back.
  if (acked && news.at != kNoTime && known.snoozed) return Taken(backend, "stale");
  // The echo of our own recovery message names nobody; late, it would close the next incident.
  if (!acked && command.ack.actor_type == incident::ActorType::kAutomation) {
    return Taken(backend, "ignored");
  }
  // What is known already is said again all the same: the answer is a promise that it is stored.
  const Result<core::Reply> reply = backend.Ask(std::move(command));
  if (!reply) return Refused(backend, "error", reply.error());
  if (reply->status) return Taken(backend, acked && known.acked_by_user ? "duplicate" : "ok");
  // It was resolved between our look and our word.
  const Code code = reply->status.error().code;
  if (code == Code::kNotFound || code == Code::kConflict) {
    return Taken(backend, "already_resolved");
  }
  return Refused(backend, "error", reply->status.error());
}

}  // namespace

net::Response PostVictorOps(const Call& call) {
  const auto config = call.backend.config();
  const config::InboundKey* key = FindKey(*config, kVictorOps, call.params[0]);
  if (key == nullptr) {
    return Refused(call.backend, "bad_key",
                   {Code::kPermission, "the key in the path is none of inbound.victorops"});
  }
  if (const auto error = TooMany(call.backend, kVictorOps, *key)) {
    return Refused(call.backend, "rate_limited", *error);
  }
  const Result<VictorOpsNews> news = ParseVictorOps(call.request.body);
  if (!news) return Refused(call.backend, "bad_body", news.error());
  // A page that pops out of its ack pages again at the vendor; for us it stays acknowledged.
  if (news->phase == "UNACKED") return Taken(call.backend, "unacked");
  if (news->phase != "ACKED" && news->phase != "RESOLVED") return Taken(call.backend, "ignored");
  if (news->entity_id.empty()) return Taken(call.backend, "unknown_entity");
  return Apply(call.backend, *news);
}

}  // namespace watchfire::api
