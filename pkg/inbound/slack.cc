// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/slack.h"

#include <algorithm>
#include <charconv>

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::inbound {
namespace {

using Action = SlackPress::Action;

constexpr size_t kIdBytes = 32;         // Slack's have about 11.
constexpr size_t kTimestampBytes = 20;  // And 17.
// Nobody else is posted to, though only Slack could have said so.
constexpr std::string_view kResponses = "https://hooks.slack.com/";
constexpr size_t kUrlBytes = 2048;

bool IsMadeOf(std::string_view text, std::string_view characters, size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max &&
         text.find_first_not_of(characters) == std::string_view::npos;
}

Action ActionOf(std::string_view id) {
  if (id == kSlackAcknowledge) return Action::kAcknowledge;
  if (id == kSlackResolve) return Action::kResolve;
  if (id == kSlackEscalate) return Action::kEscalate;
  return id == kSlackSnooze ? Action::kSnooze : Action::kNone;
}

// The first field of that name in a form; "" when there is none.
std::string FieldOf(std::string_view form, std::string_view name) {
  for (const std::string_view pair : Split(form, '&')) {
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    return UrlDecode(pair.substr(equals + 1), /*plus_is_space=*/true);
  }
  return "";
}

}  // namespace

Result<SlackPress> SlackPress::Read(std::string_view body) {
  const std::string payload = FieldOf(body, "payload");
  if (payload.empty()) {
    return InvalidArgument("the body must be the form that Slack posts, with the field payload");
  }
  const auto json = JsonIn::Parse(payload);
  if (!json) return Fail(json.error());
  SlackPress press;
  if (json->Text("type") != "block_actions") return press;
  for (const Element& element : ListOf(json->root(), "actions")) {
    Object action;
    if (element.get(action) != simdjson::SUCCESS) continue;
    press.action = ActionOf(TextOf(action, "action_id"));
    press.value = TextOf(action, "value");
    press.action_ts = TextOf(action, "action_ts");
    if (press.action != Action::kNone) break;
  }
  if (press.action == Action::kNone) return press;
  if (const auto user = ObjectOf(json->root(), "user")) {
    press.user_id = TextOf(*user, "id");
    press.user_name = TextOf(*user, "username");
    if (press.user_name.empty()) press.user_name = TextOf(*user, "name");
  }
  const std::string url = json->Text("response_url");
  if (url.starts_with(kResponses) && url.size() <= kUrlBytes) press.response_url = url;
  press.at = SlackTime(press.action_ts.substr(0, press.action_ts.find('.')));
  if (!IsMadeOf(press.action_ts, "0123456789.", kTimestampBytes) || press.at == kNoTime) {
    return InvalidArgument("actions[0] of payload must have the action_ts that Slack gives it");
  }
  constexpr std::string_view kIdCharacters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  if (!IsMadeOf(press.user_id, kIdCharacters, kIdBytes)) {
    return InvalidArgument("user of payload must have the id that Slack gives it");
  }
  return press;
}

bool IsSignedBySlack(std::string_view body, std::string_view timestamp, const Secret& secret,
                     std::string_view signature) {
  if (secret.empty()) return false;
  std::string text = "v0:";
  text.append(timestamp).append(":").append(body);
  return EqualsConstantTime("v0=" + Hex(HmacSha256(secret.reveal(), text)), signature);
}

WallTime SlackTime(std::string_view timestamp) {
  constexpr int64_t kSecondsMax = 9'000'000'000;  // Within what nanoseconds can say.
  int64_t seconds = 0;
  const char* end = timestamp.data() + timestamp.size();
  const auto [stop, error] = std::from_chars(timestamp.data(), end, seconds);
  if (error != std::errc() || stop != end || seconds <= 0 || seconds > kSecondsMax) return kNoTime;
  return WallTime(std::chrono::seconds(seconds));
}

}  // namespace watchfire::inbound
