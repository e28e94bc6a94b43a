// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <optional>

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/json_in.h"
#include "pkg/inbound/responder.h"

namespace watchfire::inbound {
namespace {

using Kind = ResponderAct::Kind;

constexpr size_t kIdBytes = 64;  // PagerDuty's have 26.

bool IsId(std::string_view text) {
  constexpr std::string_view kCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !text.empty() && text.size() <= kIdBytes &&
         text.find_first_not_of(kCharacters) == std::string_view::npos;
}

std::string NamesOf(const Object& data, std::string_view list) {
  std::string names;
  for (const Element& element : ListOf(data, list)) {
    Object one;
    if (element.get(one) != simdjson::SUCCESS) continue;
    const std::string name = TextOf(one, "summary");
    if (!name.empty()) names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

// What an event says in our timeline; "": nothing.
std::string NoteOf(std::string_view type, const Object& data) {
  if (type == "annotated") return TextOf(data, "content");
  if (type == "unacknowledged") return "unacknowledged at PagerDuty";
  if (type != "delegated" && type != "escalated" && type != "reassigned") return "";
  const std::string to = NamesOf(data, "assignees");
  return std::string(type) + " at PagerDuty" + (to.empty() ? "" : " to " + to);
}

}  // namespace

Result<ResponderAct> ReadPagerDutyWebhook(std::string_view body) {
  const auto json = JsonIn::Parse(body);
  if (!json) return Fail(json.error());
  const auto event = ObjectOf(json->root(), "event");
  if (!event) return InvalidArgument("the body must be a webhook v3 of PagerDuty, with event");
  const std::string id = TextOf(*event, "id");
  std::string type = TextOf(*event, "event_type");
  if (!IsId(id) || type.empty()) {
    return InvalidArgument("event must have the id and the event_type that PagerDuty gives it");
  }
  ResponderAct act;
  act.at = ParseTime(TextOf(*event, "occurred_at")).value_or(kNoTime);
  act.actor = "PagerDuty";
  if (const auto agent = ObjectOf(*event, "agent")) {
    const std::string agent_type = TextOf(*agent, "type");
    act.is_person = agent_type == "user_reference" || agent_type == "user";
    if (act.is_person) act.actor_id = TextOf(*agent, "id");
    for (const char* name : {"id", "summary"}) {  // The name, if it has one.
      if (std::string text = TextOf(*agent, name); !text.empty()) act.actor = std::move(text);
    }
  }
  act.mark = "PagerDuty event " + id;
  const auto data = ObjectOf(*event, "data");
  constexpr std::string_view kOfIncidents = "incident.";
  if (!data || !type.starts_with(kOfIncidents)) return act;
  type.erase(0, kOfIncidents.size());
  // A note names the incident, but not by our key.
  const bool is_note = type == "annotated";
  const auto incident = is_note ? ObjectOf(*data, "incident") : data;
  if (incident) {
    act.entity_id = TextOf(*incident, "incident_key");
    act.page = TextOf(*incident, "id");
    if (!IsId(act.page)) act.page.clear();
  }
  if (!act.page.empty()) act.mark = "PagerDuty " + act.page + ", event " + id;
  if (type == "acknowledged") {
    act.kind = Kind::kAcknowledge;
  } else if (type == "resolved") {
    // What was merged into another there goes on in that.
    const bool is_merged = ObjectOf(*data, "resolve_reason").has_value();
    act.kind = is_merged ? Kind::kNote : Kind::kResolve;
    if (is_merged) act.text = "merged into another incident at PagerDuty";
  } else {
    act.text = NoteOf(type, *data);
    act.kind = act.text.empty() ? Kind::kNothing : Kind::kNote;
  }
  return act;
}

bool IsSignedByPagerDuty(std::string_view body, const Secret& secret, std::string_view signatures) {
  if (secret.empty()) return false;
  const std::string good = "v1=" + Hex(HmacSha256(secret.reveal(), body));
  bool is_signed = false;
  for (const std::string_view signature : Split(signatures, ',')) {
    is_signed |= EqualsConstantTime(good, Trim(signature));
  }
  return is_signed;
}

}  // namespace watchfire::inbound
