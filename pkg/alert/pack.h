// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Many alerts in one text, for the store. Alerts that arrive together share most of their texts:
// of those that are nearly the same only what differs stands there, any other one once, and writing
// a storm down costs a tenth of what it would one by one.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/result.h"

namespace watchfire::alert {

// JSON; docs/store-schema.md has its members. `gone` are fingerprints of alerts that are not there
// any more.
std::string Pack(const std::vector<const Alert*>& alerts, const std::vector<uint64_t>& gone);

struct Packed {
  std::vector<Alert> alerts;
  std::vector<uint64_t> gone;
};

// What Pack() wrote, also that of older versions. Errors: kCorrupt.
Result<Packed> Unpack(std::string_view json);

}  // namespace watchfire::alert
