// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/servicenow.h"

#include <algorithm>
#include <optional>

#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

constexpr size_t kShortDescriptionRunesMax = 160;
constexpr size_t kTextRunesMax = 4000;

// What a column takes of a text.
std::string Cut(const std::string& text, size_t runes_max) {
  size_t at = 0;
  for (size_t runes = 0; at < text.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    if (starts && ++runes > runes_max) break;
  }
  return text.substr(0, at);
}

// 1 is the highest of both and of what they give.
std::string Priority(const std::string& impact, const std::string& urgency) {
  const int sum = (impact.at(0) - '0') + (urgency.at(0) - '0');
  return std::to_string(sum - 1);
}

bool IsLevel(const std::string& text) { return text == "1" || text == "2" || text == "3"; }

}  // namespace

Reply ServiceNow::Refuse(int status, std::string_view message, std::string_view detail) {
  JsonWriter json;
  json.StartObject().Key("error").StartObject().Field("message", message);
  json.Field("detail", detail).EndObject().Field("status", "failure");
  return {status, json.EndObject().Take()};
}

Reply ServiceNow::Answer(std::string_view method, std::string_view tail, std::string_view query,
                         std::string_view authorization, std::string_view body) {
  const std::string& wanted = authorization_.reveal();
  const bool known =
      wanted.empty() ? !authorization.empty() : EqualsConstantTime(authorization, wanted);
  if (!known) return Refuse(401, "User Not Authenticated", "Required to provide Auth information");
  if (tail.empty() && method == "GET") return Find(query);
  const bool creates = tail.empty() && method == "POST";
  if (!creates && (tail.empty() || method != "PATCH")) {
    return Refuse(405, "Method not supported", "Method not supported");
  }
  const std::optional<JsonIn> json = JsonIn::Parse(body);
  if (!json) {
    return Refuse(400, "Exception while reading request", "The payload is not valid JSON.");
  }
  Record record;
  auto found = records_.end();
  if (!creates) {
    found = std::ranges::find(records_, tail.substr(1), &Record::sys_id);
    if (found == records_.end()) {
      return Refuse(404, "No Record found",
                    "Record doesn't exist or ACL restricts the record retrieval");
    }
    record = *found;
  }
  if (std::optional<Reply> refusal = Set(*json, &record)) return *refusal;
  JsonWriter out;
  out.StartObject().Key("result");
  if (creates) {
    if (records_.size() == kRecordsMax) records_.erase(records_.begin());
    record.number = "INC" + std::to_string(10'000 + ++last_number_);
    record.sys_id = Hex64(last_number_) + Hex64(~last_number_);
    records_.push_back(record);
  } else {
    ++record.updates;
    *found = record;
  }
  WriteResult(record, &out);
  return {creates ? 201 : 200, out.EndObject().Take()};
}

Reply ServiceNow::Find(std::string_view query) const {
  std::vector<const Record*> found;
  for (const Record& record : records_) {
    const auto matches = [&](std::string_view clause) {
      if (clause == "active=true") return record.active();
      return !clause.starts_with("correlation_id=") ||
             clause.substr(clause.find('=') + 1) == record.correlation_id;
    };
    if (std::ranges::all_of(Split(query, '^'), matches)) found.push_back(&record);
  }
  JsonWriter json;
  json.StartObject().Key("result").StartArray();
  std::ranges::reverse(found);  // The newest first, as is asked for.
  for (const Record* record : found) WriteResult(*record, &json);
  return {200, json.EndArray().EndObject().Take()};
}

std::optional<Reply> ServiceNow::Set(const JsonIn& json, Record* record) {
  const auto set = [&](const char* key, std::string* column, size_t runes_max) {
    const std::string pointer = std::string("/") + key;
    if (json.At(pointer)) *column = Cut(json.Text(pointer), runes_max);
  };
  set("short_description", &record->short_description, kShortDescriptionRunesMax);
  set("description", &record->description, kTextRunesMax);
  set("correlation_id", &record->correlation_id, 100);
  set("impact", &record->impact, 1);
  set("urgency", &record->urgency, 1);
  set("state", &record->state, 2);
  set("close_code", &record->close_code, 40);
  set("close_notes", &record->close_notes, kTextRunesMax);
  set("work_notes", &record->work_notes, kTextRunesMax);
  // What is no choice is not stored.
  if (!IsLevel(record->impact)) record->impact = "3";
  if (!IsLevel(record->urgency)) record->urgency = "3";
  if (record->state == "6" && (record->close_code.empty() || record->close_notes.empty())) {
    return Refuse(403, "Operation Failed",
                  "Data Policy Exception: The following fields are mandatory: Resolution notes, "
                  "Resolution code");
  }
  return std::nullopt;
}

void ServiceNow::WriteResult(const Record& record, JsonWriter* json) {
  json->StartObject().Field("sys_id", record.sys_id).Field("number", record.number);
  json->Field("state", record.state).EndObject();
}

void ServiceNow::Write(JsonWriter* json) const {
  json->StartArray();
  for (const Record& record : records_) {
    json->StartObject().Field("number", record.number).Field("state", record.state);
    json->Field("short_description", record.short_description);
    json->Field("priority", Priority(record.impact, record.urgency));
    json->Field("close_code", record.close_code).Field("close_notes", record.close_notes);
    json->Field("work_notes", record.work_notes)
        .Field("updates", static_cast<int64_t>(record.updates));
    json->EndObject();
  }
  json->EndArray();
}

}  // namespace watchfire::pagersim
