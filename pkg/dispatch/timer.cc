// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/timer.h"

#include <simdjson.h>

#include "pkg/base/hex64.h"
#include "pkg/base/json.h"
#include "pkg/nflog/hashes.h"

namespace watchfire::dispatch {

std::string TimerKey(const std::string& group_key, const std::string& receiver) {
  std::string key = std::to_string(group_key.size());
  key.reserve(key.size() + 1 + group_key.size() + receiver.size());
  key.append("\n").append(group_key).append(receiver);
  return key;
}

std::string Encode(const Timer& timer) {
  constexpr size_t kOtherBytes = 96;  // So that it need not be moved as it grows.
  JsonWriter json;
  json.Reserve(kOtherBytes + (timer.held.size() + timer.inhibited.size()) * (kHex64Digits + 3));
  json.StartObject().Field("due", ToNanos(timer.due)).Field("flushed", timer.flushed);
  nflog::WriteHashes(&json, "held", timer.held);
  nflog::WriteHashes(&json, "inhibited", timer.inhibited);
  if (timer.is_strict) json.Field("strict", true);
  json.EndObject();
  return json.Take();
}

Result<Timer> Decode(std::string_view text) {
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(text);
    const simdjson::dom::element root = parser.parse(padded);
    Timer timer;
    timer.due = FromNanos(root["due"]);
    timer.flushed = root["flushed"];
    timer.held = nflog::ReadHashes(root["held"]);
    timer.inhibited = nflog::ReadHashes(root["inhibited"]);
    bool is_strict = false;
    timer.is_strict = root["strict"].get(is_strict) == simdjson::SUCCESS && is_strict;
    return timer;
  } catch (const simdjson::simdjson_error& error) {
    return Fail(Code::kCorrupt, std::string("group timer: ") + error.what());
  }
}

}  // namespace watchfire::dispatch
