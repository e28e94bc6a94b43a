// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/twilio.h"

#include <algorithm>

#include "pkg/base/base64.h"
#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/base/xml.h"

namespace watchfire::inbound {
namespace {

constexpr size_t kShownDigits = 4;

bool IsCallSid(std::string_view text) {
  constexpr size_t kDigits = 32;
  return text.size() == 2 + kDigits && text.starts_with("CA") &&
         text.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
}

std::string Response(const std::string& verbs) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>" + verbs + "</Response>\n";
}

}  // namespace

Result<TwilioCall> TwilioCall::Read(std::string_view body) {
  TwilioCall call;
  for (const std::string_view pair : Split(body, '&')) {
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    const std::string name = UrlDecode(pair.substr(0, equals), /*plus_is_space=*/true);
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    const bool is_new = call.fields.emplace(name, UrlDecode(value, /*plus_is_space=*/true)).second;
    if (!is_new) return InvalidArgument("the form has a field twice");
  }
  // What was not sent must not get among the fields: they are what is signed.
  const auto read = [&](const char* name, std::string* text) {
    if (const auto found = call.fields.find(name); found != call.fields.end())
      *text = found->second;
  };
  read("CallSid", &call.call_sid);
  read("To", &call.to);
  read("Digits", &call.digits);
  if (!IsCallSid(call.call_sid)) {
    return InvalidArgument("the body must be the form that Twilio sends from a call, with CallSid");
  }
  return call;
}

std::string TwilioCall::who() const {
  std::string shown;
  for (const char c : to) {
    if (c >= '0' && c <= '9') shown += c;
  }
  if (shown.size() <= kShownDigits) return "phone";
  return "phone ending in " + shown.substr(shown.size() - kShownDigits);
}

bool IsSignedByTwilio(const std::string& url, const TwilioCall& call, const Secret& token,
                      std::string_view signature) {
  std::string text = url;
  for (const auto& [name, value] : call.fields) text += name + value;
  return EqualsConstantTime(EncodeBase64(HmacSha1(token.reveal(), text)), signature);
}

std::string SayTwiml(std::string_view text) {
  return Response("<Say>" + EscapeXml(text) + "</Say><Hangup/>");
}

std::string AskTwiml(std::string_view text, std::string_view url) {
  return Response(
      "<Gather input=\"dtmf\" numDigits=\"1\" timeout=\"10\" method=\"POST\" action=\"" +
      EscapeXml(url) + "\"><Say>" + EscapeXml(text) + "</Say></Gather>");
}

}  // namespace watchfire::inbound
