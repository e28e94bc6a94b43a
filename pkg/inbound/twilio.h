// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Twilio says when somebody who is called presses a digit, whether it was Twilio that says so,
// and what the caller hears next. Pure. Sources, read 2026-11: https://www.twilio.com/docs/voice,
// /docs/usage/security (validating requests), /docs/voice/twiml/gather.

#pragma once

#include <map>
#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/base/secret.h"

namespace watchfire::inbound {

struct TwilioCall {
  std::map<std::string, std::string, std::less<>> fields;  // All, as they are signed.
  std::string call_sid;                                    // CA and 32 hexadecimal digits.
  std::string to;                                          // The number that was called.
  std::string digits;                                      // "" when nothing was pressed.

  // Errors: kInvalidArgument: no form, a field twice, or no CallSid.
  static Result<TwilioCall> Read(std::string_view body);

  // Whom the timeline names: "phone ending in 4567".
  std::string who() const;
};

// `url` is what Twilio asked for, its query included; `signature` its X-Twilio-Signature, which is
// the base64 of HMAC-SHA-1 over the URL and the fields by name, with the account's token.
bool IsSignedByTwilio(const std::string& url, const TwilioCall& call, const Secret& token,
                      std::string_view signature);

// The TwiML that says `text` and hangs up.
std::string SayTwiml(std::string_view text);
// That asks for a digit once more, to be sent to `url`.
std::string AskTwiml(std::string_view text, std::string_view url);

}  // namespace watchfire::inbound
