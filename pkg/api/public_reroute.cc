// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// POST /api-public/v1/incidents, and …/incidents/reroute: as VictorOps' public API, incidents that
// a person makes up, and those that are for other people. Whom they name is called by name, beside
// the policies that run. Source: reference paging-backends §1.3.

#include <algorithm>
#include <utility>

#include "pkg/api/alert_incidents.h"
#include "pkg/api/inbound_changes.h"
#include "pkg/api/incident_id.h"
#include "pkg/api/public_roster.h"
#include "pkg/api/public_targets.h"
#include "pkg/api/public_victorops.h"
#include "pkg/api/respond.h"
#include "pkg/oncall/person.h"

namespace watchfire::api {
namespace {

using incident::Incident;

constexpr const char* kKind = "victorops";
constexpr size_t kCallsMax = 100;  // In one request: each waits until it is stored.
constexpr size_t kTitleRunes = 256;
constexpr size_t kDetailsRunes = 20'480;  // The vendor's, of a state_message.

bool IsTrue(const inbound::Object& object, std::string_view name) {
  return inbound::TextOf(object, name) == "true";
}

// What a request that reroutes one incident says.
struct Reroute {
  std::string number;
  std::vector<PublicTarget> targets;
  bool adds = false;  // Whoever has it keeps it.
};

Result<std::vector<Reroute>> ReadReroutes(const inbound::JsonIn& json, const core::View& view) {
  std::vector<Reroute> reroutes;
  size_t calls = 0;
  for (const inbound::Element& item : inbound::ListOf(json.root(), "reroutes")) {
    inbound::Object object;
    if (item.get(object) != simdjson::SUCCESS) {
      return InvalidArgument("reroutes must be a list of objects");
    }
    auto targets = ReadPublicTargets(object, view);
    if (!targets) return Fail(targets.error());
    calls += targets->size();
    reroutes.push_back({inbound::TextOf(object, "incidentNumber"), *std::move(targets),
                        IsTrue(object, "addTargets")});
    if (calls > kCallsMax) {
      return InvalidArgument("reroutes must have at most " + std::to_string(kCallsMax) +
                             " targets in all");
    }
  }
  if (reroutes.empty()) {
    return InvalidArgument(R"(reroutes is missing: [{"incidentNumber": "7", "targets": […]}])");
  }
  return reroutes;
}

// The act that brings the incident to the target: one person alone becomes its owner.
incident::Act ActFor(const Reroute& reroute, const PublicTarget& target, const Incident* incident,
                     bool ends_ack) {
  const bool is_alone = reroute.targets.size() == 1 && !target.person.empty() && !reroute.adds;
  // Whose it is already is called once more.
  const bool is_hers = incident != nullptr && incident->owner == target.person;
  if (is_alone && !is_hers) return incident::Reassign{target.person};
  return incident::Escalate{target.to, ends_ack};
}

void WriteTarget(const PublicTarget& target, const Status& status, JsonWriter* json) {
  json->StartObject().Field("slug", target.slug).Field("success", status.has_value());
  if (!status) json->Field("message", status.error().message);
  json->EndObject();
}

void DoReroute(const Call& call, const Reroute& reroute, const core::View& view,
               const std::string& user, JsonWriter* answer) {
  const auto incident = FindPublic(view, reroute.number);
  JsonWriter targets;
  targets.StartArray();
  bool is_done = true;
  bool ends_ack = !reroute.adds;  // The first who is called; then nobody has it.
  for (const PublicTarget& target : reroute.targets) {
    Status status = target.to.empty() ? Fail(Code::kNotFound,
                                             "no user or escalation policy " + GoQuote(target.slug))
                                      : Status();
    if (status) {
      const incident::Act act =
          ActFor(reroute, target, incident ? incident->get() : nullptr, ends_ack);
      status = PerformPublic(call, reroute.number, act, user, "");
      if (status) ends_ack = false;
    }
    is_done &= status.has_value();
    WriteTarget(target, status, &targets);
  }
  answer->StartObject().Field("incidentNumber", reroute.number).Field("success", is_done);
  answer->Key("targetStatus").Raw(targets.EndArray().Take()).EndObject();
}

// What a person makes up: an alert of its own, that is over with its incident.
inbound::Change MadeUp(const Call& call, const inbound::JsonIn& json, const std::string& user,
                       const std::vector<PublicTarget>& targets) {
  inbound::Change change;
  inbound::NameByBody(call.request.body, &change);
  change.lifetime = Duration::zero();
  change.entity.insert(0, "manual-");
  change.severity = "critical";
  const std::string summary = inbound::Cut(json.Text("summary"), kTitleRunes);
  inbound::AddText(&change.labels, "alertname", summary);
  for (const PublicTarget& target : targets) inbound::AddText(&change.labels, "team", target.team);
  inbound::AddText(&change.annotations, "summary", summary);
  inbound::AddText(&change.annotations, "description",
                   inbound::Cut(json.Text("details"), kDetailsRunes));
  inbound::AddText(&change.annotations, "created_by", user);
  inbound::AddText(&change.annotations, "detected_by", "human");
  inbound::AddText(&change.annotations, core::kEndsWithIncident, "true");
  return change;
}

// The open incident that the change's alert is in; 0: none.
Result<uint64_t> IncidentOf(const Call& call, const InboundBook& book, const std::string& entity) {
  const auto view = ReadPublic(call.backend);
  if (!view) return Fail(view.error());
  const AlertIncidents incidents(**view);
  for (const auto& alert : book.Firing(entity)) {
    for (const auto& [fingerprint, incident] : incidents.Find(alert->fingerprint())) {
      return incident->id;
    }
  }
  return 0;
}

// Posts what the person made up, and waits for its incident. Errors: those of Backend;
// kUnavailable: nobody is paged for it, and it is taken back.
Result<uint64_t> Open(const Call& call, const config::InboundKey& key, inbound::Change change) {
  auto book = InboundBook::Open(call.backend, kKind, key, change);
  if (!book) return Fail(book.error());
  if (const auto word = book->Do(change); !word) return Fail(word.error());
  WF_RETURN_IF_ERROR(book->Post("", /*at_once=*/true));
  const Result<uint64_t> id = IncidentOf(call, *book, change.entity);
  if (!id || *id != 0) return id;
  change.verb = inbound::Verb::kResolve;
  if (const auto word = book->DoUncounted(change); !word) return Fail(word.error());
  WF_RETURN_IF_ERROR(book->Post());
  return Fail(Code::kUnavailable,
              "no incident was opened, for nobody is paged by the route of such alerts now: is it "
              "silenced, or has its receiver nobody to page?");
}

net::Response Create(const Call& call, const config::InboundKey& key, const inbound::JsonIn& json,
                     const std::string& user) {
  const auto view = ReadPublic(call.backend);
  if (!view) return PublicError(view.error());
  const auto targets = ReadPublicTargets(json.root(), **view);
  if (!targets) return PublicError(targets.error());
  for (const PublicTarget& target : *targets) {
    if (!target.to.empty()) continue;
    return PublicError(400, "no user or escalation policy " + GoQuote(target.slug));
  }
  const Result<uint64_t> id = Open(call, key, MadeUp(call, json, user, *targets));
  if (!id) return PublicError(id.error());
  const std::string number = std::to_string(*id);
  std::string failed;
  for (const PublicTarget& target : *targets) {
    const Status called =
        PerformPublic(call, number, incident::Escalate{target.to, false}, user, "");
    if (called) continue;
    failed += (failed.empty() ? "" : "; ") + target.slug + ": " + called.error().message;
  }
  JsonWriter answer;
  answer.StartObject().Field("incidentNumber", number);
  if (!failed.empty()) answer.Field("error", failed);
  return Json(200, answer.EndObject().Take());
}

}  // namespace

Result<std::vector<PublicTarget>> ReadPublicTargets(const inbound::Object& object,
                                                    const core::View& view) {
  const oncall::Roster* roster = view.roster.get();
  std::vector<PublicTarget> targets;
  for (const inbound::Element& item : inbound::ListOf(object, "targets")) {
    inbound::Object said;
    if (item.get(said) != simdjson::SUCCESS) {
      return InvalidArgument("targets must be a list of objects");
    }
    PublicTarget target;
    target.slug = inbound::TextOf(said, "slug");
    const std::string type = inbound::TextOf(said, "type");
    if (type == "User") {
      target.person = oncall::PersonCalled(roster, target.slug);
      const bool is_known = view.config->oncall.contacts.contains(target.person);
      if (is_known) target.to = "user:" + target.person;
    } else if (type == "EscalationPolicy") {
      const oncall::Policy* policy = roster == nullptr ? nullptr : roster->FindPolicy(target.slug);
      if (policy != nullptr) target.to = policy->name;
      if (policy != nullptr) target.team = TeamName(*roster, policy->team);
    } else {
      return InvalidArgument("the type of a target must be User or EscalationPolicy, not " +
                             GoQuote(type));
    }
    targets.push_back(std::move(target));
  }
  if (targets.empty() || targets.size() > kPublicTargetsMax) {
    return InvalidArgument("targets must name 1 to " + std::to_string(kPublicTargetsMax) +
                           " users and escalation policies");
  }
  return targets;
}

net::Response PostPublicReroute(const Call& call) {
  if (auto refusal = PublicRefusal(call)) return *std::move(refusal);
  const Result<inbound::JsonIn> json = inbound::JsonIn::Parse(call.request.body);
  if (!json) return PublicError(json.error());
  const std::string user = json->Text("userName");
  if (user.empty()) return PublicError(400, "userName is missing: say who acts");
  const auto view = ReadPublic(call.backend);
  if (!view) return PublicError(view.error());
  const auto reroutes = ReadReroutes(*json, **view);
  if (!reroutes) return PublicError(reroutes.error());
  JsonWriter answer;
  answer.StartObject().Key("statuses").StartArray();
  for (const Reroute& reroute : *reroutes) DoReroute(call, reroute, **view, user, &answer);
  return Json(200, answer.EndArray().EndObject().Take());
}

net::Response PostPublicIncident(const Call& call) {
  if (auto refusal = PublicRefusal(call)) return *std::move(refusal);
  const auto config = call.backend.config();
  const config::InboundKey* key = PublicKey(call, *config);
  const Result<inbound::JsonIn> json = inbound::JsonIn::Parse(call.request.body);
  if (!json) return PublicError(json.error());
  for (const char* name : {"summary", "userName"}) {
    if (Trim(json->Text(name)).empty()) return PublicError(400, std::string(name) + " is missing");
  }
  // A reload may have taken it away since.
  if (key == nullptr) return PublicError(403, "Authentication failed");
  if (const auto error = TooMany(call.backend, kKind, *key)) return PublicError(*error);
  return Create(call, *key, *json, json->Text("userName"));
}

}  // namespace watchfire::api
