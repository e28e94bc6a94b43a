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

// What a title says: "[P2] [Recovered on {host:a}] Disk full".
struct Title {
  std::string priority;    // "P2"; "" when the monitor has none.
  std::string transition;  // "Recovered"
  std::string scope;       // "host:a"
  std::string name;        // "Disk full"
};

// Takes a "[…]" off the front of `text`; "" when there is none.
std::string_view TakeHead(std::string_view* text) {
  const size_t end = text->find(']');
  if (!text->starts_with('[') || end == std::string_view::npos) return "";
  const std::string_view head = text->substr(1, end - 1);
  *text = Trim(text->substr(end + 1));
  return head;
}

Title ReadTitle(std::string_view text) {
  Title title;
  std::string_view head = TakeHead(&text);
  if (head.size() == 2 && head[0] == 'P' && head[1] >= '1' && head[1] <= '5') {
    title.priority = head;
    head = TakeHead(&text);
  }
  for (const std::string_view word : {"Re-Triggered", "Triggered", "Re-Warn", "Warn", "Re-No Data",
                                      "No Data", "Renotify", "Recovered"}) {
    if (head.starts_with(word) && title.transition.empty()) title.transition = word;
  }
  const size_t open = head.find('{');
  const size_t close = head.rfind('}');
  if (open != std::string_view::npos && close != std::string_view::npos && open < close) {
    title.scope = head.substr(open + 1, close - open - 1);
  }
  title.name = text;
  return title;
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

std::string SeverityOf(const JsonIn& json, const std::string& transition, const Title& title) {
  std::string severity = NormalSeverity(Said(json, {"priority", "alert_priority"}));
  if (severity.empty()) severity = NormalSeverity(title.priority);
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
  const std::string text = Said(*json, {"title", "event_title"});
  const Title title = ReadTitle(text);
  std::string transition = Said(*json, {"transition", "alert_transition"});
  if (transition.empty()) transition = title.transition;
  transition = ToLower(transition);

  // A payload of somebody's own may say no more than $ALERT_TYPE, which is "success" for an end.
  const std::string type = ToLower(Said(*json, {"alert_type", "type"}));
  const bool is_over = transition == "recovered" || (transition.empty() && type == "success");

  Change change;
  change.verb = is_over ? Verb::kResolve : Verb::kTrigger;
  change.entity = Said(*json, {"alert_cycle_key", "cycle_key"});
  std::string scope = Said(*json, {"scope", "alert_scope"});
  if (scope.empty()) scope = title.scope;
  if (change.entity.empty()) {
    const std::string id = Said(*json, {"alert_id"});
    change.entity = id.empty() ? Said(*json, {"aggreg_key"}) : id + "/" + scope;
  }
  // The title alone: one alert for each scope, which its end names as well.
  if (change.entity.empty()) {
    change.entity = scope.empty() || title.name.empty() ? title.name : title.name + "/" + scope;
  }
  if (change.entity.empty()) {
    return InvalidArgument(
        "nothing says what it is about: send alert_cycle_key, alert_id or title");
  }
  change.entity = Cut(change.entity, 512);
  change.severity = SeverityOf(*json, transition, title);
  AddText(&change.labels, "alertname", Said(*json, {"alert_title"}));
  AddText(&change.labels, "alertname", title.name);
  AddText(&change.labels, "instance", Said(*json, {"hostname", "host"}));
  AddText(&change.annotations, "summary", text);
  AddText(&change.annotations, "description", Said(*json, {"body", "event_msg"}));
  AddText(&change.annotations, "query", Said(*json, {"query", "alert_query"}));
  AddTags(Said(*json, {"tags"}), &change);
  change.generator_url = Said(*json, {"link", "url"});
  change.starts_at = TimeOf(json->root(), "date", now);
  return Changes{std::move(change)};
}

}  // namespace watchfire::inbound
