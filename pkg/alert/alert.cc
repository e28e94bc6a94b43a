// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/alert/alert.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <simdjson.h>

#include "pkg/alert/notification_order.h"
#include "pkg/base/json.h"

namespace watchfire::alert {
namespace {

bool StrictlyBetween(WallTime time, WallTime from, WallTime to) { return from < time && time < to; }

// Joins two reports of one activity of the same alert, the later report leading.
Alert Join(const Alert& older, Alert newer, WallTime now) {
  Alert joined = std::move(newer);
  if (older.starts_at < joined.starts_at) {
    joined.starts_at = older.starts_at;
    joined.starts_zone = older.starts_zone;
  }
  if (joined.active_at == kNoTime) joined.active_at = older.active_at;
  // A resolution never undoes an earlier one. While it fires, an explicit end is a promise of its
  // sender and holds, where an end that we made up yields to the next report.
  const bool keeps_old_end = joined.Resolved(now) ? older.Resolved(now) : !older.timeout;
  if (keeps_old_end && older.ends_at > joined.ends_at) {
    joined.ends_at = older.ends_at;
    joined.ends_zone = older.ends_zone;
  }
  return joined;
}

void WriteLabels(JsonWriter* json, const char* name, const labels::LabelSet& labels) {
  json->Key(name).StartObject();
  for (const labels::Label& label : labels) json->Field(label.name, label.value);
  json->EndObject();
}

// Times are nanoseconds since 1970, exact and cheap; an unset one is left out.
void WriteTime(JsonWriter* json, const char* name, WallTime time) {
  if (time != kNoTime) json->Field(name, ToNanos(time));
}

using Element = simdjson::dom::element;
using JsonObject = simdjson::dom::object;

bool ReadLabels(const JsonObject& object, const char* name, labels::LabelSet* out) {
  JsonObject members;
  if (object[name].get(members) != simdjson::SUCCESS) return false;
  labels::LabelSet::Pairs pairs;
  for (const auto& [key, value] : members) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return false;
    pairs.emplace_back(key, text);
  }
  *out = labels::LabelSet(std::move(pairs));
  return true;
}

bool ReadTime(const JsonObject& object, const char* name, WallTime* out) {
  Element value;
  if (object[name].get(value) == simdjson::NO_SUCH_FIELD) return true;
  int64_t nanos = 0;
  if (value.get(nanos) != simdjson::SUCCESS) return false;
  *out = FromNanos(nanos);
  return true;
}

// Offsets are rare: UTC is left out.
void WriteZone(JsonWriter* json, const char* name, int16_t minutes) {
  if (minutes != 0) json->Field(name, minutes);
}

bool ReadZone(const JsonObject& object, const char* name, int16_t* out) {
  Element value;
  if (object[name].get(value) == simdjson::NO_SUCH_FIELD) return true;
  int64_t minutes = 0;
  // A day and an hour is the largest offset that ParseZonedTime() takes.
  if (value.get(minutes) != simdjson::SUCCESS || std::abs(minutes) > 25 * 60) return false;
  *out = static_cast<int16_t>(minutes);
  return true;
}

constexpr size_t kNowhere = ~size_t{0};

// The value of a label that mostly stands at `place`; sets that to where it does, or to kNowhere.
std::string_view ValueNear(const labels::LabelSet& labels, std::string_view name, size_t* place) {
  if (*place < labels.size()) {
    const labels::Label label = labels.at(*place);
    if (label.name == name) return label.value;
  }
  if (!labels.Has(name)) {
    *place = kNowhere;
    return {};
  }
  for (*place = 0; labels.at(*place).name != name;) ++*place;
  return labels.at(*place).value;
}

// What is empty comes last. Texts that sets share need not be read.
std::strong_ordering Order(std::string_view left, std::string_view right) {
  if (left.data() == right.data() && left.size() == right.size())
    return std::strong_ordering::equal;
  return left.empty() || right.empty() ? left.empty() <=> right.empty() : left <=> right;
}

}  // namespace

