// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// PagerDuty's Events API. Source: developer.pagerduty.com, "Send an Alert Event" and "Events API
// v1"; reference paging-backends §3.1.

#include <algorithm>
#include <array>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/inbound/inbound.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::inbound {
namespace {

constexpr size_t kDedupKeyRunes = 255;
constexpr size_t kSummaryRunes = 1024;
constexpr size_t kLinksMost = 20;   // Of a kind, that are kept.
constexpr size_t kErrorsMost = 10;  // Enough to mend an event by, and no list as long as its own.

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> known) {
  return std::ranges::find(known, text) != known.end();
}

// The text of a required member; says so if it is missing.
std::string Demand(const Object& object, std::string_view name, const std::string& shown,
                   std::vector<std::string>* errors) {
  Element value;
  const bool is_there = object[name].get(value) == simdjson::SUCCESS && !value.is_null();
  if (is_there && (value.is_array() || value.is_object())) {
    errors->push_back("'" + shown + "' must be a string");
    return "";
  }
  std::string text = is_there ? TextOf(value) : "";
  if (Trim(text).empty()) errors->push_back("'" + shown + "' is missing or blank");
  return text;
}

void SetVerb(std::string_view action, Change* change) {
  if (action == "acknowledge") change->verb = Verb::kAcknowledge;
  if (action == "resolve") change->verb = Verb::kResolve;
}

// What an ack says of itself: the API names no person.
std::string Through(const std::string& client) { return client.empty() ? "" : "through " + client; }

void AddDetails(const Object& object, std::string_view member, Change* change) {
  Element details;
  if (object[member].get(details) != simdjson::SUCCESS) return;
  Object fields;
  if (details.get(fields) != simdjson::SUCCESS) {
    AddText(&change->annotations, "details", TextOf(details));
    return;
  }
  for (const auto& [name, value] : fields) {
    if (name == "alertname") continue;
    AddField(change, name, TextOf(value));
  }
}

// Another of its kind is `link_url_2`, and so on.
void AddUrl(const std::string& name, const std::string& url, Change* change) {
  const auto has = [&](const std::string& known) {
    return std::ranges::any_of(change->annotations,
                               [&](const auto& pair) { return pair.first == known; });
  };
  std::string free = name;
  for (size_t i = 2; has(free) && i <= kLinksMost; ++i) free = name + "_" + std::to_string(i);
  AddText(&change->annotations, free, url);
}

void AddLinks(const Object& root, Change* change, std::vector<std::string>* errors) {
  for (const Element& link : ListOf(root, "links")) {
    Object object;
    const bool is_object = link.get(object) == simdjson::SUCCESS;
    const std::string href = is_object ? TextOf(object, "href") : "";
    if (errors->size() >= kErrorsMost) return;
    if (href.empty()) {
      errors->push_back("'links.href' is missing or blank");
      continue;
    }
    const std::string text = ToLower(TextOf(object, "text"));
    const auto says = [&](std::string_view word) { return text.find(word) != text.npos; };
    AddUrl(says("runbook")     ? "runbook_url"
           : says("dashboard") ? "dashboard_url"
                               : "link_url",
           href, change);
  }
  for (const Element& image : ListOf(root, "images")) {
    Object object;
    const bool is_object = image.get(object) == simdjson::SUCCESS;
    const std::string src = is_object ? TextOf(object, "src") : "";
    if (errors->size() >= kErrorsMost) return;
    if (!src.starts_with("https://")) {
      errors->push_back("'images.src' must be an HTTPS URL");
      continue;
    }
    AddUrl("image_url", src, change);
  }
}

std::string NameOf(const Object& holder, std::string_view details, const std::string& summary) {
  const auto fields = ObjectOf(holder, details);
  const std::string name = fields ? TextOf(*fields, "alertname") : "";
  return name.empty() ? summary : name;
}

void ReadTrigger(const Object& root, WallTime now, PagerDutyEvent* event) {
  const auto payload = ObjectOf(root, "payload");
  if (!payload) {
    event->errors.emplace_back("'payload' is missing or is not an object");
    return;
  }
  Change& change = event->change;
  const std::string summary = Demand(*payload, "summary", "payload.summary", &event->errors);
  const std::string source = Demand(*payload, "source", "payload.source", &event->errors);
  const std::string severity = Demand(*payload, "severity", "payload.severity", &event->errors);
  if (!severity.empty() && !IsOneOf(severity, {"critical", "error", "warning", "info"})) {
    event->errors.emplace_back(
        "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', "
        "'error' or 'info')");
  }
  if (RuneCount(summary) > kSummaryRunes) {
    event->errors.emplace_back("'payload.summary' is too long (at most 1024 characters)");
  }
  change.severity = NormalSeverity(severity);
  AddText(&change.labels, "alertname", NameOf(*payload, "custom_details", summary));
  for (const char* name : {"component", "group", "class"}) {
    AddText(&change.labels, name, TextOf(*payload, name));
  }
  AddText(&change.annotations, "summary", summary);
  AddLinks(root, &change, &event->errors);
  AddDetails(*payload, "custom_details", &change);
  AddText(&change.labels, "instance", source);
  AddText(&change.annotations, "client", TextOf(root, "client"));
  change.generator_url = TextOf(root, "client_url");
  change.starts_at = TimeOf(*payload, "timestamp", now);
}

