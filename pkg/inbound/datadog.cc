// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Datadog's webhook. Its payload is the user's own template; the members that docs/inbound.md
// recommends are read, the default payload is as well as it can be: only its title says what
// happened. Source: docs.datadoghq.com, "Webhooks" (variables).

#include "pkg/base/strings.h"
#include "pkg/inbound/inbound.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::inbound {
namespace {

// A variable that was not expanded, "$ALERT_ID", says nothing.
std::string Said(const JsonIn& json, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    std::string text = json.Text(name);
    if (!text.empty() && text[0] != '$') return text;
  }
  return "";
}

// "[Triggered on {host:a}] Disk full" begins with what happened.
std::string TransitionOf(const std::string& title) {
  const size_t end = title.find(']');
  if (!title.starts_with('[') || end == std::string::npos) return "";
  const std::string head = title.substr(1, end - 1);
  for (const char* word : {"Re-Triggered", "Triggered", "Re-Warn", "Warn", "Re-No Data", "No Data",
                           "Renotify", "Recovered"}) {
    if (head.find(word) != std::string::npos) return word;
  }
  return "";
}

std::string WithoutHead(const std::string& title) {
  const size_t end = title.find(']');
  if (!title.starts_with('[') || end == std::string::npos) return title;
  return std::string(Trim(std::string_view(title).substr(end + 1)));
}

// "env:prod,service:web": the ones that routes go by.
void AddTags(const std::string& tags, Change* change) {
  for (const std::string_view tag : Split(tags, ',')) {
    const size_t colon = tag.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = Trim(tag.substr(0, colon));
    const std::string_view value = Trim(tag.substr(colon + 1));
    AddField(change, name == "env" ? "environment" : name == "host" ? "instance" : name, value);
  }
}

std::string SeverityOf(const JsonIn& json, const std::string& transition) {
  std::string severity = NormalSeverity(Said(json, {"priority", "alert_priority"}));
  if (!severity.empty()) return severity;
  const std::string type = ToLower(Said(json, {"alert_type", "type"}));
  if (transition.find("warn") != std::string::npos) return "warning";
  if (type == "error" || type == "warning" || type == "info") return NormalSeverity(type);
  return "";
}

}  // namespace

Result<Changes> ReadDatadog(std::string_view body, WallTime now) {
  const Result<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Fail(json.error());
  const std::string wrong = json->NoText(
      {"alert_id", "alert_cycle_key", "title", "transition", "alert_transition", "id"});
  if (!wrong.empty()) return InvalidArgument(wrong + " must be a string");
  const std::string title = Said(*json, {"title", "event_title"});
  std::string transition = Said(*json, {"transition", "alert_transition"});
  if (transition.empty()) transition = TransitionOf(title);
  transition = ToLower(transition);

  Change change;
  change.verb = transition == "recovered" ? Verb::kResolve : Verb::kTrigger;
  change.entity = Said(*json, {"alert_cycle_key", "cycle_key"});
  if (change.entity.empty()) {
    const std::string id = Said(*json, {"alert_id"});
    const std::string scope = Said(*json, {"scope", "alert_scope"});
    change.entity = id.empty() ? Said(*json, {"aggreg_key"}) : id + "/" + scope;
  }
  const std::string name = WithoutHead(title);
  if (change.entity.empty()) change.entity = name;
  if (change.entity.empty()) {
    return InvalidArgument(
        "nothing says what it is about: send alert_cycle_key, alert_id or title");
  }
  change.entity = Cut(change.entity, 512);
  change.severity = SeverityOf(*json, transition);
  AddText(&change.labels, "alertname", Said(*json, {"alert_title"}));
  AddText(&change.labels, "alertname", name);
  AddText(&change.labels, "instance", Said(*json, {"hostname", "host"}));
  AddText(&change.annotations, "summary", title);
  AddText(&change.annotations, "description", Said(*json, {"body", "event_msg"}));
  AddText(&change.annotations, "query", Said(*json, {"query", "alert_query"}));
  AddTags(Said(*json, {"tags"}), &change);
  change.generator_url = Said(*json, {"link", "url"});
  change.starts_at = TimeOf(json->root(), "date", now);
  return Changes{std::move(change)};
}

}  // namespace watchfire::inbound
