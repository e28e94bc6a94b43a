// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/rules/state_record.h"

#include <charconv>
#include <utility>

#include <simdjson.h>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::rules {
namespace {

using simdjson::dom::element;

const char* StateName(State state) {
  if (state == State::kPending) return "pending";
  return state == State::kFiring ? "firing" : "inactive";
}

void WriteLabels(JsonWriter* json, const char* name, const labels::LabelSet& labels) {
  json->Key(name).StartObject();
  for (const labels::Label& label : labels) json->Field(label.name, label.value);
  json->EndObject();
}

void WriteTime(JsonWriter* json, const char* name, WallTime time) {
  json->Key(name);
  if (time == kNoTime) {
    json->Null();
  } else {
    json->String(FormatRfc3339(time, 9, true));
  }
}

labels::LabelSet ReadLabels(element object) {
  labels::LabelSet::Pairs pairs;
  for (const auto field : simdjson::dom::object(object)) {
    pairs.emplace_back(field.key, std::string_view(field.value));
  }
  return labels::LabelSet(std::move(pairs));
}

Result<WallTime> ReadTime(element value) {
  if (value.is_null()) return kNoTime;
  return ParseTime(std::string_view(value));
}

Status ReadTimes(element item, Instance* out) {
  const std::pair<const char*, WallTime*> fields[] = {
      {"active_at", &out->active_at},       {"fired_at", &out->fired_at},
      {"resolved_at", &out->resolved_at},   {"keep_firing_since", &out->keep_firing_since},
      {"last_sent_at", &out->last_sent_at},
  };
  for (const auto& [name, time] : fields) {
    const Result<WallTime> read = ReadTime(item[name]);
    if (!read)
      return Fail(Code::kCorrupt, std::string("rule state: ") + name + ": " + read.error().message);
    *time = *read;
  }
  return {};
}

Result<Instance> ReadInstance(element item) {
  Instance out;
  out.labels = ReadLabels(item["labels"]);
  out.annotations = ReadLabels(item["annotations"]);
  const std::string_view state = item["state"];
  out.state = state == "firing"    ? State::kFiring
              : state == "pending" ? State::kPending
                                   : State::kInactive;
  std::string_view value = item["value"];
  if (value.starts_with('+')) value.remove_prefix(1);
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out.value);
  WF_RETURN_IF_ERROR(ReadTimes(item, &out));
  // The arithmetic on these times relies on their being there.
  const bool whole = error == std::errc() && end == value.data() + value.size() &&
                     state == StateName(out.state) && out.active_at != kNoTime &&
                     (out.state == State::kPending) == (out.fired_at == kNoTime) &&
                     (out.state == State::kInactive) == (out.resolved_at != kNoTime);
  if (!whole) return Fail(Code::kCorrupt, "rule state: contradictory instance");
  return out;
}

}  // namespace

std::string EncodeInstances(const Instances& instances) {
  JsonWriter json;
  json.StartObject().Key("instances").StartArray();
  for (const auto& [key, instance] : instances) {
    json.StartObject();
    WriteLabels(&json, "labels", instance.labels);
    WriteLabels(&json, "annotations", instance.annotations);
    json.Field("state", StateName(instance.state)).Field("value", FormatGoFloat(instance.value));
    WriteTime(&json, "active_at", instance.active_at);
    WriteTime(&json, "fired_at", instance.fired_at);
    WriteTime(&json, "resolved_at", instance.resolved_at);
    WriteTime(&json, "keep_firing_since", instance.keep_firing_since);
    WriteTime(&json, "last_sent_at", instance.last_sent_at);
    json.EndObject();
  }
  return json.EndArray().EndObject().Take();
}

Result<Instances> DecodeInstances(std::string_view text) {
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(text);
    const element root = parser.parse(padded);
    Instances out;
    for (const element item : simdjson::dom::array(root["instances"])) {
      Result<Instance> instance = ReadInstance(item);
      if (!instance) return Fail(std::move(instance.error()));
      std::string key = instance->labels.ToString();
      out.insert_or_assign(std::move(key), *std::move(instance));
    }
    return out;
  } catch (const simdjson::simdjson_error& error) {
    return Fail(Code::kCorrupt, std::string("rule state: ") + error.what());
  }
}

}  // namespace watchfire::rules
