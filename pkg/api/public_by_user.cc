// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api-public/v1/incidents/byUser: acts on all that somebody was paged for. Those are the open
// incidents that are hers, and those that an escalation policy paged her for since they broke, or
// came back.

#include <algorithm>

#include "pkg/api/public_victorops.h"
#include "pkg/inbound/json_in.h"
#include "pkg/incident/analytics.h"
#include "pkg/oncall/person.h"

namespace watchfire::api {
namespace {

using incident::Incident;
using incident::State;

constexpr size_t kOfOneCall = 100;  // Each waits until it is stored.

bool WasPaged(const Incident& incident, const std::string& user) {
  if (incident.owner == user) return true;
  return std::ranges::any_of(incident.timeline, [&](const incident::Event& event) {
    return event.kind == "paged" && event.at >= incident.cycle_at &&
           incident::PagedPerson(event.text) == user;
  });
}

net::Response ChangeOf(const Call& call, const incident::Act& act, bool unacked_only) {
  if (auto refusal = PublicRefusal(call)) return *std::move(refusal);
  const Result<inbound::JsonIn> json = inbound::JsonIn::Parse(call.request.body);
  if (!json) return PublicError(json.error());
  const std::string user = json->Text("userName");
  if (user.empty()) return PublicError(400, "userName is missing: say who acts");
  const auto view = call.backend.Read(core::kViewIncidents);
  if (!view) return PublicError(view.error());
  const std::string name = oncall::PersonCalled((*view)->roster.get(), user);
  std::vector<std::string> numbers;
  for (const auto& [id, incident] : (*view)->incidents) {
    if (!IsOpen(incident->state)) continue;
    // What a rule acknowledged is for a person to take over.
    const bool is_automatic = incident->ack && incident->ack->is_automatic;
    if (unacked_only && incident->state != State::kTriggered && !is_automatic) continue;
    if (WasPaged(*incident, user) || WasPaged(*incident, name))
      numbers.push_back(std::to_string(id));
  }
  // The others are done by the next call.
  if (numbers.size() > kOfOneCall) numbers.resize(kOfOneCall);
  return DoPublic(call, numbers, act, user, json->Text("message"));
}

}  // namespace

net::Response PatchPublicAckByUser(const Call& call) {
  return ChangeOf(call, incident::Acknowledge{}, /*unacked_only=*/true);
}

net::Response PatchPublicResolveByUser(const Call& call) {
  return ChangeOf(call, incident::Resolve{}, /*unacked_only=*/false);
}

}  // namespace watchfire::api
