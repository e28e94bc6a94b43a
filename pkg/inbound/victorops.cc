// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The generic REST endpoint of VictorOps (Splunk On-Call). Source: "REST Endpoint Integration
// Guide", help.victorops.com; reference paging-backends §1.1.
//
// Two differences, both so that no page is lost: a `message_type` that nobody knows is an alert
// without a severity, for the catch-all route, where the vendor takes it for INFO and stays silent;
// and an INFO about nothing that burns is an alert of severity info that ends by itself.

#include <algorithm>
#include <array>

#include "pkg/base/strings.h"
#include "pkg/inbound/inbound.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::inbound {
namespace {

// The vendor's, in code points.
constexpr size_t kEntityRunes = 512;
constexpr size_t kTitleRunes = 1024;
constexpr size_t kMessageRunes = 20480;
constexpr size_t kAnnotationRunes = 1124;

// What is read by name, and so is no field of the sender's own.
constexpr std::array<std::string_view, 13> kKnown = {
    "message_type",     "entity_id",   "entity_display_name", "state_message",
    "state_start_time", "routing_key", "ack_author",          "ack_message",
    "host_name",        "hostname",    "alertname",           "description",
    "severity"};

void SetType(std::string_view type, Duration mention_for, Change* change) {
  const std::string lower = ToLower(Trim(type));
  if (lower == "recovery" || lower == "ok") {
    change->verb = Verb::kResolve;
  } else if (lower == "acknowledgement") {
    change->verb = Verb::kAcknowledge;
  } else if (lower == "info") {
    change->verb = Verb::kMention;
    change->lifetime = mention_for;
    change->severity = "info";
  } else if (lower == "critical" || lower == "warning") {
    change->severity = lower;
  }
}

// `vo_annotate.u.Runbook`: a link, `.i.`: an image, `.s.`: a text.
void AddAnnotation(std::string_view name, std::string_view value, Change* change) {
  constexpr std::string_view kPrefix = "vo_annotate.";
  const std::string_view rest = name.substr(kPrefix.size());
  std::string title;
  for (const char c : rest.substr(std::min<size_t>(rest.size(), 2))) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
    const bool is_word = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
    title += is_word ? lower : '_';
  }
  if (title.empty()) title = "annotation";
  if (!rest.starts_with("s.") && !title.ends_with("_url")) title += "_url";
  AddText(&change->annotations, title, Cut(value, kAnnotationRunes));
}

void AddFields(const Object& body, Change* change) {
  for (const auto& [name, value] : body) {
    if (std::ranges::find(kKnown, name) != kKnown.end()) continue;
    const std::string text = TextOf(value);
    if (name.starts_with("vo_annotate.")) {
      AddAnnotation(name, text, change);
    } else {
      AddField(change, name, Cut(text, kTitleRunes));
    }
  }
}

}  // namespace

Result<Change> ReadVictorOps(std::string_view body, std::string_view routing_key,
                             Duration mention_for, WallTime now) {
  const Result<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Fail(json.error());
  const std::string type = json->Text("message_type");
  if (Trim(type).empty()) return InvalidArgument("Missing fields: message_type");
  const std::string wrong =
      json->NoText({"message_type", "entity_id", "entity_display_name", "state_message"});
  if (!wrong.empty()) return InvalidArgument("Invalid field: " + wrong + " must be a string");
  Change change;
  change.refresh = Refresh::kSeverity;
  SetType(type, mention_for, &change);
  change.entity = Cut(json->Text("entity_id"), kEntityRunes);
  if (change.entity.empty()) NameByBody(body, &change);  // The vendor makes one up.
  const std::string message = Cut(json->Text("state_message"), kMessageRunes);
  change.actor = json->Text("ack_author");
  change.note = json->Text("ack_message");
  if (change.note.empty()) change.note = message;

  std::string title = Cut(json->Text("entity_display_name"), kTitleRunes);
  if (title.empty()) title = change.entity;
  const std::string name = json->Text("alertname");
  AddText(&change.labels, "alertname", name.empty() ? title : name);
  const std::string key =
      routing_key.empty() ? json->Text("routing_key") : std::string(routing_key);
  AddText(&change.labels, "routing_key", ToLower(key));
  for (const char* host : {"host_name", "hostname"}) {
    AddText(&change.labels, "instance", json->Text(host));
  }
  AddText(&change.annotations, "summary", title);
  AddText(&change.annotations, "description",
          message.empty() ? json->Text("description") : message);
  AddFields(json->root(), &change);
  change.starts_at = TimeOf(json->root(), "state_start_time", now);
  return change;
}

}  // namespace watchfire::inbound