std::string RoutingKey(const Object& root, std::string_view header_key,
                       std::vector<std::string>* errors) {
  const bool is_named = !TextOf(root, "routing_key").empty();
  if (!is_named && !Trim(header_key).empty()) return std::string(Trim(header_key));
  return Demand(root, "routing_key", "routing_key", errors);
}

}  // namespace

PagerDutyEvent ReadPagerDuty(std::string_view body, WallTime now, std::string_view header_key) {
  PagerDutyEvent event;
  const Result<JsonIn> json = JsonIn::Parse(body);
  if (!json) {
    event.errors.push_back(json.error().message);
    return event;
  }
  const Object& root = json->root();
  std::vector<std::string>& errors = event.errors;
  event.routing_key = RoutingKey(root, header_key, &errors);
  const std::string action = json->Text("event_action");
  if (!IsOneOf(action, {"trigger", "acknowledge", "resolve"})) {
    errors.emplace_back(
        "'event_action' is invalid (must be one of: trigger, acknowledge, resolve)");
  }
  SetVerb(action, &event.change);
  if (action == "acknowledge") event.change.note = Through(json->Text("client"));
  if (!json->NoText({"dedup_key"}).empty()) errors.emplace_back("'dedup_key' must be a string");
  event.change.entity = json->Text("dedup_key");
  if (RuneCount(event.change.entity) > kDedupKeyRunes) {
    errors.emplace_back("'dedup_key' is too long (at most 255 characters)");
  }
  if (action == "trigger") {
    if (event.change.entity.empty()) NameByBody(body, &event.change);
    ReadTrigger(root, now, &event);
  } else if (event.change.entity.empty()) {
    errors.emplace_back("'dedup_key' is missing or blank");
  }
  return event;
}

PagerDutyEvent ReadPagerDutyV1(std::string_view body, WallTime) {
  PagerDutyEvent event;
  const Result<JsonIn> json = JsonIn::Parse(body);
  if (!json) {
    event.errors.push_back(json.error().message);
    return event;
  }
  std::vector<std::string>& errors = event.errors;
  event.routing_key = json->Text("service_key");
  if (event.routing_key.empty()) errors.emplace_back("Service key can't be blank");
  const std::string wrong = json->NoText({"service_key", "incident_key", "description"});
  if (!wrong.empty()) errors.push_back(wrong + " must be a string");
  const std::string type = json->Text("event_type");
  if (!IsOneOf(type, {"trigger", "acknowledge", "resolve"})) {
    errors.emplace_back("Event type is invalid");
  }
  Change& change = event.change;
  SetVerb(type, &change);
  change.entity = Cut(json->Text("incident_key"), kDedupKeyRunes);
  const std::string description = Cut(json->Text("description"), kSummaryRunes);
  if (type != "trigger") {
    change.note = description;
    if (description.empty() && type == "acknowledge") {
      change.note = Through(json->Text("client"));
    }
    if (change.entity.empty()) errors.emplace_back("Incident key can't be blank");
    return event;
  }
  if (description.empty()) errors.emplace_back("Description can't be blank");
  if (change.entity.empty()) NameByBody(body, &change);
  change.severity = "critical";  // The old API knows no other.
  AddText(&change.labels, "alertname", NameOf(json->root(), "details", description));
  AddText(&change.annotations, "summary", description);
  AddDetails(json->root(), "details", &change);
  AddText(&change.annotations, "client", json->Text("client"));
  change.generator_url = json->Text("client_url");
  return event;
}

PagerDutyEvent ReadPagerDutyChange(std::string_view body, std::string_view header_key) {
  PagerDutyEvent event;
  event.change.verb = Verb::kNothing;
  const Result<JsonIn> json = JsonIn::Parse(body);
  if (!json) {
    event.errors.push_back(json.error().message);
    return event;
  }
  event.routing_key = RoutingKey(json->root(), header_key, &event.errors);
  const auto payload = ObjectOf(json->root(), "payload");
  if (!payload) {
    event.errors.emplace_back("'payload' is missing or is not an object");
    return event;
  }
  Demand(*payload, "summary", "payload.summary", &event.errors);
  AddLinks(json->root(), &event.change, &event.errors);
  return event;
}

}  // namespace watchfire::inbound
