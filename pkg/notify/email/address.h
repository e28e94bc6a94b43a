// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Lists of e-mail addresses as people write them. Pure functions.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"

namespace watchfire::notify::email {

struct Address {
  std::string name;     // "Ada Lovelace", without quotes; may be empty.
  std::string address;  // "ada@example.com"

  bool operator==(const Address&) const = default;
};

// Reads `Ada <ada@example.com>, "On-call" <oncall@example.com>, team: a@b, c@d;`. Comments go,
// empty entries are passed over, names and local parts may be UTF-8. Errors: kInvalidArgument in
// the words of Go: "mail: missing '@' or angle-addr". Source: RFC 5322 section 3.4, Go's net/mail.
Result<std::vector<Address>> ParseAddressList(std::string_view text);

}  // namespace watchfire::notify::email
