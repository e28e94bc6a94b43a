// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <array>
#include <charconv>

#include "pkg/base/strings.h"
#include "pkg/inbound/json_in.h"
#include "pkg/inbound/responder.h"

namespace watchfire::inbound {
namespace {

using Kind = ResponderAct::Kind;

constexpr size_t kIdBytes = 128;  // Opsgenie's alert ids have 50.

// What goes on our timeline and changes nothing else.
constexpr std::array<std::string_view, 7> kNoted = {
    "UnAcknowledge", "AssignOwnership", "TakeOwnership", "Snooze",
    "SnoozeEnded",   "Escalate",        "EscalateNext"};

// `updatedAt` counts nanoseconds, `createdAt` milliseconds: what it counts shows in its size.
WallTime ScaledTime(std::string_view text) {
  constexpr int64_t kMillis = 100'000'000'000;  // As milliseconds 1973, as seconds the year 5138.
  int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && stop == text.data() + text.size();
  if (!is_whole || number < kMillis) return kNoTime;
  if (number < kMillis * 1'000) return FromNanos(number * 1'000'000);
  return FromNanos(number < kMillis * 1'000'000 ? number * 1'000 : number);
}

// People go by their mail addresses there, integrations by names of their own.
bool IsPerson(const std::string& username, const Object& root) {
  if (username.find('@') == std::string::npos) return false;
  if (username == TextOf(root, "integrationName")) return false;
  const auto source = ObjectOf(root, "source");
  if (!source) return true;
  // What people do in the web application is "API", too, by the name of "web".
  return ToLower(TextOf(*source, "type")) != "api" || ToLower(TextOf(*source, "name")) == "web";
}

}  // namespace

Result<ResponderAct> ReadOpsgenieWebhook(std::string_view body) {
  const auto json = JsonIn::Parse(body);
  if (!json) return Fail(json.error());
  const std::string action = json->Text("action");
  const auto alert = ObjectOf(json->root(), "alert");
  const std::string id = alert ? TextOf(*alert, "alertId") : "";
  if (action.empty() || id.empty() || id.size() > kIdBytes || id.find(',') != id.npos) {
    return InvalidArgument(
        "the body must be one of Opsgenie's webhook integration, with action and alert.alertId");
  }
  ResponderAct act;
  act.entity_id = TextOf(*alert, "alias");
  act.page = id;
  const std::string username = TextOf(*alert, "username");
  act.actor = username.empty() ? "Opsgenie" : username;
  act.is_person = IsPerson(username, json->root());
  const std::string updated_at = TextOf(*alert, "updatedAt");
  act.at = ScaledTime(updated_at);
  if (action == "Acknowledge") {
    act.kind = Kind::kAcknowledge;
    act.text = TextOf(*alert, "note");
  } else if (action == "Close") {
    act.kind = Kind::kResolve;
    act.text = TextOf(*alert, "note");
  } else if (action == "AddNote") {
    act.text = TextOf(*alert, "note");
    act.kind = act.text.empty() ? Kind::kNothing : Kind::kNote;
  } else if (std::ranges::find(kNoted, action) != kNoted.end()) {
    act.kind = Kind::kNote;
    act.text = action + " at Opsgenie";
    const std::string owner = TextOf(*alert, "owner");
    if (action.ends_with("Ownership") && !owner.empty()) act.text += ": " + owner;
  }
  // Of what is known and dated all three are short.
  if (act.kind != Kind::kNothing && act.at != kNoTime) {
    act.mark = "Opsgenie " + id + ", " + action + " at " + updated_at;
  }
  return act;
}

}  // namespace watchfire::inbound
