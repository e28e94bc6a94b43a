// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The token of a link in a message: whoever holds it may acknowledge one incident for a while. It
// says all there is to know and is signed, so nothing has to be kept for it, and it outlives a
// restart.
//
//   base64url( version 1 | actions 1 | incident 5 | opened 5 | expires 5 | person … | tag 16 )
//
// Numbers are big-endian, times seconds since 1970; the tag is the first half of HMAC-SHA-256
// (RFC 2104 section 5). Short, because it may travel by SMS. Pure functions.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/base/secret.h"
#include "pkg/base/time.h"

namespace watchfire::incident {

struct AckLink {
  uint64_t incident = 0;
  // When that was opened, to the second: another database may give its number again.
  WallTime opened_at = kNoTime;
  WallTime expires_at = kNoTime;  // Good before it; to the second.
  std::string person;             // Whom it was sent to; "": whoever reads it.
  bool may_resolve = false;       // Beside acknowledging.
  bool may_snooze = false;
  bool may_escalate = false;

  bool operator==(const AckLink&) const = default;
};

// Returns the token: letters, digits, - and _. Of a person whose name makes it longer than
// limits::kAckLinkBytes it says nothing.
std::string SignAckLink(const AckLink& link, const Secret& secret);

// Errors: kPermission (none of `secrets` signed it), kTimeout (one did, and it has expired by
// `now`). Tells secrets and tags by no timing.
Result<AckLink> ReadAckLink(std::string_view token, std::span<const Secret> secrets, WallTime now);

}  // namespace watchfire::incident
