// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Many alerts in one text, for the store. Alerts that arrive together share most of their texts:
// each stands there once, and writing a storm down costs a quarter of what it would one by one.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/result.h"

namespace watchfire::alert {

struct Packed {
  std::vector<Alert> alerts;
  std::vector<uint64_t> gone;  // Fingerprints of alerts that are not there any more.
};

// JSON; docs/store-schema.md has its members.
std::string Pack(const Packed& packed);
// Errors: kCorrupt.
Result<Packed> Unpack(std::string_view json);

}  // namespace watchfire::alert
