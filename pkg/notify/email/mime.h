// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The written form of an e-mail: header lines, dates, and bodies in ASCII. Pure functions.
// Sources: RFC 5322, RFC 2045 to 2047.

#pragma once

#include <string>
#include <string_view>

#include "pkg/base/time.h"

namespace watchfire::notify::email {

// "message-ID" -> "Message-Id", as Go's textproto prints names; one that is no token stays.
std::string CanonicalHeader(const std::string& name);
// Whether `name` may stand before a colon.
bool IsHeaderName(std::string_view name);

// Returns "Name: value\r\n". A value that is not printable ASCII becomes words like =?utf-8?q?…?=;
// of From, To, Cc, Bcc, Reply-To and Sender only the names, so that the addresses stay. Lines are
// folded at blanks, where there are some.
std::string HeaderLine(const std::string& name, const std::string& value);

// "Sat, 22 Aug 2026 14:04:18 +0000"
std::string FormatDate(WallTime time);

// Appends quoted-printable text: lines of at most 76 characters ending in CRLF. Line breaks of any
// kind count as such.
void AppendQuotedPrintable(std::string_view text, std::string* out);

}  // namespace watchfire::notify::email
