// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/behaviour.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <vector>

#include <simdjson.h>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

using simdjson::dom::element;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int64_t kDelayMaxMs = 60'000;
constexpr std::string_view kCallbackModes[] = {"normal", "drop", "duplicate"};

Status Set(bool& target, const element& value) {
  if (value.get(target) == simdjson::SUCCESS) return {};
  return InvalidArgument("want true or false");
}

Result<int64_t> Number(const element& value, int64_t min, int64_t max) {
  int64_t number = 0;
  if (value.get(number) == simdjson::SUCCESS && number >= min && number <= max) return number;
  return InvalidArgument("want a whole number from " + std::to_string(min) + " to " +
                         std::to_string(max));
}

template <typename Unit>
Status Set(Duration& target, const element& value, Unit max) {
  const Result<int64_t> count = Number(value, 0, max.count());
  if (!count) return Fail(count.error());
  target = Unit(*count);
  return {};
}

Status SetStatus(int& target, const element& value) {
  const Result<int64_t> status = Number(value, 0, 599);
  if (!status) return Fail(status.error());
  if (*status != 0 && *status < 200) return InvalidArgument("want 0 or an HTTP status from 200");
  target = static_cast<int>(*status);
  return {};
}

Status SetCallback(CallbackMode& target, const element& value) {
  std::string_view text;
  const auto* mode = std::end(kCallbackModes);
  if (value.get(text) == simdjson::SUCCESS) mode = std::ranges::find(kCallbackModes, text);
  if (mode == std::end(kCallbackModes)) return InvalidArgument("want normal, drop or duplicate");
  target = static_cast<CallbackMode>(mode - std::begin(kCallbackModes));
  return {};
}

struct Key {
  std::string_view name;
  std::function<Status(Behaviour&, const element&)> set;
};

std::vector<Key> Keys() {
  constexpr milliseconds kDelayMax(kDelayMaxMs);
  return {
      {"latency_ms", [=](auto& to, auto& value) { return Set(to.latency, value, kDelayMax); }},
      {"status", [](auto& to, auto& value) { return SetStatus(to.status, value); }},
      {"retry_after_s",
       [](auto& to, auto& value) { return Set(to.retry_after, value, seconds(3600)); }},
      {"hang", [](auto& to, auto& value) { return Set(to.hang, value); }},
      {"cut", [](auto& to, auto& value) { return Set(to.cut, value); }},
      {"result_failure", [](auto& to, auto& value) { return Set(to.result_failure, value); }},
      {"paused", [](auto& to, auto& value) { return Set(to.paused, value); }},
      {"maintenance", [](auto& to, auto& value) { return Set(to.maintenance, value); }},
      {"callback", [](auto& to, auto& value) { return SetCallback(to.callback, value); }},
      {"callback_delay_ms",
       [=](auto& to, auto& value) { return Set(to.callback_delay, value, kDelayMax); }},
  };
}

Status SetKey(const std::vector<Key>& keys, std::string_view name, const element& value,
              Behaviour& behaviour) {
  const auto key = std::ranges::find(keys, name, &Key::name);
  if (key != keys.end()) {
    const Status status = key->set(behaviour, value);
    if (status) return {};
    return InvalidArgument(std::string(name) + ": " + status.error().message);
  }
  std::vector<std::string> known;
  known.reserve(keys.size());
  for (const Key& each : keys) known.emplace_back(each.name);
  const std::string nearest = Nearest(name, known);
  return InvalidArgument(
      "unknown key " + GoQuote(name) + ": " +
      (nearest.empty() ? "one of " + Join(known, ", ") : "did you mean " + GoQuote(nearest) + "?"));
}

}  // namespace

Result<Behaviour> ParseBehaviour(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (const auto error = parser.parse(body.data(), body.size()).get(object)) {
    return InvalidArgument(std::string("want a JSON object: ") + simdjson::error_message(error));
  }
  Behaviour behaviour;
  const std::vector<Key> keys = Keys();
  for (const auto [name, value] : object) {
    WF_RETURN_IF_ERROR(SetKey(keys, name, value, behaviour));
  }
  return behaviour;
}

std::string BehaviourJson(const Behaviour& behaviour) {
  const auto millis = [](Duration duration) -> int64_t {
    return duration_cast<milliseconds>(duration).count();
  };
  JsonWriter json;
  json.StartObject();
  json.Field("latency_ms", millis(behaviour.latency));
  json.Field("status", behaviour.status);
  json.Field("retry_after_s", millis(behaviour.retry_after) / 1000);
  json.Field("hang", behaviour.hang);
  json.Field("cut", behaviour.cut);
  json.Field("result_failure", behaviour.result_failure);
  json.Field("paused", behaviour.paused);
  json.Field("maintenance", behaviour.maintenance);
  json.Field("callback", kCallbackModes[static_cast<size_t>(behaviour.callback)]);
  json.Field("callback_delay_ms", millis(behaviour.callback_delay));
  json.EndObject();
  return json.Take();
}

}  // namespace watchfire::pagersim
