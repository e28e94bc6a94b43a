// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// VictorOps: GET /api-public/v1/incidents has all incidents that are open, or were lately, each
// with its transitions; it takes no parameters. Notes of an incident are by themselves, and say
// neither who wrote them nor when.

#include <algorithm>

#include "pkg/base/strings.h"
#include "pkg/inbound/json_in.h"
#include "pkg/responder/vendor_api.h"

namespace watchfire::responder {
namespace {

using inbound::Element;
using inbound::ListOf;
using inbound::Object;
using inbound::ObjectOf;
using inbound::ResponderAct;
using inbound::TextOf;
using Kind = inbound::ResponderAct::Kind;

constexpr const char* kName = "VictorOps";
constexpr const char* kNobody = "SYSTEM";  // How VictorOps calls itself.

enum class Phase { kTriggered, kAcknowledged, kResolved, kOther };

// As the API has it, or as webhooks and old clients do.
Phase PhaseOf(std::string_view name) {
  const std::string lower = ToLower(name);
  if (lower == "triggered" || lower == "unacked") return Phase::kTriggered;
  if (lower == "acknowledged" || lower == "acked") return Phase::kAcknowledged;
  return lower == "resolved" ? Phase::kResolved : Phase::kOther;
}

ResponderAct ActOf(const Object& transition, const Subject& subject, Phase phase) {
  ResponderAct act;
  act.kind = phase == Phase::kAcknowledged ? Kind::kAcknowledge : Kind::kResolve;
  act.entity_id = subject.entity_id;
  act.page = subject.id;
  const std::string by = TextOf(transition, "by");
  act.actor = by.empty() ? kNobody : by;
  // What a message or a timer did is nobody's, whatever name it has.
  act.is_person = !by.empty() && by != kNobody && TextOf(transition, "manually") != "false";
  act.text = TextOf(transition, "message");
  act.at = TimeOfAct(TextOf(transition, "at"));
  act.mark = std::string(kName) + " " + subject.id + ", " +
             (phase == Phase::kAcknowledged ? "acknowledged" : "resolved") + " at " +
             FormatRfc3339(act.at);
  return act;
}

// What came after it was last triggered: an ack that is over there is none here.
void AddActs(const Object& incident, const Subject& subject, std::vector<ResponderAct>* acts) {
  std::vector<ResponderAct> since;
  for (const Element& element : ListOf(incident, "transitions")) {
    Object transition;
    if (element.get(transition) != simdjson::SUCCESS) continue;
    const Phase phase = PhaseOf(TextOf(transition, "name"));
    if (phase == Phase::kTriggered) since.clear();
    if (phase != Phase::kAcknowledged && phase != Phase::kResolved) continue;
    ResponderAct act = ActOf(transition, subject, phase);
    if (act.at != kNoTime) since.push_back(std::move(act));
  }
  for (ResponderAct& act : since) acts->push_back(std::move(act));
}

class Api : public VendorApi {
 public:
  std::vector<std::pair<std::string, std::string>> Headers(
      const config::AckPolling& account) const override {
    return {{"X-VO-Api-Id", account.id.reveal()},
            {"X-VO-Api-Key", account.key.reveal()},
            {"Accept", "application/json"}};
  }
  std::string List(const Look&) const override { return "/api-public/v1/incidents"; }
  Result<Page> ReadList(std::string_view body, const Look& look) const override;
  std::string Notes(const Subject& subject) const override {
    return "/api-public/v1/incidents/" + UrlEncode(subject.id) + "/notes";
  }
  Result<std::vector<ResponderAct>> ReadNotes(std::string_view body, const Subject& subject,
                                              WallTime now) const override;
};

Result<Page> Api::ReadList(std::string_view body, const Look&) const {
  const auto json = inbound::JsonIn::Parse(body);
  if (!json) return Fail(json.error());
  if (!inbound::At(json->element(), "incidents")) {
    return InvalidArgument("the answer has no member incidents");
  }
  Page page;
  for (const Element& element : ListOf(json->root(), "incidents")) {
    Object incident;
    if (element.get(incident) != simdjson::SUCCESS) continue;
    ++page.size;
    const Subject subject{TextOf(incident, "incidentNumber"), TextOf(incident, "entityId"), ""};
    if (!IsId(subject.id) || subject.entity_id.empty()) continue;
    AddActs(incident, subject, &page.acts);
    if (PhaseOf(TextOf(incident, "currentPhase")) != Phase::kResolved) {
      page.subjects.push_back(subject);
    }
  }
  std::ranges::stable_sort(page.acts, {}, &ResponderAct::at);
  return page;
}

Result<std::vector<ResponderAct>> Api::ReadNotes(std::string_view body, const Subject& subject,
                                                 WallTime now) const {
  const auto json = inbound::JsonIn::Parse(body);
  if (!json) return Fail(json.error());
  std::vector<ResponderAct> acts;
  for (const Element& element : ListOf(json->root(), "notes")) {
    Object note;
    if (element.get(note) != simdjson::SUCCESS || !IsId(TextOf(note, "name"))) continue;
    ResponderAct act;
    act.kind = Kind::kNote;
    act.entity_id = subject.entity_id;
    act.page = subject.id;
    act.actor = kName;
    act.text = TextOf(note, "display_name");
    std::string value = TextOf(note, "json_value");
    if (const auto object = ObjectOf(note, "json_value")) {
      if (std::string text = TextOf(*object, "note"); !text.empty()) value = std::move(text);
    }
    if (!value.empty() && value != "{}") act.text += (act.text.empty() ? "" : ": ") + value;
    act.at = now;
    act.mark = std::string(kName) + " " + subject.id + ", note " + TextOf(note, "name");
    if (!act.text.empty()) acts.push_back(std::move(act));
  }
  return acts;
}

}  // namespace

std::unique_ptr<VendorApi> VictorOpsApi() { return std::make_unique<Api>(); }

}  // namespace watchfire::responder
