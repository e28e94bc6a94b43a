// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Opsgenie's clients are shown: alerts, and what became of requests.

#include <algorithm>
#include <cstdio>

#include "pkg/base/strings.h"
#include "pkg/inbound/opsgenie.h"

namespace watchfire::inbound {
namespace {

// Annotations that have members of their own.
constexpr std::array<std::string_view, 9> kOwn = {"summary", "description", "tags",
                                                  "actions", "entity",      "source",
                                                  "note",    "responders",  kUpdatedPriority};

// Short enough for whoever reads a tiny id as a number, long enough that 10,000 aliases share none.
constexpr uint64_t kTinyIds = 1'000'000'000'000;

int64_t Millis(WallTime time) { return ToNanos(time) / 1'000'000; }

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string_view word : Split(text, ',')) {
    if (!Trim(word).empty()) words.emplace_back(Trim(word));
  }
  return words;
}

void WriteWords(JsonWriter* json, const char* name, const std::vector<std::string>& words) {
  json->Key(name).StartArray();
  for (const std::string& word : words) json->String(word);
  json->EndArray();
}

// "team:ops". Ids are names here.
void WriteResponders(JsonWriter* json, const std::vector<std::string>& responders) {
  json->Key("responders").StartArray();
  for (const std::string& responder : responders) {
    const size_t colon = responder.find(':');
    const bool has_type = colon != std::string::npos;
    const std::string type = has_type ? responder.substr(0, colon) : "user";
    const std::string name = has_type ? responder.substr(colon + 1) : responder;
    json->StartObject().Field("type", type).Field("id", name);
    json->Field(type == "user" ? "username" : "name", name).EndObject();
  }
  json->EndArray();
}

}  // namespace

uint64_t OpsgenieHash(std::string_view alias) {
  return labels::LabelSet({{"alias", std::string(alias)}}).fingerprint();
}

OpsgenieAlert OpsgenieAlert::Of(const alert::Alert& alert, WallTime at,
                                const labels::LabelSet& of_key) {
  OpsgenieAlert shown;
  const labels::LabelSet& texts = alert.annotations;
  shown.alias = alert.labels.Get(kEntityLabel);
  const uint64_t hash = OpsgenieHash(shown.alias);
  shown.id = Hex64(hash) + "-" + std::to_string(Millis(alert.starts_at));
  shown.tiny_id = std::to_string(hash % kTinyIds);
  shown.message = texts.Get("summary");
  shown.priority = texts.Get(kUpdatedPriority);
  if (shown.priority.empty()) shown.priority = alert.labels.Get("priority");
  if (shown.priority.empty()) shown.priority = "P3";
  shown.source = texts.Get("source");
  shown.entity = texts.Get("entity");
  shown.description = texts.Get("description");
  shown.tags = WordsOf(texts.Get("tags"));
  shown.actions = WordsOf(texts.Get("actions"));
  shown.responders = WordsOf(texts.Get("responders"));
  labels::LabelSet::Pairs details = texts.pairs();
  std::erase_if(details,
                [](const auto& pair) { return std::ranges::find(kOwn, pair.first) != kOwn.end(); });
  for (const std::string_view name : kFieldLabels) {
    const std::string_view value = alert.labels.Get(name);
    // The team of the responders, or of the key, is no detail that the sender gave.
    const bool is_responder =
        name == "team" && std::ranges::count(shown.responders, "team:" + std::string(value)) > 0;
    if (!value.empty() && !is_responder && !of_key.Has(name)) details.emplace_back(name, value);
  }
  shown.details = labels::LabelSet(std::move(details));
  shown.is_open = !alert.Resolved(at);
  shown.created_at = alert.starts_at;
  shown.updated_at = alert.updated_at;
  if (!shown.is_open) shown.closed_at = alert.ends_at;
  return shown;
}

