// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An e-mail for reading: its headers unfolded and decoded, its parts as text.

#pragma once

#include <string>
#include <vector>

#include "pkg/net/http.h"

namespace watchfire::wfctl {

struct MailPart {
  std::string type;  // "text/html; charset=UTF-8"
  std::string text;
};

struct MailView {
  std::vector<net::Header> headers;
  std::vector<MailPart> parts;
};

// Takes a message (RFC 5322) apart. Knows what our own messages have: one level of multipart,
// quoted-printable texts and words in Q encoding (RFC 2047); anything else stays as it is.
MailView ViewMail(const std::string& message);

}  // namespace watchfire::wfctl
