// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/snapshot/message.h"

#include <chrono>
#include <cstdint>

namespace watchfire::snapshot {
namespace {

constexpr int64_t kNanosMax = 999'999'999;

Status CheckType(const Field& field, WireType type) {
  if (field.type == type) return {};
  return Corrupt(field.at, "field " + std::to_string(field.number) + " has the wrong type");
}

WallTime Saturated(int64_t seconds, int64_t nanos) {
  const auto limit = std::chrono::floor<std::chrono::seconds>(WallTime::max());
  const int64_t seconds_max = limit.time_since_epoch().count();
  if (seconds >= seconds_max) return WallTime::max();
  if (seconds <= -seconds_max) return kNoTime;
  return WallTime(std::chrono::seconds(seconds)) + std::chrono::nanoseconds(nanos);
}

}  // namespace

Status ForEachField(Reader reader, const std::function<Status(const Field&)>& take) {
  while (true) {
    const Result<std::optional<Field>> field = reader.NextField();
    if (!field) return Fail(field.error());
    if (!*field) return {};
    WF_RETURN_IF_ERROR(take(**field));
  }
}

Result<std::string> TextOf(const Field& field) {
  if (const Status is_text = CheckType(field, WireType::kBytes); !is_text) {
    return Fail(is_text.error());
  }
  return std::string(field.bytes);
}

Result<uint64_t> NumberOf(const Field& field) {
  if (const Status is_number = CheckType(field, WireType::kVarint); !is_number) {
    return Fail(is_number.error());
  }
  return field.value;
}

Result<Reader> MessageOf(const Field& field) {
  if (const Status is_message = CheckType(field, WireType::kBytes); !is_message) {
    return Fail(is_message.error());
  }
  return Reader(field);
}

Result<WallTime> TimeOf(const Field& field) {
  const Result<Reader> message = MessageOf(field);
  if (!message) return Fail(message.error());
  uint64_t seconds = 0;
  uint64_t nanos = 0;
  const Status read = ForEachField(*message, [&](const Field& part) -> Status {
    if (part.number == 1) return Assign(NumberOf(part), &seconds);
    if (part.number == 2) return Assign(NumberOf(part), &nanos);
    return {};
  });
  if (!read) return Fail(read.error());
  if (nanos > kNanosMax) return Corrupt(field.at, "no time");
  return Saturated(static_cast<int64_t>(seconds), static_cast<int64_t>(nanos));
}

}  // namespace watchfire::snapshot
