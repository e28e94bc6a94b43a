// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/pagerduty.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "cmd/pagersim/json_in.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

constexpr size_t kKeyLength = 32;
constexpr size_t kDedupKeyMax = 255;
constexpr size_t kSummaryMax = 1024;

Reply Invalid(const std::vector<std::string>& errors) {
  JsonWriter json;
  json.StartObject().Field("status", "invalid event").Field("message", "Event object is invalid");
  json.Key("errors").StartArray();
  for (const std::string& error : errors) json.String(error);
  return {400, json.EndArray().EndObject().Take()};
}

Reply Limited(int status) {
  JsonWriter json;
  json.StartObject().Field("status", "throttle exceeded");
  json.Field("message", "Requests for this service are arriving too quickly. Please retry later.");
  return {status, json.EndObject().Take()};
}

Reply Processed(int status, std::string_view key_name, const std::string& key) {
  JsonWriter json;
  json.StartObject().Field("status", "success").Field("message", "Event processed");
  return {status, json.Field(key_name, key).EndObject().Take()};
}

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> known) {
  return std::ranges::count(known, text) > 0;
}

// What is wrong with the payload of a trigger.
void CheckPayload(const JsonIn& json, std::vector<std::string>* errors) {
  for (const char* field : {"summary", "source", "severity"}) {
    const std::string pointer = std::string("/payload/") + field;
    if (json.Text(pointer).empty()) {
      errors->push_back("'payload." + std::string(field) + "' is missing or blank");
    }
  }
  const std::string severity = json.Text("/payload/severity");
  if (!severity.empty() && !IsOneOf(severity, {"critical", "error", "warning", "info"})) {
    errors->push_back(
        "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', "
        "'error' or 'info')");
  }
  if (RuneCount(RepairUtf8(json.Text("/payload/summary"))) > kSummaryMax) {
    errors->push_back("'payload.summary' is too long (at most 1024 characters)");
  }
  const auto details = json.At("/payload/custom_details");
  if (details && !details->is_object()) {
    errors->push_back("'payload.custom_details' is not an object");
  }
}

void CheckAttachments(const JsonIn& json, std::vector<std::string>* errors) {
  for (const auto& image : json.List("/images")) {
    if (!TextOf(image, "src").starts_with("https://")) {
      errors->push_back("'images.src' must be an HTTPS URL");
    }
  }
  for (const auto& link : json.List("/links")) {
    if (TextOf(link, "href").empty()) errors->push_back("'links.href' is missing or blank");
  }
}

}  // namespace

Reply PagerDuty::Enqueue(std::string_view body, WallTime now) {
  if (body.size() > kEventBytesMax) {
    return {413, R"({"status":"invalid event","message":"Event is larger than 512 KB"})"};
  }
  const std::optional<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Invalid({"JSON is invalid"});
  const std::string action = json->Text("/event_action");
  Event event{json->Text("/routing_key"), json->Text("/dedup_key"), json->Text("/payload/summary"),
              json->Text("/payload/severity")};
  std::vector<std::string> errors;
  if (event.key.empty()) {
    errors.emplace_back("'routing_key' is missing or blank");
  } else if (event.key.size() != kKeyLength) {
    errors.emplace_back("Length of 'routing_key' is incorrect (should be 32 characters)");
  } else if (!key_.empty() && !EqualsConstantTime(event.key, key_.reveal())) {
    errors.emplace_back("Invalid routing key");
  }
  if (!IsOneOf(action, {"trigger", "acknowledge", "resolve"})) {
    errors.emplace_back(
        "'event_action' is invalid (must be one of: trigger, acknowledge, resolve)");
  }
  if (event.dedup_key.size() > kDedupKeyMax) errors.emplace_back("'dedup_key' is too long");
  if (action == "trigger") {
    CheckPayload(*json, &errors);
    CheckAttachments(*json, &errors);
  } else if (event.dedup_key.empty()) {
    errors.emplace_back("'dedup_key' is missing or blank");
  }
  if (!errors.empty()) return Invalid(errors);
  if (IsLimited(event.key, now)) return Limited(429);
  if (event.dedup_key.empty()) event.dedup_key = "generated-" + std::to_string(last_number_ + 1);
  if (action != "trigger") {
    event.action = action == "resolve" ? Action::kResolve : Action::kAcknowledge;
  }
  const std::string dedup_key = event.dedup_key;
  Apply(std::move(event), now);
  return Processed(202, "dedup_key", dedup_key);
}

