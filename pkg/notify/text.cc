// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/text.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "pkg/base/strings.h"

namespace watchfire::notify {
namespace {

constexpr size_t kNamesShown = 3;

// The annotations with a meaning of their own, in reading order.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kKnownAnnotations = {{
    {"summary", "Summary"},
    {"description", "Description"},
    {"runbook_url", "Runbook"},
    {"dashboard_url", "Dashboard"},
}};

void AddOnce(std::vector<std::string>* list, std::string_view text) {
  if (!text.empty() && std::ranges::count(*list, text) == 0) list->emplace_back(text);
}

// Names of what fires, or, when all is over, of what has resolved.
std::string Names(const dispatch::Notification& notification) {
  std::vector<std::string> names;
  for (const alert::Alert& alert : notification.alerts) {
    if (notification.Firing(alert) == notification.firing()) AddOnce(&names, alert.name());
  }
  const size_t more = names.size() - std::min(names.size(), kNamesShown);
  names.resize(names.size() - more);
  return Join(names, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

void AddLine(std::string* out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out->append(name).append(": ").append(value).append("\n");
}

void AddAlert(std::string* out, const alert::Alert& alert, bool firing) {
  AddLine(out, firing ? "Firing" : "Resolved", alert.name().empty() ? "alert" : alert.name());
  for (const auto& [name, title] : kKnownAnnotations) {
    AddLine(out, title, alert.annotations.Get(name));
  }
  for (const labels::Label& annotation : alert.annotations) {
    const auto same = [&](const auto& known) { return known.first == annotation.name; };
    if (std::ranges::any_of(kKnownAnnotations, same)) continue;
    AddLine(out, annotation.name, annotation.value);
  }
  std::vector<std::string> pairs;
  for (const labels::Label& label : alert.labels) {
    if (label.name == "alertname") continue;
    pairs.push_back(std::string(label.name) + "=" + std::string(label.value));
  }
  AddLine(out, "Labels", Join(pairs, ", "));
  AddLine(out, "Since", FormatRfc3339(alert.starts_at, 0));
  if (!firing) AddLine(out, "Until", FormatRfc3339(alert.ends_at, 0));
  AddLine(out, "Source", alert.generator_url);
}

}  // namespace

std::string Title(const dispatch::Notification& notification) {
  const auto firing = std::ranges::count_if(
      notification.alerts, [&](const alert::Alert& alert) { return notification.Firing(alert); });
  std::string title = firing > 0 ? "[FIRING:" + std::to_string(firing) + "]" : "[RESOLVED]";
  if (const std::string names = Names(notification); !names.empty()) title += " " + names;
  std::vector<std::string> shared;
  for (const labels::Label& label : notification.common_labels()) {
    if (label.name != "alertname") AddOnce(&shared, label.value);
  }
  if (!shared.empty()) title += " (" + Join(shared, " ") + ")";
  return title;
}

std::string Details(const dispatch::Notification& notification, size_t runes_max) {
  std::string out;
  for (const bool firing : {true, false}) {
    for (const alert::Alert& alert : notification.alerts) {
      if (notification.Firing(alert) != firing) continue;
      if (!out.empty()) out += "\n";
      AddAlert(&out, alert, firing);
      // A rune has at most four bytes: what follows would be cut anyway.
      if (out.size() > runes_max * 4) return TruncateRunes(RepairUtf8(out), runes_max);
    }
  }
  return TruncateRunes(RepairUtf8(out), runes_max);
}

}  // namespace watchfire::notify
