// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/twilio.h"

#include <algorithm>
#include <cctype>

#include "cmd/pagersim/aws.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

constexpr size_t kBodyRunesMax = 1600;
constexpr size_t kTwimlRunesMax = 4000;
// Twilio keeps these for tests: not a number, and one that takes no text messages.
constexpr const char* kInvalid = "+15005550001";
constexpr const char* kNoMobile = "+15005550009";

std::string In(const Fields& form, const std::string& name) {
  const auto found = form.find(name);
  return found == form.end() ? "" : found->second;
}

// + and up to fifteen digits.
bool IsNumber(const std::string& text) {
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  return text.size() >= 3 && text.size() <= 16 && text[0] == '+' && text[1] != '0' &&
         std::all_of(text.begin() + 1, text.end(), is_digit);
}

Reply NotFound(std::string_view tail) {
  return Twilio::Refuse(
      404, 20404,
      "The requested resource /2010-04-01/Accounts/" + std::string(tail) + " was not found");
}

}  // namespace

Reply Twilio::Refuse(int status, int code, const std::string& message) {
  JsonWriter json;
  json.StartObject().Field("code", code).Field("message", message);
  json.Field("more_info", "https://www.twilio.com/docs/errors/" + std::to_string(code));
  return {status, json.Field("status", status).EndObject().Take()};
}

Reply Twilio::Answer(std::string_view method, std::string_view tail, std::string_view authorization,
                     const std::string& body) {
  const std::string& wanted = authorization_.reveal();
  const bool known = wanted.empty() ? authorization.starts_with("Basic ")
                                    : EqualsConstantTime(authorization, wanted);
  if (!known) return Refuse(401, 20003, "Authenticate");
  const std::vector<std::string_view> parts = Split(tail, '/');  // account, resource[, sid.json]
  if (parts.size() < 2 || parts.size() > 3 || !parts[0].starts_with("AC")) return NotFound(tail);
  const std::string_view resource = parts[1].substr(0, parts[1].find('.'));
  if (resource != "Messages" && resource != "Calls") return NotFound(tail);
  if (!parts.back().ends_with(".json")) return NotFound(tail);
  if (parts.size() == 3) {
    if (method != "GET") return Refuse(405, 20004, "Method not allowed");
    return Get(parts[2].substr(0, parts[2].size() - 5));
  }
  if (method != "POST") return Refuse(405, 20004, "Method not allowed");
  return Create(std::string(parts[0]), resource == "Calls", ParseForm(body));
}

Reply Twilio::Create(const std::string& account, bool is_call, const Fields& form) {
  const std::string to = In(form, "To");
  const std::string from = In(form, "From");
  const std::string text = In(form, is_call ? "Twiml" : "Body");
  if (to.empty()) {
    return is_call ? Refuse(400, 21201, "No 'To' number is specified")
                   : Refuse(400, 21604, "A 'To' phone number is required.");
  }
  if (from.empty() && (is_call || In(form, "MessagingServiceSid").empty())) {
    return is_call ? Refuse(400, 21213, "No 'From' number is specified")
                   : Refuse(400, 21603, "A 'From' phone number is required.");
  }
  if (!IsNumber(to) || to == kInvalid) {
    return Refuse(400, 21211, "Invalid 'To' Phone Number: " + to);
  }
  if (!is_call && to == kNoMobile) {
    return Refuse(400, 21614, "'To' number is not a valid mobile number: " + to);
  }
  if (!from.empty() && !IsNumber(from)) {
    return Refuse(400, 21212, "Invalid 'From' Phone Number: " + from);
  }
  if (text.empty()) {
    return is_call ? Refuse(400, 21205, "Url parameter is required.")
                   : Refuse(400, 21602, "Message body is required.");
  }
  if (!is_call && RuneCount(text) > kBodyRunesMax) {
    return Refuse(400, 21617, "The concatenated message body exceeds the 1600 character limit");
  }
  if (is_call && RuneCount(text) > kTwimlRunesMax) {
    return Refuse(400, 32018, "Twiml size exceeded maximum allowed value of 4000 characters");
  }
  if (items_.size() == kItemsMax) items_.erase(items_.begin());
  const std::string number = std::to_string(++last_number_);
  const std::string sid = (is_call ? "CA" : "SM") + std::string(32 - number.size(), '0') + number;
  items_.push_back({sid, account, "queued", to, from, text, is_call});
  return {201, Json(items_.back())};
}

Reply Twilio::Get(std::string_view sid) {
  const auto found = std::ranges::find(items_, sid, &Item::sid);
  if (found == items_.end()) return NotFound(sid);
  if (paused_ || found->status != "queued") return {200, Json(*found)};
  if (found->is_call) {
    found->status = failing_ ? "busy" : "in-progress";
  } else {
    found->status = failing_ ? "undelivered" : "sent";
    found->error = failing_ ? 30003 : 0;
  }
  return {200, Json(*found)};
}

std::string Twilio::Json(const Item& item) {
  JsonWriter json;
  json.StartObject().Field("sid", item.sid).Field("account_sid", item.account);
  json.Field("status", item.status).Field("to", item.to).Field("from", item.from);
  if (!item.is_call) {
    json.Field("body", item.text).Key("error_code");
    if (item.error == 0) {
      json.Null().Key("error_message").Null();
    } else {
      json.Int(item.error).Field("error_message", "Unreachable destination handset");
    }
  }
  return json.EndObject().Take();
}

void Twilio::Write(JsonWriter* json) const {
  json->StartArray();
  for (const Item& item : items_) {
    json->StartObject().Field("kind", item.is_call ? "call" : "message");
    json->Field("status", item.status).Field("to", item.to).Field("from", item.from);
    json->Field("text", item.text).EndObject();
  }
  json->EndArray();
}

}  // namespace watchfire::pagersim
