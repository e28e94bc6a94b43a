// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reads `inbound`.

#include <algorithm>
#include <memory>
#include <utility>

#include <re2/re2.h>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::config {

Secret ReadSecret(Section& section, const std::string& name, bool required, Loader* loader) {
  Secret secret = section.SecretString(name);
  const std::string file_key = name + "_file";
  const std::string path = section.String(file_key);
  if (!path.empty() && !secret.empty()) {
    section.Error(file_key, "at most one of " + name + " & " + file_key + " must be configured");
  } else if (path.empty() && secret.empty() && required) {
    section.Error(name, "one of " + name + " or " + file_key + " must be configured");
  } else if (!path.empty()) {
    const Result<std::string> text = loader->files.read(path);
    secret = Secret(std::string(Trim(text.value_or(""))));
    if (!text) {
      section.Error(file_key, file_key + ": " + text.error().message);
    } else if (secret.empty()) {
      section.Error(file_key, file_key + " " + path + " is empty");
    }
  }
  return secret;
}

namespace {

// Every { needs its }, with a path between them.
void CheckPlaces(Section& section, const std::string& key, const std::string& text) {
  for (size_t at = text.find('{'); at != std::string::npos; at = text.find('{', at + 1)) {
    const size_t end = text.find('}', at);
    if (end != std::string::npos && end > at + 1) continue;
    section.Error(key, key + ": " + GoQuote(text) + " has a { without a path and its }",
                  "such as {build.url}");
    return;
  }
}

// A `*` stands for whatever follows.
std::vector<std::string> ReadStatuses(Section& section, const std::string& key) {
  std::vector<std::string> statuses = section.Strings(key);
  for (const std::string& status : statuses) {
    const size_t star = status.find('*');
    if (star == std::string::npos || star + 1 == status.size()) continue;
    section.Warn(key, key + ": " + GoQuote(status) + " has a * before its end, which is no pattern",
                 "only what comes first can be told");
  }
  return statuses;
}

InboundMapping ReadMapping(Section& section) {
  InboundMapping mapping;
  const auto text = [&](const char* key) {
    std::string value = section.String(key);
    CheckPlaces(section, key, value);
    return value;
  };
  mapping.entity = text("entity");
  if (mapping.entity.find('{') == std::string::npos) {
    section.Error("entity", "entity must say what the alert is about, in words of the body",
                  "such as '{repository}/{workflow}'");
  }
  mapping.status = text("status");
  mapping.severity = text("severity");
  mapping.resolved = ReadStatuses(section, "resolved");
  mapping.ignored = ReadStatuses(section, "ignored");
  if (mapping.status.empty() && (!mapping.resolved.empty() || !mapping.ignored.empty())) {
    section.Error("status", "resolved and ignored are values of status, which is not set");
  }
  mapping.severities = section.StringMap("severities");
  mapping.labels = section.StringMap("labels");
  mapping.annotations = section.StringMap("annotations");
  for (const auto& [name, value] : mapping.labels) CheckPlaces(section, "labels", value);
  for (const auto& [name, value] : mapping.annotations) CheckPlaces(section, "annotations", value);
  section.Finish();
  return mapping;
}

// Null unless it is given and right.
std::shared_ptr<const re2::RE2> ReadEntityWithout(Section& section) {
  const char* name = "entity_without";
  const std::string regex = section.String(name);
  if (regex.empty()) return nullptr;
  if (const Status checked = matcher::CheckRegex(regex); !checked) {
    section.Error(name, std::string(name) + ": " + checked.error().message);
    return nullptr;
  }
  return std::make_shared<const re2::RE2>(regex, re2::RE2::Quiet);
}

InboundKey ReadKey(Section& section, std::string_view kind, Loader* loader) {
  InboundKey key;
  key.key = ReadSecret(section, "key", true, loader);
  key.labels = ReadLabels(section, "labels");
  key.expires_after = section.PromDuration("expires_after", key.expires_after);
  // Buttons and calls say of which entity we told them.
  if (kind != "slack" && kind != "twilio") key.entity_without = ReadEntityWithout(section);
  if (kind == "victorops") {
    key.api_id = ReadSecret(section, "api_id", false, loader);
    key.api_key = ReadSecret(section, "api_key", false, loader);
    if (key.api_id.empty() != key.api_key.empty()) {
      section.Error(key.api_id.empty() ? "api_key" : "api_id",
                    "api_id and api_key go together: clients of /api-public send both");
    }
  }
  if (kind == "opsgenie" || kind == "pagerduty") {
    key.api_key = ReadSecret(section, "api_key", false, loader);
  }
  if (kind == "twilio") {
    key.auth_token = ReadSecret(section, "auth_token", true, loader);
    key.url = section.Url("url");
  }
  if (kind == "pagerduty") {
    key.signing_secret = ReadSecret(section, "signing_secret", false, loader);
  }
  if (kind == "slack") {
    key.signing_secret = ReadSecret(section, "signing_secret", true, loader);
  }
  if (kind == "cloudwatch") {
    key.verify = section.Bool("verify", key.verify);
    key.topics = section.Strings("topics");
  }
  if (kind == "generic") {
    if (auto mapping = section.Child("mapping")) {
      key.mapping = ReadMapping(*mapping);
    } else {
      section.Error("mapping", "a generic key needs a mapping: which member of the body is what");
    }
  }
  section.Finish();
  return key;
}

// What the alerts of a key are known by, beside their entities.
labels::LabelSet MarksOf(const InboundKey& key, std::string_view kind) {
  labels::LabelSet::Pairs own = key.labels.pairs();
  std::erase_if(own, [](const auto& pair) { return pair.first == "entity_id"; });
  return labels::LabelSet{{"source", std::string(kind)}}.With(own);
}

// Whether no alert can be taken for one of both: a key's labels win over the sender's, so one that
// both set, to different values, tells them apart.
bool AreApart(const labels::LabelSet& a, const labels::LabelSet& b) {
  return std::ranges::any_of(a, [&](const labels::Label& label) {
    return b.Has(label.name) && b.Get(label.name) != label.value;
  });
}

// Two keys share all their alerts, as when one is turned over, or none.
void CheckApart(Section& section, const InboundKey& key, std::string_view kind,
                const Inbound& inbound) {
  const labels::LabelSet marks = MarksOf(key, kind);
  for (const auto& [other_kind, keys] : inbound.keys) {
    for (const InboundKey& other : keys) {
      const labels::LabelSet theirs = MarksOf(other, other_kind);
      if (AreApart(marks, theirs) || (kind == other_kind && marks == theirs)) continue;
      section.Error("labels",
                    "this key of inbound." + std::string(kind) + " and another of inbound." +
                        other_kind +
                        " would end each other's alerts: they must have the same "
                        "labels, or one that both set and that differs",
                    "such as labels: {team: web} and labels: {team: db}");
      return;
    }
  }
}

void ReadKeys(Section& section, std::string_view kind, Loader* loader) {
  for (Section& child : section.Children(std::string(kind))) {
    InboundKey key = ReadKey(child, kind, loader);
    std::vector<InboundKey>& known = loader->config.inbound.keys[std::string(kind)];
    if (!key.key.empty() && std::ranges::find(known, key.key, &InboundKey::key) != known.end()) {
      child.Error("key", "this key of inbound." + std::string(kind) + " is not unique");
    }
    CheckApart(child, key, kind, loader->config.inbound);
    known.push_back(std::move(key));
  }
}

}  // namespace

void ReadInbound(Section& section, Loader* loader) {
  for (const std::string_view kind : kInboundKinds) ReadKeys(section, kind, loader);
  ReadKeys(section, "slack", loader);  // Which brings no alerts, only presses of buttons.
  section.Finish();
}

}  // namespace watchfire::config