std::string FormatStart(const Alert& alert, int digits, bool trim) {
  return FormatRfc3339(alert.starts_at, digits, trim, alert.starts_zone);
}

std::string FormatEnd(const Alert& alert, int digits, bool trim) {
  return FormatRfc3339(alert.ends_at, digits, trim, alert.ends_zone);
}

Alert Merge(const Alert& old, Alert incoming, WallTime now) {
  const bool overlap = StrictlyBetween(incoming.ends_at, old.starts_at, old.ends_at) ||
                       StrictlyBetween(incoming.starts_at, old.starts_at, old.ends_at);
  if (!overlap) return incoming;
  const bool out_of_order = incoming.updated_at < old.updated_at;
  return out_of_order ? Join(incoming, old, now) : Join(old, std::move(incoming), now);
}

bool NotificationOrder(const Alert& a, const Alert& b) {
  return NotificationPlace(a) < NotificationPlace(b);
}

NotificationPlace::NotificationPlace(const Alert& alert, const NotificationPlace* like)
    : job_at_(like == nullptr ? 0 : like->job_at_),
      instance_at_(like == nullptr ? 0 : like->instance_at_),
      labels_(&alert.labels) {
  const labels::LabelSet& labels = alert.labels;
  if (like != nullptr && labels.names().IsThat(like->labels_->names())) {
    if (job_at_ != kNowhere) job_ = labels.ValueAt(job_at_);
    if (instance_at_ != kNowhere) instance_ = labels.ValueAt(instance_at_);
    return;
  }
  job_ = ValueNear(labels, "job", &job_at_);
  instance_ = ValueNear(labels, "instance", &instance_at_);
}

bool NotificationPlace::operator<(const NotificationPlace& other) const {
  if (const auto order = Order(job_, other.job_); order != 0) return order < 0;
  if (const auto order = Order(instance_, other.instance_); order != 0) return order < 0;
  return labels_->Before(*other.labels_);
}

std::string Encode(const Alert& alert) {
  JsonWriter json;
  json.StartObject();
  WriteLabels(&json, "labels", alert.labels);
  WriteLabels(&json, "annotations", alert.annotations);
  WriteTime(&json, "starts_at", alert.starts_at);
  WriteTime(&json, "ends_at", alert.ends_at);
  WriteZone(&json, "starts_zone", alert.starts_zone);
  WriteZone(&json, "ends_zone", alert.ends_zone);
  WriteTime(&json, "updated_at", alert.updated_at);
  WriteTime(&json, "active_at", alert.active_at);
  json.Field("generator_url", alert.generator_url).Field("timeout", alert.timeout);
  return json.EndObject().Take();
}

Result<Alert> Decode(std::string_view json) {
  simdjson::dom::parser parser;
  JsonObject object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS) {
    return Fail(Code::kCorrupt, "alert record: not a JSON object");
  }
  Alert alert;
  if (!ReadLabels(object, "labels", &alert.labels)) {
    return Fail(Code::kCorrupt, "alert record: bad labels");
  }
  if (!ReadLabels(object, "annotations", &alert.annotations)) {
    return Fail(Code::kCorrupt, "alert record: bad annotations");
  }
  const bool times = ReadTime(object, "starts_at", &alert.starts_at) &&
                     ReadTime(object, "ends_at", &alert.ends_at) &&
                     ReadZone(object, "starts_zone", &alert.starts_zone) &&
                     ReadZone(object, "ends_zone", &alert.ends_zone) &&
                     ReadTime(object, "updated_at", &alert.updated_at) &&
                     ReadTime(object, "active_at", &alert.active_at);
  if (!times) return Fail(Code::kCorrupt, "alert record: bad time");
  std::string_view url;
  if (object["generator_url"].get(url) != simdjson::SUCCESS ||
      object["timeout"].get(alert.timeout) != simdjson::SUCCESS) {
    return Fail(Code::kCorrupt, "alert record: bad generator_url or timeout");
  }
  alert.generator_url = url;
  return alert;
}

}  // namespace watchfire::alert