void OpsgenieAlert::Write(JsonWriter* json, bool is_whole) const {
  json->StartObject().Field("id", id).Field("tinyId", tiny_id).Field("alias", alias);
  json->Field("message", message).Field("status", is_open ? "open" : "closed");
  json->Field("acknowledged", is_acknowledged).Field("isSeen", is_acknowledged);
  WriteWords(json, "tags", tags);
  json->Field("snoozed", is_snoozed);
  if (is_snoozed) json->Field("snoozedUntil", FormatRfc3339(snoozed_until));
  json->Field("count", 1).Field("lastOccurredAt", FormatRfc3339(updated_at));
  json->Field("createdAt", FormatRfc3339(created_at));
  json->Field("updatedAt", FormatRfc3339(updated_at));
  json->Field("source", source).Field("owner", owner).Field("priority", priority);
  // Not the vendor's, which has it in `report` only; scripts for lists ask for it.
  if (acked_at != kNoTime) json->Field("acknowledgedAt", FormatRfc3339(acked_at));
  json->Key("integration").StartObject().Field("id", "watchfire").Field("name", "Watchfire");
  json->Field("type", "API").EndObject();
  WriteResponders(json, responders);
  json->Key("report").StartObject();
  if (acked_at != kNoTime) {
    json->Field("ackTime", Millis(acked_at) - Millis(created_at));
    json->Field("acknowledgedBy", acked_by);
  }
  if (closed_at != kNoTime) json->Field("closeTime", Millis(closed_at) - Millis(created_at));
  json->EndObject();
  if (is_whole) {
    WriteWords(json, "actions", actions);
    json->Field("entity", entity).Field("description", description);
    json->Key("details").StartObject();
    for (const labels::Label& detail : details) json->Field(detail.name, detail.value);
    json->EndObject();
  }
  json->EndObject();
}

uint8_t OpsgenieActionIndex(std::string_view name) {
  constexpr std::string_view kCustom = "Custom";
  auto found = std::ranges::find(kOpsgenieActions, name);
  if (found == kOpsgenieActions.end()) found = std::ranges::find(kOpsgenieActions, kCustom);
  return static_cast<uint8_t>(found - kOpsgenieActions.begin());
}

// 64 bits of hash, 5 of action, 5 of status and 48 of time make the 122 free bits of a UUID of
// version 8 (RFC 9562 §5.8).
std::string OpsgenieRequest::Id() const {
  const uint64_t low = ((alert & 0xf) << 10) | (uint64_t{action} << 5) | status;
  std::array<char, 40> text{};
  const auto put = [&](uint64_t value) { return static_cast<unsigned>(value); };
  std::snprintf(text.data(), text.size(), "%08x-%04x-8%03x-%04x-%04x%08x", put(alert >> 32),
                put((alert >> 16) & 0xffff), put((alert >> 4) & 0xfff), put(0x8000 | low),
                put((static_cast<uint64_t>(Millis(at)) >> 32) & 0xffff),
                put(static_cast<uint64_t>(Millis(at)) & 0xffffffff));
  return text.data();
}

std::optional<OpsgenieRequest> OpsgenieRequest::Parse(std::string_view id) {
  if (id.size() != 36 || id[8] != '-' || id[13] != '-' || id[18] != '-' || id[23] != '-') {
    return std::nullopt;
  }
  std::string digits;
  for (const char c : id) {
    if (c != '-') digits += c;
  }
  if (digits.size() != 32) return std::nullopt;
  const auto high = ParseHex64(digits.substr(0, 16));
  const auto low = ParseHex64(digits.substr(16));
  if (!high || !low || ((*high >> 12) & 0xf) != 8 || (*low >> 62) != 2) return std::nullopt;
  const uint64_t middle = (*low >> 48) & 0x3fff;
  OpsgenieRequest request;
  request.alert = ((*high >> 16) << 16) | ((*high & 0xfff) << 4) | (middle >> 10);
  request.action = static_cast<uint8_t>((middle >> 5) & 0x1f);
  request.status = static_cast<uint8_t>(middle & 0x1f);
  const uint64_t millis = *low & 0xffff'ffff'ffff;
  if (request.action >= kOpsgenieActions.size() || request.status >= kOpsgenieStatuses.size() ||
      millis > 9'000'000'000'000) {
    return std::nullopt;
  }
  request.at = FromNanos(static_cast<int64_t>(millis) * 1'000'000);
  return request;
}

}  // namespace watchfire::inbound