Reply PagerDuty::CreateEvent(std::string_view body, WallTime now) {
  if (body.size() > kEventBytesMax) return Invalid({"Event is larger than 512 KB"});
  const std::optional<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Invalid({"JSON is invalid"});
  const std::string type = json->Text("/event_type");
  Event event{json->Text("/service_key"), json->Text("/incident_key"), json->Text("/description"),
              "critical"};
  std::vector<std::string> errors;
  if (event.key.empty()) {
    errors.emplace_back("Service key can't be blank");
  } else if (!key_.empty() && !EqualsConstantTime(event.key, key_.reveal())) {
    errors.emplace_back("Service key is not valid");
  }
  if (!IsOneOf(type, {"trigger", "acknowledge", "resolve"})) {
    errors.emplace_back("Event type is invalid");
  }
  if (type == "trigger" && event.summary.empty()) {
    errors.emplace_back("Description can't be blank");
  }
  if (type != "trigger" && event.dedup_key.empty()) {
    errors.emplace_back("Incident key can't be blank");
  }
  if (!errors.empty()) return Invalid(errors);
  if (IsLimited(event.key, now)) return Limited(403);
  if (event.dedup_key.empty()) event.dedup_key = "generated-" + std::to_string(last_number_ + 1);
  if (type != "trigger") {
    event.action = type == "resolve" ? Action::kResolve : Action::kAcknowledge;
  }
  const std::string incident_key = event.dedup_key;
  Apply(std::move(event), now);
  return Processed(200, "incident_key", incident_key);
}

Reply PagerDuty::LogEntries(std::string_view authorization,
                            const PagerDutyLog::Parameter& parameter) const {
  constexpr std::string_view kScheme = "Token token=";
  const bool is_good =
      authorization.starts_with(kScheme) &&
      (token_.empty() || EqualsConstantTime(authorization.substr(kScheme.size()), token_.reveal()));
  if (!is_good) return {401, R"({"error":{"message":"Authentication failed","code":2006}})"};
  return log_.List(parameter);
}

Reply PagerDuty::Do(const PersonAct& act, WallTime now) {
  const auto alert = std::ranges::find(alerts_, act.number, &Alert::number);
  if (alert == alerts_.end()) return {404, JsonError("not_found", "no such alert")};
  if (act.verb != PersonAct::Verb::kNote && alert->status == "resolved") {
    return {409, JsonError("conflict", "it is resolved")};
  }
  if (act.verb == PersonAct::Verb::kNote) {
    Note("annotate", *alert, now, &act);
  } else {
    const bool is_ack = act.verb == PersonAct::Verb::kAcknowledge;
    alert->status = is_ack ? "acknowledged" : "resolved";
    Note(is_ack ? "acknowledge" : "resolve", *alert, now, &act);
  }
  return {200, "{}"};
}

void PagerDuty::Note(const char* type, const Alert& alert, WallTime now, const PersonAct* by) {
  log_.Add({type, alert.number, alert.latest.dedup_key, by == nullptr ? "" : by->user,
            by == nullptr ? "" : by->text, now});
}

std::string PagerDuty::DedupKey(uint64_t number) const {
  const auto alert = std::ranges::find(alerts_, number, &Alert::number);
  return alert == alerts_.end() ? "" : alert->latest.dedup_key;
}

void PagerDuty::Write(JsonWriter* json) const {
  json->StartArray();
  for (const Alert& alert : alerts_) {
    json->StartObject().Field("number", static_cast<int64_t>(alert.number));
    json->Field("status", alert.status).Field("dedup_key", alert.latest.dedup_key);
    json->Field("summary", alert.latest.summary).Field("severity", alert.latest.severity);
    json->Field("triggers", static_cast<int64_t>(alert.triggers)).EndObject();
  }
  json->EndArray();
}

bool PagerDuty::IsLimited(const std::string& key, WallTime now) {
  std::deque<WallTime>& arrivals = arrivals_[key];
  while (!arrivals.empty() && arrivals.front() <= now - std::chrono::minutes(1)) {
    arrivals.pop_front();
  }
  if (arrivals.size() >= kEventsPerMinute) return true;
  arrivals.push_back(now);
  return false;
}

void PagerDuty::Apply(Event event, WallTime now) {
  const auto open = std::ranges::find_if(alerts_, [&](const Alert& alert) {
    return alert.status != "resolved" && alert.latest.key == event.key &&
           alert.latest.dedup_key == event.dedup_key;
  });
  if (event.action == Action::kTrigger && open == alerts_.end()) {
    if (alerts_.size() == kAlertsMax) alerts_.erase(alerts_.begin());
    alerts_.push_back({++last_number_, std::move(event)});
    Note("trigger", alerts_.back(), now);
  } else if (open != alerts_.end()) {
    switch (event.action) {
      case Action::kTrigger:  // An acknowledged one stays silent.
        ++open->triggers;
        open->latest = std::move(event);
        break;
      case Action::kAcknowledge:
        if (open->status != "acknowledged") Note("acknowledge", *open, now);
        open->status = "acknowledged";
        break;
      case Action::kResolve:
        open->status = "resolved";
        Note("resolve", *open, now);
        break;
    }
  }
}

}  // namespace watchfire::pagersim
